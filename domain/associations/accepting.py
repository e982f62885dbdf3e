"""The customer's answer to an invitation: yes, with consent, if all checks pass (domain.md 5.4)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.associations import associating, cards, checks, deadlines, guards, history, letters
from domain.associations.checks import AssociationCheckFailed, FailedAssociationCheck
from domain.associations.guards import InvitedAnotherCustomer
from domain.associations.invitations import is_account_manager
from domain.associations.policy import INVITATIONS
from domain.customers import assignments
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.reports import leads, reports
from kit import links
from kit.guards import refuse
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import lock, transactional
from models.customer_invitations import CustomerInvitation, InvitationChannel
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import Association, AssociationType, Customer
from models.partners import Partner
from models.reports import CustomerReport


class NoticeNotAccepted(Problem):
    """No customer is associated that has not agreed to what the partner then sees and does."""

    en = (
        "Accepting lets the partner see your company's account, orders and consumption;"
        " agree to the notice first."
    )
    zh = "接受邀请后,伙伴可查看贵司的帐号、订单和消费信息,请先同意告知书。"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an answer: an association, or what is to be put right before it is tried again.

    With a `refusal` the invitation by mail stands at FAILED, which is to be committed.
    """

    invitation: CustomerInvitation
    association: Association | None = None
    refusal: AssociationCheckFailed | None = None


@transactional
async def accept(
    *,
    viewer: Viewer,
    invitation_id: UUID | None = None,
    token: str | None = None,
    consent: bool,
    now: datetime,
) -> Answer:
    """Associate the viewer's customer with the inviting partner, in the way that it offers.

    By the token of the link, or by id for the customer it was mailed to. What the checks find is
    answered as `refusal` when the invitation came by mail, which has FAILED then and can be tried
    again; it is raised for a link, which stays as it is. Raises CustomerSeatNeeded,
    InvitedAnotherCustomer, InvitationExpired from the deadline on though no worker may have run,
    InvitationVoid when the report was over before, WrongStatus, NoticeNotAccepted.
    """
    permissions.require(viewer, "customerInvitationAccept")
    seen = await _find(viewer, invitation_id, token, now)
    refuse(guards.seat(viewer))
    # Two partners' invitations accepted at once queue up here, and the second comes too late.
    customer = await lock(Customer, id=viewer.customer_id)
    assert customer is not None
    invitation, report = await _hold(seen, token)
    refuse(guards.accept(invitation, viewer, now))
    if report is not None and invitation.customer_id is None:
        _refuse_strangers(customer, invitation, report)
    if not consent:
        raise NoticeNotAccepted(path=("input", "consent"))
    partner = await Partner.get(id=invitation.partner_id)
    if failed := await judge(
        customer, partner=partner, type=invitation.type, report=report, now=now
    ):
        return await _fail(invitation, customer, failed, viewer=viewer, now=now)

    await _count(invitation, customer, viewer=viewer, now=now)
    association = await associating.associate(
        viewer=viewer,
        customer=customer,
        partner_id=partner.id,
        type=invitation.type,
        manager_id=await _manager(invitation),
        tag=invitation.tag,
        invitation_id=invitation.id,
        report_id=invitation.report_id,
        now=now,
    )
    await letters.announce_customer(invitation, customer=customer, partner=partner, now=now)
    return Answer(invitation, association)


async def judge(
    customer: Customer,
    *,
    partner: Partner,
    type: AssociationType,
    report: CustomerReport | None,
    now: datetime,
) -> list[FailedAssociationCheck]:
    """All that a customer fails now; `report` is the one behind an invitation by mail."""
    if report is None:
        held = await reports.live_reports_of(customer=customer, partner_id=partner.id, now=now)
        report = held[0] if held else None
    return checks.failures(
        customer,
        type=type,
        partner=partner,
        is_partner=await Partner.exists(account_name=customer.account_name),
        is_reported=report is not None,
        has_card=await cards.is_unspent(customer.id, now=now),
    )


async def by_token(token: str) -> CustomerInvitation | None:
    """The invitation that a link opens; None for unknown and for old tokens."""
    id = links.subject_of(token)
    invitation = await CustomerInvitation.get_or_none(id=id) if id else None
    return invitation if invitation and links.is_token(token, invitation.token_hash) else None


