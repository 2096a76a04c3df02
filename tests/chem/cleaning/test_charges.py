"""However the charges of a drug are drawn, and whatever salt it is, it is one compound."""

from __future__ import annotations

import pytest
from rdkit import Chem

from molscreen.chem.cleaning.standardize import standardize, standardize_fully


@pytest.mark.parametrize(
    ("salt", "drug"),
    [
        ("[Na+].O=C1N=C([O-])C(c2ccccc2)(c2ccccc2)N1", "O=C1NC(=O)C(c2ccccc2)(c2ccccc2)N1"),  # phenytoin
        ("[Na+].CCC1(c2ccccc2)C(=O)N=C([O-])NC1=O", "CCC1(c2ccccc2)C(=O)NC(=O)NC1=O"),  # phenobarbital
        ("[Na+].CCCC(C)C1(CC)C(=O)NC([S-])=NC1=O", "CCCC(C)C1(CC)C(=O)NC(=S)NC1=O"),  # thiopental
        ("[Na+].[O-]C1=NS(=O)(=O)c2ccccc12", "O=C1NS(=O)(=O)c2ccccc12"),  # saccharin
        ("[Na+].Nc1nc([O-])c2ncn(COCCO)c2n1", "Nc1nc2c(ncn2COCCO)c(=O)[nH]1"),  # aciclovir
        ("[Na+].[S-]c1ncnc2nc[nH]c12", "S=c1[nH]cnc2nc[nH]c12"),  # mercaptopurine
        ("[Na+].[O-]c1nc2cc(Cl)ccc2o1", "O=c1[nH]c2cc(Cl)ccc2o1"),  # chlorzoxazone
        ("[Na+].NCc1cc([O-])no1", "NCc1cc(O)no1"),  # muscimol, an acid with its hydrogen at O
        ("[Na+].[O-]c1ccccc1", "Oc1ccccc1"),
    ],
)
def test_salt_of_an_imide_is_no_imidic_acid(salt, drug):
    """The imidic acid is another molecule to every model: half-lives were wrong by a factor of four."""
    assert standardize(salt).key == Chem.CanonSmiles(drug)


@pytest.mark.parametrize(
    "forms",
    [
        ("C[N+](C)(C)C[C@H](O)CC(=O)[O-]", "C[N+](C)(C)C[C@H](O)CC(=O)O.[Cl-]"),  # levocarnitine
        ("CCCCCCCCCCCCCCCCOP(=O)([O-])OCC[N+](C)(C)C", "CCCCCCCCCCCCCCCCOP(=O)(O)OCC[N+](C)(C)C"),
        (  # ceftazidime has two acids, of which one balances the pyridinium
            r"CC(C)(O/N=C(\C(=O)N[C@@H]1C(=O)N2C(C(=O)[O-])=C(C[n+]3ccccc3)CS[C@H]12)c1csc(N)n1)C(=O)O",
            r"CC(C)(O/N=C(\C(=O)N[C@@H]1C(=O)N2C(C(=O)O)=C(C[n+]3ccccc3)CS[C@H]12)c1csc(N)n1)C(=O)[O-]",
            r"[Na+].CC(C)(O/N=C(\C(=O)N[C@@H]1C(=O)N2C(C(=O)[O-])=C(C[n+]3ccccc3)CS[C@H]12)c1csc(N)n1)C([O-])=O",
        ),
        ("C[N+](C)(C)C(CC(=O)O)CS(=O)(=O)[O-]", "C[N+](C)(C)C(CC(=O)[O-])CS(=O)(=O)O"),
        (
            "CC[N+](C)(CC)CCOP(=O)(O)O",
            "CC[N+](C)(CC)CCOP(=O)([O-])O",
            "CC[N+](C)(CC)CCOP(=O)([O-])[O-].[Na+]",
        ),
        ("C[N+](C)(C)[O-]", "C[N+](C)(C)O.[Cl-]"),  # trimethylamine N-oxide
        ("[O-][n+]1ccccc1", "O[n+]1ccccc1.[Cl-]"),
        ("O=P(c1ccccc1)(c1ccccc1)c1ccccc1", "[O-][P+](c1ccccc1)(c1ccccc1)c1ccccc1"),
        ("CCOP(=S)(OCC)Oc1ccc([N+](=O)[O-])cc1", "CCO[P+]([S-])(OCC)Oc1ccc([N+](=O)[O-])cc1"),  # parathion
        ("CS(=N)(=O)c1ccccc1", "C[S+]([O-])(=N)c1ccccc1"),
        ("CN=[N+]=[N-]", "C[N-][N+]#N"),
        ("OB(O)c1ccccc1", "O[B-](O)(O)c1ccccc1.[Na+]"),
        ("OB1OCc2cc(F)ccc12", "O[B-]1(O)OCc2cc(F)ccc12.[Na+]"),  # tavaborole
    ],
)
def test_drawings_of_one_compound_meet(forms):
    """Their predictions differed, and neither had a note."""
    keys = {standardize(form).key for form in forms}
    assert len(keys) == 1
    assert standardize(*keys).key in keys
    assert keys == {standardize_fully(form).key for form in forms}


@pytest.mark.parametrize(
    "smiles",
    [
        "CC[N+](C)(CC)c1cccc(O)c1",  # edrophonium: a phenol is too weak an acid to balance it
        "C[N+](C)(C)CCO",  # choline
        "O=[N+]([O-])c1ccccc1",
        "C[N+](C)(C)CC(=O)[O-]",  # betaine
        "C[P+](C)(C)[CH2-]",  # an ylide is no oxide
    ],
)
def test_charges_that_belong_there_stay(smiles):
    assert standardize(smiles).key == Chem.CanonSmiles(smiles)
