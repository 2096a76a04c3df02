from __future__ import annotations

import dataclasses
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from molscreen.errors import BundleError
from molscreen.graphs.features import featurize_packed
from molscreen.prediction.bundle.bundle_file import load_bundle, save_bundle
from tests.prediction.tiny_bundle import (
    drug_keys,
    edit_manifest,
    replace_part,
    tiny_bundle,
    tiny_network,
)

WEIGHTS = "weights.safetensors"
BINARY = (WEIGHTS, "experts.safetensors", "domain.safetensors")


@pytest.mark.parametrize("view", ["wide_view", "full_view"])
def test_what_is_loaded_predicts_what_was_saved(saved: Path, view: str) -> None:
    """To the last bit, with weights stored in a byte each."""
    keys = drug_keys()[200:230]
    before, after = (getattr(each, view)().predict(keys) for each in (tiny_bundle(), load_bundle(saved)))
    for name in ("mean", "std", "low", "high", "distance", "in_domain"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


def test_everything_else_comes_back(saved: Path) -> None:
    before, after = tiny_bundle(), load_bundle(saved)
    assert (after.endpoints, after.wide, after.full) == (before.endpoints, before.wide, before.full)
    assert after.versions == before.versions
    assert after.blend.to_json() == before.blend.to_json()
    assert list(after.experts) == list(before.experts) == ["kernel"]
    assert after.about == dataclasses.replace(before.about, metrics=after.about.metrics)
    assert after.about.metrics["random test"]["hERG"]["AUROC"] is None  # NaN is not JSON
    queries = drug_keys()[300:303]
    assert after.neighbours.query(queries).ids == before.neighbours.query(queries).ids
    assert (saved / "MODEL_CARD.md").read_text() == before.card


def test_weights_that_were_not_rounded_are_not_rounded_by_saving(tmp_path: Path) -> None:
    """Rounding behind the back of a calibration would make it another model's."""
    networks = tuple(tiny_network(seed) for seed in range(3))
    exact = dataclasses.replace(tiny_bundle(), student=networks[0], networks=networks)
    save_bundle(exact, tmp_path / "exact")
    save_bundle(tiny_bundle(), tmp_path / "rounded")
    keys = drug_keys()[:10]
    assert (load_bundle(tmp_path / "exact").predict(keys).mean == exact.predict(keys).mean).all()
    sizes = [(tmp_path / name / WEIGHTS).stat().st_size for name in ("rounded", "exact")]
    assert sizes[0] < 0.6 * sizes[1]  # headers are the larger part of such small networks


def test_saving_twice_gives_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    digest = save_bundle(tiny_bundle(), tmp_path / "again")
    assert digest == load_bundle(saved).digest == load_bundle(tmp_path / "again").digest


def test_loading_draws_no_random_numbers(saved: Path) -> None:
    """A generator's seed means the same whether or not a bundle was loaded before."""
    before = torch.get_rng_state()
    load_bundle(saved)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", [*BINARY, "calibration.json", "MODEL_CARD.md"])
@pytest.mark.parametrize("damage", ["truncated", "changed", "missing", "longer"])
def test_damaged_part_is_named(saved: Path, name: str, damage: str) -> None:
    path = saved / name
    content = path.read_bytes()
    middle = len(content) // 2
    damaged = {
        "truncated": content[:middle],
        "changed": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "longer": content + b"\0",
    }
    path.unlink()
    if damage in damaged:
        path.write_bytes(damaged[damage])
    with pytest.raises(BundleError, match=f"{name}.*(no such file|truncated or changed; fetch)"):
        load_bundle(saved)


@pytest.mark.parametrize("name", [*BINARY, "calibration.json"])
@pytest.mark.parametrize("protocol", [0, 2, 5, "torch"])
def test_pickle_under_another_name_is_not_opened(
    saved: Path, tmp_path: Path, name: str, protocol: int | str
) -> None:
    """A ``.pt`` renamed, with its true sha256 in the manifest: refused, and its code never runs."""
    bomb = _Bomb(tmp_path / "ran")
    if protocol == "torch":
        torch.save(bomb, tmp_path / "model.pt")
        content = (tmp_path / "model.pt").read_bytes()
    else:
        content = pickle.dumps(bomb, protocol=int(protocol))
    replace_part(saved, name, content)
    with pytest.raises(BundleError, match=r"not opened|damaged"):
        load_bundle(saved).predict(["CCO"])
    assert not (tmp_path / "ran").exists()


class _Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.path),))


