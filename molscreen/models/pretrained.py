"""Pre-trained encoder: a graph network that has learnt chemistry, but no endpoint yet.

    encoder.json           its shape, what it was trained on, and how well it learnt
    weights.safetensors    the encoder and the first layer of its heads

As `molscreen.models.weight_folder` has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from molscreen.errors import BundleError, ConfigError
from molscreen.graphs.vocabulary import featuriser_digest
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.weight_folder import find_folder, read_folder, write_folder

SHIPPED = Path(__file__).parents[1] / "encoders"
KIND, RECORD = "encoder", "encoder.json"
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
    record = {
        "name": name,
        "network": replace(network.spec, kinds=()).to_json(),
        "featuriser_digest": featuriser_digest(),
        "about": about,
    }
    state = network.state_dict().items()
    write_folder(directory, RECORD, record, {key: part for key, part in state if key.startswith(SHARED)})


def load_encoder(name_or_dir: str | Path) -> PretrainedEncoder:
    """An encoder that ships, by its name, or the one in a directory.

    Raises
    ------
    BundleError
        There is none, it is damaged, or it was made for another featuriser.
    """
    directory = find_folder(name_or_dir, KIND, shipped=SHIPPED, file=RECORD)
    with read_folder(directory, KIND, file=RECORD) as (record, weights, _):
        if record["featuriser_digest"] != featuriser_digest():
            raise BundleError(f"{directory}: made for another featuriser; train the encoder again")
        spec = NetworkSpec.from_json(record["network"])
        return PretrainedEncoder(record["name"], spec, weights, record["about"])
