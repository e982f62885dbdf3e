"""The audit of the chaos program finds what is broken: each promise, broken in one row."""

from decimal import Decimal
from pathlib import Path

import pytest

from domain.audit import relay
from domain.exports import requesting
from domain.incentives import applying, confirming, invoicing, manual, paying, reviewing
from domain.webhooks import endpoints, planning, targets
from kit import database, ids
from kit.transaction import transactional
from models.exports import ExportFormat, ExportLanguage
from models.payment_applications import ApplicationKind
from tests.conftest import Clock
from tests.consumption.factories import handed_in, metered, used
from tests.factories import an_administrator, an_invitation
from tests.faults.chaos import audit, before, logs, outside, sums
from tests.faults.chaos.book import Asked, Book
from tests.incentives.factories import the_platform
from tests.orders.factories import Shop, a_shop, fund, place
from tests.receiver import Received
from tests.refunds.factories import asked_back, bought
from tests.settlement.factories import certified
from tests.statements import factories as statements
from tests.upstream.working import work
from tests.vouchers.factories import AGENCY, a_quota, issued

pytestmark = pytest.mark.usefixtures("database")

# A promise, and what breaks it.
BREAKS = [
    (
        "every due timer is decided, none dead",
        "update timer set due_at = '2030-01-01' where state = 'SCHEDULED'",
    ),
    (
        "every due timer is decided, none dead",
        "update timer set state = 'DEAD', last_error = 'KeyError' where state = 'SCHEDULED'",
    ),
    (
        "who waits has a timer, who is decided none",
        "delete from timer where kind = 'member_invitation.expire'",
    ),
    (
        "who waits has a timer, who is decided none",
        "update member_invitation set status = 'REVOKED', decided_at = sent_at",
    ),
    (
        "nothing waits beyond its deadline",
        "update sales_order set pay_by = '2030-01-01' where status = 'PENDING_PAYMENT'",
    ),
    (
        "periodic work was neither missed nor given up",
        "insert into tick (id, name, scheduled_for, state, attempts, next_attempt_at)"
        " values (uuidv7(), 'ledger', '2030-01-01', 'SCHEDULED', 0, '2030-01-01')",
    ),
    (
        "no event is there twice",
        "insert into event select (jsonb_populate_record(event, jsonb_build_object("
        "'id', uuidv7(), 'position', null))).* from event where name = 'order.paid'",
    ),
    (
        "positions have no gaps",
        "delete from event where position = 1",
    ),
    (
        "positions have no gaps",
        "update event set position = null where position = 2",
    ),
    (
        "each history is a path of its machine, and ends where the row is",
        'update event set after = after || \'{"status": "CANCELLED"}\''
        " where name = 'order.placed'",
    ),
    (
        "each history is a path of its machine, and ends where the row is",
        "insert into event select (jsonb_populate_record(event, jsonb_build_object("
        "'id', uuidv7(), 'position', null, 'before', '{}'::jsonb,"
        " 'after', '{\"status\": \"PENDING_PAYMENT\"}'::jsonb))).*"
        " from event where name = 'order.paid'",
    ),
    (
        "the ledger adds up, each balance is its entries",
        "delete from ledger_entry where id = (select max(id::text)::uuid from ledger_entry)",
    ),
    (
        "quota is conserved down the tiers",
        "update quota_record set amount = amount - 0.01",
    ),
    (
        "coupons are what was issued, used, returned",
        "delete from coupon_record where operation = 'USE'",
    ),
    (
        "payments add up",
        "update payment_share set amount = amount + 0.01",
    ),
    (
        "refunds add up",
        "update refund_part set amount = amount + 0.01",
    ),
    (
        "a statement is its lines, and nothing is settled twice",
        "update settlement_line set amount = amount + 0.01",
    ),
    (
        "each signer signs once",
        "update statement set reviewed_by = (select signed_by from statement_signature limit 1)",
    ),
    (
        "each signer signs once",
        "insert into event select (jsonb_populate_record(event, jsonb_build_object("
        "'id', uuidv7(), 'position', null))).* from event where name = 'statement.signed'",
    ),
    (
        "invoices are for what is paid, each once",
        "update invoice set net_amount = net_amount + 0.01, total_amount = total_amount + 0.01",
    ),
    (
        "invoices are for what is paid, each once",
        "update incentive_invoice set number = (select number from invoice),"
        " code = coalesce((select code from invoice), '')",
    ),
    (
        "banks pay once what is to be paid",
        "update upstream_request set (subject_id, operation) = (select subject_id, operation"
        " from upstream_request where operation = 'statement.pay')"
        " where operation = 'incentive.pay'",
    ),
    (
        "banks pay once what is to be paid",
        "update ledger_transfer set subject_id = uuidv7() where subject_type ="
        " 'payment_application'",
    ),
    (
        "an incentive is paid once, in parts that add up",
        "update incentive_part set amount = amount - 0.01",
    ),
    (
        "an incentive is paid once, in parts that add up",
        "update payment_application_item set let_go = true",
    ),
    (
        "usage is charged once, to the cent",
        "insert into consumption_record select (jsonb_populate_record(record, jsonb_build_object("
        "'id', uuidv7()))).* from consumption_record record where bill_type = 'USAGE'",
    ),
    (
        "usage is charged once, to the cent",
        "update usage_import set added = added + 1, lines = lines + 1",
    ),
    (
        "who owes is known to owe",
        "update customer set has_debt = false where has_debt",
    ),
    (
        "mails went out",
        "update mail set status = 'DEAD', last_error = 'full'",
    ),
    (
        "each webhook is delivered, or says why not",
        "delete from webhook_delivery",
    ),
    (
        "each webhook is delivered, or says why not",
        "update webhook_delivery set state = 'WAITING', attempted = 0, next_attempt_at = now()",
    ),
    (
        "exports have come to an end",
        "update export set state = 'QUEUED'",
    ),
    (
        "what other systems were asked is answered, or asked again",
        "update upstream_request set state = 'DEAD'",
    ),
    (
        "nobody holds what is decided",
        "update timer set lease_token = uuidv7() where state = 'FIRED'",
    ),
]


