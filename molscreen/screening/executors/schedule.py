"""Schedule: which shard to work on next, and whom to blame when work fails. No processes here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from molscreen.errors import WorkerError
from molscreen.screening.shard import Shard

DEATHS_BEFORE_BISECTION = 2  # once may be bad luck: a killed process, a full machine
TRIALS_OF_ONE_ROW = 2  # the same, before a single row is blamed
ROUNDS = 3  # bisections of one shard that may find nobody before the run stops
SHARDS_ALIKE = 3  # so many shards failing with one text, and nothing done: the model is broken
ROWS_ALIKE = 64  # so many rows failing alone, each at one place and none done in between: it is not the rows
FAILURES_ALIKE = 16  # the same of one shard: itself twice, both halves, all quarters and eighths
BACK_OFF = (0.0, 0.0, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds, by failures in a row

_FAULT = {  # kind of failure -> status, code, sentence of the row that is to blame
    "died": ("crashed", "crashed", "ended the process that worked on it"),
    "timeout": ("timeout", "timeout", "stalled the process that worked on it"),
    "out_of_memory": ("out_of_memory", "out_of_memory", "took more memory than there is"),
    "exception": ("error", "exception", "made the model fail"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task failed: `kind` is died, timeout, out_of_memory, exception or left; `text` says more.

    The words of an exception may hold a structure: they are for its row. `place`, its type and where it
    was raised, is for the log.
    """

    kind: str
    text: str
    place: str = ""

    @property
    def in_brief(self) -> str:
        """What may stand in a log: never the words of an exception."""
        return self.place or self.text

    def fault(self) -> tuple[str, str, str]:
        """Status, code and reason of the row that is to blame for it."""
        status, code, sentence = _FAULT[self.kind]
        return status, code, f"{sentence}: {self.text}" if self.kind == "exception" else sentence


