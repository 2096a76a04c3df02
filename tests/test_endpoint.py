"""Concentrations and p-values."""

import numpy as np
import pytest

from molscreen.endpoint import MOLAR, to_p_scale
from molscreen.errors import ConfigError


@pytest.mark.parametrize("unit", MOLAR)
def test_one_mole_per_litre_is_zero_in_every_unit(unit):
    assert to_p_scale([1 / MOLAR[unit]], unit)[0] == pytest.approx(0.0, abs=1e-12)


def test_what_is_no_concentration_is_refused():
    """A zero would be infinitely potent."""
    with pytest.raises(ValueError, match="a concentration must be positive, got 0"):
        to_p_scale([5.0, 0.0], "nM")
    with pytest.raises(ConfigError, match="unit 'mg/mL' is not molar"):
        to_p_scale([5.0], "mg/mL")
    assert np.isnan(to_p_scale([np.nan], "nM")).all()
