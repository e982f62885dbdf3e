"""Questions made from the schema: every root field, every edge, every argument that selects."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Lexer,
    Source,
    TokenKind,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_union_type,
    parse,
    visit,
)

from kit.reads.tables import TABLE
from partner_center import graphql

# By place where an id is asked for, with what it has to begin there, if with anything.
Kinds = Mapping[str, str]
ANY: Kinds = {}

DEPTH = 2  # edges behind a root field; every edge of every type is passed on the way
PAGE = "first: 100"
FEW = 2  # ids to try a condition with, of which each may have another state
LONGEST = 2_900  # tokens, of which a document may have 3,000


@dataclass(frozen=True)
class Question:
    """A document and its variables; `name` says in a failure what it was about.

    `place` is where in it something is named, if anything is.
    """

    name: str
    document: str
    variables: dict[str, Any] = field(default_factory=dict)
    place: str = ""


@cache
def schema() -> GraphQLSchema:
    """The API as clients know it."""
    return build_schema(graphql.sdl())


def roots() -> dict[str, GraphQLField]:
    """All fields of Query."""
    assert schema().query_type
    return dict(schema().query_type.fields)  # type: ignore[union-attr]


def mutations() -> dict[str, GraphQLField]:
    """All fields of Mutation."""
    assert schema().mutation_type
    return dict(schema().mutation_type.fields)  # type: ignore[union-attr]


def objects_with_ids() -> list[GraphQLObjectType]:
    """What `node` can give."""
    return [
        each
        for each in schema().get_possible_types(schema().type_map["Node"])  # type: ignore[arg-type]
        if isinstance(each, GraphQLObjectType)
    ]


def prefix_of(type: Any) -> str:
    """The letters that the ids of a type begin with."""
    declared: Any = graphql.schema().get_type_by_name(type.name)
    return str(getattr(declared.origin, TABLE).prefix)


def reachable() -> set[str]:
    """`Type.field` for all that can be asked for below Query."""
    found: set[str] = set()
    waiting: list[Any] = [schema().query_type]
    seen = set(waiting)
    while waiting:
        type = waiting.pop()
        for name, each in getattr(type, "fields", {}).items():
            if not isinstance(type, GraphQLInterfaceType):
                found.add(f"{type.name}.{name}")
            target = get_named_type(each.type)
            targets: list[Any] = [target]
            if isinstance(target, GraphQLInterfaceType):
                targets += schema().get_possible_types(target)
            fresh = [each for each in targets if each not in seen]
            seen |= set(fresh)
            waiting += fresh
    return found


@cache
def everything(type: Any, depth: int = DEPTH) -> str:
    """A selection of all fields, and of what they lead to."""
    type = get_named_type(type)
    if isinstance(type, GraphQLInterfaceType):
        return f"{{ __typename id {_fragments(type)} }}"
    assert not is_union_type(type), "write fragments for unions too"
    inner = [_leaves(type)]
    for name, each in type.fields.items():
        if is_composite_type(get_named_type(each.type)) and not _is_repetition(type, name):
            cost = _leads_elsewhere(type, each)
            if depth >= cost:
                inner.append(_inner(name, each, depth - cost))
    return "{ " + " ".join(inner) + " }"


def _inner(name: str, each: GraphQLField, depth: int) -> str:
    arguments = f"({PAGE})" if "first" in each.args else ""
    return f"{name}{arguments} {everything(each.type, depth)}"


def passed(document: str) -> set[str]:
    """`Type.field` for each field that a document asks for."""
    info = TypeInfo(schema())
    found: set[str] = set()

    class Notes(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            parent = info.get_parent_type()
            assert parent
            found.add(f"{parent.name}.{node.name.value}")

    visit(parse(document), TypeInfoVisitor(info, Notes()))
    return found


@cache
def plain(depth: int = DEPTH) -> tuple[Question, ...]:
    """Each root field that needs no argument, with everything behind it.

    Where that is all there is to be passed, from both ends. Kept, since finding out how much goes
    into one document takes as long as reading it, and every walk asks the same.
    """
    return tuple(_plain(depth))


def _plain(depth: int) -> Iterator[Question]:
    for name, root in roots().items():
        if any(is_non_null_type(argument.type) for argument in root.args.values()):
            continue
        for page in _pages(root, depth):
            arguments = f"({page})" if page else ""
            for number, selection in enumerate(_portions(root, depth)):
                yield Question(
                    f"{name}{arguments} {number}", f"{{ {name}{arguments} {selection} }}"
                )


def _pages(root: GraphQLField, depth: int) -> Sequence[str]:
    if "first" not in root.args:
        return ("",)
    return ("first: 100", "last: 1") if depth == DEPTH else ("first: 100",)


def _portions(root: GraphQLField, depth: int) -> list[str]:
    """`everything`, in as many selections as it takes for each to be within the limits."""
    whole = everything(root.type, depth)
    if _tokens(whole) < LONGEST:
        return [whole]
    type: Any = get_named_type(_node_type(root))
    portions, rest = [everything(root.type, 0)], ""
    for name, each in type.fields.items():
        if not is_composite_type(get_named_type(each.type)):
            continue
        behind = depth - _leads_elsewhere(type, each)
        edge = _inner(name, each, behind)
        while _tokens(edge) > LONGEST:  # a part of its own that leads to too much
            behind -= 1
            edge = _inner(name, each, behind)
        if edge in portions[0]:  # a part of its own that leads nowhere
            continue
        if rest and _tokens(rest + edge) > LONGEST:
            portions.append(f"{{ nodes {{ id {rest} }} }}")
            rest = ""
        rest += f" {edge}"
    return [*portions, f"{{ nodes {{ id {rest} }} }}"]


def _tokens(text: str) -> int:
    lexer, count = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count


def selective(
    ids: list[str], texts: list[str], cursors: dict[str, str], kinds: Kinds = ANY
) -> Iterator[Question]:
    """Each list by each of its conditions, orders and ends, with values of somebody else's."""
    for name, root in roots().items():
        if "first" not in root.args:
            continue
        for condition, values in _conditions(name, root, ids, texts, kinds):
            for value in values:
                yield _list_question(name, root, "filter", {condition: value})
        for order in _orders(root):
            yield _list_question(name, root, "orderBy", order)
        for side, page in (("after", "first: 3"), ("before", "last: 3")):
            if name in cursors:
                yield _list_question(name, root, side, cursors[name], page=page)


