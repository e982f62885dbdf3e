"""Customers through the API: found, looked at, revealed, tagged, frozen, rated, counted."""

from datetime import timedelta
from typing import Any

import pytest

from domain.customers import standing, tags
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from kit.ids import new_id
from models.audit import Event
from models.customer_invitations import CustomerInvitation
from models.customers import (
    AssociationType,
    Customer,
    CustomerLevel,
    CustomerTag,
    Freeze,
    Verification,
)
from models.partners import Partner
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import (
    a_customer,
    a_manager,
    a_seat_with,
    a_supervisor,
    a_user_of,
    cus,
    opr,
    supervise,
)
from tests.factories import (
    LONG_AGO,
    a_customer_user_viewer,
    a_distributor,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_operator,
    as_operator,
)

pytestmark = pytest.mark.usefixtures("database")

ONE = "query ($id: ID!) { customer(id: $id) { email phone } }"
LIST = """
query ($filter: CustomerFilter, $order: CustomerOrder) {
  customers(first: 50, filter: $filter, orderBy: $order) { nodes { name } totalCount { value } }
}
"""
BY_NAME = {"field": "NAME", "direction": "ASC"}
REVEAL = """
mutation ($id: ID!, $fields: [ContactField!]!, $reason: String!, $key: String) {
  customerReveal(input: {id: $id, fields: $fields, reason: $reason, idempotencyKey: $key}) {
    phone email replayed customer { phone } errors { code path }
  }
}
"""
TAGS = """
mutation ($id: ID!, $tags: [String!]!) {
  customerTagsSet(input: {id: $id, tags: $tags}) {
    customer { tags { tag } } errors { code path }
  }
}
"""
FREEZE = """
mutation ($id: ID!, $freeze: Freeze!, $reason: String!) {
  customerFreeze(input: {id: $id, freeze: $freeze, reason: $reason}) {
    customer { freeze freezeReason frozenByPlatform } errors { code path }
  }
}
"""
UNFREEZE = """
mutation ($id: ID!) {
  customerUnfreeze(input: {id: $id}) { customer { freeze freezeReason } errors { code } }
}
"""


async def found(ask: Ask, by: Viewer, **filter: Any) -> list[str]:
    page = await ask(LIST, by=by, filter=filter, order=BY_NAME)
    assert page["totalCount"]["value"] == len(page["nodes"])
    return [node["name"] for node in page["nodes"]]


