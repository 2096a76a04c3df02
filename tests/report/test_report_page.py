"""The report: one page, complete, harmless, readable."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import json
import re
import shutil
import types
import typing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molscreen.errors import ResumeError, RunError
from molscreen.number import percent
from molscreen.provenance import RunRecord
from molscreen.report.content import Caution, Page
from molscreen.report.hits import DRAWN_ATOMS, read_hits
from molscreen.report.legend import Legend, read_legend
from molscreen.report.number import number
from molscreen.report.page import render
from molscreen.report.reading import HITS, read_page
from molscreen.report.write import write_report

HOSTILE = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Every tag with its attributes, all text, and the text of every table, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.tables: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.tables:
            self.tables[-1] += f"{data}\n"


@pytest.fixture(scope="module")
def html(small_run: Path) -> str:
    return (small_run / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Reader:
    return Reader(html)


@pytest.fixture
def two_bundles(small_run: Path, tmp_path: Path) -> Path:
    """The run, as if a second bundle had been there that the score does not use and that knows nothing."""
    folder = tmp_path / "two"
    shutil.copytree(small_run, folder)
    record = RunRecord.from_json((folder / "run.json").read_text(encoding="utf-8"))
    bundles = [*record.execution["bundles"], {"name": "aside", "source": "", "digest": "", "endpoints": []}]
    execution = {**record.execution, "bundles": bundles}
    (folder / "run.json").write_text(dataclasses.replace(record, execution=execution).to_json())
    shortlist = pq.read_table(folder / "shortlist.parquet")
    verdicts = {"tiny": shortlist["in_domain"], "aside": pa.array([False] * len(shortlist))}
    for name, verdict in verdicts.items():
        shortlist = shortlist.append_column(f"in_domain_{name}", verdict)
    pq.write_table(shortlist, folder / "shortlist.parquet")
    return folder


def filled(kind: Any, text: str) -> Any:
    """A value of a type in which every text is `text`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is str:
        return text
    if kind in (int, float):
        return kind(1)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{field.name: filled(hints[field.name], text) for field in dataclasses.fields(kind)})
    if origin in (types.UnionType, typing.Union):
        return filled(arguments[0], text)
    if origin is tuple:
        return tuple(filled(each, text) for each in arguments if each is not Ellipsis)
    if kind is bool:
        return True
    return {text: filled(arguments[1], text)}  # the mappings


def test_every_text_is_escaped() -> None:
    """Whatever field an attacker controls, the page holds the tags that it holds without him."""
    attacked, harmless = (Reader(render(filled(Page, text))) for text in (HOSTILE, "aspirin"))
    assert [(tag, list(a)) for tag, a in attacked.tags] == [(tag, list(a)) for tag, a in harmless.tags]
    assert attacked.text.count(HOSTILE) == harmless.text.count("aspirin") > 20


def test_molecule_named_script_stays_a_name(page: Reader) -> None:
    assert "<script>alert(1)</script>" in page.text
    assert '"><img src=x onerror=alert(1)>' in page.text
    assert "script" not in dict(page.tags)


def test_characters_that_nobody_sees_are_shown() -> None:
    """A name with a right-to-left override is read backwards, and what stands after it as well."""
    page = render(filled(Page, "\u202egnp.exe\x07 \u05d0"))
    assert not set(page) & {"\u202e", "\x07"}
    assert page.count("\\u202egnp.exe\\x07 \u05d0") > 20


def test_head_names_files_and_not_their_folders(small_run: Path, page: Reader) -> None:
    """The page is sent around; folder and user names are nobody's business."""
    assert read_page(small_run).libraries == ("library.csv",)
    assert str(small_run.parent.parent) not in page.text.partition("Provenance")[0]


def test_page_needs_nothing_from_elsewhere(page: Reader, html: str) -> None:
    """It opens offline, and tells nobody that it was opened."""
    for _, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/svg+xml,"))
    assert "url(" not in html
    assert "@import" not in html


def test_policy_allows_exactly_this_style(page: Reader, html: str) -> None:
    """The last line of defence: even an unescaped tag could not run or load anything."""
    [policy] = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert f"style-src 'sha256-{digest}'" in policy
    assert not [tag for tag, attributes in page.tags if "style" in attributes]


def test_every_image_is_a_drawing_with_words(page: Reader) -> None:
    """For those who cannot see it, and for the validity of each SVG."""
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(images) >= 5
    for image in images:
        assert image["alt"]
        root = ElementTree.fromstring(unquote(str(image["src"]).partition(",")[2]))
        assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 3


