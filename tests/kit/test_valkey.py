"""What REDIS_URL may say."""

import pytest

from kit import valkey
from kit.valkey import SENTINEL_WITHIN


@pytest.mark.parametrize(
    "url", ["redis://queue.internal:6379/0", "rediss://queue.internal", "unix:///run/v.sock?db=0"]
)
def test_one_server_is_named_as_ever(url: str) -> None:
    assert valkey.watched_by(url) is None


def test_sentinels_are_named_with_what_they_call_the_master() -> None:
    watched = valkey.watched_by(
        "redis+sentinel://queue:p%40ss@one:26380,two,[::1]:7/main/3?sentinel_password=other"
    )

    assert watched is not None
    assert watched.name == "main"
    assert watched.sentinels == (("one", 26380), ("two", 26379), ("::1", 7))
    assert watched.server == {"username": "queue", "password": "p@ss", "db": 3}
    assert watched.sentinel == {
        "password": "other",
        "socket_timeout": SENTINEL_WITHIN,
        "socket_connect_timeout": SENTINEL_WITHIN,
    }
    assert "p@ss" not in repr(watched)
    assert "other" not in repr(watched)


def test_with_tls_both_are_spoken_to_in_secret() -> None:
    watched = valkey.watched_by("rediss+sentinel://one/main?ssl_ca_certs=/etc/ca.pem")

    assert watched is not None
    for spoken in (watched.server, watched.sentinel):
        assert (spoken["ssl"], spoken["ssl_ca_certs"]) == (True, "/etc/ca.pem")
    assert watched.server["db"] == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("queue.internal:6379", "not of the form"),
        ("http://queue.internal", "not of the form"),
        ("redis+sentinel://one,two", "not of the form"),
        ("redis+sentinel:///main", "not of the form"),
        ("redis+sentinel://one,/main", "not of the form"),
        ("redis+sentinel://one/main/first", "not of the form"),
        ("redis+sentinel://one:port/main", "Port could not be cast"),
        ("redis+sentinel://one/main?master=main", "what is master?"),
        ("redis+sentinel://one/main?ssl_ca_certs=/etc/ca.pem", "rediss"),
    ],
)
def test_anything_else_is_told_before_something_starts(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        valkey.watched_by(url)
