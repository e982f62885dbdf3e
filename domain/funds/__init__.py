"""Funds: recharges, allocations to customers, withdrawals. Workflows over the ledger."""
