"""The cases of a data report as CSV, one line for each measurement, to mend the file by."""

from __future__ import annotations

from molscreen.data.csv_text import csv_text
from molscreen.data.quality.data_report import DataReport

COLUMNS = ("case", "fault", "endpoint", "id", "key", "value", "severity")


def list_cases(report: DataReport) -> str:
    """All cases; lines of one `case` belong together, and a larger `severity` is worse."""
    cases = [case for endpoint in report.endpoints for case in endpoint.cases]
    rows = (
        (number, case.fault, case.endpoint, each.id, each.key, each.value, f"{case.severity:.3g}")
        for number, case in enumerate(cases, start=1)
        for each in case.entries
    )
    return csv_text(COLUMNS, rows)