def test_ranking_is_the_shortlists(small_run: Path) -> None:
    table = pq.read_table(small_run / "shortlist.parquet")
    hits = read_page(small_run).hits
    assert [hit.key for hit in hits] == table["key"].to_pylist()
    assert [hit.score for hit in hits] == table["score"].to_pylist()
    assert [len(hit.terms) for hit in hits] == [3] * 5


def test_overview_names_every_hit_and_leads_to_its_card(small_run: Path) -> None:
    """A hundred cards are fifty rows of them: without a list nobody finds the seventh, or prints one page."""
    content = read_page(small_run)
    outside = Caution(text="2 of the 9 shortlisted lie outside", ranks=(2, 9), unlisted=3)
    html = render(dataclasses.replace(content, cautions=(outside,)))
    overview = html.split('id="overview"')[1].split("</table>")[0]
    assert re.findall(r'href="#(hit-\d)"', overview) == [f"hit-{hit.rank}" for hit in content.hits]
    told = [hit.least for hit in content.hits]
    assert [min(term.desirability for term in hit.terms) for hit in content.hits] == [
        term.desirability for term in told if term
    ]
    assert all(f">{term.name}</td>" in overview for term in told if term)
    assert '2 of the 9 shortlisted lie outside: ranks <a href="#hit-2">2</a>, 9 and 3 more' in html
    empty = render(dataclasses.replace(content, hits=(), cautions=()))
    assert "#overview" not in empty


def test_counts_reconcile(small_run: Path, page: Reader) -> None:
    """Ten rows went in, and the page says where each went."""
    content = read_page(small_run)
    assert content.read == 10 == content.scored + content.unscored + content.rejected
    assert sum(refused.count for refused in content.refused) == content.rejected
    assert f"10 read = {content.scored} scored" in page.text


def test_funnel_never_widens(small_run: Path) -> None:
    steps = {step.name: step.count for step in read_page(small_run).steps}
    assert list(steps.values()) == sorted(steps.values(), reverse=True)
    assert (steps["rows scored"], steps["different compounds in them"]) == (8, 7)  # aspirin is there twice


def test_guide_says_what_every_row_was_asked(small_run: Path, page: Reader) -> None:
    """Rules wait for the second look; a plan that refuses what is outside the domain does so at the first."""
    refused = "what lies outside its domain is refused, whatever the row"
    assert refused not in page.text
    assert "and the rules were asked of no others" in page.text
    strict = Reader(render(dataclasses.replace(read_page(small_run), refuses_outside=True)))
    assert refused in strict.text
    assert (
        "the plan’s other rules; only these can be listed, and these rules were asked of no others"
        in strict.text
    )


def test_refused_rows_are_shown_as_received(small_run: Path, page: Reader) -> None:
    """Whoever looks for a name finds what became of it."""
    [carbon] = [each for each in read_page(small_run).refused if each.code == "valence"]
    [row] = carbon.examples
    assert (row.id, row.place, row.text) == ("no such carbon", "library.csv:8", "CC(C)(C)(C)C")
    assert "five bonds" in row.reason
    assert "no such carbon" in page.text


def test_examples_of_refusals_do_not_depend_on_the_width_of_a_cell(small_run: Path, tmp_path: Path) -> None:
    """Python's csv module reads at most 131,072 characters: such a row once broke the report for good."""
    copy = shutil.copytree(small_run, tmp_path / "run")
    rejections = copy / "rejections.csv"
    rejections.write_text(rejections.read_text().replace("no such carbon", "x" * 200_000))
    assert read_page(copy).refused == read_page(small_run).refused


def test_users_fields_are_shown_unchanged(small_run: Path) -> None:
    [hit] = [hit for hit in read_page(small_run).hits if hit.name == "diazepam"]
    assert hit.fields == {"batch": "00123"}


def test_row_that_repeats_a_structure_is_found_at_its_hit(small_run: Path) -> None:
    hits = read_hits(*with_first(small_run, duplicates=json.dumps(["aspirin again", *["copy"] * 21])))
    page = Reader(render(dataclasses.replace(read_page(small_run), hits=hits)))
    assert "also in the library as\naspirin again, copy" in "\n".join(page.tables)
    assert " and 2 more" in page.text
    assert page.text.count("also in the library as") == 1


def with_first(folder: Path, **cells: str) -> tuple[pa.Table, Legend]:
    """The run's shortlist, its first compound, and no other, with these cells; and its legend."""
    table = pq.read_table(folder / "shortlist.parquet")
    for name, cell in cells.items():
        column = pa.array([cell, *[""] * (len(table) - 1)])
        table = table.set_column(table.column_names.index(name), name, column)
    record = RunRecord.from_json((folder / "run.json").read_text(encoding="utf-8"))
    return table, read_legend(record)


