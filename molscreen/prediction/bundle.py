"""Bundle: trained networks with everything that makes their numbers usable, as one directory.

    bundle.json            what it is, and the sha256 of the parts (`manifest`)
    weights.safetensors    the networks
    calibration.json       intervals and probabilities, for one network and for all
    domain.safetensors     embedding domain and neighbour domain
    MODEL_CARD.md          for readers

Nothing is ever unpickled, and nothing is read before its sha256 is that of the manifest.
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from molscreen.chem.recipe import key_recipe
from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError, ConfigError
from molscreen.graphs.pack import PackedGraphs
from molscreen.graphs.vocabulary import FEATURISER, featuriser_digest
from molscreen.models.network import Network, NetworkSpec
from molscreen.prediction.calibration import Calibration
from molscreen.prediction.card import model_card
from molscreen.prediction.domain import EmbeddingDomain
from molscreen.prediction.ensemble import BATCH_ATOMS, GPU_BATCH_ATOMS, Ensemble
from molscreen.prediction.manifest import (
    CALIBRATION,
    FORMAT,
    MANIFEST,
    About,
    Manifest,
    Part,
    find_bundles,
    locate_bundle,
    read_manifest,
    read_part,
)
from molscreen.prediction.neighbours import NeighbourDomain
from molscreen.prediction.predictor import Prediction
from molscreen.provenance import versions

__all__ = ["About", "Bundle", "find_bundles", "load_bundle", "save_bundle"]

WEIGHTS, DOMAIN = "weights.safetensors", "domain.safetensors"
CARD = "MODEL_CARD.md"
PACKAGES = ("molscreen", "rdkit", "torch", "torch-geometric", "numpy")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bundle:
    """Networks, calibration, domain and record of one model; itself a `Predictor`.

    Attributes
    ----------
    about : About
    endpoints : tuple of t Endpoint
    networks : tuple of k Network
        In eval mode. The first alone is the wide view, all together the full view.
    wide, full : Calibration
        Of the first network, and of all of them.
    domain : EmbeddingDomain
        Of the first network's embedding.
    neighbours : NeighbourDomain
        The training compounds by name, for a shortlist.
    versions : mapping
        Of the libraries that made it.
    digest : str
        sha256 of the manifest, which stands for every byte; empty before it is saved.
    """

    about: About
    endpoints: tuple[Endpoint, ...]
    networks: tuple[Network, ...]
    wide: Calibration
    full: Calibration
    domain: EmbeddingDomain
    neighbours: NeighbourDomain
    versions: dict[str, str] = field(default_factory=lambda: versions(PACKAGES))
    digest: str = ""

    def __post_init__(self) -> None:
        names = [endpoint.name for endpoint in self.endpoints]
        if not self.networks or len(set(names)) < len(names):
            raise ValueError(
                f"expected networks and endpoints of different names, got {len(self.networks)}: {names}"
            )

    @property
    def name(self) -> str:
        """Its name, as its maker gave it."""
        return self.about.name

    @property
    def card(self) -> str:
        """The model card, in Markdown."""
        return model_card(self)

    def predictor(
        self, members: int | None = None, *, device: str = "cpu", batch_atoms: int | None = None
    ) -> Ensemble:
        """The wide view (``members=1``: fast, for a library) or the full view (None: all networks).

        Each view has its own calibration, fitted on what exactly these networks say. On another
        device than the CPU, the networks are copied there; "auto" is a GPU where there is one.
        `batch_atoms` atoms make one forward pass, as many as suit the device where absent.

        Raises
        ------
        BundleError
            Another number of members: nobody has calibrated that.
        """
        if members not in (None, 1, len(self.networks)):
            raise BundleError(
                f"bundle '{self.name}' is calibrated for 1 or all {len(self.networks)} members, not {members}"
            )
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        everyone = members is None or members == len(self.networks)
        networks = self.networks if everyone else self.networks[:1]
        return Ensemble(
            networks=networks
            if device == "cpu"
            else tuple(copy.deepcopy(each).to(device) for each in networks),
            endpoints=self.endpoints,
            calibration=self.full if everyone else self.wide,
            domain=self.domain,
            batch_atoms=batch_atoms or (BATCH_ATOMS if device == "cpu" else GPU_BATCH_ATOMS),
        )

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        """Predict n compounds with all networks, on the CPU; see `Predictor`."""
        return self.predictor().predict(keys, graphs)


def save_bundle(bundle: Bundle, directory: str | Path) -> str:
    """Write a bundle, whole or not at all, and return its digest.

    Weights that float16 holds exactly are written as float16 (`half_rounded`), all others as
    float32: what is loaded predicts what was saved, to the last bit.

    Raises
    ------
    BundleError
        The directory exists, or a weight is not finite.
    """
    directory = Path(directory)
    if directory.exists():
        raise BundleError(f"'{directory}' exists; name a new directory, or remove it first")
    arrays = bundle.domain.to_tensors() | bundle.neighbours.to_tensors()
    calibration = {view: getattr(bundle, view).to_json() for view in ("wide", "full")}
    parts = {
        WEIGHTS: save_tensors(_weights(bundle)),
        CALIBRATION: json.dumps(calibration, allow_nan=False).encode(),
        DOMAIN: save_arrays(arrays),
        CARD: bundle.card.encode(),
    }
    manifest = Manifest(
        format=FORMAT,
        about=bundle.about,
        endpoints=bundle.endpoints,
        featuriser=dict(FEATURISER),
        featuriser_digest=featuriser_digest(),
        standardize=key_recipe(),
        network=bundle.networks[0].spec.to_json(),
        members=len(bundle.networks),
        versions=bundle.versions,
        parts={name: Part(len(part), hashlib.sha256(part).hexdigest()) for name, part in parts.items()},
    ).to_bytes()
    _write(directory, parts | {MANIFEST: manifest})
    return hashlib.sha256(manifest).hexdigest()


def load_bundle(name_or_dir: str | Path) -> Bundle:
    """A bundle by its name (`find_bundles`) or directory, checked before it is believed.

    Raises
    ------
    BundleError
        It is missing, truncated, changed, of a newer format, made for another featuriser or an
        unknown encoder, or it contains a pickle; the message says which, and what to do.
    """
    directory = locate_bundle(name_or_dir)
    manifest, digest = read_manifest(directory)
    parts = {name: read_part(directory, manifest, name) for name in (WEIGHTS, CALIBRATION, DOMAIN, CARD)}
    try:
        arrays: dict[str, NDArray[Any]] = load_arrays(parts[DOMAIN])
        calibration = json.loads(parts[CALIBRATION])
        return Bundle(
            about=manifest.about,
            endpoints=manifest.endpoints,
            networks=_networks(manifest, load_tensors(parts[WEIGHTS])),
            wide=Calibration.from_json(manifest.endpoints, calibration["wide"]),
            full=Calibration.from_json(manifest.endpoints, calibration["full"]),
            domain=EmbeddingDomain.from_tensors(arrays),
            neighbours=NeighbourDomain.from_tensors(arrays),
            versions=manifest.versions,
            digest=digest,
        )
    except (ConfigError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise BundleError(f"{directory}: damaged, or from another molscreen: {error}") from error


def _weights(bundle: Bundle) -> dict[str, Tensor]:
    """Every tensor of every network, ``0.encoder.…`` being of the first."""
    tensors: dict[str, Tensor] = {}
    for place, network in enumerate(bundle.networks):
        for name, tensor in network.state_dict().items():
            if not tensor.isfinite().all():
                raise BundleError(
                    f"bundle '{bundle.name}': network {place} has a weight in '{name}' that is no number"
                )
            half = tensor.half()
            exact = bool((half.to(tensor.dtype) == tensor).all())
            tensors[f"{place}.{name}"] = (half if exact else tensor).cpu().contiguous()
    return tensors


def _networks(manifest: Manifest, tensors: dict[str, Tensor]) -> tuple[Network, ...]:
    """The networks of a manifest with their stored weights, in eval mode."""
    spec = NetworkSpec.from_json(manifest.network)
    networks = []
    for place in range(manifest.members):
        with torch.random.fork_rng(devices=[]):  # building draws weights, which are thrown away
            network = Network(spec)
        prefix = f"{place}."
        state = {
            name.removeprefix(prefix): w.float() for name, w in tensors.items() if name.startswith(prefix)
        }
        network.load_state_dict(state, assign=True)
        networks.append(network.eval())
    return tuple(networks)


def _write(directory: Path, files: dict[str, bytes]) -> None:
    """All files, in a directory that appears at once."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        for name, content in files.items():
            (draft / name).write_bytes(content)
        draft.chmod(0o755)
        draft.rename(directory)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
