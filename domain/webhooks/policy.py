"""Who sees where events are sent, and what came of it: the partner's administrators."""

from kit.scope import Scope

ENDPOINTS = Scope(
    OPERATOR="({viewer.manages_webhooks}::boolean and {t}.partner_id = {viewer.partner_id}"
    " and {t}.state <> 'DELETED')",
)
DELIVERIES = Scope(
    OPERATOR="({viewer.manages_webhooks}::boolean and exists (select from webhook_endpoint goal"
    " where goal.id = {t}.endpoint_id and goal.partner_id = {viewer.partner_id}"
    " and goal.state <> 'DELETED'))",
)
