"""Route: what is printed can be read, and what is read can be run again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.generation.reactions.blocks import make_blocks, shipped_blocks
from molscreen.generation.reactions.route import PREVIOUS, Route, Step, parse_route, run_route
from molscreen.generation.reactions.table import shipped_reactions

REACTIONS = shipped_reactions()
STOCK = make_blocks(
    [
        ("nitrobenzoic acid", "OC(=O)c1ccc(cc1)[N+](=O)[O-]"),
        ("DEEDA", "CCN(CC)CCN"),
        ("diamine", "NCCNC"),
        ("diketone", "CC(=O)CC(=O)c1ccccc1"),
        ("PhNHNH2", "NNc1ccccc1"),
    ]
)
IDS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1).filter(lambda text: text != PREVIOUS)


@given(
    st.lists(
        st.tuples(st.sampled_from([each.name for each in REACTIONS]), st.lists(IDS, max_size=2)), min_size=1
    )
)
def test_a_printed_route_is_read_back(rows: list[tuple[str, list[str]]]) -> None:
    """Whatever characters the user's ids are made of."""
    steps = [Step(name, (*ids, PREVIOUS)) for name, ids in rows]
    first = Step(rows[0][0], ("x", *rows[0][1]))
    route = Route((first, *steps))
    assert parse_route(str(route)) == route


@pytest.mark.parametrize(
    ("text", "drug"),
    [
        ('amide coupling("nitrobenzoic acid", DEEDA) > nitro reduction(·)', "CCN(CC)CCNC(=O)c1ccc(N)cc1"),
        (
            '  amide coupling ( "nitrobenzoic acid",DEEDA )>nitro reduction( · ) ',
            "CCN(CC)CCNC(=O)c1ccc(N)cc1",
        ),
    ],
    ids=["procainamide", "procainamide, blanks elsewhere"],
)
def test_a_drug_is_made_by_its_route(text: str, drug: str) -> None:
    assert run_route(parse_route(text), STOCK, REACTIONS)[-1] == Chem.CanonSmiles(drug)


def test_moclobemide_is_made_of_our_blocks() -> None:
    ids = {block.key: block.id for block in shipped_blocks()}
    acid, amine = ids["O=C(O)c1ccc(Cl)cc1"], ids["NCCN1CCOCC1"]
    route = parse_route(f"amide coupling({acid}, {amine})")
    assert run_route(route, shipped_blocks(), REACTIONS) == ("O=C(NCCN1CCOCC1)c1ccc(Cl)cc1",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"expected a reaction and '\(' at character 1"),
        ("amide coupling", r"expected a reaction and '\('"),
        ("amide coupling(", "expected the id of a block or '·' at character 16"),
        ("amide coupling(a b)", r"expected ',' or '\)' at character 18"),
        ('amide coupling("\\x")', "expected an id that JSON can read"),
        ("amide coupling(a) x", "expected '>' and another step, or the end at character 18"),
        ("Boc deprotection(·)", "step 1 has 1 '·', expected blocks alone"),
        ("amide coupling(a, b) > amide coupling(c, d)", "step 2 has 0 '·', expected one '·'"),
    ],
)
def test_a_line_that_is_no_route_says_where(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_route(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("amid coupling(DEEDA, diamine)", "unknown reaction 'amid coupling'.*Did you mean 'amide coupling'"),
        ("amide coupling(DEED, diamine)", "unknown block 'DEED'; 5 blocks are there. Did you mean 'DEEDA'"),
        ("amide coupling(DEEDA)", "step 1: 1 reactants; 'amide coupling' has 2: carboxylic acid, amine"),
        ("amide coupling(DEEDA, diamine)", "step 1: 'DEEDA' has no group 'carboxylic acid'"),
        ('amide coupling("nitrobenzoic acid", diamine)', "'diamine' has 2 different groups 'amine'"),
        ("Knorr pyrazole synthesis(diketone, PhNHNH2)", "step 1: 2 different products, expected one"),
    ],
)
def test_a_route_that_cannot_be_run_says_why(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run_route(parse_route(text), STOCK, REACTIONS)
