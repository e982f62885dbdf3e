"""What a customer must not be to be associated (C-03…C-06, C-18): all of it is told at once."""

from datetime import timedelta
from typing import Any

import pytest

from domain.associations import checks, landing
from domain.associations.checks import AGENCY_ONLY, AssociationCheck
from domain.associations.guards import CustomerSeatNeeded
from kit.problems import InvalidInput
from models.audit import Event
from models.customer_invitations import CustomerInvitation
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import Association, AssociationType, Customer, EnterpriseRole
from models.partners import Site
from models.reports import CustomerReport, ReportStatus
from models.timers import Timer
from tests.associations.factories import a_link, a_mailed_invitation, accepted, token_of
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_partner, a_person, an_administrator, as_person
from tests.reports.factories import a_lead, a_live_report

pytestmark = pytest.mark.usefixtures("database")

Check = AssociationCheck

FACTS: list[tuple[dict[str, Any], AssociationCheck]] = [
    ({"has_credit_account": True}, Check.CREDIT_ACCOUNT_NO_AGENCY),
    ({"is_partner": True}, Check.IS_OR_APPLYING_PARTNER),
    ({"has_special_contract": True}, Check.SPECIAL_CONTRACT),
    ({"has_debt": True}, Check.OUTSTANDING_BILL),
    ({"site": Site.INTERNATIONAL}, Check.WRONG_SITE),
    ({"owned_by_direct_sales": True}, Check.DIRECT_SALES_OWNED),
    ({"has_reserved_instance": True}, Check.LIVE_RESERVED_INSTANCE),
    ({"owes_invoices": True}, Check.UNRETURNED_INVOICE),
    ({"has_stored_value_card": True}, Check.UNSPENT_STORED_CARD),
    ({"enterprise_role": EnterpriseRole.MANAGED_MEMBER}, Check.ENTERPRISE_MEMBER),
    ({"enterprise_role": EnterpriseRole.INDEPENDENT_MEMBER}, Check.ENTERPRISE_MEMBER),
    (
        {"enterprise_role": EnterpriseRole.MASTER, "has_independent_members": True},
        Check.MASTER_WITH_INDEPENDENT_MEMBERS,
    ),
]


async def judged(customer: Customer, type: AssociationType, **known: bool) -> list[str]:
    found = checks.failures(
        customer,
        type=type,
        partner=await a_partner(),
        is_partner=known.get("is_partner", False),
        is_reported=known.get("is_reported", False),
        has_card=known.get("has_card", False),
    )
    return [check.code for check in found]


@pytest.mark.parametrize(("facts", "code"), FACTS)
async def test_each_check_fails_for_the_type_that_it_is_about(
    facts: dict[str, Any], code: AssociationCheck
) -> None:
    customer = await a_customer(**facts)

    assert await judged(customer, AssociationType.AGENCY) == [code]
    referral = await judged(customer, AssociationType.REFERRAL)
    assert referral == ([] if code in AGENCY_ONLY else [code])


async def test_a_customer_of_a_partner_is_taken() -> None:
    customer = await a_customer(of=await a_partner())

    for type in AssociationType:
        assert await judged(customer, type) == ["ALREADY_ASSOCIATED"]


async def test_what_is_none_of_these_passes() -> None:
    customer = await a_customer(
        enterprise_role=EnterpriseRole.MASTER, has_cash_consumption=True, has_support_plan=True
    )

    for type in AssociationType:
        assert await judged(customer, type) == []


async def test_a_report_opens_what_direct_sales_looks_after() -> None:
    customer = await a_customer(owned_by_direct_sales=True)

    assert await judged(customer, AssociationType.REFERRAL, is_reported=True) == []


async def test_every_check_says_what_to_do_in_both_languages() -> None:
    for check in checks.told(list(AssociationCheck)):
        assert check.in_words("en").count(".") >= 2
        assert check.in_words("zh-CN").count("。") >= 2


async def test_the_account_of_a_partner_is_no_customer_s(time: Clock) -> None:
    """C-04, also for who has only begun to apply: it is registered as a partner by then."""
    other = await a_partner("Other")
    customer = await a_customer(account_name=other.account_name)
    sent = await a_link(by=await an_administrator(await a_partner()), now=time.now)

    with pytest.raises(checks.AssociationCheckFailed) as refused:
        await accepted(sent, by=await a_user_of(customer), now=time.now)

    assert [check.code for check in refused.value.checks] == ["IS_OR_APPLYING_PARTNER"]


