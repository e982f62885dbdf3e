"""Types that many others refer to, and that refer to those: by name, until all are known."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.accounts import Account, LedgerTransfer
    from schema.customers import Customer
    from schema.funds import Recharge
    from schema.incentives import Incentive
    from schema.orders import Order, OrderLine
    from schema.vouchers import Coupon

AccountRef = Annotated["Account", strawberry.lazy("schema.accounts")]
CouponRef = Annotated["Coupon", strawberry.lazy("schema.vouchers")]
CustomerRef = Annotated["Customer", strawberry.lazy("schema.customers")]
OrderRef = Annotated["Order", strawberry.lazy("schema.orders")]
IncentiveRef = Annotated["Incentive", strawberry.lazy("schema.incentives")]
RechargeRef = Annotated["Recharge", strawberry.lazy("schema.funds")]
TransferRef = Annotated["LedgerTransfer", strawberry.lazy("schema.accounts")]
OrderLineRef = Annotated["OrderLine", strawberry.lazy("schema.orders")]
