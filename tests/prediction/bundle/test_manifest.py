from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from molscreen.data.card import load_card
from molscreen.errors import BundleError
from molscreen.prediction.bundle.bundle_file import load_bundle, save_bundle
from molscreen.prediction.bundle.manifest import FORMAT, SHIPPED, find_bundles, read_manifest
from tests.prediction.tiny_bundle import edit_manifest, tiny_bundle

WEIGHTS = "weights.safetensors"


@pytest.mark.parametrize("name", ["model.pt", "model.ckpt", "model.safetensors"])
def test_checkpoint_is_no_bundle(tmp_path: Path, name: str) -> None:
    torch.save({"a": 1}, tmp_path / name)
    with pytest.raises(BundleError, match="is a file; expected the directory of a bundle"):
        load_bundle(tmp_path / name)


@pytest.mark.parametrize("name", ["../secret.bin", "/etc/passwd", "a/b", "..", "", "a\\b", ".hidden", "a\n"])
def test_part_outside_the_bundle_is_refused(saved: Path, name: str) -> None:
    edit_manifest(saved, lambda manifest: manifest["parts"].update({name: {"bytes": 1, "sha256": "0"}}))
    with pytest.raises(BundleError, match="is not a plain file name"):
        load_bundle(saved)


def test_link_out_of_the_bundle_is_refused(saved: Path, tmp_path: Path) -> None:
    (saved / WEIGHTS).rename(tmp_path / "elsewhere")
    (saved / WEIGHTS).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="a link; expected a plain file"):
        load_bundle(saved)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"format": FORMAT + 1},
            f"bundle format {FORMAT + 1}, but this molscreen reads format {FORMAT}; update molscreen",
        ),
        ({"format": FORMAT - 1}, f"format {FORMAT - 1}.*train the bundle again"),
        ({"format": "one"}, "damaged"),
        (
            {"featuriser_digest": "f" * 64},
            "made for featuriser ffffffffffff.*use molscreen .*train the bundle again",
        ),
        ({"network": {"encoder": "transformer"}}, "unknown encoder 'transformer'. Known: dmpnn, gine"),
        ({"network": {"encoder": "gine", "widht": 16}}, "unknown key 'widht'.*Did you mean 'width'"),
        (
            {"student": {"encoder": "gine", "width": 24, "kinds": ["regression"]}},
            "damaged, or from another molscreen",
        ),
        (
            {"experts": ["kernel", "oracle"]},
            "unknown expert 'oracle': update molscreen. Known: kernel, trees",
        ),
        ({"members": 4}, "Missing key|damaged"),
        ({"endpoints": [{"name": "LogD", "kind": "guess"}]}, "damaged.*kind"),
        ({"surprise": 1}, "unknown key 'surprise'"),
        ({"parts": {}}, "part 'weights.safetensors' is not listed"),
    ],
)
def test_foreign_manifest_says_what_to_do(saved: Path, change: dict[str, Any], message: str) -> None:
    edit_manifest(saved, lambda manifest: manifest.update(change))
    with pytest.raises(BundleError, match=message):
        load_bundle(saved)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b"null", b'{"format": NaN}', b"[" * 100_000, b"{}"]
)
def test_manifest_that_is_none_is_refused(saved: Path, content: bytes) -> None:
    (saved / "bundle.json").write_bytes(content)
    with pytest.raises(BundleError, match="damaged, not the manifest of a bundle"):
        load_bundle(saved)


def test_bundle_is_found_by_name(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLSCREEN_BUNDLES", str(saved.parent))
    assert find_bundles()["tiny"] == saved
    assert load_bundle("tiny").name == "tiny"
    with pytest.raises(BundleError, match=r"no bundle 'tinny'. Known: .*Did you mean 'tiny'\?"):
        load_bundle("tinny")


def test_two_bundles_of_one_name_are_refused(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_bundle(tiny_bundle(), tmp_path / "more" / "tiny")
    monkeypatch.setenv("MOLSCREEN_BUNDLES", os.pathsep.join([str(saved.parent), str(tmp_path / "more")]))
    with pytest.raises(BundleError, match="two bundles are named 'tiny'"):
        find_bundles()


@pytest.mark.parametrize("name", ["admet-tox", "potency"])
def test_what_ships_says_of_its_endpoints_what_their_data_sets_say(name: str) -> None:
    """A card that is put right is of no use to who reads the bundle that was trained before."""
    manifest, _ = read_manifest(SHIPPED / name)
    cards = [load_card(source.name) for source in manifest.about.sources]
    said = {endpoint.name: endpoint for card in cards for endpoint in card.endpoints}
    assert [said[endpoint.name] for endpoint in manifest.endpoints] == list(manifest.endpoints)
    card = (SHIPPED / name / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert all(f"| {endpoint.description} |" in card for endpoint in manifest.endpoints)


def test_listing_bundles_needs_no_torch() -> None:
    """`molscreen bundles` and shell completion should not wait seconds for it."""
    code = (
        "import sys; from molscreen.prediction.bundle.manifest import find_bundles; find_bundles();"
        "print([name for name in ('torch', 'rdkit', 'pandas') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
