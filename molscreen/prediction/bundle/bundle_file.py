"""A bundle on disk: one directory.

    bundle.json            what it is, and the sha256 of the parts (`manifest`)
    weights.safetensors    the student and the networks
    experts.safetensors    the other experts
    calibration.json       weights of the experts; intervals and probabilities of both views
    domain.safetensors     embedding domain and neighbour domain; how the approved drugs are distributed
    MODEL_CARD.md          for readers

Nothing is ever unpickled, and nothing is read before its sha256 is that of the manifest.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zlib
from collections.abc import Mapping
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

from molscreen.chem.cleaning.recipe import key_recipe
from molscreen.errors import BundleError, ConfigError
from molscreen.graphs.vocabulary import FEATURISER, featuriser_digest
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.rounding import from_bytes, to_bytes
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.drug_reference import DrugReference
from molscreen.prediction.bundle.manifest import (
    CALIBRATION,
    FORMAT,
    MANIFEST,
    Manifest,
    Part,
    locate_bundle,
    read_manifest,
    read_part,
)
from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.domain import EmbeddingDomain
from molscreen.prediction.certainty.neighbours import NeighbourDomain
from molscreen.prediction.experts.stored_experts import StoredExperts

WEIGHTS, EXPERTS, DOMAIN = "weights.safetensors", "experts.safetensors", "domain.safetensors"
CARD = "MODEL_CARD.md"
STUDENT = "student"


def save_bundle(bundle: Bundle, directory: str | Path) -> str:
    """Write a bundle, whole or not at all, and return its digest.

    Weights take a byte where they are `rounded`, and four where they are not: what is loaded predicts what
    was saved, to the last bit.

    Raises
    ------
    BundleError
        The directory exists, or a weight is not finite.
    """
    directory = Path(directory)
    if directory.exists():
        raise BundleError(f"'{directory}' exists; name a new directory, or remove it first")
    calibration = {
        "blend": bundle.blend.to_json(),
        "wide": bundle.wide.to_json(),
        "full": bundle.full.to_json(),
    }
    parts = {
        WEIGHTS: save_tensors(_weights(bundle)),
        EXPERTS: save_arrays(
            {name: array for each in bundle.experts.values() for name, array in each.to_tensors().items()}
        ),
        CALIBRATION: json.dumps(calibration, allow_nan=False).encode(),
        DOMAIN: save_arrays(
            bundle.domain.to_tensors()
            | bundle.neighbours.to_tensors()
            | (bundle.drugs.to_tensors() if bundle.drugs else {})
        ),
        CARD: bundle.card.encode(),
    }
    manifest = Manifest(
        format=FORMAT,
        about=bundle.about,
        endpoints=bundle.endpoints,
        featuriser=dict(FEATURISER),
        featuriser_digest=featuriser_digest(),
        standardize=key_recipe(),
        student=bundle.student.spec.to_json(),
        network=bundle.networks[0].spec.to_json(),
        members=len(bundle.networks),
        experts=tuple(bundle.experts),
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
    names = (WEIGHTS, EXPERTS, CALIBRATION, DOMAIN, CARD)
    parts = {name: read_part(directory, manifest, name) for name in names}
    try:
        arrays: dict[str, NDArray[Any]] = load_arrays(parts[DOMAIN])
        calibration = json.loads(parts[CALIBRATION])
        tensors = load_tensors(parts[WEIGHTS])
        return Bundle(
            about=manifest.about,
            endpoints=manifest.endpoints,
            student=_network(manifest.student, tensors, STUDENT),
            networks=tuple(
                _network(manifest.network, tensors, str(place)) for place in range(manifest.members)
            ),
            experts=StoredExperts(manifest.experts, parts[EXPERTS]),
            blend=Blend.from_json(calibration["blend"], manifest.endpoints),
            wide=Calibration.from_json(manifest.endpoints, calibration["wide"]),
            full=Calibration.from_json(manifest.endpoints, calibration["full"]),
            domain=EmbeddingDomain.from_tensors(arrays),
            neighbours=NeighbourDomain.from_tensors(arrays),
            drugs=DrugReference.from_tensors(arrays),
            versions=manifest.versions,
            digest=digest,
        )
    except (ConfigError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError, zlib.error) as error:
        raise BundleError(f"{directory}: damaged, or from another molscreen: {error}") from error


def _weights(bundle: Bundle) -> dict[str, Tensor]:
    """Every tensor of every network, ``student.encoder.…`` and ``0.encoder.…`` being of the first two."""
    tensors: dict[str, Tensor] = {}
    for place, network in ((STUDENT, bundle.student), *enumerate(bundle.networks)):
        state = network.state_dict()
        for name, tensor in state.items():
            if not tensor.isfinite().all():
                raise BundleError(
                    f"bundle '{bundle.name}': network {place} has a weight in '{name}' that is no number"
                )
        tensors |= {f"{place}.{name}": tensor for name, tensor in to_bytes(state).items()}
    return tensors


def _network(spec: Mapping[str, Any], tensors: Mapping[str, Tensor], place: str) -> Network:
    """A network with its stored weights, in eval mode."""
    with torch.random.fork_rng(devices=[]):  # building draws weights, which are thrown away
        network = Network(NetworkSpec.from_json(spec))
    prefix = f"{place}."
    own = {name.removeprefix(prefix): w for name, w in tensors.items() if name.startswith(prefix)}
    network.load_state_dict(from_bytes(own), assign=True)
    return network.eval()


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
