"""How fast a GPU works through a store: molecules a second, its busy share, and agreement with the CPU.

    make gpu STORE=my-store                                    # the bundles that ship, on a GPU
    python -m workflows.benchmarks.gpu STORE --device cpu --n 500 --batch-atoms 8192

It needs no RDKit: torch, numpy, pyarrow, safetensors, dacite (and PyG for a bundle of the
encoder "gine"), this repository, and of a store ``store.json`` and ``shards/shard-*.arrow`` (not those that
end in ``.text.arrow``). So it can be carried to a machine that has a GPU and little else.

Measured is what the wide tier does between a store and its columns: graphs out of mapped files, and the
wide view of each bundle, calibrated and with its domain. Reading runs ahead in a thread. Precisions:

    fp32      as it ships: the numbers of the CPU up to rounding
    tf32      matrix products with 10 bits of mantissa
    autocast  matrix products in bf16, all else as it is
    bf16      the encoder in bf16, heads and calibration in fp32
    fp16      the same in fp16, which holds the weights of our bundles exactly

Into the folder go gpu.json and gpu.md. Times of single stages are taken with the GPU waited for in between,
so that their sum is more than a pass takes. Busy is the time inside kernels, as torch's profiler sums it,
over the wall time of the same work without the profiler.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import platform
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from molscreen.prediction.blend.ensemble import Ensemble
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.bundle_file import load_bundle
from workflows.benchmarks.gpu_stages import agreement, kernels, stages
from workflows.benchmarks.gpu_store import ahead, read, rows_of
from workflows.benchmarks.gpu_table import Pass, Report, markdown

PRECISIONS = ("fp32", "tf32", "autocast", "bf16", "fp16")
STAGED = 8_192  # molecules by which single stages are timed
ROUNDS = 3


def main(arguments: Sequence[str] | None = None) -> Report:
    options = read_options(arguments)
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SystemExit("no GPU here that torch sees; --device cpu is a smoke test, its figures mean little")
    precisions = [name for name in options.precision.split(",") if device.type == "cuda" or name == "fp32"]
    bundles = [load_bundle(name) for name in options.bundles.split(",")]
    graphs = next(read(options.store, options.n))
    report = Report(
        machine=describe(device),
        store={"path": options.store.name, "rows": rows_of(options.store), "repeat": options.repeat},
        bundles={each.name: [len(each.endpoints), each.digest] for each in bundles},
    )
    reference = graphs.take(np.arange(min(options.compared, len(graphs))))
    for precision in precisions:
        views = {each.name: view(each, device, precision) for each in bundles}
        with matrix_products(precision):
            for bundle in bundles:
                report.agreement += agreement(bundle, views[bundle.name], reference, precision)
            for budget in map(int, options.batch_atoms.split(",")):
                report.passes.append(time_passes(views.values(), options, precision, budget))
                print(f"{precision:8} {budget:>9} atoms: {report.passes[-1].rate:>10,.0f} molecules/s")
    best = max((each for each in report.passes if each.precision == "fp32"), key=lambda each: each.rate)
    views = {each.name: view(each, device, "fp32", best.batch_atoms) for each in bundles}
    report.stages = stages(options.store, views, graphs.take(np.arange(min(STAGED, len(graphs)))), device)
    report.kernels = kernels(views.values(), graphs, device)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "gpu.json").write_text(json.dumps(report.to_json(), indent=1) + "\n", encoding="utf-8")
    (options.out / "gpu.md").write_text(markdown(report), encoding="utf-8")
    print(f"written: {options.out / 'gpu.md'}")
    return report


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Molecules a second from a store on one GPU.")
    parser.add_argument("store", type=Path)
    parser.add_argument("--bundles", default="admet-tox,potency", help="names or folders")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--n", type=int, default=0, help="molecules of the store that are read; 0 is all")
    parser.add_argument("--repeat", type=int, default=1, help="times through the store in a pass")
    parser.add_argument("--batch-atoms", default="32768,131072,524288,2097152")
    parser.add_argument("--precision", default=",".join(PRECISIONS))
    parser.add_argument("--compared", type=int, default=5000, help="molecules that the CPU predicts as well")
    parser.add_argument("--out", type=Path, default=Path("runs/gpu"))
    options = parser.parse_args(arguments)
    if not (options.store / "store.json").is_file():
        parser.error(f"{options.store}: no store; `molscreen index` makes one (make gpu STORE=…)")
    return options


def describe(device: torch.device) -> dict[str, Any]:
    """The machine and the software that the figures are of."""
    is_gpu = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if is_gpu else platform.processor() or "cpu",
        "memory_gib": torch.cuda.get_device_properties(device).total_memory / 2**30 if is_gpu else None,
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
    }


def view(bundle: Bundle, device: torch.device, precision: str, batch_atoms: int | None = None) -> Ensemble:
    """The wide view of a bundle on a device, computing in a precision."""
    ensemble = bundle.wide_view(device=str(device), batch_atoms=batch_atoms)
    networks = copy.deepcopy(ensemble.networks)
    kind = {"autocast": torch.bfloat16, "bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)
    for network in networks if kind else ():
        if precision == "autocast":
            plain = network.forward
            network.forward = torch.autocast(device.type, kind)(plain)
        else:
            network.encoder.to(kind)
            network.encoder.register_forward_hook(lambda _, __, h: h.float())
    return dataclasses.replace(ensemble, networks=networks)


@contextmanager
def matrix_products(precision: str) -> Iterator[None]:
    """Matrix products in TF32 for the time of the block, where that is the precision."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def time_passes(
    views: Iterable[Ensemble], options: argparse.Namespace, precision: str, batch_atoms: int
) -> Pass:
    """The store gone through ROUNDS times after one that only warms up; the median counts."""
    ensembles = [dataclasses.replace(each, batch_atoms=batch_atoms) for each in views]
    on_gpu = options.device != "cpu"
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    seconds, shares, n = [], [], 0
    for _ in range(ROUNDS + 1):
        with Utilisation() as utilisation:
            start = time.perf_counter()
            n = 0
            for _ in range(options.repeat):
                for chunk in ahead(read(options.store, options.n)):
                    for ensemble in ensembles:
                        ensemble.predict([""] * len(chunk), chunk)
                    n += len(chunk)
            seconds.append(time.perf_counter() - start)
        shares.append(utilisation.mean)
    return Pass(
        precision=precision,
        batch_atoms=batch_atoms,
        n=n,
        seconds=seconds[1:],
        peak_gib=torch.cuda.max_memory_allocated() / 2**30 if on_gpu else None,
        utilisation=shares[-1],
    )


class Utilisation:
    """What the driver calls utilisation, where pynvml is there to ask: the mean over a block, per cent."""

    def __init__(self) -> None:
        self._seen: list[float] = []
        self._thread: threading.Thread | None = None

    @property
    def mean(self) -> float | None:
        """None where nobody could be asked."""
        return float(np.mean(self._seen)) if self._seen else None

    def __enter__(self) -> Utilisation:
        if torch.cuda.is_available():
            self._ended = threading.Event()
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            try:
                self._seen.append(float(torch.cuda.utilization()))
            except (ModuleNotFoundError, RuntimeError):  # no pynvml, or a driver that does not tell
                return

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._ended.set()
            self._thread.join()


if __name__ == "__main__":
    main()