async def _find(
    viewer: Viewer, invitation_id: UUID | None, token: str | None, now: datetime
) -> CustomerInvitation:
    if (invitation_id is None) == (token is None):
        raise InvalidInput(
            reason="Name the invitation either by its id or by the token of its link.",
            reason_zh="请提供邀请 ID 或链接中的令牌,二者择一。",
            path=("input",),
        )
    if token is not None:
        seen = await by_token(token)
    else:
        assert invitation_id is not None
        await INVITATIONS.require(
            CustomerInvitation, invitation_id, viewer=viewer, now=now, thing="invitation"
        )
        seen = await CustomerInvitation.get(id=invitation_id)
    if seen is None:
        raise NotFound(thing="invitation")
    return seen


async def _hold(
    seen: CustomerInvitation, token: str | None
) -> tuple[CustomerInvitation, CustomerReport | None]:
    """The report before the invitation that hangs on it, as everyone locks them."""
    report = await lock(CustomerReport, id=seen.report_id) if seen.report_id else None
    invitation = await lock(CustomerInvitation, id=seen.id)
    assert invitation is not None
    if token is not None and not links.is_token(token, invitation.token_hash):
        raise NotFound(thing="invitation")
    if invitation.report_id != seen.report_id:
        report = await lock(CustomerReport, id=invitation.report_id)
    return invitation, report


def _refuse_strangers(
    customer: Customer, invitation: CustomerInvitation, report: CustomerReport
) -> None:
    """Of a lead that had no account (C-15) the account is known by any of the lead's marks."""
    reported = leads.marks_of(
        account_name=report.account_name, email=report.email, phone=report.phone
    )
    mailed = leads.marks_of(account_name=None, email=invitation.email, phone=None)
    if not {*reported, *mailed} & {*leads.marks_of_customer(customer)}:
        raise InvitedAnotherCustomer()


async def _fail(
    invitation: CustomerInvitation,
    customer: Customer,
    failed: list[FailedAssociationCheck],
    *,
    viewer: Viewer,
    now: datetime,
) -> Answer:
    refusal = AssociationCheckFailed(checks=failed)
    if invitation.channel is InvitationChannel.LINK:
        raise refusal
    codes = [check.code.value for check in failed]
    before, known = invitation.status, invitation.failed_checks
    has_failed = before is Status.FAILED
    if has_failed and known == codes:
        return Answer(invitation, refusal=refusal)
    if not has_failed:
        invitation.status = before.to(Status.FAILED)
    invitation.failed_checks = codes
    invitation.customer_id = customer.id
    invitation.version += 1
    await invitation.save(update_fields=["status", "failed_checks", "customer_id", "version"])
    await history.of_invitation(
        "failed",
        invitation,
        viewer=viewer,
        before={"status": before.value, "failed_checks": known},
        after={"failed_checks": codes},
        person_id=viewer.person_id,
        now=now,
    )
    return Answer(invitation, refusal=refusal)


async def _count(
    invitation: CustomerInvitation, customer: Customer, *, viewer: Viewer, now: datetime
) -> None:
    """An invitation by mail is used up; a link goes on."""
    before = invitation.status
    if invitation.channel is InvitationChannel.EMAIL:
        invitation.status = before.to(Status.ACCEPTED)
        invitation.customer_id = customer.id
        invitation.failed_checks = []
        invitation.decided_at = now
        await deadlines.cancel([invitation.id])
    invitation.accepted_count += 1
    invitation.version += 1
    await invitation.save(
        update_fields=[
            "status",
            "customer_id",
            "failed_checks",
            "decided_at",
            "accepted_count",
            "version",
        ]
    )
    await history.of_invitation(
        "accepted",
        invitation,
        viewer=viewer,
        before={"status": before.value, "accepted_count": invitation.accepted_count - 1},
        after={"accepted_count": invitation.accepted_count},
        person_id=viewer.person_id,
        now=now,
    )


async def _manager(invitation: CustomerInvitation) -> UUID | None:
    """Who has the customer: whose invitation it is, while that is an account manager's seat."""
    seat_id = await assignments.living_seat(invitation.manager_id, partner_id=invitation.partner_id)
    return seat_id if seat_id and await is_account_manager(seat_id) else None
