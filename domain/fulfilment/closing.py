"""Having the cloud take back what is over: given back, or its time and its grace gone."""

from datetime import datetime
from uuid import UUID

from domain.upstream import asking
from domain.upstream.effects import Answer
from models.upstream import System

CLOSE = "close"


async def ask_to_close(
    subject_type: str,
    subject_id: UUID,
    *,
    resource: str | None,
    pieces: int | None = None,
    now: datetime,
) -> None:
    """Ask the cloud to take a resource back, or some pieces of it."""
    await asking.ask(
        system=System.PROVISIONING,
        operation=CLOSE,
        subject_type=subject_type,
        subject_id=subject_id,
        payload={"resource": resource, "pieces": pieces},
        now=now,
    )


async def answered(answer: Answer) -> None:
    """Nothing hangs on it: what wasn't taken back stays as a failed request, for people to see."""
