"""Pre-trained encoder: a graph network that has learnt chemistry, but no endpoint yet.

    encoder.json           its shape, what it was trained on, and how well it learnt
    weights.safetensors    the encoder and the first layer of its heads

Nothing is ever unpickled, and no weight is read before its sha256 is that of the record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from molscreen.errors import BundleError, ConfigError, did_you_mean
from molscreen.graphs.vocabulary import featuriser_digest
from molscreen.models.network import Network, NetworkSpec

SHIPPED = Path(__file__).parents[1] / "encoders"
RECORD, WEIGHTS = "encoder.json", "weights.safetensors"
SHARED = ("encoder.", "heads.hidden.")  # parts of a network that do not depend on its endpoints


@dataclass(frozen=True, slots=True, eq=False)
class PretrainedEncoder:
    """What a `Network` of the same shape may start from.

    Attributes
    ----------
    name : str
    spec : NetworkSpec
        Without endpoints.
    weights : mapping of str to Tensor
        By their names in a `Network`.
    about : mapping
        How it was made, and figures on molecules held out.
    """

    name: str
    spec: NetworkSpec
    weights: Mapping[str, Tensor]
    about: Mapping[str, Any]

    def start(self, network: Network) -> None:
        """Give the weights to a network that has not been fitted yet.

        Raises
        ------
        ConfigError
            The network has another shape.
        """
        theirs = replace(network.spec, kinds=(), dropout=self.spec.dropout)
        if theirs != self.spec:
            raise ConfigError(f"[network] is {theirs}, but the encoder '{self.name}' is {self.spec}")
        network.load_state_dict(dict(self.weights), strict=False)


def save_encoder(network: Network, directory: Path, *, name: str, about: Mapping[str, Any]) -> None:
    """Write what endpoints can share of a pre-trained network, its weights as float16.

    Raises
    ------
    BundleError
        The directory exists.
    """
    if directory.exists():
        raise BundleError(f"'{directory}' exists; name a new directory, or remove it first")
    state = network.state_dict().items()
    weights = save_tensors({key: tensor.half() for key, tensor in state if key.startswith(SHARED)})
    record = {
        "name": name,
        "network": replace(network.spec, kinds=()).to_json(),
        "featuriser_digest": featuriser_digest(),
        "sha256": hashlib.sha256(weights).hexdigest(),
        "about": about,
    }
    directory.mkdir(parents=True)
    (directory / WEIGHTS).write_bytes(weights)
    (directory / RECORD).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_encoder(name_or_dir: str | Path) -> PretrainedEncoder:
    """An encoder that ships, by its name, or the one in a directory.

    Raises
    ------
    BundleError
        There is none, it is damaged, or it was made for another featuriser.
    """
    shipped = {path.parent.name: path.parent for path in sorted(SHIPPED.glob(f"*/{RECORD}"))}
    directory = shipped.get(str(name_or_dir), Path(name_or_dir))
    if not (directory / RECORD).is_file():
        raise BundleError(
            f"no encoder '{name_or_dir}'. Known: {', '.join(shipped) or 'none'}; or name a directory that"
            f" holds an {RECORD}.{did_you_mean(str(name_or_dir), shipped)}"
        )
    try:
        record = json.loads((directory / RECORD).read_text(encoding="utf-8"))
        content = (directory / WEIGHTS).read_bytes()
        if hashlib.sha256(content).hexdigest() != record["sha256"]:
            raise BundleError(f"{directory / WEIGHTS}: truncated or changed; fetch the encoder again")
        if record["featuriser_digest"] != featuriser_digest():
            raise BundleError(f"{directory}: made for another featuriser; train the encoder again")
        weights = {key: tensor.to(torch.float32) for key, tensor in load_tensors(content).items()}
        spec = NetworkSpec.from_json(record["network"])
        return PretrainedEncoder(record["name"], spec, weights, record["about"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError, ConfigError) as error:
        raise BundleError(f"{directory}: damaged, not an encoder: {error}; fetch it again") from error
