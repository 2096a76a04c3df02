"""Peers with an environment of their own: each runs as a program, on CSV files, and is never imported."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.data.csv_text import csv_text
from molscreen.endpoint import Endpoint
from molscreen.errors import RunError
from molscreen.prediction.certainty.calibration import mean_in_unit, to_fitted_scale
from molscreen.training.benchmark.contender import Predicts
from molscreen.training.benchmark.exam import TrainingFold

PEERS_VARIABLE = "MOLSCREEN_PEERS"  # environments, separated like the folders of PATH
PEERS = "runs/peers-venv"  # where `make bench` makes one
SCRIPTS = Path(__file__).parents[3] / "workflows" / "benchmarks" / "peers"

TAIL = 600  # characters of a failed program's last words


@dataclass(frozen=True, slots=True)
class Chemprop:
    """Chemprop 2, the D-MPNN as it comes: defaults, a tenth of the training rows stops it.

    References
    ----------
    Heid et al., J. Chem. Inf. Model. 64, 9 (2024), doi:10.1021/acs.jcim.3c01250.
    """

    name: str = "chemprop"
    settings: str = "chemprop 2, defaults, 50 epochs"
    seeded: bool = True

    def missing(self) -> str:
        """The environment that holds it."""
        found = find_environment("chemprop")
        return "" if found else f"not installed: chemprop in {_looked_in()} (make bench makes it)"

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:
        """Trains when the compounds to predict are known, so that no file outlives the call."""
        fold = fold.fitting()
        command = Path(find_environment("chemprop")) / "bin" / "chemprop"
        kind = fold.endpoints[0].kind

        def predict(keys: Sequence[str]) -> NDArray[np.float64]:
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch)
                columns = write_fold(folder, fold, keys)
                fixed = ["--smiles-columns", "smiles", "--num-workers", "0", "--accelerator", "cpu", "-q"]
                train = ["train", "--data-path", "train.csv", "--target-columns", *columns, *fixed]
                train += ["--task-type", kind, "--split-sizes", "0.9", "0.1", "0.0", "--output-dir", "model"]
                run_program(
                    [str(command), *train, "--data-seed", str(seed), "--pytorch-seed", str(seed)], folder
                )
                predict = ["predict", "--test-path", "test.csv", "--model-paths", "model", *fixed]
                run_program([str(command), *predict, "--preds-path", "predicted.csv"], folder)
                return read_predictions(folder / "predicted.csv", columns, len(keys), fold.endpoints)

        return predict


@dataclass(frozen=True, slots=True)
class Script:
    """A script of ``workflows/benchmarks/peers``, run by the environment that has its package.

    It is called with ``train.csv test.csv predicted.csv SEED``, where the columns of values are named
    ``r0``, ``c1`` …: r for a regression, c for a label.

    Attributes
    ----------
    name : str
        Also the name of the script, with ``-`` as ``_``.
    settings, package : str
    """

    name: str
    settings: str
    package: str
    seeded: bool = True

    @property
    def path(self) -> Path:
        """The script."""
        return SCRIPTS / f"{self.name.replace('-', '_')}.py"

    def missing(self) -> str:
        """The script, or the environment that has its package."""
        if not self.path.is_file():
            return f"not installed: {self.path.name} is in a checkout of molscreen, not in the package"
        found = find_environment(self.package)
        return "" if found else f"not installed: {self.package} in {_looked_in()}"

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:
        """Trains when the compounds to predict are known, so that no file outlives the call."""
        fold = fold.fitting()
        python = Path(find_environment(self.package)) / "bin" / "python"

        def predict(keys: Sequence[str]) -> NDArray[np.float64]:
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch)
                columns = write_fold(folder, fold, keys)
                files = ["train.csv", "test.csv", "predicted.csv"]
                run_program([str(python), str(self.path), *files, str(seed)], folder)
                return read_predictions(folder / "predicted.csv", columns, len(keys), fold.endpoints)

        return predict


def find_environment(package: str) -> str:
    """The folder of the first environment with a package, this one last; empty if none has it."""
    named = os.environ.get(PEERS_VARIABLE, PEERS).split(os.pathsep)
    for folder in [*named, sys.prefix]:
        if any(Path(folder).absolute().glob(f"lib/python3*/site-packages/{package}")):
            return str(Path(folder).absolute())
    return ""


def write_fold(folder: Path, fold: TrainingFold, keys: Sequence[str]) -> list[str]:
    """Write ``train.csv`` and ``test.csv``, values on the fitted scale; the names of their columns."""
    columns = [f"{endpoint.kind[0]}{j}" for j, endpoint in enumerate(fold.endpoints)]
    fitted = to_fitted_scale(fold.value, fold.endpoints)
    rows = (
        (key, *("" if np.isnan(value) else f"{value:.9g}" for value in row))
        for key, row in zip(fold.keys, fitted.tolist(), strict=True)
    )
    (folder / "train.csv").write_text(csv_text(("smiles", *columns), rows), encoding="utf-8")
    (folder / "test.csv").write_text(csv_text(("smiles",), ((key,) for key in keys)), encoding="utf-8")
    return columns


def read_predictions(
    path: Path, columns: Sequence[str], n: int, endpoints: Sequence[Endpoint]
) -> NDArray[np.float64]:
    """The columns (n, t) of a program's output, in the endpoints' units.

    Raises
    ------
    RunError
        A column or a row is missing.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if len(rows) != n or any(column not in row for row in rows[:1] for column in columns):
        raise RunError(
            f"{path.name}: {len(rows)} rows with {list(rows[0]) if rows else []}, expected {n} with {columns}"
        )
    fitted = np.array([[float(row[column]) for column in columns] for row in rows])
    return mean_in_unit(fitted, endpoints)


def run_program(command: Sequence[str], folder: Path) -> None:
    """Run a peer in a folder of its own, without our path of modules.

    Raises
    ------
    RunError
        It failed; the message ends with its last words.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 -- our own command, of an environment that the user names
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RunError(f"{' '.join(command[:3])} … failed: {(done.stderr or done.stdout)[-TAIL:].strip()}")


def _looked_in() -> str:
    return f"{os.environ.get(PEERS_VARIABLE, PEERS)}; name another environment with {PEERS_VARIABLE}"
