"""What somebody names of its own where a mutation asks for more than one thing."""

from typing import Any

from kit.ids import new_id
from models.carts import CartLine
from models.customers import Customer
from models.files import StoredFile
from models.orders import Order, OrderLine
from models.quotas import VoucherQuota
from models.subscriptions import Subscription
from models.supervision import ServiceSupervision
from tests.walls import world
from tests.walls.neighbourhood import Neighbourhood
from tests.walls.world import House

INVOICE = {
    "number": "12345678901234567890",
    "issuedOn": "2030-02-01",
    "netAmount": "100.00",
    "taxAmount": "6.00",
    "taxRatio": "0.06",
    "totalAmount": "106.00",
}


async def own_of(neighbourhood: Neighbourhood, who: str) -> dict[str, Any]:
    """What an administrator names of its own where a mutation asks for more than one thing."""
    house = neighbourhood.houses["Dogwood" if who == "distributor" else "Birch"]
    found = await neighbourhood.data(
        neighbourhood.credentials[who],
        "query ($partner: ID!) { roles(first: 100) { nodes { id preset } }"
        ' operators(first: 1, filter: {name: "guest"}) { nodes { id } }'
        " programmes(first: 100) { nodes { id code } }"
        " agreements(first: 1) { nodes { id } }"
        " programmeApplications(first: 1, filter: {status: DRAFT, partnerId: $partner})"
        " { nodes { id } } customerRequirements(first: 1, filter: {status: DRAFT}) { nodes { id } }"
        " exclusiveOffers(first: 1, filter: {status: DRAFT}) { nodes { id } }"
        ' goodsByNumber(number: "MARKET-2") { id skus { id } }'
        " improvementPlans(first: 1, filter: {status: DRAFT}) { nodes { id } }"
        " statements(first: 1, filter: {status: SENT}) { nodes { id } } }",
        partner=f"ptn_{house.partner.id.hex}",
    )
    programmes = {each["code"]: each["id"] for each in found["programmes"]["nodes"]}
    drafts, plans = found["programmeApplications"]["nodes"], found["improvementPlans"]["nodes"]
    spare = await StoredFile.get(partner_id=house.partner.id, attached_to=None)
    buyer = await Customer.get(account_name=f"{house.name.lower()}_buyer")
    customer = f"cus_{buyer.id.hex}"
    [role] = [role["id"] for role in found["roles"]["nodes"] if role["preset"] is None]
    [operator] = [node["id"] for node in found["operators"]["nodes"]]
    goods = found["goodsByNumber"]
    [requirement] = [node["id"] for node in found["customerRequirements"]["nodes"]]
    [offer] = [node["id"] for node in found["exclusiveOffers"]["nodes"]]
    money = await _money_of(house)
    lasting = {"effectiveAt": "2030-07-01T00:00:00Z", "expiresAt": "2030-08-01T00:00:00Z"}
    offering = lasting | {"customerId": customer}
    editing = lasting | {"id": offer}
    return money | {
        "goodsId": goods["id"],
        "skuId": goods["skus"][0]["id"],
        "customerId": customer,
        "customerRequirementEdit": {"id": requirement},
        "exclusiveOfferCreate": offering | {"goodsIds": [goods["id"]]},
        "exclusiveOfferCreate.configuration": offering,
        "exclusiveOfferEdit": editing | {"goodsIds": [goods["id"]]},
        "exclusiveOfferEdit.configuration": editing,
        "privateOfferCreate": lasting,
        "privateOfferDraftEdit": lasting,
        "number": "BIRCH-9",
        "code": "BIRCH-9-A",
        "skuCreate": {"chargeMode": "PERIOD", "months": 12},
        "roleIds": role,
        "id": operator,
        "managerId": operator,
        "supervisorId": operator,
        "customerIds": customer,
        "partnerId": f"ptn_{house.partner.id.hex}",
        "fileId": f"fil_{spare.id.hex}",
        "programmeId": programmes["SPARE"],
        "agreementId": found["agreements"]["nodes"][0]["id"],
        "programmeApplicationEdit": {"id": drafts[0]["id"]},
        # A reseller has no plans.
        "improvementPlanEdit": {"id": plans[0]["id"] if plans else f"imp_{new_id().hex}"},
        "statementId": found["statements"]["nodes"][0]["id"],
        "paymentApplicationInvoice": {"invoices": INVOICE},
        "statementInvoiceSubmit": {"invoices": INVOICE},
        "email": house.emails["administrator"],
        "password": world.PASSWORD,
    }


