"""A fragment table: which fragments were seen in which context, and in how many molecules."""

from __future__ import annotations

import bisect
import functools
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from molscreen.errors import ConfigError

FORMAT = 1
_ARRAYS = {
    "heavy": np.uint8,
    "context": np.uint64,
    "start": np.uint32,
    "fragment": np.uint32,
    "count": np.uint32,
}


@dataclass(frozen=True, slots=True, eq=False)
class FragmentTable:
    """Fragments by the context that they were seen in.

    Attributes
    ----------
    smiles : tuple of str
        (f,) fragments as `molscreen.generation.fragments.cut.fragment_smiles` writes them, in the order of
        their texts.
    heavy : (f,) uint8
        Heavy atoms of each.
    context : (c,) uint64
        Rising; as `molscreen.generation.fragments.cut.Cut.context` gives them, all radii together.
    start : (c + 1,) uint32
        The fragments seen in context i are those from ``start[i]`` to ``start[i + 1]``.
    fragment : (e,) uint32
        Places in `smiles`, rising within a context.
    count : (e,) uint32
        In how many molecules the fragment was seen in the context.
    about : str
        Where the molecules came from, under which licence, and what was left out.

    References
    ----------
    Polishchuk, J. Cheminform. 12, 28 (2020), doi:10.1186/s13321-020-00431-w.
    """

    smiles: tuple[str, ...]
    heavy: NDArray[np.uint8]
    context: NDArray[np.uint64]
    start: NDArray[np.uint32]
    fragment: NDArray[np.uint32]
    count: NDArray[np.uint32]
    about: str = ""

    def seen_in(self, context: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Fragments seen in a context, as places in `smiles`, and their counts; empty where none was.

        Examples
        --------
        >>> from rdkit import Chem
        >>> from molscreen.generation.fragments.cut import cuts
        >>> table, toluene = shipped_table(), Chem.MolFromSmiles("Cc1ccccc1")
        >>> methyl = next(cut for cut in cuts(toluene) if cut.atoms == (0,))
        >>> fragments, count = table.seen_in(methyl.context(radius=3))
        >>> order = count.argsort()[::-1]
        >>> [table.smiles[each] for each in fragments[order][:4]]
        ['[H][*:1]', 'Cl[*:1]', 'CO[*:1]', 'F[*:1]']
        """
        place = int(np.searchsorted(self.context, np.uint64(context)))
        if place == len(self.context) or int(self.context[place]) != context:
            return self.fragment[:0], self.count[:0]
        here = slice(int(self.start[place]), int(self.start[place + 1]))
        return self.fragment[here], self.count[here]

    def digest(self) -> str:
        """16 hexadecimal digits of the sha256 of all that a proposal depends on."""
        found = hashlib.sha256("\n".join(self.smiles).encode())
        for name in ("context", "start", "fragment", "count"):
            found.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return found.hexdigest()[:16]

    def place_of(self, fragment: str) -> int:
        """Where a fragment is in `smiles`; -1 where it is not."""
        place = bisect.bisect_left(self.smiles, fragment)
        return place if self.smiles[place : place + 1] == (fragment,) else -1


def write_table(table: FragmentTable, path: Path) -> None:
    """Write a table as compressed numpy arrays without pickles; the same table gives the same bytes."""
    text = {"smiles": "\n".join(table.smiles), "about": table.about}
    arrays = {name: _narrow(getattr(table, name)) for name in _ARRAYS}
    arrays |= {name: np.frombuffer(value.encode(), np.uint8) for name, value in text.items()}
    arrays["start"] = _narrow(np.diff(table.start))  # lengths: small numbers compress
    np.savez_compressed(path, allow_pickle=False, format=np.uint8(FORMAT), **arrays)


def read_table(path: Path) -> FragmentTable:
    """Read what `write_table` wrote.

    Raises
    ------
    ConfigError
        The file is missing, or no fragment table of this version.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file, expected a fragment table (.npz)") from error
    except (KeyError, ValueError, OSError, EOFError) as error:
        raise ConfigError(
            f"{path}: not a fragment table of format {FORMAT} ({error}); make one with"
            f" workflows/generation/mine_fragments.py"
        ) from error


@functools.cache
def shipped_table() -> FragmentTable:
    """The table that comes with molscreen, mined from drug-like compounds of ChEMBL; see its `about`."""
    with files("molscreen.generation.fragments").joinpath("chembl.npz").open("rb") as file:
        return _read(file)


def _read(file: IO[bytes]) -> FragmentTable:
    stored = np.load(file, allow_pickle=False)
    if int(stored["format"]) != FORMAT:
        raise ValueError(f"its format is {int(stored['format'])}")
    arrays = {name: stored[name].astype(dtype) for name, dtype in _ARRAYS.items()}
    arrays["start"] = np.concatenate(([0], np.cumsum(arrays["start"]))).astype(np.uint32)
    smiles, about = (stored[name].tobytes().decode() for name in ("smiles", "about"))
    return FragmentTable(tuple(smiles.split("\n")) if smiles else (), about=about, **arrays)


def _narrow(values: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    """The same numbers in the fewest bytes."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))
