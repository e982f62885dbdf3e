"""What the demo's money has to look like."""

from models.funds import AdjustKind, AdjustRecord, Recharge, Withdrawal
from models.ledger import AccountKind, LedgerAccount
from tests.ledger.factories import assert_sound


async def money_has_come_and_gone() -> None:
    """Every partner has some, customers were given it, and something waits to be paid out."""
    await assert_sound()
    assert await Recharge.filter(partner_id__not_isnull=True).exists()
    assert {record.kind for record in await AdjustRecord.all()} >= {
        AdjustKind.ALLOCATION,
        AdjustKind.RECOVERY,
    }
    assert {row.status.value for row in await Withdrawal.all()} == {
        *("SUBMITTED", "REJECTED"),
        *("PAID", "PAY_FAILED"),
    }
    assert await LedgerAccount.filter(kind=AccountKind.CREDIT, credit_limit__gt=0).exists()
