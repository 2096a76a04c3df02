"""Experts of a bundle are read when they are asked, and only then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import save

from molscreen.errors import BundleError
from molscreen.prediction.bundle.bundle_file import load_bundle, save_bundle
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.stored_experts import StoredExperts
from tests.prediction.tiny_bundle import drug_keys, replace_part, tiny_bundle

EXPERTS = "experts.safetensors"


def test_library_does_not_wait_for_experts(saved: Path) -> None:
    """Loading a bundle, naming its experts and its wide view read no expert and import no SciPy."""
    code = (
        "import sys; from molscreen.prediction.bundle.bundle_file import load_bundle\n"
        f"bundle = load_bundle({str(saved)!r}); bundle.wide_view().predict(['CCO']); bundle.full_view()\n"
        "heavy = ('scipy', 'lightgbm', 'molscreen.prediction.experts.kernel')\n"
        "print(list(bundle.experts), [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['kernel'] []"


def test_stored_expert_says_what_the_fitted_one_said(saved: Path) -> None:
    keys = drug_keys()[200:220]
    before, after = (
        each.experts["kernel"].opine(Described(keys)) for each in (tiny_bundle(), load_bundle(saved))
    )
    assert (before == after).all()


def test_expert_is_read_once(saved: Path) -> None:
    experts = load_bundle(saved).experts
    assert experts["kernel"] is experts["kernel"]


def test_loaded_bundle_is_saved_with_its_experts(saved: Path, tmp_path: Path) -> None:
    """The same bytes, although no expert had been asked."""
    assert save_bundle(load_bundle(saved), tmp_path / "again") == load_bundle(saved).digest


@pytest.mark.parametrize(
    "content",
    [b"", b"\x08" + b"\0" * 40, save({}), save({"kernel.shift": tiny_bundle().blend.offset})],
)
def test_damage_is_said_at_first_use(saved: Path, content: bytes) -> None:
    """With its true sha256 in the manifest: the wide view needs no experts, and goes on."""
    replace_part(saved, EXPERTS, content)
    bundle = load_bundle(saved)
    assert len(bundle.wide_view().predict(["CCO"])) == 1
    for _ in range(2):
        with pytest.raises(BundleError, match="expert 'kernel': damaged, or from another molscreen"):
            bundle.predict(["CCO"])


def test_experts_have_names() -> None:
    experts = StoredExperts(["trees"], save({}))
    assert (list(experts), len(experts), "kernel" in experts) == (["trees"], 1, False)
    with pytest.raises(KeyError, match="kernel"):
        experts["kernel"]
    with pytest.raises(
        BundleError, match=r"unknown expert 'oracle': update molscreen\. Known: kernel, trees"
    ):
        StoredExperts(["trees", "oracle"], b"")