def conditions_by_id() -> list[tuple[str, str]]:
    """Root list and condition, for each that takes an id."""
    return [
        (name, condition)
        for name, root in roots().items()
        if "first" in root.args and "filter" in root.args
        for condition, argument in _fields(root.args["filter"]).items()
        if get_named_type(argument.type).name == "ID"
    ]


def nested(ids: list[str], kinds: Kinds = ANY) -> Iterator[Question]:
    """Each list that hangs on an object, by the conditions that take an id."""
    for type in objects_with_ids():
        for name, each in type.fields.items():
            filter = each.args.get("filter")
            if filter is None:
                continue
            for condition, argument in _fields(filter).items():
                if get_named_type(argument.type).name == "ID":
                    place = f"{type.name}.{name}({condition}"
                    document = (
                        f"query ($filter: {get_named_type(filter.type).name}) {{"
                        f" {_many(type)} {{ nodes {{ "
                        f"{name}({PAGE}, filter: $filter) {{ totalCount {{ value }} "
                        f"nodes {everything(_node_type(each), 0)} }} }} }} }}"
                    )
                    for id in _few(ids, place, kinds):
                        yield Question(
                            f"{place}: {id})", document, {"filter": {condition: id}}, place
                        )


def by_id(ids: list[str], kinds: Kinds = ANY) -> Iterator[Question]:
    """`node`, `nodes`, and every root field that takes an id, for all of these that fit."""
    for name, root in roots().items():
        for argument_name, argument in root.args.items():
            if get_named_type(argument.type).name != "ID":
                continue
            if is_list_type(getattr(argument.type, "of_type", None)):
                for chunk in range(0, len(ids), 100):
                    yield _ask(name, root, argument_name, argument, ids[chunk : chunk + 100])
            else:
                place = f"{name}({argument_name}"
                for id in _likely(root, ids, fitting(ids, place, kinds)):
                    yield _ask(name, root, argument_name, argument, id)


def fitting(ids: list[str], place: str, kinds: Kinds) -> list[str]:
    """Those that something can be found by at this place."""
    return [id for id in ids if id.startswith(kinds.get(place, ""))]


def _few(ids: list[str], place: str, kinds: Kinds) -> list[str]:
    """Of the kind that is asked for here; where any will do, one of each."""
    if place in kinds:
        return fitting(ids, place, kinds)[:FEW]
    return one_of_each(ids)


def at_most(count: int, questions: Iterable[Question]) -> list[Question]:
    """Of those that name something at the same place, so many."""
    seen: Counter[str] = Counter()
    found = []
    for question in questions:
        seen[question.place] += 1
        if not question.place or seen[question.place] <= count:
            found.append(question)
    return found


def one_of_each(ids: list[str]) -> list[str]:
    """One id of each kind; they come sorted."""
    return [next(group) for _, group in itertools.groupby(ids, lambda id: id.partition("_")[0])]


def _fields(argument: GraphQLArgument) -> dict[str, Any]:
    named: Any = get_named_type(argument.type)
    return dict(named.fields)


def _likely(root: GraphQLField, ids: list[str], fitting: list[str]) -> list[str]:
    """One of each kind where any will do; else those that fit, of an object its own kind's.

    A stranger's beside them. A field that takes many has all of them.
    """
    named = get_named_type(root.type)
    if isinstance(named, GraphQLInterfaceType):
        return one_of_each(ids)
    declared: Any = graphql.schema().get_type_by_name(named.name)
    if hasattr(declared.origin, TABLE):
        prefix = prefix_of(named)
        fitting = [id for id in ids if id.startswith(prefix)]
    return [*fitting, *[id for id in ids if id not in fitting][:1]]


