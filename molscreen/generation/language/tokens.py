"""Tokens: a SMILES cut into atoms, bonds, branches and ring closures, and these as numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

END, START = 0, 1  # of a sequence; what comes after an end is filled with ends
_SPECIAL = ("<end>", "<start>")
_TOKEN = re.compile(r"\[[^\[\]]*\]|Br|Cl|%\d\d|.", re.DOTALL)


def split(smiles: str) -> list[str]:
    """The tokens of any text; together they are the text.

    Whatever stands in brackets, two-letter elements and ring closures of two digits are one token, and so is
    any other character: no text is refused here.

    References
    ----------
    After Schwaller et al., ACS Cent. Sci. 5, 1572 (2019), doi:10.1021/acscentsci.9b00576.

    Examples
    --------
    >>> split("C[C@H](Br)c1cc[nH]c1")
    ['C', '[C@H]', '(', 'Br', ')', 'c', '1', 'c', 'c', '[nH]', 'c', '1']
    """
    return _TOKEN.findall(smiles)


@dataclass(frozen=True)
class Vocabulary:
    """Which tokens a network can read and write; fixed with its weights.

    Attributes
    ----------
    tokens : tuple of v str
        A token's number is its place. The first two stand for the end and the start of a sequence.

    Examples
    --------
    >>> vocabulary = Vocabulary.of(["CCO"])
    >>> vocabulary.tokens
    ('<end>', '<start>', 'C', 'O')
    >>> vocabulary.encode("OCC"), vocabulary.encode("CCN")  # it has never seen nitrogen
    ((3, 2, 2), None)
    """

    tokens: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.tokens[:2] != _SPECIAL or len(set(self.tokens)) < len(self.tokens):
            raise ValueError(
                f"a vocabulary begins with {' and '.join(_SPECIAL)} and has no token twice; got"
                f" {', '.join(self.tokens[:5])} …"
            )

    @classmethod
    def of(cls, smiles: Iterable[str], *, at_least: int = 1) -> Vocabulary:
        """The tokens that at least so many of the SMILES have, in the order of their texts."""
        seen = Counter(token for each in smiles for token in set(split(each)))
        return cls((*_SPECIAL, *sorted(token for token, n in seen.items() if n >= at_least)))

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.tokens) if number > START}

    def encode(self, smiles: str) -> tuple[int, ...] | None:
        """The numbers of the tokens, without start and end; None where a token is unknown."""
        try:
            return tuple(self._number[token] for token in split(smiles))
        except KeyError:
            return None

    def decode(self, numbers: Iterable[int]) -> str:
        """The text up to the first end."""
        texts = []
        for number in numbers:
            if number == END:
                break
            texts.append(self.tokens[number])
        return "".join(texts)


def pad(sequences: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Sequences as the rows of one array, each between a start and ends.

    Parameters
    ----------
    sequences : sequence of n sequences of int
        As `Vocabulary.encode` gives them.

    Returns
    -------
    (n, l + 2) int64
        ``l`` tokens has the longest.

    Examples
    --------
    >>> pad([(2, 2, 3), (4,)]).tolist()
    [[1, 2, 2, 3, 0], [1, 4, 0, 0, 0]]
    """
    rows = np.full((len(sequences), max(map(len, sequences), default=0) + 2), END, np.int64)
    rows[:, 0] = START
    for row, sequence in zip(rows, sequences, strict=True):
        row[1 : len(sequence) + 1] = sequence
    return rows
