"""Changes of associations as clients meet them: mutations, lists, edges, histories, row scope."""

from datetime import timedelta
from typing import Any

import pytest

from domain.associations.changes import request_switch
from domain.audit import relay
from domain.identity.items import Item
from models.associations import AssociationChange
from tests.changes.factories import (
    AGENCY,
    Sides,
    a_switch,
    ach,
    an_end,
    approved,
    both_sides,
    execute,
)
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager, a_supervisor, a_user_of, cus, supervise
from tests.factories import (
    a_distributor,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    as_operator,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

SWITCH = """
mutation ($id: ID!, $to: AssociationType!, $key: String) {
  associationSwitchRequest(
    input: {customerId: $id, toType: $to, understood: true, reason: "Growth", idempotencyKey: $key}
  ) {
    associationChange { id status kind initiator fromType toType reason customerName }
    replayed
    errors { code path ... on ChangeCheckFailed { checks { code rule message } }
      ... on ChangedRecently { freeFrom maximum months } }
  }
}
"""
END = """
mutation ($id: ID!) {
  associationEndRequest(input: {customerId: $id, reason: "Bye", understood: true}) {
    associationChange { id status } errors { code }
  }
}
"""
DECIDE = {
    "approve": "mutation ($id: ID!) { associationChangeApprove(input: {id: $id}) {"
    " associationChange { status } errors { code } } }",
    "reject": 'mutation ($id: ID!) { associationChangeReject(input: {id: $id, reason: "No"}) {'
    " associationChange { status refusal } errors { code } } }",
    "cancel": "mutation ($id: ID!) { associationChangeCancel(input: {id: $id}) {"
    " associationChange { status } errors { code } } }",
    "pass": "mutation ($id: ID!) { associationChangeReviewPass(input: {id: $id}) {"
    " associationChange { status reviewer } errors { code } } }",
    "fail": 'mutation ($id: ID!) { associationChangeReviewFail(input: {id: $id, reason: "Bills",'
    ' contact: "13800000000"}) { associationChange { status reviewer refusal } errors { code } } }',
}
LIST = """
query ($filter: AssociationChangeFilter) {
  associationChanges(first: 10, filter: $filter) { nodes { id customerName status } }
}
"""


async def names(ask: Ask, by: Any, **filter: Any) -> list[str]:
    answer = await ask(LIST, by=by, filter=filter)
    return [node["customerName"] for node in answer["nodes"]]


async def test_a_switch_from_the_wish_to_the_end(ask: Ask, time: Clock) -> None:
    sides = await both_sides()
    asked = await ask(SWITCH, by=sides.partner, id=cus(sides.customer), to="AGENCY", key="k1")
    assert asked["errors"] == []
    change = asked["associationChange"]
    assert change | {"id": None} == {
        "id": None,
        "status": "PENDING",
        "kind": "SWITCH",
        "initiator": "PARTNER",
        "fromType": "REFERRAL",
        "toType": "AGENCY",
        "reason": "Growth",
        "customerName": "Yangtze",
    }
    again = await ask(SWITCH, by=sides.partner, id=cus(sides.customer), to="AGENCY", key="k1")
    assert again["replayed"] is True
    assert again["associationChange"] == change

    agreed = await ask(DECIDE["approve"], by=sides.buyer, id=change["id"])
    assert agreed == {"associationChange": {"status": "APPROVED"}, "errors": []}
    await execute(sides.customer, time.now)

    seen = await ask(
        "query ($id: ID!) { node(id: $id) { ... on AssociationChange { status doneAt"
        " customer { associationType } history { nodes { name } } } } }",
        by=sides.buyer,
        id=change["id"],
    )
    assert (seen["status"], seen["customer"]) == ("DONE", {"associationType": "AGENCY"})
    assert seen["doneAt"] == "2030-01-31T23:30:00.000000Z"
    # Who and what come in one instant here: the latest is the first by its id alone.
    assert sorted(event["name"] for event in seen["history"]["nodes"]) == [
        "association_change.approved",
        "association_change.done",
        "association_change.requested",
    ]


async def test_all_failing_checks_and_the_next_possible_time_are_told(
    ask: Ask, time: Clock
) -> None:
    sides = await both_sides(has_debt=True, has_credit_account=True)
    answer = await ask(SWITCH, by=sides.partner, id=cus(sides.customer), to="AGENCY", locale="zh")
    [error] = answer["errors"]
    assert error["code"] == "CHANGE_CHECK_FAILED"
    assert error["checks"] == [
        {"code": "OUTSTANDING_BILL", "rule": "C-19", "message": "客户账号欠费,请先还款。"},
        {
            "code": "CREDIT_ACCOUNT_NO_AGENCY",
            "rule": "C-18",
            "message": "客户有信用账户,无法切换为代售类客户。",
        },
    ]
    assert not await AssociationChange.exists()

    free = await both_sides()
    change = await a_switch(free, now=time.now)
    await ask(DECIDE["cancel"], by=free.partner, id=ach(change))
    answer = await ask(SWITCH, by=free.partner, id=cus(free.customer), to="AGENCY")
    assert answer["errors"] == [
        {
            "code": "CHANGED_RECENTLY",
            "path": ["input"],
            "freeFrom": "2030-04-30T23:30:00.000000Z",
            "maximum": 1,
            "months": 3,
        }
    ]


async def test_the_review_queue_is_the_platforms(ask: Ask, time: Clock) -> None:
    reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)
    passed, failed, plain = await both_sides(AGENCY), await both_sides(AGENCY), await both_sides()
    ids = [ach(await an_end(sides, now=time.now)) for sides in (passed, failed, plain)]
    queue = "{ associationReviewQueue { nodes { id availableActions { name allowed } } } }"

    waiting = (await ask(queue, by=reviewer))["nodes"]
    assert {node["id"] for node in waiting} == set(ids[:2])
    open_ = {action["name"] for action in waiting[0]["availableActions"] if action["allowed"]}
    assert open_ == {"associationChangeReviewPass", "associationChangeReviewFail"}
    with pytest.raises(Refused) as refused:
        await ask(queue, by=passed.partner)
    assert refused.value.codes == ["FORBIDDEN"]

    answer = await ask(DECIDE["pass"], by=reviewer, id=ids[0])
    assert answer["associationChange"] == {"status": "PENDING", "reviewer": reviewer.email}
    answer = await ask(DECIDE["fail"], by=reviewer, id=ids[1])
    assert answer["associationChange"] == {
        "status": "PRE_REVIEW_FAILED",
        "reviewer": "13800000000",
        "refusal": "Bills",
    }
    answer = await ask(DECIDE["fail"], by=reviewer, id=ids[2])
    assert answer["errors"] == [{"code": "WRONG_STATUS"}]
    assert (await ask(queue, by=reviewer))["nodes"] == []


