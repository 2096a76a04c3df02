"""What a screen of 10^9 molecules takes: nodes, hours, disk and money by stage, from measured rates.

    python workflows/benchmarks/cost_model.py [--molecules 1e9] [--nodes 16] [--cpu-price 0.35] ...

The rates are in rates.toml, each with its machine, command and date. Prices, sizes of nodes and efficiency
are assumptions, printed with the result; every one is an option. Printed is Markdown.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RATES = Path(__file__).parent / "rates.toml"
VALUES = 3  # numbers that a scored row holds for an endpoint: the prediction and its interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is not measured.

    Attributes
    ----------
    molecules, bundles, endpoints, reranked : int
        Size of the library; models of the plan; endpoints of all of them; compounds of the second look.
    nodes, cores, cpu_price : int, int, float
        CPU nodes, cores that do work in each, and USD for an hour of one.
    efficiency : float in (0, 1]
        Share of the time for which the cores work as they did when the rates were measured.
    gpu_rate : float, optional
        Molecules per second, bundle and GPU in the wide tier; not measured, hence no default.
    gpus, gpu_price : int, float
        GPU nodes with one GPU each, and USD for an hour of one.
    disk_price : float
        USD for a terabyte for a month.
    """

    molecules: int = 10**9
    bundles: int = 2
    endpoints: int = 60  # of the two bundles that ship
    reranked: int = 10_000
    nodes: int = 16
    cores: int = 8
    cpu_price: float = 0.35
    efficiency: float = 0.8
    gpu_rate: float | None = None
    gpus: int = 4
    gpu_price: float = 1.0
    disk_price: float = 23.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One row of the table; `hours` are of the clock, `usd` of all nodes together."""

    name: str
    nodes: int
    hours: float
    usd: float
    terabytes: float = 0.0


def load(path: Path = RATES) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def values(table: Mapping[str, Any]) -> dict[str, float]:
    """The bare numbers of the rates, by name."""
    return {name: float(rate["value"]) for name, rate in table["rate"].items()}


def on_cpu(name: str, seconds: float, asked: Assumptions, *, terabytes: float = 0.0) -> Stage:
    """A stage of `seconds` of one core, spread over all cores of all nodes."""
    hours = seconds / 3600 / (asked.nodes * asked.cores * asked.efficiency)
    return Stage(
        name=name,
        nodes=asked.nodes,
        hours=hours,
        usd=hours * asked.nodes * asked.cpu_price,
        terabytes=terabytes,
    )


def stages(rate: Mapping[str, float], asked: Assumptions) -> list[Stage]:
    """What follows on what, on CPUs alone; then, where a rate was given, the wide tier on GPUs.

    Writing the store is part of preparing; the stage says what it takes on disk.
    """
    n = asked.molecules
    row = rate["scored"] + VALUES * asked.endpoints * rate["value"]  # bytes
    stored, scored = n * rate["stored"] / 1e12, n * row / 1e12
    finish = n * rate["finish"] / 1e6 / 3600
    prepare = on_cpu(
        "read, standardise, featurise, store", n * rate["prepare"] / 1e6, asked, terabytes=stored
    )
    wide = on_cpu(
        "wide tier on CPUs",
        n * (rate["predict"] * asked.bundles + rate["commit"]) / 1e6,
        asked,
        terabytes=scored,
    )
    waiting = max(0.0, n * rate["drive"] / 1e6 / 3600 - prepare.hours - wide.hours)
    found = [
        prepare,
        wide,
        Stage(
            name="waiting for the driver, which hands out the shards",
            nodes=asked.nodes,
            hours=waiting,
            usd=waiting * asked.nodes * asked.cpu_price,
        ),
        on_cpu("second look", asked.reranked * rate["rerank"] / 1e6, asked),
        Stage(name="audit, ranking, files, one node", nodes=1, hours=finish, usd=finish * asked.cpu_price),
    ]
    if asked.gpu_rate:
        hours = n * asked.bundles / asked.gpu_rate / 3600 / asked.gpus
        found.append(
            Stage(
                name="wide tier on GPUs instead, at the rate assumed",
                nodes=asked.gpus,
                hours=hours,
                usd=hours * asked.gpus * asked.gpu_price,
                terabytes=scored,
            )
        )
    return found


def check(table: Mapping[str, Any]) -> tuple[float, float]:
    """Seconds of a whole screen: as the rates add up to, and as measured."""
    rate, whole = values(table), table["check"]
    row = rate["prepare"] + rate["predict"] * whole["bundles"] + rate["commit"] + rate["finish"]
    seconds = (whole["molecules"] * row + whole["reranked"] * rate["rerank"]) / 1e6 / whole["cores"]
    return seconds, float(whole["seconds"])


def small(value: float) -> str:
    """A figure with two decimals, or that there is next to none.

    Examples
    --------
    >>> small(1234.5), small(0.001), small(0)
    ('1,234.50', '< 0.01', '–')
    """
    if not value:
        return "–"
    return f"{value:,.2f}" if value >= 0.01 else "< 0.01"


def stage_table(found: Sequence[Stage]) -> str:
    lines = ["| stage | nodes | hours | TB on disk | USD |", "|---|---|---|---|---|"]
    lines += [
        f"| {s.name} | {s.nodes} | {small(s.hours)} | {small(s.terabytes)} | {small(s.usd)} |" for s in found
    ]
    whole = [s for s in found if "instead" not in s.name]
    total = [sum(getattr(s, name) for s in whole) for name in ("hours", "terabytes", "usd")]
    lines.append(f"| **all, on CPUs** | | **{total[0]:.2f}** | **{total[1]:.2f}** | **{total[2]:,.2f}** |")
    return "\n".join(lines)


def published_table(systems: Sequence[Mapping[str, Any]]) -> str:
    """What others published, and their GPU hours per 10^9 molecules where they follow from it."""
    lines = [
        "| system | molecules | evaluated by docking | found | time | GPU hours per 10⁹ | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in systems:
        share = f"{each['evaluated'] / each['library'] * 100:.1f} %" if "evaluated" in each else "–"
        hours = f"{each['gpu_hours'] / each['library'] * 1e9:,.0f}" if "gpu_hours" in each else "–"
        cells = (
            each["system"],
            f"{each['library'] / 1e6:,.0f} million",
            share,
            each["found"],
            each["time"],
            hours,
        )
        lines.append(f"| {' | '.join(cells)} | {each['source']} |")
    return "\n".join(lines)


def rate_table(table: Mapping[str, Any]) -> str:
    lines = ["| rate | value | what | command | date |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {r['value']:g} {r['unit']} | {r['what']} | `{r['command']}` | {r['date']} |"
        for name, r in table["rate"].items()
    ]
    return "\n".join(lines)


def report(table: Mapping[str, Any], asked: Assumptions) -> str:
    found = stages(values(table), asked)
    summed, measured = check(table)
    disk = sum(s.terabytes for s in found if "instead" not in s.name)
    gpu = (
        f"Assumed for GPUs, not measured: {asked.gpu_rate:,.0f} molecules per second, bundle and GPU;"
        f" {asked.gpus} nodes with one GPU at {asked.gpu_price} USD an hour; the cores beside them keep up."
        if asked.gpu_rate
        else "GPU rates are not measured, and GPU rows left out: give one with --gpu-rate to assume it."
    )
    ceiling = 1e6 / table["rate"]["drive"]["value"]
    times = asked.molecules / table["check"]["molecules"]
    parts = (
        f"# {asked.molecules:,} molecules, {asked.bundles} bundles, {asked.endpoints} endpoints",
        stage_table(found),
        f"Assumed: {asked.nodes} nodes of {asked.cores} cores at {asked.cpu_price} USD an hour each, which"
        f" work {asked.efficiency * 100:.0f} % of the time at the rates below; {asked.reranked:,} compounds"
        " looked at again. Start-up, transfer and requests to an object store are not in it. Keeping"
        f" {disk:.2f} TB for a month is {disk * asked.disk_price:,.2f} USD more. Prices are round figures, to"
        " be replaced by yours.",
        f"One driver hands out at most {ceiling:,.0f} molecules a second, whatever the cluster:"
        f" {asked.molecules / ceiling / 3600:.2f} hours.",
        gpu,
        "## Measured",
        rate_table(table),
        f"On {table['machine']['name']}. The rates of {table['check']['molecules']:,} molecules add up to"
        f" {summed:.0f} s on {table['check']['cores']} cores; measured as a whole: {measured:.0f} s"
        f" ({summed / measured * 100:.0f} %). That the sum holds for {times:,.6g} times as many, on other"
        " machines, is an assumption too.",
        "## Published by others",
        published_table(table["published"]),
        "Those systems predict docking scores, and dock a part of the library, which is most of their cost;"
        " molscreen predicts measured endpoints and docks nothing. What can be compared is the order of"
        " magnitude of passing a model over a library, not what is found.",
    )
    return "\n\n".join(parts)


def parse(arguments: Sequence[str] | None = None) -> Assumptions:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    usual = Assumptions()
    for name in ("molecules", "bundles", "endpoints", "reranked", "nodes", "cores", "gpus"):
        parser.add_argument(f"--{name}", type=lambda text: int(float(text)), default=getattr(usual, name))
    for name in ("cpu-price", "efficiency", "gpu-rate", "gpu-price", "disk-price"):
        parser.add_argument(f"--{name}", type=float, default=getattr(usual, name.replace("-", "_")))
    return Assumptions(**vars(parser.parse_args(arguments)))


def main(arguments: Sequence[str] | None = None) -> None:
    print(report(load(), parse(arguments)))


if __name__ == "__main__":
    main()
