"""`node` and `nodes`: any object again, by its id."""

import strawberry

from kit.reads import Node, node_field, nodes_field


@strawberry.type
class NodeQuery:
    node: Node | None = node_field()
    nodes: list[Node | None] = nodes_field()
