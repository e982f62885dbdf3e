"""The log: one line a request, as much as operators need, as little as people would mind."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from kit import request
from partner_center import logs
from tests.api.edge import GOOD, Client


@pytest.fixture
def configured() -> Iterator[None]:
    """Logging as it was, afterwards."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**kept)


async def test_a_request_is_one_line_without_personal_data(client: Client) -> None:
    with capture_logs() as lines:
        await client.post(
            "/graphql?note=secret",
            json={
                "query": 'query Greet($n: String) { hello(name: $n) a: hello(name: "secret") }',
                "variables": {"n": "secret"},
            },
            headers={"authorization": GOOD, "x-request-id": "order-17"},
        )

    [line] = lines
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "viewer": "PERSON",
        "operation": "Greet",
        "kind": "query",
    }


async def test_a_refused_request_is_logged_with_its_status(client: Client) -> None:
    with capture_logs() as lines:
        await client.post("/graphql", content=b"{", headers={"content-type": "application/json"})

    assert [(line["event"], line["status"]) for line in lines] == [("request", 400)]


@pytest.mark.usefixtures("configured")
def test_machines_get_one_json_object_a_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    logs.configure(level="INFO", json=True)
    request.begin("order-17")

    structlog.get_logger().info("request", status=200, name="张伟")
    structlog.get_logger().debug("too fine")
    logging.getLogger("a.b").warning("disk %s", "full")
    try:
        raise RuntimeError("why")
    except RuntimeError:
        logging.getLogger("a.b").exception("it failed")

    first, second, third = map(json.loads, capfdbinary.readouterr().err.splitlines())
    for line in (first, second, third):
        assert line.pop("timestamp").endswith("Z")
        assert line.pop("request_id") == "order-17"
    assert first == {"event": "request", "level": "info", "status": 200, "name": "张伟"}
    assert second == {"event": "disk full", "level": "warning", "logger": "a.b"}
    assert third["event"] == "it failed"
    assert third["exception"].endswith("RuntimeError: why")


@pytest.mark.usefixtures("configured")
def test_people_get_plain_lines(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="WARNING", json=False)

    structlog.get_logger().info("unheard")
    logging.getLogger("a.b").warning("disk %s", "full")

    [line] = capfd.readouterr().err.splitlines()
    assert "disk full" in line
    assert "[a.b]" in line