def test_the_bomb_would_go_off(tmp_path: Path) -> None:
    """Or else the test above proves nothing."""
    pickle.loads(pickle.dumps(_Bomb(tmp_path / "ran")))
    assert (tmp_path / "ran").exists()


def test_calibration_of_other_endpoints_is_refused(saved: Path) -> None:
    replace_part(saved, "calibration.json", b'{"wide": [], "full": []}')
    with pytest.raises(BundleError, match="damaged, or from another molscreen"):
        load_bundle(saved)


def test_saving_never_overwrites(saved: Path) -> None:
    with pytest.raises(BundleError, match="exists; name a new directory"):
        save_bundle(tiny_bundle(), saved)


def test_weight_that_is_no_number_is_not_saved(tmp_path: Path) -> None:
    broken = tiny_network(0)
    with torch.no_grad():
        broken.heads.raw.bias.fill_(torch.nan)
    for place, change in (("0", {"networks": (broken,)}), ("student", {"student": broken})):
        message = rf"network {place} has a weight in 'heads\.raw\.bias' that is no number"
        with pytest.raises(BundleError, match=message):
            save_bundle(dataclasses.replace(tiny_bundle(), **change), tmp_path / "broken")
    assert list(tmp_path.iterdir()) == []


def test_bundle_without_networks_is_refused() -> None:
    """Libraries are scored by one, and every blend may hear them."""
    with pytest.raises(ValueError, match="expected networks and endpoints of different names, got 0"):
        dataclasses.replace(tiny_bundle(), networks=())


def test_weight_of_an_expert_that_is_not_there_is_refused(saved: Path) -> None:
    """Its share of the opinion would be missing from every prediction."""
    with pytest.raises(ValueError, match="blend: expert 'kernel' has a weight, but is not in the bundle"):
        dataclasses.replace(tiny_bundle(), experts={})
    edit_manifest(saved, lambda manifest: manifest.update(experts=[]))
    with pytest.raises(BundleError, match="damaged, or from another molscreen: blend: expert 'kernel'"):
        load_bundle(saved)


@pytest.mark.parametrize(
    ("view", "forbidden"),
    [
        ("wide_view", ("sklearn", "scipy", "lightgbm", "deepchem", "ray")),
        ("full_view", ("sklearn", "lightgbm", "deepchem", "ray")),  # the kernel is a sparse matrix of SciPy's
    ],
)
def test_predicting_loads_no_statistics_library(saved: Path, view: str, forbidden: tuple[str, ...]) -> None:
    """`molscreen predict "CCO"` answers in under 4 s cold; scikit-learn alone would cost more than one."""
    code = (
        "import sys; from molscreen.prediction.bundle.bundle_file import load_bundle;"
        f"load_bundle({str(saved)!r}).{view}().predict(['CCO']);"
        f"print([name for name in {forbidden} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_bundle_predicts_where_there_is_no_rdkit() -> None:
    """Packed graphs and a bundle are all that a GPU machine needs; RDKit is for structures."""
    code = (
        "import sys; sys.modules['rdkit'] = None\n"
        "import numpy as np\n"
        "from molscreen.graphs.pack import from_blobs\n"
        "from molscreen.prediction.bundle.bundle_file import load_bundle\n"
        "graphs = from_blobs([bytes.fromhex(sys.argv[1])])\n"
        "print(load_bundle('potency').wide_view().predict(['CCO'], graphs).mean[0, 0])\n"
    )
    blob = featurize_packed("CCO").hex()
    done = subprocess.run([sys.executable, "-c", code, blob], capture_output=True, text=True, check=True)
    here = load_bundle("potency").wide_view().predict(["CCO"])
    assert float(done.stdout) == pytest.approx(float(here.mean[0, 0]), rel=1e-5)


def test_one_compound_alone_is_no_list_of_letters() -> None:
    """``"CCO"`` would be answered as methane, methane and water."""
    bundle = tiny_bundle()
    for view in (bundle, bundle.wide_view(), bundle.full_view()):
        assert view.predict("CCO").mean.tolist() == view.predict(["CCO"]).mean.tolist()  # type: ignore[attr-defined]
    assert bundle.neighbours.query("CCO").ids == bundle.neighbours.query(["CCO"]).ids
