"""Sessions: signing in, staying signed in, changing seats, signing out.

A session lasts thirty days from the sign-in. Its times are wall time; `now`, business time, is
only what the events say.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit import events
from domain.identity import announcements, passwords, seats, throttle, tokens
from domain.identity.people import could_be_known
from domain.identity.permissions import require
from domain.identity.seats import Seat
from domain.identity.viewer import SYSTEM, Viewer, ViewerKind
from kit import clock
from kit.ids import new_id
from kit.problems import NotFound, Problem
from kit.transaction import lock, transactional
from models.identity import Person, Session

LIFETIME = timedelta(days=30)

# A client that lost the answer, or whose second tab asked at the same moment, comes back with the
# token it has. After this, whoever shows a spent token is taken for a thief, or for the robbed.
GRACE = timedelta(seconds=10)


class InvalidCredentials(Problem):
    """No such person, another password, or a disabled account: which, isn't told."""

    en = "The mail address or the password is wrong."
    zh = "邮箱或密码错误。"


class SessionEnded(Problem):
    """The refresh token isn't good any more: signed out, over, or used twice."""

    en = "This session has ended. Sign in again."
    zh = "会话已结束,请重新登录。"


class NoSession(Problem):
    """The caller came with an API key or another issuer's token, so there is nothing to end."""

    en = "You aren't signed in by a session of this service."
    zh = "当前不是本服务的登录会话。"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a client keeps. `refresh_token` is None where the one it has stays good."""

    session: Session
    seat: Seat
    access_token: str
    expires_at: datetime
    refresh_token: str | None


async def sign_in(
    *,
    email: str,
    password: str,
    seat: Seat | None = None,
    address: str,
    client: str | None = None,
    now: datetime,
) -> SignedIn:
    """Begin a session with a password, in the wanted seat or the default one.

    Raises SignInThrottled, InvalidCredentials, or NotFound for a seat that isn't the person's.
    """
    email = email.strip().lower()
    await throttle.admit(email=email, address=address)
    # What can't stand in the column is nobody's address; the rest takes its course.
    person = await Person.get_or_none(email=email) if could_be_known(email) else None
    stored = person.password_hash if person else None
    if not await passwords.is_right(password, stored) or person is None or stored is None:
        raise InvalidCredentials()
    renewed = await passwords.hash_of(password) if passwords.is_outdated(stored) else stored
    return await _begin(
        person_id=person.id,
        proved=stored,
        renewed=renewed,
        seat=seat,
        client=client,
        now=now,
    )


async def refresh(*, refresh_token: str, now: datetime) -> SignedIn:
    """New tokens for a refresh token; it is spent by that. Raises SessionEnded."""
    signed_in = await _refresh(refresh_token=refresh_token, now=now)
    if signed_in is None:
        raise SessionEnded()
    return signed_in


@transactional
async def switch_seat(*, viewer: Viewer, seat: Seat, now: datetime) -> SignedIn:
    """Go on in another seat of the same person; the refresh token stays the one it is.

    Access tokens given before keep their seat: a token never changes its meaning.
    """
    require(viewer, "sessionSwitchSeat")
    session = await _own_session(viewer)

    chosen = await seats.choose(session.person_id, seat)
    if chosen is None:
        raise NotFound(thing="seat", path=("input", "seat"))

    before = Seat(ViewerKind(session.seat_kind), session.seat_id)
    session.seat_kind, session.seat_id = chosen.kind, chosen.id
    await session.save(update_fields=["seat_kind", "seat_id"])
    await _record(
        "session.seat_switched",
        actor=viewer,
        session=session,
        before={"seat": before.global_id},
        after={"seat": chosen.global_id},
        now=now,
    )
    return _signed_in(session, chosen, refresh_token=None)


@transactional
async def sign_out(*, viewer: Viewer, now: datetime) -> UUID:
    """End the session that the viewer came with; its id. Raises NoSession."""
    require(viewer, "signOut")
    session = await _own_session(viewer)
    await _revoke(session, actor=viewer, reason="SIGNED_OUT", now=now)
    return session.id


@transactional
async def sign_out_everywhere(*, viewer: Viewer, now: datetime) -> int:
    """End all sessions of the viewer's person, this one too; how many. Raises NoSession."""
    require(viewer, "signOutEverywhere")
    if viewer.person_id is None:
        raise NoSession()
    living = Session.filter(person_id=viewer.person_id, revoked_at=None).order_by("id")
    sessions = await living.select_for_update(no_key=True)
    for session in sessions:
        await _revoke(session, actor=viewer, reason="SIGNED_OUT_EVERYWHERE", now=now)
    return len(sessions)


