"""Predictors that compute from the key: as deterministic as a network, and ready at once.

Named in plans as ``stand_in:flat`` and so on; worker processes import this module by that name.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.predictor import Prediction

ENDPOINTS = (
    Endpoint(name="potency", unit="pKi", direction="higher", role="activity", description="made up"),
    Endpoint(name="risk", kind="classification", unit="probability", direction="lower", role="toxicity"),
)
LETHAL = "OOOOO"  # a key with this chain ends, stalls or upsets the predictors that look for it


class Flat:
    """Potency from carbons and nitrogens, risk from oxygens; in domain up to 40 characters."""

    endpoints = ENDPOINTS

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        assert graphs is None or len(graphs) == len(keys)
        carbons = np.array([key.upper().count("C") for key in keys], float)
        nitrogens = np.array([key.upper().count("N") for key in keys], float)
        oxygens = np.array([key.upper().count("O") for key in keys], float)
        mean = np.stack([4 + 0.1 * carbons + 0.37 * nitrogens, 1 - np.exp(-0.2 * oxygens)], axis=1)
        mean = mean.reshape(len(keys), 2).astype(np.float32)
        distance = np.array([len(key) / 40 for key in keys], np.float32)
        return Prediction(ENDPOINTS, mean, mean * 0 + 0.1, mean - 0.5, mean + 0.5, distance, distance <= 1)


class Nothing(Flat):
    """Has no opinion on compounds with bromine."""

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        prediction = super().predict(keys, graphs)
        prediction.mean[["Br" in key for key in keys], 0] = np.nan
        return prediction


class Lethal(Flat):
    """Ends its process at a `LETHAL` key, as a bug in C++ would."""

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        if any(LETHAL in key for key in keys):
            self.suffer()
        return super().predict(keys, graphs)

    def suffer(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Upset(Lethal):
    """Raises at a `LETHAL` key."""

    def suffer(self) -> None:
        raise ArithmeticError("the chain is too long")


class Stuck(Lethal):
    """Never comes back from a `LETHAL` key."""

    def suffer(self) -> None:
        time.sleep(600)


class Broken(Flat):
    """Raises at every key."""

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        if keys:
            raise RuntimeError("shapes differ")
        return super().predict(keys, graphs)


class Slow(Flat):
    """Takes 2 ms a compound, so that there is time to be killed."""

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        time.sleep(0.002 * len(keys))
        return super().predict(keys, graphs)


class Hungry(Lethal):
    """Asks for all the memory that there is at a `LETHAL` key, under a limit as `ulimit -v` sets one."""

    def suffer(self) -> None:
        before = resource.getrlimit(resource.RLIMIT_AS)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (256 << 20), before[1]))
        eaten = []
        try:
            while True:
                eaten.append(bytearray(64 << 20))
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)


class Wild(Lethal):
    """Reads where nothing is at a `LETHAL` key: a segmentation fault."""

    def suffer(self) -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no dump of a death that is meant
        ctypes.string_at(0)


class Paced(Flat):
    """Takes as many seconds a compound as ``$HOME/pace`` says at any time; where there is none, 10 ms."""

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        begun = time.monotonic()
        while time.monotonic() < begun + self.pace() * len(keys):
            time.sleep(0.02)
        return super().predict(keys, graphs)

    @staticmethod
    def pace() -> float:
        try:
            return float((Path.home() / "pace").read_text())
        except (FileNotFoundError, ValueError):
            return 0.01


class Endless(Flat):
    """Is still at its first shard when everybody has gone home."""

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        if len(keys):
            time.sleep(600)
        return super().predict(keys, graphs)


class Greasy:
    """Another bundle, with another endpoint and another domain."""

    endpoints = (Endpoint(name="grease", unit="logP", direction="lower"),)

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        said = Flat().predict(keys, graphs)
        mean, std, low, high = (part[:, :1] for part in (said.mean, said.std, said.low, said.high))
        distance = np.array([key.count("c") / 10 for key in keys], np.float32)
        return Prediction(self.endpoints, mean, std, low, high, distance, distance <= 1)


def flat() -> Flat:
    return Flat()


def nothing() -> Nothing:
    return Nothing()


def lethal() -> Lethal:
    return Lethal()


def stuck() -> Stuck:
    return Stuck()


def upset() -> Upset:
    return Upset()


def broken() -> Broken:
    return Broken()


def endless() -> Endless:
    return Endless()


def slow() -> Slow:
    return Slow()


def paced() -> Paced:
    return Paced()


def hungry() -> Hungry:
    return Hungry()


def wild() -> Wild:
    return Wild()


def greasy() -> Greasy:
    return Greasy()
