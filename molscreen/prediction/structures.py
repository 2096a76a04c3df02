"""Structures that a caller of `predict` gives, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from molscreen.errors import UsageError


def as_texts(smiles: object) -> list[str]:
    """The structures as text, one each; a missing one is empty.

    Raises
    ------
    UsageError
        It is a table, or something among them is neither text nor missing.
    """
    if hasattr(smiles, "columns") or isinstance(smiles, Mapping):  # of either one would get the names
        raise UsageError(
            f"predict: expected a SMILES, several, or a file, got a {type(smiles).__name__};"
            " pass its column of structures, for example frame['smiles']"
        )
    if not isinstance(smiles, str | Iterable):
        raise UsageError(
            f"predict: expected a SMILES, several, or a file, got {type(smiles).__name__};"
            " of an RDKit molecule, Chem.MolToSmiles gives a SMILES"
        )
    texts = []
    for place, item in enumerate([smiles] if isinstance(smiles, str) else smiles):
        if not isinstance(item, str) and not _is_missing(item):
            raise UsageError(
                f"predict: structure {place} is a {type(item).__name__}, expected a SMILES string;"
                " of an RDKit molecule, Chem.MolToSmiles gives one"
            )
        texts.append(item if isinstance(item, str) else "")
    return texts


def _is_missing(item: object) -> bool:
    """None, NaN, or what pandas has in their place; said without importing pandas."""
    is_nan = isinstance(item, float) and item != item
    return item is None or is_nan or type(item).__name__ in ("NAType", "NaTType")
