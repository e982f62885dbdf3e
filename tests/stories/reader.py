"""Somebody who does word for word what a page says, and looks whether it is true.

What the reader understands, beside the blocks:
- "Sign in as `somebody@example`" and "Sign out": who asks from there on;
- "a second or two later": look again until it is so;
- "`/outbox`" before a ```text block: the mail must be there;
- in GraphQL, `"inv_…"` is the last such id that was seen, `after: "…"` the last end of a page,
  `token: "…"` what stood behind the `#` of the last link;
- in a shell, `NAME=…  # data.path` keeps a value of the last answer, `curl` is what it is.
"""

import html
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx

from tests.stories.likeness import differences, lines_missing
from tests.stories.script import Step

PASSWORD = "demo-partner-center"
PRINTED = "http://127.0.0.1:8000"
PATIENCE = 60.0  # for a machine that is very busy, not a figure to meet

_SIGN_IN = re.compile(r"[Ss]ign in(?: again)? as\s+`([^`\s]+@[^`\s]+)`")
_SIGN_OUT = re.compile(r"\b[Ss]ign out\b")
_LATER = re.compile(r"a second\s+or\s+two\s+later", re.IGNORECASE)
_ID = re.compile(r'"([a-z]{3})_…"')
_KEPT = re.compile(r"^([A-Z_]+)=\S*…\S*\s+# (\S+)$")


