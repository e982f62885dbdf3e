from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0001_initial')]

    initial = False

    operations = [
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
            model_name='ClockOffset',
            constraint=CheckConstraint(check='id = 1', name='clock_offset_one_row'),
        ),
        ops.AddConstraint(
            model_name='ClockOffset',
            constraint=CheckConstraint(check='seconds >= 0', name='clock_offset_forward_only'),
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
            constraint=CheckConstraint(check="status not in ('SCHEDULED', 'EFFECTIVE') or (floor is not null and discount >= floor)", name='exclusive_offer_authorised'),
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
            constraint=CheckConstraint(check='share_ratio between 0 and 1 and max_ratio between 0 and 1 and tax_rate >= 0 and tax_rate < 1 and authorised_floor > 0 and authorised_floor <= 1', name='goods_policy_ratios'),
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
            model_name='Mail',
            constraint=UniqueConstraint(fields=('dedupe_key',), name='mail_once'),
        ),
        ops.AddConstraint(
            model_name='Mail',
            constraint=CheckConstraint(check="status in ('QUEUED', 'SENT', 'DEAD')", name='mail_status_known'),
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
            model_name='Operator',
            constraint=UniqueConstraint(fields=('partner_id', 'person_id'), name='operator_one_seat', condition='removed_at is null'),
        ),
        ops.AddConstraint(
            model_name='OperatorRole',
            constraint=UniqueConstraint(fields=('operator_id', 'role_id'), name='operator_role_once'),
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
            model_name='PathRequirement',
            constraint=CheckConstraint(check='least >= 0', name='path_requirement_not_negative'),
        ),
        ops.AddConstraint(
            model_name='PathRequirement',
            constraint=UniqueConstraint(fields=('role', 'stage', 'achievement', 'valid_from'), name='path_requirement_once'),
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
            model_name='StoredFile',
            constraint=CheckConstraint(check='size > 0', name='stored_file_not_empty'),
        ),
        ops.AddConstraint(
            model_name='SupervisorLink',
            constraint=UniqueConstraint(fields=('manager_id',), name='supervisor_link_one_open', condition='to_at is null'),
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
    ]