def test_page_says_how_far_to_trust_it(page: Reader) -> None:
    assert "Research use only" in page.text
    assert "in domain" in page.text
    assert "90 %" in page.text


def test_bounds_are_named_for_what_they_are(page: Reader, small_run: Path) -> None:
    """Bounds of a probability are two calibrated probabilities; only a measured quantity has an interval."""
    hit = read_page(small_run).hits[0]
    assert {each.name: each.bounds for each in hit.estimates} == {
        "pIC50": "90 % interval",
        "hERG": "Venn-ABERS bounds",
    }
    measured = [text for text in page.tables if "Measured quantities" in text]
    probable = [text for text in page.tables if "Probabilities" in text]
    assert len(measured) == len(probable) == 5
    assert all("90 %" in text and "pIC50" in text and "hERG" not in text for text in measured)
    assert all("Venn-ABERS" in text and "hERG" in text and "90 %" not in text for text in probable)


def test_estimate_has_its_place_among_drugs(page: Reader, small_run: Path, tmp_path: Path) -> None:
    """As the shortlist has it, explained by the guide; nothing of it where the bundle did not know."""
    table = pq.read_table(small_run / "shortlist.parquet")
    for hit, text in zip(read_page(small_run).hits, table["drug_percentiles"].to_pylist(), strict=True):
        told = {each.name: each.drugs_below for each in hit.estimates}
        assert told == {name: percent(value) for name, value in json.loads(text).items()}
        assert set(told) == {"pIC50", "hERG"}
    assert sum("Drugs" in text for text in page.tables) == 10
    assert "Where the value lies among approved drugs" in page.text
    for place, older in enumerate((_without(table), table.drop_columns(["drug_percentiles"]))):
        folder = shutil.copytree(small_run, tmp_path / str(place))
        pq.write_table(older, folder / "shortlist.parquet")
        text = Reader(render(read_page(folder))).text
        assert "drugs below" not in " ".join(text.split()).lower()


def _without(table: pa.Table) -> pa.Table:
    """A shortlist by bundles that do not know the drugs."""
    place = table.column_names.index("drug_percentiles")
    return table.set_column(place, "drug_percentiles", pa.array(["{}"] * len(table)))


def test_guide_says_why_a_value_lies_on_its_bound(page: Reader) -> None:
    assert "not a 90 % interval" in page.text
    assert "the value often lies on a bound" in page.text


def test_wish_shows_its_range_and_the_value_that_it_is_judged_by(small_run: Path) -> None:
    """Else a value of 0.151 and one of 0.140 are met alike, and nobody can see why."""
    table = pq.read_table(small_run / "shortlist.parquet")
    legend = read_legend(RunRecord.from_json((small_run / "run.json").read_text(encoding="utf-8")))
    cautious = {name: {**legend.terms[name], "bound": "pessimistic"} for name in ("pIC50", "hERG")}
    plain, careful = (
        {term.name: term for term in read_hits(table, each)[0].terms}
        for each in (legend, dataclasses.replace(legend, terms={**legend.terms, **cautious}))
    )
    low, high = (
        number(table["pIC50_low"][0].as_py(), "-log10(mol/L)"),
        number(table["hERG_high"][0].as_py(), "probability"),
    )
    assert careful["hERG"].judged == f"by its upper bound, {high}"
    assert careful["pIC50"].judged == f"by its lower bound, {low}"
    assert plain["hERG"].interval.endswith(f" to {high}")
    assert {term.judged for term in plain.values()} == {""}
    assert plain["QED"].interval == ""
    hits = read_hits(table, dataclasses.replace(legend, terms=cautious))
    html = render(dataclasses.replace(read_page(small_run), hits=hits))
    assert f"judged by its upper bound, {high}" in Reader(html).text
    overview = html.split('id="overview"')[1].split("</table>")[0]
    told = [hit.least.judged for hit in hits if hit.least and hit.least.judged]
    assert told
    assert all(f"judged {each}</span>" in overview for each in told)


def test_missing_bound_is_neither_told_nor_drawn(small_run: Path) -> None:
    """Drawn at the end of the axis it would look like a value."""
    table = pq.read_table(small_run / "shortlist.parquet")
    record = RunRecord.from_json((small_run / "run.json").read_text(encoding="utf-8"))
    nothing = pa.nulls(len(table), table.schema.field("pIC50_low").type)
    for name in ("pIC50_low", "pIC50_high"):
        table = table.set_column(table.column_names.index(name), name, nothing)
    estimate = read_hits(table, read_legend(record))[0].estimates[0]
    assert (estimate.interval, estimate.x_low, estimate.x_high) == ("–", None, None)