def _ask(
    name: str, root: GraphQLField, argument_name: str, argument: GraphQLArgument, value: Any
) -> Question:
    needed = "".join(
        f", {other}: {_needed(other, each)}"
        for other, each in root.args.items()
        if other != argument_name and is_required_argument(each)
    )
    document = (
        f"query ($value: {argument.type}) {{ {name}({argument_name}: $value{needed}) "
        f"{everything(root.type, 1)} }}"
    )
    place = f"{name}({argument_name}"
    return Question(f"{place}: {value})", document, {"value": value}, place)


def _needed(name: str, argument: GraphQLArgument) -> str:
    kind = get_named_type(argument.type)
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if kind.name == "ID":
        return "$value"  # the same once more
    assert name == "period", f"say what to ask for as {name}"
    return '"2030-01"'


def _list_question(
    name: str, root: GraphQLField, argument: str, value: Any, *, page: str = PAGE
) -> Question:
    document = (
        f"query ($value: {root.args[argument].type}) {{ {name}({page}, {argument}: $value) {{ "
        f"totalCount {{ value precision }} pageInfo {{ hasNextPage hasPreviousPage startCursor }} "
        f"edges {{ cursor node {everything(_node_type(root), 0)} }} }} }}"
    )
    place = f"{name}({argument}"
    if isinstance(value, dict):
        place += f".{next(iter(value))}"
    return Question(f"{name}({argument}: {value})", document, {"value": value}, place)


def _conditions(
    name: str, root: GraphQLField, ids: list[str], texts: list[str], kinds: Kinds
) -> Iterator[tuple[str, list[Any]]]:
    if "filter" not in root.args:
        return
    known: dict[str, list[Any]] = {
        "String": texts,
        "Boolean": [True, False],
        "Int": [0, 1],
        "DateTimeRange": [{"from": "2000-01-01T00:00:00Z"}],
        "DateRange": [{"from": "2000-01-01"}],
        "Date": ["2000-01-01", "2100-01-01"],
        "DateTime": ["2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
        "YearMonth": ["2030-01"],
        "Decimal": ["0", "1"],
        "AmountRange": [{"from": "0.01"}],
    }
    for condition, argument in _fields(root.args["filter"]).items():
        kind = get_named_type(argument.type)
        values = known.get(kind.name, [])
        if isinstance(kind, GraphQLEnumType):
            values = list(kind.values)
        if kind.name == "ID":  # of a kind that nobody has, the tests of the walk tell
            values = list(_few(ids, f"{name}(filter.{condition}", kinds))
        else:
            assert values, f"say in `known` by which {kind.name} to ask"
        if _is_list(argument.type):
            values = [values] if isinstance(kind, GraphQLEnumType) else [[each] for each in values]
        yield condition, values


def _orders(root: GraphQLField) -> Iterator[dict[str, str]]:
    if "orderBy" not in root.args:
        return
    named = get_named_type(root.args["orderBy"].type)
    assert isinstance(named, GraphQLInputObjectType)
    by = get_named_type(named.fields["field"].type)
    assert isinstance(by, GraphQLEnumType)
    # A page holds all rows that there are, from either end.
    for column, direction in zip(by.values, itertools.cycle(("ASC", "DESC")), strict=False):
        yield {"field": column, "direction": direction}


def _leaves(type: Any) -> str:
    names = [name for name, each in type.fields.items() if is_leaf_type(get_named_type(each.type))]
    return " ".join(["__typename", *names])


def _fragments(type: GraphQLInterfaceType) -> str:
    """A fragment a type, each with what no other has said: repeated fields are limited."""
    seen, fragments = {"__typename", "id"}, []
    for each in schema().get_possible_types(type):
        fresh = [name for name in _leaves(each).split() if name not in seen]
        seen |= set(fresh)
        fragments.append(f"... on {each.name} {{ {' '.join(fresh) or 'id'} }}")
    return " ".join(fragments)


def _is_list(type: Any) -> bool:
    return is_list_type(type.of_type if is_non_null_type(type) else type)


def _leads_elsewhere(type: GraphQLObjectType, each: GraphQLField) -> bool:
    """Whether the field is an edge to other objects, and no part of its own or of a page."""
    named: Any = get_named_type(each.type)
    if type.name.endswith(("Connection", "Edge")):
        return False
    interfaces = {interface.name for interface in getattr(named, "interfaces", ())}
    is_object = isinstance(named, GraphQLInterfaceType) or "Node" in interfaces
    return is_object or named.name.endswith("Connection")


def _is_repetition(type: GraphQLObjectType, name: str) -> bool:
    # `edges { node }` gives what `nodes` gives; the cursors alone are worth a look.
    return name == "node" and type.name.endswith("Edge")


def _node_type(each: GraphQLField) -> Any:
    connection: Any = get_named_type(each.type)
    return connection.fields["nodes"].type


def _many(type: GraphQLObjectType) -> str:
    for name, root in roots().items():
        if "first" in root.args and get_named_type(_node_type(root)) is type:
            return f"{name}({PAGE})"
    raise AssertionError(f"no root lists {type.name}")
