"""Applying for the payment of incentives (申付单, I-09): several at once, or one alone."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import application_guards as guards
from domain.incentives import confirming, history, letters, parts
from domain.incentives.guards import is_theirs
from domain.incentives.policy import INCENTIVES
from kit import batches
from kit.guards import Guard, refuse
from kit.ids import new_id
from kit.numbers import numbered
from kit.problems import InvalidInput, NotFound, Problem
from kit.status import WrongStatus
from kit.transaction import transactional
from models.certification import BusinessInformation, BusinessInformationStatus
from models.incentives import (
    Incentive,
    IncentivePart,
    IncentivePolicy,
    IncentiveState,
    PartState,
    PaysBy,
)
from models.payment_applications import ApplicationKind, PaymentApplication, PaymentApplicationItem
from models.payment_applications import PaymentApplicationState as State


class AppliedForAlready(Problem):
    """What an incentive pays now is on an application already, or was paid."""

    en = "Of {number} there is nothing left to apply for now."
    zh = "激励 {number} 当前没有可申付的金额(已在申付或已发放)。"
    about = {"number": "The number of the incentive."}
    number: str


class NotByApplication(Problem):
    """Its policy pays it with the partner's statements."""

    en = "{number} is paid by statement; there is nothing to apply for."
    zh = "激励 {number} 随账单发放,无需申付。"
    about = {"number": "The number of the incentive."}
    number: str


class NotCertified(Problem):
    """Nobody is paid whose bank account and tax rate aren't certified (P-10)."""

    en = "The business information has to be certified first."
    zh = "请先完成商业信息认证。"


@transactional
async def create(
    *, viewer: Viewer, kind: ApplicationKind, incentive_ids: Sequence[UUID], now: datetime
) -> PaymentApplication:
    """Put confirmed incentives of one's partner on an application, a draft yet.

    SINGLE takes one, so that it is never on an invoice with others; BATCH takes up to 100, of any
    periods and association types. What is frozen stays behind. Raises AppliedForAlready,
    NotByApplication, WrongStatus.
    """
    permissions.require(viewer, "paymentApplicationCreate")
    path = ("input", "incentiveIds")
    wanted = batches.checked(incentive_ids, path=path)
    if kind is ApplicationKind.SINGLE and len(wanted) != 1:
        raise InvalidInput(
            reason="A single application has one incentive; use BATCH for several.",
            reason_zh="单笔申付仅可包含一项激励,多项请使用批量申付。",
            path=path,
        )
    found = await INCENTIVES.locked(Incentive, wanted, viewer=viewer, now=now)
    if len(found) < len(wanted):
        raise NotFound(thing="incentive", path=path)
    taken = [part for incentive in found for part in await _ready(incentive, viewer, now)]
    id = new_id()
    application = PaymentApplication(
        id=id,
        created_at=now,
        number=numbered("PA", id, at=now),
        partner_id=found[0].partner_id,
        kind=kind,
        total_amount=sum((part.amount for part in taken), Decimal(0)),
        created_by=viewer.person_id,
    )
    await application.insert()
    for part in taken:
        await PaymentApplicationItem(
            id=new_id(),
            created_at=now,
            application_id=application.id,
            part_id=part.id,
            incentive_id=part.incentive_id,
            amount=part.amount,
        ).insert()
    await history.of(
        "created",
        application,
        viewer=viewer,
        after={"state": application.state.value, "total_amount": str(application.total_amount)},
        now=now,
    )
    return application


@transactional
async def submit(*, viewer: Viewer, application_id: UUID, now: datetime) -> PaymentApplication:
    """Hand it in: from now on its incentives are on their way to be paid.

    Raises NotCertified without certified business information, by which it is paid; WrongStatus,
    also for an incentive that has lapsed since it was put on the draft (I-15).
    """
    permissions.require(viewer, "paymentApplicationSubmit")
    application = await held(viewer, application_id, guards.submit, now)
    await _refuse_lapsed(application)
    facts = await BusinessInformation.get_or_none(
        partner_id=application.partner_id, status=BusinessInformationStatus.CERTIFIED
    )
    if facts is None:
        raise NotCertified()
    application.business_information_id = facts.id
    application.fee_tax_rate = facts.fee_tax_rate
    application.submitted_at = now
    await move(application, State.SUBMITTED, "submitted", viewer=viewer, now=now)
    await put(application, PartState.TAKEN, now=now)
    await letters.ask_to_review(application, now=now)
    return application


