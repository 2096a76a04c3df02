"""One rule for the figures of every column, whatever they are of."""

from __future__ import annotations

import pytest

from molscreen.number import interval, number, score, spread_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.66, "0.660"),
        (0.0957, "0.0957"),
        (11.0, "11.0"),
        (-2.0, "-2.00"),
        (9.996, "10.0"),
        (99.96, "100"),
        (1202.6, "1,203"),  # the weight of cyclosporin
        (1000.0, "1,000"),
        (9999.0, "9,999"),
        (123456.0, "123,456"),
        (1e12, "1.00e+12"),
        (1e-7, "1.00e-07"),
        (0.0, "0"),
        (3.7e-17, "0"),  # what rounding leaves of it
        (None, "–"),
        (float("inf"), "–"),
    ],
)
def test_quantity_has_three_digits_or_its_whole_part(value: float | None, text: str) -> None:
    """No powers of ten between 1,000 and a million, and no zero dropped at the end."""
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"), (0.000499, "< 0.01"), (0.005, "0.01"), (0.14, "0.14"), (0.1512, "0.15"),
        (0.9949, "0.99"), (0.998, "> 0.99"), (1.0, "1.00"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_probability_has_two_decimals_and_is_never_rounded_to_certainty(value: float, text: str) -> None:
    assert number(value, "probability") == text


def test_logarithm_has_two_decimals() -> None:
    """-3.24 and -0.855 are known to the same hundredth, whatever their digits."""
    units = ("log10 mol/L", "-log10(mol/kg)", "logD", "pKi")
    assert [number(-0.8551, each) for each in units] == ["-0.86"] * 4
    assert number(-0.001, "logD") == "0.00"
    assert number(0.0957, "pM") == "0.0957"


def test_count_is_whole() -> None:
    assert [number(each, "groups") for each in (0.0, 3.0, 1234.0)] == ["0", "3", "1,234"]


def test_interval_with_one_end_is_none() -> None:
    assert interval(float("nan"), 0.5) == interval(0.5, None) == "–"
    assert interval(-3.0, -1.5) == "-3.00 to -1.50"


def test_interval_below_what_is_written_is_written_once() -> None:
    assert interval(0.001, 0.004, "probability") == "< 0.01"
    assert interval(0.997, 0.998, "probability") == "> 0.99"
    assert interval(0.001, 0.02, "probability") == "< 0.01 to 0.02"


def test_score_is_written_as_finely_as_it_is_ranked() -> None:
    """Two scores that differ in rank differ in sight."""
    assert (score(0.9541), score(0.9538), score(float("nan"))) == ("0.9541", "0.9538", "–")


def test_a_mean_of_nothing_is_a_dash():
    assert spread_text(float("nan"), 0.1) == "–"
