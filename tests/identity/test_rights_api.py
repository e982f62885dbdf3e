"""Roles, operators and API keys as clients meet them: over HTTP, with tokens."""

from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.presets import Preset
from models.audit import Event
from models.identity import ApiKey, Operator, Role, Session
from tests.conftest import Clock
from tests.identity.conftest import Api
from tests.identity.people import a_partner, a_person, a_staff_member, an_operator, token


async def test_a_key_that_was_used_at_one_partner_is_new_at_another(
    api: Api, roles: dict[Preset, Role]
) -> None:
    """Else nothing would be done there, and the answer would be that it was."""
    person = await a_person()
    partners = [await a_partner("Acme"), await a_partner("Birch")]
    for partner in partners:
        await an_operator(person, roles[Preset.ADMINISTRATOR], at=partner)
    switch = """mutation ($seat: ID!) { sessionSwitchSeat(input: {seat: $seat}) {
      session { accessToken } } }"""
    create = """mutation { roleCreate(input: {name: "Presales", items: [MEMBER_VIEW],
      idempotencyKey: "1"}) { role { name } replayed errors { code } } }"""
    by = await token(api)
    every = (await api("{ viewer { seats { id kind } } }", by=by))["seats"]
    seats = [seat for seat in every if seat["kind"] == "OPERATOR"]

    told = []
    for seat in (*seats, seats[0]):
        by = (await api(switch, by=by, seat=seat["id"]))["session"]["accessToken"]
        told.append(await api(create, by=by))

    new = {"role": {"name": "Presales"}, "replayed": False, "errors": []}
    assert told == [new, new, new | {"replayed": True}]
    assert {role.partner_id for role in await Role.filter(name="Presales")} == {
        partner.id for partner in partners
    }


async def test_an_administrator_manages_roles_and_operators(
    api: Api, roles: dict[Preset, Role]
) -> None:
    partner = await a_partner()
    await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=partner)
    meimei = await a_person("Han Meimei")
    by = await token(api)

    role = await api(
        """
        mutation { roleCreate(input: {name: "Presales", items: [MEMBER_VIEW, PARTNER_VIEW],
                                      idempotencyKey: "1"}) {
          role { id name items preset version } errors { code } replayed } }
        """,
        by=by,
    )
    again = await api(
        """
        mutation { roleCreate(input: {name: "Presales", items: [MEMBER_VIEW, PARTNER_VIEW],
                                      idempotencyKey: "1"}) {
          role { id } errors { code } replayed } }
        """,
        by=by,
    )
    added = await api(
        """
        mutation ($roles: [ID!]!) { operatorAdd(input: {email: "han-meimei@example.com",
                                                        roleIds: $roles}) {
          operator { id version person { id name email } roles { role { name preset } } }
          errors { code } } }
        """,
        by=by,
        roles=[role["role"]["id"], f"rol_{roles[Preset.FINANCE].id.hex}"],
    )
    refused = await api(
        """
        mutation ($id: ID!) { roleDelete(input: {id: $id}) {
          deletedId errors { __typename code ... on RoleInUse { operatorCount } } } }
        """,
        by=by,
        id=role["role"]["id"],
    )

    assert role["role"] | {"id": 0} == {
        "id": 0,
        "name": "Presales",
        "items": ["MEMBER_VIEW", "PARTNER_VIEW"],
        "preset": None,
        "version": 1,
    }
    assert again == {"role": {"id": role["role"]["id"]}, "errors": [], "replayed": True}
    assert added["errors"] == []
    operator = added["operator"]
    assert operator["person"] == {
        "id": f"psn_{meimei.id.hex}",
        "name": "Han Meimei",
        "email": "han-meimei@example.com",
    }
    assert sorted(given["role"]["name"] for given in operator["roles"]) == ["Finance", "Presales"]
    assert refused == {
        "deletedId": None,
        "errors": [{"__typename": "RoleInUse", "code": "ROLE_IN_USE", "operatorCount": 1}],
    }
    removed = await api(
        """
        mutation ($id: ID!) { operatorRemove(input: {id: $id}) {
          operator { version removedAt roles { since } } errors { code } } }
        """,
        by=by,
        id=operator["id"],
    )
    assert removed == {
        "operator": {"version": 2, "removedAt": "2030-01-31T23:30:00.000000Z", "roles": []},
        "errors": [],
    }
    gone = await api(
        "mutation ($id: ID!) { roleDelete(input: {id: $id}) { deletedId } }",
        by=by,
        id=role["role"]["id"],
    )
    assert gone == {"deletedId": role["role"]["id"]}


