"""Queries and mutations of exports."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.exports import requesting
from domain.exports.lists import LISTS
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from models.exports import ExportLanguage
from resolvers.mutation import Outcome, mutation
from schema import exports as schema
from schema.context import Context
from schema.export_lists import chosen
from schema.exports import Export, ExportableList, ExportColumn, ExportFilter, ExportOrder


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

    @strawberry.field(description="The lists that can be exported, with their columns.")
    def exportable_lists(self, info: strawberry.Info[Context, None]) -> list[ExportableList]:
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


def _id(text: str) -> UUID:
    return ids.decode("exp", text, path=("input", "id"))
