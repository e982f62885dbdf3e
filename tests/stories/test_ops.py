"""`partner-center ops`, as an operator at night types it, against the product as it runs."""

import json
import os
import re
import shlex
import subprocess
import sys
from typing import Any, get_args

import pytest

from domain.operating.backlogs import Queue
from partner_center import ops
from partner_center.ops_tables import plain, table
from tests.stories.conftest import ROOT
from tests.stories.reader import PASSWORD

OPERATING = ROOT / "docs" / "operating.md"
BACKUP = ROOT / "docs" / "backup.md"
COMMAND = "python -m partner_center ops "
HELD = "programme_application.expire"


class Night:
    """Somebody who operates the platform, and a terminal."""

    def __init__(self, address: str, email: str = "operator@platform.example") -> None:
        self._environment = os.environ | {
            "PARTNER_CENTER_URL": address,
            "PARTNER_CENTER_EMAIL": email,
            "PARTNER_CENTER_PASSWORD": PASSWORD,
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What became of a command."""
        return subprocess.run(
            [sys.executable, "-m", "partner_center", "ops", *words],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
        )

    def types(self, *words: str) -> str:
        """What a command that succeeds has said."""
        ran = self.run(*words)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def asks(self, *words: str) -> Any:
        """What it has said as JSON."""
        return json.loads(self.types(*words, "--json"))


@pytest.fixture
def night(address: str) -> Night:
    return Night(address)


def test_a_kind_is_held_and_let_go_from_the_command_line(night: Night) -> None:
    held = night.asks("pause", "--kind", HELD, "--reason", "applications are reviewed by hand")
    assert (held["kind"], held["endedAt"]) == (HELD, None)

    [shown] = night.asks("pauses")
    assert (shown["id"], shown["reason"]) == (held["id"], "applications are reviewed by hand")
    [kind] = [each for each in night.asks("kinds") if each["kind"] == HELD]
    assert kind["pausedSince"] is not None
    again = night.run("pause", "--kind", HELD, "--reason", "again")
    assert (again.returncode, again.stdout) == (1, "")
    assert "ALREADY_PAUSED: It is paused already." in again.stderr

    ended = night.asks("resume", "--kind", HELD, "--reason", "done")
    assert (ended["id"], ended["endReason"]) == (held["id"], "done")
    assert night.types("pauses") == "nothing\n"
    late = night.run("resume", "--kind", HELD, "--reason", "done")
    assert "No such pause holds." in late.stderr


def test_what_waits_is_listed_in_plain_columns_and_as_json(night: Night) -> None:
    queues = night.types("queues").splitlines()
    assert re.split("  +", queues[0]) == ["QUEUE", "DUE", "IN HAND", "DEAD", "OLDEST DUE AT"]
    assert [line.split()[0] for line in queues[1:]] == [
        *("TIMERS", "TICKS", "MAILS", "TEXTS", "DELIVERIES", "EXPORTS", "UPSTREAM"),
    ]

    timers = night.asks("timers", "--kind", "order.expire", "--most", "3")
    assert {timer["kind"] for timer in timers} <= {"order.expire"}
    assert len(night.asks("timers", "--most", "120")) == 120  # more than a page
    head, *lines = night.types("timers", "--most", "4").splitlines()
    assert head.startswith("ID ")
    assert len(lines) == 4
    assert {each["status"] for each in night.asks("timers", "--no-due")} == {"SCHEDULED"}
    assert re.search(r" ptn_[0-9a-f]{32} \S", lines[0]), "what commands take, and what people say"

    for command in ("ticks", "mails", "texts", "deliveries", "exports"):
        assert isinstance(night.asks(command, "--most", "2"), list)
        head, *lines = night.types(command, "--most", "2").splitlines()
        assert head.startswith("ID ") or not lines, "what is tried again is named by it"
    assert isinstance(night.asks("lateness"), list)
    assert set(night.asks("late-report")) == {
        *("lateCount", "waitingCount", "firstDueAt", "caughtUpAt", "kinds"),
    }
    assert " came late, " in night.types("late-report", "--over", "PT10M")


def test_a_dry_run_says_what_would_be_done(night: Night) -> None:
    said = night.types("requeue", "timers", "--kind", HELD, "--reason", "try again", "--dry-run")

    assert said == (
        "0 were given up; 0 would be set going again, 0 are decided and would be closed without"
        " effect, 0 left for the next call\n"
    )


def test_a_queue_that_there_is_not_is_refused_with_those_that_there_are(night: Night) -> None:
    refused = night.run("requeue", "letters", "--kind", HELD, "--reason", "x")

    assert refused.returncode == 2
    for queue in Queue:
        assert f'"{queue.value.lower()}"' in refused.stdout + refused.stderr
    assert set(get_args(ops.ops_steering.Queue)) == {each.value.lower() for each in Queue}


def test_columns_stand_below_each_other_whatever_the_script() -> None:
    rows = [{"partner": "青云科技", "kind": "a"}, {"partner": "Acme", "kind": "b"}]

    assert table(plain("partner", "kind"), rows).splitlines() == [
        "PARTNER   KIND",
        "青云科技  a",
        "Acme      b",
    ]


def test_whoever_may_not_is_told_so(address: str) -> None:
    refused = Night(address, "admin@qingyun.example").run("queues")

    assert refused.returncode == 1
    assert refused.stderr.startswith("FORBIDDEN: ")


def test_without_an_answer_there_is_a_word_and_no_traceback() -> None:
    away = Night("http://127.0.0.1:9").run("queues")

    assert away.returncode == 1
    assert "http://127.0.0.1:9" in away.stderr
    assert "Traceback" not in away.stderr


def test_every_command_on_the_pages_can_be_typed() -> None:
    pages = OPERATING.read_text() + BACKUP.read_text()
    commands = re.findall(rf"^{COMMAND}(.+?)(?:  +#.*)?$", pages, re.M)

    assert len(commands) >= 17
    for command in commands:
        words = [word.replace("…", "0") for word in shlex.split(command)]
        function, bound, _ = ops.app.parse_args(
            words, exit_on_error=False, print_error=False, verbose=True
        )
        assert function is not None
        assert bound.arguments is not None
