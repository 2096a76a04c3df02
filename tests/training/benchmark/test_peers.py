"""Every method of the lineup keeps the contract, and the simple ones do what they promise."""

import numpy as np
import pytest

from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError, RunError, UsageError
from molscreen.metrics import auroc, mae, spearman
from molscreen.models.network import NetworkSpec
from molscreen.training.benchmark.exam import TrainingFold
from molscreen.training.benchmark.external import (
    Script,
    find_environment,
    read_predictions,
    run_program,
    write_fold,
)
from molscreen.training.benchmark.lineup import CHOICES, line_up
from molscreen.training.benchmark.peers import Constant, Forest, Nearest, SvmEcfp
from molscreen.training.networks.fit import FitConfig
from molscreen.training.recipe import TrainRecipe
from tests.training.benchmark.toy_benchmark import TESTED, TRAINED, carbons, is_polar

ENDPOINTS = (
    Endpoint(name="length", scale="log10"),
    Endpoint(name="polar", kind="classification", unit="probability"),
)


def fold(validation=()):
    value = np.array([[carbons(key), is_polar(key)] for key in TRAINED])
    value[3, 0] = np.nan
    marked = np.zeros(len(TRAINED), bool)
    marked[list(validation)] = True
    return TrainingFold(tuple(TRAINED), value, ENDPOINTS, marked)


@pytest.mark.parametrize("peer", [Constant(), Forest(), SvmEcfp()], ids=lambda peer: peer.name)
def test_a_peer_predicts_in_units_and_probabilities(peer):
    """Shape (n, t); the same again, whatever the values of rows that are set aside."""
    said = peer.fit(fold(), seed=1)(TESTED)
    assert said.shape == (len(TESTED), 2)
    assert ((said[:, 1] >= 0) & (said[:, 1] <= 1)).all()
    assert (said[:, 0] > 1).all()
    aside, without = fold(validation=range(40, 60)), fold().select(np.arange(40))
    assert np.array_equal(peer.fit(aside, seed=1)(TESTED), peer.fit(without, seed=1)(TESTED))


def test_a_constant_tells_nothing_apart():
    said = Constant().fit(fold(), seed=0)(TESTED)
    assert auroc([is_polar(key) for key in TESTED], said[:, 1]) == 0.5
    known = [carbons(key) for i, key in enumerate(TRAINED) if i != 3]
    assert said[0, 0] == pytest.approx(np.exp(np.log(known).mean()))  # the mean on the log10 scale


def test_the_machine_learns_what_the_constant_does_not():
    said = SvmEcfp().fit(fold(), seed=0)(TESTED)
    assert auroc([is_polar(key) for key in TESTED], said[:, 1]) == 1.0


def test_the_machine_is_sklearns():
    """What is kept of a fitted machine gives sklearn's own numbers."""
    from sklearn.svm import SVR

    from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto

    one = TrainingFold(
        tuple(TRAINED), fold().value[:, :1], (Endpoint(name="length"),), np.zeros(len(TRAINED), bool)
    )
    one.value[3, 0] = 5.0
    y = one.value[:, 0]
    kernel = tanimoto(ecfp_bits(TRAINED), ecfp_bits(TRAINED)).astype(float)
    machine = SVR(kernel="precomputed", C=10, epsilon=0.1).fit(kernel, (y - y.mean()) / y.std())
    query = tanimoto(ecfp_bits(TESTED), ecfp_bits(TRAINED)).astype(float)
    expected = machine.predict(query) * y.std() + y.mean()
    assert SvmEcfp().fit(one, seed=0)(TESTED)[:, 0] == pytest.approx(expected)


def test_labels_of_one_class_are_no_reason_to_stop():
    """Sparse panels have such columns."""
    alike = fold()
    alike.value[:, 1] = 1.0
    assert (SvmEcfp().fit(alike, seed=0)(TESTED)[:, 1] == 1.0).all()


def test_nearest_is_the_similarity_to_an_active():
    label = TrainingFold(tuple(TRAINED), fold().value[:, 1:], ENDPOINTS[1:], np.zeros(len(TRAINED), bool))
    said = Nearest().fit(label, seed=0)([TRAINED[0], TRAINED[2]])[:, 0]
    assert said[0] == 1.0
    assert said[1] < 1.0
    with pytest.raises(ValueError, match="'nearest' needs actives, and endpoint 'length' has none"):
        Nearest().fit(fold(), seed=0)