@transactional
async def cancel(*, viewer: Viewer, application_id: UUID, now: datetime) -> PaymentApplication:
    """Give up a draft; its incentives can be applied for again. Raises WrongStatus."""
    permissions.require(viewer, "paymentApplicationCancel")
    application = await held(viewer, application_id, guards.cancel, now)
    await let_go(application)
    application.ended_at = now
    await move(application, State.CANCELLED, "cancelled", viewer=viewer, now=now)
    return application


async def held(
    viewer: Viewer, application_id: UUID, guard: Guard, now: datetime
) -> PaymentApplication:
    """The application, held with its incentives, when the guard lets pass. Raises NotFound."""
    await INCENTIVES.require(
        PaymentApplication, application_id, viewer=viewer, now=now, thing="application"
    )
    await hold_incentives(application_id)
    application = await INCENTIVES.lock(
        PaymentApplication, application_id, viewer=viewer, now=now, thing="application"
    )
    refuse(guard(application, viewer, now))
    return application


async def hold_incentives(application_id: UUID) -> None:
    """Hold the incentives of an application, which come before itself."""
    ids = await PaymentApplicationItem.filter(application_id=application_id).values_list(
        "incentive_id", flat=True
    )
    await Incentive.filter(id__in=ids).order_by("id").select_for_update(no_key=True)


async def put(application: PaymentApplication, wanted: PartState, *, now: datetime) -> None:
    """Let the parts on an application be so, and their incentives accordingly."""
    items = await PaymentApplicationItem.filter(application_id=application.id, let_go=False)
    await IncentivePart.filter(id__in=[item.part_id for item in items]).update(state=wanted)
    await parts.restate(sorted({item.incentive_id for item in items}), now=now)


async def let_go(application: PaymentApplication) -> None:
    """Let another application have what is on this one."""
    await PaymentApplicationItem.filter(application_id=application.id).update(let_go=True)


async def move(
    application: PaymentApplication,
    wanted: State,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
    **after: str,
) -> None:
    """Follow an arrow, save what has changed, and write it down."""
    before: State = application.state
    application.state = before.to(wanted)
    application.version += 1
    await application.save(update_fields=_CHANGING)
    await history.of(
        happened,
        application,
        viewer=viewer,
        before={"state": before.value},
        after={"state": wanted.value} | after,
        reason=reason,
        now=now,
    )


_CHANGING = [
    "state",
    "business_information_id",
    "fee_tax_rate",
    "submitted_at",
    "decided_at",
    "invoiced_at",
    "paid_at",
    "ended_at",
    "refusal",
    "payment_reference",
    "failure",
    "version",
]


async def _refuse_lapsed(application: PaymentApplication) -> None:
    if await PaymentApplicationItem.filter(
        application_id=application.id, incentive__state=IncentiveState.LAPSED
    ).exists():
        raise WrongStatus(status=IncentiveState.LAPSED.value, wanted=IncentiveState.PAYING.value)


async def _ready(incentive: Incentive, viewer: Viewer, now: datetime) -> list[IncentivePart]:
    """What can be applied for of an incentive, which is held."""
    refuse(is_theirs(incentive.partner_id, viewer))
    if incentive.state == IncentiveState.TO_CONFIRM:
        # Its days may be over, though no worker has come by.
        await confirming.confirm_silent(subject_ids=[incentive.id], now=now)
        await incentive.refresh_from_db()
    policy = await IncentivePolicy.get(id=incentive.policy_id)
    if policy.pays_by is PaysBy.STATEMENT:
        raise NotByApplication(number=incentive.number)
    if incentive.confirmed_at is None or incentive.state == IncentiveState.LAPSED:
        raise WrongStatus(status=incentive.state.value, wanted=IncentiveState.PAYING.value)
    taken = PaymentApplicationItem.filter(incentive_id=incentive.id, let_go=False)
    ready = (
        await IncentivePart.filter(incentive_id=incentive.id, state=PartState.READY)
        .exclude(id__in=await taken.values_list("part_id", flat=True))
        .order_by("id")
    )
    if not ready:
        raise AppliedForAlready(number=incentive.number)
    return ready
