"""The library or a bundle changed by one byte between stop and resume: refused, and the difference named."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
from pathlib import Path

import pytest
from chaotic import n_parts, start_command, strike, struck, wait_until, write_drugs
from small_plan import result_files
from typer.testing import CliRunner

from molscreen.cli.app import app

pytestmark = pytest.mark.integration
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))]


@pytest.fixture
def library(tmp_path) -> Path:
    """100 approved drugs, in a file that may be changed."""
    return write_drugs(tmp_path / "drugs.csv", 100)


@pytest.fixture
def bundle(tiny_bundle, tmp_path) -> Path:
    """A copy that may be changed."""
    return shutil.copytree(tiny_bundle, tmp_path / "tiny")


@pytest.fixture
def plan(bundle, small_plan, tmp_path) -> Path:
    path = tmp_path / "plan.toml"
    text = small_plan.read_text().replace("top = 5", f'top = 5\nbundles = ["{bundle}"]')
    path.write_text(text + '[run]\nexecutor = "inline"\nshard_size = 8\n')
    return path


def command(library: Path, plan: Path, out: Path, *more: str) -> tuple[int, str]:
    """Exit code and messages of ``molscreen screen``, in this process."""
    words = ["screen", library, "--plan", plan, "--out", out, *more]
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.stderr


def shortlist_and_rows(out: Path) -> dict[str, bytes]:
    """All but the page, which has times in it, and the lock."""
    return {
        name: content for name, content in result_files(out).items() if name not in ("report.html", "lock")
    }


def flip(path: Path, place: int) -> None:
    """Change one byte, to another that is as good as text."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def vouch(bundle: Path, name: str) -> None:
    """Put the true sha256 of a part into the manifest, as another training would have."""
    manifest = json.loads((bundle / "bundle.json").read_text())
    manifest["parts"][name]["sha256"] = hashlib.sha256((bundle / name).read_bytes()).hexdigest()
    (bundle / "bundle.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("seed", SEEDS)
def test_change_between_stop_and_resume(library, bundle, plan, tmp_path, seed):
    """Of a byte of the library, of a weight, and of a weight that its manifest vouches for; then put back."""
    rng, out = random.Random(seed), tmp_path / "run"
    driver = start_command(library, plan, out)
    target = rng.randint(1, 6)
    assert wait_until(lambda: n_parts(out) >= target, driver), driver.communicate()[1]
    strike(driver, "driver killed")
    assert json.loads((out / "run.json").read_text())["state"] == "running"
    kept = shortlist_and_rows(out)

    def refusal() -> str:
        code, said = command(library, plan, out, "--resume")
        assert code == 2
        assert shortlist_and_rows(out) == kept, "what was done is not touched"
        return said

    before = library.read_bytes()
    flip(library, rng.choice([match.end() - 1 for match in re.finditer(rb"CHEMBL\d+", before)]))
    assert re.search(r"inputs\.drugs\.csv: \w+ → \w+", refusal())
    struck("library changed between stop and resume")
    library.write_bytes(before)

    weights = rng.choice(sorted(bundle.glob("*.safetensors")))
    aside = shutil.copytree(bundle, tmp_path / "aside")
    flip(weights, rng.randrange(weights.stat().st_size // 2, weights.stat().st_size))
    assert re.search(rf"{weights.name}.*truncated or changed", refusal())
    struck("bundle damaged between stop and resume")
    vouch(bundle, weights.name)
    assert re.search(r"bundles\.tiny: \w+ → \w+", refusal())
    struck("bundle changed between stop and resume")
    shutil.copytree(aside, bundle, dirs_exist_ok=True)

    assert command(library, plan, out, "--resume")[0] == 0
    assert command(library, plan, tmp_path / "unbroken")[0] == 0
    assert shortlist_and_rows(out) == shortlist_and_rows(tmp_path / "unbroken")
