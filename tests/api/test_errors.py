"""What clients are told of what went wrong, and what is kept from them."""

import logging

import pytest

from kit.graphql.documents import GUESSED, VALIDATION_FAILED
from tests.api.edge import GOOD, GRAPHQL_JSON, Client, codes

SECRET = "select secret from vault"


async def test_a_problem_speaks_the_clients_language(client: Client) -> None:
    english = await client.ask("{ missing }")
    chinese = await client.ask("{ missing }", language="fr;q=0.9, zh-TW;q=0.8, en;q=0.7")

    assert english.json()["errors"][0]["message"] == "There is no such partner."
    assert chinese.json()["errors"][0]["message"] == "找不到该对象(partner)。"
    assert codes(english) == codes(chinese) == ["NOT_FOUND"]


async def test_a_problem_names_the_argument_that_is_to_blame(client: Client) -> None:
    response = await client.ask("{ invalid }")

    assert response.json()["errors"][0]["extensions"] == {
        "code": "INVALID_INPUT",
        "path": ["order", "by"],
    }


@pytest.mark.parametrize("field", ["broken", "misfit", "wrong"])
async def test_a_bug_is_masked_and_logged_once(
    client: Client, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.ask(f"{{ {field} }}")

    id = response.headers["x-request-id"]
    [error] = response.json()["errors"]
    assert response.status_code == 200
    assert error["message"] == f"Something went wrong on our side. Quote {id} when you report it."
    assert error["extensions"] == {"code": "INTERNAL", "requestId": id}
    assert error["path"] == [field]
    assert SECRET not in response.text
    assert "3000000000" not in response.text
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage() == f"a resolver failed at {field}"
    assert record.exc_info is not None


async def test_a_bug_is_masked_in_chinese_too(client: Client) -> None:
    response = await client.ask("{ broken }", language="zh")

    id = response.headers["x-request-id"]
    assert response.json()["errors"][0]["message"] == f"服务内部出错,反馈时请提供请求编号 {id}。"


async def test_a_bug_before_the_operation_is_masked_too(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.post(
        "/graphql",
        json={"query": "{ hello }"},
        headers={"authorization": "Bearer bug", "accept": GRAPHQL_JSON},
    )

    assert response.status_code == 500
    assert codes(response) == ["INTERNAL"]
    assert SECRET not in response.text
    assert len([record for record in caplog.records if record.exc_info]) == 1


@pytest.mark.parametrize("before", [True, False], ids=["before the operation", "in a field"])
async def test_what_can_not_be_reached_may_be_asked_again(
    client: Client, before: bool, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.post(
        "/graphql",
        json={"query": "{ hello }" if before else "{ away }"},
        headers={"accept": GRAPHQL_JSON} | ({"authorization": "Bearer away"} if before else {}),
    )

    [error] = response.json()["errors"]
    assert response.status_code == 503
    assert error["extensions"] == {"code": "UNAVAILABLE", "retryable": True}
    assert response.headers["retry-after"] == "1"
    assert "postgres.internal" not in response.text
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "postgres.internal:5432" in record.getMessage()
    assert record.exc_info is None


async def test_what_one_field_can_not_reach_leaves_the_others(client: Client) -> None:
    response = await client.ask("{ away hello }")

    assert response.status_code == 200
    assert response.json()["data"] == {"away": None, "hello": "hello you"}
    assert codes(response) == ["UNAVAILABLE"]


async def test_a_result_that_cannot_be_written_is_masked_too(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.ask("{ unspeakable { name } }")

    assert response.status_code == 500
    assert codes(response) == ["INTERNAL"]
    assert len([record for record in caplog.records if record.exc_info]) == 1


@pytest.mark.parametrize(
    "query",
    [
        "{ hello(name: 7) }",
        "{ scalars(number: 1.5) { number } }",
        '{ scalars(time: "yesterday") { time } }',
    ],
)
async def test_the_clients_mistakes_are_explained_and_not_logged(
    client: Client, query: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.ask(query)

    assert response.status_code == 400
    assert codes(response) == ["GRAPHQL_VALIDATION_FAILED"]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_wrong_variable_is_explained(client: Client) -> None:
    response = await client.ask(
        "query ($t: DateTime) { scalars(time: $t) { time } }", t="2030-01-31"
    )

    assert response.status_code == 400
    assert codes(response) == ["BAD_USER_INPUT"]
    assert response.json()["errors"][0]["message"] == (
        "Variable '$t' has invalid value:"
        ' DateTime must be a string such as "2030-01-31T23:30:00+08:00"'
    )


async def test_a_misspelt_field_is_answered_with_a_guess(client: Client) -> None:
    response = await client.ask("{ helo }")

    assert "Did you mean 'hello'?" in response.text


async def test_guesses_are_made_for_few_mistakes_and_for_no_type(client: Client) -> None:
    many = await client.ask("{ " + " ".join(f"hell{n}" for n in range(GUESSED + 1)) + " }")
    a_type = await client.ask("query ($v: Strin) { hello(name: $v) helo }")

    assert codes(many) == [VALIDATION_FAILED] * (GUESSED + 1)
    assert codes(a_type) == [VALIDATION_FAILED] * 2
    assert "Did you mean" not in many.text + a_type.text


async def test_a_bad_credential_is_401(client: Client) -> None:
    response = await client.post(
        "/graphql",
        json={"query": "{ hello }"},
        headers={"authorization": "Bearer stolen", "accept-language": "zh"},
    )

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {
        "errors": [{"message": "请先登录:令牌无效。", "extensions": {"code": "UNAUTHENTICATED"}}]
    }


async def test_an_empty_credential_is_no_stranger(client: Client) -> None:
    response = await client.post(
        "/graphql", json={"query": "{ hello }"}, headers={"authorization": ""}
    )

    assert response.status_code == 401


async def test_what_needs_a_sign_in_is_401_unless_there_is_data(client: Client) -> None:
    nothing = await client.ask("{ private }")
    something = await client.ask("{ private hello }")
    false = await client.ask("{ private touched }")

    assert (nothing.status_code, something.status_code, false.status_code) == (401, 200, 200)
    assert codes(nothing) == codes(something) == ["UNAUTHENTICATED"]
    assert nothing.json()["data"] == {"private": None}
    assert something.json()["data"] == {"private": None, "hello": "hello you"}


async def test_the_viewer_is_the_one_of_the_credential(client: Client) -> None:
    response = await client.post(
        "/graphql", json={"query": "{ me }"}, headers={"authorization": GOOD}
    )

    assert response.json()["data"]["me"].startswith("PERSON en ")


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-Hans-CN", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de, zh;q=0.5, en;q=0.4", "zh"),
        ("en;q=0.4, zh;q=0.5", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("*", "en"),
        (";;,q=,zh;q=nan", "en"),
    ],
)
async def test_the_language_is_the_preferred_one_of_two(
    client: Client, header: str, locale: str
) -> None:
    response = await client.ask("{ me }", language=header)

    assert response.json()["data"]["me"].split()[1] == locale
