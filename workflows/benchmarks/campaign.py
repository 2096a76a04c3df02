"""A campaign: designs beside a screen of purchasable compounds, and whether they fool the models.

    make campaign    # an hour or two on two cores; ARGS="--targets CHEMBL204_Ki --budget 1000" for less

For each target, by the ready-made plan ``target:ENDPOINT`` (potency with solubility, absorption, hERG and
Ames in the objective): a screen of purchasable compounds, and two designs from random molecules of ZINC, one
as it is (guarded) and one that believes every prediction (``--bold``). All are told by the plan's own score
of the 100 best, by predictions as they stand. Nothing here is measured in a laboratory: the control, a model
that no reward reads, and the domain say how far the numbers may be believed.

The shipped bundle's control is its own student, which knows the same measurements. With ``--halves`` potency
is of a bundle trained on half of what is measured for the target, and its control is trained on the other.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rdkit import Chem
from rdkit.Chem import Draw
from rich.console import Console
from rich.table import Table

from molscreen.generation.benchmark.start import draw_start
from molscreen.generation.design import design
from molscreen.generation.scorer import PlanScorer
from molscreen.generation.search.history import History, from_arrow
from molscreen.generation.settings import DesignConfig
from molscreen.screening.index import index
from molscreen.screening.plan.plan import ScreenPlan, load_plan
from molscreen.screening.plan.tables import Diversity
from molscreen.screening.screen import screen
from workflows.benchmarks.halves import train_halves
from workflows.benchmarks.sample import sample, write_library

TARGETS = ("CHEMBL204_Ki", "CHEMBL2971_Ki", "CHEMBL234_Ki")  # a protease, a kinase, a GPCR
POTENCY = "potency"  # the shipped bundle of all targets
BEST = 100
DRAWN = 10
N_SEEDS = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """What the `BEST` compounds of one way to find them are like.

    Attributes
    ----------
    score, control : float
        Mean scores by the plan, and by the control.
    n : int
        Of how many that is known.
    in_domain, passing : float
        Shares inside the domain of the bundles that the objective reads, and without any alert of the plan's
        flagging rules.
    """

    n: int
    score: float
    control: float
    in_domain: float
    passing: float

    @property
    def gap(self) -> float:
        """How far the score runs ahead of the control's."""
        return self.score - self.control


Ways = dict[str, Figures | None]  # by how the compounds were found


@dataclass(frozen=True, slots=True)
class Models:
    """Who is optimised, and who controls it; nobody named is the students of the same bundles."""

    plan: ScreenPlan
    control: tuple[str, ...] = ()


def models_for(target: str, *, halves: bool, seed: int, out: Path) -> Models:
    """The shipped bundles, or a bundle of each half of the measurements."""
    plan = load_plan(f"target:{target}")
    if not halves:
        return Models(plan)
    trained = train_halves(target, seed=seed, out=out)
    others = tuple(name for name in plan.bundles if name != POTENCY)
    return Models(
        replace(plan, bundles=(str(trained.optimised), *others)), control=(str(trained.control), *others)
    )


def judge(models: Models, keys: Sequence[str]) -> Figures | None:
    """The figures of n compounds, all by one scorer, whoever found them; None of no compound."""
    if not keys:
        return None
    rules = models.plan.make_filters("flag")
    mols = [Chem.MolFromSmiles(key) for key in keys]
    with PlanScorer(models.plan, control=models.control) as score:
        said = score.judge(keys)
        inside = score.distance(keys) <= 1
    known = np.isfinite(said.plain) & np.isfinite(said.control)
    return Figures(
        n=int(known.sum()),
        score=float(said.plain[known].mean()),
        control=float(said.control[known].mean()),
        in_domain=float(inside.mean()),
        passing=float(np.mean([not any(rule.reason(mol) for rule in rules) for mol in mols])),
    )


def screened(plan: ScreenPlan, store: Path, out: Path) -> list[str]:
    """The best of the purchasable compounds, whatever their scaffolds."""
    wanted = replace(plan, top=BEST, diversity=Diversity(method="none"))
    run = screen(store, plan=wanted, out=out, resume=(out / "run.json").is_file())
    return [str(key) for key in run.shortlist_table["key"].to_pylist()]


