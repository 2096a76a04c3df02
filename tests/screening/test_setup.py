"""Before the work: what a plan names is opened, checked, and put into the run's identity."""

from __future__ import annotations

import dataclasses
import sys

import pytest
from small_plan import make_plan
from stand_in import ENDPOINTS

from molscreen.data.files.record import ReadOptions
from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError, ConfigError
from molscreen.screening.plan.setup import Setup
from molscreen.screening.plan.views import BundleInfo, find_bundle_infos


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A module of the user's, importable by name."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_lab_rules", raising=False)
    path = tmp_path / "my_lab_rules.py"
    path.write_text("LIMIT = 1\n")
    return path


def make(library, **changes) -> Setup:
    return Setup.make(make_plan(library=[str(library)], **changes), ReadOptions())


def test_a_changed_plugin_is_another_run(library, plugin):
    """A plan names code by its module; what the code says decides the result."""
    before = make(library, plugins=["my_lab_rules"]).identity()
    assert make(library, plugins=["my_lab_rules"]).identity() == before
    plugin.write_text("LIMIT = 2\n")
    after = make(library, plugins=["my_lab_rules"]).identity()
    assert [key for key in after if after[key] != before[key]] == ["plugins"]


def test_a_predictor_of_ones_own_is_known_by_its_sources(plugin, monkeypatch):
    """``module:function`` has no digest of its own, so that of its module, or package, stands for it."""
    plugin.write_text("from stand_in import flat\n")
    [before] = find_bundle_infos(["my_lab_rules:flat"])
    plugin.write_text("from stand_in import flat  # and something else\n")
    [after] = find_bundle_infos(["my_lab_rules:flat"])
    assert before.endpoints == after.endpoints == ENDPOINTS
    assert before.digest != after.digest


def test_a_term_on_a_bound_that_nobody_knows_is_refused(library, monkeypatch):
    """With too few calibration compounds every bound is NaN, and no compound would have a score."""
    [info] = find_bundle_infos(["stand_in:flat"])
    few = dataclasses.replace(info, unbounded=("potency",))
    monkeypatch.setattr("molscreen.screening.plan.setup.find_bundle_infos", lambda _: [few])
    careful = {"term": [{"endpoint": "potency", "curve": "rise", "low": 4.0, "high": 9.0, "bound": "low"}]}
    with pytest.raises(ConfigError, match="uses a bound of 'potency', for which bundle 'flat' has too few"):
        make(library, objective=careful)
    make(library)  # its mean will do


def test_other_tautomers_than_a_bundle_has_seen_are_told(library, monkeypatch):
    """The models would be asked about structures drawn in another way than those they learnt from."""
    [info] = find_bundle_infos(["stand_in:flat"])
    monkeypatch.setattr(
        "molscreen.screening.plan.setup.find_bundle_infos",
        lambda _: [dataclasses.replace(info, tautomer=False)],
    )
    told = [line for line in make(library, standardize={"tautomer": True}).described if "tautomer" in line]
    assert told == [
        "[standardize] tautomer is true, but bundle 'flat' was trained with false:"
        " it is asked about other tautomers than it has seen"
    ]
    assert not [line for line in make(library).described if "tautomer" in line]


def test_bundles_that_share_a_column_are_refused(library, monkeypatch):
    info = BundleInfo("mine", "mine:made", "0" * 64, (Endpoint(name="score"),))
    monkeypatch.setattr("molscreen.screening.plan.views.describe_bundle", lambda _: info)
    with pytest.raises(BundleError, match="bundle 'mine': endpoint 'score' needs the column 'score'"):
        make(library, bundles=["mine:made"])


def test_the_bundle_that_is_missing_is_named(library):
    """After a training the obvious next step is a plan that also wants what ships."""
    wish = {"term": [{"endpoint": "hERG", "curve": "fall", "low": 0.2, "high": 0.8}]}
    said = r"none of its bundles \(.*\) predicts 'hERG'\. Bundle 'admet-tox' does: add --bundle admet-tox"
    with pytest.raises(ConfigError, match=said):
        make(library, objective=wish)


def test_no_bundle_is_named_for_what_none_predicts(library):
    """Also where another term is of a bundle that is missing: the first is what the message is about."""
    wish = {"term": [{"endpoint": name, "curve": "fall", "low": 0.2, "high": 0.8} for name in ("x9", "hERG")]}
    with pytest.raises(ConfigError, match="unknown endpoint 'x9'") as raised:
        make(library, objective=wish)
    assert "add --bundle" not in str(raised.value)


@pytest.mark.parametrize("terms", [5, "hERG", [3], [{"endpoint": 3}], [{}]])
def test_objective_that_is_none_is_refused(library, terms):
    with pytest.raises(ConfigError):
        make(library, objective={"term": terms})
