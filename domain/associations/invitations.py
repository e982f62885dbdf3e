"""Inviting customers: the reported one by mail, anybody by a link or QR code (C-02, C-17)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.associations import deadlines, guards, history, letters
from domain.associations.policy import INVITATIONS
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.partners.own import own_partner
from domain.reports.policy import REPORTS
from kit import database, links
from kit.addresses import mail_address
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput, Problem
from kit.transaction import transactional
from kit.violations import answering
from models.customer_invitations import CustomerInvitation, InvitationChannel
from models.customer_invitations import CustomerInvitationStatus as Status
from models.customers import AssociationType, Customer
from models.partners import Partner, PartnerKind
from models.reports import CustomerReport

LONGEST_TAG = 64


class CustomerAlreadyInvited(Problem):
    """An earlier invitation of the reported customer to the same type still waits for an answer."""

    en = "The customer has an open invitation of this type, until {expires_at:%Y-%m-%d %H:%M} UTC."
    zh = "该客户已有同类型的待处理邀请,有效期至 {expires_at:%Y-%m-%d %H:%M}(UTC)。"
    about = {"expires_at": "Until when the earlier invitation can be accepted."}
    expires_at: datetime


class MerchantsDontInvite(Problem):
    """A merchant sells goods at the marketplace and develops no customers of its own."""

    en = "Merchants don't invite customers."
    zh = "商家不支持邀请客户。"


class LinkRow(Protocol):
    """The columns that decide whether a link is shown."""

    @property
    def id(self) -> UUID: ...
    @property
    def partner_id(self) -> UUID: ...
    @property
    def channel(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def generation(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation on its way, and the link that opens it."""

    invitation: CustomerInvitation
    link: str


@transactional
async def invite_by_mail(
    *,
    viewer: Viewer,
    report_id: UUID,
    type: AssociationType,
    email: str | None = None,
    now: datetime,
) -> Sent:
    """Invite the customer of a live report, for seven times 24 hours or as long as that lasts.

    To the report's address or else the account's; `email` is for who has neither. Raises
    ReportNeeded, CustomerAlreadyInvited for a second one of the type, MerchantsDontInvite.
    """
    permissions.require(viewer, "customerInviteByMail")
    given = mail_address(email, path=("input", "email")) if email and email.strip() else None
    partner = await _own_partner(viewer)
    report = await REPORTS.lock(CustomerReport, report_id, viewer=viewer, now=now, thing="report")
    refuse(guards.invite(report, viewer, now))
    await refuse_a_second(report.id, type, now=now)

    invitation = _made(viewer, partner, InvitationChannel.EMAIL, type, now)
    invitation.report_id = report.id
    invitation.customer_id = report.customer_id
    invitation.email = await _address(report, given)
    invitation.manager_id = await _manager(viewer, report)
    invitation.expires_at = now + deadlines.LIFETIME
    invitation.report_ends_at = report.expires_at
    with answering(customer_invitation_one_open=lambda: already_invited(invitation)):
        await invitation.insert()
    await history.of_invitation("sent", invitation, viewer=viewer, before=None, now=now)
    await deadlines.schedule(invitation, now=now)
    await letters.send_invitation(
        invitation, partner=partner, inviter=viewer.display_name, name=report.name, now=now
    )
    return _sent(invitation)


@transactional
async def invite_by_link(*, viewer: Viewer, type: AssociationType, now: datetime) -> Sent:
    """Make a link, and QR code, for whoever gets it: good until it is taken back, any times.

    It carries the account name of who made it. Raises MerchantsDontInvite.
    """
    permissions.require(viewer, "customerInviteByLink")
    partner = await _own_partner(viewer)
    invitation = _made(viewer, partner, InvitationChannel.LINK, type, now)
    invitation.manager_id = viewer.seat_id
    invitation.tag = await _tag_of(viewer)
    await invitation.insert()
    await history.of_invitation("sent", invitation, viewer=viewer, before=None, now=now)
    return _sent(invitation)


async def link_again(*, viewer: Viewer, invitation_id: UUID, now: datetime) -> str | None:
    """The address behind a link that works, for who could make another one; None for all else."""
    permissions.require(viewer, "customerInvitationQrCode")
    if not await INVITATIONS.sees(CustomerInvitation, invitation_id, viewer=viewer, now=now):
        return None
    invitation = await CustomerInvitation.get(id=invitation_id)
    return shown_link(invitation, viewer)


