"""Completion: parts of approved drugs made whole again in other ways, and whether the parts were kept.

Four tasks, after SAFE-GPT (arXiv:2310.10773) and GenMol (arXiv:2501.06158): a motif is extended, two ends
are linked, a core is decorated at given places, or anywhere (a superstructure). They took ten drugs and cut
them by hand; these are more, and the cuts are made by rule, so that figures stand beside theirs and are not
the same experiment. Nothing is optimised: what is made is judged as it comes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from rdkit import Chem, rdBase

from molscreen.chem.features.descriptors import qed, sa_score
from molscreen.chem.features.fingerprint import ecfp_bits
from molscreen.data.drugs import read_drugs
from molscreen.generation.benchmark.rating import diversity
from molscreen.generation.fragments.cut import Cut, cuts, fragment_smiles
from molscreen.generation.fragments.generator import FragmentGenerator
from molscreen.generation.fragments.keep import Keep
from molscreen.generation.generator import Scored

Mode = Literal["motif extension", "linker", "decoration", "superstructure"]
MODES: tuple[Mode, ...] = get_args(Mode)
DRUGS = (
    "apixaban", "aripiprazole", "axitinib", "celecoxib", "dasatinib", "donepezil", "fluoxetine", "gefitinib",
    "haloperidol", "imatinib", "ketoconazole", "letrozole", "linezolid", "losartan", "pioglitazone",
    "raloxifene", "risperidone", "rivaroxaban", "sildenafil", "sitagliptin", "telmisartan", "trazodone",
    "verapamil", "warfarin",
)  # fmt: skip
SAMPLES = 100  # of each task
STEPS = 3  # exchanges or growths, one after the other: each adds at most five heavy atoms to what is kept
LEAST_QED, MOST_SA = 0.6, 4.0  # of a molecule of quality, GenMol's `scripts/exps/frag/run.py`
SMALLEST_END = 6  # heavy atoms of an end to be linked, or of a motif
SHORTEST_LINKER = 2  # heavy atoms of the drug's own linker


@dataclass(frozen=True, slots=True)
class DrugPart:
    """What of a drug is kept.

    Attributes
    ----------
    drug : str
    mode : Mode
    text : str
        Of `Keep.read`: one or two cores as SMILES with stars, or, for a superstructure, one without.
    """

    drug: str
    mode: Mode
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What was made of a part; shares are of the samples that were asked for, as in GenMol.

    Attributes
    ----------
    part : DrugPart
    samples : int
        Asked for.
    validity : float
        RDKit reads it, and it is one molecule.
    uniqueness : float
        Different molecules among the valid ones.
    kept : float
        Share of the valid ones in which what must be kept is there, and something is bound to it at open
        atoms alone; see `has_kept`. NaN where none is valid.
    quality : float
        Different, of QED at least `LEAST_QED` and SA score at most `MOST_SA`.
    diversity : float
        One minus the mean Tanimoto similarity (ECFP4) of any two.
    """

    part: DrugPart
    samples: int
    validity: float
    uniqueness: float
    kept: float
    quality: float
    diversity: float


def make_parts(drugs: Sequence[str] = DRUGS) -> list[DrugPart]:
    """The parts of some drugs, in the order of the drugs and of `MODES`.

    Examples
    --------
    >>> [part.text for part in make_parts(["pioglitazone"])][:2]
    ['CCc1ccc(CCO*)nc1', 'CCc1ccc(C*)nc1.O=C1NC(=O)C(Cc2ccc(*)cc2)S1']
    """
    smiles = {drug.name: drug.smiles for drug in read_drugs()}
    return [
        DrugPart(name, mode, text)
        for name in drugs
        for mode, text in zip(MODES, _cut_up(Chem.MolFromSmiles(smiles[name])), strict=True)
    ]


def complete(part: DrugPart, n: int = SAMPLES, *, seed: int = 0) -> list[str]:
    """At most `n` molecules that keep a part, made from nothing else; the same for the same `seed`."""
    rng = np.random.default_rng([seed, DRUGS.index(part.drug), MODES.index(part.mode)])
    keep = Keep.read(part.text)
    generator = FragmentGenerator(keep=keep)
    made = [each.smiles for each in generator.seeds(n, rng)] if keep.is_core else [part.text]
    steps = 1 if part.mode == "linker" else STEPS
    for _ in range(steps if len(made) < n else 0):
        brood = generator.bred_from([Scored(smiles, 1.0) for smiles in made])
        more = [each.smiles for each in brood.propose(n, rng)]
        made = list(dict.fromkeys([*made, *more]))[:n] if part.mode == "linker" else more or made
    return made[:n]


