"""What unfolds is what was compressed, or is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.prediction import compressed
from molscreen.prediction.compressed import compress, decompress


@given(st.binary(max_size=2000))
def test_content_comes_back(content: bytes) -> None:
    assert decompress(compress(content), name="x") == content


def test_bomb_is_refused_before_it_goes_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of zeros is a kilobyte in the file."""
    bomb = compress(bytes(2**20))
    monkeypatch.setattr(compressed, "MAX_BYTES", 2**20)
    assert len(decompress(bomb, name="ids")) == 2**20
    monkeypatch.setattr(compressed, "MAX_BYTES", 2**20 - 1)
    with pytest.raises(ValueError, match="ids: unfolds to more than 1,048,575 bytes"):
        decompress(bomb, name="ids")
    with pytest.raises(ValueError, match="1,048,576 bytes to compress, expected at most 1,048,575"):
        compress(bytes(2**20))


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (compress(b"aspirin" * 99)[:-1], "ids: cut short"),
        (compress(b"aspirin")[::-1], "ids: damaged"),
        (np.zeros(0, np.uint8), "ids: cut short"),
    ],
)
def test_damage_is_named(stored: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decompress(stored, name="ids")
