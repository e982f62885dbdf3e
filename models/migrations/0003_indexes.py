"""Indexes that the models can't say: partial ones and trigrams."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TRIGRAMS = (
    ("partner_name_trigram", "partner", "name"),
    ("partner_name_en_trigram", "partner", "name_en"),
    ("partner_account_name_trigram", "partner", "account_name"),
    ("customer_name_trigram", "customer", "name"),
    ("customer_account_name_trigram", "customer", "account_name"),
    ("customer_report_name_trigram", "customer_report", "name"),
    ("customer_invitation_tag_trigram", "customer_invitation", "tag"),
    ("customer_invitation_email_trigram", "customer_invitation", "email"),
    ("association_tag_trigram", "association", "tag"),
    ("member_invitation_email_trigram", "member_invitation", "email"),
    ("goods_name_trigram", "goods", "name"),
    ("goods_number_trigram", "goods", "number"),
    ("sku_name_trigram", "sku", "name"),
    ("sku_code_trigram", "sku", "code"),
    ("exclusive_offer_name_trigram", "exclusive_offer", "name"),
    ("exclusive_offer_number_trigram", "exclusive_offer", "number"),
    ("exclusive_offer_account_trigram", "exclusive_offer", "account_name"),
    ("private_offer_name_trigram", "private_offer", "name"),
    ("sales_order_number_trigram", "sales_order", "number"),
)

# Words of two characters are usual in Chinese, and a trigram index doesn't find them.
BIGRAMS = (
    ("goods_bigrams", "goods", "number || chr(10) || name"),
    ("sku_bigrams", "sku", "code || chr(10) || name"),
    ("private_offer_bigrams", "private_offer", "name"),
)


class Migration(migrations.Migration):
    """What falls due and what has no position yet, found without looking at the rest."""

    dependencies = [("models", "0002_constraints")]

    initial = False

    operations = [
        ops.RunSQL("create extension if not exists pg_trgm", "select 1"),
        ops.RunSQL(
            "create index timer_due on timer (next_attempt_at, id) where state = 'SCHEDULED'",
            "drop index timer_due",
        ),
        # Room for a claim beside what it claims, which halves what a claim costs.
        ops.RunSQL(
            "alter table timer set (fillfactor = 60)", "alter table timer reset (fillfactor)"
        ),
        ops.RunSQL(
            "create index timer_dead on timer (id) where state = 'DEAD'", "drop index timer_dead"
        ),
        ops.RunSQL(
            "create index tick_due on tick (next_attempt_at, id) where state = 'SCHEDULED'",
            "drop index tick_due",
        ),
        ops.RunSQL(
            "create index mail_due on mail (tenant_id, next_attempt_at, id)"
            " where status = 'QUEUED'",
            "drop index mail_due",
        ),
        ops.RunSQL(
            "create index upstream_request_due on upstream_request (next_attempt_at, id)"
            " where state = 'WAITING'",
            "drop index upstream_request_due",
        ),
        ops.RunSQL(
            "create index webhook_delivery_due on webhook_delivery"
            " (endpoint_id, next_attempt_at, id) where state = 'WAITING'",
            "drop index webhook_delivery_due",
        ),
        ops.RunSQL(
            "create index webhook_delivery_in_hand on webhook_delivery (endpoint_id)"
            " where state = 'WAITING' and lease_token is not null",
            "drop index webhook_delivery_in_hand",
        ),
        ops.RunSQL(
            "create index subscription_renewing on subscription (customer_id) where auto_renew",
            "drop index subscription_renewing",
        ),
        ops.RunSQL(
            "create index refund_waiting on refund (customer_id, decide_by)"
            " where status = 'MERCHANT_REVIEW'",
            "drop index refund_waiting",
        ),
        ops.RunSQL(
            "create index consumption_unbilled on consumption_record (period, partner_id)"
            " where partner_bill_id is null and partner_id is not null",
            "drop index consumption_unbilled",
        ),
        ops.RunSQL(
            "create index customer_unassigned on customer (partner_id, listed_at, id)"
            " where manager_id is null",
            "drop index customer_unassigned",
        ),
        ops.RunSQL(
            "create index customer_report_open on customer_report (partner_id)"
            " where status in ('PENDING_REVIEW', 'REPORTED')",
            "drop index customer_report_open",
        ),
        ops.RunSQL(
            "create index association_change_in_review on association_change (created_at, id)"
            " where status = 'PRE_REVIEW'",
            "drop index association_change_in_review",
        ),
        ops.RunSQL(
            "create index event_for_customer on event (customer_id, id)"
            " where subject_type in ('association_change', 'on_behalf_authorization', 'order',"
            " 'recharge', 'withdrawal', 'ledger_account', 'subscription', 'service_supervision',"
            " 'refund')",
            "drop index event_for_customer",
        ),
        ops.RunSQL(
            "create index exclusive_offer_live on exclusive_offer (partner_id, effective_at)"
            " where status in ('SCHEDULED', 'EFFECTIVE')",
            "drop index exclusive_offer_live",
        ),
        ops.RunSQL(
            "create index event_unplaced on event (id) where position is null",
            "drop index event_unplaced",
        ),
        *(
            ops.RunSQL(
                f"create index {name} on {table} using gin ({column} gin_trgm_ops)",
                f"drop index {name}",
            )
            for name, table, column in TRIGRAMS
        ),
        ops.RunSQL(
            "create function bigrams(words text) returns text[]"
            " language sql immutable strict parallel safe return ("
            " select coalesce(array_agg(distinct substr(lower(words), n, 2)), '{}')"
            " from generate_series(1, greatest(length(words) - 1, 1)) as n)",
            "drop function bigrams",
        ),
        *(
            ops.RunSQL(
                f"create index {name} on {table} using gin (bigrams({words}))",
                f"drop index {name}",
            )
            for name, table, words in BIGRAMS
        ),
    ]
