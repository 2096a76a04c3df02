"""What verbs print."""

from __future__ import annotations

import json

import numpy as np
import pytest

from molscreen.cli.console import print_json, print_table, printable, say


def test_file_cannot_steer_the_terminal() -> None:
    """A molecule's name may hold escape sequences: clear the screen, rename the window, fake a prompt."""
    assert printable("a\x1b]0;owned\x07b\r") == r"a\x1b]0;owned\x07b\r"


def test_chemistry_stays_readable() -> None:
    assert printable("α-pinene, 10 µM, 水") == "α-pinene, 10 µM, 水"


def test_log_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("loading")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "loading\n")


def test_table_in_a_pipe_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """80 columns are a terminal's limit, not a file's."""
    print_table(("key",), [("C" * 300,)])
    assert "C" * 300 in capsys.readouterr().out


def test_table_shows_markup_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    """[bold] is a SMILES-like text of the user, not an instruction to Rich."""
    print_table(("id",), [("[bold]x[/bold]",), ("[O-][N+](=O)c1ccccc1",)])
    printed = capsys.readouterr().out
    assert "[bold]x[/bold]" in printed
    assert "[O-][N+](=O)c1ccccc1" in printed


def test_json_is_strict(capsys: pytest.CaptureFixture[str]) -> None:
    """NaN is no JSON: a missing number is null."""
    print_json({"a": float("nan"), "b": np.float32(0.5), "c": (1, np.int64(2)), "d": np.bool_(True)})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": 0.5, "c": [1, 2], "d": True}
