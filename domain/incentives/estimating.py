"""Working out what partners earn (预估), hour by hour, until it is final and theirs to confirm.

amount = base x the ratio of the ladder's step that the threshold reaches (I-16, 6.7), rounded once,
HALF_UP, to the cent. To the threshold counts more than what is paid for (G-04). A base below zero
earns nothing, and begins the next period's. What is sold to a customer who was re-bound lately
counts to the threshold as that does (I-13).
"""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from domain.consumption.periods import period_of
from domain.incentives import confirming, lapsing, periods, policies, thawing
from domain.incentives.counting import FROZEN, FROZEN_BASE
from domain.incentives.periods import Span
from domain.performance import months
from kit import database
from kit.ids import new_id
from kit.numbers import numbered
from kit.transaction import transactional
from models.incentives import IncentivePeriod, IncentivePolicy, PaysBy

EVERY = timedelta(hours=1)

_ONE_AT_A_TIME = 0x696E63656E74


@transactional
async def estimate(*, scheduled_for: datetime, now: datetime) -> None:
    """Bring all incentives to where performance, sheets and repayments are. It may run twice."""
    await database.execute("select pg_advisory_xact_lock($1)", _ONE_AT_A_TIME)
    by_code: dict[str, list[IncentivePolicy]] = defaultdict(list)
    for version in await policies.known():
        by_code[version.code].append(version)
    moving = await _moving_months(now)
    for versions in by_code.values():
        for span in _spans(moving, versions[0].period):
            policy = policies.of(versions, span)
            if policy is not None and policy.pays_by is not PaysBy.MANUAL:
                await compute(policy, span, now=now)
    await confirming.ask_for_all(now=now)
    await thawing.thaw(now=now)
    await lapsing.lapse(now=now)


async def compute(policy: IncentivePolicy, span: Span, *, now: datetime) -> int:
    """Work out what a policy pays in a period, for all partners; how many were new or changed.

    Only what is an estimate yet is touched.
    """
    found = await database.rows(
        _COMPUTE,
        list(span.months),
        policy.scene.value,
        list(policy.strategies),
        policy.code,
        periods.before(span).name,
        policy.id,
        list(policy.threshold_strategies),
    )
    ids = [new_id() for _ in found]
    columns = ([row[name] for row in found] for name in _COMPUTED)
    return await database.execute(
        _WRITE,
        *(now, ids, [numbered("IN", id, at=now) for id in ids], *columns),
        *(policy.id, policy.version, policy.code, span.name, span.starts_at, span.ends_at),
    )


async def performance_of(
    policy: IncentivePolicy, span: Span, partner_id: object
) -> tuple[Decimal, Decimal]:
    """What a partner has sold in a period that a policy pays for; and what is excluded from it."""
    row = await database.row(
        f"select {_PAID_FOR} as amount, {_EXCLUDED} as excluded from ({_SOLD}) sold where key = $4",
        list(span.months),
        policy.scene.value,
        list(policy.strategies),
        partner_id,
    )
    assert row is not None
    return Decimal(row["amount"]), Decimal(row["excluded"])


async def _moving_months(now: datetime) -> list[str]:
    """Months of which something may still be an estimate, the last two in any case."""
    running = period_of(now)
    rows = await database.rows(
        "select period from performance_sheet where state = 'DRAFT' union"
        " select to_char(starts_at at time zone 'Asia/Shanghai', 'YYYY-MM') from incentive"
        " where state = 'ESTIMATED'"
    )
    found = {row["period"] for row in rows}
    found |= {running, *periods.before(periods.span(running)).months}
    month = await months.first_open()
    while month and month < running:
        found.add(month)
        month = months.after(month)
    return sorted(found)


def _spans(moving: list[str], kind: IncentivePeriod) -> list[Span]:
    """The periods of these months; the earliest first, since it carries over to the next."""
    found = {span.name: span for span in (periods.containing(month, kind) for month in moving)}
    return sorted(found.values(), key=lambda span: span.starts_at)


_SOLD = """
select line.partner_id as key, line.amount, line.credit_amount, line.order_id, line.exclusion
from performance_line line
where line.period = any($1) and line.scene = $2 and line.strategy = any($3)
"""

_PAID_FOR, _EXCLUDED = (
    f"coalesce(sum(amount) filter (where exclusion is {what}), 0)" for what in ("null", "not null")
)

_COMPUTE = f"""
with sold as ({_SOLD}), counted as (select * from sold where exclusion is null),
frozen as ({FROZEN_BASE}), based as (
  select coalesce(sums.key, before.partner_id) as partner_id,
    coalesce(sums.amount, 0) as performance_amount,
    coalesce(sums.excluded, 0) as excluded_amount, coalesce(before.base_amount, 0) as carry_in,
    (select coalesce(sum(line.amount), 0) from performance_line line
     where line.partner_id = coalesce(sums.key, before.partner_id) and line.period = any($1)
       and line.scene = $2 and line.strategy = any($7)) as counting
  from (select key, {_PAID_FOR} as amount, {_EXCLUDED} as excluded from sold group by key) sums
  full join (
    select partner_id, base_amount from incentive
    where code = $4 and period = $5 and base_amount < 0) before on before.partner_id = sums.key
), stepped as (
  select based.*, based.performance_amount + based.carry_in as base_amount,
    based.counting + based.carry_in as threshold_amount, step.step_from, step.ratio
  from based left join lateral (
    select rung."from" as step_from, rung.ratio
    from incentive_policy policy,
      jsonb_to_recordset(policy.ladder) as rung ("from" numeric, ratio numeric)
    where policy.id = $6 and rung."from" <= based.counting + based.carry_in
      and based.performance_amount + based.carry_in > 0
    order by rung."from" desc limit 1) step on true
), earned as (
  select stepped.*, coalesce(round(base_amount * ratio, 2), 0) as amount from stepped
)
select earned.*, coalesce({
    FROZEN.format(
        amount="earned.amount",
        frozen_base="frozen.amount",
        base="earned.base_amount",
        ratio="earned.ratio",
    )
}, 0) as frozen_amount
from earned left join frozen on frozen.key = earned.partner_id
order by earned.partner_id
"""

_COMPUTED = (
    "partner_id",
    "performance_amount",
    "excluded_amount",
    "carry_in",
    "base_amount",
    "threshold_amount",
    "step_from",
    "ratio",
    "amount",
    "frozen_amount",
)

_SAME = (
    "policy_id",
    "policy_version",
    *_COMPUTED[1:],
)
_NEW, _OLD = (", ".join(f"{row}.{name}" for name in _SAME) for row in ("excluded", "earned"))

_WRITE = f"""
insert into incentive as earned (id, created_at, version, number, {", ".join(_COMPUTED)},
  policy_id, policy_version, code, period, starts_at, ends_at, state, currency)
select given.*, $14, $15, $16, $17, $18, $19, 'ESTIMATED', 'CNY'
from (
  select id, $1::timestamptz, 1, number, {", ".join(_COMPUTED)}
  from unnest($2::uuid[], $3::text[], $4::uuid[], $5::numeric[], $6::numeric[], $7::numeric[],
    $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[])
    as one (id, number, {", ".join(_COMPUTED)})
) given
on conflict (partner_id, code, period) do update set ({", ".join(_SAME)}) = ({_NEW}),
  version = earned.version + 1
where earned.state = 'ESTIMATED' and ({_OLD}) is distinct from ({_NEW})
"""
