"""Where a GPU's time goes, stage by stage and kernel by kernel; and how far it is from the CPU."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from molscreen.graphs.pack import PackedGraphs
from molscreen.models.batch import collate
from molscreen.prediction.blend.ensemble import Ensemble, run_networks
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.certainty.torch_calibration import TorchCalibration
from workflows.benchmarks.gpu_store import manifest, read_shard
from workflows.benchmarks.gpu_table import Agreement

KERNELS = 12  # listed by name
RUNS = 4  # of a stage; the shortest counts


def stages(
    store: Path, views: Mapping[str, Ensemble], graphs: PackedGraphs, device: torch.device
) -> dict[str, float]:
    """Microseconds a molecule of each stage alone, the device waited for after each."""
    n = len(graphs)
    first = store / manifest(store)["shards"][0]["molecules"]["name"]
    found = {"read": microseconds(lambda: read_shard(first), len(read_shard(first)), device)}
    found["pin, copy, unfold"] = microseconds(lambda: collate(graphs, device), n, device)
    batch = collate(graphs, device)
    for name, ensemble in views.items():
        network = ensemble.networks[0]
        with torch.inference_mode():
            found[f"{name}: forward"] = microseconds(lambda network=network: network(batch), n, device)
            out = network(batch)
            calibration = TorchCalibration.of(ensemble.calibration, ensemble.domain, device)
            said = (out.raw, out.log_variance.exp(), out.embedding)
            found[f"{name}: calibrate on the device"] = microseconds(
                lambda apply=calibration.apply, said=said: apply(*said), n, device
            )
            applied = calibration.apply(*said)
            found[f"{name}: copy back"] = microseconds(
                lambda applied=applied: [each.cpu() for each in applied], n, device
            )
        here = run_networks(ensemble.networks, graphs, batch_atoms=ensemble.batch_atoms)
        far = ensemble.domain.distance(here.embedding)[:, None]
        found[f"{name}: calibrate in numpy"] = microseconds(
            lambda apply=ensemble.calibration.apply, said=(here.mean, here.std, far): apply(*said), n, device
        )
        found[f"{name}: domain in numpy"] = microseconds(
            lambda each=ensemble, here=here: each.domain.distance(here.embedding), n, device
        )
    return found


def microseconds(work: Callable[[], object], n: int, device: torch.device) -> float:
    """The least of some runs, for each of n molecules."""
    best = np.inf
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        best = min(best, time.perf_counter() - start)
    return best / n * 1e6


def kernels(views: Iterable[Ensemble], graphs: PackedGraphs, device: torch.device) -> dict[str, Any]:
    """Seconds inside kernels and on the wall for one chunk, and the kernels that take most of them."""
    if device.type != "cuda":
        return {}

    def work() -> None:
        for ensemble in views:
            ensemble.predict([""] * len(graphs), graphs)

    wall = microseconds(work, 1, device) / 1e6
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        work()
        torch.cuda.synchronize(device)
    by_name: dict[str, float] = {}
    for event in profile.events():
        if event.device_type.name == "CUDA" and not event.name.startswith(("Memcpy", "Memset")):
            by_name[event.name] = by_name.get(event.name, 0.0) + event.time_range.elapsed_us() / 1e6
    most = sorted(by_name.items(), key=lambda item: -item[1])[:KERNELS]
    return {"n": len(graphs), "wall": wall, "inside": sum(by_name.values()), "most": most}


def agreement(bundle: Bundle, ensemble: Ensemble, graphs: PackedGraphs, precision: str) -> list[Agreement]:
    """How far the predictions of a view are from those of the CPU in fp32, by kind of endpoint."""
    keys = [""] * len(graphs)
    here, there = bundle.wide_view().predict(keys, graphs), ensemble.predict(keys, graphs)
    found = []
    for kind in ("regression", "classification"):
        columns = [j for j, each in enumerate(bundle.endpoints) if each.kind == kind]
        if columns:
            pair = here.mean[:, columns], there.mean[:, columns]
            found.append(compare(*pair, bundle=bundle.name, what=kind, precision=precision))
    found.append(
        compare(
            here.distance[:, None],
            there.distance[:, None],
            bundle=bundle.name,
            what="distance",
            precision=precision,
        )
    )
    return found


def compare(
    here: NDArray[np.float32], there: NDArray[np.float32], *, bundle: str, what: str, precision: str
) -> Agreement:
    """Differences of (n, c) numbers: as they are, relative to them, and to the spread of their column."""
    plain, other = here.astype(np.float64), there.astype(np.float64)
    difference = np.abs(other - plain)
    spread = np.maximum(plain.std(axis=0), np.finfo(np.float32).tiny)
    relative = difference / np.maximum(np.abs(plain), np.finfo(np.float32).tiny)
    of_spread = difference / spread
    return Agreement(
        bundle=bundle,
        what=what,
        precision=precision,
        n=len(here),
        absolute=largest(difference),
        relative=largest(relative),
        of_spread=largest(of_spread),
        same_4_decimals=float((np.round(plain, 4) == np.round(other, 4)).mean()),
    )


def largest(values: NDArray[np.float64]) -> tuple[float, float]:
    """The largest, and what 99.9 % do not exceed."""
    return float(values.max()), float(np.quantile(values, 0.999))
