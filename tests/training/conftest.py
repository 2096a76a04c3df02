from __future__ import annotations

from collections.abc import Iterator

import pytest

from molscreen.training import train

DRUGS = (
    "CC(=O)Nc1ccc(O)cc1",
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1CCC[C@H]1c1cccnc1",
    "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
)


@pytest.fixture(scope="module", autouse=True)
def few_drugs() -> Iterator[None]:
    """Trainings of tests ask about four drugs; all of them would take longer than the rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "drug_keys", lambda: DRUGS)
        yield
