"""Incentives, their policies, and applications for their payment as the API shows them."""

from datetime import date, datetime
from decimal import Decimal as Exact
from typing import Any

import strawberry

from domain.incentives import guards
from domain.incentives.confirming import CONFIRM, STATE_NOW
from domain.incentives.policy import INCENTIVES, POLICIES
from domain.settlement import periods
from kit.reads import (
    Connection,
    Node,
    column,
    computed,
    connection,
    items,
    money,
    one,
    sql,
    table,
)
from kit.scope import INHERITED
from models import feedback
from models import incentives as models
from models.catalogue import IncentiveStrategy
from models.feedback import FeedbackState
from models.incentives import ConfirmedBy, IncentivePeriod, IncentiveState, PartState, PaysBy
from models.ledger import CURRENCY
from models.order_states import PolicyScene
from schema import incentive_lists  # noqa: F401 -- the enums must be known first
from schema.actions import AvailableAction, available
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.explanations import SettlementExplanation, of_incentive
from schema.incentive_lists import IncentiveFeedbackOrder
from schema.money import Money
from schema.partners import PartnerRef
from schema.references import IncentiveRef
from schema.scalars import CurrencyCode, Date, DateTime, Decimal, YearMonth


@strawberry.type(description="A step of a policy's ladder.")
class IncentiveStep:
    from_amount: Money = strawberry.field(description="The threshold from which on it counts.")
    ratio: Decimal = strawberry.field(
        description="The share of the whole base that is earned: 0.02 is 2 %."
    )


def _ladder(row: Any, _request: Any) -> list[IncentiveStep]:
    return [
        IncentiveStep(
            from_amount=Money(amount=Decimal(Exact(step["from"])), currency=CurrencyCode(CURRENCY)),
            ratio=Decimal(Exact(step["ratio"])),
        )
        for step in row.ladder
    ]


def _strategies(row: Any, _request: Any) -> list[IncentiveStrategy]:
    return [IncentiveStrategy(name) for name in row.strategies]


def _threshold(row: Any, _request: Any) -> list[IncentiveStrategy]:
    return [IncentiveStrategy(name) for name in row.threshold_strategies]


@table(
    models.IncentivePolicy,
    prefix="icp",
    scope=POLICIES,
    description="What performance earns (激励政策). A code has versions by their first month; each"
    " holds until the next one begins, or to its last month.",
)
class IncentivePolicy(Node):
    """G-02 … G-06, I-16."""

    code: str = column("What the policy is called by systems.")
    name: str = column("Its name, in Chinese.")
    name_en: str = column("Its name, in English.")
    scene: PolicyScene = column("Which sales it pays for.")
    period: IncentivePeriod = column("Over which span they are summed up.")
    strategies: list[IncentiveStrategy] = computed(
        _strategies, ("strategies",), "Goods of which strategies are paid for."
    )
    threshold_strategies: list[IncentiveStrategy] = computed(
        _threshold,
        ("threshold_strategies",),
        "Goods of which strategies count to the threshold, by which the ladder's step is found.",
    )
    ladder: list[IncentiveStep] = computed(
        _ladder, ("ladder",), "Its steps, rising; none where amounts are entered."
    )
    pays_by: PaysBy = column("Which way it is paid.")
    valid_from: YearMonth = column("Its first month.")
    valid_to: YearMonth | None = column("Its last month; null for no end of its own.")
    created_at: DateTime = column("When this version was made.")
    version: int = column("Rises with every change of this version.")
    history: Connection[Event] = happened()


@table(
    feedback.IncentiveFeedback,
    prefix="icf",
    scope=INCENTIVES,
    description="What a partner asks about an incentive that it is to confirm, and the answer.",
)
class IncentiveFeedback(Node):
    """5.14."""

    partner: PartnerRef | None = one("partner_id", "Who asks.")
    incentive: IncentiveRef | None = one("incentive_id", "About which incentive.")
    status: FeedbackState = column("Where it stands.", "state")
    text: str = column("What is asked.")
    asked_by: str = column("The name of the person who asks.")
    answer: str | None = column("What the platform answers; null until then.")
    created_at: DateTime = column("When it was asked.")
    answered_at: DateTime | None = column("When it was answered.")
    closed_at: DateTime | None = column("When it was put away.")
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(
        guards.FEEDBACK_ACTIONS, guards.FEEDBACK_COLUMNS
    )
    history: Connection[Event] = happened()


def _statement_on(row: Any, request: Any) -> date | None:
    if row.state != PartState.READY or row.earned_by is None:
        return None
    earned_by = datetime.fromisoformat(row.earned_by)
    return periods.assessed_on(earned_by=earned_by, billed=row.billed, now=request.now)


