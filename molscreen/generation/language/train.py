"""Train a prior: a network learns to write drug-like molecules, by epochs that it can go on from."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from torch import Tensor, nn

from molscreen.config import check_positive
from molscreen.generation.language.network import LanguageNetwork, LanguageSpec
from molscreen.generation.language.tokens import Vocabulary, pad
from molscreen.generation.language.writing import FIXED, Style, write
from molscreen.prediction.threads import single_thread
from molscreen.training.networks.checkpoint import Epoch, State, read_checkpoint, write_checkpoint

_CHUNK = 64  # batches that are written together and sorted by length, so that little is padded


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorConfig:
    """How a prior is trained.

    Attributes
    ----------
    style : Style
        How molecules are written, anew in each epoch; see `molscreen.generation.language.writing`.
    epochs, batch : int
    learning_rate, final_rate : float
        Of Adam; a cosine leads from one to the other, after `warm_up` steps that lead up to the first.
    clip : float
        Largest norm of a gradient.
    at_least : int
        Molecules that must have a token, for it to be learnt; those with a rarer one are left out.
    half : bool
        Whether products of matrices are taken in bfloat16, which recent processors are fast in.
    seed : int
    """

    style: Style = "kekule"
    epochs: int = 4
    batch: int = 128
    learning_rate: float = 2e-3
    final_rate: float = 1e-5
    warm_up: int = 100
    clip: float = 1.0
    at_least: int = 20
    half: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        check_positive(self, "epochs", "batch", "learning_rate", "final_rate", "warm_up", "clip", "at_least")


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What came of a training.

    Attributes
    ----------
    network : LanguageNetwork
    vocabulary : Vocabulary
    epochs : list of Epoch
        Losses in nats per token.
    skipped : int
        Training molecules that have a token too rare to be learnt.
    """

    network: LanguageNetwork
    vocabulary: Vocabulary
    epochs: list[Epoch]
    skipped: int


def train_prior(
    train: Sequence[str],
    held_out: Sequence[str],
    *,
    embedding: int = 128,
    hidden: int = 256,
    layers: int = 2,
    config: PriorConfig = PriorConfig(),  # frozen
    scratch: Path,
    progress: Callable[[str], object] = lambda _: None,
) -> Trained:
    """Fit a network to molecules; a killed call is continued by the same, from its last whole epoch.

    Parameters
    ----------
    train, held_out : sequence of str
        Keys; the second are only looked at.
    embedding, hidden, layers : int
        See `LanguageSpec`.
    config : PriorConfig
    scratch : Path
        Where unfinished work lies.
    progress : callable
        Told of each epoch, and of how far one is.

    Raises
    ------
    ResumeError
        What lies in `scratch` was begun with something else.
    """
    digest = hashlib.sha256("\n".join(train).encode()).hexdigest()
    train, held_out = _write_once(train, config.style), _write_once(held_out, config.style)
    vocabulary = _learn_vocabulary(train, config)
    spec = LanguageSpec(tokens=len(vocabulary), embedding=embedding, hidden=hidden, layers=layers)
    label = {"settings": json.dumps([spec.to_json(), asdict(config), vocabulary.tokens]), "data": digest}
    skipped = sum(vocabulary.encode(key) is None for key in train)
    torch.manual_seed(config.seed)
    network = LanguageNetwork(spec)
    adam = torch.optim.Adam(network.parameters(), config.learning_rate)
    history: list[Epoch] = []
    path = scratch / "prior.safetensors"
    if path.exists():
        state = read_checkpoint(path, label)
        network.load_state_dict(state.network)
        _restore_adam(adam, network, state.optimizer)
        history = state.history
    while len(history) < config.epochs:
        number = len(history) + 1
        with single_thread():
            loss = _run_epoch(network, adam, vocabulary, train, number, config, progress)
            held = mean_loss(network, vocabulary, held_out)
        history.append(Epoch(number, loss, held, best=number == config.epochs))
        write_checkpoint(path, label, State(network.state_dict(), {}, _adam_state(adam, network), history))
        progress(f"epoch {number} of {config.epochs}: {loss:.4f} nats a token, held out {held:.4f}")
    return Trained(network, vocabulary, history, skipped)


