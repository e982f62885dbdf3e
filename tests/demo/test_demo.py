"""The demo: complete, in order, and loaded once."""

import re
from collections import Counter
from datetime import timedelta

import pytest

from domain.identity import passwords, presets
from models.associations import (
    AssociationChange,
    AuthorizationEnd,
    AuthorizationStatus,
    ChangeInitiator,
    ChangeKind,
    ChangeStatus,
    OnBehalfAuthorization,
)
from models.audit import Event
from models.catalogue import (
    ChargeMode,
    Goods,
    GoodsCategory,
    GoodsKind,
    GoodsPolicy,
    IncentiveStrategy,
    ShareModel,
    Sku,
    SkuPrice,
)
from models.certification import (
    BusinessInformation,
    BusinessInformationStatus,
    ImprovementPlan,
    ImprovementPlanStatus,
    PathStage,
    RoleCertification,
)
from models.customer_invitations import (
    CustomerInvitation,
    CustomerInvitationStatus,
    InvitationChannel,
)
from models.customers import (
    Association,
    AssociationType,
    Customer,
    CustomerAssignment,
    CustomerLevel,
    CustomerTag,
    Freeze,
    SupervisorLink,
)
from models.identity import Operator, Person, Role, StaffMember
from models.inbox import InboxMessage, TextMessage, Topic
from models.incentives import Incentive, IncentivePolicy
from models.members import Member, MemberInvitation, MemberProject, SpecialistStatus
from models.members import MemberInvitationStatus as Status
from models.notifications import Mail
from models.offers import (
    ApplicationStatus,
    ExclusiveOffer,
    OfferOrigin,
    OfferStatus,
    PrivateLink,
    QuotationKind,
    SpecialApplication,
)
from models.partners import Partner
from models.private_offers import PrivateOffer, PrivateOfferStatus, PrivateOfferVersion, TermsStatus
from models.programmes import (
    AgreementSignature,
    ProgrammeApplication,
    ProgrammeApplicationStatus,
    ProgrammeInvitation,
    ProgrammeInvitationStatus,
)
from models.reports import CustomerReport, ReportStatus
from models.requirements import CustomerRequirement, Rejection, RequirementStatus
from models.statement_steps import StatementSignature
from models.statements import Statement, StatementStatus
from models.timers import Timer
from partner_center import demo
from partner_center.demo import people
from partner_center.demo.names import COMPANIES
from schema import event_changes
from tests.conftest import Clock
from tests.demo.consumption import something_was_spent_and_used
from tests.demo.exports import files_can_be_had
from tests.demo.funds import money_has_come_and_gone
from tests.demo.orders import orders_are_in_every_state_that_people_work_with
from tests.demo.vouchers import every_state_of_vouchers_is_there

FINAL = {"accepted", "rejected", "revoked", "expired"}


@pytest.mark.usefixtures("loaded")
async def test_the_demo_has_everything_and_is_loaded_once(time: Clock) -> None:
    events = await Event.all().count()
    await demo.fill(has_mail_server=False, now=time.now)

    assert await Event.all().count() == events
    await the_cast_is_complete()
    await every_state_is_there()
    await every_state_of_programmes_is_there()
    await every_state_of_customers_is_there(time)
    await every_state_of_invitations_is_there(time)
    await every_state_of_changes_is_there()
    await the_store_is_full(time)
    await every_state_of_offers_is_there(time)
    await every_state_of_joint_sales_is_there(time)
    await every_state_of_vouchers_is_there()
    await money_has_come_and_gone()
    await orders_are_in_every_state_that_people_work_with()
    await something_was_spent_and_used()
    await last_month_is_settled()
    await every_history_is_in_order(time)
    await the_clock_is_running(time)
    await only_open_links_are_still_to_be_mailed()
    await files_can_be_had(time.now)
    await everybody_has_an_inbox(time)


async def the_cast_is_complete() -> None:
    kinds = Counter(partner.kind.value for partner in await Partner.all())
    assert kinds == {"SOLUTION_PROVIDER": 8, "DISTRIBUTOR": 3, "RESELLER": 9, "MERCHANT": 6}
    assert {partner.tier for partner in await Partner.all()} == {1, 2, 3}
    assert await Member.filter(unlinked_at=None).count() >= 500
    assert await Operator.all().count() >= 20
    assert await StaffMember.all().count() == 4
    assert await Customer.filter(partner_id__not_isnull=True).count() >= 200
    assert {role.code for role in await Role.all()} >= set(presets.Preset)
    for account in demo.accounts():
        person = await Person.get(email=account.email)
        assert person.password_hash is not None
    assert await passwords.is_right(demo.PASSWORD, person.password_hash)


