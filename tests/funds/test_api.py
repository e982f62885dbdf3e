"""Money through the API: what each kind of viewer sees and does, and in which words."""

from decimal import Decimal
from typing import Any

import pytest

from domain.audit import relay
from domain.funds import allocating, withdrawing
from domain.funds.withdrawing import BankAccount
from domain.identity.items import Item
from domain.ledger import audit
from kit import ids
from models.customers import AssociationType
from models.funds import WithdrawalKind
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager, a_user_of, cus
from tests.factories import a_distributor, a_partner, a_staff_viewer, an_administrator
from tests.funds.conftest import Scene
from tests.funds.factories import say
from tests.ledger.factories import an_account

pytestmark = pytest.mark.usefixtures("database")

ACCOUNTS = """{ accounts { totalCount { value } edges { node {
  kind kindCode balance { amount currency } held { amount } available { amount }
  partner { name } customer { name } } } } }"""

STATEMENT = """query ($id: ID!, $filter: AccountEntryFilter, $since: DateTime) {
  account(id: $id) { entries(filter: $filter, since: $since) { totalCount { value } edges { node {
    kind kindCode type amount { amount } balanceAfter { amount } sequence customer { name }
    transfer { number subjectType subject { __typename } transId
      entries { amount { amount } } } } } } } }"""

ALLOCATE = """mutation ($input: FundsAllocateInput!) { fundsAllocate(input: $input) {
  adjustRecord {
    id kind kindCode amount { amount } transId note customer { name } partner { name } }
  errors { code message path __typename
    ... on InsufficientBalance { needed available } } } }"""


async def allocate(scene: Scene, amount: int, now: Any, trans_id: str | None = None) -> None:
    await allocating.allocate(
        viewer=scene.by,
        customer_id=scene.customer.id,
        amount=Decimal(amount),
        trans_id=trans_id,
        now=now,
    )


def nodes(connection: Any) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


