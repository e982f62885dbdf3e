"""What a client may guess of the API once it has seen one mutation, one list, one object."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_non_null_type,
)

from kit.reads.roots import Made
from kit.reads.selection import source_of
from partner_center import graphql

# They say everything by their name, and whom they mean by the token that calls them.
WITHOUT_INPUT = {"signOut", "signOutEverywhere"}

# Before there is a session, nobody's answers could be kept; and what is mailed is never told.
WITHOUT_KEY = {"sessionRefresh", "sessionSwitchSeat", "signIn", "stepUpCodeRequest"}

# By these money or quota is paid, given, taken, or entered to be paid.
MOVING = {
    *("accountAdjust", "creditRepay", "depositMove", "rechargeRecord"),
    *("fundsAllocate", "fundsAllocateMany", "fundsRecover"),
    *("resellerFundsAllocate", "resellerFundsRecover"),
    *("withdrawalCreate", "withdrawalApprove", "withdrawalReject"),
    *("orderPay", "ordersPay", "orderPayOnline", "orderPartnerPay", "orderRepaymentRecord"),
    *("refundRequest", "refundsRequest", "refundAccept", "refundOverride", "usageImport"),
    *("couponsGrant", "couponsIssue", "couponsReclaim"),
    *("voucherQuotaGrant", "voucherQuotaIssue", "voucherQuotasReclaim", "voucherQuotaInvalidate"),
    *("voucherQuotaAdjustmentEnd", "testVoucherApplicationApprove"),
    *("settlementAdjustmentEnter", "performanceAdjustmentEnter", "incentiveManualEnter"),
    *("statementInvoiceVerify", "statementPayRetry", "statementRepaymentRecord"),
    "paymentApplicationPay",
}

# What ends otherwise than `Count` is a measure, a place, a code: by its last word.
MEASURES = {
    *("value", "count", "code", "tier", "version", "generation", "sequence", "position", "number"),
    *("size", "ms", "milliseconds", "seconds", "second", "hour", "hours", "days", "months"),
    *("periods", "pieces", "quantity", "line", "cost", "limit", "used", "remaining", "left"),
    *("maximum", "least", "have", "attempt", "current"),
    *("requested", "capacity", "available"),  # points, as in extensions.cost
    *("ended", "done", "expected"),  # sessionsEnded, rowsDone, rowsExpected
}

DECIMALS = {"ExplanationInput.value", "ExplanationStep.rounded", "Money.amount"}

# Lists that a client shows whole, since they stay as short as they are, and why.
WITHOUT_ORDER = {
    "agreements": "texts that are signed: a handful, and a new version in years",
    "incentivePolicies": "rules by which incentives are paid: some dozens with all past versions",
    "pathRequirements": "what the stages of three paths ask for",
}

# What a payload can't call as its type is called, and why.
CALLED_OTHERWISE = {
    "CustomerSubscription": "subscription"  # GraphQL has a type Subscription of its own.
}

# What a mutation has done to each of many; there is an answer for each, or none at all.
PER_ITEM = "[ItemResult!]!"


def test_every_mutation_has_an_input_a_payload_and_errors_of_its_own_name() -> None:
    assert _oddities(graphql.schema()._schema) == []


def test_a_mutation_without_an_input_is_known_for_it() -> None:
    without = {name for name, field in _mutations(graphql.schema()._schema) if not field.args}

    assert without == WITHOUT_INPUT


def test_every_input_takes_an_idempotency_key() -> None:
    without = set()
    for name, field in _mutations(graphql.schema()._schema):
        for argument in field.args.values():
            taken = get_named_type(argument.type)
            assert isinstance(taken, GraphQLInputObjectType)
            if "idempotencyKey" not in taken.fields:
                without.add(name)

    assert without == WITHOUT_KEY


def test_who_pays_gives_or_takes_money_or_quota_cant_leave_the_key_out() -> None:
    """Else a repetition that nobody meant moves it twice, or is refused though it was done."""
    needing = set()
    for name, field in _mutations(graphql.schema()._schema):
        taken: Any = get_named_type(field.args["input"].type) if field.args else None
        key = taken and taken.fields.get("idempotencyKey")
        if key and is_non_null_type(key.type):
            needing.add(name)

    assert needing == MOVING


def test_a_number_that_counts_says_so() -> None:
    """`orders` are orders, and `removed` is a yes or no: how many there are is a `…Count`."""
    otherwise = set()
    for name, type in graphql.schema()._schema.type_map.items():
        if not isinstance(type, GraphQLObjectType) or name.startswith("__"):
            continue
        for field_name, field in type.fields.items():
            last = re.split(r"(?=[A-Z])", field_name)[-1].lower()
            if get_named_type(field.type).name == "Int" and last not in MEASURES:
                otherwise.add(f"{name}.{field_name}")

    assert otherwise == set()


def test_words_are_spelt_one_way() -> None:
    """With -ize, as in authorization; else as in Britain: programme, fulfilment, cancelled."""
    words = r"\b\w*(?:authoris|organis|recognis|cancel(?:ed|ing)|fulfill)\w*"
    odd = re.findall(words, graphql.schema().as_str(), re.I)

    assert set(odd) == set()


def test_what_departs_from_the_convention_is_told() -> None:
    schema = build_schema("""
        type Query { a: Int }
        type Mutation {
          shopOpen(input: ShopInput!): ShopOpenPayload!
          shopClose(input: ShopCloseInput, now: Boolean): ShopCloseAnswer
        }
        input ShopInput { id: ID! }
        input ShopCloseInput { id: ID! }
        type ShopOpenPayload {
          shop: Int  errors: [ShopOpenError!]!  replayed: Boolean!  requestId: String!
        }
        type ShopCloseAnswer { shop: Int!  errors: [String!]  replayed: Boolean! }
        interface ShopOpenError { code: String! }
    """)

    assert _oddities(schema) == [
        "shopOpen(input: ShopInput!)",
        "ShopOpenError is no UserError",
        "shopClose(input: ShopCloseInput)",
        "shopClose(now: Boolean)",
        "shopClose: ShopCloseAnswer",
        "ShopCloseAnswer.errors: [String!]",
        "ShopCloseAnswer.requestId: None",
        "ShopCloseAnswer.shop: Int!",
    ]


def test_a_payload_calls_an_object_as_its_type_is_called() -> None:
    """So that who knows what a mutation is about needn't look up where it is answered."""
    odd = []
    for _, mutation in _mutations(graphql.schema()._schema):
        payload = get_named_type(mutation.type)
        assert isinstance(payload, GraphQLObjectType)
        for name, field in payload.fields.items():
            source = source_of(field)
            if isinstance(source, Made):
                of = get_named_type(field.type).name
                one = CALLED_OTHERWISE.get(of, of[0].lower() + of[1:])
                if name != (f"{one}s" if source.many else one):
                    odd.append(f"{payload.name}.{name}: {of}")

    assert odd == []


