"""The speed benchmark counts, divides and draws right; no peer is installed or run."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from workflows.benchmarks import speed
from workflows.benchmarks.contestants import ROOT, contestants, others, parsing, screening
from workflows.benchmarks.measure import BenchmarkError, child_seconds, cpu_environment, run
from workflows.benchmarks.sample import readable, sample
from workflows.benchmarks.speed_plot import Bar, bar_plot
from workflows.benchmarks.speed_table import (
    Measurement,
    Ratio,
    ratio_table,
    ratios,
    speed_table,
    stage_table,
    wide_tier,
)

STAGES = {"wall.wide": 6.0, "wall.rerank": 3.0, "wide.predict": 8.0, "wide.standardize": 2.0}
MACHINE = {
    "time": "2026-11-21T12:00:00", "cpu": "a CPU", "cores": [0, 1], "load": 0.1, "python": "3.11",
    "versions": {"rdkit": "2026.9.1"}, "peers": {}, "left_out": 0,
}  # fmt: skip


def measurement(
    name: str, seconds: float, startup: float = 0.0, others: float = 0.0, **given: object
) -> Measurement:
    """1,001 molecules, so that 1,000 are left when start-up has had its one."""
    return Measurement(name, name.title(), "numbers", 1001, 1001, seconds, startup, 100.0, others, **given)


def test_start_up_is_left_out_with_its_molecule():
    """A tool that takes 8 s to start and 2 s for 1,000 more molecules does 500 a second."""
    each = measurement("tool", 10.0, 8.0)
    assert each.rate == pytest.approx(100.1)
    assert each.net_rate == pytest.approx(500)


def test_time_of_what_a_program_leaves_behind_is_its_own(tmp_path):
    """A grandchild that works on for a while after its parent was killed is nobody else's."""
    orphan = "import time; end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    program = (
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {orphan!r}]); time.sleep(0.3)"
    )
    before = child_seconds()
    run([sys.executable, "-c", program], log=tmp_path / "log", environment=cpu_environment(1), cwd=tmp_path)
    assert child_seconds() - before > 0.5


def test_no_time_left_is_not_infinitely_fast():
    """Of a few molecules, start-up may take longer in one call than the whole does in another."""
    assert math.isnan(measurement("tool", 1.0, 1.1).net_rate)


def test_ratios_are_taken_within_a_round():
    """A slow hour of the machine slows both, and must not make one look fast."""
    noon = {"molscreen": measurement("molscreen", 1.0), "admet-ai": measurement("admet-ai", 60.0)}
    night = {"molscreen": measurement("molscreen", 3.0), "admet-ai": measurement("admet-ai", 180.0)}
    alone = {"molscreen": measurement("molscreen", 100.0)}
    whole, net = ratios([noon, night, alone], Ratio("molscreen", "admet-ai"))
    assert whole == pytest.approx([60.0, 60.0])
    assert net == pytest.approx([60.0, 60.0])


def test_report_names_ratios_and_who_is_missing():
    """A peer that could not be run is in the table, with the reason, and never with a figure."""
    done = {"molscreen": measurement("molscreen", 1.0), "admet-ai": measurement("admet-ai", 75.0)}
    text = speed.report([done], {"Chemprop": "not installed: no chemprop in runs/x"}, MACHINE)
    assert "| Molscreen ÷ Admet-Ai | 75.0 × | 75.0 × | ≥ 60 |" in text
    assert "| Chemprop | not installed: no chemprop in runs/x | – | – | – | – | – | – | – |" in text
    assert "not quiet" not in text


def test_a_busy_machine_is_told():
    """Two threads that wait for each other lose more than the share that others take: no fair ratio."""
    text = speed.report([{"molscreen": measurement("molscreen", 1.0, others=0.2)}], {}, MACHINE)
    assert "not quiet: others had up to 20 % of the cores" in text


def test_medians_over_rounds():
    rounds = [{"tool": measurement("tool", seconds)} for seconds in (1.001, 10.01, 2.002)]
    assert "| Tool | numbers | 1,001 | 2 | 0 | 500 | 500 | 100 | 0 % |" in speed_table(rounds, {})
    assert ratio_table(rounds).count("\n") == 1  # head and rule: there is nothing to divide by


def test_phases_and_the_rest_are_the_whole_call():
    """What no phase of the run accounts for is shown, not dropped."""
    lines = stage_table(measurement("molscreen", 10.01, stages=STAGES)).splitlines()
    clock = [float(line.split("|")[3]) for line in lines if line.startswith("| clock")]
    assert sum(clock) == pytest.approx(10.01, abs=0.01)
    assert "| workers | wide.predict | 8 | 7,992 | 80.0 % |" in lines


