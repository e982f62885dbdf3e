"""What the root fields of the API are asked about that need more than an id."""

from domain.associations import letters as courting
from domain.members import letters as inviting
from kit import ids
from models.catalogue import Goods, Sku
from models.customer_invitations import CustomerInvitation
from models.customers import Customer
from models.members import MemberInvitation
from models.offers import PrivateLink
from models.orders import Order
from models.statements import Statement
from models.subscriptions import Subscription


async def arguments(*, last_month: str) -> dict[str, list[str]]:
    """By the name of the root field: the arguments that it is given, one after the other."""
    invited = await MemberInvitation.filter(status="PENDING").order_by("id").first()
    courted = await CustomerInvitation.filter(status="SENT", channel="EMAIL").first()
    by_link = await CustomerInvitation.filter(status="SENT", channel="LINK").first()
    assert invited
    assert courted
    assert by_link
    buyer = await Customer.get(account_name="changjiang")
    customer = ids.encode("cus", buyer.id)
    goods = await Goods.filter(on_sale=True).order_by("number").first()
    order = await Order.filter(status="PENDING_PAYMENT").order_by("-id").first()
    assert goods
    assert order
    runs = await Statement.filter(kind="BASIC").order_by("-period", "id")
    return {
        "goodsByNumber": [f'number: "{goods.number}"'],
        "orderByNumber": [f'number: "{order.number}"'],
        "memberInvitationByToken": [f'token: "{inviting.token_of(invited)}"'],
        "customerInvitationByToken": [
            f'token: "{courting.token_of(id=each.id, generation=each.generation)}"'
            for each in (courted, by_link)
        ],
        "customerInvitationQrCode": [f'id: "{ids.encode("civ", by_link.id)}"'],
        "privateLinkQrCode": [
            f'exclusiveOfferId: "{ids.encode("eof", link.offer_id)}"'
            for link in await PrivateLink.filter(offer__status="EFFECTIVE").order_by("id").limit(9)
        ],
        "cart": ["", f'customerId: "{customer}"'],
        "customerAssociationCheck": [
            f'type: {type_}, customerId: "{ids.encode("cus", each.id)}"'
            for each in await _some_customers()
            for type_ in ("REFERRAL", "AGENCY")
        ],
        "couponsUsable": [
            f'input: {{orderId: "{ids.encode("ord", order.id)}"}}',
            f'input: {{customerId: "{customer}", lines: [{{amount: "5000.00",'
            f' goodsId: "{ids.encode("gds", goods.id)}"}}]}}',
        ],
        "priceSimulate": [await _simulated(customer)],
        "refundQuote": [
            f'input: {{subscriptionId: "{ids.encode("sub", each.id)}"}}'
            for each in await Subscription.filter(customer_id=buyer.id, status="IN_USE")
        ],
        "settlementRunPreview": [
            f'kind: BASIC, period: "{period}", partnerId: "{ids.encode("ptn", partner_id)}"'
            for period, partner_id in dict.fromkeys((each.period, each.partner_id) for each in runs)
        ],
        "statementDiff": [
            f'before: "{ids.encode("stm", before.id)}", after: "{ids.encode("stm", after.id)}"'
            for after in runs
            for before in runs
            if before.partner_id == after.partner_id
            and before.goods_tax_rate == after.goods_tax_rate
            and before.id < after.id
        ],
    }


async def _some_customers() -> list[Customer]:
    """Of each way to belong, or to belong to nobody."""
    found = await Customer.filter(freeze="NONE").order_by("id")
    kinds = {(each.association_type, each.has_debt): each for each in found}
    return list(kinds.values())


async def _simulated(customer: str) -> str:
    """Every SKU that an offer for the customer is about, with and without it."""
    asked = [
        f'{{skuId: "{ids.encode("sku", sku.id)}", quantity: 2}}'
        for sku in await Sku.filter(on_sale=True).order_by("code").limit(40)
    ]
    return f'input: {{customerId: "{customer}", lines: [{", ".join(asked)}]}}'