@table(
    models.IncentivePart,
    prefix="icr",
    scope=INHERITED,
    description="What of an incentive is paid at once.",
)
class IncentivePart:
    """I-15."""

    amount: Money = money("amount", "currency", "How much.")
    status: PartState = column("Where it stands.", "state")
    incentive: IncentiveRef | None = one("incentive_id", "Of which incentive.")
    thawed: bool = column("Whether it was sold on credit, and has been repaid since.")
    created_at: DateTime = column("When it could be paid first.")
    statement_on: Date | None = computed(
        _statement_on,
        ("state",),
        "The billing day (Beijing) whose statement takes it, as things stand: the next one after"
        " its quarter; where the quarter that was over last has its statement already, that of the"
        " quarter that runs. Null once a statement has it, and where an application pays it.",
        told={
            "earned_by": "select earned.ends_at from incentive earned"
            " join incentive_policy policy on policy.id = earned.policy_id"
            " where earned.id = {t}.incentive_id and earned.state <> 'LAPSED'"
            " and policy.pays_by = 'STATEMENT'",
            "billed": "select max(made.period) from statement made"
            " where made.partner_id = {t}.partner_id and made.kind = 'ASSESSMENT'"
            " and made.status <> 'CANCELLED'",
        },
    )


@table(
    models.Incentive,
    prefix="inc",
    scope=INCENTIVES,
    description="What a partner earns by a policy in a period (激励): base times the ratio of the"
    " step that the threshold reaches, rounded once, HALF_UP. A base below zero earns nothing and"
    " begins the next period's.",
)
class Incentive(Node):
    """5.14, I-14 … I-16."""

    number: str = column("Its number, for people.")
    partner: PartnerRef | None = one("partner_id", "Who earns it.")
    policy: IncentivePolicy | None = one("policy_id", "By which version of which policy.")
    period: str = column("账期: the month `2030-02` or the quarter `2030-Q1`.")
    starts_at: DateTime = column("When the period began.")
    ends_at: DateTime = column("The first instant after it.")
    status: IncentiveState = sql(STATE_NOW, "Where it stands now.")
    performance_amount: Money = money(
        "performance_amount", "currency", "The performance of the period that the policy pays for."
    )
    carry_in: Money = money(
        "carry_in", "currency", "What the base of the period before was below zero; 0 if it wasn't."
    )
    base_amount: Money = money(
        "base_amount", "currency", "基数: `performanceAmount` and `carryIn` together."
    )
    threshold_amount: Money = money(
        "threshold_amount", "currency", "What counts to the threshold, with what is carried in."
    )
    step_from: Money | None = money(
        "step_from",
        "currency",
        "From which threshold on the ladder's step counts; null when none is reached.",
    )
    ratio: Decimal | None = column("返点比例: the ladder step's; null when none is reached.")
    policy_version: int = column("The version of the policy's row when it was worked out.")
    explanation: SettlementExplanation = of_incentive()
    amount: Money = money("amount", "currency", "What is earned, tax included.")
    frozen_amount: Money = money(
        "frozen_amount",
        "currency",
        "冻结: what of it was sold on credit and isn't repaid; it follows as soon as it is.",
    )
    excluded_amount: Money = money(
        "excluded_amount",
        "currency",
        "Performance of the period that isn't paid for, of customers who came from another partner"
        " lately; `performanceLines` with an `exclusion` are it.",
    )
    reason: str | None = column("Why, where the platform has entered it; else null.")
    confirm_by: DateTime | None = column(
        "The instant from which the partner's silence is a confirmation; null for an estimate."
    )
    confirmed_at: DateTime | None = column("When it was confirmed.")
    confirmed_by: ConfirmedBy | None = column("By whom; null until then.")
    created_at: DateTime = column("When it was worked out first.")
    version: int = column("Rises with every change.")
    parts: list[IncentivePart] = items(
        "incentive_id", "In which parts it is paid.", order="id", limit=100
    )
    feedback_state: FeedbackState = sql(
        "coalesce((select asked.state from incentive_feedback asked"
        " where asked.incentive_id = {t}.id order by asked.created_at desc, asked.id desc limit 1),"
        " 'NONE')",
        "Where the latest question stands.",
    )
    feedback: Connection[IncentiveFeedback] = connection(
        "incentive_id",
        "What was asked about it, the latest first.",
        order=IncentiveFeedbackOrder,
    )
    deadline: Deadline | None = deadline_of(CONFIRM, "When silence becomes a confirmation.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()
