"""Fit one network: AdamW with warm-up and cosine decay, early stopping, exact resumption."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molscreen.config import check_positive
from molscreen.errors import ConfigError, RunError
from molscreen.models.network import Network, NetworkOutput
from molscreen.training.networks.batches import Examples, epoch_batches
from molscreen.training.networks.checkpoint import Epoch, State, read_checkpoint, write_checkpoint
from molscreen.training.networks.loss import multitask_error, multitask_loss

FIT_VERSION = 4  # raised whenever the same settings, seed and examples may end in other weights
Criterion = Callable[..., tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitConfig:
    """How one network is fitted: the ``[fit]`` table of a training file.

    With ``mixed``, matrix products are computed in bfloat16 on processors made for it, in half the time;
    sums, losses and weights stay in float32, and so does everything that a finished network predicts.
    """

    epochs: int = 30
    batch_atoms: int = 2048  # about 80 drug-like molecules
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    warmup: float = 0.1  # share of all steps
    patience: int = 10  # epochs without a better validation loss
    clip: float = 5.0  # gradient norm
    task_balance: float = 0.5  # 0: every label counts alike; 1: every endpoint counts alike
    mixed: bool = True

    def __post_init__(self) -> None:
        check_positive(self, "epochs", "batch_atoms", "learning_rate", "patience", "clip", where="[fit]")
        for name in ("warmup", "task_balance"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"[fit] {name} must be in [0, 1], got {getattr(self, name)}")


def endpoint_weight(value: NDArray[np.floating], balance: float) -> NDArray[np.float32]:
    """Weight of a label of each endpoint, ``(n_max / n_t) ** balance``.

    Parameters
    ----------
    value : (n, t) float
        NaN = not measured.
    balance : float in [0, 1]

    Returns
    -------
    (t,) float32
        0 for an endpoint without a label.
    """
    count = (~np.isnan(value)).sum(axis=0)
    ratio = count.max(initial=1) / np.maximum(count, 1)
    return np.where(count > 0, ratio**balance, 0.0).astype(np.float32)


def fit(
    network: Network,
    train: Examples,
    validation: Examples,
    *,
    config: FitConfig,
    seed: int,
    checkpoint: Path | None = None,
    progress: Callable[[Epoch], None] = lambda _: None,
) -> list[Epoch]:
    """Fit `network` in place and leave it at its best epoch on `validation`, in eval mode.

    Every epoch draws its order and its dropout from ``(seed, epoch)`` alone, so a run that was
    killed and resumed from `checkpoint` ends with the same weights as an unbroken one.

    Parameters
    ----------
    network : Network
        Its ``shift`` and ``scale`` must be set.
    train, validation : Examples
    config : FitConfig
    seed : int
    checkpoint : Path, optional
        A safetensors file, written after every epoch and continued where it exists.
    progress : callable
        Called with each finished `Epoch`.

    Returns
    -------
    list of Epoch

    Raises
    ------
    RunError
        A loss or gradient is not a finite number, or no validation example has a label.
    """
    return _Fit(network, train, validation, config, seed).run(checkpoint, progress)


class _Fit:
    """The moving parts of one fit: network, optimizer, best weights so far, history."""

    def __init__(
        self, network: Network, train: Examples, validation: Examples, config: FitConfig, seed: int
    ) -> None:
        self.network, self.config, self.seed = network, config, seed
        self.train, self.validation = train, validation
        self.weight = torch.from_numpy(endpoint_weight(train.value, config.task_balance))
        self.mixed = config.mixed and _has_bfloat16()
        self.is_classification = torch.tensor([k == "classification" for k in network.spec.kinds])
        self.optimizer = torch.optim.AdamW(
            network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.history: list[Epoch] = []
        self.best = _copy(network.state_dict())

    def run(self, checkpoint: Path | None, progress: Callable[[Epoch], None]) -> list[Epoch]:
        """Epochs until the last, or until `patience` of them brought nothing."""
        data, start = _digest(self.train, self.validation), _digest_weights(self.network)
        label = {
            "version": str(FIT_VERSION),
            "settings": f"{self.config} {self.network.spec}",
            "seed": str(self.seed),
            "data": data,
            "precision": "bfloat16" if self.mixed else "float32",
            "start": start,
        }
        if checkpoint is not None and checkpoint.exists():
            state = read_checkpoint(checkpoint, label)
            self.network.load_state_dict(state.network)
            self.best, self.history = state.best, list(state.history)
            self._restore_optimizer(state.optimizer)
        while len(self.history) < self.config.epochs and not self._stalled():
            epoch = self._epoch(len(self.history))
            self.history.append(epoch)
            if epoch.best:
                self.best = _copy(self.network.state_dict())
            if checkpoint is not None:
                state = State(self.network.state_dict(), self.best, self._optimizer_state(), self.history)
                write_checkpoint(checkpoint, label, state)
            progress(epoch)
        self.network.load_state_dict(self.best)
        self.network.eval()
        return self.history

    def _epoch(self, number: int) -> Epoch:
        """One pass over the training examples and one over the validation examples."""
        torch.manual_seed(self.seed * 100_003 + number)
        rng = np.random.default_rng([self.seed, number])
        self.network.train()
        loss_sum = weight_sum = 0.0
        seen = 0
        for graphs, value, relation in epoch_batches(self.train, self.config.batch_atoms, rng):
            self._set_learning_rate((number + seen / len(self.train)) / self.config.epochs)
            with torch.autocast("cpu", torch.bfloat16, enabled=self.mixed):
                output = self.network(graphs)
            loss, weight = self._apply(multitask_loss, output, value, relation)
            self.optimizer.zero_grad()
            (loss / weight.clamp(min=1e-9)).backward()  # type: ignore[no-untyped-call]
            norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
            self._require_finite(norm, "the gradient", number)
            self.optimizer.step()
            loss_sum, weight_sum = loss_sum + float(loss.detach()), weight_sum + float(weight)
            seen += graphs.n
        validation = self._validate(number)
        best = validation < min((e.validation_loss for e in self.history), default=math.inf)
        return Epoch(number, loss_sum / max(weight_sum, 1e-9), validation, best)

    def _validate(self, number: int) -> float:
        """Mean error over the known labels of the validation examples; see `multitask_error`."""
        self.network.eval()
        loss_sum = weight_sum = 0.0
        with torch.inference_mode():
            for graphs, value, relation in epoch_batches(self.validation, self.config.batch_atoms):
                loss, weight = self._apply(multitask_error, self.network(graphs), value, relation)
                loss_sum, weight_sum = loss_sum + float(loss), weight_sum + float(weight)
        if not weight_sum:
            raise RunError("no validation compound has a label: the fit cannot be stopped at its best")
        self._require_finite(loss_sum, "the validation loss", number)
        return loss_sum / weight_sum

    def _require_finite(self, value: Tensor | float, what: str, number: int) -> None:
        if not math.isfinite(value):
            raise RunError(
                f"epoch {number + 1}: {what} is {float(value)}. Lower [fit] learning_rate, now"
                f" {self.config.learning_rate:g}, and look for extreme values among the measurements"
            )

    def _apply(
        self, criterion: Criterion, output: NetworkOutput, value: Tensor, relation: Tensor
    ) -> tuple[Tensor, Tensor]:
        return criterion(
            NetworkOutput(*(part.float() for part in output)),
            (value - self.network.shift) / self.network.scale,
            relation,
            is_classification=self.is_classification,
            weight=self.weight,
        )

    def _set_learning_rate(self, done: float) -> None:
        """Linear warm-up, then a cosine to zero; `done` is the share of all steps taken."""
        warm = self.config.warmup
        if done < warm:
            factor = max(done / warm, 0.01)
        else:
            factor = 0.5 * (1 + math.cos(math.pi * (done - warm) / (1 - warm)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * factor

    def _stalled(self) -> bool:
        """No epoch among the last `patience` was the best so far."""
        recent = self.history[-self.config.patience :]
        return len(recent) == self.config.patience and not any(e.best for e in recent)

    def _optimizer_state(self) -> dict[str, Tensor]:
        """AdamW's moments as flat named tensors."""
        state = self.optimizer.state_dict()["state"]
        return {f"{i}.{name}": torch.as_tensor(v) for i, part in state.items() for name, v in part.items()}

    def _restore_optimizer(self, tensors: dict[str, Tensor]) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            index, name = key.split(".", 1)
            state.setdefault(int(index), {})[name] = tensor
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state})


def _has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 matrices faster than float32 ones."""
    able = torch.cpu.get_capabilities()  # type: ignore[no-untyped-call]
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _digest(*parts: Examples) -> str:
    """sha256 of everything that examples hold: a fit is continued on its own data only."""
    state = hashlib.sha256()
    for part in parts:
        for array in (part.graphs.atom, part.graphs.ends, part.graphs.bond, part.value, part.relation):
            state.update(array.tobytes())
    return state.hexdigest()


def _digest_weights(network: Network) -> str:
    """sha256 of the weights that a fit starts from: another encoder is another fit."""
    state = hashlib.sha256()
    for tensor in network.state_dict().values():
        state.update(tensor.numpy().tobytes())
    return state.hexdigest()


def _copy(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in state.items()}
