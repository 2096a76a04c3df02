"""Views: the two sides of a bundle that a screen uses, opened by name; and predictors of one's own."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from molscreen.config import to_dataclass
from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError
from molscreen.prediction.manifest import locate_bundle, read_manifest, read_part
from molscreen.prediction.predictor import Predictor

if TYPE_CHECKING:
    from molscreen.prediction.neighbours import NeighbourDomain


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
    """

    name: str
    source: str
    digest: str
    endpoints: tuple[Endpoint, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON-able mapping; `from_json` is its inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any]) -> BundleInfo:
        """The info that a run record holds."""
        return to_dataclass(cls, mapping, where="run.json, bundles")


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """A bundle, opened: fast for a library, full for the best of it.

    `neighbours` is None for a predictor that knows no training compounds.
    """

    name: str
    wide: Predictor
    full: Predictor
    neighbours: NeighbourDomain | None = None


@contextmanager
def single_thread(infos: Sequence[BundleInfo]) -> Iterator[None]:
    """One thread for torch while the block runs, if any bundle needs torch at all."""
    if all(_is_own(info.source) for info in infos):
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
        One is missing or damaged, or two share a name or an endpoint.
    """
    infos = sorted((describe_bundle(name) for name in names), key=lambda info: info.name)
    owners: dict[str, str] = {}
    for info in infos:
        if info.name in owners.values():
            raise BundleError(f"two bundles are named '{info.name}'; a plan can use one of them")
        for endpoint in info.endpoints:
            owner = owners.setdefault(endpoint.name, info.name)
            if owner != info.name:
                raise BundleError(f"bundles '{owner}' and '{info.name}' both predict '{endpoint.name}'")
    return infos


def describe_bundle(name: str) -> BundleInfo:
    """What is known of one bundle; see `find_bundle_infos`."""
    if _is_own(name):
        module, predictor = _call(name)
        digest = hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest()
        return BundleInfo(name.partition(":")[2], name, digest, predictor.endpoints)
    folder = locate_bundle(name)
    manifest, digest = read_manifest(folder)
    for part in manifest.parts:
        read_part(folder, manifest, part)  # a damaged bundle is refused before the library is read
    return BundleInfo(manifest.about.name, str(folder.resolve()), digest, manifest.endpoints)


def open_views(info: BundleInfo) -> Views:
    """Open a bundle for predictions.

    Raises
    ------
    BundleError
        It is damaged, or it is not the one that `info` was taken from.
    """
    if _is_own(info.source):
        predictor = _call(info.source)[1]
        return Views(info.name, predictor, predictor)
    from molscreen.prediction.bundle import load_bundle  # imports torch

    bundle = load_bundle(info.source)
    if bundle.digest != info.digest:
        raise BundleError(
            f"{info.source}: changed since the run began"
            f" (sha256 {info.digest[:12]}… → {bundle.digest[:12]}…). Put the old one back, or start a new run"
        )
    return Views(info.name, bundle.predictor(1), bundle.predictor(), bundle.neighbours)


def _is_own(name: str) -> bool:
    """Whether it is ``module:function`` and not a path."""
    module, _, function = name.partition(":")
    return function.isidentifier() and all(part.isidentifier() for part in module.split("."))


def _call(name: str) -> tuple[ModuleType, Predictor]:
    """The module and what its function returns, which must be a `Predictor`."""
    module_name, _, function = name.partition(":")
    try:
        module = importlib.import_module(module_name)
        predictor = getattr(module, function)()
    except (ImportError, AttributeError) as error:
        raise BundleError(f"predictor '{name}' cannot be made: {error}") from error
    if not isinstance(predictor, Predictor):
        kind = type(predictor).__name__
        raise BundleError(f"'{name}' returned a {kind}, expected a Predictor: `endpoints` and `predict`")
    return module, predictor
