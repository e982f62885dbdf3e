"""Subscriptions and large bodies, through a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from strawberry.http.exceptions import WebSocketDisconnected
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from kit.graphql.registry import id_of
from partner_center.sockets import Operations
from tests.api.edge import GOOD, TRUSTED

PROTOCOL = Subprotocol("graphql-transport-ws")
EVENTS = {"accept": "text/event-stream"}

SSE_COUNT = "".join(
    f'event: next\r\ndata: {{"data":{{"count":{number}}}}}\r\n\r\n' for number in (1, 2, 3)
)


class Socket:
    """One WebSocket that speaks the protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self) -> Any:
        text = await asyncio.wait_for(self.connection.recv(), 10)
        assert isinstance(text, str), "the protocol wants text frames"
        return json.loads(text)

    async def subscribe(self, query: str, id: str = "1", **payload: Any) -> None:
        await self.say(id=id, type="subscribe", payload={"query": query, **payload})

    async def end(self) -> tuple[int, str]:
        """With which code and reason the server closes it."""
        await asyncio.wait_for(self.connection.wait_closed(), 10)
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


@pytest.fixture
async def socket(address: str) -> AsyncIterator[Socket]:
    """Connected and let in."""
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init")
        assert await socket.hear() == {"type": "connection_ack"}
        yield socket


async def post(address: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"http://{address}/graphql", json=body, headers=headers)


async def count(address: str, name: str) -> int:
    """How often the server has noted that."""
    response = await post(address, {"query": "{ touched }"})
    return int(response.json()["data"]["touched"].count(name))


async def until(address: str, name: str, times: int) -> None:
    """Wait for it."""
    async with asyncio.timeout(10):
        while await count(address, name) < times:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_subscription_over_sse(address: str) -> None:
    response = await post(address, {"query": "subscription { count(to: 3) }"}, **EVENTS)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream"
    assert response.headers["cache-control"] == "no-cache, no-transform"
    assert response.text == f": ping\r\n\r\n{SSE_COUNT}event: complete\r\ndata: \r\n\r\n"


async def test_a_query_over_sse_has_one_result(address: str) -> None:
    response = await post(address, {"query": "{ hello }"}, **EVENTS)

    assert response.text == (
        ': ping\r\n\r\nevent: next\r\ndata: {"data":{"hello":"hello you"},'
        '"extensions":{"cost":{"requested":0,"limit":5000}}}\r\n\r\n'
        "event: complete\r\ndata: \r\n\r\n"
    )


async def test_finished_json_over_sse_is_one_line(address: str) -> None:
    response = await post(address, {"query": "subscription { pieces { name } }"}, **EVENTS)

    assert 'data: {"data":{"pieces":{"name":"a", "n":1}}}\r\n' in response.text


async def test_a_subscription_by_get(address: str) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.get(
            f"http://{address}/graphql",
            params={"query": "subscription { count(to: 3) }"},
            headers=EVENTS,
        )

    assert SSE_COUNT in response.text


async def test_a_subscription_without_a_stream_is_406(address: str) -> None:
    response = await post(address, {"query": "subscription { count(to: 3) }"})

    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"] == {"code": "NOT_ACCEPTABLE"}


async def test_a_subscription_that_is_not_valid_is_no_stream(address: str) -> None:
    response = await post(address, {"query": "subscription { nothing }"}, **EVENTS)

    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


async def test_a_failure_in_a_stream_is_masked(address: str) -> None:
    response = await post(address, {"query": "subscription { failing }"}, **EVENTS)

    id = response.headers["x-request-id"]
    assert "vault" not in response.text
    assert f'"extensions":{{"code":"INTERNAL","requestId":"{id}"}}' in response.text