def test_ours_learns_all_tasks_in_one_bundle(tmp_path):
    """Each task is told its own endpoints; what was fitted is not fitted again."""
    keys = tuple(f"{'C' * n}{e}" for n in range(1, 31) for e in ("", "O", "N", "F", "S", "C#N"))
    aside = np.zeros(len(keys), bool)
    folds = [
        TrainingFold(keys, np.array([[value(key)] for key in keys]), (endpoint,), aside)
        for endpoint, value in zip(ENDPOINTS, (carbons, is_polar), strict=True)
    ]
    recipe = TrainRecipe(
        name="toy", members=1, experts=("kernel",), network=NetworkSpec(width=8, depth=2, hidden=8),
        fit=FitConfig(epochs=2),
    )  # fmt: skip
    [ours] = line_up(["ours"], benchmark="tdc-admet", recipe=recipe, folder=tmp_path)
    told = []
    with pytest.raises(KeyboardInterrupt):
        ours.fit_together(folds, tested=TESTED, seed=1, progress=_interrupt)
    assert {path.name for path in tmp_path.glob("*/*")} == {"kernel.safetensors", "member-0.safetensors"}
    said = [
        predict(TESTED) for predict in ours.fit_together(folds, tested=TESTED, seed=1, progress=told.append)
    ]
    assert not any("kernel: fitted" in line for line in told)
    assert [part.shape for part in said] == [(len(TESTED), 1)] * 2
    for part, value, judge in zip(said, (carbons, is_polar), (spearman, auroc), strict=True):
        assert judge([value(key) for key in TESTED], part[:, 0]) > 0.9
    again = []
    ours.fit_together(folds, tested=TESTED, seed=1, progress=again.append)
    assert not any(line.startswith("network") for line in again)


def _interrupt(line):
    if line.startswith("network"):
        raise KeyboardInterrupt


@pytest.mark.slow
def test_ours_learns(tmp_path):
    """The ensemble trainer, quick: better than a constant on chains longer than any it has seen."""
    keys = tuple(f"{'C' * n}{e}" for n in range(1, 41) for e in ("", "O", "N", "F", "S", "C#N"))
    value = np.array([[carbons(key)] for key in keys])
    chains = TrainingFold(keys, value, (Endpoint(name="length"),), np.zeros(len(keys), bool))
    [ours] = line_up(["ours"], benchmark="tdc-admet", effort="quick")
    truth = [carbons(key) for key in TESTED]
    error = [mae(truth, m.fit(chains, seed=0)(TESTED)[:, 0]) for m in (ours, Constant())]
    assert error[0] < error[1]


def test_an_unknown_model_lists_the_choices():
    with pytest.raises(
        ConfigError,
        match=r"unknown model 'forrest'\. Did you mean 'forest'\? Known: ours, ours-student, constant",
    ):
        line_up(["forrest"], benchmark="tdc-admet")
    with pytest.raises(
        ConfigError, match="'nearest' ranks by known actives: it is for virtual-screening alone"
    ):
        line_up(["nearest"], benchmark="tdc-admet")
    with pytest.raises(ConfigError, match="effort is 'fast', expected one of"):
        line_up(["ours"], benchmark="tdc-admet", effort="fast")
    with pytest.raises(ConfigError, match="model 'ours-student' needs a training file"):
        line_up(["ours-student"], benchmark="tdc-admet")
    with pytest.raises(UsageError, match="tasks with test folds alone"):
        line_up(["ours-student"], benchmark="tdc-admet", recipe=TrainRecipe(name="toy"))[0].fit(
            fold(), seed=0
        )
    [untaught] = line_up(["ours-student"], benchmark="tdc-admet", recipe=TrainRecipe(name="toy"))
    assert "no table [distil]" in untaught.missing()


def test_names_and_settings_are_those_of_the_lineup():
    """A table's reader asks for a method by the name that it has there."""
    for name in CHOICES:
        [found] = line_up([name], benchmark="virtual-screening", recipe=TrainRecipe(name="toy"))
        assert found.name == name
        assert found.settings


def test_an_absent_package_is_named(monkeypatch, tmp_path):
    """Not an error: the table says what is missing and where it was looked for."""
    monkeypatch.setenv("MOLSCREEN_PEERS", str(tmp_path))
    [chemprop] = line_up(["chemprop"], benchmark="tdc-admet")
    assert chemprop.missing().startswith(f"not installed: chemprop in {tmp_path}; name another")
    assert find_environment("numpy")  # this environment comes last
    assert Script("no-such-peer", "x", "numpy").missing().startswith("not installed: no_such_peer.py")


def test_a_program_reads_and_writes_the_fitted_scale(tmp_path):
    """What crosses the border is log10 where the endpoint is, and comes back in its unit."""
    columns = write_fold(tmp_path, fold(), TESTED)
    lines = (tmp_path / "train.csv").read_text().splitlines()
    assert (lines[0], columns) == ("smiles,r0,c1", ["r0", "c1"])
    assert lines[1] == "CCO,0.301029996,1"
    assert lines[4] == "CCC#N,,1"
    (tmp_path / "predicted.csv").write_text("r0,smiles,c1\n2,C,0.5\n")
    assert read_predictions(tmp_path / "predicted.csv", columns, 1, ENDPOINTS).tolist() == [[100.0, 0.5]]
    with pytest.raises(RunError, match=r"1 rows with .* expected 2"):
        read_predictions(tmp_path / "predicted.csv", columns, 2, ENDPOINTS)


def test_the_last_words_of_a_failed_program_are_passed_on(tmp_path):
    with pytest.raises(RunError, match=r"sh -c .* failed: out of paper"):
        run_program(["sh", "-c", "echo out of paper >&2; exit 3"], tmp_path)
