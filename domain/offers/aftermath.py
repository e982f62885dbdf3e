"""What becomes of a partner's offers when the customer leaves (domain.md 5.5)."""

from domain.associations.effects import Done, Ending
from domain.offers import withdrawing


async def withdraw_offers(ending: Ending) -> Done:
    """Those that no pending order uses are withdrawn."""
    withdrawn = await withdrawing.close_of(
        customer_id=ending.customer_id,
        partner_id=ending.partner_id,
        viewer=ending.viewer,
        now=ending.now,
    )
    return {"withdrawn": withdrawn} if withdrawn else {}