def test_where_a_thing_stands_is_its_status() -> None:
    """One word for it everywhere; `paymentState` is a side of an order beside its status."""
    odd = []
    for type_ in graphql.schema()._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInputObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                of = get_named_type(field.type)
                is_enum = isinstance(of, GraphQLEnumType)
                if name == "state" or (
                    name == "status" and is_enum and not of.name.endswith("Status")
                ):
                    odd.append(f"{type_.name}.{name}: {of.name}")

    assert odd == []


def test_inputs_are_called_by_what_they_are() -> None:
    odd = [
        type_.name
        for type_ in _inputs(graphql.schema()._schema)
        if not type_.name.endswith(("Input", "Filter", "Order", "Range"))
    ]

    assert odd == []


def test_a_filter_takes_any_of_several_values_of_an_enum() -> None:
    """A single one may stand without brackets."""
    odd = [
        f"{type_.name}.{name}"
        for type_, name, field in _conditions(graphql.schema()._schema)
        if isinstance(get_named_type(field.type), GraphQLEnumType)
        and not isinstance(field.type, GraphQLList)
    ]

    assert odd == []


def test_a_filter_of_a_span_is_called_like_its_moment_without_at() -> None:
    """`created` of `createdAt`; so the name of a moment is never that of a span."""
    odd = [
        f"{type_.name}.{name}"
        for type_, name, field in _conditions(graphql.schema()._schema)
        if str(field.type) == "DateTimeRange" and name.lower().endswith("at")
    ]

    assert odd == []


