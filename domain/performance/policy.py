"""Who sees performance: the partner's people, as far as their row scope reaches, and the platform.

A reseller's performance is its distributor's (I-05). Partners see a line, and a sheet, from the
working day after on (I-03). Sheets are about all customers of a partner, so they aren't for those
who see only some.
"""

from kit.scope import Scope

_MAY = "{viewer.sees_performance}::boolean"
_SHOWN = "{t}.visible_at <= {now}"
_HOME = f"{{t}}.partner_id = {{viewer.partner_id}} and {_MAY} and {_SHOWN}"

LINES = Scope(
    STAFF="true",
    OPERATOR=f"({_HOME})",
    OPERATOR__MANAGER=f"({{t}}.manager_id = {{viewer.seat_id}} and {_HOME})",
    OPERATOR__SUPERVISOR=f"({{t}}.manager_id = any({{viewer.manager_ids}}) and {_HOME})",
    OPERATOR__MERCHANT="false",
)

SHEETS = Scope(
    STAFF="true",
    OPERATOR=f"({_HOME})",
    OPERATOR__MANAGER="false",
    OPERATOR__SUPERVISOR="false",
    OPERATOR__MERCHANT="false",
)


def _about(table: str, key: str, predicate: str) -> str:
    whole = predicate.replace("{t}", "whole")
    return f"exists (select from {table} whole where whole.id = {{t}}.{key} and {whole})"


_MANAGER, _SUPERVISOR = (
    LINES.predicate(sight) for sight in ("OPERATOR.MANAGER", "OPERATOR.SUPERVISOR")
)

# Whoever sees what was asked about sees the question.
FEEDBACK = Scope(
    STAFF="true",
    OPERATOR=f"({{t}}.partner_id = {{viewer.partner_id}} and {_MAY})",
    OPERATOR__MANAGER=_about("performance_line", "line_id", _MANAGER),
    OPERATOR__SUPERVISOR=_about("performance_line", "line_id", _SUPERVISOR),
    OPERATOR__MERCHANT="false",
)
