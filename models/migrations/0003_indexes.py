"""Indexes that the models can't say: partial ones and trigrams."""

from tortoise import migrations
from tortoise.migrations import operations as ops

from kit.tracing import SETTING
from models.moments import MOMENTS

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
    ("statement_number_trigram", "statement", "number"),
)

# Words of two characters are usual in Chinese, and a trigram index doesn't find them.
BIGRAMS = (
    ("goods_bigrams", "goods", "number || chr(10) || name"),
    ("sku_bigrams", "sku", "code || chr(10) || name"),
    ("private_offer_bigrams", "private_offer", "name"),
)

# References of settlement lines that their statements, and what was unsettled, vouch for. The ORM
# makes constraints of them all the same, and to check each of a million rows takes seconds.
UNCHECKED = (
    ("partner_id", "partner"),
    ("customer_id", "customer"),
    ("goods_id", "goods"),
    ("order_line_id", "order_line"),
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
        *(
            ops.RunSQL(
                f"create index {table}_dead on {table} (id) where {state} = 'DEAD'",
                f"drop index {table}_dead",
            )
            for table, state in (("timer", "state"), ("tick", "state"), ("text_message", "status"))
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
            "create index mail_held on mail (recipient, next_attempt_at) where status = 'HELD'",
            "drop index mail_held",
        ),
        ops.RunSQL(
            "create index text_message_due on text_message (next_attempt_at, id)"
            " where status = 'QUEUED'",
            "drop index text_message_due",
        ),
        ops.RunSQL(
            "create index inbox_message_unread on inbox_message (seat_id, id)"
            " where read_at is null",
            "drop index inbox_message_unread",
        ),
        ops.RunSQL(
            "create index upstream_request_due on upstream_request (next_attempt_at, id)"
            " where state = 'WAITING'",
            "drop index upstream_request_due",
        ),
        ops.RunSQL(
            "create index export_waiting on export (tenant_id, created_at, id)"
            " where state in ('QUEUED', 'RUNNING')",
            "drop index export_waiting",
        ),
        ops.RunSQL(
            "create index export_left_over on export (id)"
            " where key is not null and state in ('FAILED', 'CANCELLED', 'EXPIRED')",
            "drop index export_left_over",
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
            "create index webhook_delivery_faulty on webhook_delivery (endpoint_id)"
            " where state in ('WAITING', 'FAILED') and last_error like 'INTERNAL:%'",
            "drop index webhook_delivery_faulty",
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
        # What is due in which step; few are, at any time.
        ops.RunSQL(
            "create index statement_due on statement (step_due_at) where step_due_at is not null",
            "drop index statement_due",
        ),
        # Electronic invoices have no code; those have but one number, too.
        ops.RunSQL(
            "create unique index invoice_once on invoice (number, code) nulls not distinct"
            " where status not in ('REJECTED', 'WITHDRAWN')",
            "drop index invoice_once",
        ),
        ops.RunSQL(
            "create unique index statement_dispute_one_open on statement_dispute"
            " (statement_id, line_id) nulls not distinct where status <> 'CLOSED'",
            "drop index statement_dispute_one_open",
        ),
        # One that isn't cancelled for each pair of rates; assessments have but the fee's.
        ops.RunSQL(
            "create unique index statement_once on statement"
            " (partner_id, kind, period, goods_tax_rate, fee_tax_rate) nulls not distinct"
            " where status <> 'CANCELLED'",
            "drop index statement_once",
        ),
        # A statement is one partner's: who asks for both asks no less than for the statement.
        ops.RunSQL(
            "create statistics settlement_line_whose (dependencies)"
            " on statement_id, partner_id from settlement_line",
            "drop statistics settlement_line_whose",
        ),
        ops.RunSQL(
            "create index settlement_share_open on settlement_share (partner_id)"
            " where done_at is null",
            "drop index settlement_share_open",
        ),
        # What is still to be paid of incentives, and what is frozen; few are, at any time.
        ops.RunSQL(
            "create index incentive_part_open on incentive_part (state, partner_id)"
            " where state <> 'PAID'",
            "drop index incentive_part_open",
        ),
        ops.RunSQL(
            "create index incentive_frozen on incentive (id) where frozen_amount > 0",
            "drop index incentive_frozen",
        ),
        # A line of performance only ever gets its sheet, and a sheet is only ever approved.
        ops.RunSQL(
            "create function performance_stays() returns trigger language plpgsql as $$ begin"
            " raise exception '% is final', tg_table_name using errcode = 'check_violation',"
            " constraint = 'performance_stays'; end $$",
            "drop function performance_stays",
        ),
        ops.RunSQL(
            "create trigger performance_line_stays before update on performance_line for each row"
            " when (old.sheet_id is not null or old.amount <> new.amount"
            " or old.period <> new.period or old.partner_id <> new.partner_id)"
            " execute function performance_stays()",
            "drop trigger performance_line_stays on performance_line",
        ),
        ops.RunSQL(
            "create trigger performance_sheet_stays before update on performance_sheet"
            " for each row when (old.state = 'FINAL' or old.total_amount <> new.total_amount"
            " or old.lines <> new.lines) execute function performance_stays()",
            "drop trigger performance_sheet_stays on performance_sheet",
        ),
        *(
            ops.RunSQL(
                f"create trigger {table}_remains before delete on {table}"
                " for each row execute function performance_stays()",
                f"drop trigger {table}_remains on {table}",
            )
            for table in ("performance_line", "performance_sheet")
        ),
        *(ops.RunSQL(made, gone) for made, gone in MOMENTS),
        ops.RunSQL(
            "create index event_unplaced on event (id) where position is null",
            "drop index event_unplaced",
        ),
        # What operators look at: how late things came, and what was given up.
        ops.RunSQL(
            "create index timer_fired on timer (fired_at, id) where state = 'FIRED'",
            "drop index timer_fired",
        ),
        ops.RunSQL("create index mail_by_age on mail (created_at, id)", "drop index mail_by_age"),
        ops.RunSQL(
            "create index mail_dead on mail (created_at, id) where status = 'DEAD'",
            "drop index mail_dead",
        ),
        ops.RunSQL(
            "create index webhook_delivery_by_time on webhook_delivery (created_at, id)",
            "drop index webhook_delivery_by_time",
        ),
        ops.RunSQL(
            "create index webhook_delivery_failed on webhook_delivery (created_at, id)"
            " where state = 'FAILED'",
            "drop index webhook_delivery_failed",
        ),
        # What a transaction writes belongs to the trace that it says, whoever writes it and how.
        *(
            ops.RunSQL(
                f"alter table {table} alter column traceparent"
                f" set default nullif(current_setting('{SETTING}', true), '')",
                f"alter table {table} alter column traceparent drop default",
            )
            for table in ("event", "timer")
        ),
        *(
            ops.RunSQL(
                f"alter table settlement_line drop constraint settlement_line_{column}_fkey",
                f"alter table settlement_line add constraint settlement_line_{column}_fkey"
                f" foreign key ({column}) references {table} (id)",
            )
            for column, table in UNCHECKED
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
