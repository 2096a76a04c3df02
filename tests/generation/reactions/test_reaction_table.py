"""Reactions: the table that ships, and one's own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.generation.reactions.reaction import Kind, make_reaction
from molscreen.generation.reactions.table import Reactions, read_reactions, shipped_reactions

REACTIONS = shipped_reactions()
SOURCES = {"10.1021/ci200379p", "10.1021/jm200187y", "10.1021/acs.jmedchem.5b01409"}
TABLE = """
[role]
halide = '[CX4:1]-[Cl,Br]'
thiol = '[SX2;H1:1]'
[[reaction]]
name = "my thioether"
kind = "heteroatom alkylation and arylation"
roles = ["halide", "thiol"]
product = '[C:1]-[S:11]'
"""


def test_the_table_covers_medicinal_chemistry() -> None:
    """Every kind is there, every reaction says where it is in use, and the workhorses are not missing."""
    kinds = Counter(reaction.kind for reaction in REACTIONS)
    assert set(kinds) == set(get_args(Kind))
    assert min(kinds.values()) >= 5
    assert len(REACTIONS) >= 40
    assert {reaction.source for reaction in REACTIONS} == SOURCES
    assert all(REACTIONS[name] for name in ("amide coupling", "Suzuki coupling", "Boc deprotection"))


def test_unknown_reactions_list_the_choices() -> None:
    with pytest.raises(
        ConfigError, match=r"unknown reaction 'Suzuki couping'\. Known: amide coupling, .*"
    ) as caught:
        REACTIONS["Suzuki couping"]
    assert str(caught.value).endswith("Did you mean 'Suzuki coupling'?")


@pytest.mark.parametrize(
    ("smiles", "group"),
    [
        ("OB(O)c1ccccc1", "boronic acid"),
        ("O=C=Nc1ccccc1", "isocyanate or isothiocyanate"),
        ("CS(=O)(=O)Cl", "acyl or sulfonyl chloride"),
        ("BrCc1ccccc1", "alkyl halide"),
        ("[N-]=[N+]=NCc1ccccc1", "azide"),
        ("O=C(OC(C)(C)C)N1CCNCC1", "Boc group"),
        ("O=C(OCc1ccccc1)NCc1ccccc1", "Cbz group"),
        ("O=C(OC(C)(C)C)CN1CCOCC1", "tert-butyl ester"),
        ("c1ccccc1COc1ccncc1", "benzyl ether or ester"),
        ("C[Si](C)(C)OCc1ccncc1", "silyl group"),
        ("O=C(CCCN1CCC(O)(c2ccc(Cl)cc2)CC1)c1ccc(F)cc1", None),  # haloperidol
        ("OC(Cn1cncn1)(Cn1cncn1)c1ccc(F)cc1F", None),  # fluconazole
        ("FC(F)(F)c1cc(NC(=O)c2ccccc2)cc(n1)C(F)F", None),  # many fluorines are no alkyl halide
        ("NNC(=O)c1ccncc1", None),  # isoniazid
        ("C[C@H](NCc1ccc(OCc2cccc(F)c2)cc1)C(N)=O", None),  # safinamide: no protecting group
        ("Clc1ccccc1C(c1ccccc1)(c1ccccc1)n1ccnc1", None),  # clotrimazole
    ],
)
def test_groups_that_are_there_to_react_or_to_be_taken_off_are_leftovers(
    smiles: str, group: str | None
) -> None:
    assert REACTIONS.leftover(Chem.MolFromSmiles(smiles)) == group


def test_own_reactions_are_read_like_ours(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TABLE, encoding="utf-8")
    reaction = read_reactions(path)["my thioether"]
    assert reaction.smarts == "[CX4:1]-[Cl,Br].[SX2;H1:11]>>[C:1]-[S:11]"
    assert reaction.products([Chem.MolFromSmiles("CCBr"), Chem.MolFromSmiles("CS")]) == ("CCSC",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"thiol"]',
            '"thiols"]',
            r"mine.toml: reaction 'my thioether': role 'thiols' is not in \[role\]\. Did you mean",
        ),
        (
            "[S:11]",
            "[S:2]",
            r"no reactant has an atom :2\]; the atoms of the second reactant are numbered from 11",
        ),
        (
            "[SX2;H1:1]",
            "[SX2;H1:1",
            r"mine.toml: \[role\] 'thiol': '\[SX2;H1:1' is no SMARTS that RDKit can read",
        ),
        ("product", "produkt", r"unknown key|missing"),
        ("my thioether", "a > b", "a name is of letters"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TABLE.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_reactions(path)


def test_names_are_taken_once_and_a_role_means_one_thing() -> None:
    first = make_reaction("one", "[C:1]-Br>>[C:1]-F", ["halide"])
    other = make_reaction("two", "[C:1]-Cl>>[C:1]-F", ["halide"])
    with pytest.raises(ConfigError, match="reaction 'one' is there twice"):
        Reactions((first, first), {})
    with pytest.raises(
        ConfigError, match="reaction 'two': 'halide' has another SMARTS in an earlier reaction"
    ):
        Reactions((first, other), {})