async def test_a_partner_sees_its_accounts_and_those_of_agency_customers(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    found = await ask(ACCOUNTS, by=scene.by)
    assert nodes(found) == [
        {
            "kind": "CASH",
            "kindCode": "1",
            "balance": {"amount": "1000.00", "currency": "CNY"},
            "held": {"amount": "0.00"},
            "available": {"amount": "1000.00"},
            "partner": {"name": "Acme"},
            "customer": None,
        }
    ]

    question = "query ($id: ID!) { customer(id: $id) { accounts { kind balance { amount } } } }"
    agency = await ask(question, by=scene.by, id=cus(scene.customer))
    referral = await ask(question, by=scene.by, id=cus(scene.referral))
    assert agency["accounts"] == [{"kind": "CASH", "balance": {"amount": "0.00"}}]
    assert referral["accounts"] == []


async def test_who_sees_which_account(scene: Scene, time: Clock, ask: Ask) -> None:
    _, manager = await a_manager(scene.partner)
    stranger = await an_administrator(await a_partner("Rival"))
    question = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    wanted = [ids.encode("act", each.id) for each in (scene.cash, scene.purse, scene.own)]

    async def sees(viewer: Any) -> list[bool]:
        return [each is not None for each in await ask(question, by=viewer, ids=wanted)]

    assert await sees(scene.by) == [True, True, False]
    assert await sees(manager) == [False, False, False]
    assert await sees(stranger) == [False, False, False]
    assert await sees(scene.buyer) == [False, False, True]
    assert await sees(await a_user_of(scene.customer)) == [False, True, False]
    assert await sees(scene.platform) == [True, True, True]
    with pytest.raises(Refused) as refused:
        await ask(ACCOUNTS, by=manager)
    assert refused.value.codes == ["FORBIDDEN"]


async def test_a_distributor_sees_its_resellers_money(scene: Scene, time: Clock, ask: Ask) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    customer = await a_customer("Buyer", of=reseller, type=AssociationType.AGENCY)
    await an_account(reseller, 10, now=time.now)
    purse = await an_account(customer, 20, now=time.now)
    by = await an_administrator(distributor)

    found = await ask(ACCOUNTS, by=by)
    answer = await ask(
        "query ($id: ID!) { account(id: $id) { balance { amount } } }",
        by=by,
        id=ids.encode("act", purse.id),
    )

    assert [node["partner"]["name"] for node in nodes(found)] == ["Reseller"]
    assert answer == {"balance": {"amount": "20.00"}}


async def test_the_statement_of_account(scene: Scene, time: Clock, ask: Ask) -> None:
    await allocate(scene, 300, time.now, trans_id="t-1")
    account = ids.encode("act", scene.cash.id)

    answer = await ask(STATEMENT, by=scene.by, id=account)

    latest, first = nodes(answer["entries"])
    assert answer["entries"]["totalCount"] == {"value": 2}
    assert {name: latest[name] for name in ("kind", "kindCode", "type", "sequence")} == {
        "kind": "ALLOCATION",
        "kindCode": "BEADJUST",
        "type": "EXPENSE",
        "sequence": 2,
    }
    assert latest["amount"] == {"amount": "-300.00"}
    assert latest["balanceAfter"] == {"amount": "700.00"}
    assert latest["customer"] == {"name": "Yangtze"}
    assert latest["transfer"]["subject"] == {"__typename": "AdjustRecord"}
    assert latest["transfer"]["transId"] == "t-1"
    assert [entry["amount"]["amount"] for entry in latest["transfer"]["entries"]] == [
        "-300.00",
        "300.00",
    ]
    assert (first["type"], first["kindCode"]) == ("INCOME", "RECHARGE")


@pytest.mark.parametrize(
    ("filter", "kinds"),
    [
        ({"income": True}, ["RECHARGE"]),
        ({"income": False}, ["ALLOCATION"]),
        ({"kind": ["ALLOCATION", "REFUND"]}, ["ALLOCATION"]),
        ({"amountAtLeast": "300.01"}, ["RECHARGE"]),
        ({"customerId": None}, ["ALLOCATION", "RECHARGE"]),
    ],
)
async def test_the_statement_is_filtered(
    scene: Scene, time: Clock, ask: Ask, filter: Any, kinds: list[str]
) -> None:
    await allocate(scene, 300, time.now)

    answer = await ask(STATEMENT, by=scene.by, id=ids.encode("act", scene.cash.id), filter=filter)

    assert [node["kind"] for node in nodes(answer["entries"])] == kinds


async def test_the_statement_goes_back_a_year_unless_more_is_asked_for(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    since = time.now
    time.forward(days=366)
    await allocate(scene, 1, time.now)
    account = ids.encode("act", scene.cash.id)

    usual = await ask(STATEMENT, by=scene.by, id=account)
    more = await ask(STATEMENT, by=scene.by, id=account, since=since.isoformat())

    assert [len(nodes(each["entries"])) for each in (usual, more)] == [1, 2]


async def test_money_is_given_and_what_is_too_much_refused_with_its_code(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    input = {"customerId": cus(scene.customer), "amount": "300.00", "note": "M", "transId": "t"}
    first, much, less = ({"idempotencyKey": key} for key in "KLM")

    done = await ask(ALLOCATE, by=scene.by, input=input | first)
    refused = await ask(
        ALLOCATE, by=scene.by, input=input | much | {"amount": "701.00", "transId": "u"}
    )
    other = await ask(ALLOCATE, by=scene.by, locale="zh", input=input | less | {"amount": "1.00"})

    record = done["adjustRecord"]
    assert (record["kind"], record["kindCode"]) == ("ALLOCATION", "SOURCE_OPERATION_BEADJUST")
    assert (record["amount"], record["note"], record["transId"]) == ({"amount": "300.00"}, "M", "t")
    [error] = refused["errors"]
    assert (error["code"], error["needed"], error["available"]) == (
        "CBC.99005003",
        "701.00",
        "700.00",
    )
    [error] = other["errors"]
    assert (error["code"], error["__typename"]) == ("CBC.99007009", "DuplicateTransId")
    assert error["path"] == ["input", "transId"]
    assert "trans_id" in error["message"]


async def test_many_are_given_money_each_with_a_result(scene: Scene, time: Clock, ask: Ask) -> None:
    answer = await ask(
        """mutation ($input: FundsAllocateManyInput!) { fundsAllocateMany(input: $input) {
          results { id done error { code } } errors { code }
          adjustRecords { customer { id } amount { amount } } } }""",
        by=scene.by,
        input={
            "allotments": [
                {"customerId": cus(scene.customer), "amount": "5.00"},
                {"customerId": cus(scene.referral), "amount": "5.00"},
            ],
            "idempotencyKey": "K",
        },
    )

    assert answer["results"] == [
        {"id": cus(scene.customer), "done": True, "error": None},
        {
            "id": cus(scene.referral),
            "done": False,
            "error": {"code": "FUNDS_FOR_AGENCY_ONLY"},
        },
    ]
    assert answer["adjustRecords"] == [
        {"customer": {"id": cus(scene.customer)}, "amount": {"amount": "5.00"}}
    ]


async def test_adjust_records_are_listed(scene: Scene, time: Clock, ask: Ask) -> None:
    await allocate(scene, 300, time.now)
    question = """query ($filter: AdjustRecordFilter) { adjustRecords(filter: $filter) {
      edges { node { kind amount { amount } customer { name } actorName } } } }"""

    [mine] = nodes(await ask(question, by=scene.by))
    [theirs] = nodes(await ask(question, by=await a_user_of(scene.customer)))
    none = await ask(question, by=scene.by, filter={"kind": ["RECOVERY"]})

    assert (mine["amount"], mine["customer"]) == ({"amount": "300.00"}, {"name": "Yangtze"})
    assert (mine["actorName"], theirs["actorName"]) == ("Han Meimei", None)
    assert none["edges"] == []


async def test_a_recharge_is_announced_followed_and_booked(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    made = await ask(
        """mutation ($input: RechargeCreateInput!) { rechargeCreate(input: $input) {
          recharge { id status deadline { dueAt } } errors { code } } }""",
        by=scene.buyer,
        input={"method": "ONLINE", "channel": "ALIPAY", "amount": "80.00"},
    )
    recharge = made["recharge"]
    question = """query ($id: ID!) { recharge(id: $id) { status creditedAmount { amount } reference
      account { balance { amount } } history { edges { node { name subject { id } } } } } }"""
    time.forward(hours=24)
    late = await ask(question, by=scene.buyer, id=recharge["id"])
    await say(ids.decode("rch", recharge["id"]), reference="A1", now=time.now)
    landed = await ask(question, by=scene.buyer, id=recharge["id"])
    unseen = await ask(question, by=scene.by, id=recharge["id"])

    assert recharge["status"] == "WAITING"
    assert late["status"] == "EXPIRED"
    assert (landed["status"], landed["creditedAmount"], landed["reference"]) == (
        "CREDITED",
        {"amount": "80.00"},
        "A1",
    )
    assert landed["account"] == {"balance": {"amount": "80.00"}}
    assert [node["name"] for node in nodes(landed["history"])] == [
        "recharge.credited",
        "recharge.created",
    ]
    assert unseen is None


async def test_a_withdrawal_from_the_question_to_the_refusal(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    look = """query { withdrawable(kind: BANK_CARD) {
      amount { amount } held { amount } blockers { code message } } }"""
    create = """mutation ($input: WithdrawalCreateInput!) { withdrawalCreate(input: $input) {
      withdrawal { id status bankAccount availableActions { name allowed } }
      errors { code ... on WithdrawalBlocked { blockers { code message } } } } }"""
    input = {
        "kind": "BANK_CARD",
        "amount": "300.00",
        "bankAccount": {"bankName": "Bank", "name": "Acme", "number": "6222000011112222"},
        "idempotencyKey": "K",
    }

    before = await ask(look, by=scene.by)
    made = (await ask(create, by=scene.by, input=input))["withdrawal"]
    after = await ask(look, by=scene.by)
    again = await ask(create, by=scene.by, input=input | {"idempotencyKey": "L"})
    refused = await ask(
        """mutation ($input: WithdrawalRejectInput!) { withdrawalReject(input: $input) {
          withdrawal { status refusal } errors { code } } }""",
        by=scene.platform,
        input={"id": made["id"], "reason": "No.", "idempotencyKey": "M"},
    )
    deleted = await ask(
        """mutation ($input: WithdrawalDeleteInput!) { withdrawalDelete(input: $input) {
          deletedId errors { code } } }""",
        by=scene.by,
        input={"id": made["id"]},
    )
    listed = await ask("{ withdrawals { edges { node { id } } } }", by=scene.by)
    kept = await ask("{ withdrawals { edges { node { id } } } }", by=scene.platform)

    assert (before["amount"], before["blockers"]) == ({"amount": "1000.00"}, [])
    assert (made["status"], made["bankAccount"]) == ("SUBMITTED", "****2222")
    assert [each for each in made["availableActions"] if each["allowed"]] == []
    assert (after["amount"], after["held"]) == ({"amount": "700.00"}, {"amount": "300.00"})
    assert [each["code"] for each in after["blockers"]] == ["IN_PROCESS"]
    [error] = again["errors"]
    assert [each["code"] for each in error["blockers"]] == ["IN_PROCESS"]
    assert refused["withdrawal"] == {"status": "REJECTED", "refusal": "No."}
    assert deleted == {"deletedId": made["id"], "errors": []}
    assert (listed["edges"], len(kept["edges"])) == ([], 1)


async def test_whose_name_a_transfer_has_finds_it_by_that(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    """A customer isn't told what its partner calls a payment, and can't try names either."""
    await allocate(scene, 300, time.now, trans_id="t-1")
    buyer = await a_user_of(scene.customer)
    by_name = """query ($id: String) {
      ledgerTransfers(filter: {transId: $id}) { edges { node { transId } } } }"""
    records = """query ($id: String) {
      adjustRecords(filter: {transId: $id}) { edges { node { transId } } } }"""

    for question in (by_name, records):
        every = await ask(question, by=buyer)
        mine = await ask(question, by=scene.by, id="t-1")
        theirs = await ask(question, by=buyer, id="t-1")

        assert nodes(every) == [{"transId": None}]
        assert nodes(mine) == [{"transId": "t-1"}]
        assert nodes(theirs) == []


async def test_the_platform_reads_transfers_and_recounts(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    await allocate(scene, 300, time.now, trans_id="t-1")
    await audit.audit(scheduled_for=time.now, now=time.now)

    transfers = await ask(
        "{ ledgerTransfers { edges { node { kind transId entries { amount { amount } } } } } }",
        by=scene.platform,
    )
    recounts = await ask(
        "{ ledgerAudits { edges { node { isSound entryCount differences } } } }",
        by=await a_staff_viewer(Item.OPERATE),
    )

    assert [(node["kind"], node["transId"]) for node in nodes(transfers)] == [
        ("ALLOCATION", "t-1"),
        ("RECHARGE", None),
    ]
    assert nodes(recounts) == [{"isSound": True, "entryCount": 4, "differences": []}]
    with pytest.raises(Refused):
        await ask("{ ledgerAudits { edges { node { id } } } }", by=scene.by)


async def test_events_about_money_are_for_those_who_see_money(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    await withdrawing.submit(
        viewer=scene.by,
        kind=WithdrawalKind.BANK_CARD,
        amount=Decimal(1),
        to=BankAccount(bank="B", name="N", number="1234"),
        now=time.now,
    )
    await relay.place_all(now=time.now)
    _, manager = await a_manager(scene.partner)
    question = '{ events(filter: {name: ["withdrawal.submitted"]}) { edges { node { name } } } }'

    assert len((await ask(question, by=scene.by))["edges"]) == 1
    assert (await ask(question, by=manager))["edges"] == []


@pytest.mark.parametrize(
    ("name", "input"),
    [
        ("creditLimitSet", {"customerId": "cus", "limit": "500.00", "reason": "agreed"}),
        (
            "accountAdjust",
            {"customerId": "cus", "kind": "CASH", "amount": "5.00", "reason": "counted"},
        ),
        ("depositMove", {"partnerId": "ptn", "amount": "5.00", "reason": "agreed"}),
        ("accountFactsSet", {"id": "act", "designated": "5.00", "reason": "told"}),
        ("rechargeRecord", {"partnerId": "ptn", "amount": "5.00", "reference": "B1"}),
    ],
)
async def test_what_the_platform_books_nobody_else_does(
    scene: Scene, time: Clock, ask: Ask, name: str, input: dict[str, str]
) -> None:
    known = {
        "cus": cus(scene.referral),
        "ptn": ids.encode("ptn", scene.partner.id),
        "act": ids.encode("act", scene.cash.id),
    }
    given = {key: known.get(value, value) for key, value in input.items()}
    given["idempotencyKey"] = "K"
    kind = name[0].upper() + name[1:]
    mutation = (
        f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
    )

    with pytest.raises(Refused) as refused:
        await ask(mutation, by=scene.by, input=given)
    done = await ask(mutation, by=scene.platform, input=given)

    assert refused.value.codes == ["FORBIDDEN"]
    assert done["errors"] == []
