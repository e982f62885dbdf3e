"""How the things that events are about are called in messages: SQL, since thousands are told."""

from collections.abc import Mapping

# By kind of thing: an array of its Chinese and its English name, or of the one that it has, over
# the id `{id}`. Nobody's phone or mail address is a name; what isn't here has none.
_LABELS: Mapping[str, str] = {
    "api_key": "select array[name] from api_key where id = {id}",
    "association_change": "select array[c.name] from association_change x"
    " join customer c on c.id = x.customer_id where x.id = {id}",
    "coupon": "select array[number] from coupon where id = {id}",
    "customer": "select array[name] from customer where id = {id}",
    "customer_report": "select array[name] from customer_report where id = {id}",
    "customer_requirement": "select array[number] from customer_requirement where id = {id}",
    "exclusive_offer": "select array[number] from exclusive_offer where id = {id}",
    "export": "select array[title || '.' || lower(format), title_en || '.' || lower(format)]"
    " from export where id = {id}",
    "incentive": "select array[number] from incentive where id = {id}",
    "member": "select array[p.name] from member m join person p on p.id = m.person_id"
    " where m.id = {id}",
    "on_behalf_authorization": "select array[c.name] from on_behalf_authorization x"
    " join customer c on c.id = x.customer_id where x.id = {id}",
    "order": "select array[number] from sales_order where id = {id}",
    "payment_application": "select array[number] from payment_application where id = {id}",
    "performance_sheet": "select array[number] from performance_sheet where id = {id}",
    "private_offer": "select array[number] from private_offer where id = {id}",
    "programme_application": "select array[p.name, p.name_en] from programme_application x"
    " join programme p on p.id = x.programme_id where x.id = {id}",
    "programme_invitation": "select array[p.name, p.name_en] from programme_invitation x"
    " join programme p on p.id = x.programme_id where x.id = {id}",
    "recharge": "select array[number] from recharge where id = {id}",
    "refund": "select array[number] from refund where id = {id}",
    "statement": "select array[number] from statement where id = {id}",
    "statement_dispute": "select array[s.number] from statement_dispute x"
    " join statement s on s.id = x.statement_id where x.id = {id}",
    "subscription": "select array[number] from subscription where id = {id}",
    "voucher_quota": "select array[number] from voucher_quota where id = {id}",
    "webhook_endpoint": "select array[url] from webhook_endpoint where id = {id}",
    "withdrawal": "select array[number] from withdrawal where id = {id}",
}


def label_of(kind: str, id: str) -> str:
    """An expression for the names of the thing of this kind with this id; both are SQL."""
    cases = " ".join(
        f"when '{name}' then ({select.format(id=id)})" for name, select in _LABELS.items()
    )
    return f"(case {kind} {cases} end)"
