"""A view asked about fewer endpoints says the same of them, and nothing of the others."""

from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import pytest

from molscreen.prediction.certainty.neighbours import NeighbourDomain
from molscreen.prediction.experts.described import Described
from tests.prediction.tiny_bundle import drug_keys, heeding_distance, tiny_bundle


@pytest.fixture(scope="module")
def keys():
    return list(drug_keys()[200:240])


@pytest.mark.parametrize("activities", [(), ("LogD",), ("LogD", "half-life", "hERG")])
def test_what_is_asked_has_the_same_bytes(keys, activities):
    """The second look of a screen asks about the plan's endpoints alone: no score may change by it.

    Nor any interval, which goes by the distance from what was measured for its endpoint.
    """
    place, reference = np.arange(200), list(drug_keys()[:200])
    halves = {name: place % 2 == i % 2 for i, name in enumerate(activities)}
    domain = NeighbourDomain.fit(reference, reference, place % 5 == 0, measured=halves)
    view = tiny_bundle().full_view()
    view = replace(view, neighbours=domain, calibration=heeding_distance(view.calibration))
    whole = view.predict(keys)
    for j, endpoint in enumerate(whole.endpoints):
        part = view.restricted_to({endpoint.name}).predict(keys)
        for name in ("mean", "std", "low", "high"):
            said = getattr(part, name)
            assert said[:, j].tobytes() == getattr(whole, name)[:, j].tobytes()
            assert np.isnan(np.delete(said, j, axis=1)).all()
        assert (part.in_domain == whole.inside[:, j]).all()


def test_its_domain_is_that_of_the_activities_asked(keys):
    """What was measured for another target vouches for nothing; a property has the domain of all."""
    place, reference = np.arange(200), list(drug_keys()[:200])
    measured = {"LogD": place % 2 == 0}
    domain = NeighbourDomain.fit(reference, reference, place % 5 == 0, measured=measured)
    view = replace(tiny_bundle().full_view(), neighbours=domain)
    whole, asked, other = view, view.restricted_to({"LogD", "hERG"}), view.restricted_to({"hERG"})
    distance = [each.predict(keys).distance.tolist() for each in (whole, asked, other)]
    assert distance[1] == domain.restricted_to({"LogD"}).distance(keys).tolist() != distance[0]
    assert distance[2] == distance[0]


def test_an_activity_that_no_expert_knows_still_vouches_for_a_compound(keys):
    """Of two that are asked, the one without a prediction does not put all compounds outside."""
    place, reference = np.arange(200), list(drug_keys()[:200])
    measured = {"LogD": place % 2 == 0, "half-life": place % 2 == 1}
    domain = NeighbourDomain.fit(reference, reference, place % 5 == 0, measured=measured)
    view = replace(tiny_bundle().full_view(), neighbours=domain)
    blend = view.council.blend.restricted_to(np.array([True, False, True]))
    view = replace(view, council=replace(view.council, blend=blend)).restricted_to({"LogD", "half-life"})
    said = view.predict(keys)
    assert np.isnan(said.mean[:, 1]).all()
    assert said.distance.tolist() == domain.restricted_to({"LogD", "half-life"}).distance(keys).tolist()


@pytest.mark.parametrize("measured", [["LogD"], ["LogD", "hERG"], ["LogD", "half-life", "hERG"]])
def test_who_is_not_told_what_is_asked_gives_each_endpoint_the_same_verdict(keys, measured):
    """A compound is not inside the domain for `predict` and outside it for `explain`."""
    place, reference = np.arange(200), list(drug_keys()[:200])
    halves = {name: place % 2 == i % 2 for i, name in enumerate(measured)}
    domain = NeighbourDomain.fit(reference, reference, place % 5 == 0, measured=halves)
    bundle = replace(tiny_bundle(), neighbours=domain)
    said = bundle.predict(keys)
    for j, endpoint in enumerate(bundle.endpoints):
        alone = bundle.full_view().restricted_to({endpoint.name})
        assert (said.inside[:, j] == alone.predict(keys).in_domain).all()
        assert (said.inside[:, j] == (np.array(alone.neighbours.query(keys).verdict) == "in")).all()
    assert (said.in_domain == said.inside.any(axis=1)).all()
    assert 0 < said.inside.mean() < 1


def test_asked_about_nothing_it_says_nothing(keys):
    part = tiny_bundle().full_view().restricted_to(())
    assert np.isnan(part.predict(keys).mean).all()
    assert np.isnan(part.predict(keys).low).all()
    networks = [Mock(side_effect=AssertionError("asked")) for _ in part.council.networks]
    unasked = replace(part, council=replace(part.council, networks=tuple(networks)))
    assert unasked.predict(keys).in_domain.tolist() == part.predict(keys).in_domain.tolist()
    assert not part.council.experts


def test_a_kernel_forgets_whom_only_others_need(keys):
    kernel = tiny_bundle().experts["kernel"]
    weight = kernel.weight.copy()
    weight[::2, 0] = 0  # half of the compounds were not measured for the first endpoint
    kernel = replace(kernel, weight=weight)
    part = kernel.restricted_to(np.array([True, False, False]))
    assert len(part.reference) == np.count_nonzero(weight[:, 0]) < len(kernel.reference)
    compounds = Described(keys)
    assert part.opine(compounds)[:, 0].tobytes() == kernel.opine(compounds)[:, 0].tobytes()
