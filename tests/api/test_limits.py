"""What is refused before any work is done for it."""

import pytest
from graphql import parse

from kit.graphql.documents import LONGEST_KEPT, MOST_DOCUMENTS, Documents
from kit.graphql.limits import Limits, TooDeep, TooManyAliases, TooManyMutations
from tests.api.edge import Client, codes, small_schema, touched

LIMITS = Limits()


async def refusal(client: Client, query: str) -> list[str]:
    response = await client.ask(query)
    assert response.status_code == 400
    assert "data" not in response.json()
    return codes(response)


async def test_500_aliases_are_too_many(client: Client) -> None:
    aliases = " ".join(f"a{number}: hello" for number in range(500))

    assert await refusal(client, f"{{ {aliases} }}") == ["TOO_MANY_ALIASES"]


async def test_30_aliases_are_fine_and_31_are_not(client: Client) -> None:
    def aliased(count: int) -> str:
        return "{ " + " ".join(f"a{number}: hello" for number in range(count)) + " }"

    assert len((await client.ask(aliased(30))).json()["data"]) == 30
    assert await refusal(client, aliased(31)) == ["TOO_MANY_ALIASES"]


async def test_a_repeated_field_counts_as_an_alias(client: Client) -> None:
    assert await refusal(client, "{ " + "hello " * 32 + "}") == ["TOO_MANY_ALIASES"]


async def test_aliases_count_as_often_as_their_fragment_is_spread(client: Client) -> None:
    doubling = "".join(
        f"fragment F{n} on Child {{ a: child {{ ...F{n + 1} }} b: child {{ ...F{n + 1} }} }} "
        for n in range(5)
    )
    query = f"{{ child {{ ...F0 }} }} {doubling} fragment F5 on Child {{ name }}"

    assert await refusal(client, query) == ["TOO_MANY_ALIASES"]


async def test_fields_count_as_often_as_their_fragment_is_spread(client: Client) -> None:
    def doubling(times: int) -> str:
        fragments = "".join(
            f"fragment F{n} on Child {{ ...F{n + 1} ...F{n + 1} }} " for n in range(times)
        )
        return f"{{ child {{ ...F0 }} }} {fragments} fragment F{times} on Child {{ name }}"

    assert (await client.ask(doubling(11))).status_code == 200
    assert await refusal(client, doubling(12)) == ["TOO_MANY_FIELDS"]
    assert await refusal(client, doubling(200)) == ["TOO_MANY_FIELDS"]  # more than all atoms


async def test_aliases_within_introspection_count_too(client: Client) -> None:
    names = " ".join(f"a{number}: name" for number in range(31))

    assert await refusal(client, f"{{ __schema {{ types {{ {names} }} }} }}") == [
        "TOO_MANY_ALIASES"
    ]


async def test_12_levels_are_fine_and_13_are_not(client: Client) -> None:
    def nested(levels: int) -> str:
        return "{ " + "child { " * levels + "name" + " }" * levels + " }"

    assert (await client.ask(nested(12))).status_code == 200
    assert await refusal(client, nested(13)) == ["TOO_DEEP"]


async def test_depth_is_measured_through_fragments(client: Client) -> None:
    chain = "".join(f"fragment F{n} on Child {{ child {{ ...F{n + 1} }} }} " for n in range(13))
    query = f"{{ child {{ ... {{ ...F0 }} }} }} {chain} fragment F13 on Child {{ name }}"

    assert await refusal(client, query) == ["TOO_DEEP"]


async def test_introspection_may_be_as_deep_as_tools_need_it(client: Client) -> None:
    of_type = "ofType { " * 9 + "name" + " }" * 9
    query = "{ __schema { types { fields { args { type { " + of_type + " } } } } } }"

    response = await client.ask(query)

    assert response.status_code == 200


async def test_a_fragment_within_itself_is_told_as_such(client: Client) -> None:
    response = await client.ask("{ child { ...F } } fragment F on Child { child { ...F } }")

    assert response.status_code == 400
    assert codes(response) == ["GRAPHQL_VALIDATION_FAILED"]
    assert "Cannot spread fragment 'F' within itself." in response.text


async def test_3001_tokens_are_too_many(client: Client) -> None:
    assert await refusal(client, "{" + " hello" * 2999 + "}") == ["TOO_MANY_TOKENS"]


@pytest.mark.parametrize("query", ["{ a" * 990, "{ hello(name: " + "[" * 1400 + "]" * 1400 + ") }"])
async def test_what_nests_too_deeply_to_be_parsed_is_too_deep(client: Client, query: str) -> None:
    assert await refusal(client, query) == ["TOO_DEEP"]


async def test_fragments_in_a_long_chain_are_too_deep(client: Client) -> None:
    chain = "".join(f"fragment F{n} on Child {{ ...F{n + 1} }} " for n in range(330))
    query = f"{{ child {{ ...F0 }} }} {chain} fragment F330 on Child {{ name }}"

    response = await client.ask(query)

    assert response.status_code in (200, 400)
    assert "INTERNAL" not in response.text


async def test_10_mutations_are_done_and_11_are_not(client: Client) -> None:
    def calls(count: int) -> str:
        return "mutation { " + " ".join(f'm{n}: touch(name: "{n}")' for n in range(count)) + " }"

    assert await refusal(client, calls(11)) == ["TOO_MANY_MUTATIONS"]
    assert touched == []
    assert (await client.ask(calls(10))).status_code == 200
    assert touched == [str(number) for number in range(10)]


async def test_a_limit_is_told_in_the_clients_language(client: Client) -> None:
    response = await client.ask("{ " + "hello " * 32 + "}", language="zh")

    assert response.json()["errors"] == [
        {
            "message": "单个操作中的别名与重复字段超过 30 个。",
            "extensions": {"code": "TOO_MANY_ALIASES"},
        }
    ]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("{ a b { c } }", None),
        ("query A { a } query B { " + "a { " * 13 + "b" + " }" * 14, TooDeep),
        ("{ ... on Q { ... on Q { a a a } } " + "x: a " * 29 + "}", TooManyAliases),
        ("mutation { ...F " + "a b c d e f g h i } fragment F on M { j k }", TooManyMutations),
        ("query { a b c d e f g h i j k }", None),
        ("{ ...Unknown }", None),
    ],
)
def test_the_worst_operation_of_a_document_is_judged(query: str, problem: type | None) -> None:
    found = LIMITS.refusal(parse(query))

    assert (type(found) if found else None) is problem


async def test_what_is_asked_of_the_schema_again_is_not_worked_out_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "query It { s: __schema { types { name } } }"
    first = await client.ask(query)
    monkeypatch.setattr("kit.graphql.schema.execute", None)
    again = await client.ask(query)

    assert first.status_code == again.status_code == 200
    assert first.content == again.content


def test_a_text_is_judged_once_and_few_are_kept() -> None:
    documents = small_schema().documents
    first = documents.read("{ hello }")
    long = "{ hello " + " " * LONGEST_KEPT + "}"

    assert documents.read("{ hello }") is first
    assert documents.read(long) is not documents.read(long)

    for number in range(MOST_DOCUMENTS):
        documents.read(f"query Q{number} {{ hello }}")
    assert documents.read("{ hello }") is not first


def test_the_cache_is_bounded_by_characters_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.graphql.documents.MOST_CHARACTERS", 25)
    documents: Documents = small_schema().documents
    first = documents.read("{ hello }")
    second = documents.read("{a: hello}")

    assert documents.read("{ hello }") is first
    documents.read("{b: hello}")
    assert documents.read("{ hello }") is first
    assert documents.read("{a: hello}") is not second
