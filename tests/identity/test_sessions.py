"""Staying signed in, changing seats, signing out."""

from datetime import timedelta
from uuid import uuid4

import pytest

from domain.identity import seats, sessions, tokens
from domain.identity.presets import Preset
from domain.identity.seats import Seat
from domain.identity.sessions import NoSession, SessionEnded, SignedIn
from domain.identity.viewer import ANONYMOUS, Unauthenticated, Viewer, ViewerKind
from kit.problems import NotFound
from models.audit import Event
from models.identity import Operator, Person, Role, Session
from tests.conftest import Clock
from tests.identity.people import PASSWORD, a_partner, a_person, an_administrator_of, an_operator
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database", "wall")


async def signed_in(time: Clock, email: str = "li-lei@example.com") -> SignedIn:
    return await sessions.sign_in(email=email, password=PASSWORD, address="192.0.2.1", now=time.now)


async def refresh(token: str | None, time: Clock) -> SignedIn:
    assert token is not None
    return await sessions.refresh(refresh_token=token, now=time.now)


def viewer_in(session: Session, kind: ViewerKind = ViewerKind.PERSON) -> Viewer:
    return Viewer(
        kind=kind, display_name="Li Lei", person_id=session.person_id, session_id=session.id
    )


async def names_of_events() -> list[str]:
    return [event.name for event in await Event.all().order_by("id")]


async def test_each_refresh_gives_new_tokens_and_spends_the_old_one(
    time: Clock, wall: Clock
) -> None:
    await a_person()
    first = await signed_in(time)
    wall.forward(minutes=20)

    second = await refresh(first.refresh_token, time)
    wall.forward(minutes=20)
    third = await refresh(second.refresh_token, time)

    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert first.session.id == third.session.id
    assert third.expires_at == wall.now + timedelta(minutes=15)
    session = await Session.get()
    assert session.expires_at == first.session.expires_at
    assert await names_of_events() == ["session.begun"]


async def test_a_client_whose_answer_was_lost_asks_again_and_is_told_the_same(
    time: Clock, wall: Clock
) -> None:
    await a_person()
    first = await signed_in(time)
    lost = await refresh(first.refresh_token, time)
    wall.forward(seconds=10, microseconds=-1)

    again = await refresh(first.refresh_token, time)

    assert again.refresh_token == lost.refresh_token
    assert (await refresh(again.refresh_token, time)).refresh_token != lost.refresh_token


async def test_two_tabs_that_refresh_at_once_hold_the_same_new_token(time: Clock) -> None:
    await a_person()
    first = await signed_in(time)

    answers = await at_once(
        refresh(first.refresh_token, time),
        refresh(first.refresh_token, time),
        while_locked=first.session,
    )

    assert [type(answer) for answer in answers] == [SignedIn, SignedIn]
    assert answers[0].refresh_token == answers[1].refresh_token
    await refresh(answers[1].refresh_token, time)


@pytest.mark.parametrize("generations", [1, 2, 3])
async def test_a_spent_token_shown_later_ends_the_session_for_thief_and_robbed(
    time: Clock, wall: Clock, generations: int
) -> None:
    await a_person()
    first = await signed_in(time)
    latest = first
    for _ in range(generations):
        wall.forward(seconds=10)
        latest = await refresh(latest.refresh_token, time)
    wall.forward(seconds=10)

    with pytest.raises(SessionEnded):
        await refresh(first.refresh_token, time)
    with pytest.raises(SessionEnded):
        await refresh(latest.refresh_token, time)

    assert (await Session.get()).revoked_at == wall.now
    event = await Event.get(name="session.ended")
    assert (event.actor_kind, event.reason) == ("SYSTEM", "REFRESH_TOKEN_USED_TWICE")


async def test_a_token_whose_successor_was_used_is_spent_at_once(time: Clock) -> None:
    await a_person()
    first = await signed_in(time)
    second = await refresh(first.refresh_token, time)
    await refresh(second.refresh_token, time)

    with pytest.raises(SessionEnded):
        await refresh(first.refresh_token, time)

    assert (await Session.get()).revoked_at is not None


async def test_a_session_ends_thirty_days_after_the_sign_in(time: Clock, wall: Clock) -> None:
    await a_person()
    first = await signed_in(time)
    wall.forward(days=30, microseconds=-1)
    second = await refresh(first.refresh_token, time)
    wall.forward(microseconds=1)

    with pytest.raises(SessionEnded):
        await refresh(second.refresh_token, time)

    assert (await Session.get()).revoked_at is None


UNKNOWN = "5b3c1f0e9d8a4c7bb6a5f4e3d2c1b0a9" + "A" * 43


@pytest.mark.parametrize("token", ["", "x", "0" * 75, UNKNOWN, "\0" * 75, "\ud800"])
async def test_what_is_no_refresh_token_is_refused_and_changes_nothing(
    time: Clock, token: str
) -> None:
    await a_person()
    first = await signed_in(time)

    with pytest.raises(SessionEnded):
        await refresh(token, time)

    await refresh(first.refresh_token, time)