@dataclass(frozen=True, slots=True)
class Setback:
    """A task failed: the rows it held, and how it failed. For the log; the schedule sees to the rest."""

    shard: int
    first: int
    rows: int
    failure: Failure


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One shard to work through and commit, or a piece of one that is only tried.

    `low` is where the piece starts in its shard; for a whole shard, 0.
    """

    shard: Shard
    is_trial: bool = False
    low: int = 0


@dataclass(slots=True)
class _Case:
    """A shard that failed: how often, what is still to be tried, who was found."""

    shard: Shard
    failures: int = 0
    rounds: int = 0
    open_trials: int = 0
    single_rows: dict[int, int] = field(default_factory=dict)
    faults: dict[int, tuple[str, str, str]] = field(default_factory=dict)


class Schedule:
    """Hands out tasks until every shard is committed; executors report what became of each.

    A shard that failed twice is halved, and its halves are worked through without a commit,
    until single rows are found that fail alone, twice: 12 steps for 4,096 rows. They are marked,
    and the whole shard is worked through again without them, so that its batches, and with them
    its bytes, are those of every other run with the same outcome.

    Parameters
    ----------
    shards : iterable of Shard
        Read on demand: at most one is held besides those in work.
    is_proven : bool
        Whether the same workers have finished work before: then failures alike are their rows' fault.
    """

    def __init__(self, shards: Iterable[Shard], *, is_proven: bool = False) -> None:
        self._fresh: Iterator[Shard] = iter(shards)
        self._next: Shard | None = None
        self._again: deque[Task] = deque()
        self._cases: dict[int, _Case] = {}
        self._early: list[tuple[int, str]] = []  # shard and text of failures before any success
        self._in_a_row = 0
        self._alone = (0, "")  # single rows that failed one after the other, and how
        self.is_proven = is_proven

    @property
    def delay(self) -> float:
        """Seconds to wait before work is taken up again after failures."""
        return BACK_OFF[min(self._in_a_row, len(BACK_OFF) - 1)]

    def take(self) -> Task | None:
        """The next task; None if there is nothing to do now (work in flight may still fail)."""
        if self._again:
            return self._again.popleft()
        self.prefetch()
        shard, self._next = self._next, None
        return None if shard is None else Task(shard)

    def prefetch(self) -> None:
        """Read the next shard ahead, while the workers are busy."""
        if self._next is None:
            self._next = next(self._fresh, None)

    def give_back(self, task: Task, failure: Failure) -> Setback:
        """A task whose worker was lost through no fault of its rows: it comes again."""
        self._in_a_row += 1
        self._again.appendleft(task)
        return _setback(task, failure)

    def succeeded(self, task: Task) -> None:
        """A task was finished; a whole shard is committed."""
        self._in_a_row = 0
        n_worked_on = task.shard.batch.column("fault_status").null_count
        if n_worked_on:  # a shard of which every row is blamed proves nothing
            self.is_proven = True
            self._alone = (0, "")
        if task.is_trial:
            self._close_trial(self._cases[task.shard.index])
        else:
            self._cases.pop(task.shard.index, None)

    def failed(self, task: Task, failure: Failure) -> Setback:
        """A task ended its worker or raised; it, or pieces of it, will come again.

        Raises
        ------
        WorkerError
            Everything fails alike, or a shard fails although no row of it does. What may hold a structure is
            not in the message, but in its `words`.
        """
        self._in_a_row += 1
        self._refuse_if_alike(task, failure)
        case = self._cases.setdefault(task.shard.index, _Case(task.shard))
        if task.is_trial:
            self._narrow(case, task, failure)
        else:
            self._try_again(case, task, failure)
        return _setback(task, failure)

    def _try_again(self, case: _Case, task: Task, failure: Failure) -> None:
        """A whole shard failed: once more, or look for whom to blame."""
        case.failures += 1
        if case.failures == len(task.shard) == 1:
            self._refuse_if_every_row_fails(failure)
        if case.failures < DEATHS_BEFORE_BISECTION:
            self._again.append(task)
            return
        if case.rounds == ROUNDS:
            last = task.shard.first + len(task.shard) - 1
            raise WorkerError(
                f"shard {task.shard.index} (rows {task.shard.first} to {last})"
                f" fails again and again, and none of its rows fails alone: {failure.in_brief}",
                words=failure.text,
            )
        case.rounds += 1
        if len(case.shard) > 1:
            self._try_pieces(case, 0, len(case.shard))
            return
        case.faults[0] = failure.fault()  # who else
        self._again.append(Task(case.shard.with_faults(case.faults)))

    def _refuse_if_alike(self, task: Task, failure: Failure) -> None:
        if self.is_proven:
            return
        self._early.append((task.shard.index, failure.text))
        shards, texts = ({entry[i] for entry in self._early} for i in (0, 1))
        are_alike = len(shards) >= SHARDS_ALIKE and len(task.shard) > 1  # single rows may be the rows' fault
        if len(texts) == 1 and (are_alike or len(self._early) >= FAILURES_ALIKE):
            raise WorkerError(
                f"nothing could be finished: {len(self._early)} attempts failed alike: {failure.in_brief}",
                words=failure.text,
            )

    def _refuse_if_every_row_fails(self, failure: Failure) -> None:
        """A row failed alone for the first time, as the rows before it did: a licence ended, a file is gone.

        Of a model that fails on some rows others come in between.
        """
        n, how = self._alone
        self._alone = (n + 1 if how == failure.in_brief else 1, failure.in_brief)
        if self._alone[0] == ROWS_ALIKE:
            raise WorkerError(
                f"{ROWS_ALIKE} rows one after the other failed alike, each alone: {failure.in_brief}",
                words=failure.text,
            )

    def _narrow(self, case: _Case, task: Task, failure: Failure) -> None:
        """A piece failed: halve it, or blame it if it is one row and failed before."""
        if len(task.shard) > 1:
            self._try_pieces(case, task.low, task.low + len(task.shard))
            self._close_trial(case)
            return
        tried = case.single_rows[task.low] = case.single_rows.get(task.low, 0) + 1
        if tried == 1:
            self._refuse_if_every_row_fails(failure)
        if tried < TRIALS_OF_ONE_ROW:
            self._again.append(task)
            return
        case.faults[task.low] = failure.fault()
        self._close_trial(case)

    def _try_pieces(self, case: _Case, low: int, high: int) -> None:
        middle = (low + high + 1) // 2
        for start, stop in ((low, middle), (middle, high)):
            if start < stop:
                case.open_trials += 1
                self._again.append(Task(case.shard.slice(start, stop), is_trial=True, low=start))

    def _close_trial(self, case: _Case) -> None:
        """When the last piece is tried, the whole shard comes again, without those to blame."""
        case.open_trials -= 1
        if case.open_trials == 0:
            case.failures = DEATHS_BEFORE_BISECTION - 1
            self._again.append(Task(case.shard.with_faults(case.faults)))


def _setback(task: Task, failure: Failure) -> Setback:
    return Setback(task.shard.index, task.shard.first, len(task.shard), failure)
