"""Fit experts: everything but the networks, cross-fitted, and fitted again on all that is known."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from molscreen.aloud import Tell
from molscreen.chem.compound import Status
from molscreen.chem.features.tabular import WIDTH, tabular
from molscreen.chem.guarded.guard import Casualty
from molscreen.chem.guarded.guards import Guards
from molscreen.data.measured.assay_table import EQUAL
from molscreen.endpoint import Endpoint
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.expert import Expert
from molscreen.prediction.experts.kernel import KernelExpert
from molscreen.prediction.experts.trees import TreeExpert
from molscreen.storage import replacing
from molscreen.training.bounds import Settled, settle_bounds
from molscreen.training.experts.cross_fitted import CrossFitted
from molscreen.training.experts.fit_kernel import cross_fit_kernel
from molscreen.training.experts.fit_trees import cross_fit_trees
from molscreen.training.folds import Folds
from molscreen.training.networks.batches import Examples

VERSION = 4  # raised whenever the same data may end in other experts


@dataclass(frozen=True, slots=True, eq=False)
class FittedExperts:
    """Experts by name, the same without fold 0, and opinions (n, t) out of fold."""

    experts: Mapping[str, Expert]
    apart: Mapping[str, Expert]
    opinions: Mapping[str, NDArray[np.float64]]


class _CrossFit(Protocol):
    """How one family is fitted with each fold left out, and on all; see `cross_fit_kernel`."""

    def __call__(
        self,
        compounds: Described,
        value: NDArray[np.float32],
        relation: NDArray[np.int8],
        endpoints: Sequence[Endpoint],
        /,
        *,
        fold: NDArray[np.intp],
        seed: int,
        settled: Settled,
    ) -> CrossFitted[Expert]: ...


class _Family(NamedTuple):
    """How one kind of expert is fitted, and read from its tensors."""

    cross_fit: _CrossFit
    read: Callable[[Mapping[str, NDArray[Any]]], Expert]


FAMILIES: Mapping[str, _Family] = {
    "kernel": _Family(cross_fit_kernel, KernelExpert.from_tensors),
    "trees": _Family(cross_fit_trees, TreeExpert.from_tensors),
}


def fit_experts(
    names: Sequence[str],
    keys: Sequence[str],
    examples: Examples,
    folds: Folds,
    endpoints: Sequence[Endpoint],
    *,
    for_kernel: NDArray[np.bool_],
    seed: int,
    scratch: Path,
    progress: Tell,
) -> FittedExperts:
    """Cross-fit and fit the experts that are named; what is finished is kept in `scratch`.

    Parameters
    ----------
    names : sequence of {"kernel", "trees"}
    keys : sequence of n str
    examples : Examples
        Of the same compounds; what must not be learnt from is NaN.
    folds : Folds
    endpoints : sequence of t Endpoint
    for_kernel : (t,) bool
        Whether the kernel is fitted to an endpoint; it carries every compound that fits it.
    seed : int
    scratch : Path
    progress : callable
        Called with one line per expert.
    """
    experts: dict[str, Expert] = {}
    apart: dict[str, Expert] = {}
    opinions: dict[str, NDArray[np.float64]] = {}
    compounds: Described | None = None
    settled: Settled | None = None
    fold = folds.fold[folds.fitted]
    for name in names:
        path, family = scratch / f"{name}.safetensors", FAMILIES[name]
        asked = for_kernel | (name != "kernel")  # (t,)
        value = np.where(asked, examples.value, np.float32(np.nan))
        label = _label(keys, value, examples.relation, folds, endpoints, seed)
        found = _kept(path, label, family)
        if found is None:
            if compounds is None or settled is None:
                progress(f"describing {len(folds.fitted):,} compounds")
                known = [keys[i] for i in folds.fitted]
                compounds = Described.with_features(known, _features(known, progress))
                settled = _settled(compounds, examples, folds, endpoints, seed, progress)
            progress(f"{name}: fitted with each fold left out, and on all")
            found = family.cross_fit(
                compounds, value[folds.fitted], examples.relation[folds.fitted], endpoints,
                fold=fold, seed=seed, settled=settled.restricted_to(asked),
            )  # fmt: skip
            _keep(found, path, label)
        experts[name], apart[name] = found.expert, found.apart
        opinions[name] = np.full(examples.value.shape, np.nan)
        opinions[name][folds.fitted] = found.opinion
    return FittedExperts(experts, apart, opinions)


def _settled(
    compounds: Described,
    examples: Examples,
    folds: Folds,
    endpoints: Sequence[Endpoint],
    seed: int,
    progress: Tell,
) -> Settled:
    """What experts are fitted to: measurements, and what is expected beyond bounds."""
    value, relation = examples.value[folds.fitted], examples.relation[folds.fitted]
    if n := int((~np.isnan(value) & (relation != EQUAL)).sum()):
        progress(f"{n:,} measurements are bounds: finding what to expect beyond them")
    return settle_bounds(compounds, value, relation, endpoints, fold=folds.fold[folds.fitted], seed=seed)


def _features(keys: Sequence[str], progress: Tell) -> NDArray[np.float32]:
    """`tabular` of n compounds on all cores; NaN for those that ended or stalled RDKit, which are counted."""
    features = np.full((len(keys), WIDTH), np.nan, np.float32)
    lost: Counter[Status] = Counter()
    with Guards(_describe, timeout=30.0) as guards:
        for row, each in enumerate(guards.each(keys)):
            if isinstance(each, Casualty):
                lost[each.status] += 1
            else:
                features[row] = each
    if lost:
        counts = ", ".join(f"{n:,} {status}" for status, n in lost.most_common())
        progress(
            f"{lost.total():,} of {len(keys):,} compounds could not be described ({counts}): left out by the"
            " trees, and of average descriptors to the kernel"
        )
    return features


def _describe(key: str) -> NDArray[np.float32]:
    return np.asarray(tabular([key])[0])


def _keep(found: CrossFitted[Expert], path: Path, label: str) -> None:
    """Write down what is finished, for a training that is killed later."""
    tensors = {"opinion": found.opinion}
    for part, expert in (("expert", found.expert), ("apart", found.apart)):
        tensors |= {f"{part}/{name}": each for name, each in expert.to_tensors().items()}
    with replacing(path) as draft:
        save_file(
            {name: np.ascontiguousarray(each) for name, each in tensors.items()}, draft, {"label": label}
        )


def _kept(path: Path, label: str, family: _Family) -> CrossFitted[Expert] | None:
    """What an earlier, killed training had finished, if it was this one."""
    if not path.exists():
        return None
    with safe_open(path, framework="np") as file:
        if (file.metadata() or {}).get("label") != label:
            return None
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no mapping
    expert, apart = (
        {name.removeprefix(f"{part}/"): each for name, each in tensors.items() if name.startswith(f"{part}/")}
        for part in ("expert", "apart")
    )
    return CrossFitted(family.read(expert), family.read(apart), tensors["opinion"])


def _label(
    keys: Sequence[str],
    value: NDArray[np.float32],
    relation: NDArray[np.int8],
    folds: Folds,
    endpoints: Sequence[Endpoint],
    seed: int,
) -> str:
    """Names everything that an expert depends on."""
    state = hashlib.sha256("\n".join(keys).encode())
    state.update(repr([(each.name, each.kind, each.scale) for each in endpoints]).encode())
    for array in (value, relation, folds.fold):
        state.update(array.tobytes())
    return f"experts {VERSION} seed={seed} data={state.hexdigest()}"