async def last_month_is_settled() -> None:
    """In two tax rates; one statement waits for its invoice, signed by two more people.

    Of the month before, statements were paid, or went wrong.
    """
    made = await Statement.all()
    assert len({statement.goods_tax_rate for statement in made if statement.goods_tax_rate}) == 2
    [waits] = [each for each in made if each.status is StatementStatus.TO_INVOICE]
    assert {each.status for each in made} >= {
        *(StatementStatus.PAID, StatementStatus.PAY_FAILED),
        *(StatementStatus.INVOICE_REJECTED, StatementStatus.CANCELLED),
    }
    signed = await StatementSignature.filter(statement_id=waits.id).values_list(
        "signed_by", flat=True
    )
    assert len(set(signed)) == 2
    policies = {policy.code: policy for policy in await IncentivePolicy.all()}
    assert set(policies) == {"DISTRIBUTOR-MONTH", "CSP-QUARTER", "CSP-MONTH", "REGION-GROWTH"}
    for code in policies:
        assert await Incentive.filter(code=code, amount__gt=0).exists()


async def the_store_is_full(time: Clock) -> None:
    goods = await Goods.all()
    assert len(goods) == 60
    assert {each.kind for each in goods} == set(GoodsKind)
    assert {each.category for each in goods} == set(GoodsCategory)
    assert len({each.merchant_id for each in goods}) == 7
    assert {(each.on_sale, each.is_listed) for each in goods} == {
        (True, True),
        (False, True),
        (False, False),
    }
    assert {sku.charge_mode for sku in await Sku.all()} == set(ChargeMode)
    policies = await GoodsPolicy.all()
    assert {policy.strategy for policy in policies} == set(IncentiveStrategy)
    assert {policy.share_model for policy in policies} == set(ShareModel)
    assert any(policy.valid_from > time.now for policy in policies)
    assert len(policies) > len({policy.goods_id for policy in policies})
    assert await SkuPrice.filter(valid_from__gt=time.now).exists()


async def every_state_of_offers_is_there(time: Clock) -> None:
    statuses = Counter(offer.status for offer in await ExclusiveOffer.all())
    assert statuses.keys() == set(OfferStatus) - {OfferStatus.SYSTEM_REVIEW}  # that takes no time
    applications = Counter(row.status for row in await SpecialApplication.all())
    assert applications.keys() == set(ApplicationStatus)
    assert {offer.origin for offer in await ExclusiveOffer.all()} == set(OfferOrigin)
    assert {offer.quotation for offer in await ExclusiveOffer.all()} == set(QuotationKind)
    assert await PrivateLink.filter(opened=3).count() == 1
    soon = time.now + timedelta(minutes=5)
    assert await ExclusiveOffer.filter(status="SCHEDULED", effective_at__lt=soon).count() == 1


async def every_state_of_joint_sales_is_there(time: Clock) -> None:
    requirements = await CustomerRequirement.all()
    assert {row.status for row in requirements} == set(RequirementStatus)
    assert {row.rejection for row in requirements} == {*Rejection, None}
    assert any(row.reminded_at for row in requirements if row.status == "PENDING_MERCHANT")
    soon = time.now + timedelta(minutes=6)
    assert any(
        row.expires_at and row.expires_at < soon
        for row in requirements
        if row.status is RequirementStatus.PENDING_MERCHANT
    )
    assert {row.status for row in await PrivateOffer.all()} == set(PrivateOfferStatus)
    assert {row.status for row in await PrivateOfferVersion.all()} == set(TermsStatus)
    assert await PrivateOffer.exists(cloned_from__not_isnull=True)
    assert await PrivateOffer.exists(requirement_id=None, cloned_from=None)


async def every_state_is_there() -> None:
    statuses = Counter(row.status for row in await MemberInvitation.all())
    assert all(statuses[status] >= 10 for status in Status), statuses
    specialists = Counter(row.specialist for row in await Member.all())
    assert all(specialists[status] >= 5 for status in SpecialistStatus), specialists
    assert await MemberProject.all().count() > 100


async def every_state_of_programmes_is_there() -> None:
    for rows, states in (
        (ProgrammeApplication, ProgrammeApplicationStatus),
        (ProgrammeInvitation, ProgrammeInvitationStatus),
        (BusinessInformation, BusinessInformationStatus),
        (ImprovementPlan, ImprovementPlanStatus),
    ):
        assert {row.status for row in await rows.all()} == set(states)
    assert {row.stage for row in await RoleCertification.all()} == set(PathStage)
    assert await AgreementSignature.exists(on_paper=True)


async def every_state_of_customers_is_there(time: Clock) -> None:
    statuses = Counter(report.status for report in await CustomerReport.all())
    assert all(statuses[status] >= 20 for status in ReportStatus), statuses
    soon = time.now + timedelta(minutes=5)
    assert await CustomerReport.filter(status=ReportStatus.REPORTED, expires_at__lt=soon).exists()
    customers = await Customer.filter(partner_id__not_isnull=True)
    assert {customer.freeze for customer in customers} == set(Freeze)
    assert {customer.association_type for customer in customers} == set(AssociationType)
    assert {customer.level for customer in customers} == set(CustomerLevel)
    assert any(customer.frozen_by_platform for customer in customers)
    assert await CustomerTag.exists()
    assert await SupervisorLink.exists(to_at=None)
    for customer in customers:
        held = await CustomerAssignment.filter(customer_id=customer.id, to_at=None)
        managers = [customer.manager_id] if customer.manager_id else []
        assert [assignment.manager_id for assignment in held] == managers


