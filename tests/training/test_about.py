"""What a bundle admits about itself."""

from molscreen.training.about import short_intervals


def test_intervals_that_hold_less_than_they_promise_are_named():
    """Two standard errors of 0.9 are 0.06 of 100 measurements and 0.019 of 1,000."""
    figures = {
        "few": {"coverage": 0.85, "n": 100.0},
        "many": {"coverage": 0.85, "n": 1000.0},
        "enough": {"coverage": 0.89, "n": 1000.0},
        "label": {"auroc": 0.7, "n": 1000.0},
    }
    wide = {"many": {"coverage": 0.5, "n": 1000.0}}
    said = short_intervals({"test fold, wide": wide, "test fold, blend": figures})
    assert said == ("on the test fold, the 90% intervals of many held 85% of 1,000 measurements",)
    assert short_intervals({}) == ()
