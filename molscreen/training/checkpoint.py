"""A fit's state on disk between epochs: tensors in safetensors, the history in its header."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from molscreen.errors import ResumeError
from molscreen.storage import replacing


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of the training record: the loss that is descended, the error that is compared; both means."""

    number: int
    train_loss: float
    validation_loss: float
    best: bool


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All that an unbroken fit would still hold after its last finished epoch."""

    network: dict[str, Tensor]
    best: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    history: list[Epoch]


def write_checkpoint(path: Path, label: str, state: State) -> None:
    """Replace the checkpoint at `path` in one step; `label` names the fit it belongs to."""
    tensors = {
        f"{part}/{name}": tensor.contiguous()
        for part in ("network", "best", "optimizer")
        for name, tensor in getattr(state, part).items()
    }
    header = {"label": label, "history": json.dumps([asdict(epoch) for epoch in state.history])}
    with replacing(path) as draft:
        save_file(tensors, draft, metadata=header)


def read_checkpoint(path: Path, label: str) -> State:
    """The state at `path`.

    Raises
    ------
    ResumeError
        The checkpoint belongs to a fit with other settings, seed or network.
    """
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "best": {}, "optimizer": {}}
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        if header.get("label") != label:
            raise ResumeError(
                f"{path}: this checkpoint belongs to another fit; delete it or restore the settings.\n"
                f"  it has:   {header.get('label')}\n  expected: {label}"
            )
        for key in file.keys():  # noqa: SIM118  a safetensors file is no mapping
            part, name = key.split("/", 1)
            parts[part][name] = file.get_tensor(key)
    return State(**parts, history=[Epoch(**line) for line in json.loads(header["history"])])
