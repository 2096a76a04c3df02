"""Start: the seeds of a search, each once, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from molscreen.chem.compound import Rejection
from molscreen.chem.recipe import Recipe
from molscreen.chem.standardize import standardize
from molscreen.generation.search.history import SEED


def standardize_seeds(seeds: Sequence[str], recipe: Recipe) -> tuple[list[str], Counter[str]]:
    """Different keys in the order of the seeds, and how many seeds were refused for which reason."""
    results = [standardize(smiles, recipe) for smiles in seeds]
    refused = Counter(f"{SEED}: {each.code}" for each in results if isinstance(each, Rejection))
    keys = list(dict.fromkeys(each.key for each in results if not isinstance(each, Rejection)))
    if repeated := len(seeds) - refused.total() - len(keys):
        refused[f"{SEED}: given before"] = repeated
    return keys, refused
