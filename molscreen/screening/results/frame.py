"""HitFrame: a pandas table of compounds that draws their structures in a notebook."""

from __future__ import annotations

import base64
import html
from typing import Any

import pandas as pd

from molscreen.chem.depict import draw_svg
from molscreen.screening.results.outputs import FOR_PROGRAMS

DRAWN = 30  # rows that a notebook draws


class HitFrame(pd.DataFrame):  # type: ignore[misc]  # pandas has no types here
    """The shortlist as a DataFrame; in Jupyter, a column of structures comes first.

    Every text is escaped, and drawings are images, not markup: a molecule named ``<script>``
    stays a name.
    """

    @property
    def _constructor(self) -> type[HitFrame]:
        return HitFrame

    def _repr_html_(self) -> str:
        shown = self.head(DRAWN).drop(columns=[name for name in FOR_PROGRAMS if name in self.columns])
        head = "".join(f"<th>{html.escape(str(name))}</th>" for name in ["structure", *shown.columns])
        rows = [
            f"<tr><td>{_picture(row.get('key'))}</td>"
            + "".join(f"<td>{html.escape(_text(value))}</td>" for value in row.values())
            + "</tr>"
            for row in shown.to_dict("records")
        ]
        more = f"<p>{len(self) - DRAWN} more rows</p>" if len(self) > DRAWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}"


def _picture(key: Any) -> str:
    """The structure as an image; nothing where there is no key."""
    if not isinstance(key, str) or not key:
        return ""
    data = base64.b64encode(draw_svg(key, size=(200, 150)).encode()).decode()
    return f'<img alt="{html.escape(key)}" src="data:image/svg+xml;base64,{data}">'


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    return "" if value is None or value is pd.NA else str(value)