async def test_all_that_fails_is_told_at_once_and_kept(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead()
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now, type=AssociationType.AGENCY)
    facts = {name: value for facts, _ in FACTS for name, value in facts.items()}
    facts["owned_by_direct_sales"] = True  # reported, so that this is in nobody's way
    await Customer.filter(id=lead.id).update(**facts, partner_id=None)
    time.forward(hours=1)

    answer = await accepted(sent, by=user, now=time.now)

    expected = [
        "CREDIT_ACCOUNT_NO_AGENCY",
        "IS_OR_APPLYING_PARTNER",
        "SPECIAL_CONTRACT",
        "OUTSTANDING_BILL",
        "WRONG_SITE",
        "LIVE_RESERVED_INSTANCE",
        "UNRETURNED_INVOICE",
        "UNSPENT_STORED_CARD",
        "MASTER_WITH_INDEPENDENT_MEMBERS",
    ]
    assert answer.association is None
    assert answer.refusal is not None
    assert [check.code for check in answer.refusal.checks] == expected
    stored = await CustomerInvitation.get()
    assert (stored.status, stored.failed_checks) == (Status.FAILED, expected)
    assert stored.decided_at is None
    event = await Event.get(name="customer_invitation.failed")
    assert (event.before["status"], event.after["failed_checks"]) == ("SENT", expected)
    assert event.actor_id == user.person_id
    assert not await Association.exists()
    assert (await CustomerReport.get()).status is ReportStatus.REPORTED
    assert await Timer.filter(state="SCHEDULED").count() == 2


async def test_what_failed_can_be_tried_again_until_the_end(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead(has_special_contract=True)
    user = await a_user_of(lead)
    sent = await a_mailed_invitation(by=by, to=lead, now=time.now)
    await accepted(sent, by=user, now=time.now)
    await accepted(sent, by=user, now=time.now)
    assert await Event.filter(name="customer_invitation.failed").count() == 1
    await Customer.filter(id=lead.id).update(has_debt=True)
    await accepted(sent, by=user, now=time.now)
    assert await Event.filter(name="customer_invitation.failed").count() == 2
    await Customer.filter(id=lead.id).update(has_special_contract=False, has_debt=False)
    time.forward(days=6, hours=23)

    answer = await accepted(sent, by=user, now=time.now)

    assert answer.association is not None
    stored = await CustomerInvitation.get()
    assert (stored.status, stored.failed_checks) == (Status.ACCEPTED, [])


async def test_the_same_customer_passes_as_referral_and_fails_as_agency(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    customer = await a_customer(has_credit_account=True)
    user = await a_user_of(customer)
    agency = await a_link(by=by, now=time.now, type=AssociationType.AGENCY)
    referral = await a_link(by=by, now=time.now)

    with pytest.raises(checks.AssociationCheckFailed) as refused:
        await accepted(agency, by=user, now=time.now)
    [check] = refused.value.checks
    assert (check.code, check.rule, check.agency_only) == (
        *(Check.CREDIT_ACCOUNT_NO_AGENCY, "C-03"),
        True,
    )
    assert not await Event.exists(name="customer_invitation.failed")

    assert (await accepted(referral, by=user, now=time.now)).association is not None


async def test_direct_sales_customers_come_by_a_link_only_when_they_are_reported(
    time: Clock,
) -> None:
    by = await an_administrator(await a_partner())
    lead = await a_lead(owned_by_direct_sales=True, registered_at=time.now)
    user = await a_user_of(lead)
    sent = await a_link(by=by, now=time.now)

    with pytest.raises(checks.AssociationCheckFailed) as refused:
        await accepted(sent, by=user, now=time.now)
    assert [check.code for check in refused.value.checks] == ["DIRECT_SALES_OWNED"]
    await a_live_report(by=by, of=lead, now=time.now)

    assert (await accepted(sent, by=user, now=time.now)).association is not None


async def preview(viewer: Any, now: Any, **about: Any) -> list[str] | None:
    type = about.pop("type", AssociationType.AGENCY)
    found = await landing.preview(viewer=viewer, type=type, now=now, **about)
    return None if found is None else [check.code for check in found]


async def test_the_checks_can_be_seen_before_and_change_nothing(time: Clock) -> None:
    partner = await a_partner()
    by = await an_administrator(partner)
    lead = await a_lead(has_credit_account=True)
    user = await a_user_of(lead)
    report = await a_live_report(by=by, of=lead, now=time.now)
    link = await a_link(by=by, now=time.now)
    mine = await a_customer(of=partner)
    events = await Event.all().count()

    credit = ["CREDIT_ACCOUNT_NO_AGENCY"]
    assert await preview(by, time.now, report_id=report.id) == credit
    assert await preview(by, time.now, report_id=report.id, type=AssociationType.REFERRAL) == []
    assert await preview(by, time.now, customer_id=mine.id) == ["ALREADY_ASSOCIATED"]
    assert await preview(user, time.now, token=token_of(link)) == credit
    assert await Event.all().count() == events


async def test_nobody_looks_into_the_accounts_of_others(time: Clock) -> None:
    by = await an_administrator(await a_partner())
    foreign = await an_administrator(await a_partner("Foreign"))
    lead = await a_lead()
    report = await a_live_report(by=by, of=lead, now=time.now)
    mailed = await a_mailed_invitation(by=by, now=time.now)
    stranger = await a_user_of(await a_customer())

    assert await preview(foreign, time.now, report_id=report.id) is None
    assert await preview(by, time.now, customer_id=lead.id) is None
    assert await preview(by, time.now + timedelta(days=15), report_id=report.id) is None
    assert await preview(stranger, time.now, token=token_of(mailed)) is None
    assert await preview(stranger, time.now, token="x") is None
    with pytest.raises(CustomerSeatNeeded):
        await preview(await as_person(await a_person()), time.now, token=token_of(mailed))
    with pytest.raises(InvalidInput):
        await preview(by, time.now, report_id=report.id, customer_id=lead.id)
