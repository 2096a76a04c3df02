"""HitFrame: a pandas table of compounds that draws their structures in a notebook."""

from __future__ import annotations

import base64
import html
from typing import Any

import pandas as pd
from rdkit import rdBase

from molscreen.chem.depict import draw_svg
from molscreen.prediction.columns import TERM
from molscreen.screening.results.outputs import FOR_PROGRAMS

DRAWN = 30  # rows that a notebook draws
COLUMNS = 20  # that it shows of all, as pandas does
KEY = "key"  # the column that is drawn
BRIEF = ("rank", "id", "score", "in_domain", "status", "alerts")  # with the terms: what is read first


class HitFrame(pd.DataFrame):  # type: ignore[misc]  # pandas has no types here
    """The shortlist as a DataFrame; in Jupyter, a column of structures comes first.

    Of more columns than pandas would show (``pd.options.display.max_columns``, 20) those come that are read
    first: rank, id, score, domain, alerts, terms. Whoever wants others names them, ``key`` among them.

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
        shown = pd.DataFrame(self.head(DRAWN).loc[:, ~self.columns.isin(FOR_PROGRAMS)])
        keys = shown.loc[:, shown.columns == KEY].iloc[:, 0]
        limit = pd.get_option("display.max_columns")
        limit = COLUMNS if limit == 0 else limit  # 0 is as wide as the terminal; None is all
        if limit is not None and len(shown.columns) > limit:
            is_brief = [name in BRIEF or str(name).startswith(TERM) for name in shown.columns]
            shown = shown.loc[:, is_brief] if any(is_brief) else shown.iloc[:, :limit]
        names = _label_names(self.index)
        head = "".join(f"<th>{_cell(name)}</th>" for name in (*names, "structure", *shown.columns))
        rows = [
            "<tr>"
            + "".join(f"<th>{_cell(part)}</th>" for part in _parts(label, len(names)))
            + f"<td>{_picture(key)}</td>"
            + "".join(f"<td>{_cell(value)}</td>" for value in values)
            + "</tr>"
            for label, key, values in zip(
                shown.index, keys, shown.itertuples(index=False, name=None), strict=True
            )
        ]
        said = f"<p>{len(rows)} of {len(self)} rows, {len(shown.columns)} of {len(self.columns)} columns</p>"
        is_whole = (len(rows), len(shown.columns)) == self.shape
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        return table if is_whole else table + said


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
