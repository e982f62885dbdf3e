"""Events about programmes and certifications, as histories read them."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.audit import events
from domain.identity.viewer import Viewer


class Subject(Protocol):
    """Something of a partner's."""

    @property
    def id(self) -> UUID: ...
    @property
    def partner_id(self) -> UUID: ...


async def record(
    name: str,
    subject: Subject,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `thing.happened` about one thing, in its partner's log."""
    await events.record(
        name,
        actor=viewer,
        subject_type=name.partition(".")[0],
        subject_id=subject.id,
        tenant_id=subject.partner_id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