async def _money_of(house: House) -> dict[str, Any]:
    """As `own_of`, of orders and money: the ward's, for whom its partner may order."""
    ward = await Customer.get(account_name=f"{house.name.lower()}_ward")
    payer = await Customer.get(account_name=f"{house.name.lower()}_payer")
    order = await Order.get(customer_id=ward.id, payment_state="UNPAID")
    quota = await VoucherQuota.get(
        partner_id=house.partner.id, status="NORMAL", application_id=None
    )
    in_cart = (await CartLine.filter(customer_id=ward.id).order_by("id"))[0]
    used = (await Subscription.filter(customer_id=payer.id).order_by("id"))[0]
    watched = (await ServiceSupervision.filter(customer_id=payer.id).order_by("id"))[0]
    for_ward = {"onBehalfOf": f"cus_{ward.id.hex}"}
    its_order = {"id": f"ord_{order.id.hex}"}
    [line] = await OrderLine.filter(order_id=order.id)
    in_cart_of_ward = {"id": f"ctl_{in_cart.id.hex}", "expectedVersion": in_cart.version}
    return {
        "lineId": f"orl_{line.id.hex}",
        "quotaId": f"vqt_{quota.id.hex}",
        "cartLineAdd": for_ward,
        "cartLineChange": for_ward | in_cart_of_ward,
        "cartLineRemove": for_ward | {"ids": in_cart_of_ward["id"]},
        "orderCancel": its_order,
        "orderPartnerPaymentRecall": its_order,
        "orderPartnerPaymentRequest": its_order,
        "orderPay": its_order,
        "orderPayOnline": its_order,
        "orderPlace": for_ward,
        "orderPriceAdjust": its_order | {"expectedVersion": order.version},
        "serviceRequirementSubmit": {"id": f"ssv_{watched.id.hex}"},
        "subscriptionChange": for_ward | {"id": f"sub_{used.id.hex}", "quantity": 7},
        "subscriptionEnd": for_ward | {"id": f"sub_{used.id.hex}"},
        "subscriptionRenew": for_ward | {"ids": f"sub_{used.id.hex}"},
        "testVoucherApplicationEdit": {"id": f"tva_{new_id().hex}"},  # the platform's alone
        "voucherQuotaIssue": {
            "id": f"vqt_{quota.id.hex}",
            "resellerIds": f"ptn_{house.partner.id.hex}",
        },
        "withdrawalCreate": {"kind": "ORIGINAL_ROUTE"},
    }


def for_manager(own: dict[str, Any], ward: str) -> dict[str, Any]:
    """The same for somebody who has no customer but the ward."""
    offering = {"customerId": ward}
    return own | {
        "customerId": ward,
        "customerIds": ward,
        "exclusiveOfferCreate": own["exclusiveOfferCreate"] | offering,
        "exclusiveOfferCreate.configuration": own["exclusiveOfferCreate.configuration"] | offering,
    }


def for_customer(own: dict[str, Any], ward: str) -> dict[str, Any]:
    """The same for the ward itself, who orders on nobody's behalf."""
    return {
        name: {key: each for key, each in value.items() if key != "onBehalfOf"}
        if isinstance(value, dict)
        else value
        for name, value in for_manager(own, ward).items()
    }