async def test_an_edit_of_something_older_is_a_version_conflict(
    api: Api, roles: dict[Preset, Role]
) -> None:
    partner = await a_partner()
    await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=partner)
    operator = await an_operator(await a_person("Jim"), roles[Preset.FINANCE], at=partner)
    by = await token(api)
    set_roles = """
    mutation ($id: ID!, $roles: [ID!]!) {
      operatorRolesSet(input: {id: $id, roleIds: $roles, expectedVersion: 1}) {
        operator { version } errors { code ... on VersionConflict { current } } } }
    """
    variables: dict[str, Any] = {
        "id": f"opr_{operator.id.hex}",
        "roles": [f"rol_{roles[Preset.SUPERVISOR].id.hex}"],
    }

    first = await api(set_roles, by=by, **variables)
    variables["roles"] = [f"rol_{roles[Preset.FINANCE].id.hex}"]
    second = await api(set_roles, by=by, **variables)

    assert first == {"operator": {"version": 2}, "errors": []}
    assert second["errors"] == [{"code": "VERSION_CONFLICT", "current": 2}]


async def test_a_system_comes_with_a_key_that_was_shown_once(
    api: Api, roles: dict[Preset, Role]
) -> None:
    await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=await a_partner())
    by = await token(api)
    who = (
        "{ viewer { id kind permissions seats { id } partner { name } apiKey { name beginning } } }"
    )
    create = """
    mutation { apiKeyCreate(input: {name: "ERP", items: [MEMBER_VIEW], idempotencyKey: "1",
                                    expiresAt: "2031-01-31T23:30:00Z"}) {
      apiKey { id name beginning items status expiresAt createdBy { name } } secret
      errors { code } replayed } }
    """

    made = await api(create, by=by)
    replayed = await api(create, by=by)
    viewer = await api(who, by=made["secret"])
    listed = await api("{ apiKeys { nodes { id name } totalCount { value } } }", by=by)

    assert made["errors"] == []
    assert made["apiKey"] | {"id": 0, "beginning": 0} == {
        "id": 0,
        "name": "ERP",
        "beginning": 0,
        "items": ["MEMBER_VIEW"],
        "status": "LIVE",
        "expiresAt": "2031-01-31T23:30:00.000000Z",
        "createdBy": {"name": "Li Lei"},
    }
    assert made["secret"].startswith(made["apiKey"]["beginning"] + "_")
    assert (replayed["replayed"], replayed["secret"]) == (True, None)
    assert replayed["apiKey"] == made["apiKey"]
    assert await ApiKey.all().count() == 1
    assert viewer["apiKey"] == {"name": "ERP", "beginning": made["apiKey"]["beginning"]}
    assert (viewer["kind"], viewer["id"], viewer["seats"]) == ("OPERATOR", None, [])
    assert (viewer["permissions"], viewer["partner"]) == (["MEMBER_VIEW"], {"name": "Acme"})
    assert listed == {
        "nodes": [{"id": made["apiKey"]["id"], "name": "ERP"}],
        "totalCount": {"value": 1},
    }


