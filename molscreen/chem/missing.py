"""Words that stand for nothing, in a column of structures as in one of values."""

from __future__ import annotations

MISSING: frozenset[str] = frozenset({
    "", "-", "--", "---", ".", "?", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "none", "null", "nil",
    "nd", "n.d.", "n/d", "nt", "n.t.", "n/t", "nr", "n.r.", "tbd", "missing", "unknown", "untested",
    "not available", "not applicable", "not determined", "not measured", "not reported", "not tested",
})  # fmt: skip
"""In lower case. None of them is the SMILES of a molecule, however it is written: NC and NO are."""
