"""The query compiler: one SQL statement per root field, the JSON written by PostgreSQL.

A GraphQL type says where its fields come from; the compiler walks the selection and writes the
statement, with the viewer's scope wherever a table appears.

    @table(models.Partner, prefix="ptn", scope=policy.PARTNERS, description="A company that sells.")
    class Partner(Node):                                  # `id` comes from Node and the prefix
        name: str = column("Registered name.")            # the column of the same name
        joined_at: DateTime = column("…", "created_at")   # another column
        is_new: bool = sql("{t}.created_at > {now} - interval '30 days'", "…")
        credit: Money = money("credit", "currency", "…")  # two columns, one object
        distributor: Annotated["Partner", lazy(…)] | None = one("distributor_id", "…")
        deadline: Deadline | None = one("id", "…", match="subject_id", where="{t}.kind = 'x'",
                                        newest="generation")
        projects: list[Project] = items("partner_id", "…", order="started_on desc", limit=100)
        members: Connection[Member] = connection("partner_id", "…", filter=MemberFilter,
                                                 order=MemberOrder)
        available_actions: list[AvailableAction] = computed(actions, ("status", "expires_at"), "…")
        explanation: Explanation = computed(explained, ("amount",), "…", told={"parts": "(…)"})

Roots stand in `resolvers/`, declared the same way: `root_connection`, `root_one`, and
`node_field`, `nodes_field`. A mutation's payload reads its object with `made`.

In templates `{t}` is the row, `{now}` business time, `{viewer.<attribute>}` the viewer's facts,
`{arg.<name>}` an argument of the field (`one` and connections declare theirs); values never become
text of the statement.
Filters are input types whose fields say their condition: `where`, `within`, `search`, `of_node`.
An order is an input made by `ordering` of an enum whose values are column names; what is said there
of the field that comes first is the order of a list when the client says nothing.
"""

from kit.pool import ReadTooSlow
from kit.reads.connections import Connection, Count, CountPrecision, Edge, OrderDirection, PageInfo
from kit.reads.executor import ReadsExecutor
from kit.reads.fields import (
    Argument,
    column,
    computed,
    connection,
    embedded,
    items,
    money,
    one,
    polymorphic,
    sql,
)
from kit.reads.filters import flag, of_node, search, where, within
from kit.reads.install import install
from kit.reads.ordering import ordering
from kit.reads.payloads import RESUMES, Done
from kit.reads.roots import (
    fetch_one,
    made,
    node_field,
    nodes_field,
    root_connection,
    root_one,
)
from kit.reads.straight import straight
from kit.reads.tables import Node, table

__all__ = [
    "RESUMES",
    "Argument",
    "Connection",
    "Count",
    "CountPrecision",
    "Done",
    "Edge",
    "Node",
    "OrderDirection",
    "PageInfo",
    "ReadTooSlow",
    "ReadsExecutor",
    "column",
    "computed",
    "connection",
    "embedded",
    "fetch_one",
    "flag",
    "install",
    "items",
    "made",
    "money",
    "node_field",
    "nodes_field",
    "of_node",
    "one",
    "ordering",
    "polymorphic",
    "root_connection",
    "root_one",
    "search",
    "sql",
    "straight",
    "table",
    "where",
    "within",
]