async def test_a_key_is_turned_and_ended_over_the_api(api: Api, roles: dict[Preset, Role]) -> None:
    await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=await a_partner())
    by = await token(api)
    made = await api(
        'mutation { apiKeyCreate(input: {name: "ERP", items: []}) { apiKey { id } secret } }', by=by
    )
    rotate = """
    mutation ($id: ID!, $hours: Int) { apiKeyRotate(input: {id: $id, overlapHours: $hours}) {
      apiKey { previousSecretUntil } secret errors { code path } } }
    """
    revoke = """
    mutation ($id: ID!) { apiKeyRevoke(input: {id: $id}) {
      apiKey { status revokedAt } errors { code } } }
    """
    id = made["apiKey"]["id"]

    turned = await api(rotate, by=by, id=id)
    for secret in (made["secret"], turned["secret"]):
        assert (await api("{ viewer { displayName } }", by=secret)) == {"displayName": "ERP"}
    assert turned["apiKey"] == {"previousSecretUntil": "2030-02-01T23:30:00.000000Z"}
    too_long = await api(rotate, by=by, id=id, hours=73)
    assert too_long["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "overlapHours"]}]

    ended = await api(revoke, by=by, id=id)
    again = await api(revoke, by=by, id=id)
    assert ended["apiKey"] == {"status": "REVOKED", "revokedAt": "2030-01-31T23:30:00.000000Z"}
    assert again["errors"] == [{"code": "API_KEY_NOT_LIVE"}]
    for secret in (made["secret"], turned["secret"]):
        assert await api.refused("{ viewer { displayName } }", by=secret) == "UNAUTHENTICATED"


async def test_who_lacks_the_right_is_refused_at_the_door(
    api: Api, roles: dict[Preset, Role]
) -> None:
    partner = await a_partner()
    await an_operator(await a_person(), roles[Preset.FINANCE], at=partner)
    by = await token(api)
    create = 'mutation { apiKeyCreate(input: {name: "ERP", items: []}) { secret } }'

    for operation in ("{ apiKeys { nodes { id } } }", create):
        assert await api.refused(operation, by=by) == "FORBIDDEN"
        assert await api.refused(operation) == "UNAUTHENTICATED"
    for operation in ("{ roles { nodes { id } } }", "{ operators { nodes { id } } }"):
        await api(operation, by=by)
        assert await api.refused(operation) == "UNAUTHENTICATED"
    assert not await ApiKey.exists()


async def test_lists_show_ones_own_partner_and_nothing_of_another(
    api: Api, roles: dict[Preset, Role], time: Clock
) -> None:
    distributor = await a_partner("General")
    reseller = await a_partner("Reseller", under=distributor)
    above = await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=distributor)
    below = await an_operator(
        await a_person("Han Meimei"), roles[Preset.ADMINISTRATOR], at=reseller
    )
    former = await an_operator(await a_person("Jim"), at=distributor)
    await Operator.filter(id=former.id).update(removed_at=time.now)
    own = await Role.create(
        created_at=time.now, partner_id=reseller.id, code="X", name="Own", items=["PARTNER_VIEW"]
    )
    key = await ApiKey.create(
        created_at=time.now,
        partner_id=reseller.id,
        name="ERP",
        public="00000000",
        secret_hash="0" * 64,
        created_by=below.person_id,
        expires_at=time.now.replace(year=2031),
    )
    lists = """
    { operators { nodes { id partner { name } } }
      roles(orderBy: {field: NAME, direction: ASC}) { nodes { name preset } }
      apiKeys { nodes { id } } }
    """
    nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"
    foreign = [f"opr_{below.id.hex}", f"rol_{own.id.hex}", f"key_{key.id.hex}"]
    foreign.append(f"ses_{(await Session.create(**a_session(below), created_at=time.now)).id.hex}")

    by = await token(api)
    seen = await api(lists, by=by)

    assert seen["operators"]["nodes"] == [
        {"id": f"opr_{above.id.hex}", "partner": {"name": "General"}}
    ]
    assert seen["roles"]["nodes"] == [
        {"name": "Account manager", "preset": "ACCOUNT_MANAGER"},
        {"name": "Account manager supervisor", "preset": "SUPERVISOR"},
        {"name": "Administrator", "preset": "ADMINISTRATOR"},
        {"name": "Finance", "preset": "FINANCE"},
    ]
    assert seen["apiKeys"]["nodes"] == []
    assert await api(nodes, by=by, ids=foreign) == [None] * 4
    by = await token(api, "han-meimei@example.com")
    assert await api(nodes, by=by, ids=foreign) == [
        {"__typename": "Operator"},
        {"__typename": "Role"},
        {"__typename": "ApiKey"},
        {"__typename": "Session"},
    ]


def a_session(operator: Operator) -> dict[str, Any]:
    return {
        "person_id": operator.person_id,
        "seat_kind": "OPERATOR",
        "seat_id": operator.id,
        "refresh_hash": "0" * 64,
        "refreshed_at": operator.created_at,
        "expires_at": operator.created_at,
    }


