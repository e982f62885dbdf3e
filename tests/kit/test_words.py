"""Ids, problems and statuses: what clients see of them."""

from collections.abc import Mapping, Set
from uuid import UUID

import pytest

from kit import ids
from kit.problems import InvalidInput, NotFound, Problem
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


def test_a_status_follows_its_arrows_and_no_others() -> None:
    assert Light.RED.to(Light.GREEN) is Light.GREEN
    assert Light.BROKEN.is_final
    for status, wanted in [(Light.GREEN, Light.BROKEN), (Light.BROKEN, Light.RED)]:
        with pytest.raises(WrongStatus) as refused:
            status.to(wanted)
        assert (refused.value.status, refused.value.wanted) == (status.value, wanted.value)
