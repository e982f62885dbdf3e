"""Everything that somebody without a right to it tries with the ids, texts and tokens of others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)

from domain.identity.items import PLATFORM_ONLY
from domain.identity.operations import OPERATIONS
from kit.reads.tables import TABLE
from partner_center import graphql
from tests.walls import documents
from tests.walls.documents import Kinds, Question
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

# Orders and their lines once more, as what a partner has sold.
SECOND_SIGHTS = {"trx", "trl"}

_VALUES: dict[str, Any] = {
    "String": "x",
    "Boolean": True,
    "Int": 1,
    "Date": "2030-01-01",
    "DateTime": "2030-06-01T00:00:00Z",
    "Duration": "PT1H",
    "YearMonth": "2030-01",
    "Decimal": "1.00",
    "CurrencyCode": "CNY",
    "EvidenceInput": {"name": "a.pdf", "content": PROOF},
    "PermissionItem": "PARTNER_VIEW",
    "Freeze": "ACCOUNT",
    "LedgerAccountKind": "CASH",
}


@dataclass
class Foreign:
    """What somebody might have got hold of: ids of each kind and state, words, cursors, tokens."""

    ids: list[str]
    texts: list[str]
    cursors: dict[str, str]  # by root field
    tokens: list[str]
    numbers: list[str] = field(default_factory=list)  # of orders

    def of(self, prefix: str) -> list[str]:
        """The ids of one kind."""
        return [id for id in self.ids if id.startswith(f"{prefix}_")]


@cache
def prefixes() -> dict[str, str]:
    """By table, the letters that the ids of what it is in the first place begin with."""
    return {table: prefix for table, prefix in kinds_of_rows() if prefix not in SECOND_SIGHTS}


@cache
def kinds_of_rows() -> list[tuple[str, str]]:
    """Each table with the letters of ids, once for each type that shows it."""
    found = []
    for name in documents.schema().type_map:
        declared: Any = graphql.schema().get_type_by_name(name)
        table = getattr(getattr(declared, "origin", None), TABLE, None)
        if table is not None:
            found.append((table.name, table.prefix))
    return list(dict.fromkeys(found))  # operators see some rows as another type


async def cursors_of(neighbourhood: Neighbourhood, by: str | None) -> dict[str, str]:
    """The end of a page of each list, as somebody sees it."""
    cursors = {}
    for name, root in documents.roots().items():
        if "first" in root.args:
            question = Question(name, f"{{ {name}(first: 3) {{ pageInfo {{ endCursor }} }} }}")
            answer = (await neighbourhood.ask(by, question)).json()
            if answer["data"] and (end := answer["data"][name]["pageInfo"]["endCursor"]):
                cursors[name] = end
    return cursors


async def gather(neighbourhood: Neighbourhood) -> Foreign:
    """All that Amber's administrator could have let slip."""
    by = await neighbourhood.sign_in(neighbourhood.houses["Amber"].emails["administrator"])
    invitation = next(iter(neighbourhood.foreign["member_invitation"]))
    courting = next(iter(neighbourhood.foreign["customer_invitation"]))
    return Foreign(
        ids=ids_of(neighbourhood.foreign),
        texts=["amber", "member_invitation.sent"],
        cursors=await cursors_of(neighbourhood, by),
        tokens=[
            neighbourhood.houses["Amber"].old_token,
            invitation.replace("-", "") + "x" * 43,
            courting.replace("-", "") + "x" * 43,
        ],
        numbers=[row["number"] for row in neighbourhood.foreign["sales_order"].values()][:3],
    )


# An id of no kind at all; whoever wants one of a certain kind says in the refusal which.
_OF_NO_KIND = "nil_" + "0" * 32
_WANTED = re.compile(r"it must begin with ([a-z]+_)")


async def kinds(neighbourhood: Neighbourhood, by: str | None, own: dict[str, Any]) -> Kinds:
    """By place, with what an id has to begin there; all others are refused before any look-up."""
    strange = Foreign(ids=[_OF_NO_KIND], texts=[], cursors={}, tokens=[])
    found = {}
    asked = (
        *documents.by_id(strange.ids),
        *documents.selective(strange.ids, ["nothing"], {}),
        *documents.nested(strange.ids),
        *writings(strange, own),
    )
    for question in asked:
        answer = (await neighbourhood.ask(by, question)).text
        if wanted := _WANTED.search(answer):
            found[question.place] = wanted[1]
        elif '"FORBIDDEN"' in answer:  # whatever id it is
            found[question.place] = ""
    return found


