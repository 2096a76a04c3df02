"""The featuriser says what it does, in JSON that travels with every bundle."""

import json

from molscreen.graphs import vocabulary
from molscreen.graphs.vocabulary import ATOM_FIELDS, BOND_FIELDS, FEATURISER, featuriser_digest


def test_the_spec_survives_json():
    """It is stored in bundles and read back for comparison."""
    assert json.loads(json.dumps(FEATURISER)) == FEATURISER


def test_the_spec_describes_the_fields():
    """Names and sizes, in the order of the columns."""
    for fields, key in ((ATOM_FIELDS, "atom"), (BOND_FIELDS, "bond")):
        assert [(name, len(labels)) for name, labels in FEATURISER[key]] == list(fields)


def test_any_change_of_the_spec_changes_the_digest(monkeypatch):
    """A label, its place or the version: each makes another featuriser."""
    digests = {featuriser_digest()}
    atom = FEATURISER["atom"]
    for changed in (
        FEATURISER | {"version": 2},
        FEATURISER | {"atom": [["element", atom[0][1][::-1]], *atom[1:]]},
        FEATURISER | {"atom": atom[::-1]},
    ):
        monkeypatch.setattr(vocabulary, "FEATURISER", changed)
        digests.add(featuriser_digest())
    assert len(digests) == 4
