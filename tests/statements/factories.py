"""Statements as a run leaves them, and their way; name only what the test is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.invoices.checking import Given
from domain.invoices.taxes import taxes
from domain.settlement.effects import GENERATED, Generated
from domain.statements import countersigning, invoicing, notifying, sending, verifying
from domain.upstream import answering
from kit import ids
from kit.ids import new_id
from kit.numbers import numbered
from kit.transaction import transactional
from kit.workdays import SHANGHAI
from models.audit import Event
from models.certification import BusinessInformation
from models.notifications import Mail
from models.partners import Partner
from models.settlement import SettledKind, SettlementLine, StatementKind
from models.settlement_runs import RunState, SettlementRun
from models.statement_steps import InvoiceKind, SignerRole, StatementStep
from models.statements import Statement, StatementStatus, StatementStepKind
from models.upstream import UpstreamRequest
from tests.factories import LONG_AGO, a_partner, a_staff_viewer, an_administrator
from tests.programmes.factories import business_information

PERIOD = "2029-12"
ADDRESS = "1 Huaihai Road, Shanghai"

_serial = count(1)


@dataclass
class House:
    """A partner that is paid, and those of the platform who see to that: three pairs of eyes."""

    partner: Partner
    by: Viewer
    reviewer: Viewer
    business: Viewer
    finance: Viewer


async def a_house() -> House:
    """Acme, whose bank account is certified."""
    partner = await a_partner()
    certified = await business_information(of=partner)
    await BusinessInformation.filter(id=certified.id).update(decided_at=LONG_AGO)
    return await the_house_of(partner, by=await an_administrator(partner))


async def the_house_of(partner: Partner, *, by: Viewer) -> House:
    """A partner whose bank account is certified already, and who sees to its statements."""
    return House(
        partner=partner,
        by=by,
        reviewer=await a_staff_viewer(
            Item.SETTLEMENT_REVIEW, Item.SETTLEMENT_RUN, Item.STATEMENT_SIGN_BUSINESS
        ),
        business=await a_staff_viewer(Item.SETTLEMENT_REVIEW, Item.STATEMENT_SIGN_BUSINESS),
        finance=await a_staff_viewer(Item.SETTLEMENT_REVIEW, Item.STATEMENT_SIGN_FINANCE),
    )


@transactional
async def a_statement(
    house: House,
    total: str = "1060.00",
    *,
    partner: Partner | None = None,
    kind: StatementKind = StatementKind.BASIC,
    period: str = PERIOD,
    goods_tax_rate: str | None = "0.06",
    lines: Sequence[str] = (),
    carried_from: Statement | None = None,
    billing_day: date | None = None,
    run: SettlementRun | None = None,
    reason: str = "As agreed.",
    now: datetime,
) -> Statement:
    """One that has just been generated, with one line, an adjustment, or several that add up."""
    partner = partner or house.partner
    amounts = [Decimal(amount) for amount in lines or [total]]
    carry_in = carried_from.total_amount if carried_from else Decimal(0)
    billing_day = billing_day or now.astimezone(SHANGHAI).date()
    run = run or await _run(kind, period, billing_day, now)
    information = await BusinessInformation.get(partner_id=partner.id, status="CERTIFIED")
    id = new_id()
    statement = Statement(
        id=id,
        created_at=now,
        number=numbered("ST", id, at=now),
        partner_id=partner.id,
        run_id=run.id,
        kind=kind,
        period=period,
        goods_tax_rate=None if goods_tax_rate is None else Decimal(goods_tax_rate),
        fee_tax_rate=information.fee_tax_rate,
        lines=len(amounts),
        lines_amount=sum(amounts),
        carry_in=carry_in,
        carried_from_id=carried_from.id if carried_from else None,
        total_amount=sum(amounts) + carry_in,
        business_information_id=information.id,
    )
    await statement.insert()
    for amount in amounts:
        await SettlementLine(
            id=new_id(),
            created_at=now,
            statement_id=statement.id,
            partner_id=partner.id,
            kind=SettledKind.ADJUSTMENT,
            period=period,
            eligible_at=run.starts_at,
            cash=Decimal(0),
            goods_tax_rate=statement.goods_tax_rate,
            fee_tax_rate=statement.fee_tax_rate,
            rule_version="2025-1",
            amount=amount,
            reason=reason,
        ).insert()
    await GENERATED.run(Generated(statement_ids=[statement.id], run_id=run.id, now=now))
    return await Statement.get(id=statement.id)


async def _run(kind: StatementKind, period: str, billing_day: date, now: datetime) -> SettlementRun:
    known = await SettlementRun.get_or_none(kind=kind, period=period, partner_id=None)
    if known is not None:
        return known
    starts_at, ends_at = (
        datetime(2000, 1, 1, tzinfo=SHANGHAI),
        datetime(2000, 2, 1, tzinfo=SHANGHAI),
    )
    run = SettlementRun(
        id=new_id(),
        created_at=now,
        kind=kind,
        period=period,
        starts_at=starts_at,
        ends_at=ends_at,
        as_of=now,
        billing_day=billing_day,
        rule_version="2025-1",
        state=RunState.DONE,
        finished_at=now,
    )
    await run.insert()
    return run


async def sent(house: House, total: str = "1060.00", *, now: datetime, **more: Any) -> Statement:
    """Reviewed."""
    return await send(house, await a_statement(house, total, now=now, **more), now=now)


async def send(house: House, statement: Statement, *, now: datetime) -> Statement:
    """Review it."""
    return await sending.send(viewer=house.reviewer, statement_id=statement.id, now=now)


async def signed(house: House, statement: Statement, *, now: datetime) -> Statement:
    """Countersigned by both; a payment sheet is asked for."""
    await countersigning.start(viewer=house.reviewer, statement_id=statement.id, now=now)
    for viewer, role in (
        (house.business, SignerRole.BUSINESS),
        (house.finance, SignerRole.FINANCE),
    ):
        await countersigning.sign(viewer=viewer, statement_id=statement.id, role=role, now=now)
    return await fresh(statement)


async def with_sheet(
    house: House, total: str = "1060.00", *, now: datetime, **more: Any
) -> Statement:
    """With a payment sheet, before the notice."""
    return await with_its_sheet(house, await sent(house, total, now=now, **more), now=now)


async def with_its_sheet(house: House, statement: Statement, *, now: datetime) -> Statement:
    """Sign it, and let the payment sheet come."""
    statement = await signed(house, statement, now=now)
    await say(statement, reference="PS-1", now=now)
    return await fresh(statement)


async def notified(
    house: House, total: str = "1060.00", *, now: datetime, **more: Any
) -> Statement:
    """Its invoice is asked for."""
    return await notify(house, await with_sheet(house, total, now=now, **more), now=now)


async def notify(house: House, statement: Statement, *, now: datetime) -> Statement:
    """Ask for its invoice."""
    return await notifying.notify(
        viewer=house.reviewer, statement_id=statement.id, address=ADDRESS, now=now
    )


async def invoiced(
    house: House, total: str = "1060.00", *, now: datetime, **more: Any
) -> Statement:
    """Its invoice has come."""
    statement = await notified(house, total, now=now, **more)
    return await received(house, statement, now=now)


async def received(house: House, statement: Statement, *, now: datetime) -> Statement:
    """An invoice of its total has come."""
    await submit(house, statement, [an_invoice(statement, now=now)], now=now)
    return await invoicing.receive(viewer=house.reviewer, statement_id=statement.id, now=now)


async def paying(house: House, total: str = "1060.00", *, now: datetime, **more: Any) -> Statement:
    """The bank is asked to pay it."""
    return await verify(house, await invoiced(house, total, now=now, **more), now=now)


async def verify(house: House, statement: Statement, *, now: datetime) -> Statement:
    """Find its invoice right: the bank is asked to pay."""
    return await verifying.verify(viewer=house.reviewer, statement_id=statement.id, now=now)


async def pay(house: House, statement: Statement, *, now: datetime) -> Statement:
    """Take one that a run has made all its way, until the bank has paid."""
    statement = await send(house, statement, now=now)
    statement = await with_its_sheet(house, statement, now=now)
    statement = await received(house, await notify(house, statement, now=now), now=now)
    await say(await verify(house, statement, now=now), reference="BANK-1", now=now)
    return await fresh(statement)


def an_invoice(
    statement: Statement, total: Decimal | str | None = None, *, now: datetime, **facts: Any
) -> Given:
    """A right one for the whole, or a part of it."""
    amount = statement.total_amount if total is None else Decimal(total)
    split = taxes(amount, statement.fee_tax_rate)
    given: dict[str, Any] = {
        "code": "3100233130",
        "number": f"{next(_serial):08}",
        "kind": InvoiceKind.VAT_SPECIAL,
        "issued_on": now.astimezone(SHANGHAI).date(),
        "tax_rate": statement.fee_tax_rate,
        "net": split.net,
        "tax": split.tax,
        "total": amount,
    }
    return Given(**given | facts)


async def submit(
    house: House, statement: Statement, invoices: Sequence[Given], *, now: datetime
) -> Statement:
    """The partner tells of them."""
    return await invoicing.submit(
        viewer=house.by, statement_id=statement.id, invoices=invoices, now=now
    )


async def asked_for(statement: Statement) -> list[UpstreamRequest]:
    """What other systems were asked because of it, in this order."""
    return await UpstreamRequest.filter(subject_id=statement.id).order_by("id")


async def say(
    statement: Statement,
    *,
    to: int = -1,
    ok: bool = True,
    reference: str | None = None,
    code: str | None = None,
    facts: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Let the system answer that was asked last, or at that place."""
    request = (await asked_for(statement))[to]
    await answering.answered(
        request.id, ok=ok, reference=reference, code=code, facts=facts, now=now
    )


async def fresh(statement: Statement) -> Statement:
    """The row as it stands in the table."""
    return await Statement.get(id=statement.id)


async def status(statement: Statement) -> StatementStatus:
    """Where it stands."""
    found: StatementStatus = (await fresh(statement)).status
    return found


async def steps_of(statement: Statement) -> dict[str, StatementStep]:
    """Its steps by kind, the last attempt of each."""
    found = await StatementStep.filter(statement_id=statement.id).order_by("id")
    return {step.kind.value: step for step in found}


async def due_days(statement: Statement) -> dict[str, str | None]:
    """Until which day each step was to be done."""
    return {
        kind: step.due_on.isoformat() if step.due_on else None
        for kind, step in (await steps_of(statement)).items()
    }


async def history(subject_id: UUID) -> list[str]:
    """What happened to it, by the words after the dot."""
    events = await Event.filter(subject_id=subject_id).order_by("id")
    return [event.name.partition(".")[2] for event in events]


async def mails(template: str) -> list[str]:
    """To whom mails of this template go, in order."""
    return sorted(mail.recipient for mail in await Mail.filter(template=template))


def stm(statement: Statement) -> str:
    """The id of a statement as the API writes it."""
    return ids.encode("stm", statement.id)


STEP = StatementStepKind
