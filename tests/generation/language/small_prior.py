"""A small prior that knows a few molecules almost by heart, for tests: made in a second."""

import functools
import tempfile
from pathlib import Path

from molscreen.generation.language.prior import Prior, load_prior, save_prior
from molscreen.generation.language.train import PriorConfig, Trained, train_prior
from tests.generation.generator_contract import DRUGS

CHAINS = tuple("C" * n + end for n in range(2, 8) for end in ("O", "N", "(=O)O"))
MOLECULES = (*DRUGS.values(), *CHAINS)
QUICK = PriorConfig(
    style="canonical", epochs=40, batch=26, learning_rate=2e-2, warm_up=5, at_least=1, half=False
)


def fit(scratch: Path, config: PriorConfig = QUICK, progress=lambda _: None) -> Trained:
    return train_prior(
        MOLECULES, MOLECULES[:4], embedding=16, hidden=48, layers=2, config=config, scratch=scratch,
        progress=progress,
    )  # fmt: skip


def keep(done: Trained, where: Path) -> Prior:
    save_prior(done.network, done.vocabulary, where, name="small", style="canonical", about={"for": "tests"})
    return load_prior(where)


@functools.cache
def small_prior() -> Prior:
    with tempfile.TemporaryDirectory() as folder:
        return keep(fit(Path(folder) / "work"), Path(folder) / "prior")
