"""Queries and the mutation of usage imports."""

from datetime import datetime

import strawberry

from domain.consumption import importing
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection
from resolvers.mutation import Outcome, mutation
from schema.consumption_lists import UsageImportFilter, UsageImportOrder
from schema.usage import UsageImport, UsageImportInput, UsageImportPayload


@strawberry.type
class UsageQuery:
    usage_imports: Connection[UsageImport] = root_connection(
        "Files of usage that were taken in: a merchant's own, all for the platform."
        f" {describe('usageImports')}",
        filter=UsageImportFilter,
        order=UsageImportOrder,
        guard=may_list("usageImports"),
    )


@strawberry.type
class UsageMutation:
    @mutation(
        "Take in usage of goods that are paid by use (按需, 按次), at the price of its moment: by"
        " their merchant, or by the platform. Each line counts once, by its source and record id;"
        " those that can't be are told one by one, and the others are charged, to the cent for a"
        " customer, goods and month: from cash, and what that doesn't cover is debt. What corrects"
        " an earlier line downwards takes from what is owed of it, else brings cash back.",
        UsageImportPayload,
        requires=describe("usageImport"),
    )
    async def usage_import(self, viewer: Viewer, input: UsageImportInput, now: datetime) -> Outcome:
        done = await importing.import_file(
            viewer=viewer,
            file_id=ids.decode("fil", input.file_id, path=("input", "fileId")),
            now=now,
        )
        return Outcome(usage_import=done.id)