def designed(models: Models, seeds: Path, out: Path, config: DesignConfig) -> list[str]:
    """The best new compounds of a design, by its reward."""
    found = design(
        models.plan, control=models.control, out=out, seeds=[seeds], config=config,
        resume=(out / "design.json").is_file(),
    )  # fmt: skip
    return [call.key for call in History(from_arrow(found.history)).best_new()[:BEST]]


def draw(keys: Sequence[str], path: Path) -> None:
    """The first compounds as one picture."""
    mols = [Chem.MolFromSmiles(key) for key in keys[:DRAWN]]
    if not mols:
        return
    legends = [str(rank) for rank in range(1, len(mols) + 1)]
    picture = Draw.MolsToGridImage(mols, molsPerRow=5, subImgSize=(300, 240), legends=legends)
    picture.save(path)


def campaign(models: Models, store: Path, seeds: Path, config: DesignConfig, out: Path) -> Ways:
    """All three ways for one target; what is there is not done again."""
    found = {
        "screen": screened(models.plan, store, out / "screen"),
        "guarded": designed(models, seeds, out / "guarded", config),
        "bold": designed(models, seeds, out / "bold", replace(config, bold=True)),
    }
    for name, keys in found.items():
        draw(keys, out / f"{name}.png")
    return {name: judge(models, keys) for name, keys in found.items()}


def make_store(libraries: Sequence[Path], n: int, out: Path) -> Path:
    """`n` evenly spaced rows of the libraries, prepared once for all screens."""
    store, library = out / f"store-{n}", out / f"library-{n}.csv"
    if not (store / "store.json").is_file():
        index(write_library(sample(libraries, n)[:n], library), out=store)
    return store


def make_seeds(seed: int, out: Path) -> Path:
    """Random molecules to start from."""
    path = out / "seeds.smi"
    start = draw_start(N_SEEDS, seed=seed)
    path.write_text("".join(f"{key}\n" for key in start.keys), encoding="utf-8")
    Console().print(f"{len(start.keys)} {start.source}")
    return path


def show(found: Mapping[str, Ways]) -> None:
    """One row for each way, three for each target."""
    table = Table(title=f"the best {BEST}")
    for column in ("target", "by", "n", "score", "control", "gap", "in domain", "no alert"):
        table.add_column(column, justify="left" if column in ("target", "by") else "right")
    for target, ways in found.items():
        for name, each in ways.items():
            if each is None:
                table.add_row(target, name, "0")
                continue
            table.add_row(
                target, name, f"{each.n}", f"{each.score:.3f}", f"{each.control:.3f}", f"{each.gap:+.3f}",
                f"{each.in_domain:.0%}", f"{each.passing:.0%}",
            )  # fmt: skip
    Console().print(table)


def main() -> None:
    """Run what is not done, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "libraries", nargs="+", type=Path, help="purchasable compounds, CSV with id and smiles"
    )
    parser.add_argument("--targets", nargs="+", default=TARGETS)
    parser.add_argument("--n", type=int, default=100_000, help="compounds to screen")
    parser.add_argument("--budget", type=int, default=5000, help="calls of a design")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--halves", action="store_true", help="control potency by a bundle that has seen other measurements"
    )
    parser.add_argument("--out", type=Path, help="runs/campaign, or runs/campaign-halves")
    asked = parser.parse_args()
    asked.out = asked.out or Path("runs/campaign-halves" if asked.halves else "runs/campaign")
    asked.out.mkdir(parents=True, exist_ok=True)
    store = make_store(asked.libraries, asked.n, asked.out)
    seeds = make_seeds(asked.seed, asked.out)
    config = DesignConfig(budget=asked.budget, seed=asked.seed, preset="fast")
    found = {}
    for target in asked.targets:
        folder = asked.out / target
        folder.mkdir(exist_ok=True)
        models = models_for(target, halves=asked.halves, seed=asked.seed, out=folder)
        found[target] = campaign(models, store, seeds, config, folder)
        show({target: found[target]})
    show(found)
    text = {
        target: {name: asdict(each) | {"gap": each.gap} if each else None for name, each in ways.items()}
        for target, ways in found.items()
    }
    (asked.out / "campaign.json").write_text(json.dumps(text, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
