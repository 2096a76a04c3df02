from __future__ import annotations

from pathlib import Path

import pytest

from molscreen.prediction.bundle.bundle_file import save_bundle
from tests.prediction.tiny_bundle import drug_keys, tiny_bundle


@pytest.fixture(scope="session")
def drugs() -> list[str]:
    """Approved drugs as canonical SMILES, in a fixed shuffled order."""
    return list(drug_keys())


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The tiny bundle in a directory of its own."""
    save_bundle(tiny_bundle(), tmp_path / "tiny")
    return tmp_path / "tiny"