async def test_who_hangs_up_on_a_stream_ends_its_subscription(address: str) -> None:
    begun = await count(address, "begun")
    async with (
        httpx.AsyncClient() as client,
        client.stream(
            "POST",
            f"http://{address}/graphql",
            json={"query": "subscription { endless }"},
            headers=EVENTS,
        ) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data"):
                break
        await until(address, "begun", begun + 1)

    await until(address, "ended", await count(address, "begun"))


async def test_a_subscription_over_a_socket(socket: Socket) -> None:
    await socket.subscribe("subscription S($to: Int!) { count(to: $to) }", variables={"to": 2})

    assert [await socket.hear() for _ in range(3)] == [
        {"id": "1", "type": "next", "payload": {"data": {"count": 1}}},
        {"id": "1", "type": "next", "payload": {"data": {"count": 2}}},
        {"id": "1", "type": "complete"},
    ]


async def test_finished_json_over_a_socket(socket: Socket) -> None:
    await socket.subscribe("subscription { pieces { name } }")

    assert (await socket.hear())["payload"] == {"data": {"pieces": {"name": "a", "n": 1}}}


async def test_a_query_over_a_socket(socket: Socket) -> None:
    await socket.subscribe("query A { hello } query B { b: hello }", operationName="B")

    assert (await socket.hear())["payload"] == {
        "data": {"b": "hello you"},
        "extensions": {"cost": {"requested": 0, "limit": 5000}},
    }


async def test_each_operation_on_a_socket_is_a_request_of_its_own(socket: Socket) -> None:
    await socket.subscribe("{ me }")
    first = (await socket.hear())["payload"]["data"]["me"]
    assert (await socket.hear())["type"] == "complete"
    await socket.subscribe("{ me }")
    second = (await socket.hear())["payload"]["data"]["me"]

    assert first.split()[:2] == second.split()[:2] == ["ANONYMOUS", "en"]
    assert first.split()[2] != second.split()[2]


async def test_a_socket_is_introduced_with_credential_and_language(address: str) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.say(
            type="connection_init", payload={"Authorization": GOOD, "Accept-Language": "zh-CN"}
        )
        assert (await socket.hear())["type"] == "connection_ack"
        await socket.subscribe("{ me }")

        assert (await socket.hear())["payload"]["data"]["me"].split()[:2] == ["PERSON", "zh"]


async def test_a_socket_with_a_bad_credential_is_closed(address: str) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init", payload={"authorization": "Bearer stolen"})

        assert await socket.end() == (4403, "Forbidden")


@pytest.mark.parametrize(
    ("credential", "code", "reason"),
    [("Bearer away", 1013, "Try again later"), ("Bearer bug", 1011, "Internal error")],
)
async def test_a_socket_whose_client_cannot_be_recognised_now_is_closed(
    address: str, credential: str, code: int, reason: str
) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init", payload={"authorization": credential})

        assert await socket.end() == (code, reason)


async def test_a_change_over_a_socket_is_done_to_its_end_though_its_client_has_left(
    address: str,
) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init")
        assert (await socket.hear())["type"] == "connection_ack"
        await socket.subscribe("mutation { hold }", id="1")
        await socket.subscribe("mutation { hold }", id="2")
        await until(address, "holding", 2)
        await socket.say(id="1", type="complete")  # one is wanted no longer, one is left alone

    await post(address, {"query": "mutation { letGo }"})

    await until(address, "held", 2)


async def test_an_operation_on_a_socket_belongs_to_the_trace_that_its_client_named(
    address: str,
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init", payload={"traceparent": trace})
        assert (await socket.hear())["type"] == "connection_ack"
        await socket.subscribe("{ trace }")

        assert (await socket.hear())["payload"]["data"] == {"trace": trace}


async def test_what_is_wrong_over_a_socket_has_a_code(socket: Socket) -> None:
    for query, code in (
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($n: Int!) { count(to: $n) }", "BAD_USER_INPUT"),
        ("query A { hello } query B { hello }", "OPERATION_UNKNOWN"),
        ("{ " + "hello " * 32 + "}", "TOO_MANY_ALIASES"),
    ):
        await socket.subscribe(query)
        message = await socket.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", code)


async def test_a_failure_over_a_socket_is_masked(socket: Socket) -> None:
    await socket.subscribe("subscription { failing }")

    assert (await socket.hear())["payload"] == {"data": {"failing": 1}}
    failed = (await socket.hear())["payload"]
    assert failed["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "vault" not in json.dumps(failed)


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        "7",
        '{"type":7}',
        '{"type":"unheard"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":1,"payload":{"query":"{ hello }"}}',
        '{"type":"subscribe","id":"1","payload":[]}',
        '{"type":"subscribe","id":"1","payload":{"query":7}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ hello }","variables":[]}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ hello }","operationName":7}}',
        '{"type":"complete","id":{}}',
        "[" * 5000,
        '{"type":"ping","payload":"\\u0000"}',
    ],
)
async def test_what_is_no_message_closes_the_socket(socket: Socket, message: str) -> None:
    await socket.connection.send(message)

    code, _ = await socket.end()
    assert code == 4400


async def test_nothing_is_done_before_the_introduction(address: str) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.subscribe("{ hello }")

        assert await socket.end() == (4401, "Unauthorized")


async def test_ten_subscriptions_on_a_socket_and_no_more(socket: Socket, address: str) -> None:
    begun = await count(address, "begun")
    for number in range(10):
        await socket.subscribe("subscription { endless }", id=str(number))
    for _ in range(10):
        assert (await socket.hear())["type"] == "next"
    await socket.subscribe("subscription { endless }", id="10")

    refused = await socket.hear()
    assert (refused["id"], refused["type"]) == ("10", "error")
    assert refused["payload"] == [
        {
            "message": "A WebSocket carries at most 10 operations at once.",
            "extensions": {"code": "TOO_MANY_OPERATIONS"},
        }
    ]
    assert await count(address, "begun") == begun + 10
    await socket.say(id="3", type="complete")
    await socket.subscribe("{ hello }", id="10")
    assert (await socket.hear())["payload"]["data"] == {"hello": "hello you"}


async def test_a_closed_socket_ends_its_subscriptions(address: str) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init")
        assert (await socket.hear())["type"] == "connection_ack"
        await socket.subscribe("subscription { endless }")
        assert (await socket.hear())["type"] == "next"

    await until(address, "ended", await count(address, "begun"))


@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        ("https://console.example", True),
        ("http://{address}", True),
        ("https://evil.example", False),
        ("null", False),
    ],
)
async def test_pages_of_other_origins_get_no_socket(
    address: str, origin: str, is_let_in: bool
) -> None:
    origin = origin.format(address=address)
    opening = connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL], origin=origin)  # type: ignore[arg-type]
    if is_let_in:
        async with opening:
            return
    with pytest.raises(InvalidStatus) as refused:
        await opening

    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("error", "logged"), [(WebSocketDisconnected(), 0), (RuntimeError("a bug"), 1)]
)
async def test_who_leaves_in_the_middle_of_an_answer_is_no_error(
    caplog: pytest.LogCaptureFixture, error: Exception, logged: int
) -> None:
    await object.__new__(Operations).handle_task_exception(error)

    assert [record.name for record in caplog.records] == ["strawberry.ws.task"] * logged