def test_every_list_can_be_ordered_but_the_shortest() -> None:
    assert _without_order(graphql.schema()._schema) == sorted(WITHOUT_ORDER)


def test_a_list_that_cannot_be_ordered_is_told() -> None:
    schema = build_schema("""
        type Query {
          shops(first: Int, orderBy: ShopOrder): ShopConnection!
          clerks(first: Int): ClerkConnection!
          shop: ShopConnection
          name: String!
        }
        type ShopConnection { pageInfo: Int }
        type ClerkConnection { pageInfo: Int }
        input ShopOrder { field: String }
    """)

    assert _without_order(schema) == ["clerks", "shop"]


def test_an_order_is_a_field_and_a_direction_and_is_called_alike() -> None:
    """So `orderBy: {field: …, direction: …}` fits every list."""
    odd = [
        f"{where}: {taken}"
        for where, taken, inputs in _orders(graphql.schema()._schema)
        if not taken.endswith("Order")
        or inputs != {"field": f"{taken}Field", "direction": "OrderDirection"}
    ]

    assert odd == []


def test_amounts_come_with_their_currency() -> None:
    """A plain decimal is a ratio, or a number of a formula whose unit stands beside it.

    A refusal's facts repeat what the input had, without its currency.
    """
    odd = {
        f"{type_.name}.{name}"
        for type_ in graphql.schema()._schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and "UserError" not in map(str, type_.interfaces)
        for name, field in type_.fields.items()
        if get_named_type(field.type).name == "Decimal" and not name.lower().endswith("ratio")
    }

    assert odd == DECIMALS


def _lists(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    assert schema.query_type is not None
    for name, field in schema.query_type.fields.items():
        if get_named_type(field.type).name.endswith("Connection"):
            yield name, field


def _without_order(schema: GraphQLSchema) -> list[str]:
    return sorted(name for name, field in _lists(schema) if "orderBy" not in field.args)


def _orders(schema: GraphQLSchema) -> Iterator[tuple[str, str, dict[str, str]]]:
    for name, field in _lists(schema):
        if "orderBy" in field.args:
            taken = get_named_type(field.args["orderBy"].type)
            assert isinstance(taken, GraphQLInputObjectType)
            yield (
                name,
                taken.name,
                {part: get_named_type(found.type).name for part, found in taken.fields.items()},
            )


def _inputs(schema: GraphQLSchema) -> Iterator[GraphQLInputObjectType]:
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            yield type_


def _conditions(
    schema: GraphQLSchema,
) -> Iterator[tuple[GraphQLInputObjectType, str, GraphQLInputField]]:
    for type_ in _inputs(schema):
        if type_.name.endswith("Filter"):
            for name, field in type_.fields.items():
                yield type_, name, field


def _mutations(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    assert schema.mutation_type is not None
    yield from schema.mutation_type.fields.items()


def _oddities(schema: GraphQLSchema) -> list[str]:
    return [oddity for name, field in _mutations(schema) for oddity in _oddities_of(name, field)]


def _oddities_of(name: str, mutation: GraphQLField) -> Iterator[str]:
    own = name[0].upper() + name[1:]
    for argument_name, argument in mutation.args.items():
        if (argument_name, str(argument.type)) != ("input", f"{own}Input!"):
            yield f"{name}({argument_name}: {argument.type})"
    if str(mutation.type) != f"{own}Payload!":
        yield f"{name}: {mutation.type}"
    payload = get_named_type(mutation.type)
    assert isinstance(payload, GraphQLObjectType)
    always = {"errors": f"[{own}Error!]!", "replayed": "Boolean!", "requestId": "String!"}
    types = {field_name: str(field.type) for field_name, field in payload.fields.items()}
    for field_name, expected in always.items():
        if types.get(field_name) != expected:
            yield f"{payload.name}.{field_name}: {types.get(field_name)}"
    for field_name, type_ in types.items():
        if field_name not in always and type_.endswith("!") and type_ != PER_ITEM:
            yield f"{payload.name}.{field_name}: {type_}"
    error = get_named_type(payload.fields["errors"].type)
    if isinstance(error, GraphQLInterfaceType) and "UserError" not in map(str, error.interfaces):
        yield f"{error.name} is no UserError"