def readings(foreign: Foreign, kinds: Kinds, *, depth: int = documents.DEPTH) -> list[Question]:
    """Every question that reads, but for `variations`."""
    partners = foreign.of("ptn")
    landing = (
        "query ($token: String!) { memberInvitationByToken(token: $token)"
        " { partnerName partnerNameEn maskedEmail status expiresAt } }"
    )
    courting = (
        "query ($token: String!) { customerInvitationByToken(token: $token)"
        " { partnerName partnerNameEn associationType channel maskedEmail status expiresAt } }"
    )
    return [
        *documents.plain(depth),
        Question("onBehalfLetter", "{ onBehalfLetter(letter: CONSENT) { letter version text } }"),
        *documents.by_id(foreign.ids, kinds),
        *(
            Question(f"memberInvitationByToken({n})", landing, {"token": token})
            for n, token in enumerate(foreign.tokens)
        ),
        *(
            Question(f"customerInvitationByToken({n})", courting, {"token": token})
            for n, token in enumerate(foreign.tokens)
        ),
        *_by_number(foreign),
        *_in_carts(foreign),
        *_withdrawals(),
        *_simulations(foreign),
        *_usable_coupons(foreign),
        *_refund_quotes(foreign),
        *_summaries(foreign),
        *_performance_totals(foreign),
        *_subscriptions(partners, foreign.of("exp")),
    ]


def variations(foreign: Foreign, kinds: Kinds) -> list[Question]:
    """Each list by all its conditions and in all its orders."""
    return [
        *documents.selective(foreign.ids, foreign.texts, foreign.cursors, kinds),
        *documents.nested(foreign.ids, kinds),
    ]


def _by_number(foreign: Foreign) -> list[Question]:
    found = documents.roots()["orderByNumber"]
    document = (
        "query ($number: String!) { orderByNumber(number: $number)"
        f" {documents.everything(found.type, 1)} }}"
    )
    return [
        Question(f"orderByNumber({number})", document, {"number": number})
        for number in foreign.numbers or ["OR-1"]
    ]


def _in_carts(foreign: Foreign) -> list[Question]:
    """The one thing that only `node` gives."""
    line = documents.everything(documents.schema().type_map["CartLine"], 1)
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on CartLine {line} }} }}"
    return [Question(f"node in a cart({id})", document, {"id": id}) for id in foreign.of("ctl")]


def _withdrawals() -> list[Question]:
    found = documents.roots()["withdrawable"]
    kinds: Any = get_named_type(found.args["kind"].type)
    selection = documents.everything(found.type)
    return [
        Question(f"withdrawable({kind})", f"{{ withdrawable(kind: {kind}) {selection} }}")
        for kind in kinds.values
    ]


def _simulations(foreign: Foreign) -> list[Question]:
    """What goods would cost foreign customers, and with foreign offers; goods by a number."""
    price = documents.roots()["priceSimulate"]
    simulate = (
        "query ($input: PriceSimulateInput!) {"
        f" priceSimulate(input: $input) {documents.everything(price.type)} }}"
    )
    goods = documents.roots()["goodsByNumber"]
    by_number = f'{{ goodsByNumber(number: "amber") {documents.everything(goods.type, 0)} }}'
    # The SKU alone may be anybody's; what hangs on it must not be.
    skus = foreign.of("sku")[:1] or ["sku_" + "0" * 32]
    asked: list[dict[str, str]] = [
        {},
        *({"exclusiveOfferId": id} for id in foreign.of("eof")),
        *({"privateOfferId": id} for id in foreign.of("pvo")),
    ]
    return [
        Question("goodsByNumber(amber)", by_number),
        *(
            Question(
                f"priceSimulate({customer}, {offer})",
                simulate,
                {"input": {"customerId": customer, "lines": [{"skuId": sku} | offer]}},
            )
            for place, customer in enumerate(foreign.of("cus"))
            for sku in skus
            for offer in (asked if place == 0 else asked[:1])
        ),
    ]


