"""Who sees statements, who signs them, and the times and limits of their steps (S-01, S-12)."""

from collections.abc import Mapping
from datetime import timedelta

from kit.scope import Scope
from models.statement_steps import SignerRole
from models.statements import StatementStepKind as StepKind

# A partner sees its own, once they are sent; a distributor not its resellers'. Who looks after
# certain customers alone has no share in what the house is paid.
_MINE = "{t}.partner_id = {viewer.partner_id} and {viewer.sees_statements}::boolean"
_NOBODY = {"OPERATOR__MANAGER": "false", "OPERATOR__SUPERVISOR": "false"}
_NO_MERCHANT = {"OPERATOR__MERCHANT": "false"}

STATEMENTS = Scope(
    STAFF="true", OPERATOR=f"({_MINE} and {{t}}.sent_at is not null)", **_NOBODY, **_NO_MERCHANT
)
INVOICES = Scope(STAFF="true", OPERATOR=f"({_MINE})", **_NOBODY, **_NO_MERCHANT)
DISPUTES = Scope(STAFF="true", OPERATOR=f"({_MINE})", **_NOBODY, **_NO_MERCHANT)

# In whose name a statement that is to be paid is signed: each by somebody else, and none by who
# reviewed it. Those that are being signed keep what they were started with.
SIGNERS: tuple[SignerRole, ...] = (SignerRole.BUSINESS, SignerRole.FINANCE)

# Working days for each step; the partner's own has a deadline by law instead.
WORKDAYS: Mapping[StepKind, int] = {
    StepKind.GENERATE: 1,
    StepKind.REVIEW: 2,
    StepKind.COUNTERSIGN: 8,
    StepKind.NOTIFY: 1,
    StepKind.VERIFY: 2,
    StepKind.PAY: 6,
}
MONTHS_TO_INVOICE = 1
REMINDED_BEFORE = timedelta(days=7)

LONGEST_ADDRESS = 500
LONGEST_REFERENCE = 128
LONGEST_TEXT = 2000
