"""Everything that somebody without a right to it tries with the ids, texts and tokens of others."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from domain.identity.permissions import OPERATIONS, PLATFORM_ONLY
from kit.reads.tables import TABLE
from partner_center import graphql
from tests.walls import documents
from tests.walls.documents import Question
from tests.walls.neighbourhood import Neighbourhood
from tests.walls.snapshot import Rows
from tests.walls.world import PROOF

# Whoever may let operators in may choose among all accounts, by id as by mail address.
OPEN_TO_ALL = {"operatorAdd.personId"}

# What the platform decides; no operator of a partner holds the right.
FOR_THE_PLATFORM = {
    name
    for name, needed in OPERATIONS.items()
    if isinstance(needed, tuple) and set(needed) <= PLATFORM_ONLY
}

_VALUES: dict[str, Any] = {
    "String": "x",
    "Boolean": True,
    "Int": 1,
    "Date": "2030-01-01",
    "DateTime": "2030-06-01T00:00:00Z",
    "Duration": "PT1H",
    "EvidenceInput": {"name": "a.pdf", "content": PROOF},
    "PermissionItem": "PARTNER_VIEW",
}


@dataclass
class Foreign:
    """What somebody might have got hold of: ids of each kind and state, words, cursors, tokens."""

    ids: list[str]
    texts: list[str]
    cursors: dict[str, str]  # by root field
    tokens: list[str]

    def of(self, prefix: str) -> list[str]:
        """The ids of one kind."""
        return [id for id in self.ids if id.startswith(f"{prefix}_")]

    def one_of_each(self) -> list[str]:
        """One id of each kind."""
        return [next(group) for _, group in itertools.groupby(self.ids, lambda id: id[:3])]


@cache
def prefixes() -> dict[str, str]:
    """By table, the letters that its ids begin with."""
    found = {}
    for name in documents.schema().type_map:
        declared: Any = graphql.schema().get_type_by_name(name)
        table = getattr(getattr(declared, "origin", None), TABLE, None)
        if table is not None:
            found[table.name] = table.prefix
    return found


async def gather(neighbourhood: Neighbourhood) -> Foreign:
    """All that Amber's administrator could have let slip."""
    by = await neighbourhood.sign_in(neighbourhood.houses["Amber"].emails["administrator"])
    cursors = {}
    for name, root in documents.roots().items():
        if "first" in root.args:
            page = await neighbourhood.data(by, f"{{ {name}(first: 3) {{ edges {{ cursor }} }} }}")
            cursors[name] = page[name]["edges"][-1]["cursor"]
    invitation = next(iter(neighbourhood.foreign["member_invitation"]))
    return Foreign(
        ids=ids_of(neighbourhood.foreign),
        texts=["amber", "member_invitation.sent"],
        cursors=cursors,
        tokens=[
            neighbourhood.houses["Amber"].old_token,
            invitation.replace("-", "") + "x" * 43,
        ],
    )


def readings(foreign: Foreign) -> list[Question]:
    """Every question that reads."""
    partners = foreign.of("ptn")
    landing = (
        "query ($token: String!) { memberInvitationByToken(token: $token)"
        " { partnerName partnerNameEn maskedEmail status expiresAt } }"
    )
    return [
        *documents.plain(),
        *documents.selective(partners, foreign.texts, foreign.cursors),
        *_by_subject(foreign),
        *documents.nested(partners),
        *documents.by_id(foreign.ids),
        *(
            Question(f"memberInvitationByToken({n})", landing, {"token": token})
            for n, token in enumerate(foreign.tokens)
        ),
        *_subscriptions(partners),
    ]


def writings(foreign: Foreign, own: dict[str, str]) -> Iterator[Question]:
    """Every mutation that names something by its id, with each id; else with what is `own`."""
    for name, mutation in documents.mutations().items():
        argument = mutation.args.get("input")
        if argument is None:
            continue
        input: Any = get_named_type(argument.type)
        for field_name, each in input.fields.items():
            is_token = field_name == "token"
            if get_named_type(each.type).name != "ID" and not is_token:
                continue
            if f"{name}.{field_name}" in OPEN_TO_ALL:
                continue
            for value in foreign.tokens if is_token else foreign.ids:
                filled = _filled(input, own | {field_name: value}) | {
                    field_name: _as(each.type, value)
                }
                yield Question(
                    f"{name}.{field_name}({value})", _writing(name, input), {"input": filled}
                )


def ids_of(rows: Rows) -> list[str]:
    """Of each kind and state one id, as clients write it."""
    found = []
    for table, prefix in prefixes().items():
        of_table = rows[table].values()
        states = {_state(row): row["id"] for row in of_table}
        found += [f"{prefix}_{id.replace('-', '')}" for _, id in sorted(states.items())]
    return sorted(found)


def _state(row: dict[str, Any]) -> str:
    """What tells rows apart that guards would treat differently."""
    wanted = ("status", "specialist", "name" if "subject_type" in row else "", "state")
    return "/".join(
        [str(row[name]) for name in wanted if name in row]
        + [str(row.get(name) is None) for name in ("unlinked_at", "removed_at", "revoked_at")]
    )


def _by_subject(foreign: Foreign) -> Iterator[Question]:
    selection = (
        f"{{ totalCount {{ value }} nodes "
        f"{documents.everything(documents.schema().type_map['Event'], 0)} }}"
    )
    document = f"query ($filter: EventFilter) {{ events(first: 100, filter: $filter) {selection} }}"
    for id in foreign.one_of_each():
        yield Question(f"events(subjectId: {id})", document, {"filter": {"subjectId": id}})


def _subscriptions(partners: Sequence[str]) -> Iterator[Question]:
    for id in partners:
        yield Question(
            f"subscription events(partnerId: {id})",
            "subscription ($id: ID) { events(partnerId: $id, after: 0) { id name } }",
            {"id": id},
        )


def _writing(name: str, input: GraphQLInputObjectType) -> str:
    return (
        f"mutation ($input: {input.name}!) {{ {name}(input: $input)"
        " { errors { __typename code message path retryable } requestId } }"
    )


def _filled(input: GraphQLInputObjectType, own: dict[str, str]) -> dict[str, Any]:
    filled = {}
    for name, each in input.fields.items():
        if is_non_null_type(each.type):
            kind = get_named_type(each.type)
            value: Any = own.get(name) or _VALUES.get(kind.name)
            if value is None:
                assert isinstance(kind, GraphQLEnumType), f"no value is known for {kind.name}"
                value = next(iter(kind.values))
            filled[name] = _as(each.type, value)
    return filled


def _as(type: Any, value: Any) -> Any:
    inner = type.of_type if is_non_null_type(type) else type
    return [value] if is_list_type(inner) else value