@pytest.fixture
async def house(time: Clock) -> None:
    """Something of everything, decided and sound."""
    shop = await a_shop(type=AGENCY, five_day_refund=True)
    targets.configure(to_loopback=True)
    await endpoints.create(
        viewer=shop.by, url="http://127.0.0.1:9/hook", types=[], description="ours", now=time.now
    )
    targets.configure(to_loopback=False)
    quota = await a_quota(shop.partner, now=time.now)
    made = await issued(quota, "300.00", shop.customer, by=shop.by, now=time.now)
    coupons = dict.fromkeys(made.coupons.values())
    _, subscription = await bought(shop, now=time.now, coupons=coupons)
    await asked_back(shop, subscription, now=time.now)
    await place(shop, now=time.now)
    await paid_out(shop, time)
    await an_invitation(of=shop.partner, now=time.now)
    await requesting.create(
        viewer=await an_administrator(shop.partner),
        listing="orders",
        arguments={},
        parent_id=None,
        columns=None,
        format=ExportFormat.CSV,
        language=ExportLanguage.EN,
        csv_bom=False,
        now=time.now,
    )
    await work(time.now)
    # The clock stands still here, and whoever listens did so before.
    await broken("update webhook_endpoint set created_at = created_at - interval '1 second'")
    await relay.place_all(now=time.now)
    while await planning.plan(now=time.now):
        pass
    await broken(
        "update mail set status = 'SENT'",
        "update webhook_delivery set state = 'DELIVERED', attempted = 1, delivered_at = created_at",
        "update export set state = 'CANCELLED'",
        "insert into notification_reader (id, created_at, position)"
        " select id, now(), last_position from event_counter",
    )
    # Their histories are those of a queue; the rows were decided past them.
    await broken("update event set after = '{}' where subject_type = 'export'")


async def paid_out(shop: Shop, time: Clock) -> None:
    """A statement and an incentive that a bank has paid, and usage that is owed in part."""
    await certified(shop.partner, at=time.now)
    house = await statements.the_house_of(shop.partner, by=shop.by)
    statement = await statements.a_statement(house, lines=["900.00", "160.00"], now=time.now)
    await statements.pay(house, statement, now=time.now)
    await before.policies_of_the_house()
    platform = await the_platform()
    incentive = await manual.enter(
        viewer=platform,
        partner_id=shop.partner.id,
        code=before.EARNED_BY_HAND[0],
        period="2029-12",
        amount=Decimal("106.00"),
        reason="A good base.",
        now=time.now,
    )
    await confirming.confirm(viewer=shop.by, incentive_id=incentive.id, now=time.now)
    application = await applying.create(
        viewer=shop.by, kind=ApplicationKind.SINGLE, incentive_ids=[incentive.id], now=time.now
    )
    id = application.id
    await applying.submit(viewer=shop.by, application_id=id, now=time.now)
    await reviewing.accept(viewer=platform, application_id=id, now=time.now)
    given = statements.an_invoice(statement, "106.00", now=time.now)
    await invoicing.hand_in(viewer=shop.by, application_id=id, invoices=[given], now=time.now)
    await paying.pay(viewer=platform, application_id=id, now=time.now)
    sku = await metered(shop, now=time.now)
    await fund(shop.customer, "1.00", now=time.now)
    await handed_in(shop.seller, used(shop, sku, "R1", 9000, time.now), now=time.now)


