"""Reading what happened, and being told as it happens."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.audit import reading
from domain.audit.events import PLATFORM_TENANT
from domain.audit.relay import CHANNEL
from domain.audit.types import checked_types
from domain.identity.staying import Stay
from domain.identity.viewer import Viewer, ViewerKind
from kit import bells, clock, ids
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.reads import Connection, fetch_one, root_connection
from schema.context import Context
from schema.events import Event, EventFilter, EventOrder

POLL = 2.0  # seconds after which a subscriber looks without having been told
PAGE = 100


@strawberry.type
class EventQuery:
    events: Connection[Event] = root_connection(
        "What happened, as far as you may see it; the latest first if unsaid. An event is listed"
        " once it has its position.",
        filter=EventFilter,
        order=EventOrder,
        where="{t}.position is not null",
    )


@strawberry.type
class EventSubscription:
    @strawberry.subscription(
        description="Each event of one log as it gets its position, in order and without a gap."
        " Keep the last `position`: asked for what is `after` it, a new subscription goes on where"
        " the old one broke off. It ends when your sign-in does."
    )
    async def events(
        self,
        info: strawberry.Info[Context, None],
        partner_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Of which partner; your own if unsaid, and the platform's for staff."
            ),
        ] = None,
        after: Annotated[
            int | None,
            strawberry.argument(
                description="Behind this position, 0 for all; if unsaid, only what comes from now."
            ),
        ] = None,
        types: Annotated[
            list[str] | None,
            strawberry.argument(
                description="Only of these types: a name, or `order.*` for whatever happens to"
                " orders; up to 50, all if unsaid."
            ),
        ] = None,
    ) -> AsyncGenerator[Event, None]:
        """Decide before the first event whether there may be any."""
        tenant_id = _log_of(info.context.viewer, partner_id)
        if after is not None and after < 0:
            raise InvalidInput(
                reason="Positions begin at 1.",
                reason_zh="position 不能小于 0。",
                path=("after",),
            )
        wanted = checked_types(types or (), path=("types",))
        begin = after if after is not None else await reading.end(tenant_id=tenant_id)
        return _follow(info, tenant_id, begin, wanted)


async def _follow(
    info: strawberry.Info[Context, None], tenant_id: UUID, position: int, types: list[str]
) -> AsyncGenerator[Any, None]:
    stay = Stay(info.context.viewer)
    with bells.hung(CHANNEL, str(tenant_id)) as bell:
        while await stay.goes_on():
            begin = position
            found, position = await reading.after(
                tenant_id=tenant_id, position=begin, limit=PAGE, types=types
            )
            for id, _ in found:
                info.context.now = await clock.now()
                event = await fetch_one(info._raw_info, "Event", id)
                if event is not None:  # else it is one that the viewer may not see
                    yield event
            if position - begin < PAGE:
                await bell.wait(within=POLL)


def _log_of(viewer: Viewer, partner_id: str | None) -> UUID:
    """The tenant whose log the viewer may follow. Raises Forbidden, NotFound, InvalidInput."""
    viewer.require_sign_in()
    if viewer.kind not in (ViewerKind.STAFF, ViewerKind.OPERATOR):
        raise Forbidden(needs="STAFF, OPERATOR")
    if partner_id is None:
        return viewer.partner_id or PLATFORM_TENANT
    tenant_id = ids.decode("ptn", partner_id)
    if viewer.kind is ViewerKind.OPERATOR and tenant_id not in viewer.partner_ids:
        raise NotFound(thing="partner", path=("partnerId",))
    return tenant_id
