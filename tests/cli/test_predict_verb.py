"""``molscreen predict``: what is asked about, what is refused, and what its table says of a range."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app
from molscreen.cli.predict import names_file
from molscreen.prediction.bundle.bundle_file import save_bundle
from molscreen.prediction.certainty.neighbours import NeighbourDomain
from tests.prediction.tiny_bundle import drug_keys
from tests.prediction.tiny_bundle import tiny_bundle as mixed_bundle


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call, in this process."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_range_says_what_it_is(tiny_bundle: Path) -> None:
    """Bounds of a probability are not a 90 % interval of it, and a reader of the table cannot guess."""
    _, out, _ = run("predict", "CC(=O)Oc1ccccc1C(=O)O", "--bundle", tiny_bundle)
    kind = {line.split()[0]: line for line in out.splitlines() if line.startswith((" pIC50", " hERG"))}
    assert "90 % interval" in kind["pIC50"]
    assert "Venn-ABERS bounds" in kind["hERG"]


def test_each_endpoint_with_a_domain_of_its_own_says_where_a_compound_lies(tmp_path: Path) -> None:
    """`explain` says it of one endpoint, so `predict` may not say it of all together alone."""
    place, keys = np.arange(200), drug_keys()[:200]
    measured = {"LogD": place < 120, "half-life": place >= 100}
    domain = NeighbourDomain.fit(keys, keys, place % 5 == 0, measured=measured)
    folder = tmp_path / "mixed"
    save_bundle(dataclasses.replace(mixed_bundle(), neighbours=domain), folder)
    library = tmp_path / "some.smi"
    library.write_text("\n".join(keys[:20]))
    _, out, _ = run("predict", library, "--bundle", folder, "--json")
    for row in json.loads(out):
        own = [row[f"{name}_in_domain"] for name in ("LogD", "half-life", "hERG")]
        assert row["in_domain"] == any(own)
        assert own[0] == (domain.restricted_to({"LogD"}).query([row["key"]]).verdict == ("in",))
    _, out, _ = run("predict", keys[0], "--bundle", folder)
    heading = next(line for line in out.splitlines() if "endpoint" in line and "value" in line)
    assert "domain" in heading
    assert "inside the domain of " in out
    assert " of 3 endpoints" in out


def test_value_has_its_place_among_drugs(tiny_bundle: Path, tmp_path: Path) -> None:
    """In the table and in JSON; a file of answers stays as it is, so that every column is a number."""
    _, out, _ = run("predict", "CC(=O)Oc1ccccc1C(=O)O", "--bundle", tiny_bundle)
    assert next(line for line in out.splitlines() if "better" in line).split()[-2:] == ["drugs", "below"]
    assert all(line.endswith("%") for line in map(str.strip, out.splitlines()) if "pIC50" in line)
    library = tmp_path / "two.csv"
    library.write_text("smiles,drug_percentiles\nCC(=O)Oc1ccccc1C(=O)O,mine\nCC(C)(C)(C)C,\n")
    _, out, _ = run("predict", library, "--bundle", tiny_bundle, "--json")
    aspirin, nothing = json.loads(out)
    assert set(aspirin["drug_percentiles"]) == {"pIC50", "hERG"}
    assert all(0 <= each <= 100 for each in aspirin["drug_percentiles"].values())
    assert nothing["drug_percentiles"] == {}
    assert aspirin["input_drug_percentiles"] == "mine"
    _, out, _ = run("predict", library, "--bundle", tiny_bundle)
    heading = out.splitlines()[0].replace('"', "").split(",")
    ours = ["hERG_high", "in_domain", "pIC50_in_domain", "hERG_in_domain"]
    assert heading[-5:] == [*ours, "input_drug_percentiles"]


def test_wide_view_has_no_place_among_drugs(tiny_bundle: Path) -> None:
    """The drugs were judged by all experts: the fast network's word has no place among theirs."""
    _, full, _ = run("predict", "CCO", "--bundle", tiny_bundle)
    code, wide, _ = run("predict", "CCO", "--bundle", tiny_bundle, "--view", "wide")
    assert code == 0
    assert "drugs below" in full
    assert "drugs below" not in wide


