"""What can happen, by the thing that it happens to: `order` and `paid` make `order.paid`."""

from collections.abc import Mapping

_WORDS = {
    "adjust_record": "made",
    "agreement_signature": "signed",
    "api_key": "created revoked rotated updated",
    "association_change": "requested approved rejected review_passed review_failed done cancelled"
    " timed_out",
    "business_information": "submitted certified failed superseded",
    "clock": "advanced",
    "coupon": "issued used given_back given_back_to_partner reclaimed lapsed expired frozen"
    " unfrozen",
    "customer": "registered assigned unassigned associated association_switched disassociated"
    " tagged level_set segment_set revealed frozen unfrozen fell_into_debt debt_paid",
    "customer_invitation": "sent resent accepted failed cancelled expired",
    "customer_report": "submitted approved rejected associated deleted expired",
    "customer_requirement": "drafted edited submitted reminded accepted rejected timed_out"
    " fulfilled cancelled closed",
    "customer_user": "added",
    "exclusive_offer": "drafted edited submitted approved rejected granted made started expired"
    " withdrawn",
    "export": "requested started finished failed cancelled retried expired",
    "external_identity": "linked",
    "goods": "created edited put_on_sale taken_off_sale policy_set policy_removed",
    "improvement_plan": "drafted edited submitted withdrawn approved rejected progressed",
    "incentive": "created entered final confirmed confirmed_by_silence ready paying paid lapsed",
    "incentive_feedback": "opened answered closed",
    "incentive_policy": "set",
    "ledger": "alarm",
    "ledger_account": "adjusted deposit_moved facts_set credit_limit_set repaid",
    "member": "linked unlinked specialist_applied specialist_approved specialist_rejected"
    " specialist_cancelling specialist_cancelling_withdrawn specialist_cancelling_rejected"
    " specialist_cancelled",
    "member_invitation": "sent resent reminded accepted rejected revoked unlinked expired",
    "member_project": "recorded edited removed",
    "on_behalf_authorization": "requested endorsed granted rejected revoked",
    "operator": "added roles_set removed supervisor_set supervisor_unset",
    "order": "placed adjusted partner_asked partner_recalled partner_declined"
    " online_payment_begun online_payment_failed paid fulfilment_failed fulfilment_retried"
    " fulfilment_contradicted completed supervision_changed refund_changed repaid cancelled",
    "partner": "registered edited certificates_recorded commitment_accepted direct_sales_set"
    " step_up_set",
    "partner_bill": "made",
    "pause": "begun ended",
    "payment_application": "created submitted accepted rejected cancelled invoiced"
    " invoices_returned paying paid pay_failed done paid_again error_after_the_fact",
    "performance_feedback": "opened answered closed",
    "performance_line": "adjusted",
    "performance_sheet": "made approved",
    "person": "registered notifications_set",
    "private_offer": "drafted draft_opened draft_edited draft_discarded published started used"
    " withdrawn expired deleted",
    "programme_application": "drafted edited submitted withdrawn approved rejected joined exited"
    " cancelled expired certificate_issued",
    "programme_invitation": "sent used revoked expired",
    "recharge": "created credited failed expired reference_reused error_after_the_fact",
    "refund": "requested rejected overridden cancelled refunded",
    "role": "created updated deleted",
    "role_certification": "selected judged validity_set certificate_issued expired",
    "service_supervision": "requirement_submitted requirement_returned confirmed delivered"
    " accepted rejected reviewed review_required review_failed appealable appealed"
    " appeal_granted appeal_refused cancelled",
    "session": "begun seat_switched ended",
    "settlement_adjustment": "entered",
    "settlement_run": "started done",
    "sku": "created edited put_on_sale taken_off_sale price_set price_removed",
    "special_application": "submitted taken granted rejected cancelled",
    "staff_member": "added",
    "statement": "generated sent carried_over closed_at_zero countersigning_started"
    " countersigning signed countersigned sheet_created sheet_failed sheet_retried"
    " sheet_created_again sheet_error_after_the_fact invoice_asked_for invoice_reminded"
    " invoice_submitted invoice_received invoice_rejected invoice_verified paid pay_failed"
    " payment_retried paid_again pay_error_after_the_fact repaid step_overdue cancelled"
    " regenerated",
    "statement_dispute": "opened answered closed",
    "stored_file": "uploaded",
    "subscription": "opened renewed renewal_set renewal_ordered renewal_failed changed reduced"
    " shortened frozen expired closed",
    "test_voucher_application": "created edited submitted approved rejected discarded",
    "upstream_behaviour": "set",
    "upstream_request": "given_up retried answered_by_hand",
    "usage_import": "made",
    "voucher_quota": "granted issued passed_on reclaimed taken_back frozen unfrozen"
    " adjustment_begun adjusted invalidated expired",
    "webhook_endpoint": "created edited paused resumed disabled replayed secret_rotated deleted",
    "withdrawal": "submitted approved rejected paid pay_failed paid_again paid_uncovered"
    " error_after_the_fact deleted",
    "work": "requeued",
}

# By the thing, in the order of its life.
HAPPENS: Mapping[str, tuple[str, ...]] = {
    thing: tuple(words.split()) for thing, words in _WORDS.items()
}
