"""GraphQL over HTTP: which status, which form, for what was sent."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.edge import GRAPHQL_JSON, Client, answer, codes, touched

JSON = "application/json"


async def post(client: Client, content: bytes | str, **headers: str) -> httpx.Response:
    sent = {"content-type": JSON, "accept": GRAPHQL_JSON} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await client.post("/graphql", content=content, headers=sent)


async def test_a_query_is_answered_in_the_form_that_was_asked_for(client: Client) -> None:
    modern = await client.ask("{ hello }")
    older = await client.ask("{ hello }", accept=JSON)

    assert modern.status_code == older.status_code == 200
    assert modern.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"
    assert older.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert answer(modern) == answer(older) == {"data": {"hello": "hello you"}}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{GRAPHQL_JSON}, {JSON}", GRAPHQL_JSON),
        (f"{JSON}, {GRAPHQL_JSON}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL_JSON}", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON};q=0, {JSON}", JSON),
        ("text/html, */*;q=0.1", JSON),
    ],
)
async def test_the_form_follows_from_the_accept_header(
    client: Client, accept: str, form: str
) -> None:
    response = await client.ask("{ hello }", accept=accept)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{form}; charset=utf-8"


@pytest.mark.parametrize("accept", ["image/png, application/xml;q=x", "application/json;q=0"])
async def test_a_form_that_we_do_not_speak_is_406(client: Client, accept: str) -> None:
    response = await client.ask("{ hello }", accept=accept)

    assert response.status_code == 406
    assert codes(response) == ["NOT_ACCEPTABLE"]


async def test_finished_json_is_passed_on_as_it_is(client: Client) -> None:
    response = await client.ask("{ finished { name } }")

    assert answer(response) == {
        "data": {"finished": {"name": "from\nthe database", "more": [1, 2]}}
    }


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL_JSON, 400), (JSON, 200), ("*/*", 200)])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($n: String!) { hello(name: $n) }"}, "BAD_USER_INPUT"),
        (
            {"query": "query ($n: String) { hello(name: $n) }", "variables": {"n": 7}},
            "BAD_USER_INPUT",
        ),
        ({"query": "query A { hello } query B { me }"}, "OPERATION_UNKNOWN"),
        ({"query": "query A { hello }", "operationName": "C"}, "OPERATION_UNKNOWN"),
        ({"query": "fragment F on Query { hello }"}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_be_executed_is_an_error_without_data(
    client: Client, accept: str, status: int, body: dict[str, Any], code: str
) -> None:
    response = await post(client, json.dumps(body), accept=accept)

    assert response.status_code == status
    assert codes(response) == [code]
    assert "data" not in response.json()


async def test_several_operations_are_told_apart_by_name(client: Client) -> None:
    body = {"query": "query A { hello } query B { b: hello }", "operationName": "B"}
    response = await post(client, json.dumps(body))

    assert answer(response) == {"data": {"b": "hello you"}}


async def test_a_field_that_fails_leaves_the_rest_of_the_data(client: Client) -> None:
    response = await client.ask("{ hello missing }")

    assert response.status_code == 200
    assert answer(response) == {
        "errors": [
            {
                "message": "There is no such partner.",
                "locations": [{"line": 1, "column": 9}],
                "path": ["missing"],
                "extensions": {"code": "NOT_FOUND"},
            }
        ],
        "data": {"hello": "hello you", "missing": None},
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'"abc"',
        b"null",
        b"17",
        b"[]",
        b'[{"query":"{ hello }"}]',
        b"\xff\xfe",
        b'{"query":"\xff"}',
        b'{"query":"{ hello }","variables":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"qeury":"{ hello }"}',
        b'{"query":null}',
        b'{"query":7}',
        b'{"query":["{ hello }"]}',
        b'{"query":"{ hello }","variables":"{}"}',
        b'{"query":"{ hello }","variables":[]}',
        b'{"query":"{ hello }","variables":0}',
        b'{"query":"{ hello }","operationName":7}',
        b'{"query":"{ hello }","operationName":{}}',
        b'{"query":"{ hello }","extensions":"x"}',
        b'{"query":"{ hello }","extensions":[]}',
        b'{"query":"query ($n: String) { hello(name: $n) }","variables":{"n":"a\\u0000b"}}',
        b'{"query":"{ hello(name: \\"a\\\\u0000b\\") }"}',
        b'{"query":"{ hello(name: \\"a\\\\u{00}b\\") }"}',
    ],
)
@pytest.mark.parametrize("accept", [GRAPHQL_JSON, JSON])
async def test_what_is_no_request_is_400(client: Client, body: bytes, accept: str) -> None:
    response = await post(client, body, accept=accept)

    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"


async def test_what_is_wrong_with_a_request_is_said_in_the_clients_language(
    client: Client,
) -> None:
    english = await post(client, b"[]", accept_language="en")
    chinese = await post(client, b"[]", accept_language="zh-CN,zh;q=0.9")

    assert english.json()["errors"][0]["message"] == (
        "The request body must be a JSON object; batches are not supported."
    )
    assert chinese.json()["errors"][0]["message"] == "请求体必须是 JSON 对象,不支持批量请求。"


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonp",
    ],
)
async def test_only_json_is_read(client: Client, kind: str | None) -> None:
    headers = {"accept": GRAPHQL_JSON} | ({"content-type": kind} if kind else {})
    response = await client.post(
        "/graphql", content=b'{"query":"mutation { touch(name: \\"a\\") }"}', headers=headers
    )

    assert response.status_code == 415
    assert codes(response) == ["UNSUPPORTED_MEDIA_TYPE"]
    assert touched == []


async def test_json_is_read_as_it_is(client: Client) -> None:
    for kind in ("application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"; v=1'):
        response = await client.post(
            "/graphql", content=b'{"query":"{ hello }"}', headers={"content-type": kind}
        )
        assert response.status_code == 200

    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    packed = gzip.compress(b'{"query":"{ hello }"}')
    response = await client.post("/graphql", content=packed, headers=headers)
    assert response.status_code == 415
    assert "not compressed" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405(client: Client, method: str) -> None:
    response = await client.request(method, "/graphql", headers={"accept": GRAPHQL_JSON})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert codes(response) == ["METHOD_NOT_ALLOWED"]


async def test_a_query_may_be_sent_by_get(client: Client) -> None:
    response = await client.get(
        "/graphql",
        params={
            "query": "query Q($n: String) { hello(name: $n) }",
            "variables": '{"n":"Zhang 伟"}',
            "operationName": "Q",
        },
    )

    assert answer(response) == {"data": {"hello": "hello Zhang 伟"}}


async def test_a_mutation_may_not_be_sent_by_get(client: Client) -> None:
    response = await client.get("/graphql", params={"query": 'mutation { touch(name: "a") }'})

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert codes(response) == ["METHOD_NOT_ALLOWED"]
    assert touched == []


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "variables={}",
        "query={hello}&variables=7",
        "query={hello}&variables={",
        "query={hello}&extensions=[]",
        "query=%ff",
        "query={hello(name:%22%5Cu0000%22)}",
        "query={hello}&operationName=%00",
        "&".join(["query={hello}"] * 60),
    ],
)
async def test_a_get_that_is_no_request_is_400(client: Client, query_string: str) -> None:
    response = await client.get(f"/graphql?{query_string}", headers={"accept": GRAPHQL_JSON})

    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]


async def test_a_person_with_a_browser_is_shown_the_editor(client: Client) -> None:
    html = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    looking = await client.get("/graphql", headers=html)
    asking = await client.get("/graphql?query={hello}", headers=html)
    by_id = await client.get("/graphql?documentId=sha256:0", headers=html)

    assert codes(by_id) == ["BAD_REQUEST"]
    assert (looking.status_code, looking.headers["location"]) == (307, "/graphiql")
    assert answer(asking) == {"data": {"hello": "hello you"}}


async def test_a_body_that_is_one_byte_too_long_is_413(client: Client) -> None:
    response = await post(client, b" " * 262_145)

    assert response.status_code == 413
    assert codes(response) == ["BODY_TOO_LARGE"]
    assert response.headers["connection"] == "close"


async def test_a_body_that_says_it_is_far_too_long_is_not_read(client: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    response = await client.post(
        "/graphql",
        content=pieces(),
        headers={"content-type": JSON, "accept": JSON, "content-length": "1310721"},
    )

    assert response.status_code == 413
    assert codes(response) == ["BODY_TOO_LARGE"]


async def test_the_longest_body_is_read(client: Client) -> None:
    body = b'{"query":"{ hello }"}'

    assert (await post(client, body.ljust(262_144))).status_code == 200


async def test_every_answer_has_the_requests_id(client: Client) -> None:
    named = await client.post(
        "/graphql", json={"query": "{ me }"}, headers={"x-request-id": "order-17/4"}
    )
    unnamed = await client.ask("{ me }")
    insane = await client.post(
        "/graphql", json={"query": "{ me }"}, headers={"x-request-id": "x" * 65}
    )
    refused = await post(client, b"{", x_request_id="order-17/5")

    assert named.headers["x-request-id"] == "order-17/4"
    assert named.json()["data"]["me"] == "ANONYMOUS en order-17/4"
    assert len(unnamed.headers["x-request-id"]) == 32
    assert unnamed.json()["data"]["me"].endswith(unnamed.headers["x-request-id"])
    assert len(insane.headers["x-request-id"]) == 32
    assert refused.headers["x-request-id"] == "order-17/5"


async def test_answers_are_kept_by_nobody(client: Client) -> None:
    response = await client.ask("{ hello }")

    assert response.headers["cache-control"] == "no-store"
    assert response.headers["vary"] == "accept, accept-language, authorization"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_body_that_does_not_come_to_an_end_is_not_waited_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.graphql.http.BODY_WITHIN", 0.02)

    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"query":'
        await asyncio.Event().wait()

    response = await client.post(
        "/graphql", content=pieces(), headers={"content-type": JSON, "accept": GRAPHQL_JSON}
    )

    assert response.status_code == 408
    assert codes(response) == ["BODY_TOO_SLOW"]
    assert response.headers["connection"] == "close"


async def test_a_body_may_come_in_pieces(client: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"query":', b'"{ hello }', b'"}'):
            yield piece

    response = await client.post("/graphql", content=pieces(), headers={"content-type": JSON})

    assert answer(response) == {"data": {"hello": "hello you"}}
