"""Queries and mutations of incentives and of applications for their payment."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.incentives import (
    applying,
    confirming,
    feedback,
    invoicing,
    manual,
    paying,
    policies,
    reviewing,
)
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import incentive_changes as changes
from schema.incentive_lists import (
    IncentiveFeedbackFilter,
    IncentiveFeedbackOrder,
    IncentiveFilter,
    IncentiveOrder,
    IncentivePolicyFilter,
    PaymentApplicationFilter,
    PaymentApplicationOrder,
)
from schema.incentives import Incentive, IncentiveFeedback, IncentivePolicy
from schema.payment_applications import PaymentApplication


@strawberry.type
class IncentiveQuery:
    incentive: Incentive | None = root_one(
        "An incentive by its id; null when you may not see it.", prefix="inc"
    )
    incentives: Connection[Incentive] = root_connection(
        "What your partner earns by performance (激励); of all partners for the platform. Not for"
        f" account managers. {describe('incentives')}",
        filter=IncentiveFilter,
        order=IncentiveOrder,
        guard=may_list("incentives"),
    )
    incentive_policies: Connection[IncentivePolicy] = root_connection(
        f"What performance earns: policies in all their versions. {describe('incentivePolicies')}",
        filter=IncentivePolicyFilter,
        guard=may_list("incentivePolicies"),
    )
    incentive_feedback: Connection[IncentiveFeedback] = root_connection(
        "Questions about incentives and their answers, the latest first."
        f" {describe('incentiveFeedback')}",
        filter=IncentiveFeedbackFilter,
        order=IncentiveFeedbackOrder,
        guard=may_list("incentiveFeedback"),
    )
    payment_application: PaymentApplication | None = root_one(
        "An application by its id; null when you may not see it.", prefix="pap"
    )
    payment_applications: Connection[PaymentApplication] = root_connection(
        "Your partner's applications for the payment of incentives (申付单); all of them for the"
        f" platform. {describe('paymentApplications')}",
        filter=PaymentApplicationFilter,
        order=PaymentApplicationOrder,
        guard=may_list("paymentApplications"),
    )


@strawberry.type
class IncentiveMutation:
    @mutation(
        "Say what performance earns, from a month on. Amounts of periods that are over stay.",
        changes.IncentivePolicySetPayload,
        requires=describe("incentivePolicySet"),
    )
    async def incentive_policy_set(
        self, viewer: Viewer, input: changes.IncentivePolicySetInput, now: datetime
    ) -> Outcome:
        policy = await policies.set_policy(
            viewer=viewer,
            code=input.code,
            terms=policies.Terms(
                name=input.name,
                name_en=input.name_en,
                scene=input.scene,
                period=input.period,
                strategies=input.strategies,
                threshold_strategies=input.threshold_strategies,
                ladder=[policies.Step(step.from_amount, step.ratio) for step in input.ladder],
                pays_by=input.pays_by,
                valid_from=input.valid_from,
                valid_to=input.valid_to,
            ),
            now=now,
        )
        return Outcome(incentive_policy=policy.id)

    @mutation(
        "Agree to an incentive; seven days of silence do so, too.",
        changes.IncentiveConfirmPayload,
        requires=describe("incentiveConfirm"),
    )
    async def incentive_confirm(
        self, viewer: Viewer, input: changes.IncentiveConfirmInput, now: datetime
    ) -> Outcome:
        incentive = await confirming.confirm(
            viewer=viewer,
            incentive_id=ids.decode("inc", input.id, path=("input", "id")),
            now=now,
        )
        return Outcome(incentive=incentive.id)

    @mutation(
        "Enter what a partner earns by a policy of which amounts aren't worked out.",
        changes.IncentiveManualEnterPayload,
        requires=describe("incentiveManualEnter"),
    )
    async def incentive_manual_enter(
        self, viewer: Viewer, input: changes.IncentiveManualEnterInput, now: datetime
    ) -> Outcome:
        incentive = await manual.enter(
            viewer=viewer,
            partner_id=ids.decode("ptn", input.partner_id, path=("input", "partnerId")),
            code=input.code,
            period=input.period,
            amount=input.amount,
            reason=input.reason,
            now=now,
        )
        return Outcome(incentive=incentive.id)

    @mutation(
        "Ask about an incentive while it is to be confirmed; one question at a time.",
        changes.IncentiveFeedbackOpenPayload,
        requires=describe("incentiveFeedbackOpen"),
    )
    async def incentive_feedback_open(
        self, viewer: Viewer, input: changes.IncentiveFeedbackOpenInput, now: datetime
    ) -> Outcome:
        asked = await feedback.ask(
            viewer=viewer,
            incentive_id=ids.decode("inc", input.incentive_id, path=("input", "incentiveId")),
            text=input.text,
            now=now,
        )
        return Outcome(incentive_feedback=asked.id)

    @mutation(
        "Answer a question about an incentive.",
        changes.IncentiveFeedbackAnswerPayload,
        requires=describe("incentiveFeedbackAnswer"),
    )
    async def incentive_feedback_answer(
        self, viewer: Viewer, input: changes.IncentiveFeedbackAnswerInput, now: datetime
    ) -> Outcome:
        asked = await feedback.answer(
            viewer=viewer,
            feedback_id=ids.decode("icf", input.id, path=("input", "id")),
            text=input.answer,
            now=now,
        )
        return Outcome(incentive_feedback=asked.id)

    @mutation(
        "Put a question about an incentive away, answered or not.",
        changes.IncentiveFeedbackClosePayload,
        requires=describe("incentiveFeedbackClose"),
    )
    async def incentive_feedback_close(
        self, viewer: Viewer, input: changes.IncentiveFeedbackCloseInput, now: datetime
    ) -> Outcome:
        asked = await feedback.close(
            viewer=viewer, feedback_id=ids.decode("icf", input.id, path=("input", "id")), now=now
        )
        return Outcome(incentive_feedback=asked.id)

    @mutation(
        "Put confirmed incentives on an application for their payment (申付), a draft yet.",
        changes.PaymentApplicationCreatePayload,
        requires=describe("paymentApplicationCreate"),
    )
    async def payment_application_create(
        self, viewer: Viewer, input: changes.PaymentApplicationCreateInput, now: datetime
    ) -> Outcome:
        path = ("input", "incentiveIds")
        application = await applying.create(
            viewer=viewer,
            kind=input.kind,
            incentive_ids=[ids.decode("inc", id, path=path) for id in input.incentive_ids],
            now=now,
        )
        return Outcome(payment_application=application.id)

    @mutation(
        "Hand an application in; the platform reviews it.",
        changes.PaymentApplicationSubmitPayload,
        requires=describe("paymentApplicationSubmit"),
    )
    async def payment_application_submit(
        self, viewer: Viewer, input: changes.PaymentApplicationInput, now: datetime
    ) -> Outcome:
        application = await applying.submit(
            viewer=viewer, application_id=_application(input.id), now=now
        )
        return Outcome(payment_application=application.id)

    @mutation(
        "Give up an application that wasn't handed in.",
        changes.PaymentApplicationCancelPayload,
        requires=describe("paymentApplicationCancel"),
    )
    async def payment_application_cancel(
        self, viewer: Viewer, input: changes.PaymentApplicationInput, now: datetime
    ) -> Outcome:
        application = await applying.cancel(
            viewer=viewer, application_id=_application(input.id), now=now
        )
        return Outcome(payment_application=application.id)

    @mutation(
        "Accept an application: its partner is to send its invoice, unless it comes to nothing.",
        changes.PaymentApplicationAcceptPayload,
        requires=describe("paymentApplicationAccept"),
    )
    async def payment_application_accept(
        self, viewer: Viewer, input: changes.PaymentApplicationInput, now: datetime
    ) -> Outcome:
        application = await reviewing.accept(
            viewer=viewer, application_id=_application(input.id), now=now
        )
        return Outcome(payment_application=application.id)

    @mutation(
        "Refuse an application, and say why.",
        changes.PaymentApplicationRejectPayload,
        requires=describe("paymentApplicationReject"),
    )
    async def payment_application_reject(
        self, viewer: Viewer, input: changes.PaymentApplicationReasonInput, now: datetime
    ) -> Outcome:
        application = await reviewing.reject(
            viewer=viewer, application_id=_application(input.id), reason=input.reason, now=now
        )
        return Outcome(payment_application=application.id)

    @mutation(
        "Hand in the invoices of an accepted application: VAT special invoices, to the cent.",
        changes.PaymentApplicationInvoicePayload,
        requires=describe("paymentApplicationInvoice"),
    )
    async def payment_application_invoice(
        self, viewer: Viewer, input: changes.PaymentApplicationInvoiceInput, now: datetime
    ) -> Outcome:
        application = await invoicing.hand_in(
            viewer=viewer,
            application_id=_application(input.id),
            invoices=[each.given() for each in input.invoices],
            now=now,
        )
        return Outcome(payment_application=application.id)

    @mutation(
        "Send the invoices of an application back (退票重开); its partner issues others.",
        changes.PaymentApplicationInvoiceReturnPayload,
        requires=describe("paymentApplicationInvoiceReturn"),
    )
    async def payment_application_invoice_return(
        self, viewer: Viewer, input: changes.PaymentApplicationReasonInput, now: datetime
    ) -> Outcome:
        application = await reviewing.return_invoices(
            viewer=viewer, application_id=_application(input.id), reason=input.reason, now=now
        )
        return Outcome(payment_application=application.id)

    @mutation(
        "Have an invoiced application paid by the bank; again, when the bank could not.",
        changes.PaymentApplicationPayPayload,
        requires=describe("paymentApplicationPay"),
    )
    async def payment_application_pay(
        self, viewer: Viewer, input: changes.PaymentApplicationPayInput, now: datetime
    ) -> Outcome:
        application = await paying.pay(
            viewer=viewer, application_id=_application(input.id), now=now
        )
        return Outcome(payment_application=application.id)


def _application(text: str) -> UUID:
    return ids.decode("pap", text, path=("input", "id"))
