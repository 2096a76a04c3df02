"""HitFrame: a pandas table of compounds that draws their structures in a notebook."""

from __future__ import annotations

import base64
import html
from typing import Any

import pandas as pd
from rdkit import rdBase

from molscreen.chem.depict import draw_svg
from molscreen.screening.results.outputs import FOR_PROGRAMS

DRAWN = 30  # rows that a notebook draws
KEY = "key"  # the column that is drawn


class HitFrame(pd.DataFrame):  # type: ignore[misc]  # pandas has no types here
    """The shortlist as a DataFrame; in Jupyter, a column of structures comes first.

    Every text is escaped, and drawings are images, not markup: a molecule named ``<script>``
    stays a name. A table that was made of it and has no compounds, such as means of groups, is shown as
    pandas shows it.
    """

    @property
    def _constructor(self) -> type[HitFrame]:
        return HitFrame

    def _repr_html_(self) -> str | None:
        if KEY not in list(self.columns):
            html_of_pandas: str | None = super()._repr_html_()
            return html_of_pandas
        shown = self.head(DRAWN).loc[:, ~self.columns.isin(FOR_PROGRAMS)]
        names = _label_names(self.index)
        head = "".join(f"<th>{_cell(name)}</th>" for name in (*names, "structure", *shown.columns))
        place = list(shown.columns).index(KEY)
        rows = [
            "<tr>"
            + "".join(f"<th>{_cell(part)}</th>" for part in _parts(label, len(names)))
            + f"<td>{_picture(values[place])}</td>"
            + "".join(f"<td>{_cell(value)}</td>" for value in values)
            + "</tr>"
            for label, values in zip(shown.index, shown.itertuples(index=False, name=None), strict=True)
        ]
        more = f"<p>{len(self) - DRAWN} more rows</p>" if len(self) > DRAWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}"


def _label_names(index: pd.Index) -> list[Any]:
    """What the row labels are called, level by level; none where they only count rows."""
    only_counts = index.nlevels == 1 and index.name is None and pd.api.types.is_integer_dtype(index)
    return [] if only_counts else ["" if name is None else name for name in index.names]


def _parts(label: Any, levels: int) -> tuple[Any, ...]:
    """A row's label, level by level."""
    return label if levels > 1 else (label,) * levels


def _picture(key: Any) -> str:
    """The structure as an image; nothing where there is no key, or a column of the user's has its name."""
    if not isinstance(key, str) or not key:
        return ""
    try:
        with rdBase.BlockLogs():
            drawing = draw_svg(key, size=(200, 150))
    except ValueError:
        return ""
    data = base64.b64encode(drawing.encode()).decode()
    return f'<img alt="{html.escape(key)}" src="data:image/svg+xml;base64,{data}">'


def _cell(value: Any) -> str:
    return html.escape(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    return "" if value is None or value is pd.NA else str(value)
