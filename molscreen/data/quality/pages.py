"""The files of a data report: a page, and for a file of one's own every case as CSV."""

from __future__ import annotations

from molscreen.data.quality.data_report import DataReport
from molscreen.data.quality.listing import list_cases
from molscreen.data.quality.markdown import data_report

PAGE, LISTING = "data-report.md", "data-report.csv"


def data_pages(report: DataReport, *, with_rows: bool) -> dict[str, str]:
    """Name and text of each file.

    Parameters
    ----------
    report : DataReport
    with_rows : bool
        Whether the measurements belong to the reader, who may see values and structures, and all cases.
    """
    page = {PAGE: data_report(report, with_rows=with_rows)}
    return page | {LISTING: list_cases(report)} if with_rows else page
