"""``molscreen doctor``: whether this installation works, with one real prediction."""

from __future__ import annotations

import os
import time
from typing import Any

import typer

from molscreen.cli.bundles import describe
from molscreen.cli.console import print_json, print_table
from molscreen.cli.options import Json
from molscreen.errors import MolscreenError
from molscreen.number import number, shown_unit

PACKAGES = ("molscreen", "rdkit", "torch", "torch-geometric", "numpy", "pandas", "pyarrow", "safetensors")


def doctor(json: Json = False) -> None:
    """Check versions, cores, memory, GPU and bundles, and predict one molecule with each of them."""
    findings = {**_machine(), **_bundles(), **_prediction()}
    if json:
        print_json(findings)
    else:
        print_table(("check", "found"), [(name, str(value)) for name, value in findings.items()])
    if any(str(value).startswith("FAILED") for value in findings.values()):
        raise typer.Exit(MolscreenError.exit_code)


def _machine() -> dict[str, Any]:
    from molscreen.prediction.device import accelerators
    from molscreen.provenance import machine, versions

    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return {
        **versions(PACKAGES),
        **machine(),
        "memory": f"{pages / 2**30:.1f} GiB" if pages else "unknown",
        "gpu": ", ".join(accelerators()) or "none: the CPU is used",
    }


def _bundles() -> dict[str, str]:
    """Every bundle that ships, its parts compared with their sha256."""
    from molscreen.prediction.bundle.manifest import find_bundles

    rows = [describe(name) for name in find_bundles()]
    if not rows:
        return {"bundles": "FAILED: none found; train one, or install molscreen again"}
    return {
        f"bundle {row['name']}": f"{row['endpoints']} endpoints, sha256 as shipped"
        if row["state"] == "ok"
        else f"FAILED: {row['state']}"
        for row in rows
    }


def _prediction() -> dict[str, str]:
    """Aspirin by every bundle that ships, from the SMILES to the last endpoint; the first one is shown."""
    from molscreen.prediction.bundle.manifest import find_bundles

    return {f"a prediction by {name}": _predict(name) for name in sorted(find_bundles())}


def _predict(bundle: str) -> str:
    from molscreen.prediction.bundle.bundle_file import load_bundle
    from molscreen.prediction.table import predict

    start = time.perf_counter()
    try:
        opened = load_bundle(bundle)
        said = predict("CC(=O)Oc1ccccc1C(=O)O", bundles=opened)
    except MolscreenError as error:
        return f"FAILED: {error}"
    took, first = time.perf_counter() - start, opened.endpoints[0]
    value = f"{first.name} {number(said[first.name].item(), first.unit)} {shown_unit(first.unit)}".rstrip()
    return f"aspirin is {said['status'].item()}: {value}, in {took:.1f} s with loading"
