"""Pace: how long a task may take before it counts as stalled, by what others took."""

from __future__ import annotations

UNKNOWN = 1800.0  # seconds, while none was finished
LEAST = 120.0  # seconds, for a worker that has to load, on a machine with much to do
SLOWER = 20  # times the slowest for as many rows; large molecules on a busy machine are a few times slower
ONE_ROW = 2  # times the slowest, however few the rows: one of them may have taken all its time


class Pace:
    """The deadline of the next task, of one tier.

    Parameters
    ----------
    fixed : float
        Seconds of every task, whatever others took; 0 to go by those.

    Examples
    --------
    >>> pace = Pace(0.0)
    >>> pace.allowed(4096)
    1800.0
    >>> pace.add(4096, 15.0)
    >>> [pace.allowed(rows) for rows in (4096, 2048, 1)]
    [300.0, 150.0, 120.0]
    """

    def __init__(self, fixed: float) -> None:
        self._fixed = fixed
        self._rows = 0
        self._seconds = 0.0

    def add(self, rows: int, seconds: float) -> None:
        """A task of so many rows was finished; of the largest ones, the slowest counts."""
        if rows >= self._rows:
            self._rows, self._seconds = rows, max(seconds, self._seconds)

    def allowed(self, rows: int) -> float:
        """Seconds that a task of so many rows may take."""
        if self._fixed:
            return self._fixed
        if not self._rows:
            return UNKNOWN
        return max(LEAST, ONE_ROW * self._seconds, SLOWER * self._seconds * rows / self._rows)