@pytest.mark.parametrize("has_length", [True, False])
async def test_who_sends_300_kilobytes_is_told_that_they_are_too_many(
    address: str, has_length: bool
) -> None:
    body = b'{"query":"' + b"#" * 300_000 + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    async with httpx.AsyncClient() as client:
        response = await client.post(
            f"http://{address}/graphql",
            content=body if has_length else pieces(),
            headers={"content-type": "application/json"},
        )

    assert response.status_code == 413
    assert response.json()["errors"] == [
        {
            "message": "The request body is longer than 262144 bytes.",
            "extensions": {"code": "BODY_TOO_LARGE"},
        }
    ]


async def test_a_body_without_end_is_cut_off(address: str) -> None:
    host, port = address.split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"transfer-encoding: chunked\r\n\r\n"
    )
    sent = 0
    try:
        while sent < 50_000_000:
            writer.write(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
            sent += 0x8000
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()

    assert sent < 20_000_000


async def test_a_registered_document_may_be_subscribed_to_by_its_id(socket: Socket) -> None:
    await socket.say(id="1", type="subscribe", payload={"documentId": id_of("{ unknown }")})

    refused = await socket.hear()

    assert (refused["id"], refused["type"]) == ("1", "error")
    assert refused["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_FOUND"

    text = "subscription Three { count(to: 1) }"
    await socket.say(id="2", type="subscribe", payload={"documentId": id_of(text)})
    assert (await socket.hear())["payload"] == {"data": {"count": 1}}
    assert (await socket.hear())["type"] == "complete"


async def test_a_trusted_key_streams_registered_documents_alone(address: str) -> None:
    text = "subscription Three { count(to: 1) }"
    sse = {"accept": "text/event-stream", "authorization": TRUSTED}
    refused = await post(address, {"query": "subscription { count(to: 1) }"}, **sse)
    assert refused.status_code == 403
    assert '{"data":{"count":1}}' in (await post(address, {"documentId": id_of(text)}, **sse)).text

    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as connection:
        socket = Socket(connection)
        await socket.say(type="connection_init", payload={"authorization": TRUSTED})
        assert (await socket.hear())["type"] == "connection_ack"

        await socket.subscribe("{ hello }")
        error = await socket.hear()
        assert error["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
        await socket.say(id="2", type="subscribe", payload={"documentId": id_of(text)})
        assert (await socket.hear())["payload"] == {"data": {"count": 1}}


async def test_what_costs_too_much_is_refused_over_a_websocket_too(socket: Socket) -> None:
    await socket.subscribe("{ dear }")

    refused = await socket.hear()
    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == "TOO_EXPENSIVE"