@transactional
async def broken(*statements: str) -> None:
    """As by somebody who goes past keys and triggers."""
    await database.execute("set local session_replication_role = replica")
    for statement in statements:
        assert await database.execute(statement) > 0, statement


async def wrong() -> dict[str, list[str]]:
    """What the audit finds, by promise."""
    return {promise: each.wrong for promise, each in (await audit.audit()).items() if each.wrong}


async def test_a_sound_house_has_no_finding_and_everything_was_looked_at(house: None) -> None:
    audited = await audit.audit()

    assert {promise: each.wrong for promise, each in audited.items() if each.wrong} == {}
    nothing = {promise for promise, each in audited.items() if each.count == 0}
    assert nothing == {"periodic work was neither missed nor given up"}


@pytest.mark.parametrize(("promise", "statement"), BREAKS)
async def test_each_broken_promise_is_found(house: None, promise: str, statement: str) -> None:
    await broken(statement)

    assert (await wrong())[promise]


async def test_every_promise_is_broken_here_once() -> None:
    assert {promise for promise, _ in BREAKS} == set(audit.CHECKS)


async def test_a_key_with_another_outcome_than_its_client_was_told_is_found(time: Clock) -> None:
    book = Book()
    told = [ids.new_id() for _ in range(3)]
    book.asked = [
        Asked("order", "orderPlace", f"key {number}", answered=True, ids=[ids.encode("ord", id)])
        for number, id in enumerate(told)
    ]
    for number, outcome in ((0, told[0].hex), (1, told[0].hex)):
        await database.execute(
            "insert into idempotency_record (id, created_at, caller_id, mutation, key, input_hash,"
            " outcome) values (uuidv7(), now(), uuidv7(), 'order_place', $1, '', $2::jsonb)",
            *(f"key {number}", f'{{"ids": {{"order": "{outcome}"}}, "problem": null}}'),
        )

    found = (await outside.keys(book)).wrong

    assert len(found) == 2
    assert found[0].startswith("orderPlace: told ")
    assert found[1] == "orderPlace key 2: 0 outcomes"


async def test_usage_that_is_not_there_or_is_otherwise_is_found(house: None) -> None:
    book = Book(used={"R1": Decimal(9000), "R2": Decimal(1)})
    assert (await sums.usage(book)).wrong == ["R2: handed in 1, taken []"]

    book.used = {"R1": Decimal(8)}

    [found] = (await sums.usage(book)).wrong
    assert found.startswith("R1: handed in 8, taken ")


async def test_what_never_came_or_came_in_two_ways_is_found(house: None) -> None:
    rows = await database.rows("select event_id from webhook_delivery order by position")
    names = [ids.encode("evt", row["event_id"]) for row in rows]
    received = [Received(name, "/hook", {}, {}, b"one") for name in names[1:]]
    received.append(Received(names[-1], "/hook", {}, {}, b"another"))

    found = (await outside.deliveries(received)).wrong

    assert found == [
        f"{names[-1]} came with two bodies",
        f"event {rows[0]['event_id']} counts as delivered and never came",
    ]


async def test_a_half_file_and_one_left_behind_are_found(house: None, tmp_path: Path) -> None:
    await broken(
        "update export set state = 'DONE', key = 'exports/a/1', size = 4, sha256 = '', "
        "expires_at = now() + interval '9 years'"
    )
    (tmp_path / "exports" / "a").mkdir(parents=True)
    for name in ("1", "2"):
        (tmp_path / "exports" / "a" / name).write_bytes(b"half"[:2])

    found = (await outside.files(tmp_path)).wrong

    assert len(found) == 2
    assert found[0].endswith("isn't what it is said to be")
    assert found[1] == "exports/a/2 is nobody's"


def test_an_error_of_ours_in_the_logs_is_found_and_a_lost_connection_is_none(
    tmp_path: Path,
) -> None:
    log = tmp_path / "api.log"
    log.write_text(
        "2030-02-06T01:00:00Z [error    ] a resolver failed at orderPay [kit.graphql.errors]\n"
        "Traceback (most recent call last):\n"
        "asyncpg.exceptions.ConnectionDoesNotExistError: connection was closed\n"
        "2030-02-06T01:00:01Z [error    ] relay failed until the next beat: "
        "CannotConnectNowError('starting up') [workers.pulse] request_id=1\n"
        "2030-02-06T01:00:02Z [error    ] a resolver failed at orderPay [kit.graphql.errors]\n"
        "KeyError: 'price'\n"
        "2030-02-06T01:00:03Z [error    ] mail failed until the next beat: "
        "ValueError('no') [workers.pulse]\n"
    )

    looked = logs.judged([log])

    assert (looked.count, looked.wrong) == (4, ["1 × KeyError", "1 × ValueError"])
    assert logs.counted([log])["error kit.graphql.errors: a resolver failed at orderPay"] == 2
