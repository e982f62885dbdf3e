"""What a sale still waits for until it can be settled, and since when it can be (6.8, 6.10).

One text of SQL for the run, its preview and the list of transactions. Over a line `l` of an order
`o`, as of an instant; the moments are stored, so that a run that goes on later says the same.
"""

import re
from enum import StrEnum

from domain.programmes.conditions import SELLING_PROGRAMME
from models.catalogue import ChargeMode, GoodsKind, ShareModel


class PendingReason(StrEnum):
    """Why a sale isn't settled: what may still come, and what never will."""

    NOT_REPAID = "NOT_REPAID"
    UNDER_SUPERVISION = "UNDER_SUPERVISION"
    NOT_OPENED = "NOT_OPENED"
    NOT_EFFECTIVE = "NOT_EFFECTIVE"
    NOT_CERTIFIED = "NOT_CERTIFIED"
    ORIGINAL_WAITS = "ORIGINAL_WAITS"
    LATER_PERIOD = "LATER_PERIOD"
    STATEMENT_EXISTS = "STATEMENT_EXISTS"
    SETTLED_BY_USE = "SETTLED_BY_USE"
    NO_OFFER = "NO_OFFER"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    DISTRIBUTOR_POLICY = "DISTRIBUTOR_POLICY"
    OPERATIONS_BASE = "OPERATIONS_BASE"
    KIND_WITHOUT_SHARE = "KIND_WITHOUT_SHARE"


class RepaymentState(StrEnum):
    """Whether what was lent for an order is repaid (后付费客户还款状态, S-10)."""

    NOT_APPLICABLE = "NOT_APPLICABLE"
    UNPAID = "UNPAID"
    REPAID = "REPAID"


