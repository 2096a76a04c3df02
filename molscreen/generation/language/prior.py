"""Prior: a network that has learnt to write drug-like molecules, before any search.

    prior.json             its shape, its vocabulary, what it was trained on, and how well it writes
    weights.safetensors    float16

As `molscreen.models.weight_folder` has it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from torch import Tensor

from molscreen.generation.language.grammar import Grammar
from molscreen.generation.language.network import LanguageNetwork, LanguageSpec
from molscreen.generation.language.tokens import Vocabulary
from molscreen.generation.language.writing import Style
from molscreen.models.weight_folder import find_folder, read_folder, write_folder
from molscreen.prediction.threads import single_thread

SHIPPED = Path(__file__).parent
KIND, RECORD = "prior", "prior.json"
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
    record = {
        "name": name,
        "network": network.spec.to_json(),
        "tokens": vocabulary.tokens,
        "style": style,
        "about": about,
    }
    write_folder(directory, RECORD, record, network.state_dict())


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
    directory = find_folder(name_or_dir, KIND, shipped=SHIPPED, file=RECORD)
    with read_folder(directory, KIND, file=RECORD) as (record, weights, digest):
        prior = Prior(
            name=record["name"],
            spec=LanguageSpec.from_json(record["network"]),
            vocabulary=Vocabulary(tuple(record["tokens"])),
            style=cast(Style, record["style"]),
            weights=weights,
            about=record["about"],
            digest=digest,
        )
        prior.network()  # the weights have the shape that the record tells
        return prior
