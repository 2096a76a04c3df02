"""Policy: a network on its way from the prior to where the scores are, with its optimiser."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import torch
from rdkit import Chem, rdBase
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from molscreen.generation.language.grammar import Grammar
from molscreen.generation.language.prior import Prior
from molscreen.generation.language.tokens import pad

AT_ONCE = 500  # texts written together
_FEWEST = 16  # so that the last few are not written one by one
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # of Adam


class Likelihood(NamedTuple):
    """Of n sequences, each (n,), in nats."""

    policy: Tensor  # with a gradient
    prior: Tensor


class Policy:
    """The network that proposes, and the prior that it came from.

    Parameters
    ----------
    prior : Prior
    rate : float
        Of Adam.
    partition : float
        Where the log of the partition function starts, which trajectory balance learns along.
    partition_rate : float
        Of Adam, for it; 0 where there is none to learn.
    """

    def __init__(
        self, prior: Prior, rate: float, *, partition: float = 0.0, partition_rate: float = 0.0
    ) -> None:
        self.vocabulary = prior.vocabulary
        self.network, self._prior = prior.network(), prior.network()
        self.log_z = nn.Parameter(torch.tensor(partition))
        groups = [
            {"params": list(self.network.parameters()), "lr": rate},
            {"params": [self.log_z], "lr": partition_rate},
        ]
        self._adam = torch.optim.Adam(groups)

    def sample(self, n: int, rng: np.random.Generator) -> list[str]:
        """`n` texts as the network writes them now."""
        rows = self.network.sample(n, rng, grammar=Grammar(self.vocabulary, n))
        return [self.vocabulary.decode(row) for row in rows]

    def molecules(
        self, n: int, rng: np.random.Generator, *, without: Collection[str] = (), attempts: int = 3
    ) -> list[str]:
        """At most `n` different molecules as canonical SMILES, in the order in which they were written.

        Parameters
        ----------
        n : int
        rng : Generator
        without : collection of str
            Canonical SMILES that are not wanted.
        attempts : int
            Texts written at most for each molecule that is asked for.
        """
        found: dict[str, None] = {}
        left = attempts * n
        while left > 0 and len(found) < n:
            texts = self.sample(min(left, AT_ONCE, max(_FEWEST, n - len(found))), rng)
            left -= len(texts)
            with rdBase.BlockLogs():
                mols = [Chem.MolFromSmiles(text) for text in texts]
            written = (Chem.MolToSmiles(mol) for mol in mols if mol is not None and mol.GetNumAtoms())
            found.update(dict.fromkeys(smiles for smiles in written if smiles not in without))
        return list(found)[:n]

    def likelihood(self, sequences: Sequence[Sequence[int]]) -> Likelihood:
        """How probable the sequences are to the network, and to the prior."""
        rows = torch.from_numpy(pad(sequences))
        with torch.no_grad():
            prior = self._prior.log_likelihood(rows)
        return Likelihood(self.network.log_likelihood(rows), prior)

    def descend(self, loss: Tensor) -> None:
        """One step of Adam."""
        self._adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._adam.step()

    def state(self) -> str:
        """Weights and moments, as they are, in letters and digits."""
        tensors = {name: tensor.detach() for name, tensor in self._parameters().items()}
        for name, parameter in self._parameters().items():
            for part, tensor in self._adam.state.get(parameter, {}).items():
                tensors[f"{part}/{name}"] = tensor
        return base64.b64encode(save_tensors(tensors)).decode("ascii")

    def restore(self, state: str) -> None:
        """Become what `state` came from."""
        tensors = load_tensors(base64.b64decode(state))
        self._adam.state.clear()
        with torch.no_grad():
            for name, parameter in self._parameters().items():
                parameter.copy_(tensors[name])
                if f"step/{name}" in tensors:
                    moments = {part: tensors[f"{part}/{name}"].clone() for part in _MOMENTS}
                    self._adam.state[parameter] = moments

    def _parameters(self) -> dict[str, nn.Parameter]:
        return {**dict(self.network.named_parameters()), "log_z": self.log_z}