def _summaries(foreign: Foreign) -> list[Question]:
    """What was spent, by all that it can be summed up by; and by whom."""
    summary = documents.roots()["consumptionSummary"]
    document = (
        "query ($by: ConsumptionGrouping!, $filter: ConsumptionFilter) {"
        f" consumptionSummary(by: $by, filter: $filter) {documents.everything(summary.type)} }}"
    )
    asked: list[dict[str, Any]] = [
        *({"by": by} for by in ("MONTH", "CUSTOMER", "GOODS")),
        *({"by": "GOODS", "filter": {"customerId": id}} for id in foreign.of("cus")),
    ]
    return [
        Question(f"consumptionSummary({number})", document, variables)
        for number, variables in enumerate(asked)
    ]


def _performance_totals(foreign: Foreign) -> list[Question]:
    """What was sold, by all that it can be summed up by; and to whom."""
    totals = documents.roots()["performanceTotals"]
    document = (
        "query ($by: PerformanceGrouping!, $filter: PerformanceLineFilter) {"
        f" performanceTotals(by: $by, filter: $filter) {documents.everything(totals.type)} }}"
    )
    groups: Any = get_named_type(totals.args["by"].type)
    asked: list[dict[str, Any]] = [
        *({"by": by} for by in groups.values),
        *({"by": "MONTH", "filter": {"customerId": id}} for id in foreign.of("cus")),
    ]
    return [
        Question(f"performanceTotals({number})", document, variables)
        for number, variables in enumerate(asked)
    ]


def _refund_quotes(foreign: Foreign) -> list[Question]:
    """What would come back of foreign subscriptions, and of foreign lines that failed."""
    quote = documents.roots()["refundQuote"]
    document = (
        "query ($input: RefundQuoteInput!) {"
        f" refundQuote(input: $input) {documents.everything(quote.type)} }}"
    )
    asked = [
        *({"subscriptionId": id} for id in foreign.of("sub") or ["sub_" + "0" * 32]),
        *({"lineId": id} for id in foreign.of("orl")),
    ]
    return [
        Question(f"refundQuote({number})", document, {"input": input})
        for number, input in enumerate(asked)
    ]


def _usable_coupons(foreign: Foreign) -> list[Question]:
    """With what foreign customers could pay; the goods may be anybody's."""
    usable = documents.roots()["couponsUsable"]
    document = (
        "query ($input: CouponsUsableInput!) {"
        f" couponsUsable(input: $input) {documents.everything(usable.type)} }}"
    )
    lines = [{"goodsId": (foreign.of("gds") or ["gds_" + "0" * 32])[0], "amount": "1.00"}]
    asked: list[dict[str, Any]] = [
        *({"orderId": id} for id in foreign.of("ord")),
        *({"customerId": id, "lines": lines} for id in foreign.of("cus")),
    ]
    return [
        Question(f"couponsUsable({number})", document, {"input": input})
        for number, input in enumerate(asked)
    ]


def writings(
    foreign: Foreign, own: dict[str, Any], kinds: Kinds = documents.ANY
) -> Iterator[Question]:
    """Every mutation that names something by its id, with each fitting; else with what is `own`.

    `own` has values by the name of a field, and by a mutation's, or that of its field under test,
    more fields that are to be there.
    """
    for name, input in inputs().items():
        for path in places(input):
            place = f"{name}.{'.'.join(path)}"
            if place in OPEN_TO_ALL:
                continue
            fitting = documents.fitting(foreign.ids, place, kinds)
            for value in foreign.tokens if path[-1] == "token" else fitting:
                question = f"{place}({value})"
                more = own.get(f"{name}.{path[0]}", own.get(name, {}))
                known = own | {"idempotencyKey": question} | more
                filled = more | _filled(input, known, path, value)
                yield Question(question, _writing(name, input), {"input": filled}, place)


def each_mutation_once(own: dict[str, Any]) -> list[Question]:
    """All of them, whether they name something or not, with the least that each asks for."""
    takes = inputs()
    filled = {name: _filled(input, own, (), "") for name, input in takes.items()}
    return [
        Question(name, _writing(name, takes[name]), {"input": filled[name]})
        if name in takes
        else Question(name, f"mutation {{ {name} {{ requestId }} }}")
        for name in documents.mutations()
    ]


