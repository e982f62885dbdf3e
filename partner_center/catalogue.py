"""The lists in docs/ that are written from the code: every error code, every setting.

`make schema` puts them there; a test compares them.
"""

import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any

from pydantic.fields import FieldInfo

import domain
from domain.identity.viewer import Unauthenticated
from kit.graphql import documents, refusals
from kit.graphql.errors import BAD_USER_INPUT
from kit.graphql.limits import (
    TooDeep,
    TooExpensive,
    TooManyAliases,
    TooManyFields,
    TooManyMutations,
    TooManyOperations,
    TooManyTokens,
)
from kit.problems import Forbidden, InvalidInput, NotFound, Problem
from partner_center import event_names, notices
from partner_center.graphql import schema
from partner_center.metrics_table import with_metrics
from partner_center.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"

# Codes of the executor's own errors, which have no class of ours.
NOT_PROBLEMS = {
    documents.PARSE_FAILED: ("The document isn't GraphQL.", "查询文档不是有效的 GraphQL。"),
    documents.VALIDATION_FAILED: (
        "The document doesn't fit the schema.",
        "查询文档与 schema 不符。",
    ),
    BAD_USER_INPUT: (
        "A variable or an argument doesn't fit its type.",
        "变量或参数与其类型不符。",
    ),
}

# Problems whose sentence is written anew each time; this is what they have in common.
_IN_COMMON = {
    InvalidInput: ("What is wrong with which field.", "字段取值有误(说明具体原因)。"),
    Unauthenticated: ("Sign in first, or again: why.", "请先登录或重新登录(说明具体原因)。"),
    refusals.BadRequest: (
        "What was sent can't be understood: why.",
        "请求无法解析(说明具体原因)。",
    ),
    refusals.MethodNotAllowed: (
        "The method doesn't fit; `Allow` names those that do.",
        "请求方法不适用,可用方法见 Allow 头。",
    ),
    refusals.NotAcceptable: (
        "There is no form of the answer that `Accept` allows.",
        "没有符合 Accept 头的响应格式。",
    ),
    refusals.UnsupportedMediaType: (
        "`Content-Type` must be `application/json`, in UTF-8 and not compressed.",
        "Content-Type 必须为 application/json,使用 UTF-8 编码且不压缩。",
    ),
}

_OF_THE_DOCUMENT = (
    documents.OperationUnknown,
    TooManyTokens,
    TooDeep,
    TooManyFields,
    TooManyAliases,
    TooManyMutations,
    TooManyOperations,
    TooExpensive,
)

# More mutations than this are told by what they have in common.
_NAMED = 6

_HEAD = """\
# Every error code

<!-- Written by `make schema`; don't edit. -->

Codes never change; sentences may. `{…}` in a sentence is filled in, and so is everything that a
client needs to act: a refusal of a mutation has it as fields of its type. *Again* says whether the
same request may succeed later without any change.

[integrating.md](integrating.md#errors) tells how to handle them.
"""

_BEGIN = "<!-- settings: written by `make schema` -->\n"
_END = "<!-- end -->"

# Defaults that depend on other settings.
_IT_DEPENDS = {
    "secret_key": "made up and kept in DATA_DIR; with DATABASE_URL, and no SANDBOX, it must be set",
    "public_url": "`http://127.0.0.1:PORT`",
    "rate_per_second": "`1000`; in a sandbox `0`",
    "mail_from": "with SMTP_URL it must be set",
    "operations_mailbox": "with SMTP_URL it must be set",
    "webhooks_to_loopback": "in a sandbox only",
}

_PARTS = (
    (
        "In a mutation's `errors`",
        "Nothing was changed. The type has the fields of `UserError` and those named here.",
    ),
    (
        "In the answer's `errors`",
        "With `extensions.code`. The request, or the field at `path`, was not executed.",
    ),
    (
        "In `availableActions` alone",
        "As `blockedBy.code`: the mutation itself answers such a viewer as if there were nothing.",
    ),
)


@dataclass(frozen=True)
class Entry:
    """One code. `part` is the place in the page, `where` what answers with it."""

    part: int
    code: str
    en: str
    zh: str
    where: str
    facts: tuple[str, ...] = ()
    retryable: bool = False


def problems() -> list[type[Problem]]:
    """Every class of refusal that the product declares, by code."""
    schema()  # what can refuse is declared once the API is put together
    _know_them_all()
    found = {each for each in _below(Problem) if _is_told(each)}
    return sorted(found, key=lambda each: each.code)


def entries() -> list[Entry]:
    """The catalogue, by part and code."""
    found = [_entry(problem) for problem in problems()]
    found += [
        Entry(part=1, code=code, en=en, zh=zh, where="any document")
        for code, (en, zh) in NOT_PROBLEMS.items()
    ]
    return sorted(found, key=lambda entry: (entry.part, entry.code))


