"""The live leaderboard: whatever the order of shards, the head of the ranking that the parts give."""

from __future__ import annotations

import random

import pytest
from small_plan import make_plan

import molscreen as ms
from molscreen.screening.executors.worker import ShardWorker
from molscreen.screening.folder.commit import parts, read_table
from molscreen.screening.folder.layout import FOLDERS, LEADERS
from molscreen.screening.results.leaders import Leaders
from molscreen.screening.results.settle import best_compounds
from molscreen.screening.screen import screen
from molscreen.screening.tiers.stages import best_of


@pytest.mark.parametrize("seed", range(5))
def test_lists_of_shards_merge_to_the_ranking_of_all_parts(run, tmp_path, seed):
    scores = run.path / FOLDERS["wide"]
    leaders = Leaders(tmp_path, 25)
    paths = parts(scores)
    random.Random(seed).shuffle(paths)
    for i, path in enumerate(paths):
        if i % 2:
            leaders.add(leaders.of_part(path))  # of an earlier attempt
        else:
            leaders.add(best_of(read_table(path), 25))  # as a worker sends it
    leaders.write()
    table = ms.Run(tmp_path).leaders
    expected = best_compounds(scores, 25).entries
    assert table["key"].tolist() == [entry.key for entry in expected]
    assert table["row"].tolist() == [entry.row for entry in expected]
    assert table["score"].tolist() == [entry.score for entry in expected]
    ids = run.scores(["row", "id"]).set_index("row")["id"]
    assert table["id"].tolist() == ids.loc[table["row"]].tolist()


def test_run_that_stops_leaves_its_leaders(library, tmp_path, monkeypatch):
    """While a run goes on, and after it was stopped, one sees who leads; a complete run has its shortlist."""
    work = ShardWorker.work

    def interrupted(self, tier, shard, **options):
        if tier == "rerank":
            raise KeyboardInterrupt
        return work(self, tier, shard, **options)

    out = tmp_path / "run"
    monkeypatch.setattr(ShardWorker, "work", interrupted)
    with pytest.raises(KeyboardInterrupt):
        screen(library, plan=make_plan(), out=out)
    monkeypatch.undo()
    leaders = ms.open_run(out).leaders
    best = best_compounds(out / FOLDERS["wide"], make_plan().top).entries
    assert leaders["key"].tolist() == [entry.key for entry in best]
    done = screen(library, plan=make_plan(), out=out, resume=True)
    assert done.leaders.empty
    assert not (out / LEADERS).exists()
