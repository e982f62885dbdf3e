"""What is asked of all servers, and how answers are compared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

KINDS = ("point", "list", "customers", "orders", "nested", "count", "mutation")

# What no two servers can agree on: ids of new rows, and cursors, which are opaque.
_OWN = re.compile(rb'"prj_[0-9a-f]{32}"|(?<="endCursor":)"[^"]+"')


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One request of a kind, as a client would send it; `variables` are taken in turn.

    `target` is the share of the limit's requests per second that is to be reached.
    """

    name: str
    about: str
    viewer: str
    query: str
    variables: Sequence[Mapping[str, Any]]
    target: float

    def requests(self, *, path: str, token: str | None) -> list[bytes]:
        """The requests as bytes; None is nobody's token."""
        return [_request(path, token, self.query, variables) for variables in self.variables]


def operations(*, invitation_ids: Sequence[str], member_ids: Sequence[str]) -> list[Operation]:
    """The seven kinds, over ids of the first partner."""
    return [
        Operation(
            name="point",
            about="an invitation by its id, with its partner",
            viewer="administrator",
            query="query Invitation($id: ID!) { memberInvitation(id: $id)"
            " { id email status sentAt expiresAt partner { id name } } }",
            variables=[{"id": id} for id in invitation_ids],
            target=0.6,
        ),
        Operation(
            name="list",
            about="50 invitations with partner and deadline",
            viewer="administrator",
            query="query Invitations($first: Int) { memberInvitations(first: $first)"
            " { nodes { id email status sentAt expiresAt partner { id name }"
            " deadline { dueAt status } } pageInfo { hasNextPage endCursor } } }",
            variables=[{"first": 50}],
            target=0.8,
        ),
        Operation(
            name="customers",
            about="50 of 100,000 customers with manager and association",
            viewer="administrator",
            query="query Customers($first: Int) { customers(first: $first)"
            " { nodes { id name accountName level listedAt manager { id person { name } }"
            " association { id type startedAt } } pageInfo { hasNextPage endCursor } } }",
            variables=[{"first": 50}],
            target=0.8,
        ),
        Operation(
            name="orders",
            about="50 of 1,000,000 orders with customer, lines and goods",
            viewer="administrator",
            query="query Orders($first: Int) { orders(first: $first) { nodes { id number status"
            " paymentState createdAt dueAmount { amount currency } customer { id name }"
            " lines { id quantity dueAmount { amount currency } goods { id name } } }"
            " pageInfo { hasNextPage endCursor } } }",
            variables=[{"first": 50}],
            target=0.8,
        ),
        Operation(
            name="nested",
            about="20 partners with 10 members each",
            viewer="staff",
            query="query Partners($first: Int, $each: Int) { partners(first: $first)"
            " { nodes { id name tier members(first: $each)"
            " { nodes { id linkedAt specialist } } } } }",
            variables=[{"first": 20, "each": 10}],
            target=0.9,
        ),
        Operation(
            name="count",
            about="20 invitations and how many there are",
            viewer="administrator",
            query="query Invitations($first: Int) { memberInvitations(first: $first)"
            " { totalCount { value precision } nodes { id email status sentAt } } }",
            variables=[{"first": 20}],
            target=0.85,
        ),
        Operation(
            name="mutation",
            about="record a project of a member",
            viewer="administrator",
            query="mutation Record($input: MemberProjectRecordInput!)"
            " { memberProjectRecord(input: $input)"
            " { memberProject { id name role startedOn endedOn version } errors { code } } }",
            variables=[
                {
                    "input": {
                        "memberId": id,
                        "name": "Move to the cloud",
                        "role": "ARCHITECT",
                        "startedOn": "2026-01-05",
                    }
                }
                for id in member_ids
            ],
            target=0.6,
        ),
    ]


def comparable(body: bytes) -> Any:
    """An answer without what may differ between the servers: ids of their own, what it cost."""
    answer = orjson.loads(_OWN.sub(b'"own"', body))
    answer.pop("extensions", None)
    return answer


def _request(path: str, token: str | None, query: str, variables: Mapping[str, Any]) -> bytes:
    body = orjson.dumps({"query": query, "variables": variables})
    who = "" if token is None else f"Authorization: Bearer {token}\r\n"
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{who}"
        "Content-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
