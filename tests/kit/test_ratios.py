"""Ratios that people give."""

from decimal import Decimal

import pytest

from kit import ratios
from kit.problems import InvalidInput


@pytest.mark.parametrize(
    ("given", "decimals"),
    [
        ("0.50", 1),
        ("0.000", 0),
        ("0E-10", 0),
        ("1E+50", 0),
        ("-1.25", 2),
        ("0.5" + "0" * 40 + "1", 42),
    ],
)
def test_zeros_at_the_end_are_no_decimals(given: str, decimals: int) -> None:
    assert ratios.decimals(Decimal(given)) == decimals


@pytest.mark.parametrize("given", ["0", "1", "0.123456", "0.1000000000", "0E-30"])
def test_a_share_of_one_is_taken_as_it_is(given: str) -> None:
    assert ratios.checked(Decimal(given), path=("input",)) == Decimal(given)


@pytest.mark.parametrize(
    "given", ["-0.1", "1.000001", "85", "1E+50", "NaN", "Infinity", "0.1234567", "0." + "9" * 50]
)
def test_anything_else_is_refused_and_nothing_rounded(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ratios.checked(Decimal(given), path=("input", "ratio"))
    assert refused.value.path == ("input", "ratio")


def test_what_begins_above_a_limit_leaves_it_out() -> None:
    with pytest.raises(InvalidInput):
        ratios.checked(Decimal(0), path=(), above_least=True)
    assert ratios.checked(Decimal("0.0001"), path=(), above_least=True) == Decimal("0.0001")
