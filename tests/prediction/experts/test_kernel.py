"""A kernel expert's sums are those of its definition, alone or in company, before and after a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from molscreen.chem.features.count_fingerprint import KINDS, count_fingerprints
from molscreen.chem.features.minmax import minmax
from molscreen.chem.features.panel import panel
from molscreen.prediction.compressed import compress
from molscreen.prediction.experts import kernel
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.descriptor_space import DescriptorSpace
from molscreen.prediction.experts.kernel import KernelExpert
from molscreen.prediction.experts.likeness import Profile
from tests.prediction.tiny_bundle import drug_keys

SPACE = DescriptorSpace.fit(panel(drug_keys()[:100]))
Tensors = dict[str, NDArray[Any]]


def expert_on(keys: list[str], seed: int = 0) -> KernelExpert:
    """Three endpoints: a number measured on half of the compounds, a label, and one that is not known."""
    rng = np.random.default_rng(seed)
    weight = rng.normal(0, 0.3, (len(keys), 3)).astype(np.float32)
    weight[::2, 0] = 0
    weight[:, 2] = 0
    return KernelExpert(
        SPACE, Profile.of(Described(keys), SPACE), weight, np.array([6.5, 0.4, np.nan]),
        np.array([False, True, False]),
    )  # fmt: skip


@pytest.fixture
def expert(drugs: list[str]) -> KernelExpert:
    return expert_on(drugs[:60])


def test_opinion_is_its_definition(drugs: list[str], expert: KernelExpert) -> None:
    """Dense kernels, added up by numpy, are the oracle."""
    queries, counts = drugs[60:90], count_fingerprints(drugs[60:90])
    alike = [minmax(counts[kind], expert.reference.counts[kind]) for kind in KINDS]
    places = SPACE.place(panel(queries)).astype(float)
    apart = ((places[:, None] - expert.reference.coordinates.astype(float)) ** 2).sum(axis=2)
    alike += [np.exp(-0.3 * apart / 32**2)] * 2  # as much as two fingerprints
    similarity = np.mean(alike, axis=0)
    said = similarity.astype(float) @ expert.weight.astype(float) + expert.shift
    opinion = expert.opine(Described(queries))
    np.testing.assert_allclose(opinion[:, 0], said[:, 0], rtol=1e-5)
    np.testing.assert_allclose(opinion[:, 1], 4 * (said[:, 1] - 0.5), rtol=1e-4, atol=1e-5)
    assert np.isnan(opinion[:, 2]).all()


def test_row_does_not_depend_on_its_company(
    drugs: list[str], expert: KernelExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit: alone, in another order, and in blocks of another size."""
    queries = drugs[60:80]
    whole = expert.opine(Described(queries))
    np.testing.assert_array_equal(whole, np.vstack([expert.opine(Described([key])) for key in queries]))
    np.testing.assert_array_equal(whole[::-1], expert.opine(Described(queries[::-1])))
    monkeypatch.setattr(kernel, "_BLOCK_BYTES", 8 * 60 * 7)
    np.testing.assert_array_equal(whole, expert.opine(Described(queries)))


def test_order_of_the_reference_does_not_matter(drugs: list[str], expert: KernelExpert) -> None:
    order = np.random.default_rng(1).permutation(60)
    other = KernelExpert(
        SPACE, expert.reference.take(order), expert.weight[order], expert.shift, expert.is_label
    )
    np.testing.assert_allclose(
        other.opine(Described(drugs[60:80])), expert.opine(Described(drugs[60:80])), rtol=1e-10
    )


def test_no_label_is_cut_off(expert: KernelExpert) -> None:
    """A sum of 300 is no probability, but more than one of 200: the order of the surest must stay."""
    shift = np.array([300.0, 300.0, 200.0])
    sure = KernelExpert(SPACE, expert.reference, expert.weight * 0, shift, np.array([False, True, True]))
    np.testing.assert_allclose(sure.opine(Described(["CCO"]))[0], [300.0, 1198.0, 798.0])


