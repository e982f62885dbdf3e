"""What an operation costs, known from its text and variables before anything is done for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
)

from kit.graphql import introspection
from kit.graphql.costs import LIST_SIZE, WEIGHT, ListSize

LONGEST = 100
PRICES = 256

Variables = Mapping[str, Any]
# An amount that is known, or one that hangs on the variables.
Amount = int | Callable[[Variables], int]


class Price:
    """The points of one operation. `names` are the variables that they hang on."""

    def __init__(self, amount: Amount, defaults: Mapping[str, int | None]) -> None:
        self._amount = amount
        self._defaults = defaults
        self._known: dict[tuple[int | None, ...], int] = {}

    def of(self, variables: Variables | None) -> int:
        """The points with these variables, as the client sent them."""
        if isinstance(self._amount, int):
            return self._amount
        given = variables or {}
        key = tuple(
            _size(given[name]) if name in given else default
            for name, default in self._defaults.items()
        )
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= PRICES:
                self._known.clear()
            known = self._amount(dict(zip(self._defaults, key, strict=True)))
            self._known[key] = known
        return known


def price(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Price:
    """The price of an operation of a valid document."""
    pricing = _Pricing(schema, document)
    amount = pricing.of(schema.get_root_type(operation.operation), [operation.selection_set])
    defaults = {
        definition.variable.name.value: _default(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.variable.name.value in pricing.names
    }
    return Price(amount, defaults)


class _Pricing:
    """Walks one document; `names` are the variables met on the way."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self.names: set[str] = set()

    def of(self, type_: Any, below: Iterable[SelectionSetNode], sized: Any = None) -> Amount:
        """What is selected of one object; `sized` names fields of it, and how often they count."""
        below = list(below)
        if not is_abstract_type(type_):
            return self._object(type_, below, sized)
        met = {name for each in below for name in self._conditions(each)}
        kinds = [kind for kind in self._schema.get_possible_types(type_) if kind.name in met]
        # And one of which nothing is asked but what all of them have.
        return _most([self._object(kind, below, sized) for kind in (*kinds, type_)])

    def _object(self, type_: Any, below: list[SelectionSetNode], sized: Any) -> Amount:
        asked: dict[str, list[FieldNode]] = {}
        for each in below:
            for node in self._fields(type_, each):
                key = node.alias.value if node.alias else node.name.value
                asked.setdefault(key, []).append(node)
        return _sum([self._field(type_, nodes, sized) for nodes in asked.values()])

    def _fields(self, type_: Any, selections: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node
                continue
            inner: Any = node
            if isinstance(node, FragmentSpreadNode):
                inner = self._fragments[node.name.value]
            if self._applies(inner.type_condition, type_):
                yield from self._fields(type_, inner.selection_set)

    def _applies(self, condition: Any, type_: Any) -> bool:
        if condition is None or condition.name.value == type_.name:
            return True
        wanted: Any = self._schema.get_type(condition.name.value)
        return is_abstract_type(wanted) and (
            is_abstract_type(type_) or self._schema.is_sub_type(wanted, type_)
        )

    def _conditions(self, selections: SelectionSetNode) -> Iterator[str]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                continue
            inner: Any = node
            if isinstance(node, FragmentSpreadNode):
                inner = self._fragments[node.name.value]
            if inner.type_condition is not None:
                wanted: Any = self._schema.get_type(inner.type_condition.name.value)
                if is_object_type(wanted):
                    yield wanted.name
            yield from self._conditions(inner.selection_set)

    def _field(self, parent: Any, nodes: list[FieldNode], sized: Any) -> Amount:
        node = nodes[0]
        name = node.name.value
        if name.startswith("__"):
            return introspection.points(self._schema, nodes, self._fragments)
        field: GraphQLField = parent.fields[name]
        type_ = get_named_type(field.type)
        weight = field.extensions.get(WEIGHT)
        if weight is None:
            weight = type_.extensions.get(WEIGHT, 1) if is_composite_type(type_) else 0
        list_size: ListSize | None = field.extensions.get(LIST_SIZE)
        length = None if list_size is None else self._length(list_size, node)
        inner: Amount = 0
        if is_composite_type(type_):
            below = [each.selection_set for each in nodes if each.selection_set]
            marked = None
            if list_size is not None and list_size.sized_fields:
                marked = (list_size.sized_fields, length)
            inner = self.of(type_, below, marked)
        whole = _sum([weight, inner])
        if length is not None and not (list_size and list_size.sized_fields):
            whole = _times(length, whole)
        if sized is not None and name in sized[0]:
            whole = _times(sized[1], whole)
        return _times(self._flag(node), whole) if len(nodes) == 1 else whole

    def _length(self, list_size: ListSize, node: FieldNode) -> Amount:
        given: list[Amount] = []
        for argument in node.arguments or ():
            if argument.name.value in list_size.slicing:
                value = argument.value
                if isinstance(value, VariableNode):
                    given.append(self._variable(value.name.value, list_size.assumed))
                else:
                    said = _default(value)
                    given.append(list_size.assumed if said is None else said)
        return _most(given) if given else list_size.assumed

    def _variable(self, name: str, unsaid: int) -> Amount:
        self.names.add(name)

        def amount(variables: Variables) -> int:
            said = variables[name]
            return unsaid if said is None else int(said)

        return amount

    def _flag(self, node: FieldNode) -> Amount:
        """1, or 0 where `@skip` or `@include` leave the field out."""
        flags: list[Amount] = [1]
        for directive in node.directives or ():
            if directive.name.value not in ("skip", "include"):
                continue
            counts = directive.name.value == "include"
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    flags.append(self._switch(argument.value.name.value, counts))
                else:
                    flags.append(int(bool(getattr(argument.value, "value", False)) is counts))
        return _product(flags)

    def _switch(self, name: str, counts: bool) -> Amount:
        self.names.add(name)
        return lambda variables: int(bool(variables[name]) is counts)


def _default(value: ValueNode | None) -> int | None:
    if isinstance(value, IntValueNode):
        return _size(int(value.value))
    if isinstance(value, ListValueNode):
        return _size(value.values)
    said = getattr(value, "value", None)
    return int(said) if isinstance(said, bool) else None


def _size(given: Any) -> int | None:
    """A number, or the length of a list; what nobody may ask for is refused by the list itself."""
    if isinstance(given, list | tuple):
        return min(len(given), LONGEST)
    # A client's JSON may write a whole number as 100.0, which is an Int as good as 100.
    if isinstance(given, int) or (isinstance(given, float) and given.is_integer()):
        return max(0, min(int(given), LONGEST))
    return None


def _sum(amounts: list[Amount]) -> Amount:
    known = sum(amount for amount in amounts if isinstance(amount, int))
    unknown = [amount for amount in amounts if not isinstance(amount, int)]
    if not unknown:
        return known
    return lambda variables: known + sum(amount(variables) for amount in unknown)


def _times(one: Amount, other: Amount) -> Amount:
    return _product([one, other])


def _product(amounts: list[Amount]) -> Amount:
    known = 1
    for amount in amounts:
        known *= amount if isinstance(amount, int) else 1
    unknown = [amount for amount in amounts if not isinstance(amount, int)]
    if not unknown or known == 0:
        return known

    def product(variables: Variables) -> int:
        whole = known
        for amount in unknown:
            whole *= amount(variables)
        return whole

    return product


def _most(amounts: list[Amount]) -> Amount:
    if all(isinstance(amount, int) for amount in amounts):
        return max(amount for amount in amounts if isinstance(amount, int))
    return lambda variables: max(
        amount if isinstance(amount, int) else amount(variables) for amount in amounts
    )
