"""A search that was killed, at whatever moment, ends as if it had not been."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from molscreen.errors import ResumeError
from molscreen.generation.search import checkpoint
from molscreen.generation.search.checkpoint import CALLS, STATE, load
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.history import History
from molscreen.generation.search.optimize import optimize
from tests.generation.analogue_generator import AnalogueConfig, AnalogueGenerator
from tests.generation.search.test_optimize import QUICK, TOLUENE, Listed, chains, lipophilicity

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.generation.search.test_checkpoint import search
from tests.generation.search.test_optimize import lipophilicity
left = [3]
def score(keys):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return lipophilicity(keys)
search(Path(sys.argv[1]), score)
"""


class Interrupted(Exception):  # noqa: N818  # no error, but what happens to a search
    """By whatever stops a process."""


def generators():
    return [AnalogueGenerator(), Listed("list", chains("Cl", range(2, 30)))]


def search(folder=None, score=lipophilicity, **settings):
    settings = {
        "gates": Gates(), "budget": 28, "config": QUICK, "seeds": [TOLUENE, "CCO"], "seed": 7, **settings,
    }  # fmt: skip
    made = settings.pop("generators", None) or generators()
    return optimize(score, made, folder=folder, **settings)


@pytest.fixture(scope="module")
def unbroken():
    return search()


def interrupted_after(calls):
    """A score that fails when it is asked once more."""
    left = [calls]

    def score(keys):
        if left[0] == 0:
            raise Interrupted
        left[0] -= 1
        return lipophilicity(keys)

    return score


@pytest.mark.parametrize("rounds", [0, 1, 3, 5])
def test_an_interrupted_search_goes_on_as_if_it_had_not_been(tmp_path, unbroken, rounds):
    with pytest.raises(Interrupted):
        search(tmp_path, interrupted_after(rounds))
    assert load(tmp_path).state["round"] == rounds
    assert repr(search(tmp_path)) == repr(unbroken)


def test_a_search_may_be_interrupted_in_every_round(tmp_path, unbroken):
    for _ in range(unbroken.calls[-1].round - 1):
        with pytest.raises(Interrupted):
            search(tmp_path, interrupted_after(1))
    assert repr(search(tmp_path, interrupted_after(1))) == repr(unbroken)


def test_the_generators_at_hand_may_go_on(tmp_path, unbroken):
    """They have proposed, and learnt, since the checkpoint; that is undone."""
    mine = generators()
    for rounds in (0, 2):
        with pytest.raises(Interrupted):
            search(tmp_path, interrupted_after(rounds), generators=mine)
    assert repr(search(tmp_path, generators=mine)) == repr(unbroken)


def test_a_killed_process_leaves_what_another_goes_on_from(tmp_path, unbroken):
    """With `kill -9`, after which nothing can be put in order; and in a process of other hash seeds."""
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=Path(__file__).parents[2], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert load(tmp_path).state["round"] == 3
    assert repr(search(tmp_path)) == repr(unbroken)


def test_a_kill_between_the_two_files_is_no_harm(tmp_path, unbroken, monkeypatch):
    """The table is a round ahead of the state, which knows how many of its rows it speaks of."""
    write, left = checkpoint.write_text, [3]

    def write_text(path, text):
        if left[0] == 0:
            raise Interrupted
        left[0] -= 1
        write(path, text)

    monkeypatch.setattr(checkpoint, "write_text", write_text)
    with pytest.raises(Interrupted):
        search(tmp_path)
    monkeypatch.undo()
    ahead = checkpoint.read_table(tmp_path / CALLS).num_rows
    assert len(load(tmp_path).calls) == ahead - QUICK.batch
    assert repr(search(tmp_path)) == repr(unbroken)


def test_a_finished_search_is_read(tmp_path, unbroken):
    """Nothing is scored again, and no byte changes."""
    search(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(before) == {CALLS, STATE}
    assert repr(search(tmp_path, interrupted_after(0))) == repr(unbroken)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"seed": 8}, "seed: 7 → 8"),
        ({"budget": 29}, "budget: 28 → 29"),
        ({"config": replace(QUICK, batch=6)}, "config.batch: 5 → 6"),
        ({"gates": Gates(forbid=("c",))}, r"gates.forbid\[0\]: absent → c"),
        ({"seeds": [TOLUENE]}, r"seeds\[1\]: CCO → absent"),
        ({"identity": {"plan": "low-tox"}}, "other.plan: absent → low-tox"),
        ({"generators": generators()[:1]}, r"generators\[1\].name: list → absent"),
        (
            {"generators": [AnalogueGenerator(AnalogueConfig(parents=3)), generators()[1]]},
            r"generators\[0\].config.parents: 10 → 3",
        ),
    ],
)
def test_another_search_is_not_gone_on_with(tmp_path, changed, difference):
    with pytest.raises(Interrupted):
        search(tmp_path, interrupted_after(1))
    before = (tmp_path / STATE).read_bytes()
    with pytest.raises(ResumeError, match=f"cannot be continued: .*{difference}"):
        search(tmp_path, **changed)
    assert (tmp_path / STATE).read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / STATE).write_text("{"), "no checkpoint that can be read"),
        (lambda folder: (folder / STATE).write_text('{"version": 99}'), "version 99, expected 3"),
        (lambda folder: (folder / CALLS).unlink(), "no checkpoint that can be read"),
        (lambda folder: (folder / CALLS).write_bytes(b"PAR1"), "no checkpoint that can be read"),
    ],
)
def test_a_damaged_checkpoint_is_told(tmp_path, damage, message):
    """It is not taken for no checkpoint: hours of calls may lie there."""
    with pytest.raises(Interrupted):
        search(tmp_path, interrupted_after(1))
    damage(tmp_path)
    with pytest.raises(ResumeError, match=message):
        search(tmp_path)


def test_too_few_calls_are_told(tmp_path):
    with pytest.raises(Interrupted):
        search(tmp_path, interrupted_after(1))
    state = json.loads((tmp_path / STATE).read_text())
    (tmp_path / STATE).write_text(json.dumps({**state, "rows": 9}))
    with pytest.raises(ResumeError, match=r"history.parquet has 2 calls, state.json speaks of 9"):
        load(tmp_path)


def test_an_empty_folder_has_no_checkpoint(tmp_path):
    assert load(tmp_path) is None


def test_a_search_without_a_folder_is_the_same(tmp_path, unbroken):
    assert isinstance(unbroken, History)
    assert repr(search(tmp_path / "new" / "folder")) == repr(unbroken)


def test_a_search_that_was_begun_with_more_settings_goes_on(tmp_path):
    """Those that are gone had one value in every search."""
    with pytest.raises(Interrupted):
        search(tmp_path, score=interrupted_after(3))
    written = json.loads((tmp_path / STATE).read_text())["identity"]["config"]
    assert (written["generations"], written["bucket"]) == (1, 0)
