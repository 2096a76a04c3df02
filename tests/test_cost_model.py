"""The cost model adds up: twice the molecules take twice the hours, and nothing unmeasured is shown."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from molscreen.prediction.bundle.manifest import locate_bundle, read_manifest

MODEL = runpy.run_path(str(Path(__file__).parents[1] / "workflows/benchmarks/cost_model.py"))
TABLE = MODEL["load"]()
ASKED = MODEL["Assumptions"](molecules=10**6, nodes=2, cores=5, cpu_price=2.0, efficiency=1.0)
RATE = {
    "prepare": 360.0,
    "predict": 170.0,
    "commit": 20.0,
    "rerank": 7200.0,
    "finish": 0.0,
    "drive": 18.0,
    "stored": 400.0,
    "scored": 100.0,
    "value": 1.0,
}


def test_hours_disk_and_money_of_a_round_example():
    """360 µs for a million is 360 s: on ten cores 36 s, or 0.01 h, of two nodes at 2 USD."""
    prepare, wide, waiting, rerank, _ = MODEL["stages"](RATE, ASKED)
    assert (prepare.hours, prepare.usd, prepare.terabytes) == pytest.approx((0.01, 0.04, 400e-6))
    assert wide.hours == pytest.approx(0.01)  # 2 bundles at 170, and 20 to commit
    assert wide.terabytes == pytest.approx((100 + 3 * 60) * 1e-6)
    assert waiting.hours == 0  # 18 s of the driver, beside 72 s of the workers
    assert rerank.hours == pytest.approx(72 / 36_000)


def test_endpoints_are_those_of_the_bundles_that_ship():
    shipped = (read_manifest(locate_bundle(name))[0].endpoints for name in ("admet-tox", "potency"))
    assert MODEL["Assumptions"]().endpoints == sum(map(len, shipped))


def test_more_nodes_than_the_driver_can_feed_wait_for_it():
    """A million in 18 s is what one driver hands out; a hundred nodes would be done in 1.44 s."""
    prepare, wide, waiting, *_ = MODEL["stages"](RATE, replace(ASKED, nodes=100))
    assert prepare.hours + wide.hours + waiting.hours == pytest.approx(18 / 3600)
    assert "One driver hands out at most" in MODEL["report"](TABLE, ASKED)


def test_hours_grow_with_molecules_and_fall_with_nodes():
    rate = MODEL["values"](TABLE)
    once = MODEL["stages"](rate, ASKED)[1]
    twice = MODEL["stages"](rate, replace(ASKED, molecules=2 * ASKED.molecules))[1]
    spread = MODEL["stages"](rate, replace(ASKED, nodes=2 * ASKED.nodes))[1]
    assert twice.hours == pytest.approx(2 * once.hours)
    assert spread.hours == pytest.approx(once.hours / 2)
    assert spread.usd == pytest.approx(once.usd)


def test_unmeasured_gpus_are_not_shown():
    """A row of the table needs a rate: where none was measured, the reader gives one and is told so."""
    assert "not measured" in MODEL["report"](TABLE, ASKED)
    assert "| wide tier on GPUs" not in MODEL["report"](TABLE, ASKED)
    shown = MODEL["report"](TABLE, replace(ASKED, gpu_rate=50_000.0))
    assert "| wide tier on GPUs" in shown
    assert "Assumed for GPUs, not measured" in shown


def test_rates_add_up_to_the_whole_that_was_measured():
    """Stage by stage and as a whole: the two differ by less than a fifth."""
    summed, measured = MODEL["check"](TABLE)
    assert summed == pytest.approx(measured, rel=0.2)


def test_every_rate_has_its_unit_command_and_date():
    for name, rate in TABLE["rate"].items():
        assert {"value", "unit", "what", "command", "date"} <= rate.keys(), name
    assert all("doi:" in each["source"] for each in TABLE["published"])


def test_options_override_every_assumption():
    asked = MODEL["parse"](["--molecules", "1e8", "--cpu-price", "0.5", "--gpu-rate", "9"])
    assert (asked.molecules, asked.cpu_price, asked.gpu_rate) == (10**8, 0.5, 9.0)
