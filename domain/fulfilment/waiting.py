"""How long a merchant waits for the buyer's word before it may turn to the platform (F48)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from domain.fulfilment import history
from domain.fulfilment.guards import PATIENCE
from domain.identity.viewer import SYSTEM
from kit import timers
from kit.timers import Waits
from models.supervision import AppealState, ServiceSupervision
from models.supervision import SupervisionStep as Step

APPEALABLE = "service_supervision.appealable"


async def watch(row: ServiceSupervision, *, now: datetime) -> None:
    """Count the buyer's five days from its step on, or stop counting; the row is held."""
    if row.step != Step.BUYER_ACCEPT or row.appeal == AppealState.OPEN:
        await timers.cancel(APPEALABLE, subject_id=row.id)
        return
    await timers.schedule(
        APPEALABLE,
        tenant_id=history.tenant_of(row),
        subject_id=row.id,
        due_at=row.step_since + PATIENCE,
        on_timeout="REMIND",
        now=now,
    )


async def tell(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Write down that the merchant may appeal, where the buyer was silent for five days.

    The effect of the timer `service_supervision.appealable`. The caller holds the rows; that the
    time is over they say themselves.
    """
    for row in await ServiceSupervision.filter(
        id__in=subject_ids,
        step=Step.BUYER_ACCEPT,
        appeal__not=AppealState.OPEN,
        step_since__lte=now - PATIENCE,
    ).order_by("id"):
        await history.of("service_supervision", "appealable", row, viewer=SYSTEM, now=now)


_PATIENCE = f"interval '{PATIENCE.total_seconds():.0f} seconds'"
# Every delivery that waits for its buyer has a timer while its days run, and no other.
APPEALABLE_WAITS = Waits(
    kind=APPEALABLE,
    table="service_supervision",
    live=f"step = 'BUYER_ACCEPT' and appeal <> 'OPEN' and step_since + {_PATIENCE} > moment.now",
    due_at=f"step_since + {_PATIENCE}",
    tenant_id=f"coalesce(partner_id, '{PLATFORM_TENANT}'::uuid)",
    on_timeout="REMIND",
)
