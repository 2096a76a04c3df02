"""Novelty: a compound is refused where a reference set holds it, or holds something too similar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Mol

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection
from molscreen.chem.features.fingerprint import ecfp_bits, nearest
from molscreen.errors import ConfigError
from molscreen.filters.filter import FILTERS


@FILTERS.register("novelty")
@dataclass(frozen=True, kw_only=True)
class Novelty:
    """Not in a reference set, and no closer to it than `max_similarity`.

    The reference is standardised like the library, so that a salt of a known compound is known too.

    Attributes
    ----------
    known : tuple of str
        SMILES of the reference set.
    file : str
        More of them: a text file with one SMILES a line, up to the first blank; lines that start with
        ``#`` and blank lines are skipped. It is read once, when the filter is made.
    max_similarity : float in [0, 1]
        The highest Tanimoto similarity (ECFP4, 2048 bits) to any reference compound that passes. The
        default 1 refuses only the reference compounds themselves.

    Examples
    --------
    >>> novel = Novelty(known=("CC(=O)Oc1ccccc1C(=O)O",))
    >>> novel.reason(Chem.MolFromSmiles("OC(=O)c1ccccc1OC(C)=O"))
    "novelty: is in the reference set as 'CC(=O)Oc1ccccc1C(=O)O'"
    """

    name: ClassVar[str] = "novelty"
    known: tuple[str, ...] = ()
    file: str = ""
    max_similarity: float = 1.0

    def __post_init__(self) -> None:
        if not self.known and not self.file:
            raise ConfigError("neither 'known' nor 'file' names a reference set")
        if not 0 <= self.max_similarity <= 1:
            raise ConfigError(f"'max_similarity' is {self.max_similarity}, expected 0 to 1")

    def reason(self, mol: Mol) -> str | None:
        """Why `mol` is refused, or None where it passes."""
        key = Chem.MolToSmiles(mol)
        if key in self._reference:
            return f"novelty: is in the reference set as '{self._reference[key]}'"
        if self.max_similarity == 1:
            return None
        indices, similarities = nearest(ecfp_bits([key]), self._fingerprints, 1)
        similarity = round(float(similarities[0, 0]), 6)  # float32: 0.4 is not 0.4000000059
        if similarity <= self.max_similarity:
            return None
        neighbour = list(self._reference.values())[indices[0, 0]]
        return f"novelty: Tanimoto {similarity:.6g} to '{neighbour}' (at most {self.max_similarity:g})"

    @cached_property
    def _reference(self) -> dict[str, str]:
        """Key to the text it was given as, in the order of the reference."""
        reference: dict[str, str] = {}
        for place, smiles in self._given():
            compound = standardize(smiles)
            if isinstance(compound, Rejection):
                raise ConfigError(f"{place}: '{smiles}' cannot be a reference: {compound.reason}")
            reference.setdefault(compound.key, smiles)
        if not reference:
            raise ConfigError(f"{self.file}: holds no SMILES")
        return reference

    @cached_property
    def _fingerprints(self) -> NDArray[np.uint8]:
        return ecfp_bits(list(self._reference))  # (n, 256)

    def _given(self) -> Iterator[tuple[str, str]]:
        """Where each reference SMILES stands, and its text."""
        for i, smiles in enumerate(self.known, start=1):
            yield f"'known', entry {i}", smiles
        if not self.file:
            return
        try:
            lines = Path(self.file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"reference file '{self.file}' cannot be read: {error}") from error
        for i, line in enumerate(lines, start=1):
            if line.strip() and not line.startswith("#"):
                yield f"{self.file}, line {i}", line.split()[0]
