"""Setting policies, confirming incentives, applying for them: inputs and payloads."""

import strawberry

from domain.incentives.applying import AppliedForAlready, NotByApplication, NotCertified
from domain.incentives.guards import IncentiveIsConfirmed, IncentiveOfAnotherPartner
from domain.incentives.manual import EnteredAlready
from domain.incentives.policies import OtherPeriods, PolicyOfThePast
from domain.invoices.checking import (
    InvoiceMustBeSpecial,
    InvoiceTaxDiffers,
    InvoiceTotalsDiffer,
    InvoiceUsedAlready,
)
from domain.performance.guards import AskedAlready
from kit.status import WrongStatus
from models.catalogue import IncentiveStrategy
from models.incentives import IncentivePeriod, PaysBy
from models.order_states import PolicyScene
from models.payment_applications import ApplicationKind
from schema.incentives import Incentive, IncentiveFeedback, IncentivePolicy
from schema.inputs import idempotency_key, needed_idempotency_key
from schema.invoice_inputs import InvoiceInput
from schema.payloads import made, payload
from schema.payment_applications import PaymentApplication
from schema.scalars import Decimal, YearMonth

_NOW = "The application as it stands now."


@strawberry.input(description="A step of a ladder.")
class IncentiveStepInput:
    from_amount: Decimal = strawberry.field(
        description="The threshold in CNY from which on it counts."
    )
    ratio: Decimal = strawberry.field(description="The share of the whole base: 0.02 is 2 %.")


@strawberry.input(description="What performance earns, from a month on.")
class IncentivePolicySetInput:
    code: str = strawberry.field(
        description="What the policy is called by systems, 1 to 64 characters; another one for"
        " another scene or length of periods."
    )
    name: str = strawberry.field(description="Its name, in Chinese.")
    name_en: str = strawberry.field(description="Its name, in English.")
    scene: PolicyScene = strawberry.field(description="Which sales it pays for; not NONE.")
    period: IncentivePeriod = strawberry.field(description="Over which span they are summed up.")
    strategies: list[IncentiveStrategy] = strawberry.field(
        description="Goods of which strategies are paid for: by month STANDARD and SPECIFIC, by"
        " quarter STANDARD."
    )
    threshold_strategies: list[IncentiveStrategy] | None = strawberry.field(
        default=None,
        description="Goods of which strategies count to the threshold: those that are paid for and"
        " perhaps others, never NONE; null for all others.",
    )
    ladder: list[IncentiveStepInput] = strawberry.field(
        description="1 to 20 steps, rising; none with MANUAL."
    )
    pays_by: PaysBy = strawberry.field(description="Which way it is paid.")
    valid_from: YearMonth = strawberry.field(
        description="Its first month: of the period that runs, or of one to come."
    )
    valid_to: YearMonth | None = strawberry.field(
        default=None, description="Its last month; null for no end of its own."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which incentive is agreed to.")
class IncentiveConfirmInput:
    id: strawberry.ID = strawberry.field(description="The incentive.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What a partner earns by a policy whose amounts are entered.")
class IncentiveManualEnterInput:
    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    code: str = strawberry.field(description="The policy's code.")
    period: str = strawberry.field(description="The period, which is over: `2030-02`, `2030-Q1`.")
    amount: Decimal = strawberry.field(description="How much in CNY, two decimals.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="What is asked about an incentive that is to be confirmed.")
class IncentiveFeedbackOpenInput:
    incentive_id: strawberry.ID = strawberry.field(description="The incentive.")
    text: str = strawberry.field(description="The question, 1 to 1000 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The answer to a question.")
class IncentiveFeedbackAnswerInput:
    id: strawberry.ID = strawberry.field(description="The question.")
    answer: str = strawberry.field(description="The answer, 1 to 1000 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which question is put away.")
class IncentiveFeedbackCloseInput:
    id: strawberry.ID = strawberry.field(description="The question.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which incentives are to be paid.")
class PaymentApplicationCreateInput:
    kind: ApplicationKind = strawberry.field(description="Several at once, or one alone.")
    incentive_ids: list[strawberry.ID] = strawberry.field(
        description="Confirmed incentives of your partner, 1 to 100; exactly one with SINGLE."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application.")
class PaymentApplicationInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The application.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application, and why.")
class PaymentApplicationReasonInput:
    """For the mutations that need a reason."""

    id: strawberry.ID = strawberry.field(description="The application.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application to have paid.")
class PaymentApplicationPayInput(PaymentApplicationInput):
    """For `paymentApplicationPay`."""

    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="The invoices of an application, together its total.")
class PaymentApplicationInvoiceInput:
    id: strawberry.ID = strawberry.field(description="The application.")
    invoices: list[InvoiceInput] = strawberry.field(description="1 to 20 invoices.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(PolicyOfThePast, OtherPeriods))
class IncentivePolicySetPayload:
    incentive_policy: IncentivePolicy | None = made("The version that begins in that month.")


@payload(errors=(IncentiveOfAnotherPartner, IncentiveIsConfirmed, WrongStatus))
class IncentiveConfirmPayload:
    incentive: Incentive | None = made("The incentive as it stands now.")


@payload(errors=(EnteredAlready,))
class IncentiveManualEnterPayload:
    incentive: Incentive | None = made("The incentive, which its partner is to confirm.")


@payload(errors=(IncentiveOfAnotherPartner, IncentiveIsConfirmed, AskedAlready, WrongStatus))
class IncentiveFeedbackOpenPayload:
    incentive_feedback: IncentiveFeedback | None = made("The question.")


@payload(errors=(WrongStatus,))
class IncentiveFeedbackAnswerPayload:
    incentive_feedback: IncentiveFeedback | None = made("The question with its answer.")


@payload(errors=(IncentiveOfAnotherPartner, WrongStatus))
class IncentiveFeedbackClosePayload:
    incentive_feedback: IncentiveFeedback | None = made("The question.")


@payload(errors=(IncentiveOfAnotherPartner, AppliedForAlready, NotByApplication, WrongStatus))
class PaymentApplicationCreatePayload:
    payment_application: PaymentApplication | None = made("The draft.")


@payload(errors=(IncentiveOfAnotherPartner, NotCertified, WrongStatus))
class PaymentApplicationSubmitPayload:
    payment_application: PaymentApplication | None = made(_NOW)


@payload(errors=(IncentiveOfAnotherPartner, WrongStatus))
class PaymentApplicationCancelPayload:
    payment_application: PaymentApplication | None = made(_NOW)


@payload(errors=(WrongStatus,))
class PaymentApplicationAcceptPayload:
    payment_application: PaymentApplication | None = made(_NOW)


@payload(errors=(WrongStatus,))
class PaymentApplicationRejectPayload:
    payment_application: PaymentApplication | None = made(_NOW)


@payload(
    errors=(
        IncentiveOfAnotherPartner,
        InvoiceMustBeSpecial,
        InvoiceTaxDiffers,
        InvoiceTotalsDiffer,
        InvoiceUsedAlready,
        WrongStatus,
    )
)
class PaymentApplicationInvoicePayload:
    payment_application: PaymentApplication | None = made(_NOW)


@payload(errors=(WrongStatus,))
class PaymentApplicationInvoiceReturnPayload:
    payment_application: PaymentApplication | None = made(_NOW)


@payload(errors=(WrongStatus,))
class PaymentApplicationPayPayload:
    payment_application: PaymentApplication | None = made(_NOW)
