"""molscreen: a SMILES library goes in, a ranked, explained, defensible shortlist comes out.

    import molscreen as ms

    run = ms.screen("library.smi", plan="oral-drug", out="runs/first")
    run.shortlist           # a DataFrame, best first
    ms.predict("CCO")       # one row per SMILES: status, every endpoint with its interval
    ms.explain("CCO", bundle="admet-tox", endpoint="hERG")  # atoms, neighbours, what would turn it round

A name is imported from its room when it is first used, so ``import molscreen`` costs next to
nothing and loads neither torch nor RDKit.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from molscreen.chem.cleaning.recipe import Recipe
    from molscreen.chem.cleaning.standardize import standardize
    from molscreen.chem.compound import Compound, Rejection
    from molscreen.data.files.library import open_library
    from molscreen.data.files.record import ReadOptions
    from molscreen.data.own_file.user_card import UserColumns
    from molscreen.data.splits import SplitConfig
    from molscreen.endpoint import Endpoint
    from molscreen.errors import MolscreenError
    from molscreen.generation.design import design
    from molscreen.generation.settings import DesignConfig
    from molscreen.objectives.objective import Objective
    from molscreen.prediction.bundle.bundle import Bundle
    from molscreen.prediction.bundle.bundle_file import load_bundle
    from molscreen.prediction.bundle.manifest import find_bundles
    from molscreen.prediction.explanation import Explanation, explain
    from molscreen.prediction.table import predict
    from molscreen.report.screen import screen
    from molscreen.screening.index import index
    from molscreen.screening.plan.plan import ScreenPlan, load_plan, ready_made
    from molscreen.screening.results.run import Run, open_run
    from molscreen.screening.store.read import Store, open_store
    from molscreen.training.train import train

_HOME = {
    "Bundle": "molscreen.prediction.bundle.bundle",
    "Compound": "molscreen.chem.compound",
    "DesignConfig": "molscreen.generation.settings",
    "Endpoint": "molscreen.endpoint",
    "Explanation": "molscreen.prediction.explanation",
    "MolscreenError": "molscreen.errors",
    "Objective": "molscreen.objectives.objective",
    "ReadOptions": "molscreen.data.files.record",
    "Recipe": "molscreen.chem.cleaning.recipe",
    "Rejection": "molscreen.chem.compound",
    "Run": "molscreen.screening.results.run",
    "ScreenPlan": "molscreen.screening.plan.plan",
    "SplitConfig": "molscreen.data.splits",
    "Store": "molscreen.screening.store.read",
    "UserColumns": "molscreen.data.own_file.user_card",
    "design": "molscreen.generation.design",
    "explain": "molscreen.prediction.explanation",
    "find_bundles": "molscreen.prediction.bundle.manifest",
    "index": "molscreen.screening.index",
    "load_bundle": "molscreen.prediction.bundle.bundle_file",
    "load_plan": "molscreen.screening.plan.plan",
    "open_library": "molscreen.data.files.library",
    "open_run": "molscreen.screening.results.run",
    "open_store": "molscreen.screening.store.read",
    "predict": "molscreen.prediction.table",
    "ready_made": "molscreen.screening.plan.plan",
    "screen": "molscreen.report.screen",
    "standardize": "molscreen.chem.cleaning.standardize",
    "train": "molscreen.training.train",
}

__all__ = [
    "Bundle",
    "Compound",
    "DesignConfig",
    "Endpoint",
    "Explanation",
    "MolscreenError",
    "Objective",
    "ReadOptions",
    "Recipe",
    "Rejection",
    "Run",
    "ScreenPlan",
    "SplitConfig",
    "Store",
    "UserColumns",
    "design",
    "explain",
    "find_bundles",
    "index",
    "load_bundle",
    "load_plan",
    "open_library",
    "open_run",
    "open_store",
    "predict",
    "ready_made",
    "screen",
    "standardize",
    "train",
]


def __getattr__(name: str) -> object:
    """The public name, from its room (PEP 562)."""
    if name not in _HOME:
        from molscreen.errors import did_you_mean

        raise AttributeError(f"module 'molscreen' has no attribute '{name}'.{did_you_mean(name, __all__)}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """What there is to use; a notebook completes it."""
    return ["__version__", *__all__]
