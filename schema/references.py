"""Types that many others refer to, and that refer to those: by name, until all are known."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.customers import Customer
    from schema.orders import Order, OrderLine
    from schema.vouchers import Coupon

AccountRef = Annotated["Account", strawberry.lazy("schema.accounts")]
CouponRef = Annotated["Coupon", strawberry.lazy("schema.vouchers")]
CustomerRef = Annotated["Customer", strawberry.lazy("schema.customers")]
OrderRef = Annotated["Order", strawberry.lazy("schema.orders")]
OrderLineRef = Annotated["OrderLine", strawberry.lazy("schema.orders")]
