"""Tables become frozen dataclasses, or an error that names the place, the value and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from molscreen.config import check_not_negative, check_positive, check_types, read_toml, to_dataclass
from molscreen.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Stop:
    """A part of `Route`."""

    place: str
    minutes: float = 1.0


@dataclass(frozen=True, slots=True)
class Route:
    """All kinds of fields that plans and cards have."""

    name: str
    stops: tuple[Stop, ...] = ()
    tags: tuple[str, ...] = ()
    limit: float | None = None
    mode: Literal["fast", "scenic"] = "fast"
    named: dict[str, Stop] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit <= 0:
            raise ConfigError(f"'limit' must be positive, got {self.limit:g}")


def test_nested_tables_lists_and_whole_numbers_are_read():
    table = {"name": "a", "stops": [{"place": "x", "minutes": 2}], "tags": ["t"], "limit": 3}
    assert to_dataclass(Route, table, where="w") == Route("a", (Stop("x", 2.0),), ("t",), 3.0)


def test_the_caller_keeps_its_table():
    table = {"name": "a", "tags": ["t"], "extra": {"k": [1, [2]]}}
    assert to_dataclass(Route, table, where="w").extra == {"k": (1, (2,))}
    assert table == {"name": "a", "tags": ["t"], "extra": {"k": [1, [2]]}}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": "a", "tag": []}, r"^plan\.toml: unknown key 'tag'\. Known: .*Did you mean 'tags'\?$"),
        ({}, r"^plan\.toml: 'name' is missing$"),
        ({"name": 5}, r"^plan\.toml: 'name' is 5, expected str$"),
        ({"name": "a", "mode": "slow"}, r"^plan\.toml: 'mode' is 'slow', expected one of 'fast', 'scenic'$"),
        ({"name": "a", "limit": -1}, r"^plan\.toml: 'limit' must be positive, got -1$"),
        ({"name": "a", "stops": [{"minutes": 2}]}, r"^plan\.toml: '.*place' is missing$"),
        (
            {"name": "a", "stops": [{"place": "x"}, {"place": "y", "minute": 2}]},
            r"^plan\.toml, \[stops\]: unknown key 'minute'\. Known: minutes, place\. Did you",
        ),
        (
            {"name": "a", "named": {"x": {"place": "y", "tags": 2}}},
            r"^plan\.toml, \[named\], \[x\]: unknown key 'tags'\. Known: minutes, place\.$",
        ),
    ],
)
def test_a_wrong_table_says_where_and_what(table, message):
    with pytest.raises(ConfigError, match=message):
        to_dataclass(Route, table, where="plan.toml")


def test_a_string_where_a_list_should_be_is_not_torn_into_letters():
    """``keep = "CCO"`` would otherwise be three patterns, C, C and O, and keep nearly everything."""
    with pytest.raises(ConfigError, match=r"^plan\.toml: 'tags' is 'CCO', expected tuple$"):
        to_dataclass(Route, {"name": "a", "tags": "CCO"}, where="plan.toml")


def test_a_file_that_is_not_toml_is_named_with_its_line(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('name = "a"\nname == 2\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"plan\.toml: not valid TOML: .*line 2"):
        read_toml(path)
    with pytest.raises(ConfigError, match=r"other\.toml: no such file"):
        read_toml(tmp_path / "other.toml")


@dataclass(frozen=True)
class Made:
    """A table that Python code made, so that nobody has looked at its types."""

    top: int = 1
    share: float = 0.5
    names: tuple[str, ...] = ()
    mode: Literal["a", "b"] = "a"


def test_a_value_of_another_type_is_named():
    check_types("made", Made(share=1, mode="c"))  # a whole number is a float; a choice is checked by another
    for wrong, message in (
        (Made(top="10"), "made: 'top' is '10', expected int"),
        (Made(top=2.5), "made: 'top' is 2.5, expected int"),
        (Made(names=("a", 1)), r"made: 'names' is \('a', 1\), expected tuple"),
    ):
        with pytest.raises(ConfigError, match=f"^{message}$"):
            check_types("made", wrong)


def test_a_number_out_of_range_is_named_and_nan_is_out_of_every_range():
    check_positive(Made(), "top", "share", where="[made]")
    check_not_negative(Made(share=0.0), "share", where="[made]")
    for check, made, message in (
        (check_positive, Made(share=0.0), r"\[made\] share must be positive, got 0.0"),
        (check_positive, Made(share=float("nan")), r"\[made\] share must be positive, got nan"),
        (check_not_negative, Made(share=-0.1), r"\[made\] share must not be negative, got -0.1"),
        (check_not_negative, Made(share=float("nan")), r"\[made\] share must not be negative, got nan"),
    ):
        with pytest.raises(ConfigError, match=f"^{message}$"):
            check(made, "top", "share", where="[made]")
    with pytest.raises(ConfigError, match=r"^top must be positive, got -1$"):
        check_positive(Made(top=-1), "top")
