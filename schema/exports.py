"""Exports as the API shows them, and what is given to make one."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from domain.consumption.periods import ConsumptionTooOld
from domain.exports import downloads, guards
from domain.exports.deadlines import EXPIRE
from domain.exports.guards import ExportOfAnother, ExportRightLost
from domain.exports.policy import EXPORTS
from domain.exports.queue import OF_A_TENANT
from domain.exports.requesting import TooManyExports
from kit.reads import (
    Connection,
    Node,
    column,
    computed,
    made,
    ordering,
    sql,
    table,
    where,
    within,
)
from kit.status import WrongStatus
from models import exports as models
from models.exports import ExportFailure, ExportFormat, ExportLanguage, ExportState
from schema.actions import AvailableAction, Blocker, available
from schema.deadlines import Deadline, deadline_of
from schema.enums import described
from schema.events import Event, happened
from schema.export_lists import ExportListInput
from schema.inputs import idempotency_key
from schema.payloads import payload
from schema.ranges import DateTimeRange
from schema.scalars import DateTime

described(
    ExportState,
    "Where an export stands.",
    name="ExportStatus",
    QUEUED="排队中: it waits for its turn.",
    RUNNING="导出中: a worker is at it.",
    DONE="已完成: there is a file.",
    FAILED="失败: there is none, and `failure` says why.",
    CANCELLED="已取消: it was taken back.",
    EXPIRED="已过期: the file was kept for three days, and is gone.",
)
described(
    ExportFormat,
    "What a file is.",
    XLSX="A workbook: amounts are numbers, days and instants (Beijing time) are dates, ids and"
    " numbers of things are text. More than 1,048,575 rows go on in further sheets.",
    CSV="Comma-separated, UTF-8, with a heading; instants in Beijing time. A text that would be a"
    " formula has a `'` before it.",
    JSONL="A JSON object on each line, for machines: names of columns, codes, amounts as strings"
    " and instants in UTC as the API has them, whatever the language.",
)
described(ExportLanguage, "Of headings and words.", ZH="Chinese.", EN="English.")
described(
    ExportFailure,
    "Why there is no file.",
    RIGHT_LOST="Whoever asked for it may no longer see such a list.",
    STORE_REFUSED="The file could not be stored.",
    WORKERS_LOST="Whatever worker began it was lost.",
    UNEXPECTED="Something went wrong; the platform's log knows what.",
)


@strawberry.enum(description="What the cells of a column hold.")
class ExportColumnType(Enum):
    """`kit.columns.Kind`, explained."""

    ID = strawberry.enum_value("ID", description="An id of the API.")
    TEXT = strawberry.enum_value("TEXT", description="Any text.")
    INTEGER = strawberry.enum_value("INTEGER", description="A whole number.")
    DECIMAL = strawberry.enum_value("DECIMAL", description="A number with decimals.")
    AMOUNT = strawberry.enum_value("AMOUNT", description="Money, to the cent.")
    BOOLEAN = strawberry.enum_value("BOOLEAN", description="Yes or no.")
    DATE = strawberry.enum_value("DATE", description="A day.")
    INSTANT = strawberry.enum_value("INSTANT", description="A moment, in Beijing time.")
    CODE = strawberry.enum_value("CODE", description="One of several; a word for each.")


_STATE_NOW = (
    "case when {t}.state = 'DONE' and {t}.expires_at <= {now} then 'EXPIRED' else {t}.state end"
)
# By rounds, in which every tenant has one turn.
_POSITION = (
    "case when {t}.state = 'QUEUED' then (select count(*) from (select id, created_at,"
    " row_number() over (partition by tenant_id order by created_at, id) as turn from export"
    " where state = 'QUEUED') ahead, (select count(*) as turn from export mine"
    " where mine.state = 'QUEUED' and mine.tenant_id = {t}.tenant_id"
    " and (mine.created_at, mine.id) <= ({t}.created_at, {t}.id)) own"
    " where (ahead.turn, ahead.created_at, ahead.id) <= (own.turn, {t}.created_at, {t}.id))::int"
    " end"
)
_REMAINING = (
    "case when {t}.state = 'RUNNING' and {t}.rows_done > 0 then least(2147483647, ceil("
    "{t}.busy_ms::numeric / 1000 * greatest(0, {t}.rows_expected - {t}.rows_done)"
    " / {t}.rows_done))::int end"
)


def _number(expression: str) -> str:
    # GraphQL's Int has 31 bits.
    return f"case when {expression} is not null then least({expression}, 2147483647) end"


def _url(row: Any, request: Any) -> str | None:
    now: datetime = request.now
    if guards.download(row, request.viewer, now) is not None:
        return None
    return downloads.link(row.id, viewer=request.viewer)


def _withheld(row: Any, request: Any) -> Blocker | None:
    problem = guards.withheld(row, request.viewer, request.now)
    if problem is None:
        return None
    return Blocker(code=problem.code, message=problem.in_words(request.locale))


@table(
    models.Export,
    prefix="exp",
    scope=EXPORTS,
    description="A list as a file, from one moment. It has the rows that its creator may see both"
    " when it was asked for and when it is made. Yours, and for the administrator all of the"
    f" partner. At most {OF_A_TENANT} of a partner run at a time, and the partners take turns.",
)
class Export(Node):
    """I-06, 5.15."""

    list_name: str = column("Which list, as `exportCreate` calls it.", "listing")
    format: ExportFormat = column("What the file is.")
    language: ExportLanguage = column("Of its headings and words.")
    columns: list[str] = column("Its columns, in order.")
    creator_name: str = column("Who has asked for it.")
    status: ExportState = sql(_STATE_NOW, "Where it stands.")
    failure: ExportFailure | None = column("Why there is no file; null unless it is FAILED.")
    position: int | None = sql(_POSITION, "Its place in the queue, 1 for the next.")
    rows_done: int = sql(_number("{t}.rows_done"), "How many rows are written.")
    rows_expected: int | None = sql(
        _number("{t}.rows_expected"),
        "How many rows there will be, beyond twenty thousand only about; null until it runs.",
    )
    remaining_seconds: int | None = sql(
        _REMAINING, "About how long it will take yet; null unless it runs."
    )
    attempt_count: int = column("How often a worker has begun it.", "attempts")
    created_at: DateTime = column("When it was asked for.")
    started_at: DateTime | None = column("When a worker began it last.")
    finished_at: DateTime | None = column("When it came to its end, whichever.")
    expires_at: DateTime | None = column("Up to when the file is kept.")
    file_name: str = computed(
        lambda row, _: downloads.file_name(row),
        ("title", "title_en", "language", "format", "created_at"),
        "How the file is called.",
    )
    size: str | None = sql("{t}.size::text", "The file's size in bytes, in digits.")
    sha256: str | None = column("SHA-256 of the file, in hex.")
    download_url: str | None = computed(
        _url,
        ("id", *guards.COLUMNS),
        "Gives the file to whoever opens it, for 15 minutes, and no longer than you may have it;"
        " null while there is none, and for everybody but its creator and the administrator.",
    )
    withheld_by: Blocker | None = computed(
        _withheld,
        guards.COLUMNS,
        "Why you can't have the file, though there is one: `EXPORT_BEYOND_SIGHT` when you saw more"
        " as it was made than you may see now; else null.",
    )
    version: int = column("Rises with every change.")
    deadline: Deadline | None = deadline_of(EXPIRE, "When the file is deleted.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()


@strawberry.input(description="Which exports; all conditions together.")
class ExportFilter:
    """Conditions over indexed columns."""

    list_name: str | None = where("{t}.listing = {value}", "Of this list.")
    status: list[ExportState] | None = where(
        f"({_STATE_NOW}) = any({{value}})", "In any of these statuses as of now."
    )
    created: DateTimeRange | None = within("created_at", "Asked for in this span.")


@strawberry.enum(description="What exports can be ordered by.")
class ExportOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were asked for.")


ExportOrder = ordering("How exports are ordered.", ExportOrderField.CREATED_AT)


@strawberry.type(description="A column that an export of a list may have.")
class ExportColumn:
    name: str = strawberry.field(description="What `exportCreate` calls it.")
    heading: str = strawberry.field(
        description="Its heading, in the language of `Accept-Language`."
    )
    type: ExportColumnType = strawberry.field(description="What is in it.")


@strawberry.type(description="A list that you may export.")
class ExportableList:
    name: str = strawberry.field(description="The field of `exportCreate`'s `list`.")
    title: str = strawberry.field(description="How it is called, in the client's language.")
    columns: list[ExportColumn] = strawberry.field(description="All that a file can have of it.")


@strawberry.input(description="Which list, and how the file is to be.")
class ExportCreateInput:
    wanted: ExportListInput = strawberry.field(
        name="list", description="Which list, with its filter and order."
    )
    columns: list[str] | None = strawberry.field(
        default=None,
        description="Which columns, in this order; all of `exportableLists` if unsaid.",
    )
    format: ExportFormat = strawberry.field(
        default=ExportFormat.XLSX, description="What the file is."
    )
    language: ExportLanguage = strawberry.field(
        default=ExportLanguage.ZH, description="Of its headings and words."
    )
    csv_bom: bool = strawberry.field(
        default=True,
        description="Whether CSV begins with a byte-order mark, without which Excel misreads it.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which export.")
class ExportInput:
    id: strawberry.ID = strawberry.field(description="The export.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(TooManyExports, ConsumptionTooOld))
class ExportCreatePayload:
    export: Export | None = made("The export, which waits now.")


@payload(errors=(WrongStatus, ExportOfAnother))
class ExportCancelPayload:
    export: Export | None = made("The export as it stands now.")


@payload(errors=(WrongStatus, ExportOfAnother, ExportRightLost, TooManyExports))
class ExportRetryPayload:
    export: Export | None = made("The export, which waits again.")
