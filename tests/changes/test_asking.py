"""Asking for a switch or an end: who may, when, and what forbids it (C-08, C-19, C-20)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.associations import changes, deciding
from domain.associations.change_checks import ChangeCheck, ChangeCheckFailed, FailedChangeCheck
from domain.associations.change_guards import NotAssociated, OnlyTheTwoSides
from domain.associations.changes import (
    AlreadyOfThisType,
    ChangedRecently,
    ChangeOpen,
    NoticeNotUnderstood,
)
from domain.associations.effects import CHECKS, Wish
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity import steps
from domain.identity.items import Item
from domain.identity.steps import StepUpRequired
from kit import links
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from models.associations import AssociationChange
from models.associations import ChangeStatus as Status
from models.audit import Event
from models.customers import EnterpriseRole, Freeze
from tests.changes.factories import AGENCY, REFERRAL, a_switch, an_end, both_sides, history
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_manager, a_user_of
from tests.factories import (
    a_distributor,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


async def nothing_was_asked() -> None:
    assert not await AssociationChange.exists()
    assert not await Event.exists()


@pytest.mark.parametrize("side", ["partner", "buyer"])
async def test_either_side_asks_for_a_switch_and_the_other_has_to_decide(
    time: Clock, side: str
) -> None:
    sides = await both_sides()

    change = await a_switch(sides, by=getattr(sides, side), now=time.now)

    kept = await AssociationChange.get(id=change.id)
    assert (kept.status, kept.from_type, kept.to_type) == (Status.PENDING, REFERRAL, AGENCY)
    assert kept.initiator == ("PARTNER" if side == "partner" else "CUSTOMER")
    assert kept.expires_at is None
    [event] = await Event.all()
    assert event.name == "association_change.requested"
    assert event.customer_id == sides.customer.id
    assert event.after == {
        "status": "PENDING",
        "kind": "SWITCH",
        "initiator": kept.initiator.value,
        "to_type": "AGENCY",
    }


async def test_the_end_of_an_agency_association_is_reviewed_first(time: Clock) -> None:
    assert (await an_end(await both_sides(REFERRAL), now=time.now)).status is Status.PENDING
    agency = await an_end(await both_sides(AGENCY), now=time.now)
    assert agency.status is Status.PRE_REVIEW
    customers = await both_sides(AGENCY)
    by_customer = await an_end(customers, by=customers.buyer, now=time.now)
    assert by_customer.status is Status.PRE_REVIEW


ALL_OF_C_19: dict[str, Any] = {
    "has_debt": True,
    "owes_invoices": True,
    "has_reserved_instance": True,
    "has_support_plan": True,
    "has_special_contract": True,
    "freeze": Freeze.ACCOUNT,
    "enterprise_role": EnterpriseRole.MASTER,
    "has_independent_members": True,
    "has_credit_account": True,
    "has_stored_value_card": True,
}


async def test_all_that_fails_is_told_at_once(time: Clock) -> None:
    sides = await both_sides(**ALL_OF_C_19)

    with pytest.raises(ChangeCheckFailed) as ending:
        await an_end(sides, now=time.now)
    with pytest.raises(ChangeCheckFailed) as switching:
        await a_switch(sides, now=time.now)

    c_19 = [
        "OUTSTANDING_BILL",
        "UNRETURNED_INVOICE",
        "LIVE_RESERVED_INSTANCE",
        "SUPPORT_PLAN",
        "SPECIAL_CONTRACT",
        "FROZEN",
        "MASTER_WITH_INDEPENDENT_MEMBERS",
    ]
    assert [check.code for check in ending.value.checks] == c_19
    assert {check.rule for check in ending.value.checks} == {"C-19"}
    told = [(check.code, check.rule) for check in switching.value.checks]
    assert told == [
        *((code, "C-19") for code in c_19),
        ("CREDIT_ACCOUNT_NO_AGENCY", "C-18"),
        ("UNSPENT_STORED_CARD", "C-18"),
    ]
    assert "冻结" in switching.value.in_words("zh")
    await nothing_was_asked()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"has_debt": True}, "OUTSTANDING_BILL"),
        ({"owes_invoices": True}, "UNRETURNED_INVOICE"),
        ({"has_reserved_instance": True}, "LIVE_RESERVED_INSTANCE"),
        ({"has_support_plan": True}, "SUPPORT_PLAN"),
        ({"has_special_contract": True}, "SPECIAL_CONTRACT"),
        ({"freeze": Freeze.ACCOUNT_AND_RESOURCES}, "FROZEN"),
        (
            {"enterprise_role": EnterpriseRole.MASTER, "has_independent_members": True},
            "MASTER_WITH_INDEPENDENT_MEMBERS",
        ),
        ({"enterprise_role": EnterpriseRole.INDEPENDENT_MEMBER}, "INDEPENDENT_MEMBER"),
    ],
)
async def test_each_check_of_the_block_list_alone_forbids_it(
    time: Clock, facts: dict[str, Any], code: str
) -> None:
    sides = await both_sides(**facts)

    with pytest.raises(ChangeCheckFailed) as failed:
        await an_end(sides, now=time.now)

    assert [check.code for check in failed.value.checks] == [code]
    await nothing_was_asked()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"has_credit_account": True}, "CREDIT_ACCOUNT_NO_AGENCY"),
        ({"has_stored_value_card": True}, "UNSPENT_STORED_CARD"),
        ({"enterprise_role": EnterpriseRole.MANAGED_MEMBER}, "ENTERPRISE_MEMBER"),
    ],
)
async def test_what_forbids_agency_lets_a_referral_end_and_an_agency_become_one(
    time: Clock, facts: dict[str, Any], code: str
) -> None:
    referral = await both_sides(REFERRAL, **facts)
    with pytest.raises(ChangeCheckFailed) as failed:
        await a_switch(referral, now=time.now)
    assert [(check.code, check.rule) for check in failed.value.checks] == [(code, "C-18")]
    await nothing_was_asked()

    await an_end(referral, now=time.now)
    await a_switch(await both_sides(AGENCY, **facts), now=time.now)


async def test_later_domains_have_a_say(time: Clock) -> None:
    async def owes(wish: Wish) -> list[FailedChangeCheck]:
        assert wish.customer.id == sides.customer.id
        return [FailedChangeCheck(ChangeCheck.OUTSTANDING_BILL)]

    sides = await both_sides(has_special_contract=True)
    with CHECKS.also(funds=owes), pytest.raises(ChangeCheckFailed) as failed:
        await an_end(sides, now=time.now)

    codes = [check.code for check in failed.value.checks]
    assert codes == ["SPECIAL_CONTRACT", "OUTSTANDING_BILL"]
    await nothing_was_asked()


async def test_the_notice_has_to_be_understood_and_the_words_to_make_sense(time: Clock) -> None:
    sides = await both_sides()
    asking: dict[str, Any] = {
        "viewer": sides.partner,
        "customer_id": sides.customer.id,
        "now": time.now,
    }
    cases: tuple[tuple[dict[str, Any], type[Problem], tuple[str, ...]], ...] = (
        ({"reason": "x", "understood": False}, NoticeNotUnderstood, ("input", "understood")),
        ({"reason": " ", "understood": True}, InvalidInput, ("input", "reason")),
        ({"reason": "x" * 501, "understood": True}, InvalidInput, ("input", "reason")),
    )
    for given, problem, path in cases:
        with pytest.raises(problem) as refused:
            await changes.request_end(**asking, **given)
        assert refused.value.path == path
    with pytest.raises(AlreadyOfThisType) as already:
        await a_switch(sides, to=REFERRAL, now=time.now)
    assert already.value.type == "REFERRAL"
    await nothing_was_asked()


async def test_nobody_else_has_a_say_in_it(time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Corner shop", distributor=distributor)
    sides = await both_sides()
    sides.customer = await a_customer(of=reseller)
    manager, by_manager = await a_manager(reseller)
    sides.customer.manager_id = manager.id
    await sides.customer.save(update_fields=["manager_id"])
    other_buyer = await a_user_of(await a_customer())
    for viewer, problem in (
        (sides.partner, NotFound),
        (sides.buyer, NotFound),
        (other_buyer, NotFound),
        (await as_person(await a_person()), NotFound),
        (await an_administrator(distributor), CustomerOfAnotherPartner),
        (by_manager, Forbidden),
        (await a_staff_viewer(Item.ASSOCIATION_REVIEW), OnlyTheTwoSides),
    ):
        with pytest.raises(problem):
            await an_end(sides, by=viewer, now=time.now)
    # The right can be delegated.
    trusted = replace(by_manager, items=by_manager.items | {Item.ASSOCIATION_CHANGE})
    await an_end(sides, by=trusted, now=time.now)


async def test_who_belongs_to_nobody_has_nothing_to_change(time: Clock) -> None:
    sides = await both_sides()
    sides.customer = await a_customer()
    with pytest.raises(NotAssociated):
        await an_end(sides, by=await a_user_of(sides.customer), now=time.now)
    await nothing_was_asked()


async def test_one_change_after_the_other(time: Clock) -> None:
    sides = await both_sides()
    first = await a_switch(sides, now=time.now)

    for by in (sides.partner, sides.buyer):
        with pytest.raises(ChangeOpen) as refused:
            await an_end(sides, by=by, now=time.now)
        assert refused.value.status == "PENDING"

    assert await AssociationChange.all().count() == 1
    await deciding.reject(viewer=sides.buyer, change_id=first.id, reason="No", now=time.now)
    await an_end(sides, by=sides.buyer, now=time.now)


@pytest.mark.parametrize(
    ("asked_at", "free_from"),
    [
        # 31 January, 07:30 in Shanghai: April has thirty days.
        (datetime(2030, 1, 30, 23, 30, tzinfo=UTC), datetime(2030, 4, 29, 23, 30, tzinfo=UTC)),
        # Already 1 February there.
        (datetime(2030, 1, 31, 23, 30, tzinfo=UTC), datetime(2030, 4, 30, 23, 30, tzinfo=UTC)),
        # 30 November; February has twenty-eight.
        (datetime(2030, 11, 30, 12, 0, tzinfo=UTC), datetime(2031, 2, 28, 12, 0, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("side", ["partner", "buyer"])
async def test_a_side_asks_once_in_three_months_of_the_calendar_in_shanghai(
    side: str, asked_at: datetime, free_from: datetime
) -> None:
    """C-20, A-11."""
    sides = await both_sides()
    by = getattr(sides, side)
    change = await a_switch(sides, by=by, now=asked_at)
    await deciding.cancel(viewer=by, change_id=change.id, now=asked_at)

    with pytest.raises(ChangedRecently) as refused:
        await an_end(sides, by=by, now=free_from - MICROSECOND)
    assert refused.value.free_from == free_from
    assert (refused.value.maximum, refused.value.months) == (1, 3)
    assert await AssociationChange.all().count() == 1

    await an_end(sides, by=by, now=free_from)


async def test_the_three_months_are_each_sides_and_each_partners_own(time: Clock) -> None:
    sides = await both_sides()
    change = await a_switch(sides, now=time.now)
    await deciding.cancel(viewer=sides.partner, change_id=change.id, now=time.now)

    theirs = await an_end(sides, by=sides.buyer, now=time.now)
    await deciding.reject(viewer=sides.partner, change_id=theirs.id, reason="Stay", now=time.now)

    partner = await a_partner("Next")
    await AssociationChange.all().update(partner_id=partner.id)
    await an_end(sides, now=time.now)
    await AssociationChange.filter(partner_id=sides.partner.partner_id).delete()
    with pytest.raises(ChangedRecently):
        await an_end(sides, by=sides.buyer, now=time.now)


async def test_a_change_that_nobody_decided_in_time_makes_room(
    time: Clock, thirty_days: timedelta
) -> None:
    sides = await both_sides()
    first = await a_switch(sides, now=time.now)
    assert first.expires_at == time.now + thirty_days
    with pytest.raises(ChangeOpen):
        await an_end(sides, by=sides.buyer, now=first.expires_at - MICROSECOND)

    await an_end(sides, by=sides.buyer, now=first.expires_at)

    lapsed = await AssociationChange.get(id=first.id)
    assert (lapsed.status, lapsed.decided_at) == (Status.TIMED_OUT, first.expires_at)
    assert await history(first.id) == ["requested", "timed_out"]


async def test_a_partner_that_asks_for_codes_asks_for_one_here_and_its_customer_for_none(
    time: Clock,
) -> None:
    """O-10, O-11."""
    sides = await both_sides()
    await steps.set_enabled(viewer=sides.partner, enabled=True, now=time.now)
    await Event.all().delete()
    for operation, ask in (
        ("associationSwitchRequest", a_switch),
        ("associationEndRequest", an_end),
    ):
        with pytest.raises(StepUpRequired) as required:
            await ask(sides, now=time.now)
        assert required.value.operation == operation
    await nothing_was_asked()

    sent = await steps.request_code(
        viewer=sides.partner, operation="associationEndRequest", now=time.now
    )
    change = await changes.request_end(
        viewer=sides.partner,
        customer_id=sides.customer.id,
        reason="Bye",
        understood=True,
        step_up_code=links.code(steps.PURPOSE, id=sent.id),
        now=time.now,
    )
    await deciding.cancel(viewer=sides.partner, change_id=change.id, now=time.now)
    change = await an_end(sides, by=sides.buyer, now=time.now)
    for verb in (deciding.approve, deciding.reject):
        more: dict[str, Any] = {"reason": "x"} if verb is deciding.reject else {}
        with pytest.raises(StepUpRequired):
            await verb(viewer=sides.partner, change_id=change.id, now=time.now, **more)
    assert (await AssociationChange.get(id=change.id)).status is Status.PENDING
