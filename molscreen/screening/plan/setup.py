"""Setup: a plan with its library, bundles and objective opened and checked, before any work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from molscreen.chem.compound import RECIPE_VERSION
from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.data.files.record import ReadOptions
from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError
from molscreen.graphs.vocabulary import featuriser_digest
from molscreen.objectives.objective import Objective
from molscreen.prediction.bundle.manifest import find_bundles, read_manifest
from molscreen.prediction.columns import value_columns
from molscreen.provenance import canonical_json, own_digest, source_digest, versions
from molscreen.registry import load_plugins
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.plan.views import BundleInfo, find_bundle_infos
from molscreen.screening.source import Source, open_source
from molscreen.screening.store.read import Store

WITHOUT_EFFECT = ("name", "description")  # keys of a plan that no result depends on
BY_DIGEST = ("library", "bundles")  # keys of a plan that name files; what is in them counts
PARTS_VERSION = 3  # of the columns of the parts: a run does not go on beside parts of another layout
COMPUTE = ("molscreen", "rdkit", "torch", "torch-geometric", "numpy", "scipy", "pyarrow")  # what is written
HOW_NOT_WHAT = ("executor", "workers", "address", "gpus", "timeout")  # of its [run] table


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """All that a run needs; making one reads the library through once, and loads no weights."""

    plan: ScreenPlan
    library: Source
    options: ReadOptions
    bundles: tuple[BundleInfo, ...]
    objective: Objective

    @classmethod
    def make(
        cls, plan: ScreenPlan, options: ReadOptions, *, begun_with: Mapping[str, str] | None = None
    ) -> Setup:
        """Open and check everything that `plan` names.

        A run that was `begun_with` inputs of these digests goes on with a store as it was then.

        Raises
        ------
        UsageError
            Something in the plan, the library or a bundle is wrong; nothing was started.
        """
        bundles, objective = open_plan(plan)
        if not plan.library:
            raise ConfigError(f"{plan.where}: no library; name one on the command line or in the plan")
        source = open_source(plan.library, options)
        if isinstance(source, Store):
            source = source.as_it_was(begun_with) if begun_with else source
            source.check_recipe(plan.standardize, where=f"{plan.where}, [standardize]")
        return cls(plan, source, options, bundles, objective)

    @property
    def endpoints(self) -> list[Endpoint]:
        """Of all bundles."""
        return [endpoint for info in self.bundles for endpoint in info.endpoints]

    @property
    def described(self) -> tuple[str, ...]:
        """What there is to know before the work: how the library is read, and where a bundle fits ill."""
        asked = self.plan.standardize.tautomer
        return (
            *self.library.described,
            *(
                f"[standardize] tautomer is {str(asked).lower()}, but bundle '{info.name}' was trained with"
                f" {str(info.tautomer).lower()}: it is asked about other tautomers than it has seen"
                for info in self.bundles
                if info.tautomer not in (None, asked)
            ),
        )

    def identity(self) -> dict[str, Any]:
        """Everything that determines the result, as JSON has it; what `RunRecord.identity` holds."""
        library = {"inputs": self.library.digest(), "read": asdict(self.options)}
        return _as_json({**library, **plan_identity(self.plan, self.bundles)})

    def execution(self) -> dict[str, Any]:
        """What workers are told; see `describe_execution`."""
        return describe_execution(self.plan, self.bundles)


def plan_identity(plan: ScreenPlan, bundles: Sequence[BundleInfo]) -> dict[str, Any]:
    """Everything that determines what a plan says of a compound, whatever the library."""
    left_out = (*WITHOUT_EFFECT, *BY_DIGEST)
    settings = {key: value for key, value in plan.resolve().items() if key not in left_out}
    settings["run"] = {key: value for key, value in settings["run"].items() if key not in HOW_NOT_WHAT}
    return {
        "plan": settings,
        "bundles": {info.name: info.digest for info in bundles},
        "plugins": {module: source_digest(module) for module in plan.plugins},
        **software(),
    }


def describe_execution(plan: ScreenPlan, bundles: Sequence[BundleInfo]) -> dict[str, Any]:
    """What workers are told, as JSON has it: the whole plan, and where the bundles lie."""
    return _as_json({"plan": plan.resolve(), "bundles": [info.to_json() for info in bundles]})


def software() -> dict[str, Any]:
    """What a machine computes with: where it is the same, so are the bytes."""
    return {
        "featuriser": featuriser_digest(),
        "versions": {
            **versions(COMPUTE),
            "sources of molscreen": own_digest(),
            "recipe": RECIPE_VERSION,
            "parts": PARTS_VERSION,
        },
    }


def open_plan(plan: ScreenPlan) -> tuple[tuple[BundleInfo, ...], Objective]:
    """The bundles and the objective of a plan; everything that it names is checked, but for a library.

    Raises
    ------
    UsageError
        Something in the plan or a bundle is wrong.
    """
    load_plugins(plan.plugins)
    if not plan.bundles:
        raise ConfigError(f"{plan.where}: no bundles; name at least one, for example 'admet-tox'")
    bundles = tuple(find_bundle_infos(plan.bundles))
    endpoints = [endpoint for info in bundles for endpoint in info.endpoints]
    _refer_to_bundle(plan, endpoints)
    objective = open_objective(plan, bundles)
    plan.make_filters()
    return bundles, objective


def find_cautions(bundles: Sequence[BundleInfo], objective: Objective) -> tuple[str, ...]:
    """What an objective ranks by that is not shown to be better than chance, one sentence each."""
    wished = {term.endpoint for term in objective.terms}
    return tuple(said for info in bundles for said in info.say_guessed(wished))


def open_objective(plan: ScreenPlan, bundles: Sequence[BundleInfo]) -> Objective:
    """The objective of a plan over what these bundles predict, its plugins loaded.

    Raises
    ------
    ConfigError
        It wishes for what the bundles lack, or for descriptors alone.
    """
    load_plugins(plan.plugins)
    endpoints = [endpoint for info in bundles for endpoint in info.endpoints]
    objective = plan.make_objective(endpoints)
    _require_endpoint(plan, objective, endpoints)
    _require_bounds(plan, objective, bundles)
    return objective


def _refer_to_bundle(plan: ScreenPlan, endpoints: Sequence[Endpoint]) -> None:
    """Where the plan wants what its bundles lack, and another bundle has it, say which."""
    known = {*DESCRIPTORS, *(endpoint.name for endpoint in endpoints)}
    terms = plan.objective.get("term", ())  # whether they are well-formed is seen when the objective is made
    tables = [term for term in terms if isinstance(term, dict)] if isinstance(terms, list | tuple) else []
    wanted = [term.get("endpoint") for term in tables]
    missing = next((name for name in wanted if isinstance(name, str) and name not in known), None)
    for name, folder in find_bundles().items():
        if missing in {endpoint.name for endpoint in read_manifest(folder)[0].endpoints}:
            raise ConfigError(
                f"{plan.where}, [objective]: none of its bundles ({', '.join(plan.bundles)}) predicts"
                f" '{missing}'. Bundle '{name}' does: add --bundle {name}"
            )


def _require_endpoint(plan: ScreenPlan, objective: Objective, endpoints: Sequence[Endpoint]) -> None:
    """The wide tier ranks by endpoints alone: descriptors are too dear for all rows."""
    if not {term.endpoint for term in objective.terms} & {endpoint.name for endpoint in endpoints}:
        names = ", ".join(term.endpoint for term in objective.terms)
        raise ConfigError(
            f"{plan.where}, [objective]: all terms are descriptors ({names}); at least one must be an"
            " endpoint of a bundle, because the whole library is ranked by endpoints alone"
        )


def _require_bounds(plan: ScreenPlan, objective: Objective, bundles: Sequence[BundleInfo]) -> None:
    """A term on a bound that its bundle cannot give would leave every compound without a score."""
    for info in bundles:
        for name in info.unbounded:
            if set(value_columns(name)[1:]) & set(objective.columns):
                raise ConfigError(
                    f"{plan.where}, [objective]: a term uses a bound of '{name}', for which bundle"
                    f" '{info.name}' has too few calibration compounds; use the mean"
                )


def _as_json(value: Mapping[str, Any]) -> dict[str, Any]:
    """What comes back after writing and reading: tuples are lists, keys are strings."""
    result: dict[str, Any] = json.loads(canonical_json(value))
    return result
