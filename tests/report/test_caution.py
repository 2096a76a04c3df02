"""What a reader must know first."""

import pyarrow as pa

from molscreen.report.caution import unmet


def test_a_wish_that_nothing_meets_is_named_with_what_there_is():
    """A potency wished for from 6 to 9 of numbers that are kcal/mol ranks nothing, and looks like a score."""
    shortlist = pa.table(
        {
            "expt": [1.83, -15.0], "term_expt": [0.0, 0.0],
            "hERG": [0.1, 0.9], "term_hERG": [1.0, 0.0],
            "QED": [0.5, None], "term_QED": [0.0, None],
        }
    )  # fmt: skip
    said = list(unmet(shortlist))
    assert len(said) == 2
    assert said[0].startswith(
        "none of the 2 shortlisted meets the wish for expt at all: its values are -15 to 1.83."
    )
    assert "wish for QED" in said[1]


def test_of_an_empty_shortlist_nothing_is_said():
    assert (
        list(unmet(pa.table({"expt": pa.array([], pa.float32()), "term_expt": pa.array([], pa.float32())})))
        == []
    )
