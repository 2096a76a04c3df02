"""The first look beside the second: one plot is of one model, and where the two differ is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molscreen.number import number
from molscreen.report.content import Disagreement, Hit
from molscreen.report.page import render
from molscreen.report.reading import read_page
from molscreen.screening.folder.commit import parts, read_table


def with_second_look(run: Path, folder: Path, **changed: float) -> Path:
    """The run, as if the full model had said something else of the best compound."""
    shutil.copytree(run, folder)
    table = pq.read_table(folder / "shortlist.parquet")
    for name, value in changed.items():
        place = table.column_names.index(name)
        values = pa.array([value, *table[name].to_pylist()[1:]], table.schema.field(name).type)
        table = table.set_column(place, name, values)
    pq.write_table(table, folder / "shortlist.parquet")
    return folder


def first_look(run: Path, hit: Hit, column: str) -> float:
    """What the fast model said of a hit."""
    table = pa.concat_tables([read_table(part, ["key", column]) for part in parts(run / "scores")])
    return float(dict(zip(table["key"].to_pylist(), table[column].to_pylist(), strict=True))[hit.key])


def test_marks_are_among_the_molecules_that_the_bars_count(small_run: Path) -> None:
    """Each is taken for one of the molecules in the bar above it: none stands over an empty bin."""
    for plot in read_page(small_run).plots:
        assert len(plot.rug) == 5
        under = [sum(bar.x - 0.6 <= x <= bar.x + bar.width + 0.6 for bar in plot.bars) for x in plot.rug]
        assert all(under)


def test_mark_is_the_fast_models_and_the_card_the_full_ones(small_run: Path, tmp_path: Path) -> None:
    moved = with_second_look(small_run, tmp_path / "run", hERG=0.75)
    before, after = (read_page(folder) for folder in (small_run, moved))
    assert [plot.rug for plot in before.plots] == [plot.rug for plot in after.plots]
    assert not before.hits[0].terms[1].value.startswith("0.75")
    assert after.hits[0].terms[1].value.startswith("0.75")


@pytest.mark.parametrize(("apart", "is_told"), [(0.51, True), (-0.51, True), (0.49, False)])
def test_looks_that_disagree_strongly_are_told(
    small_run: Path, tmp_path: Path, apart: float, is_told: bool
) -> None:
    """More than half of the way from not met to met: the score rests on whom one believes."""
    hit = read_page(small_run).hits[0]
    met = first_look(small_run, hit, "term_hERG")
    told = read_page(with_second_look(small_run, tmp_path / "run", term_hERG=met + apart)).hits
    value = hit.terms[1].value
    fast = number(first_look(small_run, hit, "hERG"), "probability")
    expected = Disagreement(
        name="hERG", unit="", first=(fast, f"{met:.2f}"), second=(value, f"{met + apart:.2f}")
    )
    assert told[0].disagreements == ((expected,) if is_told else ())
    assert not any(each.disagreements for each in told[1:])


def test_card_says_what_either_look_saw(small_run: Path, tmp_path: Path) -> None:
    met = first_look(small_run, read_page(small_run).hits[0], "term_hERG")
    page = read_page(with_second_look(small_run, tmp_path / "run", term_hERG=met - 0.6))
    assert f"(met {met:.2f})" in render(page)
    assert f"(met {met - 0.6:.2f})" in render(page)
    assert "The two looks disagree" not in render(read_page(small_run))


def test_missing_number_disagrees_with_nothing(small_run: Path, tmp_path: Path) -> None:
    folder = with_second_look(small_run, tmp_path / "run", term_hERG=None)  # type: ignore[arg-type]
    assert not read_page(folder).hits[0].disagreements
