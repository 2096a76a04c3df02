"""Bytes of a safetensors file, compressed; unfolded under a cap."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 64 * 2**20  # of one tensor, unfolded; guards against a small file that fills the memory


def compress(content: bytes) -> NDArray[np.uint8]:
    """The content as compressed bytes (c,); `decompress` is the inverse.

    Raises
    ------
    ValueError
        It is longer than `MAX_BYTES`, so that `decompress` would refuse it.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"{len(content):,} bytes to compress, expected at most {MAX_BYTES:,}")
    return np.frombuffer(zlib.compress(content, level=9), np.uint8)


def decompress(stored: NDArray[Any], *, name: str) -> bytes:
    """What `compress` was given.

    Raises
    ------
    ValueError
        The bytes are damaged, cut short, or unfold to more than `MAX_BYTES`; `name` says where.

    Examples
    --------
    >>> decompress(compress(b"CCO"), name="keys")
    b'CCO'
    """
    unfold = zlib.decompressobj()
    try:
        content = unfold.decompress(stored.tobytes(), MAX_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"{name}: damaged: {error}") from error
    if len(content) > MAX_BYTES:
        raise ValueError(f"{name}: unfolds to more than {MAX_BYTES:,} bytes")
    if not unfold.eof:
        raise ValueError(f"{name}: cut short")
    return content
