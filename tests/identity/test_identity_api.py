"""Identity as clients meet it: over HTTP, with tokens."""

from typing import Any

from domain.identity.items import Item
from domain.identity.operations import OPERATIONS, Open
from domain.identity.presets import PRESETS, Preset
from domain.identity.viewer import ViewerKind
from models.identity import Role, Session
from partner_center.graphql import schema
from schema import permissions as names
from tests.conftest import Clock
from tests.identity.conftest import Api
from tests.identity.people import (
    PASSWORD,
    a_customer_user,
    a_partner,
    a_person,
    an_operator,
)

SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) {
    session { accessToken refreshToken expiresAt sessionExpiresAt seat { id kind label } }
    errors { __typename code message path retryable
             ... on SignInThrottled { retryAfterSeconds } }
  }
}
"""
REFRESH = """
mutation ($token: String!) {
  sessionRefresh(input: {refreshToken: $token}) {
    session { accessToken refreshToken } errors { code }
  }
}
"""
VIEWER = """
{ viewer { id displayName kind email locale permissions isAdministrator seatId
           seats { id kind label } partner { name } session { id client expiresAt }
           apiKey { name beginning } } }
"""


async def sign_in(api: Api, email: str = "li-lei@example.com", **more: Any) -> Any:
    return await api(SIGN_IN, input={"email": email, "password": PASSWORD} | more)


async def token(api: Api, email: str = "li-lei@example.com") -> str:
    return str((await sign_in(api, email))["session"]["accessToken"])


async def test_one_signs_in_and_is_told_who_one_is(api: Api, roles: dict[Preset, Role]) -> None:
    person, partner = await a_person(), await a_partner()
    operator = await an_operator(person, roles[Preset.FINANCE], at=partner)

    signed_in = await sign_in(api)
    viewer = await api(VIEWER, by=signed_in["session"]["accessToken"])

    assert signed_in == {
        "session": {
            "accessToken": signed_in["session"]["accessToken"],
            "refreshToken": signed_in["session"]["refreshToken"],
            "expiresAt": "2030-01-31T23:45:00.000000Z",
            "sessionExpiresAt": "2030-03-02T23:30:00.000000Z",
            "seat": {"id": f"opr_{operator.id.hex}", "kind": "OPERATOR", "label": "Acme"},
        },
        "errors": [],
    }
    session = await Session.get()
    assert viewer == {
        "id": f"psn_{person.id.hex}",
        "displayName": "Li Lei",
        "kind": "OPERATOR",
        "email": "li-lei@example.com",
        "locale": "zh",
        "permissions": sorted(PRESETS[Preset.FINANCE].items),
        "isAdministrator": False,
        "seatId": f"opr_{operator.id.hex}",
        "seats": [
            {"id": f"opr_{operator.id.hex}", "kind": "OPERATOR", "label": "Acme"},
            {"id": f"psn_{person.id.hex}", "kind": "PERSON", "label": "Li Lei"},
        ],
        "partner": {"name": "Acme"},
        "session": {
            "id": f"ses_{session.id.hex}",
            "client": "tests",
            "expiresAt": "2030-03-02T23:30:00.000000Z",
        },
        "apiKey": None,
    }


async def test_nobody_is_told_that_they_are_nobody(api: Api) -> None:
    assert await api(VIEWER) == {
        "id": None,
        "displayName": "",
        "kind": "ANONYMOUS",
        "email": None,
        "locale": None,
        "permissions": [],
        "isAdministrator": False,
        "seatId": None,
        "seats": [],
        "partner": None,
        "session": None,
        "apiKey": None,
    }


async def test_a_bad_token_is_401_and_not_nobody(api: Api, wall: Clock) -> None:
    await a_person()
    expired = await token(api)
    wall.forward(minutes=15)

    for bad, reason in ((expired, "the token has expired."), ("x", "the token is not valid.")):
        answer = await api.raw(VIEWER, by=bad)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert error["message"] == f"Sign in first: {reason}"
        assert "data" not in answer.json()


async def test_a_refusal_speaks_the_readers_language(api: Api) -> None:
    await a_person()
    wrong = {"email": "li-lei@example.com", "password": "wrong"}

    answers = [await api.raw(SIGN_IN, input=wrong, language=language) for language in ("en", "zh")]

    told = [answer.json()["data"]["signIn"] for answer in answers]
    assert told[0] == {
        "session": None,
        "errors": [
            {
                "__typename": "InvalidCredentials",
                "code": "INVALID_CREDENTIALS",
                "message": "The mail address or the password is wrong.",
                "path": ["input"],
                "retryable": False,
            }
        ],
    }
    assert told[1]["errors"][0]["message"] == "邮箱或密码错误。"


async def test_failures_are_remembered_and_the_sixth_try_is_told_to_wait(api: Api) -> None:
    await a_person()
    for _ in range(5):
        refused = await sign_in(api, password="wrong")
        assert refused["errors"][0]["code"] == "INVALID_CREDENTIALS"

    refused = await sign_in(api)

    assert refused["errors"] == [
        {
            "__typename": "SignInThrottled",
            "code": "SIGN_IN_THROTTLED",
            "message": "Too many failed sign-ins. Try again in 900 seconds.",
            "path": ["input"],
            "retryable": True,
            "retryAfterSeconds": 900,
        }
    ]
    assert not await Session.exists()


async def test_a_stolen_refresh_token_ends_the_session_for_good(api: Api, wall: Clock) -> None:
    await a_person()
    first = (await sign_in(api))["session"]
    second = await api(REFRESH, token=first["refreshToken"])
    wall.forward(seconds=10)

    stolen = await api(REFRESH, token=first["refreshToken"])
    robbed = await api(REFRESH, token=second["session"]["refreshToken"])

    assert stolen == robbed == {"session": None, "errors": [{"code": "SESSION_ENDED"}]}
    assert await api.refused(VIEWER, by=first["accessToken"]) == "UNAUTHENTICATED"


async def test_one_changes_seats_and_signs_out(api: Api, roles: dict[Preset, Role]) -> None:
    person = await a_person()
    await an_operator(person, roles[Preset.FINANCE], at=await a_partner())
    session = (await sign_in(api, seat=f"psn_{person.id.hex}"))["session"]
    assert session["seat"]["kind"] == "PERSON"
    customer = await a_customer_user(person)
    switch = """
    mutation ($seat: ID!) { sessionSwitchSeat(input: {seat: $seat}) {
      session { accessToken refreshToken seat { kind label } } errors { code path } } }
    """

    switched = await api(switch, by=session["accessToken"], seat=f"csu_{customer.id.hex}")
    wrong = await api(switch, by=session["accessToken"], seat=f"rol_{customer.id.hex}")
    foreign = await api(switch, by=session["accessToken"], seat=f"opr_{customer.id.hex}")

    assert switched["session"]["seat"] == {"kind": "CUSTOMER", "label": "Buyer"}
    assert switched["session"]["refreshToken"] is None
    assert wrong["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "seat"]}]
    assert foreign["errors"] == [{"code": "NOT_FOUND", "path": ["input", "seat"]}]
    by = switched["session"]["accessToken"]
    assert (await api("{ viewer { kind customer { name } partner { name } } }", by=by)) == {
        "kind": "CUSTOMER",
        "customer": {"name": "Buyer"},
        "partner": None,
    }
    out = await api("mutation { signOut { sessionsEnded errors { code } } }", by=by)
    assert out == {"sessionsEnded": 1, "errors": []}
    for dead in (by, session["accessToken"]):
        assert await api.refused("{ viewer { kind } }", by=dead) == "UNAUTHENTICATED"
    assert await api.refused("mutation { signOut { sessionsEnded } }") == "UNAUTHENTICATED"


async def test_signing_out_everywhere_ends_every_session(api: Api) -> None:
    await a_person()
    here, there = await token(api), await token(api)

    out = await api("mutation { signOutEverywhere { sessionsEnded } }", by=here)

    assert out == {"sessionsEnded": 2}
    for dead in (here, there):
        assert await api.refused("{ viewer { kind } }", by=dead) == "UNAUTHENTICATED"


def test_the_api_names_what_the_rules_name() -> None:
    for told, known in (
        (names.PermissionItem, Item),
        (names.PresetRole, Preset),
        (names.ViewerKind, ViewerKind),
    ):
        assert list(told.__members__) == list(known.__members__)
    assert set(PRESETS) == set(Preset)


def test_every_operation_says_what_it_needs() -> None:
    mutations = schema()._schema.mutation_type
    assert mutations is not None
    said = {name: field.description or "" for name, field in mutations.fields.items()}

    assert said["roleCreate"].endswith("Requires any of: ROLE_MANAGE.")
    assert said["signIn"].endswith("Needs no sign-in.")
    assert said["signOut"].endswith("Open to everybody who is signed in.")
    for name in said:
        assert name in OPERATIONS
    assert all(isinstance(rule, Open) or rule for rule in OPERATIONS.values())
