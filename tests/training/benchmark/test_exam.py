"""What trains and what tests: official as the files say, cleaned without the compounds that are tested."""

import dataclasses

import numpy as np
import pytest

from molscreen.errors import ConfigError, LibraryError
from molscreen.training.benchmark.exam import read_exam
from molscreen.training.benchmark.suite import Task, load_suite
from tests.training.benchmark.toy_benchmark import LEAK, TESTED, TRAINED, TWIN, make_benchmark


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MOLSCREEN_CARDS", str(tmp_path / "cards"))
    return make_benchmark(tmp_path)


@pytest.fixture
def exam(data):
    [task] = load_suite("tdc-admet").only(["length"]).tasks
    return read_exam(task, data_root=data)


def test_official_training_is_the_file(exam):
    """Leaks and replicates stay: the published figures were made with them."""
    assert exam.training("official").keys == (*TRAINED, LEAK, TWIN[0], TRAINED[0])


def test_duplicates_leave_training_in_the_cleaned_variant_and_only_there(exam):
    """The compound and the stereoisomer of a tested one; nothing else, and nothing that is tested."""
    official, cleaned = exam.training("official").keys, exam.training("cleaned").keys
    assert [key for key in official if key not in cleaned] == [LEAK, TWIN[0]]
    assert [exam.table.keys[i] for i in exam.test] == [*TESTED, TWIN[1]]


def test_replicates_that_disagree_are_listed(exam):
    [conflict] = exam.conflicts
    assert (conflict.keys, conflict.values) == ((TRAINED[0],) * 2, (2.0, 99.0))
    assert conflict.folds == ("train", "train")


def test_labels_that_disagree_are_listed(data):
    [task] = load_suite("tdc-admet").only(["polar"]).tasks
    assert [sorted(each.values) for each in read_exam(task, data_root=data).conflicts] == [[0.0, 1.0]]


def test_the_digest_sees_values_and_tested_compounds(exam):
    """A stored result must not be taken for that of other data."""
    fold = exam.training("official")
    other = dataclasses.replace(fold, value=fold.value + 1)
    digests = {fold.digest(["C"]), fold.digest(["CC"]), other.digest(["C"])}
    assert len(digests) == 3
    assert fold.digest(["C"]) == exam.training("official").digest(["C"])


def test_the_digest_tells_the_smallest_values_apart(exam):
    """Concentrations in mol/L: 1 nM and 4 nM are other data."""
    fold = exam.training("official")
    digests = {dataclasses.replace(fold, value=fold.value * 0 + x).digest(["C"]) for x in (1e-9, 4e-9)}
    assert len(digests) == 2


def test_censored_values_neither_train_nor_test(data):
    """An error against a limit means nothing."""
    path = data / "length" / "test.csv"
    path.write_text(path.read_text().replace(f"{TESTED[1]},15", f"{TESTED[1]},>15"))
    [task] = load_suite("tdc-admet").only(["length"]).tasks
    exam = read_exam(task, data_root=data)
    assert TESTED[1] not in [exam.table.keys[i] for i in exam.test]


def test_a_scaffold_split_has_all_records_in_one_fold_each(data):
    """The largest scaffold trains; the validation rows are marked, and fit no weight."""
    [task] = load_suite("tdc-admet").only(["length"]).tasks
    card = dataclasses.replace(task.card, files=(dataclasses.replace(task.card.files[0], split=""),))
    lines = (data / "length" / "train.csv").read_text().splitlines()
    rings = [f"r{n},{'C' * n}C1CCCCC1,{n}" for n in range(1, 5)] + [
        f"s{n},{'C' * n}c1ccncc1,{n}" for n in range(1, 5)
    ]
    (data / "length" / "train.csv").write_text("\n".join([*lines[:30], *rings]) + "\n")
    exam = read_exam(Task(name="length", card=card, metric="mae", split="scaffold"), data_root=data)
    fold = exam.training("official")
    assert (exam.fold == "train").sum() == 29
    assert set(exam.fold) == {"train", "valid", "test"}
    assert len(fold.fitting().keys) == 29
    assert not fold.fitting().validation.any()
    assert all("1" in exam.table.keys[i] for i in np.flatnonzero(exam.fold != "train"))


def test_a_task_without_test_rows_is_refused(data):
    [task] = load_suite("tdc-admet").only(["length"]).tasks
    card = dataclasses.replace(task.card, files=task.card.files[:1])
    with pytest.raises(
        LibraryError, match="task 'length': no record of 'tdc_admet/length' is in the fold 'test'"
    ):
        read_exam(dataclasses.replace(task, card=card), data_root=data)


def test_an_unknown_benchmark_or_task_lists_the_choices(data):
    with pytest.raises(ConfigError, match=r"unknown benchmark 'tdc'\..*Known: tdc-admet, moleculeace"):
        load_suite("tdc")
    with pytest.raises(
        ConfigError, match=r"no task 'lenght'\. Did you mean 'length'\? Its tasks: length, polar"
    ):
        load_suite("tdc-admet").only(["lenght"])
