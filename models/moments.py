"""Indexes for lists that are ordered by a moment that not every row has.

Such rows stand behind all others, which is how `kit.reads` says it; a model can't. Migration 0003
makes them.
"""

_ORDERED = (
    ("incentive_by_deadline", "incentive", "confirm_by"),
    ("payment_application_by_submission", "payment_application", "submitted_at"),
    ("recharge_by_credit", "recharge", "credited_at"),
    ("statement_by_deadline", "statement", "step_due_at"),
    ("subscription_by_expiry", "subscription", "expires_at"),
    ("test_voucher_application_by_submission", "test_voucher_application", "submitted_at"),
    ("withdrawal_by_decision", "withdrawal", "decided_at"),
)

# What makes each, and what takes it away again.
MOMENTS = tuple(
    (
        f"create index {name} on {table} (coalesce({column}, 'infinity'::timestamptz), id)",
        f"drop index {name}",
    )
    for name, table, column in _ORDERED
)
