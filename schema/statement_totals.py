"""Statements in sums, by status and together."""

import strawberry

from domain.statements.totals import Totals
from schema.money import Money
from schema.statement_enums import StatementStatus


@strawberry.type(description="Statements of one status in sums.")
class StatementStatusTotals:
    status: StatementStatus = strawberry.field(description="Which status.")
    statement_count: int = strawberry.field(description="How many.")
    line_count: int = strawberry.field(description="How many lines they have.")
    lines_amount: Money = strawberry.field(description="What their lines come to.")
    carry_in: Money = strawberry.field(description="What earlier ones were below zero.")
    total_amount: Money = strawberry.field(description="`linesAmount` and `carryIn` together.")


@strawberry.type(
    description="Statements in sums. What a cancelled one stood for is in another, too, and so is"
    " what one that was carried over is below zero; by status they are apart."
)
class StatementTotals:
    statement_count: int = strawberry.field(description="How many.")
    line_count: int = strawberry.field(description="How many lines they have.")
    lines_amount: Money = strawberry.field(description="What their lines come to.")
    carry_in: Money = strawberry.field(description="What earlier ones were below zero.")
    total_amount: Money = strawberry.field(description="`linesAmount` and `carryIn` together.")
    by_status: list[StatementStatusTotals] = strawberry.field(
        description="The same sums for each status."
    )

    @staticmethod
    def of(found: list[Totals]) -> "StatementTotals":
        """As the API tells it."""
        return StatementTotals(
            statement_count=sum(each.statements for each in found),
            line_count=sum(each.lines for each in found),
            **{name: Money.yuan_of(getattr(each, name) for each in found) for name in _SUMS},
            by_status=[
                StatementStatusTotals(
                    status=StatementStatus(each.status),
                    statement_count=each.statements,
                    line_count=each.lines,
                    **{name: Money.yuan(getattr(each, name)) for name in _SUMS},
                )
                for each in found
            ],
        )


_SUMS = ("lines_amount", "carry_in", "total_amount")
