"""Who sits before a screen sees that it works; a script prints nothing that it did not ask for."""

import math
import sys

from molscreen.screening.index import index
from molscreen.screening.screen import screen


def test_a_notebook_is_told_without_asking(library, plan, tmp_path, monkeypatch, capsys):
    """Most of the time goes into the shortlist, when all rows are done."""
    monkeypatch.setattr(sys, "ps1", "In : ", raising=False)
    monkeypatch.setattr("molscreen.aloud.INTERVAL", math.inf)  # no count, however slow the machine
    run = screen(library, plan=plan, out=tmp_path / "run")
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[:-4] == list(run.record.described)
    assert lines[-4:] == [
        "first look: 416 rows",
        "second look: 60 compounds",
        "explaining the shortlist: 10 compounds",
        run.record.counts.in_words,
    ]


def test_a_notebook_sees_a_store_grow(library, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "ps1", "In : ", raising=False)
    monkeypatch.setattr("molscreen.aloud.INTERVAL", 0.0)
    index(library, out=tmp_path / "store", shard_size=200)
    assert capsys.readouterr().err.splitlines() == ["  200 of 416", "  400 of 416", "  416 of 416"]


def test_a_script_is_silent(library, plan, tmp_path, capsys):
    screen(library, plan=plan, out=tmp_path / "run")
    index(library, out=tmp_path / "store")
    assert capsys.readouterr() == ("", "")


def test_progress_is_of_one_tier_after_the_other(library, plan, tmp_path):
    """A bar that is full after the first look says that nothing is left to do."""
    seen: list[tuple[int, int | str | None]] = []
    screen(
        library,
        plan=plan,
        out=tmp_path / "run",
        progress=lambda done, total=None: seen.append((done, total)),
        tell=lambda sentence: seen.append((0, sentence)),
    )
    second = seen.index((0, "second look: 60 compounds"))
    assert seen[second - 1] == (416, 416)
    assert seen[second + 1 : second + 4] == [(25, 60), (50, 60), (60, 60)]
    assert seen[second + 4 :] == [(0, "explaining the shortlist: 10 compounds"), (10, 10)]
