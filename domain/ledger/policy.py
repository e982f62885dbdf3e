"""Who sees which accounts: their owners, the platform, and partners those of agency customers."""

from kit.scope import Scope

_MAY = "{viewer.sees_funds}::boolean"


def _of_agency_customers(condition: str) -> str:
    # A referral customer's money is its own affair (domain.md 3.5).
    return (
        "exists (select from customer spends where spends.id = {t}.customer_id"
        f" and spends.association_type = 'AGENCY' and spends.{condition})"
    )


_AT_HOME = "{t}.partner_id = {viewer.partner_id}"
_OF_MINE = _of_agency_customers("partner_id = {viewer.partner_id}")
_OF_OURS = _of_agency_customers("partner_id = any({viewer.partner_ids})")
_IN_MY_HANDS = _of_agency_customers(
    "manager_id = any({viewer.manager_ids}) and spends.partner_id = {viewer.partner_id}"
)

# A distributor sees its resellers' accounts, too; an account manager the balances of the customers
# that he looks after.
_BY_OWNER = {
    "STAFF": "true",
    "OPERATOR": f"(({_AT_HOME} or {_OF_MINE}) and {_MAY})",
    "OPERATOR__DISTRIBUTOR": (
        f"(({{t}}.partner_id = any({{viewer.partner_ids}}) or {_OF_OURS}) and {_MAY})"
    ),
    "OPERATOR__MANAGER": f"(({_AT_HOME} or {_IN_MY_HANDS}) and {_MAY})",
    "OPERATOR__SUPERVISOR": f"(({_AT_HOME} or {_IN_MY_HANDS}) and {_MAY})",
    "CUSTOMER": "{t}.customer_id = {viewer.customer_id}",
}

ACCOUNTS = Scope(**_BY_OWNER)


def _by_account(predicate: str) -> str:
    whole = predicate.replace("{t}", "whole")
    return (
        f"exists (select from ledger_account whole where whole.id = {{t}}.account_id and {whole})"
    )


ENTRIES = Scope(
    **{
        kind: predicate if kind == "STAFF" else _by_account(predicate)
        for kind, predicate in _BY_OWNER.items()
    }
)

# Whoever sees one side of a transfer sees that it was made, and of its entries only that side.
TRANSFERS = Scope(
    **{
        kind: predicate
        if kind == "STAFF"
        else "exists (select from ledger_entry part where part.transfer_id = {t}.id and "
        + _by_account(predicate).replace("{t}", "part")
        + ")"
        for kind, predicate in _BY_OWNER.items()
    }
)

AUDITS = Scope(STAFF="true")