def test_wide_tier_is_a_row_of_its_own():
    whole = measurement("molscreen", 10.01, stages=STAGES)
    row = wide_tier(whole, {"wall.wide": 1.0})
    assert (row.name, row.seconds, row.startup) == ("molscreen-wide", 6.0, 1.0)
    assert row.net_rate == pytest.approx(200)
    assert math.isnan(row.peak_mib)


def test_sample_is_spread_over_all_files(tmp_path: Path):
    """The first file of a library is not the library."""
    paths = []
    for part in "ab":
        rows = "".join(f"{part}{i},{'C' * (i + 1)}\n" for i in range(10))
        paths.append(tmp_path / f"{part}.csv")
        paths[-1].write_text(f"id,smiles\n{rows}")
    assert [row["id"] for row in sample(paths, 4)] == ["a0", "a4", "a8", "b2", "b6"]
    with pytest.raises(BenchmarkError, match="21 molecules are wanted, and there are 20 in 2 files"):
        sample(paths, 21)


def test_rows_that_would_end_a_peer_are_left_out(tmp_path: Path):
    """Chemprop stops at the first SMILES that RDKit refuses; all get the rows that all can read."""
    rows = [{"id": "a", "smiles": "CCO"}, {"id": "b", "smiles": "CN(C)(C)(C)C"}, {"id": "c", "smiles": "C"}]
    assert [row["id"] for row in readable(rows, [Path(sys.executable)], tmp_path)] == ["a", "c"]


def test_peers_that_are_not_there_say_so(tmp_path: Path):
    assert [who.missing.split(":")[0] for who in others(tmp_path)] == ["not installed"] * 3


def test_reader_of_a_store_brings_its_maker(tmp_path: Path):
    everybody = contestants(tmp_path, cores=2)
    names = [who.name for who in speed.chosen(everybody, "molscreen-store")]
    assert names == ["index", "molscreen-store"]
    with pytest.raises(BenchmarkError, match="unknown chemporp; there are molscreen,"):
        speed.chosen(everybody, "chemporp")


def test_molscreen_is_given_no_shortcut(tmp_path: Path):
    """The compared command is one that a user types: ready-made plan, shortlist, report."""
    words = screening(2, "admet-tox")(Path("x.csv"), tmp_path)[3:]
    assert words == [
        "screen", "x.csv", "--plan", "oral-drug", "--bundle", "admet-tox",
        "--top", "100", "--workers", "2", "--out", str(tmp_path),
    ]  # fmt: skip


def test_run_measures_time_and_memory(tmp_path: Path):
    """40 MB held for half a second are seen, and so is the half second."""
    code = "import time; held = bytearray(40_000_000); time.sleep(0.5)"
    usage = run(
        [sys.executable, "-c", code], log=tmp_path / "log", environment=cpu_environment(1), cwd=tmp_path
    )
    assert usage.seconds >= 0.5
    assert usage.peak_mib > 38
    assert 0 <= usage.others <= 1


def test_failing_program_is_no_fast_one(tmp_path: Path):
    """A program that dies at once would win; its last words are shown instead."""
    command = [sys.executable, "-c", "import sys; sys.exit('no such checkpoint')"]
    with pytest.raises(BenchmarkError, match=r"exit code 1 .*\nno such checkpoint"):
        run(command, log=tmp_path / "log", environment=cpu_environment(1), cwd=tmp_path)


def test_parsing_answers_every_row(tmp_path: Path):
    library, out = tmp_path / "library.csv", tmp_path / "out.txt"
    library.write_text("id,smiles\na,CCO\nb,C(C\nc,c1ccccc1\n")
    command = parsing(cores=2).command(library, out)
    run(command, log=tmp_path / "log", environment=cpu_environment(1), cwd=ROOT)
    assert out.read_text() == "3\n\n6\n"


def test_plot_is_logarithmic_and_ordered():
    """A bar ten times as fast is one decade longer; names are escaped."""
    svg = bar_plot([Bar("slow", 10, "#000"), Bar("fast & <new>", 1000, "#111")], title="t", subtitle="s")
    root = ElementTree.fromstring(svg)
    ns = "{http://www.w3.org/2000/svg}"
    bars = [each for each in root.iter(f"{ns}rect") if each.get("fill") in ("#000", "#111")]
    assert [each.get("fill") for each in bars] == ["#111", "#000"]
    assert "fast & <new>" in [each.text for each in root.iter(f"{ns}text")]
    with pytest.raises(ValueError, match="positive rates"):
        bar_plot([], title="t", subtitle="s")
