"""The query that compares two statements."""

from typing import Annotated

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.settlement import differing
from domain.statements.policy import STATEMENTS
from kit import ids
from models.statements import Statement
from schema.context import Context
from schema.statement_diffs import StatementDiff, sums_of

_may = may_list("statementDiff")


@strawberry.type
class StatementDiffQuery:
    @strawberry.field(
        description="What two statements of a partner say differently, line by line and why: a"
        " cancelled one and the one in its place, or two periods."
        f" {describe('statementDiff')}"
    )
    async def statement_diff(
        self,
        info: strawberry.Info[Context, None],
        before: Annotated[strawberry.ID, strawberry.argument(description="The earlier one.")],
        after: Annotated[strawberry.ID, strawberry.argument(description="The later one.")],
    ) -> StatementDiff:
        context = info.context
        _may(context.viewer)
        found = (
            ids.decode("stm", before, path=("before",)),
            ids.decode("stm", after, path=("after",)),
        )
        for id in found:
            await STATEMENTS.require(
                Statement, id, viewer=context.viewer, now=context.now, thing="statement"
            )
        await differing.comparable(*found)
        return StatementDiff(
            before=found[0],  # type: ignore[arg-type]
            after=found[1],  # type: ignore[arg-type]
            sums=sums_of(await differing.sums(*found)),
            ids=found,
        )
