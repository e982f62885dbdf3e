"""Which events somebody wants: by their names, or all of a kind of thing."""

import re
from collections.abc import Iterable

from domain.audit.names import HAPPENS
from kit.problems import InvalidInput

MOST = 50

_TYPE = re.compile(r"[a-z][a-z_]{0,39}\.(\*|[a-z][a-z_]{0,39})")

# Over the alias `{t}` of an event and the bind `{wanted}`, a text[]; nothing wanted means all.
MATCHES = (
    "(cardinality({wanted}) = 0 or {t}.name = any({wanted})"
    " or split_part({t}.name, '.', 1) || '.*' = any({wanted}))"
)


def checked_types(wanted: Iterable[str], *, path: tuple[str, ...]) -> list[str]:
    """Each once, sorted: `order.paid`, or `order.*` for whatever happens to orders.

    Raises InvalidInput for what can't be one, for what never happens, and for more than fifty.
    """
    types = sorted(set(wanted))
    bad = next((text for text in types if _TYPE.fullmatch(text) is None), None)
    if bad is not None:
        raise InvalidInput(
            reason=f"{bad[:80]!r} is no type of events: `thing.happened`, or `thing.*` for all.",
            reason_zh="事件类型格式无效,应为 thing.happened 或 thing.*。",
            path=path,
        )
    unknown = next((text for text in types if not _happens(text)), None)
    if unknown is not None:
        raise InvalidInput(
            reason=f"There are no events of the type {unknown!r}; docs/events.md lists all.",
            reason_zh=f"不存在事件类型 {unknown},全部类型见 docs/events.md。",
            path=path,
        )
    if len(types) > MOST:
        raise InvalidInput(
            reason=f"At most {MOST} types; leave them out for all.",
            reason_zh=f"最多可指定 {MOST} 个事件类型,不指定表示全部。",
            path=path,
        )
    return types


def _happens(type: str) -> bool:
    thing, _, word = type.partition(".")
    return thing in HAPPENS and (word == "*" or word in HAPPENS[thing])
