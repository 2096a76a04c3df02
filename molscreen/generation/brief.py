"""Brief: what a design works to. Where it starts, what it may propose, and who proposes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import Chem

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.errors import ConfigError
from molscreen.filters.alerts import AlertRule, Unstable
from molscreen.generation.fragments.generator import FragmentGenerator
from molscreen.generation.fragments.keep import Keep
from molscreen.generation.generator import GENERATORS, MoleculeGenerator
from molscreen.generation.known import Known, read_known
from molscreen.generation.new_alerts import NewAlerts
from molscreen.generation.reactions.generator import ReactionGenerator
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.preset import PRESETS, OptimizeConfig
from molscreen.generation.seeds import N_DRUGS, Seeds, read_seeds, some_drugs
from molscreen.generation.settings import DesignConfig
from molscreen.screening.plan.plan import ScreenPlan

WATCH = 200  # calls that a collapse or a standstill may last; where a series is kept, it may last


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Brief:
    """All that is asked of a design, read and checked; see `make_brief`.

    Attributes
    ----------
    plan : ScreenPlan
    config : DesignConfig
    keep : Keep, optional
    start : Seeds
    known : Known
        The user's compounds that are not new.
    gates : Gates
        But for the domain, which comes with the bundles.
    generators : list of MoleculeGenerator
    """

    plan: ScreenPlan
    config: DesignConfig
    keep: Keep | None
    start: Seeds
    known: Known
    gates: Gates
    generators: list[MoleculeGenerator]

    @property
    def preset(self) -> OptimizeConfig:
        """How the search goes about it."""
        preset = PRESETS[self.config.preset]
        return replace(
            preset,
            batch=self.config.batch or preset.batch,
            watch=0 if self.config.keep else WATCH,
            pareto=self.config.pareto,
        )

    def compared_with(self) -> Known:
        """What proposals are compared with: the seeds, and what the user knows."""
        return _as_known(self.start).join(self.known)

    def about(self) -> dict[str, Any]:
        """In words, for whoever reads the design."""
        alerts = [each for each in self.gates.filters if isinstance(each, NewAlerts)]
        inherited = ", ".join(alert for each in alerts for alert in each.inherited)
        return {
            "name": self.plan.name,
            "description": self.plan.description,
            **({"keep": self.keep.described} if self.keep else {}),
            **({"alerts": f"all seeds have {inherited}: allowed"} if inherited else {}),
            **({"seed_warnings": dict(self.start.warnings)} if self.start.warnings else {}),
        }

    def identity(self) -> dict[str, Any]:
        """All that the proposals depend on, as JSON-able values."""
        return {
            "design": asdict(self.config) | {"generators": self.config.proposers},
            "known": self.gates.identity()["known_blocks"],
            "seeds": self.start.keys,
        }


def make_brief(
    plan: ScreenPlan, config: DesignConfig, *, seeds: Sequence[str | Path], known: Sequence[str | Path]
) -> Brief:
    """Read what a design is asked; parameters as for `molscreen.generation.design.design`.

    Raises
    ------
    UsageError
        What is kept, the seeds or the known compounds are not usable.
    """
    keep = Keep.read(config.keep) if config.keep else None
    start = _start(seeds, plan, config, keep)
    if keep is not None:
        keep = keep.beside([Chem.MolFromSmiles(key) for key in start.keys])
    not_new = read_known(known, recipe=plan.standardize)
    return Brief(
        plan=plan,
        config=config,
        keep=keep,
        start=start,
        known=not_new,
        gates=_make_gates(plan, config, keep, start, not_new),
        generators=_make_generators(plan, config, keep, start),
    )


def _start(seeds: Sequence[str | Path], plan: ScreenPlan, config: DesignConfig, keep: Keep | None) -> Seeds:
    """The user's seeds; the core that is kept; or drugs that have what is kept, a quarter of the budget."""
    n = max(1, min(N_DRUGS, config.budget // 4))
    if seeds:
        start = read_seeds(seeds, recipe=plan.standardize)
    elif keep is not None and keep.is_core:
        start = _grow(keep, n, plan, config)
    else:
        is_wanted = keep.find if keep is not None else bool
        start = some_drugs(n, seed=config.seed, recipe=plan.standardize, is_wanted=is_wanted)
        if not start.keys:
            raise ConfigError(
                f"keep: no approved drug has '{config.keep}' ({keep.described if keep else ''});"
                " give compounds that have it by --seeds, or correct the pattern"
            )
    if keep is not None:
        keep.require(start.keys)
    if len(start.keys) >= config.budget:
        raise ConfigError(
            f"a budget of {config.budget} is spent on the {len(start.keys)} seeds, and nothing new could be"
            " scored: raise --budget, or give fewer seeds"
        )
    return start


def _grow(keep: Keep, n: int, plan: ScreenPlan, config: DesignConfig) -> Seeds:
    """Compounds made of the core that is kept, as they are scored.

    Raises
    ------
    ConfigError
        There are none, or as they are scored they do not have the core.
    """
    made = FragmentGenerator(keep=keep).seeds(n, np.random.default_rng(config.seed))
    outcomes = [standardize(each.smiles, plan.standardize) for each in made]
    compounds = [each.key for each in outcomes if isinstance(each, Compound)]
    if keys := [key for key in dict.fromkeys(compounds) if keep.find(Chem.MolFromSmiles(key))]:
        return Seeds(tuple(keys))
    why = "no fragment was seen that links its parts"
    if made:
        first = outcomes[0]
        fate = f"scored as '{first.key}'" if isinstance(first, Compound) else f"refused: {first.reason}"
        why = f"'{made[0].smiles}', which is the core with hydrogens at its *, is {fate}"
    raise ConfigError(
        f"keep: nothing that can be scored is made of '{keep.text}' alone ({why});"
        " give compounds that have it by --seeds"
    )


def _make_gates(
    plan: ScreenPlan, config: DesignConfig, keep: Keep | None, start: Seeds, known: Known
) -> Gates:
    flagging = [rule for rule in plan.make_filters("flag") if isinstance(rule, AlertRule)]
    rules = [Unstable(), *flagging] if config.alerts == "refuse" else []
    return Gates(
        recipe=plan.standardize,
        forbid=config.forbid,
        heavy_atoms=config.heavy_atoms,
        known_blocks=known.blocks() | _as_known(start).blocks(),
        filters=(
            *plan.make_filters("refuse"),
            *([keep] if keep else []),
            *([NewAlerts.beside(rules, _series(start, keep))] if rules else []),
        ),
    )


def _as_known(start: Seeds) -> Known:
    return Known(start.keys, ("seed",) * len(start.keys))


def _series(start: Seeds, keep: Keep | None) -> list[Chem.Mol]:
    """The seeds that have what is kept."""
    mols = [Chem.MolFromSmiles(key) for key in start.keys]
    return [mol for mol in mols if keep is None or keep.find(mol)]


def _make_generators(
    plan: ScreenPlan, config: DesignConfig, keep: Keep | None, start: Seeds
) -> list[MoleculeGenerator]:
    made: dict[str, Callable[[], MoleculeGenerator]] = {
        "fragments": lambda: FragmentGenerator(keep=keep),
        "reactions": lambda: ReactionGenerator(recipe=plan.standardize),
    }
    generators = [made.get(name, GENERATORS[name])() for name in config.proposers]
    if keep is not None and all(isinstance(each, FragmentGenerator) for each in generators):
        _check_steps(FragmentGenerator(keep=keep), start)
    return generators


def _check_steps(fragments: FragmentGenerator, start: Seeds) -> None:
    """Refuse to begin where the only generator has no first step.

    Raises
    ------
    ConfigError
        In no seed can anything be exchanged or attached.
    """
    if not any(map(fragments.can_change, start.keys)):
        raise ConfigError(
            f"keep: '{fragments.keep.text if fragments.keep else ''}': no fragment was seen that could be"
            " attached at its open atoms, or exchanged elsewhere in a seed; open other atoms, give other"
            " --seeds, or ask another --generator"
        )
