"""The seven requests as a client of PostGraphile writes them, and its answers in our shape.

It makes its schema of the tables: other names, ids without a prefix, money as a bare number.
What is asked for is the same; what it says is compared with the others' answers by `shaped`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from bench.operations import Operation

COUNT_MOST = 10_000

_QUERIES = {
    "point": """query Invitation($id: UUID!) {
      memberInvitation: memberInvitationByRowId(rowId: $id) {
        id: rowId email status: shownStatus sentAt expiresAt
        partner: partnerByPartnerId { id: rowId name } } }""",
    "list": """query Invitations($first: Int) {
      memberInvitations: allMemberInvitations(
        first: $first, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]
      ) {
        nodes { id: rowId email status: shownStatus sentAt expiresAt
          partner: partnerByPartnerId { id: rowId name }
          deadline: deadlineList { dueAt status: shownState } }
        pageInfo { hasNextPage endCursor } } }""",
    "customers": """query Customers($first: Int) {
      customers: allCustomers(first: $first, orderBy: [LISTED_AT_DESC, ROW_ID_DESC]) {
        nodes { id: rowId name accountName level listedAt
          manager { id: rowId person: personByPersonId { name } }
          association { id: rowId type startedAt } }
        pageInfo { hasNextPage endCursor } } }""",
    "orders": """query Orders($first: Int) {
      orders: allSalesOrders(first: $first, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
        nodes { id: rowId number status: shownStatus paymentState: shownPaymentState createdAt
          dueAmount currency customer: customerByCustomerId { id: rowId name }
          lines: orderLinesByOrderIdList(orderBy: POSITION_ASC) {
            id: rowId quantity dueAmount goods: goodByGoodsId { id: rowId name } } }
        pageInfo { hasNextPage endCursor } } }""",
    "nested": """query Partners($first: Int, $each: Int) {
      partners: allPartners(first: $first, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
        nodes { id: rowId name tier
          members: membersByPartnerId(first: $each, orderBy: [LINKED_AT_DESC, ROW_ID_DESC]) {
            nodes { id: rowId linkedAt specialist } } } } }""",
    "count": """query Invitations($first: Int) {
      memberInvitations: allMemberInvitations(
        first: $first, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]
      ) { totalCount nodes { id: rowId email status: shownStatus sentAt } } }""",
    "mutation": """mutation Record($input: MemberProjectRecordInput!) {
      memberProjectRecord(input: $input) {
        memberProject: result { id: rowId name role startedOn endedOn version } } }""",
}

_ID = re.compile(r"[a-z]{3}_([0-9a-f]{32})")


def asked(operations: Iterable[Operation]) -> dict[str, Operation]:
    """What PostGraphile is asked instead of each operation, by its name."""
    return {
        each.name: replace(
            each,
            query=" ".join(_QUERIES[each.name].split()),
            variables=[_bare(variables) for variables in each.variables],
        )
        for each in operations
    }


def _bare(value: Any) -> Any:
    """Without our prefixes of ids."""
    if isinstance(value, Mapping):
        return {name: _bare(each) for name, each in value.items()}
    found = _ID.fullmatch(value) if isinstance(value, str) else None
    return str(UUID(found[1])) if found else value


def shaped(value: Any, name: str = "") -> Any:
    """An answer of PostGraphile's, or a part of it by its field's name, as ours would say it.

    Ids of either are told as UUIDs without prefix, so ours goes through it as well.
    """
    if isinstance(value, list):
        if name == "deadline":
            return shaped(value[0]) if value else None
        return [shaped(each) for each in value]
    if isinstance(value, dict):
        value = dict(value)
        if isinstance(value.get("dueAmount"), str):
            currency = value.pop("currency", "CNY")
            value["dueAmount"] = {"amount": value["dueAmount"], "currency": currency}
        if name == "memberProjectRecord":
            value.setdefault("errors", [])
        if name == "memberProject":
            value["id"] = "own"  # a new row's
        return {key: shaped(each, key) for key, each in value.items()}
    if name == "totalCount":
        capped = value > COUNT_MOST
        return {"value": min(value, COUNT_MOST), "precision": "AT_LEAST" if capped else "EXACT"}
    return _told(value) if isinstance(value, str) else value


def _told(text: str) -> str:
    if found := _ID.fullmatch(text):
        return str(UUID(found[1]))
    if text.endswith("+00:00"):
        return text.removesuffix("+00:00") + "Z"
    return text
