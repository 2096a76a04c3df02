"""What every MoleculeGenerator promises, as checks that take a maker of one; plug-ins may be held to them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence

import numpy as np
from rdkit import Chem

from molscreen.generation.generator import MoleculeGenerator, Proposal, Scored

Maker = Callable[[], MoleculeGenerator]

DRUGS = {
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "paracetamol": "CC(=O)Nc1ccc(O)cc1",
    "ibuprofen": "CC(C)Cc1ccc(C(C)C(=O)O)cc1",
    "celecoxib": "Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1",
    "imatinib": "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1",
    "lidocaine": "CCN(CC)CC(=O)Nc1c(C)cccc1C",
    "propranolol": "CC(C)NCC(O)COc1cccc2ccccc12",
    "sertraline": "CN[C@H]1CC[C@@H](c2ccc(Cl)c(Cl)c2)c2ccccc21",
}
STRANGE = {
    "methane": "C",
    "sodium": "[Na+]",
    "salt": "[Na+].CC(=O)[O-]",
    "choline": "C[N+](C)(C)CCO",
    "TEMPO": "CC1(C)CCCC(C)(C)N1[O]",
    "any atom": "*c1ccccc1",
    "deuterium": "[2H]C([2H])([2H])O",
    "ferrocene": "[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1",
    "SF6": "FS(F)(F)(F)(F)F",
    "cubane": "C12C3C4C1C5C2C3C45",
    "long chain": "C" * 150,
    "no molecule": "C1CC(",
    "no text": "",
}
SCORED = [Scored(key, 0.9 - 0.1 * rank) for rank, key in enumerate(DRUGS.values())]


def taught(make: Maker, scored: Sequence[Scored] = SCORED) -> MoleculeGenerator:
    """A generator that has learnt of some compounds."""
    generator = make()
    generator.learn(scored)
    return generator


def check_seeded(make: Maker) -> None:
    """The same state and rng give the same proposals; another rng gives others, where there is a choice."""
    first, again, other = (taught(make).propose(30, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first
    assert first == again
    assert first != other


def check_proposals(make: Maker) -> None:
    """Strings that RDKit reads, each structure once, at most n, with the proposer's name."""
    generator = taught(make)
    for n in (0, 1, 7, 60):
        proposals = generator.propose(n, np.random.default_rng(n))
        assert len(proposals) <= n
        _check_each(proposals, generator.name)
        read = [Chem.MolToSmiles(Chem.MolFromSmiles(each.smiles)) for each in proposals]
        assert len(set(read)) == len(read)


def _check_each(proposals: Sequence[Proposal], name: str) -> None:
    for each in proposals:
        assert type(each.smiles) is type(each.step) is str
        assert each.proposer == name
        mol = Chem.MolFromSmiles(each.smiles)
        assert mol is not None, each
        assert mol.GetNumAtoms(), each


def check_parents(make: Maker) -> None:
    """Lineage can be followed: each parent is a key that it was told of, and each step has words."""
    told = {each.key for each in SCORED}
    for each in taught(make).propose(40, np.random.default_rng(3)):
        assert type(each.parents) is tuple
        assert set(each.parents) <= told, each
        assert each.step, each


def check_learn(make: Maker) -> None:
    """Nothing to learn, no score, and strange molecules are all accepted; lists are not edited."""
    for scored in (
        [],
        [Scored(key, float("nan")) for key in DRUGS.values()],
        [Scored(key, 0.5) for key in STRANGE.values()],
        [*SCORED, *(Scored(key, 1.0, "elsewhere") for key in STRANGE.values()), *SCORED],
    ):
        given = copy.deepcopy(scored)
        generator = make()
        generator.learn(scored)
        assert repr(scored) == repr(given)  # NaN is not equal to itself
        _check_each(generator.propose(20, np.random.default_rng(0)), generator.name)


def check_untaught(make: Maker) -> None:
    """Before it has learnt of anything a generator proposes little or nothing, but does not fail."""
    generator = make()
    proposals = generator.propose(5, np.random.default_rng(0))
    assert len(proposals) <= 5
    assert not any(each.parents for each in proposals)


def check_state(make: Maker) -> None:
    """A state that went through JSON gives the same further proposals, after more learning too."""
    generator = taught(make, SCORED[:5])
    rng = np.random.default_rng(5)
    generator.propose(10, rng)
    restored = taught(make, [Scored("CCO", 1.0)])  # what it knew before must not shine through
    restored.restore(json.loads(json.dumps(generator.state(), allow_nan=False)))
    twin = copy.deepcopy(rng)
    for more in ([], SCORED[5:], [Scored(SCORED[0].key, float("nan"))]):
        generator.learn(more)
        restored.learn(more)
        assert generator.propose(15, rng) == restored.propose(15, twin)
        assert generator.state() == restored.state()
