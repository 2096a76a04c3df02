"""Replay: the best compounds so far, drawn again and again to learn from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from torch import Tensor

from molscreen.generation.generator import Scored
from molscreen.generation.language.tokens import Vocabulary
from molscreen.generation.language.writing import FIXED, Style, write

Tokens = tuple[int, ...]


class Replay:
    """At most `size` compounds of the highest latest scores; of equal ones those whose keys come first.

    Parameters
    ----------
    vocabulary : Vocabulary
        A compound that it cannot write is not kept, but counted.
    style : Style
        How compounds are written, by most styles anew each time they are drawn.
    size : int

    Attributes
    ----------
    unknown : int
        Compounds that were not kept because they have a token that the network has never seen, or are none.

    Examples
    --------
    >>> replay = Replay(Vocabulary.of(["CCO"]), "canonical", size=1)
    >>> replay.learn([Scored("CCO", 0.5), Scored("CCN", 0.9), Scored("CC", 0.1)])
    >>> replay.scores, replay.unknown
    ({'CCO': 0.5}, 1)
    """

    def __init__(self, vocabulary: Vocabulary, style: Style, size: int) -> None:
        self.vocabulary, self.style, self.size = vocabulary, style, size
        self.unknown = 0
        self._plain: Style = "kekule" if style.startswith("kekule") else "canonical"
        self._score: dict[str, float] = {}  # by key, the best first
        self._tokens: dict[str, Tokens] = {}  # of the same keys, written in the plain style

    def __len__(self) -> int:
        return len(self._score)

    @property
    def scores(self) -> Mapping[str, float]:
        """Score by key, the best first."""
        return dict(self._score)

    def learn(self, scored: Sequence[Scored]) -> None:
        """Take in what has a score and can be written; what has lost its score is forgotten."""
        latest, tokens = dict(self._score), dict(self._tokens)
        for each in scored:
            found = self._encode(each.key)
            if found is None:
                self.unknown += 1
            else:
                latest[each.key], tokens[each.key] = float(each.score), found
        known = [(key, score) for key, score in latest.items() if not math.isnan(score)]
        self._score = dict(sorted(known, key=lambda row: (-row[1], row[0]))[: self.size])
        self._tokens = {key: tokens[key] for key in self._score}

    def draw(
        self, n: int, chance: NDArray[np.float64], rng: np.random.Generator
    ) -> tuple[list[Tokens], Tensor]:
        """`n` compounds as tokens, and their scores (n,); one may be drawn several times.

        Parameters
        ----------
        n : int
        chance : (k,) float
            Of each compound, the best first; sums to 1.
        rng : Generator
        """
        keys, values = list(self._score), list(self._score.values())
        places = rng.choice(len(keys), size=n, p=chance)
        drawn = torch.tensor([values[place] for place in places], dtype=torch.float32)
        return [self._write(keys[place], self._tokens[keys[place]], rng) for place in places], drawn

    def write(self, scored: Sequence[Scored], rng: np.random.Generator) -> tuple[list[Tokens], Tensor]:
        """Those compounds as tokens that have a score and can be written, and their scores."""
        tokens = [(each, self._encode(each.key)) for each in scored if not math.isnan(each.score)]
        fit = [(each, found) for each, found in tokens if found is not None]
        scores = torch.tensor([each.score for each, _ in fit], dtype=torch.float32)
        return [self._write(each.key, found, rng) for each, found in fit], scores

    def state(self) -> list[list[str | float]]:
        """What `restore` needs."""
        return [[key, score] for key, score in self._score.items()]

    def restore(self, state: Sequence[Sequence[str | float]]) -> None:
        """Become what `state` came from."""
        self._score, self._tokens = {}, {}
        self.learn([Scored(str(key), float(score)) for key, score in state])

    def _encode(self, key: str) -> Tokens | None:
        """In the plain style; None where it is no molecule, or has an unknown token."""
        with rdBase.BlockLogs():
            mol = Chem.MolFromSmiles(key)
        if mol is None or not mol.GetNumAtoms():
            return None
        return self.vocabulary.encode(write(mol, self._plain, np.random.default_rng(0)))  # nothing is drawn

    def _write(self, key: str, plain: Tokens, rng: np.random.Generator) -> Tokens:
        """Anew, where that is possible with the tokens that are known."""
        if self.style in FIXED:
            return plain
        return self.vocabulary.encode(write(Chem.MolFromSmiles(key), self.style, rng)) or plain
