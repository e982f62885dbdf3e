"""Certificates that people of a partner hold: recorded by account, counted by account (P-16)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from domain.audit import events
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.programmes import judging
from domain.programmes.deadlines import today
from kit.problems import InvalidInput
from kit.transaction import transactional
from models.certification import CertificateKind, HeldCertificate
from models.partners import Partner

LONGEST_ACCOUNT = 64


@transactional
async def record(
    *,
    viewer: Viewer,
    partner_id: UUID,
    account_name: str,
    kinds: Sequence[CertificateKind],
    obtained_on: date,
    now: datetime,
) -> Partner:
    """Write down all certificates that one account holds, and count anew (P-16).

    Those that aren't named are not held any more. Every path that counts them is judged. Raises
    NotFound, InvalidInput.
    """
    permissions.require(viewer, "heldCertificatesRecord")
    account_name = account_name.strip()
    if not 1 <= len(account_name) <= LONGEST_ACCOUNT:
        raise InvalidInput(
            reason=f"An account name has 1 to {LONGEST_ACCOUNT} characters.",
            reason_zh=f"帐号名长度应为 1 到 {LONGEST_ACCOUNT} 个字符。",
            path=("input", "accountName"),
        )
    judging.refuse_future(obtained_on, "obtainedOn", now)
    partner = await judging.lock_partner(partner_id)
    known = {
        row.kind: row
        for row in await HeldCertificate.filter(partner_id=partner.id, account_name=account_name)
    }
    gone = [row.id for kind, row in known.items() if kind not in kinds]
    await HeldCertificate.filter(id__in=gone).delete()
    for kind in dict.fromkeys(kinds):
        if kind not in known:
            await HeldCertificate.create(
                created_at=now,
                partner_id=partner.id,
                account_name=account_name,
                kind=kind,
                obtained_on=obtained_on,
                recorded_by=viewer.actor_id,
            )
    await events.record(
        "partner.certificates_recorded",
        actor=viewer,
        subject_type="partner",
        subject_id=partner.id,
        tenant_id=partner.id,
        at=now,
        before={"certificates": sorted(kind.value for kind in known)},
        after={
            "account": account_name,
            "certificates": sorted({kind.value for kind in kinds}),
        },
    )
    await judging.count_anew(partner, viewer=viewer, on=today(now), now=now)
    return partner
