"""LanguageNetwork: a recurrent network that knows how probable each next token of a SMILES is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from molscreen.config import check_positive
from molscreen.generation.language.grammar import Grammar
from molscreen.generation.language.tokens import END, START


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSpec:
    """The shape of a network.

    Attributes
    ----------
    tokens : int
        Of its vocabulary.
    embedding, hidden, layers : int
        Width of a token, width of a layer, and how many of these there are.

    References
    ----------
    Olivecrona et al., J. Cheminform. 9, 48 (2017), doi:10.1186/s13321-017-0235-x: gated recurrent units.
    """

    tokens: int
    embedding: int = 128
    hidden: int = 256
    layers: int = 2

    def __post_init__(self) -> None:
        check_positive(self, *asdict(self), where="language network:")

    def to_json(self) -> dict[str, Any]:
        """As values for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> LanguageSpec:
        """What `to_json` gave."""
        return cls(**values)


class LanguageNetwork(nn.Module):
    """Gated recurrent units between an embedding and a linear layer.

    Parameters
    ----------
    spec : LanguageSpec
    """

    def __init__(self, spec: LanguageSpec) -> None:
        super().__init__()
        self.spec = spec
        self.embedding = nn.Embedding(spec.tokens, spec.embedding)
        self.recurrent = nn.GRU(spec.embedding, spec.hidden, spec.layers, batch_first=True)
        self.output = nn.Linear(spec.hidden, spec.tokens)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits of what follows each token.

        Parameters
        ----------
        tokens : (n, l) int64

        Returns
        -------
        (n, l, v) float
        """
        return cast(Tensor, self.output(self.recurrent(self.embedding(tokens))[0]))

    def token_losses(self, rows: Tensor) -> Tensor:
        """Minus the log-probability of each token after the start; 0 after the first end.

        Parameters
        ----------
        rows : (n, l + 1) int64
            As `molscreen.generation.language.tokens.pad` gives them.

        Returns
        -------
        (n, l) float
            In nats.
        """
        before, after = rows[:, :-1], rows[:, 1:]
        logits = self(before).float()
        loss = functional.cross_entropy(logits.flatten(0, 1), after.flatten(), reduction="none")
        return torch.where(before == END, 0.0, loss.view(after.shape))

    def log_likelihood(self, rows: Tensor) -> Tensor:
        """The log-probability of each sequence, its end included: (n,), in nats."""
        return -self.token_losses(rows).sum(dim=1)

    @torch.no_grad()
    def sample(
        self, n: int, rng: np.random.Generator, *, grammar: Grammar | None = None, longest: int = 128
    ) -> NDArray[np.int64]:
        """Sequences as the network writes them, at its own probabilities.

        Parameters
        ----------
        n : int
        rng : Generator
            All that is random.
        grammar : Grammar, optional
            For n sequences; what it does not allow is never written.
        longest : int
            Tokens after which a sequence is cut off: it has no end then.

        Returns
        -------
        (n, longest + 1) int64
            Without the start, filled with ends; the last column is an end where the sequence has one.
        """
        written = np.full((n, longest + 1), END, np.int64)
        alive = np.arange(n)
        last, hidden = torch.full((n,), START), None
        for place in range(longest + 1):
            output, hidden = self.recurrent(self.embedding(last[:, None]), hidden)
            chance = torch.softmax(self.output(output[:, 0]), dim=-1).double()
            chance[:, START] = 0.0  # never seen to follow, but not quite impossible
            if grammar is not None:
                chance = grammar.weigh(chance)
            last = _draw(chance, rng.random(len(alive)))
            written[alive, place] = last.numpy()
            going = last != END
            if not bool(going.any()):
                break
            if grammar is not None:
                grammar.follow(last)
                grammar.keep(going)
            alive, last, hidden = alive[going.numpy()], last[going], hidden[:, going]
        return written


def _draw(chance: Tensor, uniform: NDArray[np.float64]) -> Tensor:
    """One place of each row (n, v) of chances, which need not sum to 1."""
    heaped = chance.cumsum(dim=-1)
    drawn = torch.from_numpy(uniform)[:, None] * heaped[:, -1:]
    return torch.searchsorted(heaped, drawn, right=True)[:, 0].clamp_max(chance.shape[1] - 1)