async def every_state_of_invitations_is_there(time: Clock) -> None:
    statuses = Counter(row.status for row in await CustomerInvitation.filter(channel="EMAIL"))
    assert all(statuses[status] >= 10 for status in CustomerInvitationStatus), statuses
    links = Counter(row.status for row in await CustomerInvitation.filter(channel="LINK"))
    assert links.keys() == {CustomerInvitationStatus.SENT, CustomerInvitationStatus.CANCELLED}
    soon = time.now + timedelta(minutes=6)
    assert await CustomerInvitation.filter(status="SENT", expires_at__lt=soon).count() == 1
    buyer = await Customer.get(account_name="changjiang")
    assert await CustomerInvitation.exists(customer_id=buyer.id, status="SENT")
    for customer in await Customer.filter(partner_id__not_isnull=True):
        association = await Association.get(id=customer.association_id)
        assert (association.partner_id, association.type) == (
            customer.partner_id,
            customer.association_type,
        )
        assert association.customer_id == customer.id
        assert association.invitation_id is not None


async def every_state_of_changes_is_there() -> None:
    statuses = Counter(change.status for change in await AssociationChange.all())
    # What both have agreed on is done in the same second.
    assert set(statuses) == set(ChangeStatus) - {ChangeStatus.APPROVED}
    assert {change.kind for change in await AssociationChange.all()} == set(ChangeKind)
    assert {change.initiator for change in await AssociationChange.all()} == set(ChangeInitiator)
    leaves = await OnBehalfAuthorization.all()
    assert {leave.status for leave in leaves} == set(AuthorizationStatus)
    assert {leave.end_reason for leave in leaves} - {None} == set(AuthorizationEnd)


async def every_history_is_in_order(time: Clock) -> None:
    told: dict[object, list[Event]] = {}
    for event in await Event.filter(subject_type="member_invitation").order_by("id"):
        told.setdefault(event.subject_id, []).append(event)
    for events in told.values():
        moments = [event.occurred_at for event in events]
        assert moments == sorted(moments)
        assert moments[-1] <= time.now
        ends = Counter(
            event.after["generation"]
            for event in events
            if event.name.removeprefix("member_invitation.") in FINAL
        )
        assert all(count == 1 for count in ends.values())


async def the_clock_is_running(time: Clock) -> None:
    """Nothing is overdue, nothing was late, and one invitation lapses in a few minutes."""
    assert not await Timer.exists(state="SCHEDULED", due_at__lte=time.now)
    assert not await Timer.exists(state="DEAD")
    assert {timer.lateness_ms for timer in await Timer.filter(state="FIRED")} == {0}
    next_end = await MemberInvitation.filter(status=Status.PENDING).order_by("expires_at").first()
    assert next_end is not None
    assert next_end.expires_at - time.now == timedelta(minutes=3)
    assert next_end.reminded_at is not None


async def only_open_links_are_still_to_be_mailed() -> None:
    members = await MemberInvitation.filter(status=Status.PENDING)
    customers = await CustomerInvitation.filter(status="SENT", channel=InvitationChannel.EMAIL)
    waiting = await Mail.filter(status="QUEUED")
    open_ones = {str(row.id) for row in (*members, *customers)}
    assert {mail.facts["link"]["id"] for mail in waiting} == open_ones


@pytest.mark.usefixtures("database")
async def test_nobody_in_the_demo_gets_a_real_mail(
    time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two houses are enough for this.
    monkeypatch.setattr(people, "COMPANIES", COMPANIES[:2])

    await demo.fill(has_mail_server=True, now=time.now)

    assert await Mail.exists(status="SENT")
    assert not await Mail.exists(status="QUEUED")


@pytest.mark.usefixtures("loaded")
async def test_every_event_of_the_demo_is_told_in_the_words_of_the_api() -> None:
    for event in await Event.all():
        for change in event_changes.changes(event, None):
            assert re.fullmatch(r"[a-z][A-Za-z0-9]*|[A-Z_]+", change.field), event.name
            assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", f"{change.before} {change.after}")


async def everybody_has_an_inbox(time: Clock) -> None:
    """Of several seats and kinds, with the latest still to be read; of resellers for one."""
    seats: dict[str, set[Topic]] = {}
    for email in ("admin@qingyun", "manager@qingyun", "admin@zhongxin", "admin@moyun"):
        person = await Person.get(email=f"{email}.example")
        messages = await InboxMessage.filter(person_id=person.id)
        seats[email] = {message.topic for message in messages}
        assert messages, email
        assert all(
            (each.read_at is None) == (each.occurred_at >= time.now - timedelta(days=5))
            for each in messages
        )
    assert Topic.RESELLER in seats["admin@zhongxin"]
    assert Topic.RESELLER not in seats["admin@qingyun"]
    assert await InboxMessage.filter(read_at=None).exists()
    assert not await TextMessage.filter(status="QUEUED").exists()
    assert not await Mail.filter(status="HELD").exists()
