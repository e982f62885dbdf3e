"""What can be said of an order: its type, who placed it, and each dimension of its state."""

from collections.abc import Mapping, Set
from enum import StrEnum

from kit.status import Status


class OrderType(StrEnum):
    """What an order is for (wire: order_type 1, 2, 3, 4)."""

    NEW = "NEW"
    RENEW = "RENEW"
    CHANGE = "CHANGE"
    UNSUBSCRIBE = "UNSUBSCRIBE"


class OrderSource(StrEnum):
    """Who placed it: the customer, or its partner on behalf of it (代客下单; wire 1, 2)."""

    CUSTOMER = "CUSTOMER"
    PARTNER = "PARTNER"


class OrderStatus(Status):
    """Life of an order as the cloud tells it (wire: status 6, 3, 5, 4)."""

    PENDING_PAYMENT = "PENDING_PAYMENT"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Paid and worked on until everything is delivered; cancelled only before (D-14)."""
        return {
            cls.PENDING_PAYMENT: {cls.PROCESSING, cls.CANCELLED},
            cls.PROCESSING: {cls.COMPLETED},
        }


class PaymentState(Status):
    """Who has paid, or is to pay (domain.md 5.9)."""

    UNPAID = "UNPAID"
    PENDING_PARTNER_PAYMENT = "PENDING_PARTNER_PAYMENT"
    PAID = "PAID"
    PAID_ON_CREDIT = "PAID_ON_CREDIT"
    REPAID = "REPAID"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Paid by the customer, or by its partner when asked; what was lent is repaid later."""
        paid = {cls.PAID, cls.PAID_ON_CREDIT}
        return {
            cls.UNPAID: paid | {cls.PENDING_PARTNER_PAYMENT, cls.CANCELLED},
            cls.PENDING_PARTNER_PAYMENT: paid | {cls.UNPAID, cls.CANCELLED},
            cls.PAID_ON_CREDIT: {cls.REPAID},
        }


class CancelReason(StrEnum):
    """Why an order was never paid."""

    CUSTOMER = "CUSTOMER"
    PARTNER = "PARTNER"
    DEADLINE = "DEADLINE"
    SUBSCRIPTION = "SUBSCRIPTION"


class RefundState(StrEnum):
    """How much of an order has been given back, or is asked for (退订)."""

    NONE = "NONE"
    REQUESTED = "REQUESTED"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"
    REFUNDED = "REFUNDED"


class SupervisionState(StrEnum):
    """Where the platform's supervision of a delivery stands (服务监管)."""

    NOT_INVOLVED = "NOT_INVOLVED"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"


class PolicyScene(StrEnum):
    """By which policy a sale earns incentives, decided when it is ordered (G-06)."""

    NONE = "NONE"
    DISTRIBUTOR = "DISTRIBUTOR"
    CSP = "CSP"
    OPERATIONS_BASE = "OPERATIONS_BASE"


class BillingState(StrEnum):
    """Whether a partner's share has been billed (出账状态)."""

    PENDING = "PENDING"
    BILLED = "BILLED"


class Fulfilment(Status):
    """What has become of a line that was paid."""

    WAITING = "WAITING"
    PROVISIONING = "PROVISIONING"
    OPEN = "OPEN"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Asked of the cloud once it is paid; a failure is tried again, or given back."""
        return {
            cls.WAITING: {cls.PROVISIONING, cls.CANCELLED},
            cls.PROVISIONING: {cls.OPEN, cls.FAILED},
            cls.FAILED: {cls.PROVISIONING, cls.CANCELLED},
        }