def inputs() -> dict[str, GraphQLInputObjectType]:
    """By mutation, the type of its input."""
    found: dict[str, Any] = {}
    for name, mutation in documents.mutations().items():
        if "input" in mutation.args:
            found[name] = get_named_type(mutation.args["input"].type)
    return found


def places(input: GraphQLInputObjectType) -> Iterator[tuple[str, ...]]:
    """Where in an input something is named: by an id, or by the token of a link.

    The filter of a list that is exported names nothing; it finds what is there to be found.
    """
    for name, each in input.fields.items():
        if name == "filter":
            continue
        kind = get_named_type(each.type)
        if kind.name == "ID" or name == "token":
            yield (name,)
        elif isinstance(kind, GraphQLInputObjectType):
            yield from ((name, *path) for path in places(kind))


def ids_of(rows: Rows) -> list[str]:
    """Of each kind and state one id, as clients write it."""
    found = []
    for table, prefix in kinds_of_rows():
        of_table = rows[table].values()
        states = {_state(row): row["id"] for row in of_table}
        found += [f"{prefix}_{id.replace('-', '')}" for _, id in sorted(states.items())]
    return sorted(found)


def _state(row: dict[str, Any]) -> str:
    """What tells rows apart that guards would treat differently."""
    wanted = (
        *("status", "specialist", "state"),
        *(["name"] if "subject_type" in row and "seat_id" not in row else []),
        *("step", "payment_state", "fulfilment"),
    )
    return "/".join(
        [str(row[name]) for name in wanted if name in row]
        + [str(row.get(name) is None) for name in ("unlinked_at", "removed_at", "revoked_at")]
    )


def _subscriptions(partners: Sequence[str], exports: Sequence[str]) -> Iterator[Question]:
    for id in exports:
        yield Question(
            f"subscription exportProgress(id: {id})",
            "subscription ($id: ID!) { exportProgress(id: $id) { id listName status } }",
            {"id": id},
        )
    for id in partners:
        yield Question(
            f"subscription events(partnerId: {id})",
            "subscription ($id: ID) { events(partnerId: $id, after: 0) { id name } }",
            {"id": id},
        )


def _writing(name: str, input: GraphQLInputObjectType) -> str:
    payload: Any = get_named_type(documents.mutations()[name].type)
    # A batch tells of each item for itself.
    results = "results { id done error { code message } }" if "results" in payload.fields else ""
    return (
        f"mutation ($input: {input.name}!) {{ {name}(input: $input)"
        f" {{ errors {{ __typename code message path retryable }} {results} requestId }} }}"
    )


def _filled(
    input: GraphQLInputObjectType, own: dict[str, Any], path: tuple[str, ...], value: str
) -> dict[str, Any]:
    """The least that the input asks for, with the value at that place."""
    filled = {}
    for name, each in input.fields.items():
        kind = get_named_type(each.type)
        inside = path[1:] if path[:1] == (name,) else ()
        if path == (name,):
            filled[name] = _as(each.type, value)
        elif inside and isinstance(kind, GraphQLInputObjectType):
            filled[name] = _as(each.type, _filled(kind, own, inside, value))
        elif is_required_input_field(each):
            filled[name] = _as(each.type, _least(name, kind, own))
    if not filled and _is_one_of(input):
        name, first = next(iter(input.fields.items()))
        filled[name] = _as(first.type, _least(name, get_named_type(first.type), own))
    return filled


def _is_one_of(input: GraphQLInputObjectType) -> bool:
    node = input.ast_node
    directives = (node and node.directives) or ()
    return any(each.name.value == "oneOf" for each in directives)


def _least(name: str, kind: Any, own: dict[str, Any]) -> Any:
    known = own.get(name) or _VALUES.get(kind.name)
    if known is not None:
        return known
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return _filled(kind, own, (), "")
    assert kind.name == "ID", f"say in _VALUES what to send as {kind.name}"
    # Of a kind that the asker has none of: the id is refused before anything else is looked at.
    return own["id"]


def _as(type: Any, value: Any) -> Any:
    inner = type.of_type if is_non_null_type(type) else type
    return [value] if is_list_type(inner) else value
