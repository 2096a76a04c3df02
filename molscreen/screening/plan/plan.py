"""ScreenPlan: everything one screen is asked to do, as one TOML file says it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

from molscreen.arguments import as_sequence
from molscreen.chem.cleaning.recipe import Recipe
from molscreen.config import check_choice, check_keys, check_positive, check_types, read_toml, to_dataclass
from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError, did_you_mean
from molscreen.filters.filter import Filter
from molscreen.objectives.objective import Objective
from molscreen.screening.plan.tables import (
    Action,
    Diversity,
    Execution,
    FilterRule,
    Rerank,
    read_rule,
)

OutOfDomain = Literal["keep", "refuse"]

TARGET = "target"  # the ready-made plan that is a template, asked for as ``target:ENDPOINT``
PLACEHOLDER = "TARGET"  # stands for the endpoint inside it


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPlan:
    """One screen: what to read, what to predict, what to wish for, what to keep.

    Attributes
    ----------
    name, description : str
    library : tuple of str
        Files, globs, ``-``, or a store; what the call names takes their place.
    bundles : tuple of str
        Names, folders, or ``module:function`` for a predictor of one's own, which is code like a plugin.
    top : int
        Length of the shortlist.
    seed : int
        Of anything random; nothing in a screen is, as yet.
    plugins : tuple of str
        Modules to import first, so that their filters and curves are known. A plan that names
        plugins, or a ``module:function``, is code: run only those you trust. Their sources are part of
        the run's identity (`source_digest`).
    out_of_domain : {"keep", "refuse"}
        Compounds outside the domain of a bundle that the objective uses: keep and mark them, or
        leave them out.
    standardize : Recipe
    filters : tuple of FilterRule
        The ``[[filter]]`` tables.
    objective : mapping
        The ``[objective]`` table as it stands; `make_objective` reads it when the endpoints are known.
    rerank, diversity, run
        The tables of those names.
    where : str
        What an error calls this plan: its file.
    """

    name: str
    description: str = ""
    library: tuple[str, ...] = ()
    bundles: tuple[str, ...] = ()
    top: int = 100
    seed: int = 0
    plugins: tuple[str, ...] = ()
    out_of_domain: OutOfDomain = "keep"
    standardize: Recipe = Recipe()  # noqa: RUF009  frozen
    filters: tuple[FilterRule, ...] = ()
    objective: Mapping[str, Any]
    rerank: Rerank = Rerank()  # noqa: RUF009  frozen
    diversity: Diversity = Diversity()  # noqa: RUF009  frozen
    run: Execution = Execution()  # noqa: RUF009  frozen
    where: str = "plan"

    def __post_init__(self) -> None:
        for name in ("library", "bundles", "plugins", "filters"):
            object.__setattr__(self, name, as_sequence(getattr(self, name)))
        check_types(self.where, self)
        check_positive(self, "top", where=f"{self.where}:")
        check_choice(f"{self.where}: out_of_domain", self.out_of_domain, get_args(OutOfDomain))

    def __repr__(self) -> str:
        wishes = len(self.objective.get("term", ()))
        return (
            f"ScreenPlan({self.name!r}, bundles {', '.join(self.bundles) or 'none'}, {wishes} wishes,"
            f" {len(self.filters)} filters, top {self.top})"
        )

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, where: str) -> ScreenPlan:
        """The plan of a TOML file's tables.

        Raises
        ------
        ConfigError
            A key is unknown, or a value is out of range; the message says where.
        """
        values: dict[str, Any] = {"name": where, **table}
        known = {_TOML_NAMES.get(each.name, each.name) for each in fields(cls)} - {"where"}
        check_keys(values, known, where=where)
        for key, kind in _TABLES.items():
            if key in values:
                values[key] = to_dataclass(kind, values[key], where=f"{where}, [{key}]")
        rules = values.pop("filter", ())
        values["filters"] = tuple(
            read_rule(rule, f"{where}, [[filter]] {i}") for i, rule in enumerate(rules, start=1)
        )
        return to_dataclass(cls, {**values, "where": where}, where=where)

    def make_objective(self, endpoints: Sequence[Endpoint]) -> Objective:
        """The objective over what the bundles predict and the descriptors.

        Raises
        ------
        ConfigError
            A term names something else, and what there is is listed.
        """
        return Objective.from_table(self.objective, endpoints, self.where)

    def cautious(self, endpoints: Collection[str]) -> ScreenPlan:
        """The plan with these endpoints judged by the less desirable end of their interval.

        Terms on a bound stay as they are, and so do descriptors, which have no interval.
        """
        terms = [
            {**term, "bound": "pessimistic"}
            if term.get("endpoint") in endpoints and term.get("bound", "mean") == "mean"
            else term
            for term in self.objective.get("term", ())
        ]
        return replace(self, objective={**self.objective, "term": terms})

    def weighted(self, weights: Mapping[str, float]) -> ScreenPlan:
        """The plan with other weights for some of its terms.

        Raises
        ------
        ConfigError
            No term wishes for an endpoint that is named.

        Examples
        --------
        >>> load_plan("oral-drug").weighted({"hERG": 5.0}).objective["term"][6]["weight"]
        5.0
        """
        terms = self.objective.get("term", ())
        known = [term["endpoint"] for term in terms]
        for name in weights:
            if name not in known:
                raise ConfigError(
                    f"{self.where}: no term wishes for '{name}'. Terms: {', '.join(known)}."
                    f"{did_you_mean(name, known)}"
                )
        changed = [
            {**term, "weight": weights[term["endpoint"]]} if term["endpoint"] in weights else term
            for term in terms
        ]
        return replace(self, objective={**self.objective, "term": changed})

    def make_filters(self, action: Action | None = None) -> list[Filter]:
        """The filters, in order; those of one action alone where it is given."""
        return [
            rule.make(f"{self.where}, [[filter]] {i}")
            for i, rule in enumerate(self.filters, start=1)
            if action in (None, rule.action)
        ]

    def resolve(self) -> dict[str, Any]:
        """Every setting, defaults included, as JSON has it; `from_resolved` is the inverse."""
        return {key: value for key, value in asdict(self).items() if key != "where"}

    @classmethod
    def from_resolved(cls, settings: Mapping[str, Any], *, where: str = "run.json") -> ScreenPlan:
        """The plan that a run record holds."""
        return to_dataclass(cls, {**settings, "where": where}, where=where)


_TOML_NAMES = {"filters": "filter"}
_TABLES: dict[str, type] = {
    "standardize": Recipe,
    "rerank": Rerank,
    "diversity": Diversity,
    "run": Execution,
}


def load_plan(plan: str | Path | ScreenPlan) -> ScreenPlan:
    """A ready-made plan by name (`ready_made` lists them), or the plan of a TOML file; a plan as it is.

    Raises
    ------
    ConfigError
        No such plan, or something in it is wrong; the message names file and table.

    Examples
    --------
    >>> load_plan("oral-drug").top
    100
    >>> load_plan("target:CHEMBL204_Ki").objective["term"][0]["endpoint"]
    'CHEMBL204_Ki'
    """
    if isinstance(plan, ScreenPlan):
        return plan
    if not isinstance(plan, str | PathLike):
        raise ConfigError(
            f"plan is a {type(plan).__name__}, expected the name of a plan, a TOML file or a ScreenPlan;"
            " of a dict, ScreenPlan.from_table makes one"
        )
    name, _, endpoint = str(plan).partition(":")
    if name in ready_made() and not endpoint and name != TARGET:
        return ScreenPlan.from_table(_ready_table(name), where=name)
    if name == TARGET and not Path(plan).exists():
        if not endpoint:
            raise ConfigError(
                "plan 'target' needs an endpoint of a bundle, for example 'target:CHEMBL204_Ki'"
            )
        return ScreenPlan.from_table(_fill(_ready_table(name), endpoint), where=str(plan))
    if Path(plan).suffix != ".toml" and not Path(plan).exists():
        raise ConfigError(
            f"no plan '{plan}': neither a file nor ready-made. Ready-made: {', '.join(ready_made())}"
            f" (target:ENDPOINT).{did_you_mean(name, ready_made())}"
        )
    return ScreenPlan.from_table(read_toml(Path(plan)), where=str(plan))


def ready_made() -> list[str]:
    """Names of the plans that ship."""
    folder = files("molscreen.screening.plan") / "plans"
    return sorted(Path(each.name).stem for each in folder.iterdir() if each.name.endswith(".toml"))


def _ready_table(name: str) -> dict[str, Any]:
    return read_toml(Path(str(files("molscreen.screening.plan") / "plans" / f"{name}.toml")))


def _fill(value: Any, endpoint: str) -> Any:
    """The template with the endpoint in its place."""
    if isinstance(value, str):
        return value.replace(PLACEHOLDER, endpoint)
    if isinstance(value, list):
        return [_fill(inner, endpoint) for inner in value]
    if isinstance(value, dict):
        return {key: _fill(inner, endpoint) for key, inner in value.items()}
    return value