def _words(values: tuple[StrEnum, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_SHARED = _words((GoodsKind.JOINT_OPERATED, GoodsKind.SELF_OPERATED))
_STRICT = _words((GoodsKind.STRICT_SELECTED, GoodsKind.STRICT_SELF))
_LEGACY = _words((ShareModel.LEGACY_SOLO, ShareModel.LEGACY_JOINT))
_METERED = _words((ChargeMode.ON_DEMAND, ChargeMode.PER_USE))

# Strict-selected goods are sold as before there were offers and scenes (L-12).
_IS_STRICT = f"l.kind in ({_STRICT}) and l.share_model in ({_LEGACY})"
_EARNS = f"(l.kind in ({_SHARED}) or {_IS_STRICT})"
_OFFERED = f"(num_nonnulls(l.exclusive_offer_id, l.private_offer_id) > 0 or {_IS_STRICT})"
_BY_SCENE = (
    f"(o.policy_scene = 'CSP' or o.policy_scene = 'DISTRIBUTOR' and l.share_model in ({_LEGACY}))"
)
_MEMBER = f"""exists (
  select from programme_application joined
  join programme joins on joins.id = joined.programme_id
  where joins.code = '{SELLING_PROGRAMME}' and joined.partner_id = o.seller_id
    and joined.status in ('APPROVED', 'EXITED', 'EXPIRED')
    and coalesce(joined.effective_from, joined.decided_at, joined.created_at) <= o.created_at
    and (joined.expires_at is null or joined.expires_at > o.created_at)
    and (joined.ended_at is null or joined.ended_at > o.created_at))"""

# What must be so for ever when it is ordered (S-24, G-06, S-08): else nothing ever waits.
EARNS = (
    f"o.seller_id is not null and {_EARNS} and {_OFFERED} and {_BY_SCENE}"
    f" and ({_IS_STRICT} or {_MEMBER})"
)
BY_USE = f"l.charge_mode in ({_METERED})"

# Paid, and repaid if it was lent (D-11).
PAID_AT = "case o.payment_state when 'PAID' then o.paid_at when 'REPAID' then o.repaid_at end"

_ENTERED_AT = (
    f"case when l.fulfilment = 'OPEN' and l.opened_at is not null and l.effective_at is not null"
    f" and l.supervision_state <> 'IN_PROGRESS' and ({PAID_AT}) is not null"
    f" then greatest({PAID_AT}, l.opened_at, l.effective_at, l.supervision_done_at) end"
)


def given_back_at(at: str) -> str:
    """When all of the line had come back, if it had by then (A-27)."""
    return (
        "case when l.refunded_amount = l.due_amount then (select max(back.refunded_at)"
        " from refund back where back.line_id = l.id and back.status = 'REFUNDED'"
        f" and back.refunded_at <= {at} having sum(back.amount) = l.due_amount) end"
    )


def eligible_at(at: str) -> str:
    """Since when the line can be settled; null while something is missing.

    What comes back whole before that can be settled from then on, whatever was missing: the sale
    and its refund stand in one statement, and come to nothing (A-27).
    """
    return f"least({_ENTERED_AT}, {given_back_at(at)})"


def certified(partner: str, at: str) -> str:
    """The business information with which the partner was certified then: its row's id."""
    return (
        "(select info.id from business_information info"
        f" where info.partner_id = {partner} and info.status in ('CERTIFIED', 'SUPERSEDED')"
        f" and info.decided_at <= {at} order by info.decided_at desc, info.id desc limit 1)"
    )


def missing(*, until: str, at: str) -> str:
    """What the line lacked at `until`, as an array of PendingReason; empty when it could settle."""
    checks = {
        PendingReason.NOT_REPAID: f"coalesce(({PAID_AT}) >= {until}, true)",
        PendingReason.UNDER_SUPERVISION: "l.supervision_state = 'IN_PROGRESS'"
        f" or l.supervision_done_at >= {until}",
        PendingReason.NOT_OPENED: "l.fulfilment <> 'OPEN'"
        f" or coalesce(l.opened_at >= {until}, true)",
        PendingReason.NOT_EFFECTIVE: f"l.effective_at >= {until} or l.effective_at is null"
        " and l.fulfilment = 'OPEN' and l.supervision_state <> 'IN_PROGRESS'",
    }
    own = _array(checks)
    nothing = "array[]::text[]"
    return f"case when coalesce({given_back_at(at)} < {until}, false) then {nothing} else {own} end"


def never() -> str:
    """Why the line will never be settled as a sale, as an array of PendingReason."""
    scene = f"{_BY_SCENE} is false and o.policy_scene"
    return _array(
        {
            PendingReason.SETTLED_BY_USE: BY_USE,
            PendingReason.NO_OFFER: f"not {_OFFERED}",
            PendingReason.NOT_A_MEMBER: f"not ({_IS_STRICT}) and not {_MEMBER}",
            PendingReason.DISTRIBUTOR_POLICY: f"{scene} = 'DISTRIBUTOR'",
            PendingReason.OPERATIONS_BASE: f"{scene} = 'OPERATIONS_BASE'",
            PendingReason.KIND_WITHOUT_SHARE: f"not {_EARNS}",
        }
    )


def pending(at: str) -> str:
    """Why a line that isn't settled waits at an instant: what never comes, else what is missing.

    What has come in that very instant is there.
    """
    after = f"({at} + interval '1 microsecond')"
    uncertified = f"case when {certified('o.seller_id', at)} is null then"
    reason = f"array['{PendingReason.NOT_CERTIFIED}']::text[] else array[]::text[] end"
    return (
        f"case when {never()} <> array[]::text[] then {never()}"
        f" else {missing(until=after, at=at)} || {uncertified} {reason} end"
    )


# For `kit.reads`, over a row `{t}` of order_line.
IS_SETTLED = (
    "exists (select from settlement_line share where share.order_line_id = {t}.id"
    " and share.kind = 'ORIGINAL' and share.voided_at is null)"
)
# Over a line `l` of the order `{t}`.
EARNING = re.sub(r"\bo\.", "{t}.", EARNS)


def over_line(expression: str) -> str:
    """The same over a row `{t}` of order_line, whose order is looked up."""
    of_line = re.sub(r"\bl\.", "{t}.", expression)
    return f"(select {of_line} from sales_order o where o.id = {{t}}.order_id)"


def _array(checks: dict[PendingReason, str]) -> str:
    found = ", ".join(
        f"case when {condition} then '{reason}' end" for reason, condition in checks.items()
    )
    return f"array_remove(array[{found}]::text[], null)"