class Reader:
    """Remembers what was seen, as whoever pastes remembers it."""

    def __init__(self, address: str, *, tokens: dict[str, str]) -> None:
        """`tokens` are those of people who are signed in already, by mail address."""
        self._address = address
        self._client = httpx.Client(base_url=address, timeout=30)
        self._tokens = tokens
        self._token: str | None = None
        self._seen: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self._last: Any = None
        self.done: list[str] = []

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def take(self, step: Step) -> None:
        """Do what the step says; fail where the page isn't true."""
        self._heed(step.said)
        waits = bool(_LATER.search(step.said)) or not step.ask
        end = time.monotonic() + PATIENCE
        while (wrong := self._look(step)) and waits and time.monotonic() < end:
            time.sleep(0.2)
        assert not wrong, f"{step}\n" + "\n".join(wrong)
        self.done.append(str(step))

    def _look(self, step: Step) -> list[str]:
        """What isn't as the page says."""
        if not step.ask:
            return self._find(step)
        if step.language == "graphql":
            return self._compare(step, self._ask(step.ask))
        return self._shell(step) if step.language == "sh" else self._run(step)

    def answer(self, text: str, variables: dict[str, Any], operation: str, *, by: str) -> Any:
        """What the API says to one operation of a document; of a subscription, the first event."""
        self._heed(f"Sign in as `{by}`")
        body = {"query": text, "variables": variables, "operationName": operation}
        headers = {"authorization": f"Bearer {self._token}"}
        if f"subscription {operation}" not in text:
            return self._client.post("/graphql", json=body, headers=headers).json()
        headers["accept"] = "text/event-stream"
        with self._client.stream("POST", "/graphql", json=body, headers=headers) as events:
            return next(
                json.loads(line.removeprefix("data: "))
                for line in events.iter_lines()
                if line.startswith("data: {")
            )

    def _heed(self, said: str) -> None:
        for email in _SIGN_IN.findall(said):
            if email not in self._tokens:
                self._tokens[email] = self._sign_in(email)
            self._token = self._tokens[email]
        if _SIGN_OUT.search(said):
            self._token = None

    def _sign_in(self, email: str) -> str:
        answer = self._post(
            "mutation ($input: SignInInput!) { signIn(input: $input)"
            " { session { accessToken } errors { code message } } }",
            input={"email": email, "password": PASSWORD},
        )
        session = answer["data"]["signIn"]["session"]
        assert session, answer
        return str(session["accessToken"])

    def _ask(self, text: str) -> Any:
        def known(match: re.Match[str]) -> str:
            assert match[1] in self._seen, f"no id {match[1]}_… was shown before"
            return f'"{self._seen[match[1]]}"'

        text = _ID.sub(known, text)
        for argument, value in (("after", "endCursor"), ("token", "link")):
            if f'{argument}: "…"' in text:
                text = text.replace(f'{argument}: "…"', f'{argument}: "{self._seen[value]}"')
        assert "…" not in text, text
        self._last = self._post(text, by=self._token)
        self._remember(self._last)
        return self._last

    def _post(self, text: str, *, by: str | None = None, **variables: Any) -> Any:
        headers = {"accept-language": "en"} | ({"authorization": f"Bearer {by}"} if by else {})
        body = {"query": text, "variables": variables}
        return self._client.post("/graphql", json=body, headers=headers).json()

    def _remember(self, answer: Any) -> None:
        for name, value in _leaves(answer):
            if re.fullmatch(r"[a-z]{3}_[0-9a-f]{32}", value):
                self._seen[value[:3]] = value
            elif name == "endCursor":
                self._seen[name] = value
            elif name == "link":
                self._seen[name] = value.partition("#")[2]

    def _compare(self, step: Step, came: Any) -> list[str]:
        if not step.answer:
            return [] if "errors" not in came else [str(came["errors"])]
        shown = json.loads(step.answer.replace(PRINTED, self._address))
        return differences(shown, came)

    def _find(self, step: Step) -> list[str]:
        page = self._client.get("/outbox").text
        text = html.unescape(re.sub(r"<[^>]+>", "\n", page))
        return lines_missing(step.answer.replace(PRINTED, self._address), text)

    def _shell(self, step: Step) -> list[str]:
        answer: Any = None
        for command in _commands(step.ask):
            if kept := _KEPT.match(command):
                self._kept[kept[1]] = _at(self._last, kept[2])
            else:
                answer = self._curl(command, step)
        if step.answer_language == "text":
            return lines_missing(step.answer, answer)
        if answer is not None:
            self._last = json.loads(answer)
            self._remember(self._last)
            return self._compare(step, self._last)
        return []

    def _curl(self, command: str, step: Step) -> str:
        words = shlex.split(re.sub(r"\$([A-Z_]+)", lambda name: self._kept[name[1]], command))
        assert words[0] == "curl", command
        request, method, headers = None, "GET", {}
        url = next(word for word in words if word.startswith(PRINTED))
        for option, value in pairwise(words):
            if option == "-H":
                name, _, content = value.partition(":")
                headers[name.strip()] = content.strip()
            elif option == "-d":
                request, method = value, "POST"
        with httpx.stream(
            method, url.replace(PRINTED, self._address), content=request, headers=headers
        ) as response:
            if "text/event-stream" not in response.headers["content-type"]:
                return response.read().decode()
            return _until_all_have_come(response.iter_lines(), step.answer)

    def _run(self, step: Step) -> list[str]:
        program = step.ask.replace(PRINTED, self._address)
        program = program.replace(
            PRINTED.replace("http", "ws"), self._address.replace("http", "ws")
        )
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | self._kept,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert ran.returncode == 0, ran.stderr
        return lines_missing(step.answer, ran.stdout)


def _until_all_have_come(lines: Iterator[str], shown: str) -> str:
    came = ""
    for line in lines:
        came += line + "\n"
        if not lines_missing(shown, came):
            break
    return came


def _commands(text: str) -> list[str]:
    """One a line; a line that ends in a backslash, or within quotes, goes on."""
    commands, open_line = [], ""
    for line in text.splitlines():
        open_line += line.removesuffix("\\") + " "
        if not line.endswith("\\") and open_line.count("'") % 2 == 0:
            commands.append(open_line.strip())
            open_line = ""
    return [command for command in commands if command]


def _at(answer: Any, path: str) -> str:
    for name in path.split("."):
        answer = answer[int(name)] if name.isdigit() else answer[name]
    assert isinstance(answer, str)
    return answer


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for each, inner in value.items():
            yield from _leaves(inner, each)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    elif isinstance(value, str):
        yield name, value
