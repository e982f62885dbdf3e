"""What quota goes through, as its records and its history tell it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.audit import events
from domain.identity.viewer import Viewer
from kit import database, rows
from kit.ids import new_id
from kit.request import request_id
from models.quotas import QuotaOperation, QuotaRecord, VoucherApplication, VoucherQuota


async def record(
    operation: QuotaOperation,
    quota: VoucherQuota,
    amount: Decimal,
    *,
    viewer: Viewer,
    note: str | None = None,
    now: datetime,
) -> None:
    """Write down one movement of a quota."""
    await record_all(operation, [(quota, amount)], viewer=viewer, note=note, now=now)


async def record_all(
    operation: QuotaOperation,
    moved: Sequence[tuple[VoucherQuota, Decimal]],
    *,
    viewer: Viewer,
    note: str | None = None,
    now: datetime,
) -> None:
    """Write down a movement of each quota; those of resellers name where it came from or went."""
    await rows.insert_all(
        [
            QuotaRecord(
                id=new_id(),
                created_at=now,
                quota_id=quota.id,
                parent_id=quota.parent_id,
                partner_id=quota.partner_id,
                operation=operation,
                amount=amount,
                currency=quota.currency,
                actor_id=viewer.actor_id,
                actor_name=viewer.display_name,
                note=note,
            )
            for quota, amount in moved
        ]
    )


async def of_quota(
    happened: str,
    quota: VoucherQuota,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `voucher_quota.<happened>`, with status, value and balance as they are since."""
    await events.record(
        f"voucher_quota.{happened}",
        actor=viewer,
        subject_type="voucher_quota",
        subject_id=quota.id,
        tenant_id=quota.partner_id,
        at=now,
        reason=reason,
        before=before,
        after=facts(quota),
    )


async def of_issued(quotas: Sequence[VoucherQuota], *, viewer: Viewer, now: datetime) -> None:
    """Record `voucher_quota.issued` of new quotas of resellers, in their logs."""
    await database.execute(
        _TELL,
        [new_id() for _ in quotas],
        [quota.partner_id for quota in quotas],
        [quota.id for quota in quotas],
        [quota.value for quota in quotas],
        now,
        viewer.kind.value,
        viewer.actor_id,
        viewer.display_name,
        request_id(),
    )


def facts(quota: VoucherQuota) -> dict[str, Any]:
    """What events tell of it."""
    return {
        "status": quota.status.value,
        "value": str(quota.value),
        "balance": str(quota.balance),
    }


async def of_application(
    happened: str,
    application: VoucherApplication,
    *,
    viewer: Viewer,
    before: str | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `test_voucher_application.<happened>` with the change of status."""
    await events.record(
        f"test_voucher_application.{happened}",
        actor=viewer,
        subject_type="test_voucher_application",
        subject_id=application.id,
        tenant_id=application.partner_id,
        at=now,
        reason=reason,
        before={"status": before} if before else None,
        after={"status": application.status.value},
    )


_TELL = """
insert into event (id, created_at, occurred_at, tenant_id, name, subject_type, subject_id,
  actor_kind, actor_id, actor_name, before, after, request_id)
select id, $5, $5, partner_id, 'voucher_quota.issued', 'voucher_quota', quota_id, $6, $7, $8, '{}',
  jsonb_build_object('status', 'NORMAL', 'value', value::text, 'balance', value::text), $9
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::numeric[])
  as given (id, partner_id, quota_id, value)
"""