async def test_what_can_be_done_depends_on_the_side(ask: Ask, time: Clock) -> None:
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    query = (
        "query ($id: ID!) { associationChange(id: $id) {"
        " availableActions { name allowed blockedBy { code } } } }"
    )

    async def blocked(by: Any) -> dict[str, str | None]:
        seen = await ask(query, by=by, id=ach(change))
        return {
            action["name"].removeprefix("associationChange"): action["blockedBy"]
            and action["blockedBy"]["code"]
            for action in seen["availableActions"]
        }

    assert await blocked(sides.buyer) == {
        "Approve": None,
        "Reject": None,
        "Cancel": "ONLY_INITIATOR_CANCELS",
        "ReviewPass": "FORBIDDEN",
        "ReviewFail": "FORBIDDEN",
    }
    assert await blocked(sides.partner) == {
        "Approve": "OTHER_SIDE_DECIDES",
        "Reject": "OTHER_SIDE_DECIDES",
        "Cancel": None,
        "ReviewPass": "FORBIDDEN",
        "ReviewFail": "FORBIDDEN",
    }


async def test_a_customer_tells_whether_its_association_could_be_changed(ask: Ask) -> None:
    sides = await both_sides(has_credit_account=True)
    query = (
        "query ($id: ID!) { customer(id: $id) { availableActions { name blockedBy { code } } } }"
    )
    seen = await ask(query, by=sides.partner, id=cus(sides.customer))
    blocked = {
        action["name"]: action["blockedBy"] and action["blockedBy"]["code"]
        for action in seen["availableActions"]
    }
    assert blocked["associationSwitchRequest"] == "CHANGE_CHECK_FAILED"
    assert blocked["associationEndRequest"] is None
    assert blocked["onBehalfAuthorizationRequest"] == "ONLY_FOR_AGENCY_CUSTOMERS"


async def test_a_change_reads_as_timed_out_from_the_instant_on(
    ask: Ask, time: Clock, thirty_days: timedelta
) -> None:
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    query = (
        "query ($id: ID!) { associationChange(id: $id) {"
        " status decidedAt deadline { status onTimeout } } }"
    )
    time.forward(days=30, microseconds=-1)
    seen = await ask(query, by=sides.buyer, id=ach(change))
    assert seen == {
        "status": "PENDING",
        "decidedAt": None,
        "deadline": {"status": "SCHEDULED", "onTimeout": "EXPIRE"},
    }
    time.forward(microseconds=1)
    seen = await ask(query, by=sides.buyer, id=ach(change))
    assert seen == {
        "status": "TIMED_OUT",
        "decidedAt": "2030-03-02T23:30:00.000000Z",
        "deadline": {"status": "DUE", "onTimeout": "EXPIRE"},
    }
    assert await names(ask, sides.buyer, status=["TIMED_OUT"]) == ["Yangtze"]
    assert await names(ask, sides.buyer, status=["PENDING"]) == []
    answer = await ask(DECIDE["approve"], by=sides.buyer, id=ach(change))
    assert answer["errors"] == [{"code": "CHANGE_TIMED_OUT"}]


