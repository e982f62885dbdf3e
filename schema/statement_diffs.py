"""What two statements say differently, as the API shows it."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domain.settlement import differing
from domain.settlement.differing import Change, Reason, Row, Sums, Why
from kit import ids
from kit.problems import InvalidInput
from kit.reads import Connection, Count, CountPrecision, Edge, PageInfo, made
from kit.reads.connections import COUNT_MOST, PAGE, PAGE_MOST
from kit.reads.cursors import fingerprint, parse
from models.settlement import SettledKind
from schema.enums import described
from schema.money import Money
from schema.scalars import DateTime

if TYPE_CHECKING:
    from schema.statements import Statement

StatementRef = Annotated["Statement", strawberry.lazy("schema.statements")]

described(
    Change,
    "What has become of a settlement line from one statement to the other.",
    name="StatementDiffChange",
    ADDED="It is in the later one alone.",
    REMOVED="It is in the earlier one alone.",
    CHANGED="It is in both, with another amount or other inputs.",
)
described(
    Why,
    "Why a line was added or removed, or which of its inputs is another.",
    name="StatementDiffCause",
    SOLD_SINCE="It was ordered after the earlier period.",
    PAID="It was paid since.",
    REPAID="What was lent for it was repaid since.",
    OPENED="It was opened since.",
    TOOK_EFFECT="It took effect since.",
    SUPERVISION_DONE="Its supervision was done since.",
    REFUNDED="It was refunded meanwhile.",
    USED="It was used since.",
    ATTAINED="It was attained since.",
    ADJUSTED="The platform entered it.",
    HAD_WAITED="It could have been settled before, and something else stood in the way then.",
    STAYS="The earlier statement holds, and it stays in that.",
    SETTLED_ELSEWHERE="The earlier statement was cancelled, and another one has it; `after` says"
    " which.",
    WAITS_AGAIN="The earlier statement was cancelled, and it waits for the next run.",
    GONE="The earlier statement was cancelled, and it will never be settled.",
    FEE_TAX_RATE="The tax rate of the partner's fee is another.",
    GOODS_TAX_RATE="The tax rate of the goods is another.",
    RULES="It was worked out by another version of the rules.",
    CASH="The cash consumption is another.",
    PRICE="The deal price or the floor price is another.",
    RATIO="The share ratio is another.",
    OTHER_REFUNDS="Other refunds of the same sale had taken back another amount before.",
    OTHER_USAGE="Other usage of the same goods by the customer stands before it.",
    AMOUNT="The amount itself is another.",
)


@strawberry.type(description="Why a line is different.")
class StatementDiffReason:
    why: Why = strawberry.field(description="What has made the difference.")
    before: str | None = strawberry.field(
        description="The input in the earlier statement; null where no input is another."
    )
    after: str | None = strawberry.field(
        description="The input in the later statement, or the number of the statement that has it"
        " now."
    )
    at: DateTime | None = strawberry.field(
        description="When the cause arose; null where there is no moment."
    )


@strawberry.type(description="What one sale, refund or month of use came to in either statement.")
class StatementDiffLine:
    change: Change = strawberry.field(description="What has become of it.")
    kind: SettledKind = strawberry.field(description="What it stands for.")
    order_number: str | None = strawberry.field(description="The number of the order.")
    customer_name: str | None = strawberry.field(description="Who bought.")
    before_line_id: strawberry.ID | None = strawberry.field(
        description="The settlement line in the earlier statement; null for none."
    )
    after_line_id: strawberry.ID | None = strawberry.field(
        description="The settlement line in the later statement; null for none."
    )
    before_amount: Money | None = strawberry.field(
        description="What it came to in the earlier statement; null if it isn't there."
    )
    after_amount: Money | None = strawberry.field(
        description="What it comes to in the later statement; null if it isn't there."
    )
    difference: Money = strawberry.field(
        description="How much more it is in the later statement than in the earlier one."
    )
    reasons: list[StatementDiffReason] = strawberry.field(description="Why; at least one.")


@strawberry.type(description="What the lines of a kind come to in either statement.")
class StatementDiffSums:
    kind: SettledKind = strawberry.field(description="Which kind.")
    before_line_count: int = strawberry.field(description="How many the earlier statement has.")
    before_amount: Money = strawberry.field(description="What the earlier statement's come to.")
    after_line_count: int = strawberry.field(description="How many the later statement has.")
    after_amount: Money = strawberry.field(description="What the later statement's come to.")
    difference: Money = strawberry.field(description="How much more the later statement's come to.")


@strawberry.type(description="What two statements of a partner say differently, and why.")
class StatementDiff:
    before: StatementRef | None = made("The earlier one.")
    after: StatementRef | None = made("The later one.")
    sums: list[StatementDiffSums] = strawberry.field(description="By kind of line.")
    ids: strawberry.Private[tuple[UUID, UUID]]

    @strawberry.field(
        description="The lines that aren't the same in both, in the order of the statements."
    )
    async def lines(
        self,
        first: Annotated[
            int | None,
            strawberry.argument(description=f"How many, 1 to {PAGE_MOST}; {PAGE} if unsaid."),
        ] = None,
        after: Annotated[
            str | None, strawberry.argument(description="Begin behind this cursor.")
        ] = None,
    ) -> Connection[StatementDiffLine]:
        size = PAGE if first is None else first
        if not 1 <= size <= PAGE_MOST:
            raise InvalidInput(
                reason=f"`first` is {size}; it must be between 1 and {PAGE_MOST}.",
                reason_zh=f"first 必须在 1 到 {PAGE_MOST} 之间。",
                path=("first",),
            )
        mark = fingerprint("statementDiff", *self.ids)
        behind = parse(after, mark, argument="after").id if after else None
        rows = await differing.page(*self.ids, size=size, behind=behind)
        count = await differing.count(*self.ids, most=COUNT_MOST)
        edges = [Edge(cursor=_cursor(mark, row.id), node=_line(row)) for row in rows[:size]]
        return Connection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=PageInfo(
                has_next_page=len(rows) > size,
                has_previous_page=behind is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            total_count=Count(
                value=min(count, COUNT_MOST),
                precision=CountPrecision.EXACT if count <= COUNT_MOST else CountPrecision.AT_LEAST,
            ),
        )


def sums_of(found: Sequence[Sums]) -> list[StatementDiffSums]:
    """As the API tells them."""
    return [
        StatementDiffSums(
            kind=each.kind,
            before_line_count=each.before_lines,
            before_amount=Money.yuan(each.before_amount),
            after_line_count=each.after_lines,
            after_amount=Money.yuan(each.after_amount),
            difference=Money.yuan(each.after_amount - each.before_amount),
        )
        for each in found
    ]


def _line(row: Row) -> StatementDiffLine:
    before, after = row.before_amount, row.after_amount
    return StatementDiffLine(
        change=row.change,
        kind=row.kind,
        order_number=row.order_number,
        customer_name=row.customer_name,
        before_line_id=_id(row.before_line_id),
        after_line_id=_id(row.after_line_id),
        before_amount=None if before is None else Money.yuan(before),
        after_amount=None if after is None else Money.yuan(after),
        difference=Money.yuan((after or differing.ZERO) - (before or differing.ZERO)),
        reasons=[_reason(reason) for reason in row.reasons],
    )


def _cursor(mark: str, id: UUID) -> str:
    """As the lists of tables write theirs, but for a key: they are ordered by id."""
    return base64.urlsafe_b64encode(f"{mark}:{id}:".encode()).decode().rstrip("=")


def _reason(reason: Reason) -> StatementDiffReason:
    return StatementDiffReason(
        why=reason.why,
        before=reason.before,
        after=reason.after,
        at=None if reason.at is None else DateTime(reason.at),
    )


def _id(line_id: UUID | None) -> strawberry.ID | None:
    return None if line_id is None else strawberry.ID(ids.encode("stl", line_id))
