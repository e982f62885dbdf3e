"""From an Authorization header to a viewer; and everything that isn't a good one."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from domain.identity import api_keys, operators, sessions, tokens
from domain.identity.items import Item
from domain.identity.presets import PRESETS, Preset
from domain.identity.viewer import ANONYMOUS, Unauthenticated, Viewer, ViewerKind
from kit import clock, secrets
from models.identity import ApiKey, Operator, Person, Role, Session
from partner_center.authentication import Authentication
from partner_center.viewer_cache import ViewerCache
from tests.conftest import Clock, Servers
from tests.identity.people import (
    PASSWORD,
    a_customer_user,
    a_partner,
    a_person,
    a_staff_member,
    an_administrator_of,
    an_operator,
)

pytestmark = pytest.mark.usefixtures("database", "wall")


@pytest.fixture
async def authentication(servers: Servers) -> AsyncIterator[Authentication]:
    made = Authentication(cache=ViewerCache(servers.database_url))
    await made.start()
    yield made
    await made.stop()


async def bearer(time: Clock, email: str = "li-lei@example.com") -> str:
    signed_in = await sessions.sign_in(
        email=email, password=PASSWORD, address="192.0.2.1", now=time.now
    )
    return f"Bearer {signed_in.access_token}"


def claims_of(header: str) -> dict[str, Any]:
    key = OctKey.import_key(secrets.derive("identity: access token"))
    return jwt.decode(header.split()[1], key, algorithms=["HS256"]).claims


def signed(claims: dict[str, Any], key: Any = None, alg: str = "HS256") -> str:
    key = key or OctKey.import_key(secrets.derive("identity: access token"))
    return "Bearer " + jwt.encode({"alg": alg}, claims, key, algorithms=[alg])


def encoded(part: Any) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


async def refused(authentication: Authentication, header: str) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as refusal:
        await authentication.viewer(header)
    assert refusal.value.code == "UNAUTHENTICATED"
    return refusal.value


async def test_no_header_is_nobody_in_particular(authentication: Authentication) -> None:
    assert await authentication.viewer(None) is ANONYMOUS


async def test_an_operator_comes_with_all_their_roles_and_their_resellers(
    authentication: Authentication, time: Clock, roles: dict[Preset, Role]
) -> None:
    distributor = await a_partner("General")
    resellers = [await a_partner(name, under=distributor) for name in ("East", "West")]
    await a_partner("Elsewhere")
    person = await a_person()
    own = await Role.create(
        created_at=time.now,
        partner_id=distributor.id,
        code="ADMINISTRATOR",  # not the preset one, whatever its code says
        name="Own",
        items=["PERSONAL_DATA_VIEW", "ABOLISHED_ITEM"],
    )
    operator = await an_operator(person, roles[Preset.FINANCE], own, at=distributor)
    header = await bearer(time)

    viewer = await authentication.viewer(header)

    session = await Session.get()
    assert viewer == Viewer(
        kind=ViewerKind.OPERATOR,
        display_name="Li Lei",
        email="li-lei@example.com",
        locale="zh",
        person_id=person.id,
        seat_id=operator.id,
        session_id=session.id,
        partner_id=distributor.id,
        partner_ids=(distributor.id, *(partner.id for partner in resellers)),
        sees_all_customers=True,
        items=PRESETS[Preset.FINANCE].items | {Item.PERSONAL_DATA_VIEW},
    )


async def test_each_kind_of_seat_makes_its_kind_of_viewer(
    authentication: Authentication, time: Clock, roles: dict[Preset, Role]
) -> None:
    person = await a_person()
    plain = await authentication.viewer(await bearer(time))
    customer_user = await a_customer_user(person)
    customer = await authentication.viewer(await bearer(time))
    operator = await an_operator(person, roles[Preset.ADMINISTRATOR], at=await a_partner())
    administrator = await authentication.viewer(await bearer(time))
    await a_staff_member(person, Item.OPERATE, Item.MEMBER_VIEW)
    staff = await authentication.viewer(await bearer(time))

    assert (plain.kind, plain.seat_id, plain.items) == (ViewerKind.PERSON, person.id, frozenset())
    assert (customer.kind, customer.customer_id, customer.items) == (
        ViewerKind.CUSTOMER,
        customer_user.customer_id,
        frozenset(),
    )
    assert administrator.is_administrator
    assert administrator.items == PRESETS[Preset.ADMINISTRATOR].items
    assert (administrator.kind, administrator.seat_id) == (ViewerKind.OPERATOR, operator.id)
    assert (staff.kind, staff.items) == (
        ViewerKind.STAFF,
        frozenset({Item.OPERATE, Item.MEMBER_VIEW}),
    )
    assert (staff.partner_id, staff.partner_ids, staff.is_administrator) == (None, (), False)


async def test_a_token_is_good_for_fifteen_minutes_and_not_at_their_end(
    authentication: Authentication, time: Clock, wall: Clock
) -> None:
    await a_person()
    header = await bearer(time)

    wall.forward(minutes=15, microseconds=-1)
    assert (await authentication.viewer(header)).kind is ViewerKind.PERSON
    wall.forward(microseconds=1)
    refusal = await refused(authentication, header)

    assert refusal.in_words() == "Sign in first: the token has expired."
    assert refusal.in_words("zh-CN") == "请先登录:令牌已过期。"


async def test_a_token_outlives_neither_its_session_nor_its_seat_nor_its_person(
    authentication: Authentication, time: Clock, wall: Clock, roles: dict[Preset, Role]
) -> None:
    person, partner = await a_person(), await a_partner()
    operator = await an_operator(person, roles[Preset.FINANCE], at=partner)

    over = await bearer(time)
    await Session.all().update(expires_at=wall.now)
    await refused(authentication, over)

    revoked = await bearer(time)
    await Session.all().update(revoked_at=wall.now)
    await refused(authentication, revoked)

    unseated = await bearer(time)
    await Operator.filter(id=operator.id).update(removed_at=time.now)
    await refused(authentication, unseated)

    disabled = await bearer(time)
    await Person.filter(id=person.id).update(disabled_at=time.now)
    refusal = await refused(authentication, disabled)
    assert refusal.in_words() == "Sign in first: the sign-in has ended."


async def test_a_token_opens_no_session_or_seat_of_somebody_else(
    authentication: Authentication, time: Clock, roles: dict[Preset, Role]
) -> None:
    partner = await a_partner()
    other = await a_person("Han Meimei")
    operator = await an_operator(other, roles[Preset.ADMINISTRATOR], at=partner)
    await a_person()
    own, foreign = await bearer(time), await bearer(time, "han-meimei@example.com")

    # Signed by our key, as only a bug of ours could sign it.
    await refused(authentication, signed(claims_of(own) | {"sid": claims_of(foreign)["sid"]}))
    await refused(authentication, signed(claims_of(own) | {"seat": f"opr_{operator.id.hex}"}))
    await refused(authentication, signed(claims_of(own) | {"seat": claims_of(foreign)["sub"]}))
    assert (await authentication.viewer(own)).kind is ViewerKind.PERSON


async def test_an_unsigned_token_is_refused_in_every_spelling(
    authentication: Authentication, time: Clock
) -> None:
    await a_person()
    header = await bearer(time)
    _, payload, signature = header.split(".")

    for none in ("none", "None", "NONE", "nOnE"):
        for end in ("", signature):
            forged = f"Bearer {encoded({'alg': none, 'typ': 'JWT'})}.{payload}.{end}"
            await refused(authentication, forged)


async def test_another_key_and_another_algorithm_are_refused(
    authentication: Authentication, time: Clock
) -> None:
    await a_person()
    claims = claims_of(await bearer(time))
    rsa = RSAKey.generate_key(2048)

    await refused(authentication, signed(claims, OctKey.import_key(b"x" * 32)))
    text = f"{encoded({'alg': 'HS256'})}.{encoded(claims)}"
    proof = hmac.digest(rsa.as_pem(private=False), text.encode(), "sha256")
    await refused(authentication, f"Bearer {text}.{encoded(proof)}")
    await refused(authentication, signed(claims, rsa, alg="RS256"))
    long_key = OctKey.import_key(secrets.derive("identity: access token"))
    other = signed(claims, long_key, alg="HS512")
    await refused(authentication, other)
    with pytest.raises(Unauthenticated):
        tokens.read(other.split()[1], wall=clock.wall())
    await refused(authentication, signed(claims | {"iss": "somebody else"}))


async def test_a_token_changed_on_the_way_is_refused(
    authentication: Authentication, time: Clock
) -> None:
    await a_person()
    header = await bearer(time)
    claims = claims_of(header)
    head, payload, signature = header.split()[1].split(".")

    later = encoded(claims | {"exp": claims["exp"] + 3600})
    await refused(authentication, f"Bearer {head}.{later}.{signature}")
    await refused(authentication, f"Bearer {head}.{payload}.{signature[:-4]}AAAA")
    await refused(authentication, f"Bearer {head}.{payload}.")
    await refused(authentication, f"Bearer {head}.{payload}")


async def test_blanks_that_would_fill_the_memory_are_refused(
    authentication: Authentication, time: Clock
) -> None:
    await a_person()
    scheme, credential = (await bearer(time)).split()

    await refused(authentication, f"{scheme} {' ' * 8192}{credential}")
    viewer = await authentication.viewer(f" {scheme}  {credential} ")
    assert viewer.kind is ViewerKind.PERSON


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer \ud800",
        "Bearer é.é.é",
        "Bearer pc_",
        "Bearer pc_00000000_" + "A" * 43,
        "Bearer pc_00000000_\0",
        "Bearer " + "x" * 100_000,
        f"Bearer {encoded({})}.e30.e30",
        f"Bearer {encoded([])}.e30.e30",
        f"Bearer {encoded('HS256')}.e30.e30",
        f"Bearer {encoded({'alg': ['HS256']})}.e30.e30",
        f"Bearer {encoded({'alg': 'HS256', 'kid': {}})}.e30.e30",
        f"Bearer {encoded({'alg': 'RS256', 'kid': 'x'})}.e30.e30",
        f"Bearer {encoded({'alg': 'HS256', 'crit': ['b64'], 'b64': False})}.e30.e30",
        f"Bearer {encoded(b'[' * 6000)}.e30.e30",
        f"Bearer {encoded(b'null')}.e30.e30",
    ],
)
async def test_what_is_no_credential_is_refused_and_never_nobody(
    authentication: Authentication, header: str
) -> None:
    await refused(authentication, header)


@pytest.mark.parametrize(
    "change",
    [
        {"sub": None},
        {"sub": "opr_" + "0" * 32},
        {"sid": 7},
        {"seat": None},
        {"seat": "xxx_" + "0" * 32},
        {"exp": "soon"},
        {"exp": None},
        {"exp": 10**30},
        {"iss": None},
    ],
)
async def test_claims_that_make_no_sense_are_refused(
    authentication: Authentication, time: Clock, change: dict[str, Any]
) -> None:
    await a_person()
    claims = claims_of(await bearer(time))

    await refused(authentication, signed(claims | change))


async def test_an_api_key_is_its_partners_operator_and_its_use_is_noted(
    servers: Servers, time: Clock, wall: Clock
) -> None:
    partner = await a_partner()
    made = await api_keys.create(
        viewer=an_administrator_of(partner.id), name="ERP", items=[Item.MEMBER_VIEW], now=time.now
    )
    authentication = Authentication(cache=ViewerCache(servers.database_url))
    await authentication.start()

    viewer = await authentication.viewer(f"bearer {made.secret}")
    await authentication.stop()

    assert (viewer.kind, viewer.api_key_id) == (ViewerKind.OPERATOR, made.key.id)
    assert viewer.items == {Item.MEMBER_VIEW}
    assert (await ApiKey.get()).last_used_at == wall.now


async def test_an_api_key_is_refused_when_it_is_over(
    authentication: Authentication, time: Clock, wall: Clock
) -> None:
    made = await api_keys.create(
        viewer=an_administrator_of((await a_partner()).id),
        name="ERP",
        items=[],
        expires_at=wall.now + timedelta(seconds=2),
        now=time.now,
    )
    header = f"Bearer {made.secret}"

    assert (await authentication.viewer(header)).items == frozenset()
    wall.forward(seconds=2, microseconds=-1)
    await authentication.viewer(header)
    wall.forward(microseconds=1)
    refusal = await refused(authentication, header)

    assert refusal.in_words() == "Sign in first: the API key is unknown, revoked or expired."


async def test_a_change_of_roles_is_felt_by_the_next_request(
    authentication: Authentication, time: Clock, roles: dict[Preset, Role]
) -> None:
    partner = await a_partner()
    operator = await an_operator(await a_person(), roles[Preset.FINANCE], at=partner)
    header = await bearer(time)
    before = await authentication.viewer(header)

    await operators.set_roles(
        viewer=an_administrator_of(partner.id),
        operator_id=operator.id,
        role_ids=[roles[Preset.SUPERVISOR].id],
        now=time.now,
    )
    after = await authentication.viewer(header)
    await operators.remove(
        viewer=an_administrator_of(partner.id), operator_id=operator.id, now=time.now
    )

    assert (before.items, after.items) == (
        PRESETS[Preset.FINANCE].items,
        PRESETS[Preset.SUPERVISOR].items,
    )
    await refused(authentication, header)


async def test_who_signs_out_is_out_when_the_answer_comes(
    authentication: Authentication, time: Clock
) -> None:
    await a_person()
    header = await bearer(time)
    viewer = await authentication.viewer(header)

    await sessions.sign_out(viewer=viewer, now=time.now)

    await refused(authentication, header)


def test_the_key_of_tokens_is_not_the_key_of_anything_else() -> None:
    assert tokens._key().as_dict()["k"] != encoded(secrets.derive("identity: refresh token"))
