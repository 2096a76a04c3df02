"""Which column holds the structures and which the id, by name and by content."""

from __future__ import annotations

import pytest

from molscreen.data.files.columns import find_layout
from molscreen.data.files.library import open_library
from molscreen.data.files.record import ReadOptions
from molscreen.errors import LibraryError


def layout(*rows, **options):
    cells = [row.split(",") for row in rows]
    return find_layout(cells, ReadOptions(**options), where="a.csv")


@pytest.mark.parametrize(
    ("header", "row", "structure", "identity"),
    [
        ("smiles,id", "CCO,1", "smiles", "id"),
        ("Drug_ID,Drug,Y", "DRUG-1,CCO,0.5", "Drug", "Drug_ID"),
        ("drug,smiles", "ethanol,CCO", "smiles", "drug"),
        ("num,name,smiles,p_np", "1,ethanol,CCO,1", "smiles", "name"),
        ("Compound ID,measured,SMILES", "ethanol,1,CCO", "SMILES", "Compound ID"),
        ("CMPD_CHEMBLID,exp,Canonical_Smiles", "CHEMBL545,1,CCO", "Canonical_Smiles", "CMPD_CHEMBLID"),
        ("smiles,scaffold_smiles", "CCO,CC", "smiles", None),
        ("NSC,smiles", "740,CCO", "smiles", None),
        ("name,Structure", "ethanol,CCO", "Structure", "name"),
        ("title,mol,well", "ethanol,CCO,A1", "mol", "title"),
        ("batch_id,SMILES", "B1,CCO", "SMILES", "batch_id"),
        ("smiles,inchi", "CCO,InChI=1S/x", "smiles", None),
        ("Reg ID,Structure,Name", "K-1,CCO,ethanol", "Structure", "Reg ID"),
        ("Cmpd,Structure,Name", "K-1,CCO,ethanol", "Structure", "Cmpd"),
        ("BatchID,QSAR_SMILES,Name", "K-1,CCO,ethanol", "QSAR_SMILES", "BatchID"),
        ("Name,SMILES,Cmpd. No.", "ethanol,CCO,7", "SMILES", "Cmpd. No."),
        ("Plate ID,SMILES,Name", "P7,CCO,ethanol", "SMILES", "Name"),
        ("Cmpd ID,Structure,N", "K-1,CCO,3", "Structure", "Cmpd ID"),
        ("SMILES_std,purity", "CCO,99", "SMILES_std", None),
        ("smiles_length,SMILES (std)", "3,CCO", "SMILES (std)", None),
        ("salt,compound_structure", "Cl,CCO", "compound_structure", None),
    ],
)
def test_columns_are_found_by_name(header, row, structure, identity):
    found = layout(header, row)
    assert found.header
    assert found.names[found.structure] == structure
    assert (None if found.id is None else found.names[found.id]) == identity


def test_structures_are_found_by_content():
    found = layout("probe_id,Formel,Ki", "P1,CCO,12", "P2,c1ccccc1,7", header=True)
    assert found.names[found.structure] == "Formel"


def test_repeated_ids_are_told():
    """A shortlist cannot be ordered by ids that several compounds share."""
    shared = layout("Name,SMILES", "salt,CCO", "base,CCN", "salt,CCC")
    assert "id column 'Name' (not unique: 'salt' stands in 2 of the first 3 rows)" in shared.described
    assert layout("Name,SMILES", "salt,CCO", "base,CCN", ",CCC", ",CC").described.endswith("id column 'Name'")


def test_no_structure_column_lists_the_columns():
    with pytest.raises(LibraryError, match=r"no column of structures found\. Columns: 'gene', 'id', 'fold'"):
        layout("gene,id,fold", "EGFR,7,2.0")


def test_unknown_column_suggests_the_nearest():
    with pytest.raises(
        LibraryError, match=r"no column 'SMILE'\. Columns: 'id', 'SMILES'\. Did you mean 'SMILES'"
    ):
        layout("id,SMILES", "1,CCO", smiles_column="SMILE")


def test_named_columns_outrank_what_is_found():
    found = layout("smiles,Product_SMILES,a,B", "CCO,CCN,1,2", smiles_column="product_smiles", id_column="B")
    assert (found.structure, found.id, found.columns) == (1, 3, ("smiles", "a"))


def test_numbered_columns_serve_where_names_do_not():
    found = layout("CCO,x", "CCN,y", smiles_column="1", id_column="2")
    assert (found.header, found.structure, found.id) == (False, 0, 1)


def test_11_inchi_is_read_when_the_column_says_so(tmp_path):
    """The InChI itself comes back among the user's columns, because `raw` is the SMILES of it."""
    path = tmp_path / "a.csv"
    inchi = "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3"
    path.write_text(f'id,InChI\n1,"{inchi}"\n2,CCO\n3,InChI=1S/garbage\n4,\n')
    library = open_library([str(path)])
    good, smiles, garbage, empty = library.records()
    assert "structure column 'InChI' (InChI)" in library.described[0]
    assert (good.raw, good.id, library.columns, good.fields) == ("CCO", "1", ("InChI",), (inchi,))
    assert (smiles.fault.status, smiles.fault.code) == ("invalid", "inchi_syntax")
    assert smiles.fault.reason == "record 2: 'CCO' is no InChI, which begins with 'InChI='"
    assert (garbage.fault.code, garbage.id, garbage.fault.source) == ("inchi_syntax", "3", "a.csv:4")
    assert (empty.fault.code, empty.fault.reason) == ("empty", "record 4: the InChI is empty")
