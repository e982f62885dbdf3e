"""Usage of goods that are paid by use, as it was imported."""

from typing import Any

import strawberry

from domain.consumption.importing import NotAUsageFile
from domain.consumption.policy import IMPORTS
from domain.consumption.usage_lines import UsageLineCode
from domain.files.attaching import FileAlreadyAttached, FileExpired
from kit.reads import Connection, Node, column, computed, connection, money, one, table
from models import usage as models
from schema.consumption import ConsumptionRecord
from schema.consumption_lists import ConsumptionOrder
from schema.enums import described
from schema.events import Event, happened
from schema.inputs import needed_idempotency_key
from schema.money import Money
from schema.partners import PartnerRef
from schema.payloads import made, payload
from schema.scalars import DateTime

described(
    UsageLineCode,
    "Why a line of usage was refused.",
    NOT_JSON="It is no JSON object.",
    FIELD_INVALID="A field is missing, empty or too long.",
    QUANTITY_INVALID="The quantity is no number above 0 with at most eight decimals.",
    TIME_INVALID="`usedAt` is no time with an offset.",
    TIME_NOT_COME="`usedAt` is in the future.",
    TIME_TOO_OLD="`usedAt` lies before the first month that consumption is shown of.",
    CUSTOMER_UNKNOWN="No customer who has ordered of the merchant has this account.",
    SKU_UNKNOWN="No SKU has this code, or it is another merchant's.",
    NOT_PAID_BY_USE="The SKU isn't paid by use (按需, 按次).",
    NOT_ORDERED="The customer had not ordered the SKU by then.",
    SUBSCRIPTION_ENDED="All that the customer had of the SKU by then was over.",
    NO_PRICE="The SKU had no price then.",
    CHANGED="The same record of the same source was handed in before with another content.",
    CORRECTED_UNKNOWN="The source has handed in no record of this id that could be corrected.",
    CORRECTION_DIFFERS="A correction has another customer, SKU or time than what it corrects.",
    CORRECTED_ALREADY="It was corrected before; the correction can be corrected.",
    MONTH_CLOSED="The month is billed: from the fifth of the next one on, 06:00 in Beijing.",
)


@strawberry.type(description="A line of usage that was refused.")
class UsageLineError:
    line: int = strawberry.field(description="Its number in the file, from 1.")
    code: UsageLineCode = strawberry.field(description="Why the line was refused.")
    message: str = strawberry.field(
        description="A sentence for a person, in the language of `Accept-Language`."
    )


def _errors(row: Any, request: Any) -> list[UsageLineError]:
    language = "zh" if request.locale.startswith("zh") else "en"
    return [
        UsageLineError(
            line=error["line"], code=UsageLineCode(error["code"]), message=error[language]
        )
        for error in row.errors
    ]


@table(
    models.UsageImport,
    prefix="uim",
    scope=IMPORTS,
    description="A file of usage that was taken in, and what became of its lines.",
)
class UsageImport(Node):
    """K-07; imports of goods that are paid by use."""

    partner: PartnerRef | None = one("partner_id", "Whose file it is.")
    file_name: str = column("What the file is called.")
    created_at: DateTime = column("When it was taken in.")
    line_count: int = column("How many lines it has, without blank ones.", "lines")
    added_count: int = column("How many of its lines are new.", "added")
    repeated_count: int = column(
        "How many of its lines had been taken in before, and add nothing.", "repeated"
    )
    failed_count: int = column("How many of its lines were refused.", "failed")
    correction_count: int = column(
        "How many of its new lines say anew how much was used (更正).", "corrections"
    )
    charged_amount: Money = money(
        "charged_amount", "currency", "What was charged for its new lines, rounded by month."
    )
    debt_amount: Money = money(
        "debt_amount", "currency", "What of `chargedAmount` cash did not cover."
    )
    returned_amount: Money = money(
        "returned_amount",
        "currency",
        "What of earlier charges was too much by its corrections: off what was owed, else as cash.",
    )
    errors: list[UsageLineError] = computed(
        _errors, ("errors",), "The lines that were refused, the first 500."
    )
    consumption: Connection[ConsumptionRecord] = connection(
        "usage_import_id",
        "What was charged. Not for merchants, whom it doesn't concern by what customers pay.",
        order=ConsumptionOrder,
    )
    history: Connection[Event] = happened()


@strawberry.input(description="Which file of usage.")
class UsageImportInput:
    """For `usageImport`."""

    file_id: strawberry.ID = strawberry.field(
        description="A JSONL file from `POST /files`, at most 10,000 lines, each an object such as"
        ' `{"source": "meter-1", "recordId": "r-1", "customer": "yangtze-steel", "sku": "GPU-H",'
        ' "usedAt": "2030-01-31T23:30:00+08:00", "quantity": "1.25000000"}`: the customer by its'
        " account name, the SKU by its code. A line that also has"
        ' `"corrects": "r-1"` names an earlier record of the same source, with a record id of its'
        " own: its quantity, which may be 0, holds instead, at the price of then, and what that"
        " makes more or less is charged or given back. Until the month is billed, each record once;"
        " what corrects can be corrected."
    )
    idempotency_key: str = needed_idempotency_key()


@payload(errors=(NotAUsageFile, FileExpired, FileAlreadyAttached))
class UsageImportPayload:
    usage_import: UsageImport | None = made("The import, with what became of its lines.")