async def test_a_disabled_person_gets_no_new_tokens(time: Clock) -> None:
    person = await a_person()
    first = await signed_in(time)
    await Person.filter(id=person.id).update(disabled_at=time.now)

    with pytest.raises(SessionEnded):
        await refresh(first.refresh_token, time)

    assert tokens.is_secret(first.refresh_token or "", (await Session.get()).refresh_hash)


async def test_who_loses_a_seat_goes_on_in_another_at_the_next_refresh(
    time: Clock, roles: dict[Preset, Role]
) -> None:
    person = await a_person()
    operator = await an_operator(person, roles[Preset.FINANCE], at=await a_partner())
    first = await signed_in(time)
    await Operator.filter(id=operator.id).update(removed_at=time.now)

    second = await refresh(first.refresh_token, time)

    assert first.seat.kind is ViewerKind.OPERATOR
    assert second.seat == Seat(ViewerKind.PERSON, person.id, "Li Lei")
    assert (await Session.get()).seat_kind == "PERSON"


async def test_one_changes_seats_without_signing_in_again(
    time: Clock, wall: Clock, roles: dict[Preset, Role]
) -> None:
    person = await a_person()
    acme = await an_operator(person, roles[Preset.FINANCE], at=await a_partner())
    zenith = await an_operator(person, roles[Preset.FINANCE], at=await a_partner("Zenith"))
    first = await signed_in(time)
    viewer = viewer_in(first.session)

    switched = await sessions.switch_seat(
        viewer=viewer, seat=seats.named(f"opr_{zenith.id.hex}"), now=time.now
    )

    assert tokens.read(switched.access_token, wall=wall.now).seat.id == zenith.id
    assert tokens.read(first.access_token, wall=wall.now).seat.id == acme.id
    assert switched.refresh_token is None
    assert (await refresh(first.refresh_token, time)).seat.id == zenith.id
    event = await Event.get(name="session.seat_switched")
    assert (event.before, event.after) == (
        {"seat": f"opr_{acme.id.hex}"},
        {"seat": f"opr_{zenith.id.hex}"},
    )


async def test_nobody_switches_to_a_strangers_seat(time: Clock, roles: dict[Preset, Role]) -> None:
    await a_person()
    stranger = await a_person("Han Meimei")
    foreign = await an_operator(stranger, roles[Preset.ADMINISTRATOR], at=await a_partner())
    first = await signed_in(time)

    with pytest.raises(NotFound):
        await sessions.switch_seat(
            viewer=viewer_in(first.session),
            seat=Seat(ViewerKind.OPERATOR, foreign.id),
            now=time.now,
        )

    assert (await Session.get()).seat_kind == "PERSON"
    assert await names_of_events() == ["session.begun"]


async def test_signing_out_ends_this_session_and_no_other(time: Clock, wall: Clock) -> None:
    await a_person()
    here, there = await signed_in(time), await signed_in(time)

    ended = await sessions.sign_out(viewer=viewer_in(here.session), now=time.now)

    assert ended == here.session.id
    with pytest.raises(SessionEnded):
        await refresh(here.refresh_token, time)
    await refresh(there.refresh_token, time)
    with pytest.raises(NoSession):
        await sessions.sign_out(viewer=viewer_in(here.session), now=time.now)
    assert (await Event.get(name="session.ended")).reason == "SIGNED_OUT"


async def test_signing_out_everywhere_ends_ones_own_sessions_and_nobody_elses(
    time: Clock,
) -> None:
    await a_person()
    await a_person("Han Meimei")
    here, there = await signed_in(time), await signed_in(time)
    other = await signed_in(time, "han-meimei@example.com")
    await sessions.sign_out(viewer=viewer_in(there.session), now=time.now)

    ended = await sessions.sign_out_everywhere(viewer=viewer_in(here.session), now=time.now)

    assert ended == 1
    with pytest.raises(SessionEnded):
        await refresh(here.refresh_token, time)
    await refresh(other.refresh_token, time)
    assert (await names_of_events()).count("session.ended") == 2


async def test_a_refresh_that_races_with_signing_out_leaves_nobody_signed_in(
    time: Clock,
) -> None:
    await a_person()
    for order in (0, 1):
        first = await signed_in(time)
        calls = [
            refresh(first.refresh_token, time),
            sessions.sign_out_everywhere(viewer=viewer_in(first.session), now=time.now),
        ]
        answers = await at_once(*(calls[::-1] if order else calls), while_locked=first.session)

        assert {type(answer) for answer in answers} <= {SignedIn, int, SessionEnded}
        assert (await Session.get(id=first.session.id)).revoked_at is not None


async def test_who_came_without_a_session_has_none_to_end(time: Clock) -> None:
    partner = await a_partner()
    key = Viewer(kind=ViewerKind.OPERATOR, api_key_id=uuid4(), partner_id=partner.id)

    for verb in (sessions.sign_out, sessions.sign_out_everywhere):
        with pytest.raises(NoSession):
            await verb(viewer=key, now=time.now)
        with pytest.raises(Unauthenticated):
            await verb(viewer=ANONYMOUS, now=time.now)
    with pytest.raises(NoSession):
        await sessions.switch_seat(
            viewer=an_administrator_of(partner.id),
            seat=Seat(ViewerKind.PERSON, uuid4()),
            now=time.now,
        )