def page() -> str:
    """docs/errors.md."""
    lines = [_HEAD]
    everything = entries()
    for part, (title, about) in enumerate(_PARTS):
        lines += [f"## {title}\n", f"{about}\n", *_table(e for e in everything if e.part == part)]
    return "\n".join(lines).rstrip() + "\n"


def write(docs: Path = DOCS) -> None:
    """Write docs/errors.md, events.md and notifications.md, and the tables in operating.md."""
    (docs / "errors.md").write_text(page())
    (docs / "notifications.md").write_text(notices.page())
    (docs / "events.md").write_text(event_names.page())
    operating = docs / "operating.md"
    operating.write_text(with_metrics(with_settings(operating.read_text())))


def with_settings(text: str) -> str:
    """The page with the table of settings as it should be."""
    head, _, rest = text.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    rows = [_setting(name, field) for name, field in Settings.model_fields.items()]
    table = "\n".join(["| variable | if unset | what it is |", "|---|---|---|", *rows])
    return f"{head}{_BEGIN}{table}\n{_END}{tail}"


def _setting(name: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        default = _IT_DEPENDS[name]
    else:
        default = f"`{field.default}`" if field.default else ""
    about = " ".join((field.description or "").split())
    return f"| `{name.upper()}` | {default} | {about} |"


def _table(entries: Iterable[Entry]) -> list[str]:
    rows = ["| code | English, 中文 | where | again |", "|---|---|---|---|"]
    for entry in entries:
        facts = f" Has {_listed(entry.facts)}." if entry.facts else ""
        sentence = f"{entry.en}<br>{entry.zh}"
        again = "yes" if entry.retryable else ""
        rows.append(f"| `{entry.code}` | {sentence} | {entry.where}.{facts} | {again} |")
    return [*rows, ""]


def _entry(problem: type[Problem]) -> Entry:
    mutations = _mutations(problem)
    if mutations and not issubclass(problem, Forbidden):
        part, where = 0, _told_by(mutations)
    elif problem.__module__.endswith(".guards"):
        part, where = 2, "the object's `availableActions`"
    else:
        part, where = 1, _place(problem)
    if problem in (NotFound, InvalidInput):
        where += "; also any field that reads"
    en, zh = _IN_COMMON.get(problem, (problem.en, problem.zh))
    return Entry(
        part=part,
        code=problem.code,
        en=_sentence(en),
        zh=_sentence(zh),
        where=where,
        facts=tuple(_facts(problem)) if part == 0 else (),
        retryable=problem.retryable,
    )


def _mutations(problem: type[Problem]) -> tuple[str, ...]:
    """The mutations whose payload declares the problem, as the API names them."""
    declared: Any = schema().get_type_by_name(problem.__name__)
    interfaces = getattr(declared, "interfaces", ())
    names = (interface.name.removesuffix("Error") for interface in interfaces)
    return tuple(sorted(name[0].lower() + name[1:] for name in names if name != "User"))


def _told_by(mutations: tuple[str, ...]) -> str:
    if len(mutations) == len(_mutations(InvalidInput)):
        return "every mutation"
    if len(mutations) <= _NAMED:
        return _listed(mutations)
    things = sorted({re.split("(?=[A-Z])", name)[0] for name in mutations})
    return f"{len(mutations)} mutations, " + ", ".join(f"`{thing}…`" for thing in things)


def _place(problem: type[Problem]) -> str:
    if issubclass(problem, refusals.Refusal):
        return f"HTTP {problem.status}"
    if problem in _OF_THE_DOCUMENT:
        return "any document, before it is executed"
    return "any field"


def _facts(problem: type[Problem]) -> Iterator[str]:
    for fact in fields(problem):
        if fact.name not in ("path", *problem.untold):
            first, *rest = fact.name.split("_")
            yield "".join([first, *(part.title() for part in rest)])


def _sentence(template: str) -> str:
    """With each hole as it is called, without how its value is written."""
    return "".join(
        text + (f"{{{name}}}" if name else "") for text, name, _, _ in Formatter().parse(template)
    ).replace("|", "\\|")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _is_told(problem: type[Problem]) -> bool:
    is_ours = not problem.__module__.startswith("tests")
    is_a_kind = issubclass(problem, refusals.Refusal) and not hasattr(problem, "status")
    return is_ours and not is_a_kind and hasattr(problem, "en")


def _know_them_all() -> None:
    """Read the whole domain: a class that no mutation leads to yet is a code, too."""
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        import_module(module.name)


def _below(problem: type[Problem]) -> Iterator[type[Problem]]:
    for each in problem.__subclasses__():
        yield each
        yield from _below(each)
