"""Paying orders: by the customer, by its partner."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.orders import online, partner_payment, paying
from kit import ids
from kit.problems import InvalidInput
from resolvers.mutation import Outcome, mutation
from resolvers.orders import BEHALF, order_id
from schema import order_payments as payments
from schema.order_changes import offer


@strawberry.type
class OrderPaymentMutation:
    @mutation(
        "Pay an order: coupons first, then what you say by credit, the rest from the cash account."
        " All of it happens, or nothing does.",
        payments.OrderPayPayload,
        requires=describe("orderPay"),
    )
    async def order_pay(
        self, viewer: Viewer, input: payments.OrderPayInput, now: datetime
    ) -> Outcome:
        order = await paying.pay(
            viewer=viewer,
            order_id=order_id(input.id),
            coupons=coupons(input.coupons),
            credit_amount=input.credit_amount,
            expected_due=input.expected_due,
            now=now,
        )
        return Outcome(order=order.id)

    @mutation(
        "Pay an order online: what coupons and credit leave is asked of the payment system, and"
        " pays the order once it has landed. What lands too late stays on the cash account.",
        payments.OrderPayOnlinePayload,
        requires=describe("orderPayOnline"),
    )
    async def order_pay_online(
        self, viewer: Viewer, input: payments.OrderPayOnlineInput, now: datetime
    ) -> Outcome:
        payment = await online.begin(
            viewer=viewer,
            order_id=order_id(input.id),
            channel=input.channel,
            coupons=coupons(input.coupons),
            credit_amount=input.credit_amount,
            now=now,
        )
        return Outcome(order=payment.order_id, online_payment=payment.id)

    @mutation(
        "Pay up to thirty orders from the cash account, with a result for each.",
        payments.OrdersPayPayload,
        requires=describe("ordersPay"),
    )
    async def orders_pay(
        self, viewer: Viewer, input: payments.OrdersPayInput, now: datetime
    ) -> Outcome:
        outcomes = await paying.pay_all(
            viewer=viewer,
            order_ids=[ids.decode("ord", id, path=("input", "ids")) for id in input.ids],
            now=now,
        )
        return Outcome(results=outcomes)

    @mutation(
        "Ask the customer's partner to pay an order (申请伙伴支付): open to customers of solution"
        " providers and distributors, and to agency customers of resellers. Until it is settled,"
        " the association can't be changed.",
        payments.OrderPartnerPaymentRequestPayload,
        requires=describe("orderPartnerPaymentRequest"),
    )
    async def order_partner_payment_request(
        self, viewer: Viewer, input: payments.OrderPartnerPaymentInput, now: datetime
    ) -> Outcome:
        order = await partner_payment.request(
            viewer=viewer,
            order_id=order_id(input.id),
            on_behalf_of=offer("cus", input.on_behalf_of, BEHALF),
            now=now,
        )
        return Outcome(order=order.id)

    @mutation(
        "Ask no more: the customer pays itself.",
        payments.OrderPartnerPaymentRecallPayload,
        requires=describe("orderPartnerPaymentRecall"),
    )
    async def order_partner_payment_recall(
        self, viewer: Viewer, input: payments.OrderPartnerPaymentInput, now: datetime
    ) -> Outcome:
        order = await partner_payment.recall(
            viewer=viewer,
            order_id=order_id(input.id),
            on_behalf_of=offer("cus", input.on_behalf_of, BEHALF),
            now=now,
        )
        return Outcome(order=order.id)

    @mutation(
        "Pay an order for a customer that has asked for it, from your partner's balance; a"
        " distributor pays its resellers' customers' orders, too (余额支付).",
        payments.OrderPartnerPayPayload,
        requires=describe("orderPartnerPay"),
    )
    async def order_partner_pay(
        self, viewer: Viewer, input: payments.OrderPartnerPayInput, now: datetime
    ) -> Outcome:
        order = await partner_payment.pay(viewer=viewer, order_id=order_id(input.id), now=now)
        return Outcome(order=order.id)

    @mutation(
        "Don't pay an order for a customer; it may pay itself.",
        payments.OrderPartnerPaymentDeclinePayload,
        requires=describe("orderPartnerPaymentDecline"),
    )
    async def order_partner_payment_decline(
        self, viewer: Viewer, input: payments.OrderPartnerPaymentDeclineInput, now: datetime
    ) -> Outcome:
        order = await partner_payment.decline(
            viewer=viewer, order_id=order_id(input.id), reason=input.reason, now=now
        )
        return Outcome(order=order.id)


def coupons(given: Sequence[payments.CouponUseInput]) -> dict[UUID, Decimal | None]:
    """Amounts by coupons. Raises InvalidInput for one that is named twice."""
    found = {
        ids.decode("cpn", each.id, path=("input", "coupons", str(place), "id")): each.amount
        for place, each in enumerate(given)
    }
    if len(found) < len(given):
        raise InvalidInput(
            reason="Name each coupon once.",
            reason_zh="每张优惠券只能填写一次。",
            path=("input", "coupons"),
        )
    return dict(found)
