"""What all commands of `partner-center ops` share: where to ask, how to tell, how to ask."""

import json as encoding
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from partner_center import ops_tables
from partner_center.ops_tables import Column

if TYPE_CHECKING:
    from partner_center.ops_client import Client

app = App(
    name="ops",
    help="See and steer timed work, by the API. Signed in by PARTNER_CENTER_TOKEN, or by"
    " PARTNER_CENTER_EMAIL and PARTNER_CENTER_PASSWORD.",
)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class How:
    """Where to ask, and how to tell.

    Parameters
    ----------
    url
        Where the API is.
    json
        Tell all facts as JSON instead of a table.
    """

    url: Annotated[str, Parameter(env_var="PARTNER_CENTER_URL")] = "http://127.0.0.1:8000"
    json: Annotated[bool, Parameter(negative="")] = False


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class HowMany(How):
    """The same for a list.

    Parameters
    ----------
    most
        How many at most.
    """

    most: int = 50


HOW = How()
HOW_MANY = HowMany()


@contextmanager
def asking(how: How) -> Iterator["Client"]:
    """A client that is signed in; what fails ends the process with a word, and status 1."""
    from partner_center.ops_client import Failed, signed_in

    try:
        with signed_in(how.url) as client:
            yield client
    except Failed as failure:
        raise SystemExit(str(failure)) from None


def tell(how: How, found: Any, columns: Sequence[Column]) -> None:
    """Print what was found, as a table of these columns or as JSON."""
    if how.json:
        say(encoding.dumps(found, ensure_ascii=False, indent=2))
    else:
        say(ops_tables.table(columns, found))


def say(line: str) -> None:
    """Print it."""
    sys.stdout.write(f"{line}\n")


def tell_list(
    how: HowMany,
    field: str,
    selection: str,
    filter: tuple[str, dict[str, Any]],
    columns: Sequence[Column],
) -> None:
    """Ask for a list of `ops` and print it."""
    with asking(how) as client:
        tell(how, list(client.listed(field, selection, filter=filter, most=how.most)), columns)


def span_of(first: str | None, last: str | None) -> dict[str, str] | None:
    """A DateTimeRange; None for no end."""
    return said({"from": first, "to": last}) or None


def said(given: dict[str, Any]) -> dict[str, Any]:
    """What was said at all."""
    return {name: value for name, value in given.items() if value is not None}
