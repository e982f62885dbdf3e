"""Registered documents: asked for by their id, built from a client's files, and nothing else."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.identity.viewer import ANONYMOUS, Viewer
from kit.graphql.registry import ManifestInvalid, Registry, id_of, texts_in
from partner_center import document_files
from partner_center.view import View
from tests.api.edge import GRAPHQL_JSON, Client, answer, codes, small_schema, touched

HELLO = "query Hello($name: String) { hello(name: $name) }"
TOUCH = 'mutation Touch { touch(name: "x") }'


async def nobody(authorization: str | None) -> Viewer:
    return ANONYMOUS


def client_of(registry: Registry) -> Client:
    return Client(
        View(small_schema(), authenticate=nobody, max_body_bytes=10_000, registry=registry)
    )


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Of an API that has two documents, and takes others, too."""
    touched.clear()
    async with client_of(Registry([HELLO, TOUCH])) as client:
        yield client


@pytest.fixture
async def trusting() -> AsyncIterator[Client]:
    """Of an API that takes nothing else."""
    touched.clear()
    async with client_of(Registry([HELLO, TOUCH], only=True)) as client:
        yield client


async def post(client: Client, **body: Any) -> httpx.Response:
    return await client.post("/graphql", json=body, headers={"accept": GRAPHQL_JSON})


async def test_a_document_is_asked_for_by_its_id(client: Client) -> None:
    response = await post(client, documentId=id_of(HELLO), variables={"name": "Ann"})

    assert answer(response) == {"data": {"hello": "hello Ann"}}


async def test_a_document_may_be_asked_for_by_get(client: Client) -> None:
    response = await client.get("/graphql", params={"documentId": id_of(HELLO)})
    changing = await client.get("/graphql", params={"documentId": id_of(TOUCH)})

    assert answer(response) == {"data": {"hello": "hello you"}}
    assert changing.status_code == 405
    assert touched == []


def test_the_id_is_the_hash_of_the_text() -> None:
    # As `printf '{ __typename }' | sha256sum` has it.
    assert id_of("{ __typename }") == (
        "sha256:7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b"
    )


async def test_an_unknown_id_is_told_as_such(client: Client) -> None:
    id = id_of("{ another }")
    response = await post(client, documentId=id)

    assert response.status_code == 400
    assert codes(response) == ["DOCUMENT_NOT_FOUND"]
    assert response.json()["errors"][0]["message"] == f"No document is registered as {id}."


@pytest.mark.parametrize("id", ["", "hello", "sha256:abc", "sha256:" + "A" * 64, "md5:" + "a" * 64])
async def test_what_is_no_id_is_a_bad_request(client: Client, id: str) -> None:
    response = await post(client, documentId=id)

    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]


@pytest.mark.parametrize(
    "body", [{"documentId": 7}, {"query": HELLO, "documentId": id_of(HELLO)}, {}]
)
async def test_a_text_or_an_id_is_sent_and_not_both(client: Client, body: dict[str, Any]) -> None:
    response = await post(client, **body)

    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]


async def test_other_texts_are_executed_beside_registered_ones(client: Client) -> None:
    assert answer(await client.ask("{ hello }")) == {"data": {"hello": "hello you"}}


async def test_only_registered_texts_are_executed_where_others_are_not_trusted(
    trusting: Client,
) -> None:
    refused = await trusting.ask('mutation { touch(name: "y") }')
    chinese = await trusting.ask("{ hello }", language="zh")
    by_id = await post(trusting, documentId=id_of(HELLO))
    by_text = await trusting.ask(HELLO)

    assert (refused.status_code, chinese.status_code) == (403, 403)
    assert codes(refused) == codes(chinese) == ["DOCUMENT_NOT_TRUSTED"]
    assert chinese.json()["errors"][0]["message"].startswith("仅执行已登记的文档")
    assert touched == []
    assert answer(by_id) == answer(by_text) == {"data": {"hello": "hello you"}}


def say_nothing(_: str) -> None:
    pass


FILES = {
    "orders.graphql": """
        # The page that opens first.
        query OrderPage($first: Int) { orders(first: $first) { nodes { ...Row } } }
        query Who { viewer { kind } }
    """,
    "parts/row.graphql": "fragment Row on Order { id number customer { ...Name } }",
    "parts/name.graphql": "fragment Name on Customer { name } fragment Alone on Customer { id }",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def test_a_clients_files_become_a_manifest(tmp_path: Path) -> None:
    folder = written(tmp_path, FILES)
    said: list[str] = []

    assert document_files.build(folder, folder / "documents.json", say=said.append)

    texts = texts_in(folder)
    assert [text.split("\n")[0] for text in texts] == [
        "query OrderPage($first: Int) {",
        "query Who {",
    ]
    assert "fragment Row on Order" in texts[0]
    assert "fragment Name on Customer" in texts[0]
    assert "Alone" not in texts[0]
    assert said == [
        f"{id_of(texts[0])}  OrderPage  41 points",
        f"{id_of(texts[1])}  Who  10 points",
    ]


def test_building_twice_gives_the_same_ids(tmp_path: Path) -> None:
    folder = written(tmp_path, FILES)
    document_files.build(folder, tmp_path / "one.json", say=say_nothing)
    document_files.build(folder, tmp_path / "two.json", say=say_nothing)

    assert (tmp_path / "one.json").read_text() == (tmp_path / "two.json").read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("query A { viewer { knid } }", "Cannot query field 'knid' on type 'Viewer'."),
        ("query A { viewer ", "Syntax Error"),
        ("{ viewer { kind } }", "an operation needs a name"),
        ("query A { viewer { ...None } }", "Unknown fragment 'None'."),
        ("query A { viewer { kind } } query A { viewer { id } }", "another operation named A"),
        ("query A { a: viewer { kind } " + "viewer { kind } " * 32 + "}", "more than 30 aliases"),
        ("type A { b: Int }", "neither an operation nor a fragment"),
        ("fragment A on Order { id }", "there is no operation"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_nothing_is_written(
    tmp_path: Path, text: str, said: str
) -> None:
    heard: list[str] = []
    folder = written(tmp_path, {"a.graphql": text})

    assert not document_files.build(folder, folder / "documents.json", say=heard.append)

    assert any(said in line for line in heard), heard
    assert not (folder / "documents.json").exists()


def test_manifests_of_code_generators_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "web.json").write_text(json.dumps({id_of(HELLO).removeprefix("sha256:"): HELLO}))
    (tmp_path / "app.json").write_text(json.dumps({id_of(TOUCH): TOUCH}))

    assert sorted(texts_in(tmp_path)) == sorted([HELLO, TOUCH])


@pytest.mark.parametrize("text", ["{", "[]", '{"sha256:1": "{ a }"}', '{"a": 7}'])
def test_a_manifest_that_lies_is_not_loaded(tmp_path: Path, text: str) -> None:
    (tmp_path / "documents.json").write_text(text)

    with pytest.raises(ManifestInvalid):
        texts_in(tmp_path)


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match="is no folder"):
        texts_in(tmp_path / "nowhere")