@transactional
async def _begin(
    *,
    person_id: UUID,
    proved: str,
    renewed: str,
    seat: Seat | None,
    client: str | None,
    now: datetime,
) -> SignedIn:
    person = await lock(Person, id=person_id)
    # Disabled, or given another password, while this one was being checked: the same answer.
    if person is None or person.disabled_at is not None or person.password_hash != proved:
        raise InvalidCredentials()
    await throttle.forgive(email=person.email)
    chosen = await seats.choose(person.id, seat)
    if chosen is None:
        raise NotFound(thing="seat", path=("input", "seat"))

    if renewed != proved:
        person.password_hash = renewed
        await person.save(update_fields=["password_hash"])
    wall = clock.wall()
    id = new_id()
    refresh_token = tokens.first_refresh(id)
    session = await Session.create(
        id=id,
        created_at=wall,
        person_id=person.id,
        seat_kind=chosen.kind,
        seat_id=chosen.id,
        refresh_hash=tokens.digest(refresh_token),
        refreshed_at=wall,
        expires_at=wall + LIFETIME,
        client="".join(filter(str.isprintable, client or ""))[:256] or None,
    )
    await _record(
        "session.begun",
        actor=Viewer(kind=chosen.kind, display_name=person.name, person_id=person.id),
        session=session,
        after={"seat": chosen.global_id},
        now=now,
    )
    return _signed_in(session, chosen, refresh_token)


@transactional
async def _refresh(*, refresh_token: str, now: datetime) -> SignedIn | None:
    # Answers instead of raising, because the end of a stolen session must be committed.
    id = tokens.session_of(refresh_token)
    session = await lock(Session, id=id) if id else None
    wall = clock.wall()
    if session is None or session.revoked_at is not None or session.expires_at <= wall:
        return None
    person = await Person.get(id=session.person_id)
    if person.disabled_at is not None:
        return None

    successor = tokens.next_refresh(refresh_token)
    if tokens.is_secret(refresh_token, session.refresh_hash):
        session.refresh_hash, session.refreshed_at = tokens.digest(successor), wall
    elif not (
        tokens.is_secret(successor, session.refresh_hash) and wall < session.refreshed_at + GRACE
    ):
        await _revoke(session, actor=SYSTEM, reason="REFRESH_TOKEN_USED_TWICE", now=now)
        return None

    kept = Seat(ViewerKind(session.seat_kind), session.seat_id)
    # A seat may have been taken away meanwhile; the person is still welcome in the others.
    seat = await seats.choose(person.id, kept) or await seats.choose(person.id, None)
    assert seat is not None
    session.seat_kind, session.seat_id = seat.kind, seat.id
    await session.save(update_fields=["refresh_hash", "refreshed_at", "seat_kind", "seat_id"])
    return _signed_in(session, seat, successor)


async def _own_session(viewer: Viewer) -> Session:
    session = await lock(Session, id=viewer.session_id) if viewer.session_id else None
    if session is None or session.revoked_at is not None:
        raise NoSession()
    return session


async def _revoke(session: Session, *, actor: Viewer, reason: str, now: datetime) -> None:
    session.revoked_at = clock.wall()
    await session.save(update_fields=["revoked_at"])
    await _record("session.ended", actor=actor, session=session, reason=reason, now=now)
    await announcements.announce(session.person_id)


async def _record(
    name: str,
    *,
    actor: Viewer,
    session: Session,
    now: datetime,
    reason: str | None = None,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    await events.record(
        name,
        actor=actor,
        subject_type="session",
        subject_id=session.id,
        tenant_id=events.PLATFORM_TENANT,
        person_id=session.person_id,
        reason=reason,
        before=before,
        after=after,
        at=now,
    )


def _signed_in(session: Session, seat: Seat, refresh_token: str | None) -> SignedIn:
    access_token, expires_at = tokens.issue(
        person_id=session.person_id,
        session_id=session.id,
        seat=seat,
        wall=clock.wall(),
    )
    return SignedIn(
        session=session,
        seat=seat,
        access_token=access_token,
        expires_at=expires_at,
        refresh_token=refresh_token,
    )
