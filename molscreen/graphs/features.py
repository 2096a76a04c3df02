"""Compound keys to graphs, by bulk C++ calls instead of a loop over atoms."""

from __future__ import annotations

import functools
import itertools
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import GetConnectivityInvariants
from rdkit.Chem.rdqueries import HasPropQueryAtom

from molscreen.chem.label import is_labelled
from molscreen.errors import RunError
from molscreen.graphs.atom_loop import chirality_id, flat_ids, not_a_key, read_atom_by_atom, stereo_label
from molscreen.graphs.molgraph import MolGraph
from molscreen.graphs.pack import (
    ATOM_SIZES,
    BOND_SIZES,
    MAX_ATOMS,
    PackedGraphs,
    join_blob,
    pack,
    to_blobs,
    to_bytes,
    unpack,
)
from molscreen.graphs.vocabulary import BOND_LABELS

Reading = tuple[list[int], NDArray[np.float64]]  # atom codes (a,), not yet aromatic; bond entries (a, a)

_CHUNK = 256  # molecules whose bond matrices are held at once: 1.4 MB of typical ones
_CHECKED = 10_000  # one key in so many is compared with the atom loop

_LIGHT = Chem.SmilesParserParams()
_LIGHT.sanitize = _LIGHT.removeHs = False  # type: ignore[assignment]  # rdkit's stub is wrong
_LIGHT.parseName = _LIGHT.allowCXSMILES = False  # type: ignore[assignment]
_LABELLED = HasPropQueryAtom("_CIPCode")

_AROMATIC = 1.5
_ENTRIES = {  # entry of the bond matrix -> labels; RDKit's are orders, and SMILES has no bond of order 5 or 6
    1.0: ("single", "none"),
    2.0: ("double", "none"),
    3.0: ("triple", "none"),
    _AROMATIC: ("aromatic", "none"),
    5.0: ("double", "E"),
    6.0: ("double", "Z"),
}
_MARKS = {stereo: entry for entry, (_, stereo) in _ENTRIES.items() if stereo != "none"}
_TO_AROMATIC = ATOM_SIZES[-1]  # what the step from "ring" to "aromatic" adds to an atom's code


def _bond_code(order: str, stereo: str) -> int:
    ids = BOND_LABELS["order"].index(order), BOND_LABELS["stereo"].index(stereo)
    return int(np.ravel_multi_index(ids, BOND_SIZES))


_BOND_CODE = np.array([_bond_code(*_ENTRIES.get(i / 2, ("other", "none"))) for i in range(13)], np.uint8)


class Featurizer:
    """Keys to graphs, remembering the atom environments it has met.

    One call of RDKit gives a 32-bit invariant per atom, which holds element, degree, charge,
    hydrogens and ring membership: these are asked for once per invariant (about 130 times in
    16,000 drug-like molecules) and remembered. A second call gives all bonds as a matrix.

    The memory never changes a result. Two environments could collide in 32 bits, so one key in
    10,000, chosen by its checksum, is compared with the atom loop. Invariants mean nothing
    outside the process and are never stored.

    Examples
    --------
    >>> Featurizer().batch(["CCO", "c1ccccc1"]).n_atoms.tolist()
    [3, 6]
    """

    def __init__(self) -> None:
        self._code: dict[int, int] = {}  # invariant -> code without aromaticity and chirality

    def graph(self, key: str) -> MolGraph:
        """One molecule of any size; see `featurize`."""
        reading = self._read(key)
        return read_atom_by_atom(key) if reading is None else unpack(_assemble([reading]))[0]

    def packed(self, key: str) -> bytes:
        """One molecule of at most 256 atoms, packed; see `featurize_packed`."""
        reading = self._read(key)
        return to_bytes(read_atom_by_atom(key)) if reading is None else _assemble_one(reading)

    def batch(self, keys: Sequence[str]) -> PackedGraphs:
        """Many molecules of at most 256 atoms; see `featurize_batch`."""
        chunks = [self._chunk(keys[start : start + _CHUNK]) for start in range(0, len(keys), _CHUNK)]
        return chunks[0] if len(chunks) == 1 else PackedGraphs.concatenate(chunks)

    def _chunk(self, keys: Sequence[str]) -> PackedGraphs:
        readings = [self._read(key) for key in keys]
        if all(readings):
            return _assemble([reading for reading in readings if reading])
        parts = [
            _assemble([reading]) if reading else pack([read_atom_by_atom(key)])
            for key, reading in zip(keys, readings, strict=True)
        ]
        return PackedGraphs.concatenate(parts)

    def _read(self, key: str) -> Reading | None:
        """One molecule, or None where only the atom loop will do."""
        if is_labelled(key):  # the light reading keeps isotopes
            return None
        mol = _light_mol(key)
        if mol.GetNumAtoms() > MAX_ATOMS:  # the dense matrix would cost more than the loop
            return None
        entry = Chem.GetAdjacencyMatrix(mol, useBO=True)
        if np.count_nonzero(entry) != 2 * mol.GetNumBonds():  # dative and zero-order bonds
            return None
        codes = self._codes(mol)
        if "@" in key:
            for atom in mol.GetAtomsMatchingQuery(_LABELLED):
                codes[atom.GetIdx()] += chirality_id(atom)
        if "/" in key or "\\" in key:
            for i, j in np.argwhere(entry == 2).tolist():
                label = stereo_label(mol.GetBondBetweenAtoms(i, j))
                entry[i, j] = _MARKS.get(label, 2)
        if zlib.crc32(key.encode()) % _CHECKED == 0:
            _compare(key, (codes, entry))
        return codes, entry

    def _codes(self, mol: Chem.Mol) -> list[int]:
        """Atom codes (a,), not yet aromatic nor chiral."""
        invariants = GetConnectivityInvariants(mol, True)
        try:
            return [self._code[invariant] for invariant in invariants]
        except KeyError:
            for atom, invariant in zip(mol.GetAtoms(), invariants, strict=True):
                if invariant not in self._code:
                    self._code[invariant] = int(np.ravel_multi_index((*flat_ids(atom), 0), ATOM_SIZES))
            return [self._code[invariant] for invariant in invariants]


