"""How fast molscreen is beside ADMET-AI, chemprop, and RDKit's parser: same molecules, machine and cores.

    make bench                # 20,000 molecules of DATA/mcule_1m; peers are installed in runs/peers-venv
    make bench N=500 ONLY=molscreen,rdkit
    python -m workflows.benchmarks.speed LIBRARY.csv.gz... --n 2000 --rounds 3 --peers runs/peers-venv

Everybody is run from end to end, as a user would: a command on a file of SMILES, until its result is
written. Everybody gets the same file, the same cores and no GPU, and keeps its own defaults; start-up (the
same command on one molecule, after one that only warms the disk) is shown beside, and left out in a column
of its own. Where a round is repeated, the programs take turns, and ratios are taken within a round.

Into the folder go speed.md, speed.json and speed.svg. Figures of a busy machine mean little.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from workflows.benchmarks.contestants import (
    ALL,
    ROOT,
    Contestant,
    contestants,
    make_checkpoint,
    stage_seconds,
)
from workflows.benchmarks.measure import BenchmarkError, Usage, cpu_environment, pin, run
from workflows.benchmarks.sample import readable, sample, write_library
from workflows.benchmarks.speed_plot import Bar, bar_plot, colour_of
from workflows.benchmarks.speed_table import (
    Measurement,
    Round,
    median,
    names,
    ratio_table,
    speed_table,
    stage_table,
    wide_tier,
)

PACKAGES = ("molscreen", "rdkit", "torch", "numpy")
PEER_PACKAGES = ("admet-ai", "chemprop", "cuik-molmaker-pin", "rdkit", "torch", "lightning")
QUIET = 0.5  # load average above which the figures come with a warning
STORE_MAKER = "index"
WITH_WIDE = ("molscreen", "molscreen-store")  # whose wide tier is a row of its own


class Track:
    """Where a round is run: the libraries of n molecules and of one, and what each program makes of them."""

    def __init__(self, folder: Path, rows: Sequence[Mapping[str, str]], cores: int) -> None:
        self._folder = folder
        self._n = len(rows)
        self._environment = cpu_environment(cores)
        self._inputs = {
            "all": write_library(rows, folder / "library.csv"),
            "one": write_library(rows[:1], folder / "one.csv"),
        }

    def measure(self, who: Contestant, *, is_first: bool) -> Iterator[Measurement]:
        """One contestant, start-up and whole; a screen's wide tier follows as a row of its own."""
        if is_first:
            self._call(who, "one")
        startup, first_stages, _ = self._call(who, "one")
        usage, stages, answered = self._call(who, "all")
        if answered not in (self._n, ALL):
            print(f"note: {who.title} answered {answered:,} of {self._n:,} molecules")
        whole = Measurement(
            who.name, who.title, who.gives, self._n, answered,
            usage.seconds, startup.seconds, usage.peak_mib, stages,
        )  # fmt: skip
        yield whole
        if who.name in WITH_WIDE:
            yield wide_tier(whole, first_stages)

    def clear(self) -> None:
        """Remove what the programs wrote; libraries and logs stay."""
        for path in self._folder.glob("out-*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _call(self, who: Contestant, size: str) -> tuple[Usage, Mapping[str, float], int]:
        """Run it on all molecules or on one: usage, seconds by stage, molecules answered."""
        given = self._inputs[size] if who.reads == "library" else self._folder / f"out-{STORE_MAKER}-{size}"
        out = self._folder / f"out-{who.name}-{size}"
        for old in self._folder.glob(f"{out.name}*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        log = self._folder / f"{who.name}-{size}.log"
        usage = run(who.command(given, out), log=log, environment=self._environment, cwd=ROOT)
        return usage, stage_seconds(out), who.answered(out)


def chosen(everybody: Sequence[Contestant], only: str) -> list[Contestant]:
    """Those that are named, all where none is; who reads a store brings its maker along.

    Raises
    ------
    BenchmarkError
        A name is unknown.
    """
    wanted = {name for name in only.split(",") if name} or {who.name for who in everybody}
    if unknown := wanted - {who.name for who in everybody}:
        known = ", ".join(who.name for who in everybody)
        raise BenchmarkError(f"--only: unknown {', '.join(sorted(unknown))}; there are {known}")
    if any(who.reads == "store" and who.name in wanted for who in everybody):
        wanted.add(STORE_MAKER)
    return [who for who in everybody if who.name in wanted]


def about(peers: Path, cores: Sequence[int]) -> dict[str, Any]:
    """The machine and the versions."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    return {
        "time": datetime.now().astimezone().isoformat(timespec="seconds"),
        "cpu": model,
        "cores": list(cores),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "peers": peer_versions(peers),
    }


def peer_versions(peers: Path) -> dict[str, str]:
    """What is installed beside the peers; empty where there is no environment."""
    python = peers / "bin" / "python"
    if not python.exists():
        return {}
    command = [str(python), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    installed = {each["name"].lower().replace("_", "-"): each["version"] for each in json.loads(said.stdout)}
    return {name: installed[name] for name in PEER_PACKAGES if name in installed}


def report(rounds: Sequence[Round], missing: Mapping[str, str], where: Mapping[str, Any]) -> str:
    """All tables, and what they were measured on, in Markdown."""
    first = next(iter(rounds[0].values()))
    versions = [
        f"{name} {version}" for part in ("versions", "peers") for name, version in where[part].items()
    ]
    parts = [
        f"# {first.n:,} molecules from SMILES, {len(where['cores'])} cores, no GPU",
        f"{where['time']}, {where['cpu']}, Python {where['python']}; {len(rounds)} round(s), medians."
        f" {where['left_out']} candidates left out, which an RDKit here cannot read: chemprop ends there."
        f" molscreen's environment, then the peers': {', '.join(versions)}.",
    ]
    if where["load"] > QUIET:
        parts.append(f"**The machine was not quiet: load average {where['load']:.1f} at the start.**")
    parts += [speed_table(rounds, missing), ratio_table(rounds)]
    last = rounds[-1]
    for each in last.values():
        if each.stages:
            parts += [f"## {each.title}: seconds by stage", stage_table(each)]
    return "\n\n".join(parts) + "\n"


def plot(rounds: Sequence[Round], where: Mapping[str, Any]) -> str:
    """The picture of the whole calls."""
    every = {name: [r[name] for r in rounds if name in r] for name in names(rounds)}
    bars = [Bar(e[0].title, median(m.rate for m in e), colour_of(name)) for name, e in every.items()]
    n = next(iter(every.values()))[0].n
    subtitle = f"{n:,} molecules, {len(where['cores'])} cores of {where['cpu']}, no GPU; {where['time'][:10]}"
    return bar_plot(bars, title="From SMILES to predictions", subtitle=subtitle)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", nargs="+", type=Path, help="CSV with id and smiles, plain or .gz")
    parser.add_argument("--n", type=int, default=20_000, help="molecules")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--peers", type=Path, default=ROOT / "runs" / "peers-venv", help="their environment")
    parser.add_argument("--only", default="", help="names with commas between; all where absent")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "runs" / "bench" / f"{datetime.now():%Y%m%d-%H%M%S}"
    )
    given = parser.parse_args(arguments)
    peers, folder = given.peers.absolute(), given.out.absolute()
    folder.mkdir(parents=True)
    where = about(peers, pin(given.cores))
    entered = chosen(contestants(peers, cores=given.cores), given.only)
    missing = {who.title: who.missing for who in entered if who.missing}
    entered = [who for who in entered if not who.missing]
    if any(who.name.startswith("chemprop") for who in entered):
        make_checkpoint(peers, folder)
    candidates = sample(given.library, given.n)
    pythons = [each for each in (Path(sys.executable), peers / "bin" / "python") if each.exists()]
    rows = readable(candidates, pythons, folder)
    where["left_out"] = len(candidates) - len(rows)
    rounds = run_rounds(Track(folder, rows[: given.n], given.cores), entered, given.rounds)
    text = report(rounds, missing, where)
    kept = {**where, "missing": missing, "rounds": [[asdict(m) for m in r.values()] for r in rounds]}
    (folder / "speed.md").write_text(text, encoding="utf-8")
    (folder / "speed.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    (folder / "speed.svg").write_text(plot(rounds, where), encoding="utf-8")
    print(f"\n{text}\n{folder}")


def run_rounds(track: Track, entered: Sequence[Contestant], n_rounds: int) -> list[Round]:
    """Every contestant once in every round, in turn; a line is printed when one is done."""
    rounds: list[Round] = []
    for place in range(n_rounds):
        done: dict[str, Measurement] = {}
        for who in entered:
            for each in track.measure(who, is_first=place == 0):
                done[each.name] = each
                print(
                    f"round {place + 1}  {each.title:<45}{each.seconds:9.1f} s{each.rate:10,.0f} molecules/s"
                )
        track.clear()
        rounds.append(done)
    return rounds


if __name__ == "__main__":
    main()
