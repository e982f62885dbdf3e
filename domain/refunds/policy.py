"""Who sees which refunds: whoever sees what was bought."""

from domain.fulfilment.policy import BY_ROW
from kit.scope import Scope

REFUNDS = Scope(**BY_ROW)


def _of_refund(predicate: str) -> str:
    whole = predicate.replace("{t}", "whole")
    return f"exists (select from refund whole where whole.id = {{t}}.refund_id and {whole})"


_BY_REFUND = {
    kind: predicate if kind == "STAFF" else _of_refund(predicate)
    for kind, predicate in BY_ROW.items()
}

# By what a customer has paid is no business of the merchant.
PARTS = Scope(**_BY_REFUND | {"OPERATOR__MERCHANT": "false"})
