"""Comparing what came with what a page shows, where `…` stands for anything."""

import re
from typing import Any

ANYTHING = "…"


def differences(shown: Any, came: Any, at: str = "$") -> list[str]:
    """Every place where the two differ; an empty list when they agree."""
    if isinstance(shown, str) and ANYTHING in shown:
        fits = came is not None and like(shown, came if isinstance(came, str) else repr(came))
        return [] if fits else [f"{at}: {came!r} is not like {shown!r}"]
    if isinstance(shown, dict) and isinstance(came, dict):
        if at == "$" and "extensions" not in shown:  # what it has cost, said once in the page
            came = {name: value for name, value in came.items() if name != "extensions"}
        found = [f"{at}.{name}: missing" for name in shown if name not in came]
        found += [f"{at}.{name}: not shown" for name in came if name not in shown]
        for name in shown:
            if name in came:
                found += differences(shown[name], came[name], f"{at}.{name}")
        return found
    if isinstance(shown, list) and isinstance(came, list):
        if len(shown) != len(came):
            return [f"{at}: {len(came)} items, {len(shown)} shown: {came!r}"]
        return [
            each
            for number, pair in enumerate(zip(shown, came, strict=True))
            for each in differences(*pair, f"{at}[{number}]")
        ]
    same = shown == came and type(shown) is type(came)
    return [] if same else [f"{at}: {came!r} instead of {shown!r}"]


def like(shown: str, came: str) -> bool:
    """Whether a text is what is shown, each `…` being any text of one line."""
    pattern = ".*".join(re.escape(part) for part in shown.split(ANYTHING))
    return re.fullmatch(pattern, came) is not None


def lines_missing(shown: str, came: str) -> list[str]:
    """The lines shown that don't come, in that order, among the lines that came."""
    rest = iter(came.splitlines())
    return [
        line
        for line in shown.splitlines()
        if line.strip() and not any(like(line.strip(), other.strip()) for other in rest)
    ]
