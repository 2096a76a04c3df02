"""Progress off a terminal."""

from __future__ import annotations

import io

from molscreen.cli.progress import Progress, Ticker


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(counts: list[tuple[float, int]], total: int | None) -> list[str]:
    """What is written when `counts` (second, done) are reported."""
    stream, clock = io.StringIO(), Clock()
    with Progress("screen", stream=stream, clock=clock) as progress:
        for clock.now, done in counts:
            progress(done, total)
    return stream.getvalue().splitlines()


def test_one_line_per_ten_seconds() -> None:
    """A log of a long run stays short."""
    assert len(lines([(second / 10, second) for second in range(601)], 600)) == 6


def test_line_tells_rate_and_time_left() -> None:
    assert lines([(0, 0), (10, 1000)], 5000) == ["screen: 1,000 of 5,000 (20 %), 100/s, 0:00:40 left"]


def test_what_takes_longer_than_a_second_has_no_rate_of_zero() -> None:
    """An explanation takes some seconds: 0/s would be no news."""
    assert lines([(0, 0), (50, 20)], 100) == ["screen: 20 of 100 (20 %), 2.5 s each, 0:03:20 left"]


def test_rate_leaves_out_what_was_done_before() -> None:
    """A resumed run starts at 4,000; counting them as done in this second would promise too much."""
    assert lines([(0, 4000), (10, 4100)], 5000) == ["screen: 4,100 of 5,000 (82 %), 10/s, 0:01:30 left"]


def test_a_count_that_falls_back_is_of_something_else() -> None:
    """Rows of a library, then compounds that are explained: a hundred times slower."""
    seen = lines([(0, 0), (10, 5000), (20, 25), (30, 50)], 5000)
    assert seen[1:] == ["screen: 25 of 5,000 (0 %)", "screen: 50 of 5,000 (1 %), 2/s, 0:33:00 left"]


def test_unknown_total_promises_nothing() -> None:
    assert lines([(0, 0), (20, 1000)], None) == ["screen: 1,000, 50/s"]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_terminal_keeps_the_last_line_of_each_step() -> None:
    """Epochs overwrite each other; what was refused stays to be read."""
    stream = Terminal()
    with Ticker(stream=stream) as ticker:
        for line in ("4 of 9 rows refused", "member 1, epoch 1", "member 1, epoch 2", "baseline"):
            ticker(line)
    shown = [line.split("\r\x1b[K")[-1] for line in stream.getvalue().split("\n")[:-1]]
    assert shown == ["4 of 9 rows refused", "member 1, epoch 2", "baseline"]


def test_a_comma_between_thousands_ends_no_step() -> None:
    """Rows and cells are refused for different reasons: the second count does not take the first away."""
    stream = io.StringIO()
    with Ticker(stream=stream) as ticker:
        ticker("1,204 of 9,000 rows refused")
        ticker("1,310 cells cannot be read")
    assert len(stream.getvalue().splitlines()) == 2


def test_news_cannot_steer_the_terminal() -> None:
    """The name of an endpoint is a column of somebody's file."""
    stream = io.StringIO()
    with Ticker(stream=stream) as ticker:
        ticker("endpoint a\x1b[2Jb")
    assert stream.getvalue() == "endpoint a\\x1b[2Jb\n"
