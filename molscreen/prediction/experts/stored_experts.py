"""Stored experts: read from their bytes when first asked, so that a library need not wait for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from molscreen.errors import BundleError
from molscreen.prediction.experts.expert import Expert

KINDS = ("kernel", "trees")


class StoredExperts(Mapping[str, Expert]):
    """Experts by name.

    Parameters
    ----------
    names : sequence of {"kernel", "trees"}
    content : bytes
        A safetensors file with the tensors of all of them.

    Raises
    ------
    BundleError
        A name is unknown; and when an expert is first asked for, that it is damaged.
    """

    def __init__(self, names: Sequence[str], content: bytes) -> None:
        if unknown := set(names) - set(KINDS):
            raise BundleError(f"unknown expert '{min(unknown)}': update molscreen. Known: {', '.join(KINDS)}")
        self._names = tuple(names)
        self._content = content
        self._read: dict[str, Expert] = {}

    @cached_property
    def _tensors(self) -> dict[str, NDArray[Any]]:
        return load(self._content)

    def __getitem__(self, name: str) -> Expert:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            from molscreen.prediction.experts.kernel import KernelExpert  # imports scipy
            from molscreen.prediction.experts.trees import TreeExpert

            kind = KernelExpert if name == "kernel" else TreeExpert
            try:
                self._read[name] = kind.from_tensors(self._tensors)
            except (SafetensorError, ValueError, KeyError) as error:
                raise BundleError(f"expert '{name}': damaged, or from another molscreen: {error}") from error
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
