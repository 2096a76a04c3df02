"""Prior: a network that has learnt to write drug-like molecules, before any search.

    prior.json             its shape, its vocabulary, what it was trained on, and how well it writes
    weights.safetensors    float16

Nothing is ever unpickled, and no weight is read before its sha256 is that of the record.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from molscreen.errors import BundleError, ConfigError, did_you_mean
from molscreen.generation.language.grammar import Grammar
from molscreen.generation.language.network import LanguageNetwork, LanguageSpec
from molscreen.generation.language.tokens import Vocabulary
from molscreen.generation.language.writing import Style
from molscreen.prediction.threads import single_thread

SHIPPED = Path(__file__).parent
RECORD, WEIGHTS = "prior.json", "weights.safetensors"
DEFAULT = "zinc250k"
_AT_ONCE = 500  # sequences sampled together


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Where a language generator starts from, and what it is held near to.

    Attributes
    ----------
    name : str
    spec : LanguageSpec
    vocabulary : Vocabulary
    style : Style
        How the molecules were written that it has learnt from.
    weights : mapping of str to Tensor
        By their names in a `LanguageNetwork`, float32.
    about : mapping
        The model card: data, licence, settings, and figures on molecules held out.
    digest : str
        Of the weights as stored.
    """

    name: str
    spec: LanguageSpec
    vocabulary: Vocabulary
    style: Style
    weights: Mapping[str, Tensor]
    about: Mapping[str, Any]
    digest: str

    def network(self) -> LanguageNetwork:
        """A network of its own with these weights."""
        network = LanguageNetwork(self.spec)
        network.load_state_dict(dict(self.weights))
        return network


def sample_smiles(prior: Prior, n: int, rng: np.random.Generator, *, ruled: bool = True) -> list[str]:
    """`n` texts as the prior writes them, those included that are no molecule.

    Parameters
    ----------
    prior : Prior
    n : int
    rng : Generator
    ruled : bool
        Whether every branch and ring that was opened is closed, as where molecules are proposed; see
        `molscreen.generation.language.grammar`. Otherwise all that the network writes is taken.

    Examples
    --------
    >>> len(sample_smiles(load_prior(), 3, np.random.default_rng(0)))
    3
    """
    network, texts = prior.network(), list[str]()
    with single_thread():
        for start in range(0, n, _AT_ONCE):
            size = min(_AT_ONCE, n - start)
            grammar = Grammar(prior.vocabulary, size) if ruled else None
            rows = network.sample(size, rng, grammar=grammar)
            texts += [prior.vocabulary.decode(row) for row in rows]
    return texts


def save_prior(
    network: LanguageNetwork,
    vocabulary: Vocabulary,
    directory: Path,
    *,
    name: str,
    style: Style,
    about: Mapping[str, Any],
) -> None:
    """Write a prior, its weights as float16.

    Raises
    ------
    BundleError
        The directory exists.
    """
    if directory.exists():
        raise BundleError(f"'{directory}' exists; name a new directory, or remove it first")
    weights = save_tensors({key: tensor.half() for key, tensor in network.state_dict().items()})
    record = {
        "name": name,
        "network": network.spec.to_json(),
        "tokens": vocabulary.tokens,
        "style": style,
        "sha256": hashlib.sha256(weights).hexdigest(),
        "about": about,
    }
    directory.mkdir(parents=True)
    (directory / WEIGHTS).write_bytes(weights)
    (directory / RECORD).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_prior(name_or_dir: str | Path = DEFAULT) -> Prior:
    """The prior that ships, by its name, or the one in a directory.

    Raises
    ------
    BundleError
        There is none, or it is damaged.
    """
    return _load(str(name_or_dir))


@functools.lru_cache(maxsize=2)
def _load(name_or_dir: str) -> Prior:
    shipped = {path.parent.name: path.parent for path in sorted(SHIPPED.glob(f"*/{RECORD}"))}
    directory = shipped.get(name_or_dir, Path(name_or_dir))
    if not (directory / RECORD).is_file():
        raise BundleError(
            f"no prior '{name_or_dir}'. Known: {', '.join(shipped) or 'none'}; or name a directory that"
            f" holds a {RECORD}.{did_you_mean(name_or_dir, shipped)}"
        )
    try:
        record = json.loads((directory / RECORD).read_text(encoding="utf-8"))
        content = (directory / WEIGHTS).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != record["sha256"]:
            raise BundleError(f"{directory / WEIGHTS}: truncated or changed; fetch the prior again")
        prior = Prior(
            name=record["name"],
            spec=LanguageSpec.from_json(record["network"]),
            vocabulary=Vocabulary(tuple(record["tokens"])),
            style=cast(Style, record["style"]),
            weights={key: tensor.to(torch.float32) for key, tensor in load_tensors(content).items()},
            about=record["about"],
            digest=digest,
        )
        prior.network()  # the weights have the shape that the record tells
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, ConfigError) as error:
        raise BundleError(f"{directory}: damaged, not a prior: {error}; fetch it again") from error
    return prior