async def test_a_key_sees_itself_and_no_other_key(api: Api, roles: dict[Preset, Role]) -> None:
    await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=await a_partner())
    by = await token(api)
    create = """
    mutation ($name: String!) { apiKeyCreate(input: {name: $name, items: []}) {
      apiKey { id } secret } }
    """
    own, other = [await api(create, by=by, name=name) for name in ("Own", "Other")]
    ids = [own["apiKey"]["id"], other["apiKey"]["id"]]

    nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ApiKey { name } } }"

    assert await api(nodes, by=own["secret"], ids=ids) == [{"name": "Own"}, None]
    assert await api(nodes, by=by, ids=ids) == [{"name": "Own"}, {"name": "Other"}]


@pytest.mark.parametrize(
    ("preset", "email", "phone"),
    [
        (Preset.ADMINISTRATOR, "han-meimei@example.com", "13812345678"),
        (Preset.FINANCE, "h***@example.com", "138****5678"),
    ],
)
async def test_addresses_of_others_are_masked_without_the_right(
    api: Api, roles: dict[Preset, Role], preset: Preset, email: str, phone: str
) -> None:
    partner = await a_partner()
    await an_operator(await a_person(), roles[preset], at=partner)
    meimei = await a_person("Han Meimei")
    meimei.phone = "13812345678"
    await meimei.save(update_fields=["phone"])
    await an_operator(meimei, roles[Preset.FINANCE], at=partner)

    seen = await api("{ operators { nodes { person { name email phone } } } }", by=await token(api))

    people = {node["person"]["name"]: node["person"] for node in seen["nodes"]}
    assert people["Li Lei"]["email"] == "li-lei@example.com"
    assert people["Li Lei"]["phone"] is None
    assert people["Han Meimei"] == {"name": "Han Meimei", "email": email, "phone": phone}


async def test_operators_are_found_by_name_and_keys_by_life(
    api: Api, roles: dict[Preset, Role], time: Clock
) -> None:
    partner = await a_partner()
    await an_operator(await a_person(), roles[Preset.ADMINISTRATOR], at=partner)
    await an_operator(await a_person("Han Meimei"), roles[Preset.FINANCE], at=partner)
    by = await token(api)
    ids = []
    for name in ("Live", "Revoked"):
        made = await api(
            "mutation ($name: String!) { apiKeyCreate(input: {name: $name, items: []})"
            " { apiKey { id } } }",
            by=by,
            name=name,
        )
        ids.append(made["apiKey"]["id"])
    await api(
        "mutation ($id: ID!) { apiKeyRevoke(input: {id: $id}) { requestId } }", by=by, id=ids[1]
    )

    found = await api(
        """
        { operators(filter: {name: "han M"}) { nodes { person { name } } }
          live: apiKeys(filter: {isLive: true}) { nodes { name } }
          dead: apiKeys(filter: {isLive: false}) { nodes { name status } } }
        """,
        by=by,
    )

    assert found == {
        "operators": {"nodes": [{"person": {"name": "Han Meimei"}}]},
        "live": {"nodes": [{"name": "Live"}]},
        "dead": {"nodes": [{"name": "Revoked", "status": "REVOKED"}]},
    }


async def test_the_platform_sees_all_operators_and_appoints_the_first(
    api: Api, roles: dict[Preset, Role]
) -> None:
    await a_staff_member(await a_person(), Item.ROLE_MANAGE)
    await a_person("Han Meimei")
    partner = await a_partner()
    by = await token(api)

    added = await api(
        """
        mutation ($partner: ID!, $role: ID!) { operatorAdd(input: {partnerId: $partner,
            email: "han-meimei@example.com", roleIds: [$role]}) {
          operator { person { name email } partner { name } } errors { code } } }
        """,
        by=by,
        partner=f"ptn_{partner.id.hex}",
        role=f"rol_{roles[Preset.ADMINISTRATOR].id.hex}",
    )

    assert added == {
        "operator": {
            "person": {"name": "Han Meimei", "email": "h***@example.com"},
            "partner": {"name": "Acme"},
        },
        "errors": [],
    }
    event = await Event.get(name="operator.added")
    assert (event.actor_kind, event.tenant_id) == ("STAFF", partner.id)
    listed = await api("{ operators { nodes { partner { name } } } }", by=by)
    assert listed == {"nodes": [{"partner": {"name": "Acme"}}]}
