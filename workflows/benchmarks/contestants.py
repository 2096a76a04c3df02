"""Who is compared by `make bench`: for each, the command its user would type, and how to read its answer."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workflows.benchmarks.measure import cpu_environment, run

ROOT = Path(__file__).parents[2]
OWN = (sys.executable, "-m", "molscreen")
ALL = -1  # instead of a count: not looked into
TOP = 100  # molecules on molscreen's shortlist
PARSER = "workflows.benchmarks.rdkit_parse"
CHECKPOINT = "runs/bench-checkpoint"  # chemprop's; kept from one benchmark to the next
APPROVED = "import admet_ai.constants as c; print(c.DEFAULT_DRUGBANK_PATH)"

Command = Callable[[Path, Path], list[str]]  # from the library and where to write


@dataclass(frozen=True, slots=True)
class Contestant:
    """One row of the table.

    Attributes
    ----------
    name : str
        For ``--only``.
    title : str
        For the table and the plot.
    gives : str
        What comes out for each molecule: speeds of different works are not to be compared blindly.
    command : callable
        The command, from the path of the library (or store) and the path to write to.
    answered : callable
        Molecules that the written result holds.
    missing : str
        Why it cannot be run here; empty where it can.
    reads : {"library", "store"}
    """

    name: str
    title: str
    gives: str
    command: Command
    answered: Callable[[Path], int]
    missing: str = ""
    reads: str = "library"


def contestants(peers: Path, *, cores: int) -> list[Contestant]:
    """All of them, in the order of the table; what is not installed says so in `missing`."""
    return [*own(cores), *store(cores), *others(peers), parsing(cores)]


def own(cores: int) -> list[Contestant]:
    """Molscreen on raw SMILES, with one bundle and with both."""
    gives = "standardised; 90 % intervals, domain; shortlist of 100 re-ranked, explained; report"
    return [
        Contestant(
            "molscreen", "molscreen, admet-tox", f"36 endpoints, {gives}",
            screening(cores, "admet-tox"), count_of_run,
        ),
        Contestant(
            "molscreen-both", "molscreen, both bundles", f"60 endpoints, {gives}",
            screening(cores, "admet-tox", "potency"), count_of_run,
        ),
    ]  # fmt: skip


def store(cores: int) -> list[Contestant]:
    """The same from a store, where this version has the verb ``index``."""
    missing = "" if can_index() else "no store in this version"
    gives = "the same, from structures standardised once"
    return [
        Contestant(
            "index", "molscreen index", "a store: standardised compounds with their graphs",
            lambda library, out: [*OWN, "index", str(library), "--out", str(out), "--workers", str(cores)],
            count_of_store, missing,
        ),
        Contestant(
            "molscreen-store", "molscreen, admet-tox, from a store", f"36 endpoints: {gives}",
            screening(cores, "admet-tox"), count_of_run, missing, "store",
        ),
        Contestant(
            "molscreen-both-store", "molscreen, both bundles, from a store", f"60 endpoints: {gives}",
            screening(cores, "admet-tox", "potency"), count_of_run, missing, "store",
        ),
    ]  # fmt: skip


def others(peers: Path) -> list[Contestant]:
    """ADMET-AI and chemprop as they are documented: every option left at its default."""

    def chemprop(*options: str) -> Command:
        return lambda library, out: [
            str(peers / "bin" / "chemprop"), "predict", "--smiles-columns", "smiles",
            "-i", str(library), "-o", str(out.with_suffix(".csv")),
            "--model-paths", str(checkpoint_path()), *options,
        ]  # fmt: skip

    def admet_ai(library: Path, out: Path) -> list[str]:
        tool = str(peers / "bin" / "admet_predict")
        return [tool, "--data_path", str(library), "--save_path", str(out.with_suffix(".csv"))]

    one = "1 endpoint of one network"
    return [
        Contestant(
            "admet-ai", "ADMET-AI 2.0.1", "41 endpoints of 10 networks, 11 descriptors, DrugBank percentiles",
            admet_ai, count_of_table, absent(peers, "admet_predict"),
        ),
        Contestant(
            "chemprop", "chemprop 2.3.1", one, chemprop(), count_of_table, absent(peers, "chemprop"),
        ),
        Contestant(
            "chemprop-cuik", "chemprop 2.3.1, C++ featuriser", one,
            chemprop("--use-cuikmolmaker-featurization"), count_of_table,
            absent(peers, "cuik-molmaker-mol-features"),
        ),
    ]  # fmt: skip


def parsing(cores: int) -> Contestant:
    """RDKit alone: the physical limit of whatever reads SMILES by it."""
    script = (sys.executable, "-m", PARSER)
    return Contestant(
        "rdkit", f"RDKit parsing alone, {cores} processes", "nothing: parsed and forgotten",
        lambda library, out: [*script, str(library), str(out), "--processes", str(cores)],
        lambda out: len(out.read_text(encoding="utf-8").splitlines()),
    )  # fmt: skip


def screening(cores: int, *bundles: str) -> Command:
    """``molscreen screen``: the ready-made plan, shortlist, report and all."""
    named = [word for name in bundles for word in ("--bundle", name)]
    return lambda library, out: [
        *OWN, "screen", str(library), "--plan", "oral-drug", *named,
        "--top", str(TOP), "--workers", str(cores), "--out", str(out),
    ]  # fmt: skip


def checkpoint_path() -> Path:
    """Chemprop's network; see `make_checkpoint`."""
    return ROOT / CHECKPOINT / "model_0" / "best.pt"


def make_checkpoint(peers: Path, folder: Path) -> None:
    """Train chemprop's default D-MPNN (width 300, depth 3) for one epoch, if that was not done before.

    On the 2,845 approved drugs that ADMET-AI ships, for logP: what it has learnt has no effect on its speed.
    """
    if checkpoint_path().exists():
        return
    python = str(peers / "bin" / "python")
    drugs = subprocess.run([python, "-c", APPROVED], capture_output=True, text=True, check=True)  # noqa: S603
    command = [
        str(peers / "bin" / "chemprop"), "train", "--task-type", "regression",
        "-i", drugs.stdout.split()[-1], "-o", str(ROOT / CHECKPOINT),
        "--smiles-columns", "smiles", "--target-columns", "logP",
        "--epochs", "1", "--warmup-epochs", "0",
    ]  # fmt: skip
    run(command, log=folder / "chemprop-train.log", environment=cpu_environment(2), cwd=ROOT)


def can_index() -> bool:
    """Whether this molscreen knows stores."""
    command = [*OWN, "index", "--help"]
    return subprocess.run(command, capture_output=True, cwd=ROOT, check=False).returncode == 0  # noqa: S603


def absent(peers: Path, program: str) -> str:
    """Why a peer cannot be run, or nothing."""
    return "" if (peers / "bin" / program).exists() else f"not installed: no {program} in {peers}"


def count_of_table(out: Path) -> int:
    """Rows of a CSV with a header."""
    with out.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def count_of_run(out: Path) -> int:
    """Rows that a run answered: it is refused if they are not all of the library."""
    return int(json.loads((out / "run.json").read_text(encoding="utf-8"))["counts"]["read"])


def count_of_store(out: Path) -> int:
    """All that it was given; the run that reads it will say if not."""
    return ALL if out.is_dir() else 0


def stage_seconds(out: Path) -> Mapping[str, float]:
    """Seconds by stage of a molscreen run; empty for everybody else."""
    record = out / "run.json"
    return json.loads(record.read_text(encoding="utf-8"))["seconds"] if record.is_file() else {}
