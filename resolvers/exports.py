"""Queries and mutations of exports, and being told how they go on."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
import strawberry

from domain.exports import guards, queue, requesting
from domain.exports.lists import LISTS
from domain.exports.policy import EXPORTS
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.staying import Stay
from domain.identity.viewer import Viewer
from kit import clock, ids
from kit.reads import Connection, fetch_one, root_connection, root_one
from models import exports as models
from models.exports import ExportLanguage
from resolvers.mutation import Outcome, mutation
from schema import exports as schema
from schema.context import Context
from schema.export_lists import chosen
from schema.exports import Export, ExportableList, ExportColumn, ExportFilter, ExportOrder

LOOK = 1.0  # seconds between two looks; a worker says every two how far it is

Info = strawberry.Info[Context, None]


@strawberry.type
class ExportQuery:
    export: Export | None = root_one(
        "An export by its id; null when you may not see it.", prefix="exp"
    )
    exports: Connection[Export] = root_connection(
        "Your exports (导出记录); for the administrator all of the partner, for those who operate"
        f" the platform all. {describe('exports')}",
        filter=ExportFilter,
        order=ExportOrder,
        guard=may_list("exports"),
    )

    @strawberry.field(description="The lists that you may export, with their columns.")
    def exportable_lists(self, info: Info) -> list[ExportableList]:
        context = info.context
        context.viewer.require_sign_in()
        is_chinese = context.locale.startswith("zh")
        language = ExportLanguage.ZH if is_chinese else ExportLanguage.EN
        return [
            ExportableList(
                name=listed.name,
                title=listed.titles[language],
                columns=[
                    ExportColumn(
                        name=column.name,
                        heading=column.headings[language],
                        type=schema.ExportColumnType[column.cell.kind.name],
                    )
                    for column in listed.columns.values()
                ],
            )
            for listed in LISTS.values()
            if guards.may_list(listed.name, context.viewer)
        ]


@strawberry.type
class ExportMutation:
    @mutation(
        "Have a list written to a file, by a worker (导出). It takes what the list takes, and the"
        " list's right; nothing gets into the file that you may not see when it is made. Follow"
        f" `export`, or its events, until it is DONE or FAILED. {describe('exportCreate')}",
        schema.ExportCreatePayload,
    )
    async def export_create(
        self, viewer: Viewer, input: schema.ExportCreateInput, now: datetime
    ) -> Outcome:
        wanted = chosen(input.wanted)
        export = await requesting.create(
            viewer=viewer,
            listing=wanted.listing,
            arguments=wanted.arguments,
            parent_id=wanted.parent_id,
            columns=input.columns,
            format=input.format,
            language=input.language,
            csv_bom=input.csv_bom,
            now=now,
        )
        return Outcome(export=export.id)

    @mutation(
        "Take an export back before it is done.",
        schema.ExportCancelPayload,
        requires=describe("exportCancel"),
    )
    async def export_cancel(
        self, viewer: Viewer, input: schema.ExportInput, now: datetime
    ) -> Outcome:
        export = await requesting.cancel(viewer=viewer, export_id=_id(input.id), now=now)
        return Outcome(export=export.id)

    @mutation(
        "Have an export made anew that has no file (any more): of what there is now.",
        schema.ExportRetryPayload,
        requires=describe("exportRetry"),
    )
    async def export_retry(
        self, viewer: Viewer, input: schema.ExportInput, now: datetime
    ) -> Outcome:
        export = await requesting.retry(viewer=viewer, export_id=_id(input.id), now=now)
        return Outcome(export=export.id)


@strawberry.type
class ExportSubscription:
    @strawberry.subscription(
        description="An export as it goes on: how it stands now, and again whenever something has"
        " changed of what you ask for, at most once a second. The last is how it has ended; then"
        " the stream ends, and with your sign-in."
    )
    async def export_progress(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The export.")],
    ) -> AsyncGenerator[Export, None]:
        """Decide before the first look whether there may be any."""
        context, export_id = info.context, ids.decode("exp", id, path=("id",))
        context.viewer.require_sign_in()
        await EXPORTS.require(
            models.Export, export_id, viewer=context.viewer, now=context.now, thing="export"
        )
        return _follow(info, export_id)


async def _follow(info: Info, export_id: UUID) -> AsyncGenerator[Any, None]:
    stay, told = Stay(info.context.viewer), None
    while await stay.goes_on():
        is_over = await queue.has_ended(export_id)  # before the look, which then sees how
        info.context.now = await clock.now()
        export = await fetch_one(info._raw_info, "Export", export_id)
        if export is None:
            return
        if (stands := orjson.dumps(export)) != told:
            told = stands
            yield export
        if is_over:
            return
        await asyncio.sleep(LOOK)


def _id(text: str) -> UUID:
    return ids.decode("exp", text, path=("input", "id"))
