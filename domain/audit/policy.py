"""Who sees which events."""

from kit.scope import Scope

# A partner sees what happened at it; a distributor also its resellers' business, but not who works
# for them, what they sign and hand in, or where they bank. A person sees what is about himself. Of
# what is about customers and leads, an account manager sees what is about those that are his now,
# their history before him included (O-03), and a supervisor what his managers see.
_OWN_AFFAIRS = (
    "'operator', 'role', 'api_key', 'agreement_signature', 'business_information',"
    " 'improvement_plan', 'programme_invitation', 'stored_file', 'statement', 'statement_dispute',"
    " 'settlement_adjustment', 'incentive', 'incentive_feedback', 'payment_application',"
    " 'performance_sheet', 'performance_line', 'performance_feedback',"
    " 'webhook_endpoint'"
)

_AT_PARTNER = (
    "({t}.tenant_id = {viewer.partner_id} or ({t}.tenant_id = any({viewer.partner_ids})"
    f" and {{t}}.subject_type not in ({_OWN_AFFAIRS})"
    " and {t}.name <> 'partner.certificates_recorded'))"
)
# What a list shows to holders of a right alone, the log shows to them alone.
_WITH_A_RIGHT = (
    "(({viewer.sees_members}::boolean"
    " or {t}.subject_type not in ('member', 'member_invitation', 'member_project'))"
    " and ({viewer.manages_api_keys}::boolean or {t}.subject_type <> 'api_key')"
    " and ({viewer.manages_webhooks}::boolean or {t}.subject_type <> 'webhook_endpoint')"
    " and ({viewer.sees_business_information}::boolean"
    " or {t}.subject_type <> 'business_information')"
    " and ({viewer.is_administrator}::boolean or {t}.subject_type <> 'export'"
    " or {t}.person_id = {viewer.actor_id})"
    " and ({viewer.sees_funds}::boolean or {t}.subject_type not in"
    " ('ledger_account', 'recharge', 'withdrawal', 'adjust_record'))"
    " and ({viewer.sees_statements}::boolean or {t}.subject_type not in"
    " ('statement', 'statement_dispute', 'settlement_adjustment'))"
    " and ({viewer.sees_incentives}::boolean or {t}.subject_type not in"
    " ('incentive', 'incentive_feedback', 'payment_application'))"
    " and ({viewer.sees_performance}::boolean or {t}.subject_type not in"
    " ('performance_sheet', 'performance_line', 'performance_feedback')))"
)
_OF_MY_CUSTOMERS = (
    "(({t}.customer_id is null and {t}.manager_id is null)"
    " or {t}.manager_id = any({viewer.manager_ids})"
    " or exists (select from customer mine where mine.id = {t}.customer_id"
    " and mine.manager_id = any({viewer.manager_ids})))"
)
# What a customer and its partner have to settle, both sides read, and of the customer's orders.
_WITH_ITS_PARTNER = (
    "({t}.customer_id = {viewer.customer_id}"
    " and {t}.subject_type in ('association_change', 'on_behalf_authorization', 'order',"
    " 'recharge', 'withdrawal', 'ledger_account', 'subscription', 'service_supervision',"
    " 'refund'))"
)

EVENTS = Scope(
    STAFF="true",
    OPERATOR=f"({{t}}.tenant_id = {{viewer.partner_id}} and {_WITH_A_RIGHT})",
    OPERATOR__DISTRIBUTOR=f"({_AT_PARTNER} and {_WITH_A_RIGHT})",
    OPERATOR__SUPERVISOR=f"({_AT_PARTNER} and {_WITH_A_RIGHT} and {_OF_MY_CUSTOMERS})",
    OPERATOR__MANAGER=f"({_AT_PARTNER} and {_WITH_A_RIGHT} and {_OF_MY_CUSTOMERS})",
    PERSON="{t}.person_id = {viewer.person_id}",
    CUSTOMER=f"({{t}}.person_id = {{viewer.person_id}} or {_WITH_ITS_PARTNER})",
)
