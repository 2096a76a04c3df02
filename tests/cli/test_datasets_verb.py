"""``molscreen datasets``: without the data, one sentence."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), "set MOLSCREEN_DATA to it"), (("--data", "/no/such"), "/no/such: no such folder")],
)
def test_verify_without_a_folder_is_one_line(
    arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of sixty missing files hides that none was looked for."""
    monkeypatch.delenv("MOLSCREEN_DATA", raising=False)
    result = CliRunner().invoke(app, ["datasets", "--verify", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


def test_cards_are_listed_without_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOLSCREEN_DATA", raising=False)
    result = CliRunner().invoke(app, ["datasets"])
    assert result.exit_code == 0
    assert "tdc_admet/herg" in result.stdout
