"""What a bundle's own test says of it first: whether it beats a guess."""

import math

import pytest

from molscreen.endpoint import Endpoint
from molscreen.prediction.bundle.headline import find_doubtful

ENDPOINTS = (
    Endpoint(name="pIC50", unit="-log10(mol/L)"),
    Endpoint(name="half-life", unit="h", scale="log10"),
    Endpoint(name="hERG", kind="classification", unit="probability"),
)


def card(**figures: tuple[float | None, float | None]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Figures of blend and guess by metric, of every endpoint."""
    return {
        title: {
            endpoint.name: {metric: pair[i] for metric, pair in figures.items()} for endpoint in ENDPOINTS
        }
        for i, title in enumerate(("test fold, blend", "test fold, constant"))
    }


@pytest.mark.parametrize(
    ("figures", "guessed"),
    [
        ({"rmse": (0.9, 0.8)}, ["pIC50"]),
        ({"rmse": (0.7, 0.8)}, []),
        ({"rmse": (0.8, 0.8)}, ["pIC50"]),  # no better
        ({"rmse of log10": (0.5, 0.4)}, ["half-life"]),
        ({"auroc": (0.45, 0.5)}, ["hERG"]),
        ({"auroc": (0.55, 0.5)}, []),
        ({"auroc": (None, None)}, []),  # one class: cannot be judged
        ({"auroc": (math.nan, 0.5)}, []),
        ({"spearman": (-0.5, 0.0)}, []),
    ],
)
def test_an_endpoint_is_judged_by_its_headline_alone(figures, guessed):
    """The rule of a training's headlines, for whoever has the model card and no training."""
    assert [each.endpoint for each in find_doubtful(card(**figures), ENDPOINTS)] == guessed


@pytest.mark.parametrize("metrics", [{}, {"test fold, blend": None, "test fold, constant": {"hERG": "good"}}])
def test_a_bundle_without_figures_is_not_called_useless(metrics):
    assert list(find_doubtful(metrics, ENDPOINTS)) == []


def test_both_figures_are_said():
    [said] = find_doubtful(card(rmse=(0.2921, 0.246)), ENDPOINTS)
    assert str(said) == (
        "pIC50 is predicted no better than by a constant guess on the test fold (RMSE 0.292, guess 0.246):"
        " do not use it"
    )
