"""Every error that molscreen raises on purpose, as one small tree.

    MolscreenError
    ├── UsageError            the call was wrong; nothing was started      exit code 2
    │   ├── ConfigError       a plan, training file, card or option
    │   ├── LibraryError      a file of structures or measurements cannot be read
    │   ├── BundleError       a bundle is missing, damaged or foreign
    │   └── ResumeError       the run folder belongs to another plan, input or bundle
    └── RunError              the work began and could not be finished     exit code 1
        ├── RunLockedError    another driver holds the run folder
        └── WorkerError       workers failed alike, or more often than is allowed

A `WeakModelWarning` is none: the work was done, and should not be relied on.

A molecule that cannot be used is not an error: it is a `Rejection` (`molscreen.chem.compound`).
Messages say where, what was wrong, what was expected and what to do, in lower case.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class MolscreenError(Exception):
    """Root of the tree; `exit_code` is what the command line returns for it."""

    exit_code = 1


class UsageError(MolscreenError):
    """The call was wrong and nothing was started."""

    exit_code = 2


class ConfigError(UsageError):
    """A plan, training file, dataset card or option is wrong."""


class LibraryError(UsageError):
    """A file of structures or measurements cannot be read as asked."""


class BundleError(UsageError):
    """A bundle is missing, damaged, or made for another featuriser."""


class ResumeError(UsageError):
    """A run folder was started with another plan, input or bundle."""


class RunError(MolscreenError):
    """The work began and could not be finished; what was committed is kept."""


class RunLockedError(RunError):
    """Another driver is working on the same run folder."""


class WorkerError(RunError):
    """Workers failed alike, or more often than the plan allows.

    Attributes
    ----------
    words : str
        What a model said when it failed. That may hold a structure, which is not for logs.
    """

    def __init__(self, message: str, *, words: str = "") -> None:
        super().__init__(message)
        self.words = words


class WeakModelWarning(UserWarning):
    """A model is not shown to beat a guess; the command line says it as a plain sentence."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the nearest known name, or the empty string.

    Upper and lower case are alike: ``PIC50`` is one key away from ``pIC50``.

    Examples
    --------
    >>> did_you_mean("HERG", ["hERG", "AMES"])
    " Did you mean 'hERG'?"
    """
    by_lower: dict[str, str] = {}
    for each in known:
        by_lower.setdefault(each.lower(), each)
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f" Did you mean '{by_lower[near[0]]}'?" if near else ""


def some_of(names: Iterable[str], most: int = 15) -> str:
    """The names in a row, or the first of them and how many there are: a message is read, a wall is not.

    Examples
    --------
    >>> some_of(["a", "b"]), some_of("abcd", most=2)
    ('a, b', 'a, b, … (4 in all)')
    """
    listed = list(names)
    more = f", … ({len(listed):,} in all)" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def did_you_mean_file(name: str, known: Iterable[str]) -> str:
    """The same for names of files: what comes after the first dot makes none of them near.

    Examples
    --------
    >>> did_you_mean_file("drug.csv", ["drugs.smi"]), did_you_mean_file("none.csv", ["honly.csv"])
    (" Did you mean 'drugs.smi'?", '')
    """
    stem, _, _ = name.partition(".")
    near = [each for each in known if did_you_mean(stem, [each.partition(".")[0]])]
    nearest = difflib.get_close_matches(name, near, n=1, cutoff=0.0)
    return f" Did you mean '{nearest[0]}'?" if nearest else ""
