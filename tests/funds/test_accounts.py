"""Credit, adjustments and deposits; and what accounts say against changes of associations."""

from decimal import Decimal
from typing import Any

import pytest

from domain.associations.change_checks import ChangeCheck
from domain.associations.effects import Wish
from domain.funds import adjusting, aftermath, crediting
from domain.funds.crediting import MoreIsOwed, NoCreditForAgencyCustomers
from domain.funds.effects import REPAID, Repaid
from domain.funds.owners import OnlyForItself
from domain.ledger import accounts
from domain.ledger.posting import InsufficientBalance, NothingOwed
from kit.problems import Forbidden, InvalidInput
from models.associations import ChangeKind
from models.customers import AssociationType, Customer
from models.ledger import AccountKind, Book, LedgerAccount, TradeType
from tests.conftest import Clock
from tests.funds.conftest import Scene
from tests.ledger.factories import an_account, assert_sound, balance, fresh, move

pytestmark = pytest.mark.usefixtures("database")


async def limit(scene: Scene, amount: Any, now: Any) -> LedgerAccount:
    return await crediting.set_limit(
        viewer=scene.platform,
        customer_id=scene.referral.id,
        limit=Decimal(amount),
        reason="agreed",
        now=now,
    )


async def owing(scene: Scene, amount: int, now: Any) -> LedgerAccount:
    """Pearl has spent this much on credit of 500."""
    account = await limit(scene, 500, now)
    await move((account.id, -amount), (accounts.book(Book.SALES), amount), now=now)
    return account


async def test_a_limit_makes_a_credit_account_and_nothing_closes_it(
    scene: Scene, time: Clock
) -> None:
    account = await limit(scene, 500, time.now)
    assert (await fresh(account)).available == 500
    assert (await Customer.get(id=scene.referral.id)).has_credit_account

    await limit(scene, 0, time.now)

    assert (await fresh(account)).available == 0
    assert not (await Customer.get(id=scene.referral.id)).has_credit_account


async def test_a_limit_is_never_below_what_is_owed(scene: Scene, time: Clock) -> None:
    account = await owing(scene, 200, time.now)

    with pytest.raises(MoreIsOwed) as refused:
        await limit(scene, "199.99", time.now)
    await limit(scene, 200, time.now)

    assert refused.value.owed == 200
    assert (await fresh(account)).credit_limit == 200


async def test_agency_customers_have_no_credit(scene: Scene, time: Clock) -> None:
    with pytest.raises(NoCreditForAgencyCustomers):
        await crediting.set_limit(
            viewer=scene.platform,
            customer_id=scene.customer.id,
            limit=Decimal(1),
            reason="agreed",
            now=time.now,
        )


async def test_what_is_owed_is_paid_back_from_cash(scene: Scene, time: Clock) -> None:
    account = await owing(scene, 200, time.now)
    await an_account(scene.referral, 300, now=time.now)
    heard: list[Repaid] = []

    async def repaid(fact: Repaid) -> dict[str, Any]:
        heard.append(fact)
        return {}

    with REPAID.also(test=repaid):
        one = await crediting.repay(
            viewer=scene.buyer, amount=Decimal(150), trans_id="t", now=time.now
        )
        other = await crediting.repay(
            viewer=scene.buyer, amount=Decimal(150), trans_id="t", now=time.now
        )
        with pytest.raises(NothingOwed):
            await crediting.repay(viewer=scene.buyer, amount=Decimal("50.01"), now=time.now)

    assert (one.id, one.kind) == (other.id, TradeType.REPAYMENT)
    assert [(fact.amount, fact.owed) for fact in heard] == [(Decimal(150), Decimal(50))]
    assert (await balance(account), await balance(scene.own)) == (Decimal(-50), Decimal(150))
    await assert_sound()


async def test_only_the_customer_repays_and_with_money_that_it_has(
    scene: Scene, time: Clock
) -> None:
    account = await owing(scene, 200, time.now)

    with pytest.raises(OnlyForItself):
        await crediting.repay(viewer=scene.by, amount=Decimal(1), now=time.now)
    with pytest.raises(InsufficientBalance):
        await crediting.repay(viewer=scene.buyer, amount=Decimal(1), now=time.now)

    assert await balance(account) == -200


async def test_the_platform_corrects_accounts_and_nobody_else(scene: Scene, time: Clock) -> None:
    given: dict[str, Any] = {
        "partner_id": scene.partner.id,
        "kind": AccountKind.CASH,
        "reason": "counted again",
        "now": time.now,
    }

    await adjusting.adjust(viewer=scene.platform, amount=Decimal("0.50"), trans_id="t", **given)
    await adjusting.adjust(viewer=scene.platform, amount=Decimal("0.50"), trans_id="t", **given)
    await adjusting.adjust(viewer=scene.platform, amount=Decimal(-100), **given)
    with pytest.raises(InsufficientBalance):
        await adjusting.adjust(viewer=scene.platform, amount=Decimal(-1000), **given)
    with pytest.raises(Forbidden):
        await adjusting.adjust(viewer=scene.by, amount=Decimal(1), **given)
    for wrong in ({"kind": AccountKind.BOOK}, {"partner_id": None}, {"reason": " "}):
        with pytest.raises(InvalidInput):
            await adjusting.adjust(viewer=scene.platform, amount=Decimal(1), **given | wrong)

    assert await balance(scene.cash) == Decimal("900.50")
    await assert_sound()


async def test_a_fact_that_is_no_amount_is_blamed_by_its_field(scene: Scene, time: Clock) -> None:
    with pytest.raises(InvalidInput) as refused:
        await adjusting.set_facts(
            viewer=scene.platform,
            account_id=scene.cash.id,
            designated=Decimal(1),
            unreturned_invoices=Decimal(-1),
            reason="told",
            now=time.now,
        )

    assert refused.value.path == ("input", "unreturnedInvoices")
    assert (await LedgerAccount.get(id=scene.cash.id)).designated == 0


async def test_a_deposit_is_kept_and_given_back(scene: Scene, time: Clock) -> None:
    for amount in (300, -100):
        await adjusting.move_deposit(
            viewer=scene.platform,
            partner_id=scene.partner.id,
            amount=Decimal(amount),
            reason="as the contract has it",
            now=time.now,
        )

    deposit = await an_account(scene.partner, kind=AccountKind.DEPOSIT, now=time.now)
    assert (await balance(scene.cash), await balance(deposit)) == (Decimal(800), Decimal(200))


async def forbidden(customer: Customer, kind: ChangeKind, to: Any, now: Any) -> list[ChangeCheck]:
    customer = await Customer.get(id=customer.id)
    wish = Wish(customer=customer, kind=kind, to_type=to, now=now)
    return [failed.code for failed in await aftermath.forbid_with_money(wish)]


async def test_debt_forbids_every_change_and_own_money_becoming_an_agency_customer(
    scene: Scene, time: Clock
) -> None:
    agency = AssociationType.AGENCY
    assert await forbidden(scene.referral, ChangeKind.SWITCH, agency, time.now) == []
    await an_account(scene.referral, 1, now=time.now)
    await owing(scene, 1, time.now)

    assert await forbidden(scene.referral, ChangeKind.SWITCH, agency, time.now) == [
        ChangeCheck.OUTSTANDING_BILL,
        ChangeCheck.BALANCE_NOT_REFUNDED,
    ]
    assert await forbidden(scene.referral, ChangeKind.DISASSOCIATE, None, time.now) == [
        ChangeCheck.OUTSTANDING_BILL
    ]
