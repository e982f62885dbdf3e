"""Partner payment (伙伴代付): a customer asks its partner to pay an order (D-02, D-03)."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.orders import guards, history, online_state, paying
from domain.orders.guards import PartnerPaymentNotPossible
from domain.orders.holding import held, of_buyer
from domain.orders.spending import Payment
from kit import texts
from kit.transaction import transactional
from models.customers import AssociationType, Customer
from models.order_states import PaymentState
from models.orders import Order
from models.partners import Partner, PartnerKind

# Whose customers may ask (D-02, domain.md 8): both kinds, but of resellers those in agency alone.
ELIGIBLE = {
    PartnerKind.SOLUTION_PROVIDER: frozenset(AssociationType),
    PartnerKind.DISTRIBUTOR: frozenset(AssociationType),
    PartnerKind.RESELLER: frozenset({AssociationType.AGENCY}),
}


@transactional
async def request(
    *, viewer: Viewer, order_id: UUID, on_behalf_of: UUID | None = None, now: datetime
) -> Order:
    """Ask the partner that the customer has now; the deadline of the order stays.

    The association can't be switched or ended while it waits. Raises PartnerPaymentNotPossible
    (D-02), OrderNotPayable, OrderOverdue.
    """
    permissions.require(viewer, "orderPartnerPaymentRequest")
    viewer, order, customer = await of_buyer(
        viewer, order_id, guards.request_partner, on_behalf_of, now=now
    )
    await _check_eligible(order, customer)
    await online_state.let_go(order, now=now)
    order.payer_id = customer.partner_id
    await _turn(order, PaymentState.PENDING_PARTNER_PAYMENT, "partner_asked", viewer, None, now)
    return order


@transactional
async def recall(
    *, viewer: Viewer, order_id: UUID, on_behalf_of: UUID | None = None, now: datetime
) -> Order:
    """The customer would rather pay itself. Raises OrderNotPayable, OrderOverdue."""
    permissions.require(viewer, "orderPartnerPaymentRecall")
    viewer, order, _ = await of_buyer(
        viewer, order_id, guards.recall_partner, on_behalf_of, now=now
    )
    order.payer_id = None
    await _turn(order, PaymentState.UNPAID, "partner_recalled", viewer, None, now)
    return order


@transactional
async def decline(
    *, viewer: Viewer, order_id: UUID, reason: str | None = None, now: datetime
) -> Order:
    """The partner won't pay; the customer may still. Raises as `pay`."""
    permissions.require(viewer, "orderPartnerPaymentDecline")
    reason = texts.reason_if_any(reason)
    order, _ = await held(viewer, order_id, guards.pay_as_partner, now=now)
    order.payer_id = None
    await _turn(order, PaymentState.UNPAID, "partner_declined", viewer, reason, now)
    return order


@transactional
async def pay(*, viewer: Viewer, order_id: UUID, now: datetime) -> Order:
    """Pay it all from the balance of the viewer's partner: the one that was asked, or its
    distributor (D-03).

    Raises NotAskedToPay, OrderNotPayable (CBC.3106), OrderOverdue, InsufficientBalance
    (CBC.99005003), and what `settling.settle` raises.
    """
    permissions.require(viewer, "orderPartnerPay")
    order, customer = await held(viewer, order_id, guards.pay_as_partner, now=now)
    order.payer_id = viewer.partner_id
    payment = Payment(payer_id=viewer.partner_id)
    await paying.confirm(order, customer, payment, viewer=viewer, now=now)
    return order


async def _check_eligible(order: Order, customer: Customer) -> None:
    if customer.partner_id is None or customer.partner_id != order.partner_id:
        raise PartnerPaymentNotPossible(
            why="the customer isn't with the partner of the order (any more).",
            why_zh="客户当前未关联下单时的伙伴。",
        )
    partner = await Partner.get(id=customer.partner_id)
    if customer.association_type not in ELIGIBLE.get(partner.kind, frozenset()):
        raise PartnerPaymentNotPossible(
            why="resellers pay for agency customers alone.",
            why_zh="云经销商伙伴仅代售类客户可以申请伙伴支付。",
        )


async def _turn(
    order: Order,
    wanted: PaymentState,
    happened: str,
    viewer: Viewer,
    reason: str | None,
    now: datetime,
) -> None:
    before = order.payment_state
    order.payment_state = before.to(wanted)
    order.version += 1
    await order.save(update_fields=["payment_state", "payer_id", "version"])
    await history.of_order(
        happened,
        order,
        viewer=viewer,
        before={"payment_state": before.value},
        after={"payment_state": order.payment_state.value},
        reason=reason,
        now=now,
    )
