"""Signing in with a password: into which seat, how refused, how often tried."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher, extract_parameters
from tortoise.context import TortoiseContext

from domain.identity import passwords, seats, sessions, throttle, tokens
from domain.identity.presets import Preset
from domain.identity.seats import Seat
from domain.identity.sessions import InvalidCredentials
from domain.identity.throttle import SignInThrottled
from domain.identity.viewer import ViewerKind
from kit.problems import NotFound
from models.audit import Event
from models.identity import Operator, Person, Role, Session, SignInFailure
from tests.conftest import Clock
from tests.identity.people import (
    PASSWORD,
    a_customer_user,
    a_partner,
    a_person,
    a_staff_member,
    an_operator,
)

pytestmark = pytest.mark.usefixtures("database")


async def sign_in(time: Clock, **more: Any) -> sessions.SignedIn:
    wanted = {"email": "li-lei@example.com", "password": PASSWORD, "address": "192.0.2.1"}
    return await sessions.sign_in(**(wanted | more), now=time.now)


async def fail(time: Clock, times: int, **more: Any) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            await sign_in(time, **({"password": "wrong"} | more))


async def test_a_person_signs_in_and_the_session_lasts_thirty_days(
    time: Clock, wall: Clock
) -> None:
    person = await a_person()

    signed_in = await sign_in(time, email=" Li-Lei@Example.COM ", client="Firefox\0 140")

    access = tokens.read(signed_in.access_token, wall=wall.now)
    assert (access.person_id, access.session_id) == (person.id, signed_in.session.id)
    assert access.seat == Seat(ViewerKind.PERSON, person.id)
    assert access.expires_at == signed_in.expires_at == wall.now + timedelta(minutes=15)
    session = await Session.get()
    assert (session.person_id, session.client) == (person.id, "Firefox 140")
    assert session.expires_at == wall.now + timedelta(days=30)
    assert signed_in.refresh_token is not None
    assert session.refresh_hash == tokens.digest(signed_in.refresh_token)
    assert signed_in.refresh_token not in str(session.__dict__)
    event = await Event.get()
    assert (event.name, event.subject_id, event.actor_id, event.person_id) == (
        "session.begun",
        session.id,
        person.id,
        person.id,
    )
    assert (event.tenant_id, event.occurred_at) == (UUID(int=0), time.now)
    assert not await SignInFailure.exists()


async def test_without_a_wish_the_weightiest_seat_is_taken(
    time: Clock, roles: dict[Preset, Role]
) -> None:
    person = await a_person()
    taken = []

    taken.append((await sign_in(time)).seat)
    await a_customer_user(person)
    taken.append((await sign_in(time)).seat)
    for name in ("Acme", "Zenith"):
        await an_operator(person, roles[Preset.FINANCE], at=await a_partner(name))
    taken.append((await sign_in(time)).seat)
    await a_staff_member(person)
    taken.append((await sign_in(time)).seat)

    assert [(seat.kind, seat.label) for seat in taken] == [
        (ViewerKind.PERSON, "Li Lei"),
        (ViewerKind.CUSTOMER, "Buyer"),
        (ViewerKind.OPERATOR, "Acme"),
        (ViewerKind.STAFF, "Platform"),
    ]
    assert [(seat.kind, seat.label) for seat in await seats.of_person(person.id)] == [
        (ViewerKind.STAFF, "Platform"),
        (ViewerKind.OPERATOR, "Acme"),
        (ViewerKind.OPERATOR, "Zenith"),
        (ViewerKind.CUSTOMER, "Buyer"),
        (ViewerKind.PERSON, "Li Lei"),
    ]


async def test_the_wanted_seat_is_taken_if_it_is_ones_own(
    time: Clock, roles: dict[Preset, Role]
) -> None:
    person, other = await a_person(), await a_person("Han Meimei")
    partner = await a_partner()
    own = await an_operator(person, roles[Preset.FINANCE], at=partner)
    foreign = await an_operator(other, roles[Preset.FINANCE], at=partner)
    removed = await an_operator(person, at=await a_partner("Zenith"))
    await Operator.filter(id=removed.id).update(removed_at=time.now)

    signed_in = await sign_in(time, seat=seats.named(f"opr_{own.id.hex}"))
    assert signed_in.seat == Seat(ViewerKind.OPERATOR, own.id, "Acme")

    for seat in (foreign, removed):
        with pytest.raises(NotFound) as refused:
            await sign_in(time, seat=Seat(ViewerKind.OPERATOR, seat.id))
        assert refused.value.path == ("input", "seat")
    assert await Session.all().count() == 1


async def test_nobody_learns_from_a_refusal_who_has_an_account(time: Clock) -> None:
    disabled = await a_person("Han Meimei")
    await Person.filter(id=disabled.id).update(disabled_at=time.now)
    await a_person("Jim Green", password=None)
    await a_person()

    refusals = []
    for email, password in [
        ("li-lei@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("han-meimei@example.com", PASSWORD),
        ("jim-green@example.com", PASSWORD),
        ("li-lei@example.com\0", PASSWORD),
        ("\ud800", PASSWORD),
        ("x" * 309 + "@example.com", PASSWORD),  # longer than the column
        ("", ""),
    ]:
        with pytest.raises(InvalidCredentials) as refused:
            await sign_in(time, email=email, password=password)
        refusals.append((refused.value.code, refused.value.in_words(), refused.value.path))

    assert len(set(refusals)) == 1
    assert not await Session.exists()
    assert not await Event.exists()


async def test_an_unknown_address_costs_one_hash_as_a_wrong_password_does(
    time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_person()
    costs = []
    verify = passwords._verify

    def watched(hasher: PasswordHasher, stored: str, password: bytes) -> bool:
        costs.append(extract_parameters(stored))
        return verify(hasher, stored, password)

    monkeypatch.setattr(passwords, "_verify", watched)

    await fail(time, 1)
    await fail(time, 1, email="nobody@example.com")

    known, unknown = costs
    assert known == unknown


async def test_a_hash_of_an_older_cost_is_renewed_at_sign_in(time: Clock) -> None:
    person = await a_person()
    passwords.use_cost(time_cost=2, memory_cost=8, parallelism=1)
    try:
        await sign_in(time)
        renewed = (await Person.get(id=person.id)).password_hash
        assert renewed is not None
        assert extract_parameters(renewed).time_cost == 2
        await sign_in(time)
        assert (await Person.get(id=person.id)).password_hash == renewed
    finally:
        passwords.use_cost(time_cost=1, memory_cost=8, parallelism=1)


async def test_after_five_failures_the_right_password_waits_a_quarter_of_an_hour(
    time: Clock, wall: Clock
) -> None:
    await a_person()
    await a_person("Han Meimei")
    await fail(time, 1)
    wall.forward(minutes=10)
    await fail(time, 4)

    with pytest.raises(SignInThrottled) as refused:
        await sign_in(time)
    assert refused.value.retry_after_seconds == 5 * 60
    assert refused.value.retryable
    assert await SignInFailure.all().count() == 5
    await sign_in(time, email="han-meimei@example.com")

    wall.forward(minutes=5, microseconds=-1)
    with pytest.raises(SignInThrottled) as refused:
        await sign_in(time)
    assert refused.value.retry_after_seconds == 1
    wall.forward(microseconds=1)
    await sign_in(time)


async def test_a_success_takes_back_the_failures_of_its_address_alone(
    time: Clock, wall: Clock
) -> None:
    await a_person()
    await a_person("Han Meimei")
    await fail(time, 4, email="han-meimei@example.com")
    await fail(time, 4)

    await sign_in(time)

    await fail(time, 5)
    await fail(time, 1, email="han-meimei@example.com")
    for email in ("li-lei@example.com", "han-meimei@example.com"):
        with pytest.raises(SignInThrottled):
            await sign_in(time, email=email)


async def test_guessing_for_many_from_one_address_ends_after_fifty(
    time: Clock, wall: Clock
) -> None:
    await a_person()
    for number in range(50):
        await fail(time, 1, email=f"nobody-{number}@example.com")

    with pytest.raises(SignInThrottled) as refused:
        await sign_in(time)
    assert refused.value.retry_after_seconds == 15 * 60
    await sign_in(time, address="192.0.2.2")


async def test_neighbours_of_one_ipv6_customer_are_one_address(time: Clock, wall: Clock) -> None:
    await a_person()
    for number in range(50):
        await fail(
            time, 1, email=f"nobody-{number}@example.com", address=f"2001:db8:1:2::{number:x}"
        )

    with pytest.raises(SignInThrottled):
        await sign_in(time, address="2001:db8:1:2:ffff::1")
    for stranger in ("2001:db8:1:3::1", "::ffff:192.0.2.1", "::1", "unix"):
        await sign_in(time, address=stranger)
    assert throttle._network("::ffff:192.0.2.1") == throttle._network("192.0.2.1")


async def test_without_an_address_only_the_mail_address_counts(time: Clock, wall: Clock) -> None:
    await a_person()
    for number in range(51):
        await fail(time, 1, email=f"nobody-{number}@example.com", address="")
    await fail(time, 5, address="")

    with pytest.raises(SignInThrottled):
        await sign_in(time, address="")


async def test_a_crowd_of_guesses_at_once_is_no_way_around_the_limit(
    time: Clock, wall: Clock
) -> None:
    await a_person()

    answers = await asyncio.gather(
        *(sign_in(time, password=f"guess {n}") for n in range(12)), return_exceptions=True
    )

    kinds = [type(answer) for answer in answers]
    assert kinds.count(InvalidCredentials) == 5
    assert kinds.count(SignInThrottled) == 7


async def test_a_password_changed_during_the_check_opens_nothing(
    database: TortoiseContext, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await a_person()
    is_right = passwords.is_right

    async def and_then_it_changes(password: str, stored: str | None) -> bool:
        answer = await is_right(password, stored)
        await Person.filter(id=person.id).update(password_hash=await passwords.hash_of("new"))
        return answer

    monkeypatch.setattr(passwords, "is_right", and_then_it_changes)

    await fail(time, 1, password=PASSWORD)

    assert not await Session.exists()