def _light_mol(key: str) -> Chem.Mol:
    """Read text that RDKit itself wrote: no sanitisation, at a quarter of the time.

    Ring sizes decide which double bonds may be E or Z, hence the ring search for stereo marks.
    """
    mol = Chem.MolFromSmiles(key, _LIGHT)
    if mol is None or not mol.GetNumAtoms():
        raise not_a_key(key)
    mol.UpdatePropertyCache(False)
    if "@" in key or "/" in key or "\\" in key:
        Chem.GetSymmSSSR(mol)
        Chem.AssignStereochemistry(mol, cleanIt=True, force=True)
    else:
        Chem.FastFindRings(mol)
    return mol


def _assemble(readings: Sequence[Reading]) -> PackedGraphs:
    """All molecules of a chunk at once: one search for bonds, one table look-up."""
    n_atoms = np.array([len(codes) for codes, _ in readings])
    atom = np.fromiter(itertools.chain.from_iterable(codes for codes, _ in readings), np.uint16)
    entry = np.concatenate([matrix.ravel() for _, matrix in readings])  # (sum of a * a,)
    place = np.flatnonzero(entry)  # (2B,)
    end_of_matrix = np.cumsum(n_atoms * n_atoms)
    molecule = np.searchsorted(end_of_matrix, place, side="right")
    size = n_atoms[molecule]
    source, target = np.divmod(place - end_of_matrix[molecule] + size * size, size)
    entry = entry[place]
    first_atom = np.cumsum(n_atoms) - n_atoms
    aromatic = np.zeros(len(atom), bool)
    aromatic[(source + first_atom[molecule])[entry == _AROMATIC]] = True
    atom[aromatic] += np.uint16(_TO_AROMATIC)
    once = source < target
    return PackedGraphs(
        n_atoms.astype(np.int32),
        np.bincount(molecule[once], minlength=len(n_atoms)).astype(np.int32),
        atom,
        np.stack([source[once], target[once]], axis=1).astype(np.uint8),
        _BOND_CODE[(2 * entry[once]).astype(np.intp)],
    )


def _assemble_one(reading: Reading) -> bytes:
    """`to_bytes` of one molecule; for one, `_assemble` would take four times as long."""
    codes, entry = reading
    source, target = entry.nonzero()  # (2B,)
    order = entry[source, target]
    atom = np.array(codes, np.uint16)
    aromatic = np.zeros(len(atom), bool)
    aromatic[source[order == _AROMATIC]] = True
    atom[aromatic] += np.uint16(_TO_AROMATIC)
    once = source < target
    ends = np.empty((np.count_nonzero(once), 2), np.uint8)
    ends[:, 0], ends[:, 1] = source[once], target[once]
    return join_blob(atom, ends, _BOND_CODE[(2 * order[once]).astype(np.intp)])


def _compare(key: str, reading: Reading) -> None:
    """Refuse to go on where the bulk calls and the atom loop disagree."""
    if to_blobs(_assemble([reading])) != to_blobs(pack([read_atom_by_atom(key)])):
        raise RunError(
            f"the graph of '{key}' differs from that of the atom loop, so no score can be trusted; "
            "please report this key with the output of `molscreen doctor`"
        )


@functools.cache
def _own() -> Featurizer:
    """Give the one featurizer of this process."""
    return Featurizer()


def featurize(key: str) -> MolGraph:
    """The graph of one compound.

    Parameters
    ----------
    key : str
        `Compound.key`: SMILES that this RDKit wrote itself. Text from elsewhere is not
        sanitised here and may give wrong features.

    Raises
    ------
    ValueError
        RDKit cannot read `key`.
    RunError
        The self-check of `Featurizer` failed.

    Examples
    --------
    >>> featurize("C[C@H](N)C(=O)O").x[1].tolist()  # C, 4 neighbours, no charge, 1 H, no ring, S
    [2, 4, 2, 1, 0, 2]
    """
    return _own().graph(key)


def featurize_batch(keys: Sequence[str]) -> PackedGraphs:
    """The graphs of many compounds, row i for ``keys[i]``; the fastest way, about 50 µs each.

    Raises
    ------
    ValueError
        RDKit cannot read a key, or a molecule has more than 256 atoms.
    RunError
        The self-check of `Featurizer` failed.

    Examples
    --------
    >>> featurize_batch(["CCO", "c1ccccc1"]).n_bonds.tolist()
    [2, 6]
    """
    return _own().batch(keys)


def featurize_packed(key: str) -> bytes:
    """``to_bytes(featurize(key))``, without the detour.

    Raises
    ------
    ValueError, RunError
        As for `featurize_batch`.

    Examples
    --------
    >>> len(featurize_packed("CCO"))
    16
    """
    return _own().packed(key)