@pytest.mark.parametrize("smiles", ["F/C=C/F", "C/C=C\\C", "[Fe]/C=C/Br", "C/C=C/" + "C" * 5000])
def test_slash_of_a_double_bond_is_no_folder(smiles: str) -> None:
    assert not names_file(smiles)


def test_text_that_is_neither_says_how_it_was_read(tiny_bundle: Path) -> None:
    """A file with an ending nobody knows looks like a SMILES; the answer names both readings."""
    code, out, err = run("predict", "mols.cvs", "--bundle", tiny_bundle)
    assert (code, out) == (1, "")
    assert "'mols.cvs' could not be predicted; it was read as a SMILES, no file has this name" in err


def test_counts_name_every_outcome(tiny_bundle: Path, small_library: Path) -> None:
    """Warnings too: a salt that was stripped is worth knowing of."""
    code, _, err = run("predict", small_library, "--bundle", tiny_bundle)
    counts = err.partition("10 rows answered\n")[2].splitlines()
    assert code == 0
    assert sum(int(line.rpartition(": ")[2]) for line in counts) == 10
    assert "  invalid/valence: 1" in counts
    assert any(line.startswith("  warning/") for line in counts)


def test_library_is_not_overwritten_by_its_answers(tiny_bundle: Path, tmp_path: Path) -> None:
    """Named outright, by a detour, or by a pattern."""
    library = tmp_path / "mine.csv"
    library.write_text("smiles\nCCO\n")
    for what in (library, tmp_path / "*.csv"):
        for out in (library, tmp_path / "new" / ".." / "mine.csv"):
            code, _, err = run("predict", what, "--bundle", tiny_bundle, "--out", out)
            assert code == 2
            assert "a file that is read, which would be overwritten" in err
    assert library.read_text() == "smiles\nCCO\n"


def test_two_ways_out_are_refused(tmp_path: Path) -> None:
    """One of them was passed over in silence."""
    code, _, err = run("predict", "CCO", "--json", "--out", tmp_path / "a.csv")
    assert code == 2
    assert "--out and --json are both given: leave one out" in err


def test_folder_named_like_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    code, _, err = run("predict", "CCO", "--out", tmp_path / "a.csv")
    assert code == 2
    assert "a.csv: a folder; expected the name of a file" in err


def test_bad_call_makes_no_folder(tmp_path: Path) -> None:
    """The folder of --out is made when there is something to write."""
    for what, bundle in (("absent.csv", "admet-tox"), ("CCO", "no-such-bundle")):
        assert run("predict", what, "--bundle", bundle, "--out", tmp_path / "new" / "a.csv")[0] == 2
    assert not (tmp_path / "new").exists()


def test_suffix_may_be_of_capitals(tiny_bundle: Path, tmp_path: Path) -> None:
    assert run("predict", "CCO", "--bundle", tiny_bundle, "--out", tmp_path / "A.CSV")[0] == 0
    assert (tmp_path / "A.CSV").read_text().startswith('"input_smiles"')


def test_a_file_from_a_western_excel_can_be_read(tiny_bundle: Path, tmp_path: Path) -> None:
    """The message of the refusal names the option, and the option works."""
    library = tmp_path / "vendor.csv"
    library.write_bytes("smiles,id\nCCO,caf\xe9\n".encode("cp1252"))
    code, _, err = run("predict", library, "--bundle", tiny_bundle)
    assert code == 2
    assert "--encoding cp1252" in err
    code, out, _ = run("predict", library, "--bundle", tiny_bundle, "--encoding", "cp1252")
    assert code == 0
    assert "café" in out


def test_the_id_column_can_be_named(tiny_bundle: Path, tmp_path: Path) -> None:
    """As for a screen: an answer is looked up by it."""
    library = tmp_path / "drugs.csv"
    library.write_text("Probe,smiles\nP-1,CCO\nP-2,CCN\n")
    _, out, _ = run("predict", library, "--bundle", tiny_bundle, "--id-column", "Probe", "--json")
    assert [row["id"] for row in json.loads(out)] == ["P-1", "P-2"]
    assert "Probe" not in json.loads(out)[0]
