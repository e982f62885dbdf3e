"""Tables: columns, constraints, statuses. No rules, no queries with a name."""

MODULES = [
    "models.associations",
    "models.audit",
    "models.catalogue",
    "models.certification",
    "models.clock",
    "models.customer_invitations",
    "models.customers",
    "models.files",
    "models.identity",
    "models.idempotency",
    "models.members",
    "models.notifications",
    "models.offers",
    "models.partners",
    "models.programmes",
    "models.reports",
    "models.requirements",
    "models.steps",
    "models.timers",
]
