"""Taking in usage of goods that are paid by use: a JSONL file, line by line, each only once."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from uuid import UUID

from domain.audit import events
from domain.consumption import charging, correcting, looking_up, usage_lines
from domain.consumption.charging import Month
from domain.consumption.looking_up import Known
from domain.consumption.periods import period_of
from domain.consumption.usage_lines import Line, LineRefused
from domain.files import attaching
from domain.files.content import JSON_LINES
from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind
from kit import database, faults, rows, store
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from kit.transaction import transactional
from models.files import StoredFile
from models.usage import UsageImport, UsageRecord

MOST_LINES = 10_000
MOST_ERRORS = 500  # of which an import keeps the texts; it counts all

_FILE = ("input", "fileId")


class NotAUsageFile(Problem):
    """Usage is handed in as JSONL: a JSON object a line."""

    en = "The file {name} is no JSONL; usage has one JSON object a line."
    zh = "文件 {name} 不是 JSONL 格式,用量文件须每行一个 JSON 对象。"
    about = {"name": "The file's name."}
    name: str


async def import_file(*, viewer: Viewer, file_id: UUID, now: datetime) -> UsageImport:
    """Take in the usage in an uploaded file, and charge it; what became of it.

    By the merchant of the goods, or by the platform for any. Lines that can't be are refused one by
    one, the others count; a line that was taken before, by its source and id, adds nothing. One
    that corrects an earlier one changes what was charged by the difference. Raises
    NotFound, FileExpired, FileAlreadyAttached, NotAUsageFile, InvalidInput for too many lines.
    """
    permissions.require(viewer, "usageImport")
    file = await _file(viewer, file_id)
    if file.content_type != JSON_LINES:
        raise NotAUsageFile(name=file.name, path=_FILE)
    try:
        pieces = [piece async for piece in await store.get(file.key)]
    except store.Missing as error:
        raise NotFound(thing="file", path=_FILE) from error
    lines = list(usage_lines.read(b"".join(pieces)))
    if len(lines) > MOST_LINES:
        raise InvalidInput(
            reason=f"At most {MOST_LINES} lines at once; these are {len(lines)}.",
            reason_zh=f"每个文件最多 {MOST_LINES} 行,当前为 {len(lines)} 行。",
            path=_FILE,
        )
    return await _take_in(viewer=viewer, file=file, lines=lines, now=now)


async def _file(viewer: Viewer, file_id: UUID) -> StoredFile:
    is_platform = viewer.kind in (ViewerKind.STAFF, ViewerKind.SYSTEM)
    if not is_platform and not viewer.is_merchant:
        raise Forbidden(needs="MERCHANT")
    file = await StoredFile.get_or_none(id=file_id)
    if file is None or (not is_platform and file.partner_id != viewer.partner_id):
        raise NotFound(thing="file", path=_FILE)
    return file


@transactional
async def _take_in(
    *, viewer: Viewer, file: StoredFile, lines: Sequence[Line | LineRefused], now: datetime
) -> UsageImport:
    id = new_id()
    await attaching.attach(
        file_ids=[file.id], to=id, partner_id=file.partner_id, now=now, place=lambda _: _FILE
    )
    readable = [line for line in lines if isinstance(line, Line)]
    await database.execute(
        "select from customer where account_name = any($1) order by id for no key update",
        sorted({line.customer for line in readable}),
    )
    known = await looking_up.known(
        readable, owner_id=file.partner_id, merchant_id=viewer.partner_id
    )
    taken: list[UsageRecord] = []
    refused = [line for line in lines if isinstance(line, LineRefused)]
    for line in readable:
        try:
            if not looking_up.is_repeated(line, known):
                record = _record(line, known, import_id=id, file=file, now=now)
                taken.append(record)
                known.before[line.source, line.record_id] = record
                if record.corrects_id is not None:
                    known.corrected.add(record.corrects_id)
        except LineRefused as error:
            refused.append(error)
    made = UsageImport(
        id=id,
        created_at=now,
        partner_id=file.partner_id,
        file_id=file.id,
        file_name=file.name,
        imported_by=viewer.actor_id,
        lines=len(lines),
        added=len(taken),
        repeated=len(lines) - len(taken) - len(refused),
        failed=len(refused),
        corrections=sum(record.corrects_id is not None for record in taken),
        charged_amount=Decimal(0),
        debt_amount=Decimal(0),
        returned_amount=Decimal(0),
        errors=[
            error.as_fact()
            for error in sorted(refused, key=lambda error: error.number)[:MOST_ERRORS]
        ],
    )
    await made.insert()
    await rows.insert_all(taken)
    faults.reach("usage_import.taken_in")
    await _charge(made, taken, viewer=viewer, now=now)
    faults.reach("usage_import.charged")
    await events.record(
        "usage_import.made",
        actor=viewer,
        subject_type="usage_import",
        subject_id=id,
        tenant_id=file.partner_id,
        after={
            "added": made.added,
            "repeated": made.repeated,
            "failed": made.failed,
            "charged_amount": str(made.charged_amount),
        }
        | ({"returned_amount": str(made.returned_amount)} if made.returned_amount else {}),
        at=now,
    )
    return made


def _record(
    line: Line, known: Known, *, import_id: UUID, file: StoredFile, now: datetime
) -> UsageRecord:
    before = None
    if line.corrects is None:
        sku = looking_up.judge(line, known, now=now)
        price = looking_up.price_of(line, sku, known)
    else:
        before = looking_up.corrected(line, known, now=now)
        sku, price = known.skus[line.sku], before.unit_price
    said = before.quantity if before else Decimal(0)
    with localcontext() as exactly:
        exactly.prec = 60
        amount = (line.quantity - said) * price
    return UsageRecord(
        id=new_id(),
        created_at=now,
        usage_import_id=import_id,
        owner_id=file.partner_id,
        source=line.source,
        record_id=line.record_id,
        customer_id=known.customers[line.customer],
        goods_id=sku.goods_id,
        sku_id=sku.id,
        period=period_of(line.used_at),
        used_at=line.used_at,
        corrects_id=before.id if before else None,
        quantity=line.quantity,
        corrected_quantity=said,
        unit_price=price,
        amount=amount,
    )


async def _charge(
    made: UsageImport, taken: Sequence[UsageRecord], *, viewer: Viewer, now: datetime
) -> None:
    """What is more first, each month as a whole; then what is less, charge by charge."""
    last: dict[tuple[UUID, UUID, str], datetime] = {}
    for record in taken:
        if record.amount >= 0:
            key = (record.customer_id, record.goods_id, record.period)
            last[key] = max(record.used_at, last.get(key, record.used_at))
    less = correcting.Less.of(taken)
    for key, used_at in sorted(last.items()):
        month = Month(*key, last_used_at=used_at)
        charged, debt = await charging.charge(
            month, without=less.of_month(key), usage_import_id=made.id, viewer=viewer, now=now
        )
        made.charged_amount += charged
        made.debt_amount += debt
    made.returned_amount = await correcting.take_back(
        less, usage_import_id=made.id, viewer=viewer, now=now
    )
    await made.save(update_fields=["charged_amount", "debt_amount", "returned_amount"])