async def test_a_list_is_narrowed_by_each_of_its_conditions(ask: Ask, time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Corner shop", distributor=distributor)
    wei, _ = await a_manager(distributor)
    jing, _ = await a_supervisor(distributor)
    await supervise(jing, wei)
    by = await an_administrator(distributor)
    yangtze = await a_customer("长江制造", of=distributor, manager=wei, account_name="yangtze-mfg")
    await a_customer("Amur", of=distributor, type=AssociationType.AGENCY, since=time.now)
    await a_customer("Bug", of=reseller, level=CustomerLevel.V3, freeze=Freeze.ACCOUNT)
    await a_customer("Nobody's")
    await tags.set_tags(viewer=by, customer_id=yangtze.id, tags=["vip", "east"], now=time.now)

    assert await found(ask, by) == ["Amur", "Bug", "长江制造"]
    assert await found(ask, by, search="长江") == ["长江制造"]
    assert await found(ask, by, search="TZE-M") == ["长江制造"]
    assert await found(ask, by, associationType=["AGENCY"]) == ["Amur"]
    assert await found(ask, by, tag=["vip", "west"]) == ["长江制造"]
    assert await found(ask, by, tag=["west"]) == []
    assert await found(ask, by, managerId=opr(wei)) == ["长江制造"]
    assert await found(ask, by, supervisorId=opr(jing)) == ["长江制造"]
    assert await found(ask, by, supervisorId=opr(wei)) == []
    assert await found(ask, by, unassigned=True) == ["Amur", "Bug"]
    assert await found(ask, by, unassigned=False) == ["长江制造"]
    assert await found(ask, by, level=["V3"]) == ["Bug"]
    assert await found(ask, by, freeze=["ACCOUNT", "ACCOUNT_AND_RESOURCES"]) == ["Bug"]
    assert await found(ask, by, verification=["VERIFIED"]) == []
    assert await found(ask, by, kind=["UNKNOWN"]) == ["Amur", "Bug", "长江制造"]
    instant = time.now.isoformat()
    assert await found(ask, by, listed={"from": instant}) == ["Amur"]
    assert await found(ask, by, listed={"to": instant}) == ["Bug", "长江制造"]


async def test_the_latest_associated_come_first(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    await a_customer("first", of=partner, since=time.now)
    await a_customer("second", of=partner, since=time.now + timedelta(seconds=1))

    page = await ask(LIST, by=await an_administrator(partner))

    assert [node["name"] for node in page["nodes"]] == ["second", "first"]


async def test_bad_conditions_are_refused(ask: Ask) -> None:
    by = await an_administrator(await a_partner())
    for filter in ({"managerId": "ptn_" + "0" * 32}, {"search": "x"}, {"partnerId": "nonsense"}):
        with pytest.raises(Refused) as refused:
            await ask(LIST, by=by, filter=filter)
        assert refused.value.codes == ["INVALID_INPUT"]


async def test_contact_data_is_masked_for_all_but_the_customer_itself(ask: Ask) -> None:
    partner = await a_partner()
    customer = await a_customer(of=partner, email="wang@customer.example", phone="13812345678")
    masked = {"email": "w***@customer.example", "phone": "138****5678"}

    administrator = await an_administrator(partner)
    assert administrator.sees_personal_data
    assert await ask(ONE, by=administrator, id=cus(customer)) == masked
    assert await ask(ONE, by=await a_staff_viewer(*Item), id=cus(customer)) == masked
    itself = await a_customer_user_viewer(await a_person())
    assert itself.customer_id is not None
    await Customer.filter(id=itself.customer_id).update(phone="13812345678")
    own = await Customer.get(id=itself.customer_id)
    assert await ask(ONE, by=itself, id=cus(own)) == {"email": None, "phone": "13812345678"}


async def test_who_gives_a_reason_is_told_once_and_it_is_recorded(ask: Ask) -> None:
    partner = await a_partner()
    wei, by_wei = await a_manager(partner)
    customer = await a_customer(of=partner, manager=wei, phone="13812345678")
    given = {"id": cus(customer), "fields": ["PHONE"], "reason": " to confirm the order "}

    told = await ask(REVEAL, by=by_wei, key="k", **given)
    assert told == {
        "phone": "13812345678",
        "email": None,
        "replayed": False,
        "customer": {"phone": "138****5678"},
        "errors": [],
    }
    again = await ask(REVEAL, by=by_wei, key="k", **given)
    assert (again["phone"], again["replayed"]) == (None, True)

    [event] = await Event.filter(subject_id=customer.id)
    assert (event.name, event.reason) == ("customer.revealed", "to confirm the order")
    assert (event.actor_name, event.after) == ("Wei", {"fields": ["PHONE"]})
    assert "13812345678" not in str((event.before, event.after))


async def test_nothing_is_revealed_without_right_reason_or_field(ask: Ask) -> None:
    partner = await a_partner()
    customer = await a_customer(of=partner)
    by = await an_administrator(partner)
    asked = {"id": cus(customer), "fields": ["EMAIL"], "reason": "why"}

    finance = await as_operator(await an_operator(of=partner, role=Preset.FINANCE))
    with pytest.raises(Refused) as refused:
        await ask(REVEAL, by=finance, **asked)
    assert refused.value.codes == ["FORBIDDEN"]
    for wrong, path in (
        ({"reason": "  "}, ["input", "reason"]),
        ({"reason": "x" * 501}, ["input", "reason"]),
        ({"fields": []}, ["input", "fields"]),
    ):
        answer = await ask(REVEAL, by=by, **asked | wrong)
        assert answer["errors"] == [{"code": "INVALID_INPUT", "path": path}]
        assert answer["email"] is None
    _, stranger = await a_manager(partner, "Ming")
    answer = await ask(REVEAL, by=stranger, **asked)
    assert [error["code"] for error in answer["errors"]] == ["NOT_FOUND"]
    assert not await Event.exists()


async def test_a_customer_cant_guess_what_its_partner_calls_it(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    by = await an_administrator(partner)
    customer = await a_customer("Yangtze", of=partner)
    await tags.set_tags(viewer=by, customer_id=customer.id, tags=["pays late"], now=time.now)
    buyer = await a_user_of(customer)

    assert await found(ask, by, tag=["pays late"]) == ["Yangtze"]
    assert await found(ask, buyer) == ["Yangtze"]
    assert await found(ask, buyer, tag=["pays late"]) == []


async def test_tags_are_replaced_added_and_taken_off(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    customer = await a_customer(of=partner)
    by = await an_administrator(partner)

    answer = await ask(TAGS, by=by, id=cus(customer), tags=[" vip ", "east", "vip"])
    assert answer == {"customer": {"tags": [{"tag": "vip"}, {"tag": "east"}]}, "errors": []}
    await tags.add(viewer=by, customer_id=customer.id, tag="new", now=time.now)
    await tags.remove(viewer=by, customer_id=customer.id, tag="east", now=time.now)
    await tags.remove(viewer=by, customer_id=customer.id, tag="east", now=time.now)

    assert {row.tag for row in await CustomerTag.all()} == {"vip", "new"}
    events = await Event.filter(name="customer.tagged").order_by("id")
    assert [event.after["tags"] for event in events] == [
        ["east", "vip"],
        ["east", "new", "vip"],
        ["new", "vip"],
    ]


async def test_twenty_tags_of_sixty_four_characters_are_the_most(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    customer = await a_customer(of=partner)
    by = await an_administrator(partner)
    twenty = [f"{number:064}" for number in range(20)]
    assert (await ask(TAGS, by=by, id=cus(customer), tags=twenty))["errors"] == []

    with pytest.raises(tags.TooManyTags):
        await tags.add(viewer=by, customer_id=customer.id, tag="one more", now=time.now)
    answer = await ask(TAGS, by=by, id=cus(customer), tags=["x" * 65])
    assert answer["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "tags"]}]
    assert await CustomerTag.all().count() == 20


async def test_the_next_partner_sees_nothing_of_the_tags(ask: Ask, time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Corner shop", distributor=distributor)
    customer = await a_customer(of=distributor)
    by = await an_administrator(distributor)
    await tags.add(viewer=by, customer_id=customer.id, tag="theirs", now=time.now)
    await Customer.filter(id=customer.id).update(partner_id=reseller.id)
    query = "query ($id: ID!) { customer(id: $id) { tags { tag } } }"

    assert await ask(query, by=by, id=cus(customer)) == {"tags": []}
    itself = await a_customer_user_viewer(await a_person())
    own = await Customer.get(id=itself.customer_id)
    assert await ask(query, by=itself, id=cus(own)) == {"tags": []}


async def an_agency_customer(of: Partner) -> Customer:
    return await a_customer(of=of, type=AssociationType.AGENCY)


async def test_a_partner_freezes_its_agency_customers_and_lets_them_go(ask: Ask) -> None:
    partner = await a_partner()
    customer = await an_agency_customer(partner)
    by = await an_administrator(partner)

    frozen = await ask(FREEZE, by=by, id=cus(customer), freeze="ACCOUNT", reason="unpaid")
    assert frozen["customer"] == {
        "freeze": "ACCOUNT",
        "freezeReason": "unpaid",
        "frozenByPlatform": False,
    }
    again = await ask(FREEZE, by=by, id=cus(customer), freeze="ACCOUNT", reason="unpaid")
    assert again["errors"] == [{"code": "ALREADY_FROZEN", "path": ["input", "id"]}]
    wider = await ask(
        FREEZE, by=by, id=cus(customer), freeze="ACCOUNT_AND_RESOURCES", reason="still"
    )
    assert wider["customer"]["freeze"] == "ACCOUNT_AND_RESOURCES"
    thawed = await ask(UNFREEZE, by=by, id=cus(customer))
    assert thawed["customer"] == {"freeze": "NONE", "freezeReason": None}
    assert (await ask(UNFREEZE, by=by, id=cus(customer)))["errors"] == [{"code": "NOT_FROZEN"}]

    events = await Event.filter(subject_id=customer.id).order_by("id")
    assert [(event.name, event.after["freeze"], event.reason) for event in events] == [
        ("customer.frozen", "ACCOUNT", "unpaid"),
        ("customer.frozen", "ACCOUNT_AND_RESOURCES", "still"),
        ("customer.unfrozen", "NONE", None),
    ]


async def test_what_may_not_be_frozen_stays_as_it_is(ask: Ask) -> None:
    partner = await a_partner()
    by = await an_administrator(partner)
    referral, agency = await a_customer(of=partner), await an_agency_customer(partner)

    for customer, type, error in (
        (referral, "ACCOUNT", {"code": "NOT_AN_AGENCY_CUSTOMER", "path": ["input", "id"]}),
        (agency, "NONE", {"code": "INVALID_INPUT", "path": ["input", "freeze"]}),
    ):
        answer = await ask(FREEZE, by=by, id=cus(customer), freeze=type, reason="unpaid")
        assert answer["errors"] == [error]
    assert not await Customer.exists(freeze__not=Freeze.NONE)
    assert not await Event.exists()


async def test_what_the_platform_froze_only_the_platform_unfreezes(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    by, staff = await an_administrator(partner), await a_staff_viewer(Item.CUSTOMER_FREEZE)
    customer = await an_agency_customer(partner)
    await standing.freeze(
        viewer=staff, customer_id=customer.id, extent=Freeze.ACCOUNT, reason="fraud", now=time.now
    )

    assert (await ask(UNFREEZE, by=by, id=cus(customer)))["errors"] == [
        {"code": "FROZEN_BY_PLATFORM"}
    ]
    wider = await ask(FREEZE, by=by, id=cus(customer), freeze="ACCOUNT_AND_RESOURCES", reason="x")
    assert [error["code"] for error in wider["errors"]] == ["FROZEN_BY_PLATFORM"]
    assert (await Customer.get(id=customer.id)).freeze is Freeze.ACCOUNT
    assert (await ask(UNFREEZE, by=staff, id=cus(customer)))["errors"] == []


async def test_the_level_is_the_platforms_to_set(ask: Ask) -> None:
    partner = await a_partner()
    customer = await a_customer(of=partner)
    level = """
    mutation ($id: ID!) { customerLevelSet(input: {id: $id, level: V4}) {
      customer { level } errors { code } } }
    """
    with pytest.raises(Refused) as refused:
        await ask(level, by=await an_administrator(partner), id=cus(customer))
    assert refused.value.codes == ["FORBIDDEN"]

    staff = await a_staff_viewer(Item.CUSTOMER_LEVEL)
    assert (await ask(level, by=staff, id=cus(customer)))["customer"] == {"level": "V4"}
    await ask(level, by=staff, id=cus(customer))
    [event] = await Event.filter(subject_id=customer.id)
    assert (event.before, event.after) == ({"level": "V0"}, {"level": "V4"})
    assert event.tenant_id == partner.id


async def test_actions_say_what_stands_in_the_way(ask: Ask) -> None:
    partner = await a_partner()
    wei, by_wei = await a_manager(partner)
    customer = await a_customer(of=partner, manager=wei)
    query = """
    query ($id: ID!) { customer(id: $id) {
      availableActions { name allowed blockedBy { code } } } }
    """

    async def blocked(by: Viewer) -> dict[str, str | None]:
        actions = (await ask(query, by=by, id=cus(customer)))["availableActions"]
        assert all(each["allowed"] is (each["blockedBy"] is None) for each in actions)
        return {each["name"]: each["blockedBy"] and each["blockedBy"]["code"] for each in actions}

    assert await blocked(by_wei) == {
        "customerReveal": None,
        "customerTagsSet": None,
        "customerAssign": "FORBIDDEN",
        "customerUnassign": "FORBIDDEN",
        "customerFreeze": "FORBIDDEN",
        "customerUnfreeze": "FORBIDDEN",
        "customerLevelSet": "FORBIDDEN",
        "customerSegmentSet": "FORBIDDEN",
        "associationSwitchRequest": "FORBIDDEN",
        "associationEndRequest": "FORBIDDEN",
        "onBehalfAuthorizationRequest": "ONLY_FOR_AGENCY_CUSTOMERS",
    }
    of_administrator = await blocked(await an_administrator(partner))
    assert of_administrator["customerAssign"] is None
    assert of_administrator["customerFreeze"] == "NOT_AN_AGENCY_CUSTOMER"
    assert of_administrator["associationEndRequest"] is None


DASHBOARD = """
query ($filter: CustomerDashboardFilter) {
  customerDashboard(filter: $filter) {
    byAssociationType { associationType customerCount }
    byManager { managerId name customerCount }
    byFreeze { freeze customerCount }
    byLevel { level customerCount }
    byVerification { verification customerCount }
    reportsByStatus { status reportCount }
    dueInvitationCount
  }
}
"""


async def test_the_dashboard_counts_what_the_viewer_sees(ask: Ask, time: Clock) -> None:
    partner = await a_partner()
    wei, by_wei = await a_manager(partner)
    ming, _ = await a_manager(partner, "Ming")
    await a_customer(of=partner, manager=wei, verification=Verification.VERIFIED)
    await a_customer(of=partner, manager=wei, type=AssociationType.AGENCY)
    await a_customer(of=partner, manager=ming, level=CustomerLevel.V5)
    await a_customer(of=partner)
    await a_customer(of=await a_partner("Stranger"))
    for hours, number in ((0, 1), (1, 2), (48, 3), (48.001, 4)):
        await CustomerInvitation.create(
            created_at=LONG_AGO,
            partner_id=partner.id,
            channel="EMAIL",
            type="REFERRAL",
            status="SENT",
            token_hash=f"{number:064}",
            invited_by=by_wei.person_id,
            manager_id=wei.id,
            sent_at=LONG_AGO,
            report_id=new_id(),
            expires_at=time.now + timedelta(hours=hours),
            report_ends_at=time.now + timedelta(days=15),
        )

    seen = await ask(DASHBOARD, by=await an_administrator(partner))
    assert seen["byAssociationType"] == [
        {"associationType": "AGENCY", "customerCount": 1},
        {"associationType": "REFERRAL", "customerCount": 3},
    ]
    assert seen["byManager"] == [
        {"managerId": opr(wei), "name": "Wei", "customerCount": 2},
        {"managerId": opr(ming), "name": "Ming", "customerCount": 1},
        {"managerId": None, "name": None, "customerCount": 1},
    ]
    assert seen["byLevel"] == [
        {"level": "V0", "customerCount": 3},
        {"level": "V5", "customerCount": 1},
    ]
    assert seen["byFreeze"] == [{"freeze": "NONE", "customerCount": 4}]
    assert seen["byVerification"] == [
        {"verification": "NOT_VERIFIED", "customerCount": 3},
        {"verification": "VERIFIED", "customerCount": 1},
    ]
    assert seen["dueInvitationCount"] == 2

    own = await ask(DASHBOARD, by=by_wei)
    assert [count["customerCount"] for count in own["byAssociationType"]] == [1, 1]
    of_ming = await ask(
        DASHBOARD, by=await an_administrator(partner), filter={"managerId": opr(ming)}
    )
    assert [count["customerCount"] for count in of_ming["byManager"]] == [1]
    assert of_ming["dueInvitationCount"] == 0


async def test_the_dashboard_asks_for_a_right(ask: Ask) -> None:
    partner = await a_partner()
    seat = await a_seat_with(partner, Preset.ACCOUNT_MANAGER)
    with pytest.raises(Refused):
        await ask(DASHBOARD, by=await a_staff_viewer(Item.MEMBER_VIEW))
    assert (await ask(DASHBOARD, by=await as_operator(seat)))["byManager"] == []
