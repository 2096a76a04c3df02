"""screen, ending with its report: what ``molscreen.screen`` and the command line call."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

from molscreen.report.write import write_report
from molscreen.screening.results.run import Run
from molscreen.screening.screen import screen as screen_without_report

P = ParamSpec("P")


def reporting(function: Callable[P, Run]) -> Callable[P, Run]:
    """The same function, after which the run that it returns has its ``report.html``.

    The screening room cannot write a report itself: reports stand on a higher floor.
    """

    @functools.wraps(function)
    def with_report(*args: P.args, **kwargs: P.kwargs) -> Run:
        run = function(*args, **kwargs)
        write_report(run.path)
        return run

    return with_report


screen = reporting(screen_without_report)