def judge(part: DrugPart, made: Sequence[str], n: int = SAMPLES) -> Completed:
    """The figures of `n` samples that were asked for."""
    with rdBase.BlockLogs():
        mols = [Chem.MolFromSmiles(smiles) for smiles in made if "." not in smiles]
    valid = [mol for mol in mols if mol is not None and mol.GetNumAtoms()]
    different = {Chem.MolToSmiles(mol): mol for mol in valid}
    good = sum(qed(mol) >= LEAST_QED and sa_score(mol) <= MOST_SA for mol in different.values())
    kept = [has_kept(part.text, mol) for mol in valid]
    return Completed(
        part=part,
        samples=n,
        validity=len(valid) / n,
        uniqueness=len(different) / len(valid) if valid else 0.0,
        kept=float(np.mean(kept)) if kept else float("nan"),
        quality=good / n,
        diversity=diversity(ecfp_bits(list(different))),
    )


def has_kept(text: str, mol: Chem.Mol) -> bool:
    """Whether a molecule has the part, told without `Keep`: by matching, and by counting bonds.

    Of a core, an atom beside k stars has at most k further heavy neighbours, any other atom none.

    Examples
    --------
    >>> [has_kept("*c1ccncc1", Chem.MolFromSmiles(each)) for each in ("Cc1ccncc1", "Cc1cccnc1")]
    [True, False]
    """
    core = Chem.MolFromSmiles(text)
    if core is None or "*" not in text:
        return bool(mol.HasSubstructMatch(Chem.MolFromSmarts(text)))
    heavy = [atom for atom in core.GetAtoms() if atom.GetAtomicNum()]
    stars = [sum(not other.GetAtomicNum() for other in atom.GetNeighbors()) for atom in heavy]
    query = Chem.DeleteSubstructs(core, Chem.MolFromSmarts("[#0]"))
    for match in mol.GetSubstructMatches(query, uniquify=False, maxMatches=1000):
        more = [
            mol.GetAtomWithIdx(place).GetDegree() - query.GetAtomWithIdx(number).GetDegree()
            for number, place in enumerate(match)
        ]
        if all(extra <= open_ for extra, open_ in zip(more, stars, strict=True)):
            return True
    return False


def _cut_up(mol: Chem.Mol) -> tuple[str, str, str, str]:
    """The four parts, by rule; those of alike value by the order of their atoms.

    The motif is an end with a ring, of about half of the atoms. The ends to be linked have a ring each and
    the least between them. The core has a ring, as many open bonds as there are, and about half of the atoms.
    """
    n = mol.GetNumHeavyAtoms()
    in_ring = {atom.GetIdx() for atom in mol.GetAtoms() if atom.IsInRing()}
    ringed = [cut for cut in cuts(mol, largest=n) if len(in_ring.intersection(cut.atoms)) > 0]
    ends = [cut for cut in ringed if len(cut.points) == 1 and len(cut.atoms) >= SMALLEST_END]
    motif = min(ends, key=lambda cut: (abs(2 * len(cut.atoms) - n), cut.atoms))
    pairs = [
        (one, other)
        for i, one in enumerate(ends)
        for other in ends[i + 1 :]
        if not set(one.atoms) & set(other.atoms) and n - len(one.atoms) - len(other.atoms) >= SHORTEST_LINKER
    ]
    one, other = min(pairs, key=lambda p: (-len(p[0].atoms) - len(p[1].atoms), p[0].atoms, p[1].atoms))
    cores = [cut for cut in ringed if len(cut.points) > 1]
    core = min(cores, key=lambda cut: (-len(cut.points), abs(2 * len(cut.atoms) - n), cut.atoms))
    linked, scaffold = f"{_core(mol, one)}.{_core(mol, other)}", _core(mol, core)
    return _core(mol, motif), linked, scaffold, _capped(scaffold)


def _core(mol: Chem.Mol, cut: Cut) -> str:
    return re.sub(r"\[\*:\d\]", "*", fragment_smiles(mol, cut))


def _capped(core: str) -> str:
    """A core with hydrogens for its stars."""
    edit = Chem.RWMol(Chem.MolFromSmiles(core))
    for atom in edit.GetAtoms():
        if not atom.GetAtomicNum():
            atom.SetAtomicNum(1)
    return str(Chem.MolToSmiles(Chem.RemoveHs(edit)))
