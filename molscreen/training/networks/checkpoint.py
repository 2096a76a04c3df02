"""A fit's state on disk between epochs: tensors in safetensors, the history in its header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from molscreen.errors import ResumeError
from molscreen.storage import replacing

BEGUN_BY: Mapping[str, str] = {
    "version": "a version of molscreen whose fits end otherwise",
    "settings": "another --effort, or other settings",
    "seed": "another seed",
    "data": "other measurements, or another split of them",
    "precision": "a processor of another precision",
    "start": "other weights to start from",
}
"""What two fits may differ by, in words, the gravest first. A label has some of these keys, or all."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of the training record: the loss that is descended, the error that is compared; both means."""

    number: int
    train_loss: float
    validation_loss: float
    best: bool

    def line(self, epochs: int) -> str:
        """What is said of it, of so many `epochs` at most; the best so far has a star.

        Examples
        --------
        >>> Epoch(1, 0.25, 0.5, best=True).line(30)
        'epoch 2/30: train 0.2500, validation 0.5000 *'
        """
        return (
            f"epoch {self.number + 1}/{epochs}: train {self.train_loss:.4f},"
            f" validation {self.validation_loss:.4f}{' *' * self.best}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All that an unbroken fit would still hold after its last finished epoch."""

    network: dict[str, Tensor]
    best: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    history: list[Epoch]


def write_checkpoint(path: Path, label: Mapping[str, str], state: State) -> None:
    """Replace the checkpoint at `path` in one step; `label` says what the fit was begun by."""
    tensors = {
        f"{part}/{name}": tensor.contiguous()
        for part in ("network", "best", "optimizer")
        for name, tensor in getattr(state, part).items()
    }
    header = {
        "label": json.dumps(dict(label)),
        "history": json.dumps([asdict(epoch) for epoch in state.history]),
    }
    with replacing(path) as draft:
        save_file(tensors, draft, metadata=header)


def read_checkpoint(path: Path, label: Mapping[str, str]) -> State:
    """The state at `path`.

    Raises
    ------
    ResumeError
        The checkpoint belongs to another fit; the message says what differs.
    """
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "best": {}, "optimizer": {}}
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        if differing := _differing(header.get("label", ""), label):
            raise ResumeError(
                f"{path}: belongs to another fit, which was begun by {differing} and is not finished. The"
                f" call that began it goes on with it; else name another --out, or remove {path.parent}"
            )
        for key in file.keys():  # noqa: SIM118  a safetensors file is no mapping
            part, name = key.split("/", 1)
            parts[part][name] = file.get_tensor(key)
    return State(**parts, history=[Epoch(**line) for line in json.loads(header["history"])])


def _differing(kept: str, label: Mapping[str, str]) -> str:
    """What a label as it was kept has otherwise, the gravest in words; nothing where they are alike."""
    parts = json.loads(kept) if kept.startswith("{") else {}  # of before it had parts
    return next((words for key, words in BEGUN_BY.items() if parts.get(key) != label.get(key)), "")
