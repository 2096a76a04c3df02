"""Views: the two sides of a bundle that a screen uses, opened by name; and predictors of one's own."""

from __future__ import annotations

import importlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from molscreen.config import to_dataclass
from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError
from molscreen.objectives.objective import Objective
from molscreen.prediction.bundle.headline import find_doubtful
from molscreen.prediction.bundle.manifest import CALIBRATION, locate_bundle, read_manifest, read_part
from molscreen.prediction.columns import check_columns, value_columns
from molscreen.prediction.predictor import Predictor
from molscreen.provenance import source_digest

if TYPE_CHECKING:
    from molscreen.prediction.bundle.drug_reference import DrugReference
    from molscreen.prediction.certainty.neighbours import NeighbourDomain

Device = Literal["cpu", "auto"]


@runtime_checkable
class Selective(Protocol):
    """A predictor that answers faster, and knows its domain better, where it is told what is asked."""

    def restricted_to(self, endpoints: Collection[str]) -> Predictor:
        """The same predictor: what it says of other endpoints is NaN, and its domain may be a smaller one."""
        ...


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """What the driver must know of a bundle; reading it loads neither weights nor torch.

    Attributes
    ----------
    name : str
    source : str
        Folder, or ``module:function``.
    digest : str
        sha256 that stands for every byte of it.
    endpoints : tuple of Endpoint
    unbounded : tuple of str
        Endpoints without an interval, because too few compounds calibrated them.
    tautomer : bool or None
        Whether it was trained on canonical tautomers; None = not known.
    guessed : tuple of str
        Endpoints that it predicts no better than a constant guess, by its own test.
    untold : tuple of str
        Endpoints of which that test has too few compounds to say.
    """

    name: str
    source: str
    digest: str
    endpoints: tuple[Endpoint, ...]
    unbounded: tuple[str, ...] = ()
    tautomer: bool | None = None
    guessed: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether it is a predictor of the user's."""
        return _is_own(self.source)

    def to_json(self) -> dict[str, Any]:
        """A JSON-able mapping; `from_json` is its inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any]) -> BundleInfo:
        """The info that a run record holds."""
        return to_dataclass(cls, mapping, where="run.json, bundles")

    def say_guessed(self, wished: Collection[str]) -> Iterator[str]:
        """One sentence for each of these endpoints that it is not shown to predict better than a guess."""
        for name in self.untold:
            if name in wished:
                yield (
                    f"whether bundle '{self.name}' predicts {name} better than a constant guess cannot be"
                    " told from the few compounds of its own test: what is ranked by it may be by chance"
                )
        for name in self.guessed:
            if name in wished:
                yield (
                    f"bundle '{self.name}' predicts {name} no better than a constant guess in its own test:"
                    " what is ranked by it is ranked by chance"
                )


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """A bundle, opened: fast for a library, full for the best of it.

    `neighbours` is None for a predictor that knows no training compounds, `drugs` where it is not known
    what the full view says of them.
    """

    name: str
    wide: Predictor
    full: Predictor
    neighbours: NeighbourDomain | None = None
    drugs: DrugReference | None = None

    def asked_about(self, endpoints: Collection[str]) -> Predictor:
        """The full view, asked about these endpoints alone where it can be; see `Selective`."""
        return self.full.restricted_to(endpoints) if isinstance(self.full, Selective) else self.full

    def domain_for(self, endpoints: Collection[str]) -> NeighbourDomain | None:
        """The training compounds that are near, for whoever asks about these endpoints."""
        return None if self.neighbours is None else self.neighbours.restricted_to(endpoints)

    def unasked(self, endpoints: Collection[str]) -> list[str]:
        """Columns that are NaN in what `asked_about` says."""
        if not isinstance(self.full, Selective):
            return []
        rest = [endpoint.name for endpoint in self.full.endpoints if endpoint.name not in endpoints]
        return [column for name in rest for column in value_columns(name)]


@contextmanager
def single_thread(infos: Sequence[BundleInfo]) -> Iterator[None]:
    """One thread for torch while the block runs, if any bundle needs torch at all."""
    if all(info.is_own for info in infos):
        yield
        return
    from molscreen.prediction.threads import single_thread as limit  # imports torch

    with limit():
        yield


def find_bundle_infos(names: Sequence[str]) -> list[BundleInfo]:
    """What is known of the bundles, by name, without opening them; their order has no effect.

    Raises
    ------
    BundleError
        One is missing or damaged, or two share a name or a column; see `check_columns`.
    """
    infos = sorted((describe_bundle(name) for name in names), key=lambda info: info.name)
    check_columns([(info.name, info.endpoints) for info in infos])
    return infos


def describe_bundle(name: str) -> BundleInfo:
    """What is known of one bundle; see `find_bundle_infos`."""
    if _is_own(name):
        module, _, function = name.partition(":")
        endpoints = _call(name).endpoints
        return BundleInfo(function, name, source_digest(module), endpoints)
    folder = locate_bundle(name)
    manifest, digest = read_manifest(folder)
    doubtful = list(find_doubtful(manifest.about.metrics, manifest.endpoints))
    parts = {part: read_part(folder, manifest, part) for part in manifest.parts}  # refused if damaged
    columns = json.loads(parts[CALIBRATION])["full"]
    return BundleInfo(
        manifest.about.name,
        str(folder.resolve()),
        digest,
        manifest.endpoints,
        unbounded=tuple(
            endpoint.name
            for endpoint, column in zip(manifest.endpoints, columns, strict=True)
            if endpoint.kind == "regression" and column["quantile"] is None
        ),
        tautomer=manifest.standardize.get("tautomer"),
        guessed=tuple(each.endpoint for each in doubtful if each.verdict == "guessed"),
        untold=tuple(each.endpoint for each in doubtful if each.verdict == "untold"),
    )


def open_views(info: BundleInfo, device: Device = "cpu") -> Views:
    """Open a bundle for predictions.

    It is looked for where it was found, and else by its name: another node of a cluster may have
    molscreen elsewhere. The digest says whether it is the same.

    Raises
    ------
    BundleError
        It is damaged, or it is not the one that `info` was taken from.
    """
    if info.is_own:
        predictor = _call(info.source)
        return Views(info.name, predictor, predictor)
    from molscreen.prediction.bundle.bundle_file import load_bundle  # imports torch

    bundle = load_bundle(info.source if Path(info.source).is_dir() else locate_bundle(info.name))
    if bundle.digest != info.digest:
        raise BundleError(
            f"{info.source}: changed since the run began"
            f" (sha256 {info.digest[:12]}… → {bundle.digest[:12]}…). Put the old one back, or start a new run"
        )
    wide, full = bundle.wide_view(device=device), bundle.full_view(device=device)
    return Views(info.name, wide, full, bundle.neighbours, bundle.drugs)


def _is_own(name: str) -> bool:
    """Whether it is ``module:function`` and not a path."""
    module, _, function = name.partition(":")
    return function.isidentifier() and all(part.isidentifier() for part in module.split("."))


def _call(name: str) -> Predictor:
    """What the function returns, which must be a `Predictor`."""
    module, _, function = name.partition(":")
    try:
        predictor = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError) as error:
        raise BundleError(f"predictor '{name}' cannot be made: {error}") from error
    if not isinstance(predictor, Predictor):
        kind = type(predictor).__name__
        raise BundleError(f"'{name}' returned a {kind}, expected a Predictor: `endpoints` and `predict`")
    return predictor


def used_bundles(predictors: Mapping[str, Predictor], objective: Objective) -> list[str]:
    """Names of the bundles that the objective reads, whose domain therefore matters."""
    wanted = {term.endpoint for term in objective.terms}
    return [
        name
        for name, predictor in predictors.items()
        if wanted & {endpoint.name for endpoint in predictor.endpoints}
    ]
