"""Links into a bucket carry the signature that AWS would work out, for one file and for a while."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kit import clock, store
from tests.files.sigv4 import Refused, check

MINUTE = timedelta(minutes=1)
SECRETS = {"OURS": "a secret/with+letters=", "OTHER": "another"}

# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
PUBLISHED = (
    "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)


@pytest.fixture(params=[None, "https://objects.example:9000"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS's own, and somebody else's: no server is asked for a link."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "OURS",
        "AWS_SECRET_ACCESS_KEY": SECRETS["OURS"],
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": request.param,
    }.items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    before = store._store
    store.configure(folder=Path("unused"), bucket="s3://ours/prefix")
    yield
    store._store = before


def test_the_check_agrees_with_the_example_of_aws() -> None:
    secrets = {"AKIAIOSFODNN7EXAMPLE": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
    at = datetime(2013, 5, 24, tzinfo=UTC)

    assert check(PUBLISHED, secrets=secrets, now=at) == "AKIAIOSFODNN7EXAMPLE"
    with pytest.raises(Refused, match="SignatureDoesNotMatch"):
        check(PUBLISHED.replace("test.txt", "tesT.txt"), secrets=secrets, now=at)


@pytest.mark.parametrize("key", ["exports/1/2", "files/with space+&=%/名.csv"])
def test_a_link_has_the_signature_of_our_key(bucket: None, key: str) -> None:
    link = store.link(key, lasts=MINUTE)

    assert link is not None
    assert check(link, secrets=SECRETS, now=clock.wall()) == "OURS"


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("prefix/exports/1", "prefix/exports/2"),
        ("X-Amz-Expires=60", "X-Amz-Expires=61"),
        ("OURS", "OTHER"),
        ("eu-central-1%2Fs3", "eu-central-2%2Fs3"),
    ],
)
def test_a_link_that_was_changed_is_refused(bucket: None, said: str, changed: str) -> None:
    link = store.link("exports/1", lasts=MINUTE)

    assert link is not None
    assert said in link
    with pytest.raises(Refused, match="SignatureDoesNotMatch"):
        check(link.replace(said, changed), secrets=SECRETS, now=clock.wall())


def test_a_link_is_for_reading_and_of_nobody_elses_key(bucket: None) -> None:
    link, now = store.link("exports/1", lasts=MINUTE), clock.wall()

    assert link is not None
    with pytest.raises(Refused, match="SignatureDoesNotMatch"):
        check(link, secrets=SECRETS, now=now, method="PUT")
    with pytest.raises(Refused, match="SignatureDoesNotMatch"):
        check(link, secrets={"OURS": "guessed"}, now=now)


def test_a_link_is_over_when_its_time_is(bucket: None) -> None:
    before = clock.wall().replace(microsecond=0)
    link = store.link("exports/1", lasts=MINUTE)
    after = clock.wall()

    assert link is not None
    assert check(link, secrets=SECRETS, now=before + MINUTE) == "OURS"
    with pytest.raises(Refused, match="expired"):
        check(link, secrets=SECRETS, now=after + MINUTE + timedelta(microseconds=1))
