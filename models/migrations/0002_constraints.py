from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0001_initial')]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name='AdjustRecord',
            constraint=CheckConstraint(check='num_nonnulls(customer_id, reseller_id) = 1', name='adjust_record_one_side'),
        ),
        ops.AddConstraint(
            model_name='AdjustRecord',
            constraint=CheckConstraint(check='(customer_id is null) = (association_id is null)', name='adjust_record_in_association'),
        ),
        ops.AddConstraint(
            model_name='AdjustRecord',
            constraint=CheckConstraint(check='amount > 0', name='adjust_record_amount'),
        ),
        ops.AddConstraint(
            model_name='Agreement',
            constraint=UniqueConstraint(fields=('code', 'version'), name='agreement_version_once'),
        ),
        ops.AddConstraint(
            model_name='AgreementSignature',
            constraint=UniqueConstraint(fields=('partner_id', 'agreement_id'), name='signature_once'),
        ),
        ops.AddConstraint(
            model_name='ApplicationEvidence',
            constraint=UniqueConstraint(fields=('file_id',), name='evidence_file_once'),
        ),
        ops.AddConstraint(
            model_name='Association',
            constraint=UniqueConstraint(fields=('customer_id',), name='association_one_active', condition="state = 'ACTIVE'"),
        ),
        ops.AddConstraint(
            model_name='Association',
            constraint=CheckConstraint(check="(state = 'ENDED') = (ended_at is not null)", name='association_ended_has_end'),
        ),
        ops.AddConstraint(
            model_name='AssociationChange',
            constraint=UniqueConstraint(fields=('customer_id',), name='association_change_one_open', condition="status in ('PRE_REVIEW', 'PENDING', 'APPROVED')"),
        ),
        ops.AddConstraint(
            model_name='AssociationChange',
            constraint=CheckConstraint(check="status in ('PRE_REVIEW', 'PENDING', 'APPROVED', 'DONE', 'REJECTED', 'CANCELLED', 'PRE_REVIEW_FAILED', 'TIMED_OUT')", name='association_change_status_known'),
        ),
        ops.AddConstraint(
            model_name='AssociationChange',
            constraint=CheckConstraint(check="(kind = 'SWITCH') = (to_type is not null)", name='association_change_switch_has_type'),
        ),
        ops.AddConstraint(
            model_name='BusinessInformation',
            constraint=UniqueConstraint(fields=('partner_id',), name='business_information_one_reviewing', condition="status = 'REVIEWING'"),
        ),
        ops.AddConstraint(
            model_name='BusinessInformation',
            constraint=UniqueConstraint(fields=('partner_id',), name='business_information_one_certified', condition="status = 'CERTIFIED'"),
        ),
        ops.AddConstraint(
            model_name='BusinessInformation',
            constraint=CheckConstraint(check="status in ('REVIEWING', 'CERTIFIED', 'FAILED', 'SUPERSEDED')", name='business_information_status_known'),
        ),
        ops.AddConstraint(
            model_name='BusinessInformation',
            constraint=CheckConstraint(check='fee_tax_rate >= 0 and fee_tax_rate < 1', name='business_information_rate'),
        ),
        ops.AddConstraint(
            model_name='CartLine',
            constraint=CheckConstraint(check='quantity > 0 and periods >= 0', name='cart_line_quantity'),
        ),
        ops.AddConstraint(
            model_name='ClockOffset',
            constraint=CheckConstraint(check='id = 1', name='clock_offset_one_row'),
        ),
        ops.AddConstraint(
            model_name='ClockOffset',
            constraint=CheckConstraint(check='seconds >= 0', name='clock_offset_forward_only'),
        ),
        ops.AddConstraint(
            model_name='ConsumptionRecord',
            constraint=CheckConstraint(check='consume_amount = cash + credit + voucher + cash_coupon + stored_value_card + bonus + debt + adjustment and official_amount = discount_amount + erased_amount + consume_amount', name='consumption_adds_up'),
        ),
        ops.AddConstraint(
            model_name='ConsumptionRecord',
            constraint=CheckConstraint(check="(bill_type = 'REFUND' or corrects_id is not null) = (consume_amount < 0) and consume_amount <> 0 and (corrects_id is null or bill_type = 'USAGE')", name='consumption_direction'),
        ),
        ops.AddConstraint(
            model_name='ConsumptionRecord',
            constraint=CheckConstraint(check="(bill_type = 'USAGE') = (usage_import_id is not null) and (bill_type = 'USAGE') = (source_id is null) and (bill_type = 'USAGE') = (line_id is null) and (bill_type = 'USAGE') = (order_id is null) and (bill_type = 'REFUND') = (refund_id is not null)", name='consumption_has_origin'),
        ),
        ops.AddConstraint(
            model_name='ConsumptionRecord',
            constraint=CheckConstraint(check='(partner_id is null) = (association_id is null) and (partner_id is null) = (association_type is null)', name='consumption_associated_wholly'),
        ),
        ops.AddConstraint(
            model_name='ConsumptionRecord',
            constraint=CheckConstraint(check='partner_bill_id is null or partner_id is not null', name='consumption_billed_to_partner'),
        ),
        ops.AddConstraint(
            model_name='Coupon',
            constraint=CheckConstraint(check='face_value = balance + used + reclaimed + lapsed', name='coupon_conserved'),
        ),
        ops.AddConstraint(
            model_name='Coupon',
            constraint=CheckConstraint(check='least(balance, used, reclaimed, lapsed) >= 0 and face_value > 0', name='coupon_never_negative'),
        ),
        ops.AddConstraint(
            model_name='Coupon',
            constraint=CheckConstraint(check='effective_at < expires_at', name='coupon_lasts'),
        ),
        ops.AddConstraint(
            model_name='Coupon',
            constraint=CheckConstraint(check="(status = 'USABLE') = (balance > 0)", name='coupon_usable_has_rest'),
        ),
        ops.AddConstraint(
            model_name='Coupon',
            constraint=CheckConstraint(check='(quota_id is null) = (partner_id is null)', name='coupon_of_quota_of_partner'),
        ),
        ops.AddConstraint(
            model_name='Coupon',
            constraint=CheckConstraint(check="case kind when 'VOUCHER' then not counts_performance and not needs_repayment when 'STORED_VALUE_CARD' then counts_performance and not needs_repayment and quota_id is null else true end", name='coupon_counts'),
        ),
        ops.AddConstraint(
            model_name='CouponRecord',
            constraint=UniqueConstraint(fields=('order_id', 'coupon_id'), name='coupon_record_used_once', condition="operation = 'USE'"),
        ),
        ops.AddConstraint(
            model_name='CouponRecord',
            constraint=CheckConstraint(check='amount >= 0 and abs(change) in (0, amount) and (amount > 0 or failure is not null)', name='coupon_record_amount'),
        ),
        ops.AddConstraint(
            model_name='CouponRecord',
            constraint=CheckConstraint(check="case when failure is null then coupon_id is not null else change = 0 and operation in ('ISSUE', 'RECLAIM') and (operation = 'ISSUE') = (coupon_id is null) end", name='coupon_record_failed_wholly'),
        ),
        ops.AddConstraint(
            model_name='CouponRecord',
            constraint=CheckConstraint(check="operation not in ('USE', 'REFUND', 'UNSUBSCRIPTION_RECLAIM') or order_id is not null", name='coupon_record_names_order'),
        ),
        ops.AddConstraint(
            model_name='Customer',
            constraint=CheckConstraint(check='(partner_id is null) = (association_id is null) and (partner_id is null) = (association_type is null) and (manager_id is null or partner_id is not null)', name='customer_associated_wholly'),
        ),
        ops.AddConstraint(
            model_name='CustomerAssignment',
            constraint=UniqueConstraint(fields=('partner_id', 'customer_id'), name='customer_assignment_one_open', condition='to_at is null'),
        ),
        ops.AddConstraint(
            model_name='CustomerAssignment',
            constraint=CheckConstraint(check='to_at is null or to_at >= from_at', name='customer_assignment_forward'),
        ),
        ops.AddConstraint(
            model_name='CustomerBinding',
            constraint=UniqueConstraint(fields=('customer_id', 'partner_id'), name='customer_binding_once'),
        ),
        ops.AddConstraint(
            model_name='CustomerInvitation',
            constraint=UniqueConstraint(fields=('report_id', 'type'), name='customer_invitation_one_open', condition="status in ('SENT', 'FAILED')"),
        ),
        ops.AddConstraint(
            model_name='CustomerInvitation',
            constraint=CheckConstraint(check="status in ('SENT', 'ACCEPTED', 'EXPIRED', 'FAILED', 'CANCELLED')", name='customer_invitation_status_known'),
        ),
        ops.AddConstraint(
            model_name='CustomerInvitation',
            constraint=CheckConstraint(check="(channel = 'EMAIL') = (expires_at is not null)", name='customer_invitation_mail_ends'),
        ),
        ops.AddConstraint(
            model_name='CustomerInvitation',
            constraint=CheckConstraint(check="(channel = 'EMAIL') = (report_id is not null) and (channel = 'EMAIL') = (report_ends_at is not null)", name='customer_invitation_mail_has_report'),
        ),
        ops.AddConstraint(
            model_name='CustomerReport',
            constraint=UniqueConstraint(fields=('identity',), name='customer_report_one_open', condition="status in ('PENDING_REVIEW', 'REPORTED')"),
        ),
        ops.AddConstraint(
            model_name='CustomerReport',
            constraint=CheckConstraint(check="status in ('PENDING_REVIEW', 'REPORTED', 'FAILED', 'EXPIRED', 'ASSOCIATED', 'DELETED')", name='customer_report_status_known'),
        ),
        ops.AddConstraint(
            model_name='CustomerReport',
            constraint=CheckConstraint(check="status <> 'REPORTED' or expires_at is not null", name='customer_report_reported_expires'),
        ),
        ops.AddConstraint(
            model_name='CustomerRequirement',
            constraint=CheckConstraint(check='expected_ratio between 0 and 1', name='customer_requirement_ratio'),
        ),
        ops.AddConstraint(
            model_name='CustomerRequirement',
            constraint=CheckConstraint(check="status in ('DRAFT', 'PENDING_MERCHANT', 'ACCEPTED', 'REJECTED', 'CANCELLED', 'CLOSED')", name='customer_requirement_status_known'),
        ),
        ops.AddConstraint(
            model_name='CustomerRequirement',
            constraint=CheckConstraint(check="(status = 'REJECTED') = (rejection is not null)", name='customer_requirement_rejected_somehow'),
        ),
        ops.AddConstraint(
            model_name='CustomerRequirement',
            constraint=CheckConstraint(check="(submitted_at is null) = (expires_at is null) and (status <> 'PENDING_MERCHANT' or expires_at is not null)", name='customer_requirement_submitted_expires'),
        ),
        ops.AddConstraint(
            model_name='CustomerTag',
            constraint=UniqueConstraint(fields=('partner_id', 'customer_id', 'tag'), name='customer_tag_once'),
        ),
        ops.AddConstraint(
            model_name='CustomerUser',
            constraint=UniqueConstraint(fields=('customer_id', 'person_id'), name='customer_user_once', condition='removed_at is null'),
        ),
        ops.AddConstraint(
            model_name='Event',
            constraint=UniqueConstraint(fields=('tenant_id', 'position'), name='event_position_once', condition='position is not null'),
        ),
        ops.AddConstraint(
            model_name='Evidence',
            constraint=CheckConstraint(check='size <= 131072', name='evidence_small'),
        ),
        ops.AddConstraint(
            model_name='ExclusiveOffer',
            constraint=CheckConstraint(check='discount > 0 and discount <= 1', name='exclusive_offer_discount'),
        ),
        ops.AddConstraint(
            model_name='ExclusiveOffer',
            constraint=CheckConstraint(check='expires_at > effective_at or submitted_at is null', name='exclusive_offer_lasts'),
        ),
        ops.AddConstraint(
            model_name='ExclusiveOffer',
            constraint=CheckConstraint(check="status not in ('SCHEDULED', 'EFFECTIVE') or (floor is not null and discount >= floor)", name='exclusive_offer_authorized'),
        ),
        ops.AddConstraint(
            model_name='ExclusiveOffer',
            constraint=CheckConstraint(check="(origin = 'AUTOMATIC') = (order_id is not null)", name='exclusive_offer_automatic_has_order'),
        ),
        ops.AddConstraint(
            model_name='ExclusiveOfferLine',
            constraint=UniqueConstraint(fields=('offer_id', 'position'), name='exclusive_offer_line_once'),
        ),
        ops.AddConstraint(
            model_name='ExclusiveOfferLine',
            constraint=CheckConstraint(check='(sku_id is null) = (quantity is null) and quantity > 0', name='exclusive_offer_line_quantity'),
        ),
        ops.AddConstraint(
            model_name='Export',
            constraint=CheckConstraint(check="state in ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'EXPIRED')", name='export_state_known'),
        ),
        ops.AddConstraint(
            model_name='Export',
            constraint=CheckConstraint(check="(state = 'RUNNING') = (lease_token is not null)", name='export_running_is_leased'),
        ),
        ops.AddConstraint(
            model_name='Export',
            constraint=CheckConstraint(check="state <> 'DONE' or (key is not null and size is not null and sha256 is not null and expires_at is not null)", name='export_done_is_whole'),
        ),
        ops.AddConstraint(
            model_name='Export',
            constraint=CheckConstraint(check="(state = 'FAILED') = (failure is not null)", name='export_failed_says_why'),
        ),
        ops.AddConstraint(
            model_name='ExternalIdentity',
            constraint=UniqueConstraint(fields=('issuer', 'subject'), name='external_identity_once'),
        ),
        ops.AddConstraint(
            model_name='Goods',
            constraint=CheckConstraint(check="(kind in ('SELF_OPERATED', 'STRICT_SELF')) = (merchant_id is null)", name='goods_of_merchant_or_platform'),
        ),
        ops.AddConstraint(
            model_name='Goods',
            constraint=CheckConstraint(check='is_listed or not on_sale', name='goods_on_sale_is_listed'),
        ),
        ops.AddConstraint(
            model_name='GoodsPolicy',
            constraint=UniqueConstraint(fields=('goods_id', 'valid_from'), name='goods_policy_once'),
        ),
        ops.AddConstraint(
            model_name='GoodsPolicy',
            constraint=CheckConstraint(check='share_ratio between 0 and 1 and max_ratio between 0 and 1 and tax_rate >= 0 and tax_rate < 1 and authorized_floor > 0 and authorized_floor <= 1', name='goods_policy_ratios'),
        ),
        ops.AddConstraint(
            model_name='HeldCertificate',
            constraint=UniqueConstraint(fields=('partner_id', 'account_name', 'kind'), name='held_certificate_once'),
        ),
        ops.AddConstraint(
            model_name='IdempotencyRecord',
            constraint=UniqueConstraint(fields=('caller_id', 'mutation', 'key'), name='idempotency_record_once'),
        ),
        ops.AddConstraint(
            model_name='ImprovementPlan',
            constraint=UniqueConstraint(fields=('partner_id',), name='improvement_plan_one_open', condition="status in ('DRAFT', 'SUBMITTED', 'REJECTED')"),
        ),
        ops.AddConstraint(
            model_name='ImprovementPlan',
            constraint=CheckConstraint(check="status in ('DRAFT', 'SUBMITTED', 'APPROVED', 'REJECTED')", name='improvement_plan_status_known'),
        ),
        ops.AddConstraint(
            model_name='ImprovementPlan',
            constraint=CheckConstraint(check='progress_ratio between 0 and 1', name='improvement_plan_progress'),
        ),
        ops.AddConstraint(
            model_name='InboxMessage',
            constraint=UniqueConstraint(fields=('event_id', 'seat_id'), name='inbox_message_once'),
        ),
        ops.AddConstraint(
            model_name='Incentive',
            constraint=UniqueConstraint(fields=('partner_id', 'code', 'period'), name='incentive_once'),
        ),
        ops.AddConstraint(
            model_name='Incentive',
            constraint=CheckConstraint(check='base_amount = performance_amount + carry_in and carry_in <= 0', name='incentive_adds_up'),
        ),
        ops.AddConstraint(
            model_name='Incentive',
            constraint=CheckConstraint(check='amount >= 0 and frozen_amount between 0 and amount and (step_from is null) = (ratio is null)', name='incentive_amounts'),
        ),
        ops.AddConstraint(
            model_name='Incentive',
            constraint=CheckConstraint(check="(state = 'ESTIMATED') = (confirm_by is null) and (confirmed_at is null) = (confirmed_by is null) and case when state in ('ESTIMATED', 'TO_CONFIRM') then confirmed_at is null when state = 'LAPSED' then true else confirmed_at is not null end", name='incentive_confirmed_wholly'),
        ),
        ops.AddConstraint(
            model_name='IncentiveFeedback',
            constraint=UniqueConstraint(fields=('incentive_id',), name='incentive_feedback_one_open', condition="state <> 'CLOSED'"),
        ),
        ops.AddConstraint(
            model_name='IncentiveFeedback',
            constraint=CheckConstraint(check="state in ('OPEN', 'ANSWERED', 'CLOSED') and (answer is null) = (answered_at is null) and (state = 'CLOSED') = (closed_at is not null) and (state <> 'ANSWERED' or answer is not null)", name='incentive_feedback_state_known'),
        ),
        ops.AddConstraint(
            model_name='IncentiveInvoice',
            constraint=UniqueConstraint(fields=('code', 'number'), name='incentive_invoice_once', condition='returned_at is null'),
        ),
        ops.AddConstraint(
            model_name='IncentiveInvoice',
            constraint=CheckConstraint(check='total_amount = net_amount + tax_amount and total_amount > 0 and net_amount > 0 and tax_amount >= 0', name='incentive_invoice_adds_up'),
        ),
        ops.AddConstraint(
            model_name='IncentiveInvoice',
            constraint=CheckConstraint(check='(returned_at is null) = (return_reason is null)', name='incentive_invoice_returned_wholly'),
        ),
        ops.AddConstraint(
            model_name='IncentivePart',
            constraint=UniqueConstraint(fields=('incentive_id',), name='incentive_part_first_once', condition='not thawed'),
        ),
        ops.AddConstraint(
            model_name='IncentivePart',
            constraint=CheckConstraint(check='amount >= 0 and (amount > 0 or not thawed)', name='incentive_part_amount'),
        ),
        ops.AddConstraint(
            model_name='IncentivePolicy',
            constraint=UniqueConstraint(fields=('code', 'valid_from'), name='incentive_policy_once'),
        ),
        ops.AddConstraint(
            model_name='IncentivePolicy',
            constraint=CheckConstraint(check='valid_to >= valid_from', name='incentive_policy_forward'),
        ),
        ops.AddConstraint(
            model_name='IncentivePolicy',
            constraint=CheckConstraint(check="scene <> 'NONE'", name='incentive_policy_scene'),
        ),
        ops.AddConstraint(
            model_name='Invoice',
            constraint=CheckConstraint(check='net_amount + tax_amount = total_amount and net_amount > 0 and tax_amount >= 0', name='invoice_adds_up'),
        ),
        ops.AddConstraint(
            model_name='Invoice',
            constraint=CheckConstraint(check="(status in ('VERIFIED', 'REJECTED', 'WITHDRAWN')) = (decided_at is not null)", name='invoice_decided_has_moment'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=UniqueConstraint(fields=('partner_id', 'kind', 'currency'), name='ledger_account_of_partner'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=UniqueConstraint(fields=('customer_id', 'kind', 'currency'), name='ledger_account_of_customer'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=UniqueConstraint(fields=('book', 'currency'), name='ledger_account_of_house'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=UniqueConstraint(fields=('id', 'currency'), name='ledger_account_currency'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=CheckConstraint(check="num_nonnulls(partner_id, customer_id, book) = 1 and (book is not null) = (kind = 'BOOK')", name='ledger_account_one_owner'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=CheckConstraint(check='balance - held + credit_limit >= 0', name='ledger_account_not_overdrawn'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=CheckConstraint(check="case when kind = 'CREDIT' then balance <= 0 else credit_limit = 0 end", name='ledger_account_credit'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=CheckConstraint(check='held >= 0 and credit_limit >= 0 and designated >= 0 and unreturned_invoices >= 0 and uncredited >= 0 and entries >= 0', name='ledger_account_amounts'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=CheckConstraint(check="kind <> 'BOOK' or (balance = 0 and held = 0 and entries = 0)", name='ledger_account_book_is_plain'),
        ),
        ops.AddConstraint(
            model_name='LedgerAccount',
            constraint=CheckConstraint(check='entries > 0 or balance = 0', name='ledger_account_begins_with_nothing'),
        ),
        ops.AddConstraint(
            model_name='LedgerEntry',
            constraint=UniqueConstraint(fields=('account_id', 'sequence'), name='ledger_entry_sequence'),
        ),
        ops.AddConstraint(
            model_name='LedgerEntry',
            constraint=UniqueConstraint(fields=('account_id', 'sequence', 'balance_after'), name='ledger_entry_balance'),
        ),
        ops.AddConstraint(
            model_name='LedgerEntry',
            constraint=CheckConstraint(check='amount <> 0', name='ledger_entry_moves_something'),
        ),
        ops.AddConstraint(
            model_name='LedgerEntry',
            constraint=CheckConstraint(check='num_nonnulls(sequence, balance_before, balance_after) in (0, 3) and (sequence is null or balance_after = balance_before + amount)', name='ledger_entry_adds_up'),
        ),
        ops.AddConstraint(
            model_name='LedgerEntry',
            constraint=CheckConstraint(check='sequence > 1 or (sequence = 1 and balance_before = 0) or sequence is null', name='ledger_entry_begins_with_nothing'),
        ),
        ops.AddConstraint(
            model_name='LedgerHold',
            constraint=UniqueConstraint(fields=('subject_id',), name='ledger_hold_one_open', condition="state = 'OPEN'"),
        ),
        ops.AddConstraint(
            model_name='LedgerHold',
            constraint=CheckConstraint(check='amount > 0', name='ledger_hold_amount'),
        ),
        ops.AddConstraint(
            model_name='LedgerHold',
            constraint=CheckConstraint(check="(state = 'OPEN') = (ended_at is null)", name='ledger_hold_ended'),
        ),
        ops.AddConstraint(
            model_name='LedgerTransfer',
            constraint=UniqueConstraint(fields=('trans_scope', 'trans_id'), name='ledger_transfer_trans_once'),
        ),
        ops.AddConstraint(
            model_name='LedgerTransfer',
            constraint=UniqueConstraint(fields=('id', 'currency'), name='ledger_transfer_currency'),
        ),
        ops.AddConstraint(
            model_name='LedgerTransfer',
            constraint=CheckConstraint(check='(trans_id is null) = (trans_scope is null)', name='ledger_transfer_trans_wholly'),
        ),
        ops.AddConstraint(
            model_name='Mail',
            constraint=UniqueConstraint(fields=('dedupe_key',), name='mail_once'),
        ),
        ops.AddConstraint(
            model_name='Mail',
            constraint=CheckConstraint(check="status in ('QUEUED', 'SENT', 'DEAD', 'HELD', 'FOLDED')", name='mail_status_known'),
        ),
        ops.AddConstraint(
            model_name='Member',
            constraint=UniqueConstraint(fields=('person_id',), name='member_one_link', condition='unlinked_at is null'),
        ),
        ops.AddConstraint(
            model_name='Member',
            constraint=CheckConstraint(check="specialist in ('NONE', 'APPLYING', 'SPECIALIST', 'CANCELLING')", name='member_specialist_known'),
        ),
        ops.AddConstraint(
            model_name='Member',
            constraint=CheckConstraint(check="unlinked_at is null or specialist = 'NONE'", name='member_specialist_is_linked'),
        ),
        ops.AddConstraint(
            model_name='MemberInvitation',
            constraint=UniqueConstraint(fields=('partner_id', 'person_id'), name='member_invitation_one_pending', condition="status = 'PENDING'"),
        ),
        ops.AddConstraint(
            model_name='MemberInvitation',
            constraint=CheckConstraint(check="status in ('PENDING', 'LINKED', 'EXPIRED', 'REVOKED', 'REJECTED', 'UNLINKED')", name='member_invitation_status_known'),
        ),
        ops.AddConstraint(
            model_name='MemberProject',
            constraint=CheckConstraint(check='ended_on is null or ended_on >= started_on', name='member_project_forward'),
        ),
        ops.AddConstraint(
            model_name='NotificationDigest',
            constraint=CheckConstraint(check='hour between 0 and 23', name='notification_digest_hour'),
        ),
        ops.AddConstraint(
            model_name='NotificationPreference',
            constraint=UniqueConstraint(fields=('person_id', 'topic', 'channel'), name='notification_preference_once'),
        ),
        ops.AddConstraint(
            model_name='OnBehalfAuthorization',
            constraint=UniqueConstraint(fields=('customer_id', 'partner_id'), name='authorization_one_live', condition="status in ('DISTRIBUTOR_PENDING', 'REQUESTED', 'GRANTED')"),
        ),
        ops.AddConstraint(
            model_name='OnBehalfAuthorization',
            constraint=CheckConstraint(check="status in ('DISTRIBUTOR_PENDING', 'REQUESTED', 'GRANTED', 'REJECTED', 'REVOKED')", name='authorization_status_known'),
        ),
        ops.AddConstraint(
            model_name='OnBehalfAuthorization',
            constraint=CheckConstraint(check="(status = 'REVOKED') = (end_reason is not null)", name='authorization_revoked_has_reason'),
        ),
        ops.AddConstraint(
            model_name='OnlinePayment',
            constraint=UniqueConstraint(fields=('order_id',), name='online_payment_one_waits', condition="state = 'WAITING'"),
        ),
        ops.AddConstraint(
            model_name='OnlinePayment',
            constraint=CheckConstraint(check='amount > 0 and credit_amount >= 0', name='online_payment_amounts'),
        ),
        ops.AddConstraint(
            model_name='OnlinePayment',
            constraint=CheckConstraint(check="(state = 'WAITING') = (ended_at is null)", name='online_payment_ended'),
        ),
        ops.AddConstraint(
            model_name='Operator',
            constraint=UniqueConstraint(fields=('partner_id', 'person_id'), name='operator_one_seat', condition='removed_at is null'),
        ),
        ops.AddConstraint(
            model_name='OperatorRole',
            constraint=UniqueConstraint(fields=('operator_id', 'role_id'), name='operator_role_once'),
        ),
        ops.AddConstraint(
            model_name='Order',
            constraint=CheckConstraint(check='(partner_id is null) = (association_id is null) and (partner_id is null) = (association_type is null)', name='sales_order_associated_wholly'),
        ),
        ops.AddConstraint(
            model_name='Order',
            constraint=CheckConstraint(check="(policy_scene = 'NONE') = (seller_id is null)", name='sales_order_scene_is_its_sellers'),
        ),
        ops.AddConstraint(
            model_name='Order',
            constraint=CheckConstraint(check="due_amount = deal_amount + adjustment and (type = 'UNSUBSCRIBE' or (list_amount >= 0 and due_amount >= 0 and refunded_amount between 0 and due_amount)) and (type <> 'UNSUBSCRIBE' or (due_amount <= 0 and base_order_id is not null))", name='sales_order_amounts'),
        ),
        ops.AddConstraint(
            model_name='Order',
            constraint=CheckConstraint(check="(payment_state in ('PAID', 'PAID_ON_CREDIT', 'REPAID')) = (paid_at is not null)", name='sales_order_paid_has_moment'),
        ),
        ops.AddConstraint(
            model_name='Order',
            constraint=CheckConstraint(check="(status = 'CANCELLED') = (cancelled_at is not null) and (status = 'CANCELLED') = (cancel_reason is not null) and (status = 'CANCELLED') = (payment_state = 'CANCELLED')", name='sales_order_cancelled_wholly'),
        ),
        ops.AddConstraint(
            model_name='Order',
            constraint=CheckConstraint(check="(status = 'PENDING_PAYMENT') = (payment_state in ('UNPAID', 'PENDING_PARTNER_PAYMENT')) and (status <> 'PENDING_PAYMENT' or pay_by is not null)", name='sales_order_unpaid_waits'),
        ),
        ops.AddConstraint(
            model_name='Order',
            constraint=CheckConstraint(check="payment_state <> 'PENDING_PARTNER_PAYMENT' or payer_id is not null", name='sales_order_partner_pays'),
        ),
        ops.AddConstraint(
            model_name='OrderLine',
            constraint=UniqueConstraint(fields=('order_id', 'position'), name='order_line_once'),
        ),
        ops.AddConstraint(
            model_name='OrderLine',
            constraint=CheckConstraint(check='quantity > 0 and periods >= 0', name='order_line_quantity'),
        ),
        ops.AddConstraint(
            model_name='OrderLine',
            constraint=CheckConstraint(check='exclusive_offer_id is null or private_offer_id is null', name='order_line_one_offer'),
        ),
        ops.AddConstraint(
            model_name='OrderLine',
            constraint=CheckConstraint(check='due_amount = deal_amount + adjustment', name='order_line_amounts'),
        ),
        ops.AddConstraint(
            model_name='OrderLine',
            constraint=CheckConstraint(check="(supervision_state = 'DONE') = (supervision_done_at is not null)", name='order_line_supervised'),
        ),
        ops.AddConstraint(
            model_name='Partner',
            constraint=CheckConstraint(check='tier between 1 and 3', name='partner_tier_known'),
        ),
        ops.AddConstraint(
            model_name='Partner',
            constraint=CheckConstraint(check="(kind = 'RESELLER') = (distributor_id is not null)", name='partner_reseller_has_distributor'),
        ),
        ops.AddConstraint(
            model_name='PartnerBill',
            constraint=UniqueConstraint(fields=('partner_id', 'period'), name='partner_bill_once'),
        ),
        ops.AddConstraint(
            model_name='PartnerBill',
            constraint=CheckConstraint(check='total_amount = consumption_amount + refund_amount + adjustment_amount', name='partner_bill_adds_up'),
        ),
        ops.AddConstraint(
            model_name='PathRequirement',
            constraint=CheckConstraint(check='least >= 0', name='path_requirement_not_negative'),
        ),
        ops.AddConstraint(
            model_name='PathRequirement',
            constraint=UniqueConstraint(fields=('role', 'stage', 'achievement', 'valid_from'), name='path_requirement_once'),
        ),
        ops.AddConstraint(
            model_name='Pause',
            constraint=CheckConstraint(check='(kind is null) <> (tenant_id is null)', name='pause_of_one'),
        ),
        ops.AddConstraint(
            model_name='Pause',
            constraint=CheckConstraint(check='(ended_at is null) = (ended_by is null) and (ended_at is null) = (end_reason is null)', name='pause_ended_by_somebody'),
        ),
        ops.AddConstraint(
            model_name='Pause',
            constraint=UniqueConstraint(fields=('kind',), name='pause_of_kind_once', condition='ended_at is null'),
        ),
        ops.AddConstraint(
            model_name='Pause',
            constraint=UniqueConstraint(fields=('tenant_id',), name='pause_of_tenant_once', condition='ended_at is null'),
        ),
        ops.AddConstraint(
            model_name='PaymentApplication',
            constraint=CheckConstraint(check="(state in ('DONE', 'REJECTED', 'CANCELLED')) = (ended_at is not null)", name='payment_application_ended_has_moment'),
        ),
        ops.AddConstraint(
            model_name='PaymentApplication',
            constraint=CheckConstraint(check="state in ('DRAFT', 'CANCELLED') or (submitted_at is not null and business_information_id is not null and fee_tax_rate is not null)", name='payment_application_submitted_wholly'),
        ),
        ops.AddConstraint(
            model_name='PaymentApplication',
            constraint=CheckConstraint(check="case state when 'NO_INVOICE' then total_amount = 0 when 'INVOICE_PENDING' then total_amount > 0 when 'INVOICED' then total_amount > 0 when 'PAYING' then total_amount > 0 when 'PAY_FAILED' then total_amount > 0 else total_amount >= 0 end", name='payment_application_no_invoice'),
        ),
        ops.AddConstraint(
            model_name='PaymentApplicationItem',
            constraint=UniqueConstraint(fields=('part_id',), name='payment_application_item_once', condition='not let_go'),
        ),
        ops.AddConstraint(
            model_name='PaymentPart',
            constraint=UniqueConstraint(fields=('order_id', 'position'), name='payment_part_once'),
        ),
        ops.AddConstraint(
            model_name='PaymentPart',
            constraint=CheckConstraint(check='amount > 0 and refunded_amount between 0 and amount', name='payment_part_amount'),
        ),
        ops.AddConstraint(
            model_name='PaymentShare',
            constraint=UniqueConstraint(fields=('part_id', 'line_id'), name='payment_share_once'),
        ),
        ops.AddConstraint(
            model_name='PaymentShare',
            constraint=CheckConstraint(check='amount >= 0 and refunded_amount between 0 and amount', name='payment_share_amount'),
        ),
        ops.AddConstraint(
            model_name='PerformanceFeedback',
            constraint=UniqueConstraint(fields=('sheet_id',), name='performance_feedback_of_sheet', condition="state <> 'CLOSED'"),
        ),
        ops.AddConstraint(
            model_name='PerformanceFeedback',
            constraint=UniqueConstraint(fields=('line_id',), name='performance_feedback_of_line', condition="state <> 'CLOSED'"),
        ),
        ops.AddConstraint(
            model_name='PerformanceFeedback',
            constraint=CheckConstraint(check='num_nonnulls(sheet_id, line_id) = 1', name='performance_feedback_about_one'),
        ),
        ops.AddConstraint(
            model_name='PerformanceFeedback',
            constraint=CheckConstraint(check="state in ('OPEN', 'ANSWERED', 'CLOSED') and (answer is null) = (answered_at is null) and (state = 'CLOSED') = (closed_at is not null) and (state <> 'ANSWERED' or answer is not null)", name='performance_feedback_state_known'),
        ),
        ops.AddConstraint(
            model_name='PerformanceLine',
            constraint=UniqueConstraint(fields=('consumption_record_id',), name='performance_line_once', condition='transfer_id is null'),
        ),
        ops.AddConstraint(
            model_name='PerformanceLine',
            constraint=UniqueConstraint(fields=('transfer_id',), name='performance_line_paid_later_once'),
        ),
        ops.AddConstraint(
            model_name='PerformanceLine',
            constraint=CheckConstraint(check="case kind when 'ADJUSTMENT' then corrects_id is not null and reason is not null and consumption_record_id is null else consumption_record_id is not null end and (kind = 'REFUND') = (refund_id is not null) and (transfer_id is null or kind = 'USAGE')", name='performance_line_says_what'),
        ),
        ops.AddConstraint(
            model_name='PerformanceLine',
            constraint=CheckConstraint(check="amount <> 0 and case kind when 'SALE' then amount > 0 when 'REFUND' then amount < 0 else true end", name='performance_line_direction'),
        ),
        ops.AddConstraint(
            model_name='PerformanceLine',
            constraint=CheckConstraint(check='(exclusion is null) = (excluded_until is null)', name='performance_line_excluded_wholly'),
        ),
        ops.AddConstraint(
            model_name='PerformanceLine',
            constraint=CheckConstraint(check="scene <> 'NONE' and strategy <> 'NONE'", name='performance_line_scene'),
        ),
        ops.AddConstraint(
            model_name='PerformanceSheet',
            constraint=UniqueConstraint(fields=('partner_id', 'period'), name='performance_sheet_once'),
        ),
        ops.AddConstraint(
            model_name='PerformanceSheet',
            constraint=CheckConstraint(check="state in ('DRAFT', 'FINAL')", name='performance_sheet_state_known'),
        ),
        ops.AddConstraint(
            model_name='PerformanceSheet',
            constraint=CheckConstraint(check="(state = 'FINAL') = (approved_at is not null)", name='performance_sheet_final_has_moment'),
        ),
        ops.AddConstraint(
            model_name='Person',
            constraint=CheckConstraint(check='email = lower(email)', name='person_email_lower'),
        ),
        ops.AddConstraint(
            model_name='PrivateOffer',
            constraint=UniqueConstraint(fields=('requirement_id',), name='private_offer_one_live', condition="status in ('DRAFT', 'PUBLISHED', 'EFFECTIVE')"),
        ),
        ops.AddConstraint(
            model_name='PrivateOffer',
            constraint=CheckConstraint(check="status in ('DRAFT', 'PUBLISHED', 'EFFECTIVE', 'USED', 'EXPIRED', 'WITHDRAWN')", name='private_offer_status_known'),
        ),
        ops.AddConstraint(
            model_name='PrivateOffer',
            constraint=CheckConstraint(check="(status = 'DRAFT') = (current_version_id is null)", name='private_offer_published_has_terms'),
        ),
        ops.AddConstraint(
            model_name='PrivateOffer',
            constraint=CheckConstraint(check='ratio between 0 and 1', name='private_offer_ratio'),
        ),
        ops.AddConstraint(
            model_name='PrivateOffer',
            constraint=CheckConstraint(check='expires_at > effective_at', name='private_offer_lasts'),
        ),
        ops.AddConstraint(
            model_name='PrivateOffer',
            constraint=CheckConstraint(check="(status = 'USED') = (order_id is not null)", name='private_offer_used_by_order'),
        ),
        ops.AddConstraint(
            model_name='PrivateOfferLine',
            constraint=UniqueConstraint(fields=('terms_id', 'position'), name='private_offer_line_once'),
        ),
        ops.AddConstraint(
            model_name='PrivateOfferLine',
            constraint=CheckConstraint(check='quantity > 0 and unit_price > 0', name='private_offer_line_amounts'),
        ),
        ops.AddConstraint(
            model_name='PrivateOfferVersion',
            constraint=UniqueConstraint(fields=('offer_id', 'sequence'), name='private_offer_version_once'),
        ),
        ops.AddConstraint(
            model_name='PrivateOfferVersion',
            constraint=UniqueConstraint(fields=('offer_id',), name='private_offer_version_one_draft', condition="status = 'DRAFT'"),
        ),
        ops.AddConstraint(
            model_name='PrivateOfferVersion',
            constraint=CheckConstraint(check='ratio between 0 and 1', name='private_offer_version_ratio'),
        ),
        ops.AddConstraint(
            model_name='PrivateOfferVersion',
            constraint=CheckConstraint(check='expires_at > effective_at', name='private_offer_version_lasts'),
        ),
        ops.AddConstraint(
            model_name='Programme',
            constraint=CheckConstraint(check='validity_months > 0', name='programme_validity'),
        ),
        ops.AddConstraint(
            model_name='ProgrammeApplication',
            constraint=UniqueConstraint(fields=('partner_id', 'programme_id'), name='application_one_live', condition="status in ('DRAFT', 'SUBMITTED', 'APPROVED')"),
        ),
        ops.AddConstraint(
            model_name='ProgrammeApplication',
            constraint=CheckConstraint(check="status in ('DRAFT', 'SUBMITTED', 'APPROVED', 'REJECTED', 'CANCELLED', 'EXITED', 'EXPIRED')", name='application_status_known'),
        ),
        ops.AddConstraint(
            model_name='ProgrammeInvitation',
            constraint=CheckConstraint(check="status in ('PENDING', 'USED', 'EXPIRED', 'REVOKED')", name='programme_invitation_status_known'),
        ),
        ops.AddConstraint(
            model_name='ProgrammeInvitation',
            constraint=UniqueConstraint(fields=('partner_id', 'programme_id'), name='programme_invitation_one_pending', condition="status = 'PENDING'"),
        ),
        ops.AddConstraint(
            model_name='QuotaRecord',
            constraint=CheckConstraint(check="amount > 0 or operation = 'ADJUST' and amount <> 0", name='quota_record_amount'),
        ),
        ops.AddConstraint(
            model_name='Recharge',
            constraint=CheckConstraint(check='num_nonnulls(partner_id, customer_id) = 1', name='recharge_one_owner'),
        ),
        ops.AddConstraint(
            model_name='Recharge',
            constraint=CheckConstraint(check='amount > 0 and returned_amount between 0 and credited_amount', name='recharge_amounts'),
        ),
        ops.AddConstraint(
            model_name='Recharge',
            constraint=CheckConstraint(check="(status = 'CREDITED') = (credited_at is not null) and (status = 'CREDITED') = (credited_amount > 0) and (status <> 'CREDITED' or reference is not null)", name='recharge_credited_wholly'),
        ),
        ops.AddConstraint(
            model_name='Refund',
            constraint=UniqueConstraint(fields=('line_id',), name='refund_one_open', condition="status = 'MERCHANT_REVIEW'"),
        ),
        ops.AddConstraint(
            model_name='Refund',
            constraint=CheckConstraint(check='amount >= 0 and consumed >= 0 and pieces > 0', name='refund_amounts'),
        ),
        ops.AddConstraint(
            model_name='Refund',
            constraint=CheckConstraint(check="status in ('MERCHANT_REVIEW', 'REFUNDED', 'REJECTED', 'CANCELLED')", name='refund_status_known'),
        ),
        ops.AddConstraint(
            model_name='Refund',
            constraint=CheckConstraint(check="(status = 'MERCHANT_REVIEW') = (decided_at is null) and (decided_at is null) = (decided_by is null)", name='refund_decided_wholly'),
        ),
        ops.AddConstraint(
            model_name='Refund',
            constraint=CheckConstraint(check="status <> 'MERCHANT_REVIEW' or decide_by is not null", name='refund_waits_till'),
        ),
        ops.AddConstraint(
            model_name='Refund',
            constraint=CheckConstraint(check="(status = 'REFUNDED') = (refunded_at is not null) and (status = 'REFUNDED') = (refund_order_id is not null)", name='refund_done_has_order'),
        ),
        ops.AddConstraint(
            model_name='RefundPart',
            constraint=UniqueConstraint(fields=('refund_id', 'part_id'), name='refund_part_once'),
        ),
        ops.AddConstraint(
            model_name='RefundPart',
            constraint=CheckConstraint(check='amount >= 0 and returned_amount between 0 and amount', name='refund_part_amount'),
        ),
        ops.AddConstraint(
            model_name='ReportMark',
            constraint=UniqueConstraint(fields=('mark',), name='report_mark_once'),
        ),
        ops.AddConstraint(
            model_name='RequirementLine',
            constraint=UniqueConstraint(fields=('requirement_id', 'position'), name='requirement_line_once'),
        ),
        ops.AddConstraint(
            model_name='RequirementLine',
            constraint=CheckConstraint(check='quantity > 0', name='requirement_line_quantity'),
        ),
        ops.AddConstraint(
            model_name='Role',
            constraint=UniqueConstraint(fields=('partner_id', 'code'), name='role_code_once'),
        ),
        ops.AddConstraint(
            model_name='Role',
            constraint=UniqueConstraint(fields=('code',), name='role_preset_once', condition='partner_id is null'),
        ),
        ops.AddConstraint(
            model_name='RoleCertification',
            constraint=UniqueConstraint(fields=('partner_id', 'role'), name='role_certification_once'),
        ),
        ops.AddConstraint(
            model_name='RoleCertification',
            constraint=CheckConstraint(check="stage in ('SELECTED', 'CERTIFIED', 'DIFFERENTIATED')", name='role_certification_stage_known'),
        ),
        ops.AddConstraint(
            model_name='ServiceSupervision',
            constraint=UniqueConstraint(fields=('line_id',), name='service_supervision_once'),
        ),
        ops.AddConstraint(
            model_name='ServiceSupervision',
            constraint=CheckConstraint(check="step in ('SUBMIT_REQUIREMENT', 'MERCHANT_CONFIRM', 'DELIVERING', 'BUYER_ACCEPT', 'PLATFORM_REVIEW', 'DONE', 'CANCELLED')", name='service_supervision_step_known'),
        ),
        ops.AddConstraint(
            model_name='ServiceSupervision',
            constraint=CheckConstraint(check="(step = 'DONE') = (done_at is not null)", name='service_supervision_done_has_moment'),
        ),
        ops.AddConstraint(
            model_name='ServiceSupervision',
            constraint=CheckConstraint(check="(appeal = 'NONE') = (appealed_at is null) and (appeal = 'NONE') = (appeal_due_on is null)", name='service_supervision_appealed_wholly'),
        ),
        ops.AddConstraint(
            model_name='SettlementLine',
            constraint=UniqueConstraint(fields=('order_line_id',), name='settlement_line_original_once', condition="kind = 'ORIGINAL' and voided_at is null"),
        ),
        ops.AddConstraint(
            model_name='SettlementLine',
            constraint=UniqueConstraint(fields=('refund_id',), name='settlement_line_reversal_once', condition="kind = 'REVERSAL' and voided_at is null"),
        ),
        ops.AddConstraint(
            model_name='SettlementLine',
            constraint=UniqueConstraint(fields=('consumption_record_id',), name='settlement_line_usage_once', condition="kind = 'USAGE' and transfer_id is null and voided_at is null"),
        ),
        ops.AddConstraint(
            model_name='SettlementLine',
            constraint=UniqueConstraint(fields=('transfer_id',), name='settlement_line_paid_later_once', condition='transfer_id is not null and voided_at is null'),
        ),
        ops.AddConstraint(
            model_name='SettlementLine',
            constraint=UniqueConstraint(fields=('incentive_id',), name='settlement_line_incentive_once', condition="kind = 'INCENTIVE' and voided_at is null"),
        ),
        ops.AddConstraint(
            model_name='SettlementLine',
            constraint=CheckConstraint(check="case kind when 'ORIGINAL' then order_line_id is not null and refund_id is null when 'REVERSAL' then refund_id is not null and original_id is not null when 'USAGE' then consumption_record_id is not null when 'INCENTIVE' then incentive_id is not null else reason is not null end and (transfer_id is null or kind = 'USAGE')", name='settlement_line_says_what'),
        ),
        ops.AddConstraint(
            model_name='SettlementLine',
            constraint=CheckConstraint(check="case kind when 'REVERSAL' then amount <= 0 and cash <= 0 when 'ORIGINAL' then amount >= 0 and cash >= 0 else true end", name='settlement_line_direction'),
        ),
        ops.AddConstraint(
            model_name='SettlementRun',
            constraint=UniqueConstraint(fields=('kind', 'period'), name='settlement_run_once', condition='partner_id is null'),
        ),
        ops.AddConstraint(
            model_name='SettlementRun',
            constraint=UniqueConstraint(fields=('partner_id', 'kind', 'period'), name='settlement_run_of_partner_once', condition="partner_id is not null and state = 'RUNNING'"),
        ),
        ops.AddConstraint(
            model_name='SettlementRun',
            constraint=CheckConstraint(check='starts_at < ends_at and ends_at <= as_of', name='settlement_run_period'),
        ),
        ops.AddConstraint(
            model_name='SettlementRun',
            constraint=CheckConstraint(check="(state = 'DONE') = (finished_at is not null)", name='settlement_run_finished'),
        ),
        ops.AddConstraint(
            model_name='SettlementShare',
            constraint=UniqueConstraint(fields=('run_id', 'partner_id'), name='settlement_share_once'),
        ),
        ops.AddConstraint(
            model_name='SettlementShare',
            constraint=CheckConstraint(check='(done_at is null) = (lines is null) and (done_at is null) = (statements is null) and (done_at is null) = (waiting is null)', name='settlement_share_done'),
        ),
        ops.AddConstraint(
            model_name='Sku',
            constraint=CheckConstraint(check="(charge_mode = 'PERIOD') = (months is not null)", name='sku_period_has_months'),
        ),
        ops.AddConstraint(
            model_name='Sku',
            constraint=CheckConstraint(check='months between 1 and 120', name='sku_months_known'),
        ),
        ops.AddConstraint(
            model_name='SkuPrice',
            constraint=UniqueConstraint(fields=('sku_id', 'valid_from'), name='sku_price_once'),
        ),
        ops.AddConstraint(
            model_name='SkuPrice',
            constraint=CheckConstraint(check='list_price >= 0', name='sku_price_not_negative'),
        ),
        ops.AddConstraint(
            model_name='SkuPrice',
            constraint=CheckConstraint(check='floor_price between 0 and list_price', name='sku_price_floor_below'),
        ),
        ops.AddConstraint(
            model_name='SpecialApplication',
            constraint=CheckConstraint(check="(status = 'GRANTED') = (granted_floor is not null)", name='special_application_granted_wholly'),
        ),
        ops.AddConstraint(
            model_name='StaffMember',
            constraint=UniqueConstraint(fields=('person_id',), name='staff_member_once', condition='removed_at is null'),
        ),
        ops.AddConstraint(
            model_name='Statement',
            constraint=UniqueConstraint(fields=('carried_from_id',), name='statement_carried_once', condition="carried_from_id is not null and status <> 'CANCELLED'"),
        ),
        ops.AddConstraint(
            model_name='Statement',
            constraint=CheckConstraint(check='total_amount = lines_amount + carry_in and carry_in <= 0 and (carry_in = 0) = (carried_from_id is null)', name='statement_adds_up'),
        ),
        ops.AddConstraint(
            model_name='Statement',
            constraint=CheckConstraint(check="case status when 'CARRIED_OVER' then total_amount < 0 when 'REPAID' then total_amount < 0 when 'ZERO_CLOSED' then total_amount = 0 when 'GENERATED' then true when 'CANCELLED' then true else total_amount > 0 end", name='statement_ends_by_sign'),
        ),
        ops.AddConstraint(
            model_name='Statement',
            constraint=CheckConstraint(check="(status in ('PAID', 'CARRIED_OVER', 'REPAID', 'ZERO_CLOSED', 'CANCELLED')) = (closed_at is not null)", name='statement_closed_has_moment'),
        ),
        ops.AddConstraint(
            model_name='Statement',
            constraint=CheckConstraint(check="(kind = 'BASIC') = (goods_tax_rate is not null)", name='statement_rate_of_goods'),
        ),
        ops.AddConstraint(
            model_name='Statement',
            constraint=CheckConstraint(check='step is not null or step_due_at is null', name='statement_due_step'),
        ),
        ops.AddConstraint(
            model_name='StatementDispute',
            constraint=CheckConstraint(check="(answer is null) = (answered_at is null) and (status <> 'ANSWERED' or answer is not null)", name='statement_dispute_answered'),
        ),
        ops.AddConstraint(
            model_name='StatementDispute',
            constraint=CheckConstraint(check="(status = 'CLOSED') = (closed_at is not null)", name='statement_dispute_closed'),
        ),
        ops.AddConstraint(
            model_name='StatementSignature',
            constraint=UniqueConstraint(fields=('statement_id', 'role'), name='statement_signature_once'),
        ),
        ops.AddConstraint(
            model_name='StatementSignature',
            constraint=UniqueConstraint(fields=('statement_id', 'signed_by'), name='statement_signature_by_another'),
        ),
        ops.AddConstraint(
            model_name='StatementSignature',
            constraint=CheckConstraint(check='(signed_by is null) = (signed_at is null)', name='statement_signature_given'),
        ),
        ops.AddConstraint(
            model_name='StatementStep',
            constraint=UniqueConstraint(fields=('statement_id', 'kind', 'attempt'), name='statement_step_once'),
        ),
        ops.AddConstraint(
            model_name='StatementStep',
            constraint=UniqueConstraint(fields=('statement_id',), name='statement_step_one_open', condition='done_at is null and dropped_at is null'),
        ),
        ops.AddConstraint(
            model_name='StatementStep',
            constraint=CheckConstraint(check='(due_on is null) = (due_at is null)', name='statement_step_due'),
        ),
        ops.AddConstraint(
            model_name='StatementStep',
            constraint=CheckConstraint(check='done_at is null or dropped_at is null', name='statement_step_ends_once'),
        ),
        ops.AddConstraint(
            model_name='StoredFile',
            constraint=CheckConstraint(check='size > 0', name='stored_file_not_empty'),
        ),
        ops.AddConstraint(
            model_name='Subscription',
            constraint=UniqueConstraint(fields=('line_id',), name='subscription_of_line_once'),
        ),
        ops.AddConstraint(
            model_name='Subscription',
            constraint=CheckConstraint(check='quantity > 0', name='subscription_quantity'),
        ),
        ops.AddConstraint(
            model_name='Subscription',
            constraint=CheckConstraint(check="status in ('IN_USE', 'FROZEN', 'EXPIRED', 'CLOSED')", name='subscription_status_known'),
        ),
        ops.AddConstraint(
            model_name='Subscription',
            constraint=CheckConstraint(check="(status in ('EXPIRED', 'CLOSED')) = (ended_at is not null)", name='subscription_ended_wholly'),
        ),
        ops.AddConstraint(
            model_name='Subscription',
            constraint=CheckConstraint(check="charge_mode <> 'PERIOD' or (effective_at is null) = (expires_at is null)", name='subscription_period_ends'),
        ),
        ops.AddConstraint(
            model_name='SubscriptionPeriod',
            constraint=UniqueConstraint(fields=('subscription_id', 'position'), name='period_once'),
        ),
        ops.AddConstraint(
            model_name='SubscriptionPeriod',
            constraint=UniqueConstraint(fields=('line_id',), name='period_of_line_once'),
        ),
        ops.AddConstraint(
            model_name='SubscriptionPeriod',
            constraint=CheckConstraint(check='ends_at is null or ends_at >= started_at', name='period_lasts'),
        ),
        ops.AddConstraint(
            model_name='SupervisorLink',
            constraint=UniqueConstraint(fields=('manager_id',), name='supervisor_link_one_open', condition='to_at is null'),
        ),
        ops.AddConstraint(
            model_name='TextMessage',
            constraint=UniqueConstraint(fields=('dedupe_key',), name='text_message_once'),
        ),
        ops.AddConstraint(
            model_name='TextMessage',
            constraint=CheckConstraint(check="status in ('QUEUED', 'SENT', 'DEAD')", name='text_message_status_known'),
        ),
        ops.AddConstraint(
            model_name='Tick',
            constraint=UniqueConstraint(fields=('name', 'scheduled_for'), name='tick_once'),
        ),
        ops.AddConstraint(
            model_name='Tick',
            constraint=CheckConstraint(check="state in ('SCHEDULED', 'DONE', 'DEAD')", name='tick_state_known'),
        ),
        ops.AddConstraint(
            model_name='Timer',
            constraint=UniqueConstraint(fields=('kind', 'subject_id'), name='timer_one_live', condition="state = 'SCHEDULED'"),
        ),
        ops.AddConstraint(
            model_name='Timer',
            constraint=CheckConstraint(check="state in ('SCHEDULED', 'FIRED', 'CANCELLED', 'DEAD')", name='timer_state_known'),
        ),
        ops.AddConstraint(
            model_name='Unsettled',
            constraint=UniqueConstraint(fields=('order_line_id',), name='unsettled_original_once', condition="kind = 'ORIGINAL'"),
        ),
        ops.AddConstraint(
            model_name='Unsettled',
            constraint=UniqueConstraint(fields=('refund_id',), name='unsettled_reversal_once', condition="kind = 'REVERSAL'"),
        ),
        ops.AddConstraint(
            model_name='Unsettled',
            constraint=UniqueConstraint(fields=('consumption_record_id',), name='unsettled_usage_once', condition="kind = 'USAGE' and transfer_id is null"),
        ),
        ops.AddConstraint(
            model_name='Unsettled',
            constraint=UniqueConstraint(fields=('transfer_id',), name='unsettled_paid_later_once'),
        ),
        ops.AddConstraint(
            model_name='Unsettled',
            constraint=CheckConstraint(check="case kind when 'ORIGINAL' then order_line_id is not null and refund_id is null and cash is not null when 'REVERSAL' then order_line_id is not null and refund_id is not null when 'USAGE' then order_line_id is not null and consumption_record_id is not null when 'ADJUSTMENT' then amount is not null and goods_tax_rate is not null and reason is not null else false end and (transfer_id is null or kind = 'USAGE' and cash > 0)", name='unsettled_says_what'),
        ),
        ops.AddConstraint(
            model_name='UpstreamAnswer',
            constraint=UniqueConstraint(fields=('request_id', 'digest'), name='upstream_answer_once'),
        ),
        ops.AddConstraint(
            model_name='UpstreamAnswer',
            constraint=CheckConstraint(check='heard > 0', name='upstream_answer_heard'),
        ),
        ops.AddConstraint(
            model_name='UpstreamBehaviour',
            constraint=CheckConstraint(check='after_seconds >= 0', name='upstream_behaviour_forward'),
        ),
        ops.AddConstraint(
            model_name='UpstreamRequest',
            constraint=CheckConstraint(check="state in ('WAITING', 'SENT', 'ANSWERED', 'FAILED', 'DEAD')", name='upstream_request_state_known'),
        ),
        ops.AddConstraint(
            model_name='UpstreamRequest',
            constraint=CheckConstraint(check="state <> 'SENT' or sent_at is not null", name='upstream_request_sent_has_moment'),
        ),
        ops.AddConstraint(
            model_name='UpstreamRequest',
            constraint=CheckConstraint(check="state not in ('ANSWERED', 'FAILED') or answered_at is not null", name='upstream_request_answered_has_moment'),
        ),
        ops.AddConstraint(
            model_name='UsageImport',
            constraint=CheckConstraint(check='lines = added + repeated + failed and added >= 0 and repeated >= 0 and failed >= 0 and corrections between 0 and added', name='usage_import_counts'),
        ),
        ops.AddConstraint(
            model_name='UsageImport',
            constraint=CheckConstraint(check='debt_amount between 0 and charged_amount and returned_amount >= 0', name='usage_import_amounts'),
        ),
        ops.AddConstraint(
            model_name='UsageRecord',
            constraint=UniqueConstraint(fields=('owner_id', 'source', 'record_id'), name='usage_record_once'),
        ),
        ops.AddConstraint(
            model_name='UsageRecord',
            constraint=UniqueConstraint(fields=('corrects_id',), name='usage_record_corrected_once'),
        ),
        ops.AddConstraint(
            model_name='UsageRecord',
            constraint=CheckConstraint(check='amount = (quantity - corrected_quantity) * unit_price and quantity >= 0 and corrected_quantity >= 0 and (corrects_id is not null or quantity > 0 and corrected_quantity = 0)', name='usage_record_amount'),
        ),
        ops.AddConstraint(
            model_name='VoucherApplication',
            constraint=CheckConstraint(check='amount > 0', name='test_voucher_application_amount'),
        ),
        ops.AddConstraint(
            model_name='VoucherApplication',
            constraint=CheckConstraint(check='effective_at < expires_at', name='test_voucher_application_lasts'),
        ),
        ops.AddConstraint(
            model_name='VoucherApplication',
            constraint=CheckConstraint(check="(status in ('APPROVED', 'REJECTED')) = (decided_at is not null)", name='test_voucher_application_decided'),
        ),
        ops.AddConstraint(
            model_name='VoucherQuota',
            constraint=CheckConstraint(check='value = balance + to_quotas + to_coupons + lapsed + reclaimed', name='voucher_quota_conserved'),
        ),
        ops.AddConstraint(
            model_name='VoucherQuota',
            constraint=CheckConstraint(check='least(balance, to_quotas, to_coupons, lapsed, reclaimed) >= 0 and value > 0', name='voucher_quota_never_negative'),
        ),
        ops.AddConstraint(
            model_name='VoucherQuota',
            constraint=CheckConstraint(check='effective_at < expires_at', name='voucher_quota_lasts'),
        ),
        ops.AddConstraint(
            model_name='VoucherQuota',
            constraint=CheckConstraint(check="status not in ('INVALID', 'RECLAIMED') or balance = 0 and ended_at is not null", name='voucher_quota_over_is_empty'),
        ),
        ops.AddConstraint(
            model_name='VoucherQuota',
            constraint=CheckConstraint(check="kind = 'CASH_COUPON' or not counts_performance and not needs_repayment", name='voucher_quota_vouchers_count_nothing'),
        ),
        ops.AddConstraint(
            model_name='WebhookAttempt',
            constraint=UniqueConstraint(fields=('delivery_id', 'number'), name='webhook_attempt_once'),
        ),
        ops.AddConstraint(
            model_name='WebhookAttempt',
            constraint=CheckConstraint(check='number > 0 and milliseconds >= 0', name='webhook_attempt_forward'),
        ),
        ops.AddConstraint(
            model_name='WebhookDelivery',
            constraint=UniqueConstraint(fields=('endpoint_id', 'event_id'), name='webhook_delivery_once'),
        ),
        ops.AddConstraint(
            model_name='WebhookDelivery',
            constraint=CheckConstraint(check="state in ('WAITING', 'DELIVERED', 'FAILED', 'CANCELLED')", name='webhook_delivery_state_known'),
        ),
        ops.AddConstraint(
            model_name='WebhookDelivery',
            constraint=CheckConstraint(check="state <> 'DELIVERED' or delivered_at is not null", name='webhook_delivery_delivered_when'),
        ),
        ops.AddConstraint(
            model_name='WebhookDelivery',
            constraint=CheckConstraint(check='(event_id is null) = (position is null)', name='webhook_delivery_of_event_placed'),
        ),
        ops.AddConstraint(
            model_name='WebhookEndpoint',
            constraint=CheckConstraint(check="state in ('ACTIVE', 'PAUSED', 'DISABLED', 'DELETED')", name='webhook_endpoint_state_known'),
        ),
        ops.AddConstraint(
            model_name='WebhookEndpoint',
            constraint=CheckConstraint(check="(state = 'DISABLED') = (disabled_reason is not null) and (state = 'DISABLED') = (disabled_at is not null)", name='webhook_endpoint_disabled_why'),
        ),
        ops.AddConstraint(
            model_name='WebhookEndpoint',
            constraint=CheckConstraint(check='(failures > 0) = (failing_since is not null)', name='webhook_endpoint_failing_since'),
        ),
        ops.AddConstraint(
            model_name='Withdrawal',
            constraint=UniqueConstraint(fields=('account_id',), name='withdrawal_one_in_process', condition="status in ('SUBMITTED', 'APPROVED')"),
        ),
        ops.AddConstraint(
            model_name='Withdrawal',
            constraint=CheckConstraint(check='num_nonnulls(partner_id, customer_id) = 1', name='withdrawal_one_owner'),
        ),
        ops.AddConstraint(
            model_name='Withdrawal',
            constraint=CheckConstraint(check='amount > 0', name='withdrawal_amount'),
        ),
        ops.AddConstraint(
            model_name='Withdrawal',
            constraint=CheckConstraint(check="(kind = 'ORIGINAL_ROUTE') = (recharge_id is not null) and (kind = 'ORIGINAL_ROUTE') = (bank_account is null)", name='withdrawal_goes_somewhere'),
        ),
        ops.AddConstraint(
            model_name='Withdrawal',
            constraint=CheckConstraint(check="deleted_at is null or status = 'REJECTED'", name='withdrawal_deleted_when_rejected'),
        ),
    ]