def test_a_compound_that_was_measured_is_said_to_be(small_run: Path) -> None:
    """A chemist would defend a memory as a prediction."""
    table = pq.read_table(small_run / "shortlist.parquet")
    record = RunRecord.from_json((small_run / "run.json").read_text(encoding="utf-8"))
    said = [json.loads(text)["tiny"]["nearest"][0][1] for text in table["neighbours"].to_pylist()]
    told = [hit.analogues[0].verdict for hit in read_hits(table, read_legend(record))]
    assert 1 in said
    for similarity, verdict in zip(said, told, strict=True):
        assert verdict.startswith("it was measured itself") == (similarity == 1)
        assert "for pIC50" in verdict


def test_neighbours_that_trained_any_endpoint_are_not_said_to_be_measured_for_one(small_run: Path) -> None:
    """As a bundle without activities tells them, and every run of before."""
    table = pq.read_table(small_run / "shortlist.parquet")
    record = RunRecord.from_json((small_run / "run.json").read_text(encoding="utf-8"))
    said = [json.loads(text) for text in table["neighbours"].to_pylist()]
    for each in said:
        del each["tiny"]["measured"]
    older = pa.array([json.dumps(each) for each in said])
    hits = read_hits(
        table.set_column(table.column_names.index("neighbours"), "neighbours", older), read_legend(record)
    )
    assert all("for some endpoint" in hit.analogues[0].verdict for hit in hits)
    page = read_page(small_run)
    kept = "measured for is not kept"
    assert kept in render(dataclasses.replace(page, hits=hits))
    assert kept not in render(page)


def test_each_bundles_domain_is_shown_where_there_are_several(two_bundles: Path, small_run: Path) -> None:
    content = read_page(two_bundles)
    inside = {True: "inside", False: "outside"}
    for hit in content.hits:
        assert [(d.bundle, d.verdict, d.counts) for d in hit.domains] == [
            ("tiny", inside[bool(hit.in_domain)], True),
            ("aside", "outside", False),
        ]
    assert not any(
        "domain of aside" in caution.text for caution in content.cautions
    )  # it is not in the score
    assert "aside outside (not in the score)" in Reader(render(content)).text
    assert not any(hit.domains for hit in read_page(small_run).hits)


def test_guide_says_whose_domain_counts(page: Reader) -> None:
    assert "every bundle that the score uses" in page.text


def test_names_break_after_underscores_and_stay_escaped() -> None:
    """Clearance_microsome is wider than its column; <b> is still no tag."""
    hostile, harmless = (Reader(render(filled(Page, text))) for text in ("a_<b>_c", "a_d_c"))
    tags = [[tag for tag, _ in reader.tags] for reader in (hostile, harmless)]
    assert tags[0] == tags[1]
    assert tags[0].count("wbr") > 20
    assert hostile.text.count("a_<b>_c") == harmless.text.count("a_d_c") > 20


def test_notes_are_counted_by_code(small_run: Path) -> None:
    """A quarter of a vendor's rows have undefined stereo: one line says so, not one each."""
    content = read_page(small_run)
    [ibuprofen] = [each for each in content.noted if each.code == "stereo undefined"]
    assert (ibuprofen.count, ibuprofen.example[:15]) == (1, "1 stereocentre ")
    assert sum(each.count for each in content.noted) <= content.scored
    assert [each.count for each in content.noted] == sorted((n.count for n in content.noted), reverse=True)


def test_hit_has_a_badge_for_every_note(small_run: Path) -> None:
    """Of a salt with an open centre, too."""
    codes = "stereo_undefined; salt_stripped"
    hits = read_hits(*with_first(small_run, reason_code=codes, status="warning"))
    assert [hit.warnings for hit in hits] == [("stereo undefined", "salt stripped"), (), (), (), ()]
    shown = render(dataclasses.replace(read_page(small_run), hits=hits))
    assert shown.count('<span class="badge unknown">salt stripped</span>') == 1


def test_part_of_the_shortlist_is_called_a_part(small_run: Path) -> None:
    content = read_page(small_run)
    part = Reader(render(dataclasses.replace(content, shortlisted=1500))).text
    assert "Best 5 of 1,500; all in shortlist.csv" in part
    assert "the best 5 of the shortlist" in part
    assert "All 5, as in shortlist.csv" in Reader(render(content)).text


def test_examples_of_a_rejection_are_called_examples(small_run: Path) -> None:
    content = read_page(small_run)
    many = tuple(dataclasses.replace(each, count=2025) for each in content.refused)
    assert (
        "First 1 of 2,025; all in rejections.csv"
        in Reader(render(dataclasses.replace(content, refused=many))).text
    )


