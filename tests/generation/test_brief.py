"""What a design is asked: what is kept holds for whoever proposes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.generation.brief import Brief, make_brief
from molscreen.generation.generator import Proposal, Scored
from molscreen.generation.settings import DesignConfig
from molscreen.screening.plan.plan import load_plan

PYRIDINES = ("CCCc1ccncc1", "CC(C)Nc1ccncc1", "CC(=O)Nc1ccncc1", "O=C(NC1CC1)c1ccncc1")
GENERATORS = ("genetic", "fragments", "reactions", "language")


def brief_of(folder: Path, *seeds: str, **settings: object) -> Brief:
    """What is asked by `low-tox` from some seeds."""
    path = folder / "seeds.smi"
    path.write_text("\n".join(seeds))
    config = DesignConfig(alerts="flag", **settings)  # type: ignore[arg-type]
    return make_brief(load_plan("low-tox"), config, seeds=[path], known=[])


@pytest.mark.parametrize("generator", GENERATORS)
def test_closed_atoms_are_closed_for_every_generator(tmp_path: Path, generator: str) -> None:
    """Something is attached at the numbered atom alone, by construction or by a gate that counts."""
    brief = brief_of(tmp_path, *PYRIDINES, generators=(generator,), keep="[c:1]1ccncc1")
    (proposer,) = brief.generators
    proposer.learn([Scored(key, 0.5) for key in brief.start.keys])
    proposals = proposer.propose(200, np.random.default_rng(0))
    candidates, refused = brief.gates.admit(proposals)
    alone = Chem.MolFromSmarts("c1[cH][cH]n[cH][cH]1")
    assert all(Chem.MolFromSmiles(each.key).HasSubstructMatch(alone) for each in candidates)
    if generator == "fragments":
        assert len(candidates) > 50
        assert "filter keep" not in refused
    else:
        assert refused["filter keep"] > 20


def test_what_was_done_to_seeds_is_said(tmp_path: Path) -> None:
    about = brief_of(tmp_path, *PYRIDINES, "[13CH3]c1ccccc1").about()
    [said] = about["seed_warnings"]["isotope"]
    assert said == "seeds.smi:5: labels (13C) dropped: the search goes on from 'Cc1ccccc1'"
    assert "seed_warnings" not in brief_of(tmp_path, *PYRIDINES).about()


def test_stereoisomers_of_seeds_are_not_new(tmp_path: Path) -> None:
    """Nor is the flat form: who starts from one knows the others."""
    brief = brief_of(tmp_path, "C[C@H](N)c1ccc(O[C@@H](C)CO)cc1", *PYRIDINES)
    others = ["C[C@@H](N)c1ccc(O[C@@H](C)CO)cc1", "CC(N)c1ccc(OC(C)CO)cc1", "CC(CN)Oc1ccc(C(C)N)cc1"]
    candidates, refused = brief.gates.admit([Proposal(each, "me") for each in others])
    assert [each.key for each in candidates] == others[2:]
    assert dict(refused) == {"known, but for stereo or tautomerism": 2}


@pytest.mark.parametrize(
    ("core", "said"),
    [
        (
            "*[N+](C)(C)CCO",
            "hydrogens at its *, is scored as 'CN(C)CCO'); give compounds that have it by --seeds",
        ),
        ("*N", "core with hydrogens at its *, is refused: 1 heavy atom, the models judge molecules of"),
        ("*B(O)O", "no fragment was seen that could be attached at its open atoms"),
        ("*P(=O)(O)O", "no fragment was seen that could be attached at its open atoms"),
    ],
)
def test_a_core_on_which_nothing_is_built_is_told(core: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        make_brief(load_plan("low-tox"), DesignConfig(keep=core), seeds=[], known=[])


def test_a_charged_core_is_built_on_where_seeds_have_it(tmp_path: Path) -> None:
    """Choline's ammonium is none with a hydrogen, and is one with any other group."""
    brief = brief_of(tmp_path, "C[N+](C)(C)CCO", "CC[N+](C)(C)CCO", keep="*[N+](C)(C)CCO")
    (proposer,) = brief.generators
    proposer.learn([Scored(key, 0.5) for key in brief.start.keys])
    assert len(proposer.propose(20, np.random.default_rng(0))) == 20
