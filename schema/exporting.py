"""How a list is declared as one that can be exported, beside its type.

    exported(
        "orders", zh="订单", en="Orders", filter=OrderFilter, order=OrderOrder,
        columns={
            "number": ("订单号", "Number"),
            "dueAmount": ("应付金额(元)", "Due (CNY)"),
            "customer.name": ("客户", "Customer"),
        },
    )

A column is a path of fields of the list's type: it holds what the API tells there, and its type
follows from the field's. `filter` and `order` must be those of the list; that is checked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.identity.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A list that can be exported.

    `of` names the type that it hangs on when it is no root, `guard` says then who may ask.
    """

    name: str
    zh: str
    en: str
    columns: Mapping[str, tuple[str, str]]
    filter: type | None = None
    order: type | None = None
    of: tuple[str, str] | None = None
    parent_prefix: str = ""
    guard: Callable[[Viewer], None] | None = None
    arguments: Mapping[str, tuple[Any, str]] = field(default_factory=dict)

    @property
    def field(self) -> tuple[str, str]:
        """Where the list stands: a type of the API, and its field."""
        return self.of or ("Query", self.name)


DECLARED: dict[str, Declared] = {}


def exported(name: str, **declared: Any) -> None:
    """Declare one; its name is that of the list, and of the field in `exportCreate`."""
    assert name not in DECLARED, f"{name} is declared twice"
    DECLARED[name] = Declared(name=name, **declared)


def column_name(path: str) -> str:
    """`goods.name` -> `goodsName`: how a column is called."""
    first, *rest = path.split(".")
    return first + "".join(part[0].upper() + part[1:] for part in rest)
