"""Numbers on a page: a minus is no hyphen, a power is raised, a unit is a chemist's."""

from __future__ import annotations

import pytest

from molscreen.report.number import interval, number, shown_unit, typeset, with_unit


def test_minus_is_a_sign_and_no_hyphen() -> None:
    """After a hyphen a browser may break the line, and the sign is lost."""
    assert (number(-4.82), interval(-3.0, -1.5)) == ("−4.82", "−3.00 to −1.50")
    assert typeset("+0.20") == "+0.20"
    assert typeset("a well-known name") == "a well-known name"


def test_power_of_ten_is_raised() -> None:
    assert number(1e-7) == "1.00 × 10⁻⁷"
    assert number(1e12) == "1.00 × 10¹²"


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("log10 mol/L", "log₁₀(mol/L)"),
        ("-log10(mol/kg)", "−log₁₀(mol/kg)"),
        ("µL/min/10^6 cells", "µL/min/10⁶ cells"),
        ("angstrom2", "Å²"),
        ("cm3/mol", "cm³/mol"),
        ("log10", ""),
        ("probability", ""),
        ("%", "%"),
    ],
)
def test_unit_is_written_as_chemists_do(unit: str, shown: str) -> None:
    assert shown_unit(unit) == shown


def test_count_needs_no_unit() -> None:
    assert [with_unit(180.159, "g/mol"), with_unit(63.6, "angstrom2"), with_unit(1.0, "groups")] == [
        "180 g/mol",
        "63.6 Å²",
        "1",
    ]
