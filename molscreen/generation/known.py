"""Known: compounds that a proposal is compared with, and that a new one must not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from molscreen.chem.cleaning.recipe import DEFAULT, Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.chem.features.fingerprint import ecfp_bits, nearest
from molscreen.chem.identity import inchikey_blocks
from molscreen.data.files.library import Library
from molscreen.errors import UsageError
from molscreen.screening.source import open_source


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Compounds that somebody knows.

    Attributes
    ----------
    keys : tuple of n str
        Each once.
    names : tuple of n str
        What each is called: an id, or the place in its file.
    """

    keys: tuple[str, ...]
    names: tuple[str, ...]

    def blocks(self) -> frozenset[str]:
        """First blocks of the InChIKeys, so that a stereoisomer or tautomer is not new; 1 ms a compound."""
        return frozenset(inchikey_blocks(self.keys))

    def join(self, other: Known) -> Known:
        """These, and those of the others that are not among them."""
        mine = frozenset(self.keys)
        new = [i for i, key in enumerate(other.keys) if key not in mine]
        return Known(
            self.keys + tuple(other.keys[i] for i in new), self.names + tuple(other.names[i] for i in new)
        )

    def nearest(self, keys: Sequence[str]) -> list[tuple[int, float]]:
        """For each key the place of the most similar compound, and its Tanimoto similarity on ECFP4.

        Ties go to the first. None for anybody where nothing is known.

        Examples
        --------
        >>> Known(("CCO", "c1ccccc1"), ("ethanol", "benzene")).nearest(["CCO"])
        [(0, 1.0)]
        """
        if not self.keys or not keys:
            return []
        index, similarity = nearest(ecfp_bits(keys), ecfp_bits(self.keys), 1)
        return list(zip(index[:, 0].tolist(), similarity[:, 0].tolist(), strict=True))


def read_known(paths: Sequence[str | Path], *, recipe: Recipe = DEFAULT) -> Known:
    """The compounds of libraries or stores, standardised as a library is; what is no compound is left out.

    Raises
    ------
    LibraryError
        One cannot be read, or a store was made with another recipe.
    UsageError
        Not one row of one of them is a compound.
    """
    found = Known((), ())
    for path in paths:
        names = _read(str(path), recipe)
        if not names:
            raise UsageError(f"--known {path}: not one row is a compound")
        found = found.join(Known(tuple(names), tuple(names.values())))
    return found


def _read(path: str, recipe: Recipe) -> dict[str, str]:
    """Names by key."""
    source = open_source([path])
    names: dict[str, str] = {}
    if isinstance(source, Library):
        for record in source.records():
            outcome = record.fault or standardize(record.raw, recipe)
            if isinstance(outcome, Compound):
                names.setdefault(outcome.key, record.id or f"{record.source}:{record.line}")
        return names
    source.check_recipe(recipe, where="[standardize]")
    for batch in source.molecules():
        for key in batch.column("key").to_pylist():
            if key is not None:
                names.setdefault(key, f"store {source.path.name}")
    return names