def with_counterfactual(folder: Path, **changes: object) -> tuple[pa.Table, Legend]:
    """The run's shortlist, as if its first compound, and no other, had a counterfactual."""
    said = {"key": "Oc1ccccc1", "change": "Cl → OH", "similarity": 0.827, "from": 0.712, "to": 0.281}
    first = json.dumps({"hERG": {**said, "better": True, **changes}})
    return with_first(folder, counterfactuals=first)


@pytest.mark.parametrize(
    ("better", "verb"), [(True, "mend hERG"), (False, "spoil hERG"), (None, "turn hERG round")]
)
def test_small_change_is_told_and_drawn(small_run: Path, better: bool | None, verb: str) -> None:
    hits = read_hits(*with_counterfactual(small_run, better=better))
    page = Reader(render(dataclasses.replace(read_page(small_run), hits=hits)))
    told = " ".join(page.text.split())
    assert (
        f"Cl → OH takes hERG from 0.71 (Venn-ABERS bounds {hits[0].terms[1].interval}) to 0.28;"
        " the wish is met ≤ 0.2, not met ≥ 0.9. Similarity 0.83. Oc1ccccc1"
    ) in told
    assert told.count(f"A small change that would {verb}, by the models") == 1
    assert [a["alt"] for _, a in page.tags if a.get("alt") == "analogue after Cl → OH"]
    assert [len(hit.whatifs) for hit in hits] == [1] + [0] * (len(hits) - 1)


def test_shortlist_of_an_older_run_has_no_small_changes(small_run: Path) -> None:
    table, legend = with_counterfactual(small_run)
    assert not any(hit.whatifs for hit in read_hits(table.drop_columns(["counterfactuals"]), legend))


@pytest.mark.parametrize("key", ["C" * 300, "no SMILES"])
def test_hit_that_cannot_be_drawn_does_not_lose_the_report(small_run: Path, key: str) -> None:
    table = pq.read_table(small_run / "shortlist.parquet")
    record = RunRecord.from_json((small_run / "run.json").read_text(encoding="utf-8"))
    keys = pa.array([key, *table["key"].to_pylist()[1:]])
    hits = read_hits(table.set_column(table.column_names.index("key"), "key", keys), read_legend(record))
    drawings = [unquote(hit.picture.source) for hit in hits]
    assert ("300 heavy atoms: too large to draw" in drawings[0]) == (key != "no SMILES")
    assert "<path" not in drawings[0]
    assert all("<path" in drawing for drawing in drawings[1:])


def test_paper_keeps_each_molecule_whole(html: str) -> None:
    style = html.split("<style>")[1].split("</style>")[0]
    [card] = re.findall(r"^\.hit \{(.*)\}", style, re.MULTILINE)
    assert "break-inside: avoid" in card
    assert "overflow-wrap: anywhere" not in "".join(re.findall(r"^.*\bth\b.*$", style, re.MULTILINE))


def test_headings_and_tables_are_navigable(page: Reader) -> None:
    """A screen reader moves by headings, landmarks and table headers."""
    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert {"main", "nav", "header"} <= {tag for tag, _ in page.tags}
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    targets = {str(a["href"])[1:] for tag, a in page.tags if tag == "a"}
    assert targets <= set(identifiers)


def test_hundred_hits_fit_in_five_megabytes(small_run: Path) -> None:
    """By what hits take here, drugs all; atoms are drawn for the first few alone."""
    content = read_page(small_run)
    plain = tuple(dataclasses.replace(hit, attributions=()) for hit in content.hits)
    many = (content.hits * HITS)[:DRAWN_ATOMS] + (plain * HITS)[: HITS - DRAWN_ATOMS]
    assert len(many) == 100
    assert len(render(dataclasses.replace(content, hits=many))) < 5e6


def test_report_is_made_anew_from_the_folder(small_run: Path, tmp_path: Path, html: str) -> None:
    """Only the folder is needed: it may have been moved, and the bundles may be gone."""
    moved = tmp_path / "moved"
    shutil.copytree(small_run, moved)
    (moved / "report.html").unlink()
    assert write_report(moved).read_text(encoding="utf-8") == html


def test_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResumeError, match=r"no run here \(no run.json\)"):
        write_report(tmp_path)


def test_run_that_is_not_complete_is_refused(small_run: Path, tmp_path: Path) -> None:
    record = RunRecord.from_json((small_run / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "run.json").write_text(dataclasses.replace(record, state="running", counts=None).to_json())
    with pytest.raises(RunError, match="not complete"):
        write_report(tmp_path)