def shown_link(row: LinkRow, viewer: Viewer) -> str | None:
    """The link of a row, if it works and is the viewer's to hand out; never that of a mail."""
    is_good = row.channel == InvitationChannel.LINK and row.status == Status.SENT
    is_theirs = viewer.partner_id == row.partner_id and viewer.may(Item.CUSTOMER_INVITE)
    return letters.link_of(id=row.id, generation=row.generation) if is_good and is_theirs else None


async def refuse_a_second(
    report_id: UUID, type: AssociationType, *, but: UUID | None = None, now: datetime
) -> None:
    """Raise CustomerAlreadyInvited for an open invitation; an overdue one is ended first.

    The caller holds the report. `but`: an invitation that doesn't count.
    """
    others = (
        await CustomerInvitation.filter(
            report_id=report_id, type=type, status__in=(Status.SENT, Status.FAILED)
        )
        .order_by("id")
        .select_for_update(no_key=True)
    )
    for earlier in others:
        if earlier.id == but:
            continue
        if not earlier.is_overdue(now):
            raise already_invited(earlier)
        await deadlines.expire(subject_ids=[earlier.id], now=now)
        await deadlines.cancel([earlier.id])


def already_invited(earlier: CustomerInvitation) -> CustomerAlreadyInvited:
    """The problem that an open invitation is for a second one."""
    assert earlier.ends_at is not None
    return CustomerAlreadyInvited(expires_at=earlier.ends_at)


async def is_account_manager(seat_id: UUID | None) -> bool:
    """Whether a seat has the preset role of an account manager, alone or among others."""
    found = await database.row(
        "select 1 as found from operator_role held join role on role.id = held.role_id"
        " where held.operator_id = $1 and role.partner_id is null and role.code = 'ACCOUNT_MANAGER'"
        " limit 1",
        seat_id,
    )
    return found is not None


def _made(
    viewer: Viewer,
    partner: Partner,
    channel: InvitationChannel,
    type: AssociationType,
    now: datetime,
) -> CustomerInvitation:
    id = new_id()
    return CustomerInvitation(
        id=id,
        created_at=now,
        partner_id=partner.id,
        channel=channel,
        type=type,
        status=Status.SENT,
        token_hash=links.digest(letters.token_of(id=id, generation=1)),
        generation=1,
        invited_by=viewer.actor_id,
        sent_at=now,
    )


def _sent(invitation: CustomerInvitation) -> Sent:
    link = letters.link_of(id=invitation.id, generation=invitation.generation)
    return Sent(invitation=invitation, link=link)


async def _own_partner(viewer: Viewer) -> Partner:
    partner = await own_partner(viewer, needs=Item.CUSTOMER_INVITE)
    if partner.kind is PartnerKind.MERCHANT:
        raise MerchantsDontInvite()
    return partner


async def _address(report: CustomerReport, given: str | None) -> str:
    known = report.email
    if known is None and report.customer_id is not None:
        known = (await Customer.get(id=report.customer_id)).email
    if known is None and given is None:
        raise InvalidInput(
            reason="No mail address of this customer is known; say where to send the invitation.",
            reason_zh="未知该客户的邮箱,请填写邀请邮件的接收邮箱。",
            path=("input", "email"),
        )
    if known is not None and given not in (None, known):
        raise InvalidInput(
            reason="The invitation goes to the reported customer's own address; leave `email` out.",
            reason_zh="邀请邮件仅发送至被报备客户的邮箱,请勿填写其他邮箱。",
            path=("input", "email"),
        )
    address = known or given
    assert address is not None
    return address


async def _manager(viewer: Viewer, report: CustomerReport) -> UUID | None:
    """Whose customer it will be: the inviting manager's, else his whose lead it is."""
    if await is_account_manager(viewer.seat_id):
        return viewer.seat_id
    return report.manager_id or viewer.seat_id


async def _tag_of(viewer: Viewer) -> str:
    """The account name of the inviting operator (C-17); a system's key has a name instead."""
    account: dict[str, Any] | None = await database.row(
        "select account_name from person where id = $1", viewer.person_id
    )
    return str(account["account_name"] if account else viewer.display_name)[:LONGEST_TAG]
