"""molscreen: a SMILES library goes in, a ranked, explained, defensible shortlist comes out.

    import molscreen as ms

    run = ms.screen("library.smi", plan="oral-drug", out="runs/first")
    run.shortlist           # a DataFrame, best first
    ms.predict("CCO")       # one row per SMILES: status, every endpoint with its interval

A name is imported from its room when it is first used, so ``import molscreen`` costs next to
nothing and loads neither torch nor RDKit.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from molscreen.chem.compound import Compound, Rejection
    from molscreen.chem.standardize import standardize
    from molscreen.data.library import open_library
    from molscreen.endpoint import Endpoint
    from molscreen.errors import MolscreenError
    from molscreen.generation.design import design
    from molscreen.objectives.objective import Objective
    from molscreen.prediction.bundle_file import load_bundle
    from molscreen.prediction.manifest import find_bundles
    from molscreen.prediction.table import predict
    from molscreen.report.screen import screen
    from molscreen.screening.index import index
    from molscreen.screening.plan.plan import ScreenPlan, load_plan
    from molscreen.screening.results.run import Run, open_run
    from molscreen.screening.store.read import Store, open_store
    from molscreen.training.train import train

_HOME = {
    "Compound": "molscreen.chem.compound",
    "Endpoint": "molscreen.endpoint",
    "MolscreenError": "molscreen.errors",
    "Objective": "molscreen.objectives.objective",
    "Rejection": "molscreen.chem.compound",
    "Run": "molscreen.screening.results.run",
    "ScreenPlan": "molscreen.screening.plan.plan",
    "Store": "molscreen.screening.store.read",
    "design": "molscreen.generation.design",
    "find_bundles": "molscreen.prediction.manifest",
    "index": "molscreen.screening.index",
    "load_bundle": "molscreen.prediction.bundle_file",
    "load_plan": "molscreen.screening.plan.plan",
    "open_library": "molscreen.data.library",
    "open_run": "molscreen.screening.results.run",
    "open_store": "molscreen.screening.store.read",
    "predict": "molscreen.prediction.table",
    "screen": "molscreen.report.screen",
    "standardize": "molscreen.chem.standardize",
    "train": "molscreen.training.train",
}

__all__ = [
    "Compound",
    "Endpoint",
    "MolscreenError",
    "Objective",
    "Rejection",
    "Run",
    "ScreenPlan",
    "Store",
    "design",
    "find_bundles",
    "index",
    "load_bundle",
    "load_plan",
    "open_library",
    "open_run",
    "open_store",
    "predict",
    "screen",
    "standardize",
    "train",
]


def __getattr__(name: str) -> object:
    """The public name, from its room (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'molscreen' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
