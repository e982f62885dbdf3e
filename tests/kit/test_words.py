"""Ids, problems and statuses: what clients see of them."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from kit import ids, texts
from kit.problems import FailedCheck, InvalidInput, NotFound, Problem, SeveralReasons
from kit.status import Status, WrongStatus

SOME = UUID("0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000")


def test_an_id_is_a_prefix_and_the_hex_of_a_uuid7() -> None:
    made = ids.new_id()

    assert made.version == 7
    assert ids.encode("ord", SOME) == "ord_0199aaaabbbb7ccc8dddeeeeffff0000"
    assert ids.decode("ord", ids.encode("ord", made)) == made


def test_ids_sort_by_the_time_of_their_making() -> None:
    made = [ids.new_id() for _ in range(1_000)]

    assert made == sorted(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ord_",
        "ord_0199",
        "0199aaaabbbb7ccc8dddeeeeffff0000",
        "ord_0199AAAABBBB7CCC8DDDEEEEFFFF0000",
        "ord_0199aaaabbbb7ccc8dddeeeeffff0000\n",
        "ptn_0199aaaabbbb7ccc8dddeeeeffff0000",
        "ord_'; drop table partner; --",
    ],
)
def test_what_is_no_id_of_that_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ids.decode("ord", text, path=("input", "id"))

    assert refused.value.path == ("input", "id")


def test_a_problem_speaks_two_languages_and_has_a_stable_code() -> None:
    class SeatTaken(Problem):
        en = "{who} sits there."
        zh = "{who} 已占用。"
        who: str

    problem = SeatTaken(who="Li")

    assert SeatTaken.code == "SEAT_TAKEN"
    assert problem.in_words("en-GB") == "Li sits there."
    assert problem.in_words("zh-CN") == "Li 已占用。"
    assert str(NotFound(thing="order")) == "NOT_FOUND: There is no such order."


class Light(Status):
    """A machine with a final state."""

    RED = "RED"
    GREEN = "GREEN"
    BROKEN = "BROKEN"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        return {cls.RED: {cls.GREEN, cls.BROKEN}, cls.GREEN: {cls.RED}}


@dataclass(frozen=True, slots=True)
class FailedSeatCheck(FailedCheck):
    """One check that a seat fails."""

    texts = {
        "TAKEN": ("They sit there: {who}.", "已占用:{who}。"),
        "BROKEN": ("It is broken.", "已损坏。"),
    }
    rule: str = "S-01"
    who: list[Light] = field(default_factory=list)


def test_all_that_fails_is_said_in_one_sentence_with_its_facts() -> None:
    class SeatCheckFailed(SeveralReasons):
        en = "No seat: {texts}"
        zh = "无法就座:{texts}"
        checks: list[FailedSeatCheck]

    problem = SeatCheckFailed(
        checks=[
            FailedSeatCheck("TAKEN", who=[Light.RED, Light.GREEN]),
            FailedSeatCheck("BROKEN", "S-02"),
        ]
    )

    assert problem.in_words() == "No seat: They sit there: RED, GREEN. It is broken."
    assert problem.in_words("zh") == "无法就座:已占用:RED, GREEN。 已损坏。"
    assert [check.rule for check in problem.checks] == ["S-01", "S-02"]
    assert FailedSeatCheck.about["rule"] == "The rule behind it."


def test_a_reason_has_1_to_500_characters_without_the_space_around_it() -> None:
    assert texts.reason(f"  {'x' * 500} ") == "x" * 500
    assert texts.reason_if_any("  ") is None
    for bad in ("", "  ", "x" * 501):
        with pytest.raises(InvalidInput) as refused:
            texts.reason(bad)
        assert refused.value.path == ("input", "reason")
    with pytest.raises(InvalidInput):
        texts.reason_if_any("x" * 501)


def test_a_status_follows_its_arrows_and_no_others() -> None:
    assert Light.RED.to(Light.GREEN) is Light.GREEN
    assert Light.BROKEN.is_final
    for status, wanted in [(Light.GREEN, Light.BROKEN), (Light.BROKEN, Light.RED)]:
        with pytest.raises(WrongStatus) as refused:
            status.to(wanted)
        assert (refused.value.status, refused.value.wanted) == (status.value, wanted.value)