def test_saved_expert_says_the_same_to_the_last_bit(
    drugs: list[str], expert: KernelExpert, tmp_path: Path
) -> None:
    save_file(expert.to_tensors(), tmp_path / "kernel.safetensors")
    loaded = KernelExpert.from_tensors(load_file(tmp_path / "kernel.safetensors"))
    np.testing.assert_array_equal(loaded.weight, expert.weight)
    np.testing.assert_array_equal(loaded.shift, expert.shift)
    np.testing.assert_array_equal(loaded.is_label, expert.is_label)
    for kind in KINDS:
        assert (loaded.reference.counts[kind] != expert.reference.counts[kind]).nnz == 0
    np.testing.assert_array_equal(loaded.opine(Described(drugs[:90])), expert.opine(Described(drugs[:90])))


def test_compound_takes_less_than_700_bytes(drugs: list[str]) -> None:
    """Drugs are larger than what most assays measure."""
    tensors = expert_on(drugs[:300]).to_tensors()
    assert sum(array.nbytes for array in tensors.values()) / 300 < 700


def test_expert_without_compounds_knows_nothing() -> None:
    """A blend may have endpoints that nothing can be fitted to; saving and asking work all the same."""
    nobody = Profile.of(Described([]), SPACE)
    empty = KernelExpert(SPACE, nobody, np.zeros((0, 2), np.float32), np.full(2, np.nan), np.zeros(2, bool))
    assert np.isnan(KernelExpert.from_tensors(empty.to_tensors()).opine(Described(["CCO"]))).all()
    assert empty.opine(Described([])).shape == (0, 2)


def change(name: str, value: Any) -> Any:
    def damage(tensors: Tensors) -> Tensors:
        return tensors | {name: value(tensors[name])}

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda t: {k: v for k, v in t.items() if k != "kernel.shift"}, "no tensor 'kernel.shift'"),
        (change("kernel.torsion.gaps", lambda v: v[:-1]), "kernel.torsion.gaps: cut short"),
        (change("kernel.ecfp4.counts", lambda v: v[::-1]), "kernel.ecfp4.counts: damaged"),
        (change("kernel.ecfp4.counts", lambda _: compress(b"\1")), "kernel.ecfp4: 1 counts in"),
        (change("kernel.ecfp4.lengths", lambda _: compress(b"\1")), "no whole number of uint16"),
        (
            change("kernel.ecfp4.lengths", lambda _: compress(b"\1\0")),
            "gap code: .* codes, but the rows have 1",
        ),
        (change("kernel.fcfp6.gaps", lambda _: compress(b"\xff" * 40)), "gap code: 40 codes, but"),
        (
            change("kernel.measured", lambda _: compress(b"\1")),
            r"kernel.measured: 1 bytes for \(t, r\) = \(3, 60\)",
        ),
        (change("kernel.weight", lambda v: v[:-1]), "kernel.weight: .* weights, expected"),
        (change("kernel.weight", lambda v: v * np.float32(np.inf)), "not a finite number"),
        (change("kernel.is_label", lambda v: v[:-1]), "weights of shape .* and kinds of .* do not belong"),
    ],
)
def test_damaged_file_is_refused(expert: KernelExpert, damage: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KernelExpert.from_tensors(damage(expert.to_tensors()))


def test_kinds_of_different_compounds_are_refused(drugs: list[str], expert: KernelExpert) -> None:
    """Fingerprints from another file fit no weights."""
    tensors = expert.to_tensors()
    other = expert_on(drugs[:59]).to_tensors()
    mixed = tensors | {name: value for name, value in other.items() if "torsion" in name}
    with pytest.raises(ValueError, match=r"coordinates of 60 compounds, not counts of .*torsion \(59"):
        KernelExpert.from_tensors(mixed)


def test_columns_beyond_the_width_are_refused(expert: KernelExpert) -> None:
    """41 codes that skip 255 columns and then set one."""
    tensors = expert.to_tensors()
    tensors["kernel.ecfp4.gaps"] = compress(b"\xff" * 41 + b"\0")
    tensors["kernel.ecfp4.lengths"] = compress(np.array([42], np.uint16).tobytes())
    tensors["kernel.ecfp4.counts"] = compress(b"\1")
    with pytest.raises(ValueError, match="1 counts in 1 columns, expected below 8192"):
        KernelExpert.from_tensors(tensors)