def mean_loss(network: LanguageNetwork, vocabulary: Vocabulary, keys: Sequence[str]) -> float:
    """Mean of minus the log-probability per token, ends included, in nats; unknown tokens left out."""
    found = [vocabulary.encode(key) for key in keys]
    known = sorted((each for each in found if each is not None), key=len)
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(known), 500):
            rows = torch.from_numpy(pad(known[start : start + 500]))
            total += float(network.token_losses(rows).sum())
    return total / max(1, sum(len(each) + 1 for each in known))


def _write_once(keys: Sequence[str], style: Style) -> list[str]:
    """As they will be written, where that is always alike."""
    rng = np.random.default_rng(0)  # nothing is drawn
    return [write(Chem.MolFromSmiles(key), style, rng) for key in keys] if style == "kekule" else list(keys)


def _learn_vocabulary(keys: Sequence[str], config: PriorConfig) -> Vocabulary:
    """Of the molecules as they will be written, each once."""
    rng = np.random.default_rng([config.seed, 0])
    return Vocabulary.of((_write(key, config.style, rng) for key in keys), at_least=config.at_least)


def _write(key: str, style: Style, rng: np.random.Generator) -> str:
    return key if style in FIXED else write(Chem.MolFromSmiles(key), style, rng)


def _run_epoch(
    network: LanguageNetwork,
    adam: torch.optim.Adam,
    vocabulary: Vocabulary,
    keys: Sequence[str],
    number: int,
    config: PriorConfig,
    progress: Callable[[str], object],
) -> float:
    """Every molecule once; the mean loss per token."""
    rng = np.random.default_rng([config.seed, number])
    steps = math.ceil(len(keys) / config.batch)
    total, tokens = 0.0, 0
    for done, rows in enumerate(_batches(keys, vocabulary, config, rng)):
        _set_rate(adam, (number - 1) * steps + done, config.epochs * steps, config)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.half):
            losses = network.token_losses(rows)
        n = int((losses > 0).sum())
        loss = losses.sum() / n
        _descend(adam, network, loss, config.clip)
        total, tokens = total + float(loss.detach()) * n, tokens + n
        if done % 500 == 499:
            progress(f"  epoch {number}, batch {done + 1:,} of {steps:,}: {total / tokens:.4f}")
    return total / tokens


def _batches(
    keys: Sequence[str], vocabulary: Vocabulary, config: PriorConfig, rng: np.random.Generator
) -> Iterator[Tensor]:
    """Rows of similar length, in random order."""
    order = rng.permutation(len(keys))
    size = config.batch
    for start in range(0, len(order), _CHUNK * size):
        texts = (_write(keys[i], config.style, rng) for i in order[start : start + _CHUNK * size])
        encoded = (vocabulary.encode(text) for text in texts)
        known = sorted((each for each in encoded if each is not None), key=len)
        firsts: NDArray[np.int64] = rng.permutation(np.arange(0, len(known), size))
        for first in firsts:
            yield torch.from_numpy(pad(known[first : first + size]))


def _set_rate(adam: torch.optim.Adam, step: int, steps: int, config: PriorConfig) -> None:
    cosine = (1 + math.cos(math.pi * min(1.0, step / steps))) / 2
    rate = config.final_rate + (config.learning_rate - config.final_rate) * cosine
    adam.param_groups[0]["lr"] = rate * min(1.0, (step + 1) / config.warm_up)


def _descend(adam: torch.optim.Adam, network: nn.Module, loss: Tensor, clip: float) -> None:
    adam.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), clip)
    adam.step()


def _adam_state(adam: torch.optim.Adam, network: nn.Module) -> dict[str, Tensor]:
    return {
        f"{name}/{part}": adam.state[parameter][part]
        for name, parameter in network.named_parameters()
        for part in ("step", "exp_avg", "exp_avg_sq")
    }


def _restore_adam(adam: torch.optim.Adam, network: nn.Module, state: dict[str, Tensor]) -> None:
    for name, parameter in network.named_parameters():
        adam.state[parameter] = {part: state[f"{name}/{part}"] for part in ("step", "exp_avg", "exp_avg_sq")}
