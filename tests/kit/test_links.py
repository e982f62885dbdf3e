"""Links that prove who opens them."""

from uuid import UUID

import pytest

from kit import links, secrets

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for one test; afterwards the other tests have theirs again."""
    monkeypatch.setattr(secrets, "_secret", b"a secret that only this deployment has")


def test_a_token_is_always_the_same_and_differs_in_every_way() -> None:
    token = links.token("purpose", id=ID, generation=1)

    assert token == links.token("purpose", id=ID, generation=1)
    others = {
        links.token("other", id=ID, generation=1),
        links.token("purpose", id=ID, generation=2),
        links.token("purpose", id=UUID(int=1), generation=1),
    }
    assert token not in others
    assert len(others) == 3


def test_another_secret_makes_another_token() -> None:
    token = links.token("purpose", id=ID, generation=1)
    secrets.configure("the secret of another deployment altogether")

    assert token != links.token("purpose", id=ID, generation=1)


def test_the_digest_knows_its_token_and_no_other() -> None:
    token = links.token("purpose", id=ID, generation=1)

    assert links.is_token(token, links.digest(token))
    assert not links.is_token(token[:-1], links.digest(token))
    assert token not in links.digest(token)


def test_a_token_names_the_row_that_it_opens() -> None:
    assert links.subject_of(links.token("purpose", id=ID, generation=1)) == ID


@pytest.mark.parametrize(
    "text", ["", "x", "0" * 74, "0" * 76, "é" * 75, "g" + "0" * 74, "0" * 75 + "\n"]
)
def test_what_is_no_token_names_nothing(text: str) -> None:
    assert links.subject_of(text) is None


def test_the_token_is_in_the_fragment_so_that_no_server_is_told() -> None:
    links.configure("https://pc.example/base/")

    assert links.url("/invitations/member", "t0k3n") == (
        "https://pc.example/base/invitations/member#t0k3n"
    )
    links.configure("http://127.0.0.1:8000")


def test_links_to_answer_lead_to_the_front_end_and_files_stay_with_the_api() -> None:
    links.configure("https://api.example", front_end_url="https://console.example/zh/")

    assert links.url("/invitations/member", "t0k3n") == (
        "https://console.example/zh/invitations/member#t0k3n"
    )
    assert links.page("files/1") == "https://api.example/files/1"
    links.configure("http://127.0.0.1:8000")