async def test_lists_are_filtered_by_all_that_a_person_looks_for(ask: Ask, time: Clock) -> None:
    sides = await both_sides()
    partner = sides.house
    for name in ("Amur", "Ganges"):
        customer = await a_customer(name, of=partner, type=AGENCY, account_name=f"acc_{name}")
        other = Sides()
        other.partner, other.customer = sides.partner, customer
        other.buyer = await a_user_of(customer)
        time.forward(hours=1)
        await an_end(other, now=time.now)
    time.forward(hours=1)
    change = await a_switch(sides, by=sides.buyer, now=time.now)

    async def found(**filter: Any) -> list[str]:
        return await names(ask, sides.partner, **filter)

    assert await found() == ["Yangtze", "Ganges", "Amur"]
    assert await found(kind=["SWITCH"]) == ["Yangtze"]
    assert await found(status=["PRE_REVIEW"]) == ["Ganges", "Amur"]
    assert await found(initiator="CUSTOMER") == ["Yangtze"]
    assert await found(customerId=cus(other.customer)) == ["Ganges"]
    assert await found(search="mur") == ["Amur"]
    assert await found(search="acc_gan") == ["Ganges"]
    assert await found(created={"from": "2030-02-01T02:00:00Z"}) == ["Yangtze"]
    assert await found(partnerId=f"ptn_{partner.id.hex}", kind=["SWITCH"]) == ["Yangtze"]
    edge = await ask(
        "query ($id: ID!) { customer(id: $id) {"
        " associationChanges(first: 5, filter: {kind: [SWITCH]}) { nodes { id } } } }",
        by=sides.buyer,
        id=cus(sides.customer),
    )
    assert edge["associationChanges"]["nodes"] == [{"id": ach(change)}]


async def test_whose_changes_somebody_sees(ask: Ask, time: Clock) -> None:
    """O-03, O-12: an account manager those of his customers, a stranger none."""
    distributor = await a_distributor()
    reseller = await a_partner("Corner shop", distributor=distributor)
    wei, by_wei = await a_manager(reseller)
    _, by_ming = await a_manager(reseller, "Ming")
    jing, _ = await a_supervisor(reseller)
    await supervise(jing, wei)
    sides = Sides()
    sides.partner = await an_administrator(reseller)
    sides.customer = await a_customer(of=reseller, manager=wei)
    sides.buyer = await a_user_of(sides.customer)
    change = await an_end(sides, now=time.now)
    stranger = await an_administrator(await a_partner("Stranger"))
    one = "query ($id: ID!) { associationChange(id: $id) { id history { nodes { name } } } }"

    for viewer, sees in (
        (by_wei, True),
        (await as_operator(jing), True),
        (sides.partner, True),
        (sides.buyer, True),
        (await an_administrator(distributor), True),
        (await a_staff_viewer(Item.ASSOCIATION_REVIEW), True),
        (by_ming, False),
        (stranger, False),
        (await a_user_of(await a_customer()), False),
    ):
        assert await names(ask, viewer) == (["Yangtze"] if sees else [])
        found = await ask(one, by=viewer, id=ach(change))
        assert (found is not None) is sees
        if sees:
            assert found["history"]["nodes"] == [{"name": "association_change.requested"}]
    with pytest.raises(Refused):
        await ask(LIST, by=await as_person(await a_person()))
    for viewer in (by_ming, stranger):
        for verb in ("approve", "reject", "cancel"):
            answer = await ask(DECIDE[verb], by=viewer, id=ach(change))
            assert answer["errors"] == [{"code": "NOT_FOUND"}]
        answer = await ask(END, by=viewer, id=cus(sides.customer))
        assert answer["errors"] == [{"code": "NOT_FOUND"}]

    await approved(change, by=sides.buyer, now=time.now)
    await execute(sides.customer, time.now)
    assert await names(ask, by_wei) == []
    assert await names(ask, sides.partner) == ["Yangtze"]
    seen = await ask(
        "query ($id: ID!) { associationChange(id: $id) { customer { id } customerName } }",
        by=sides.partner,
        id=ach(change),
    )
    assert seen == {"customer": None, "customerName": "Yangtze"}


async def test_the_customer_follows_its_own_affairs_in_the_log(ask: Ask, time: Clock) -> None:
    sides, others = await both_sides(), await both_sides()
    await an_end(sides, now=time.now)
    await an_end(others, now=time.now)
    await relay.place_all(now=time.now)
    log = "{ events(orderBy: {field: RECORDED}) { nodes { name subject { id } } } }"

    seen = (await ask(log, by=sides.buyer))["nodes"]

    [change] = await AssociationChange.filter(customer_id=sides.customer.id)
    assert seen == [{"name": "association_change.requested", "subject": {"id": ach(change)}}]


async def test_ids_of_other_kinds_are_no_ids_of_changes(ask: Ask, time: Clock) -> None:
    sides = await both_sides()
    answer = await ask(DECIDE["approve"], by=sides.buyer, id=cus(sides.customer))
    assert answer["errors"] == [{"code": "INVALID_INPUT"}]
    assert await request_switch(
        viewer=sides.partner,
        customer_id=sides.customer.id,
        to_type=AGENCY,
        understood=True,
        reason="  ",
        now=time.now,
    )
    assert (await AssociationChange.get()).reason is None
