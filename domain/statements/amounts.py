"""How what a statement pays splits into net and tax (6.9)."""

from decimal import Decimal

from domain.settlement.rules import CURRENT, RULES, Tax


def taxes(total: Decimal, fee_tax_rate: Decimal) -> Tax:
    """Net, rounded once, and the rest, which is the tax; as it stands on invoices."""
    return RULES[CURRENT].tax(total, fee_tax_rate)
