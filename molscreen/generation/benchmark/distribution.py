"""Distribution: whether what a generator writes is valid, different, new, and like what it learnt from.

The metrics of MOSES that need nothing but RDKit. Validity, uniqueness and novelty alone prove nothing: adding
a carbon to known molecules earns close to 1 in each (Renz et al., doi:10.1016/j.ddtec.2020.09.003).

Polykovskiy et al., Front. Pharmacol. 11, 565644 (2020), doi:10.3389/fphar.2020.565644.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors

from molscreen.chem.features.fingerprint import ecfp_bits, nearest
from molscreen.chem.scaffold import murcko_scaffold

N_BITS = 1024  # of the ECFP4 that molecules are compared by, as in MOSES
_BLOCK = 1000  # fingerprints whose similarities to all others are computed together


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorReport:
    """What became of samples, each figure from 0 to 1 and the higher the better, unless it says otherwise.

    Attributes
    ----------
    samples : float
        How many there were.
    validity : float
        Samples that are a molecule, among all.
    unique_1k, unique_10k : float
        Different molecules among the first 1,000 and 10,000 valid ones; NaN where there are fewer.
    novelty : float
        Of the different valid molecules, those that are not among the training molecules.
    fragments : float
        Cosine between how often BRICS fragments are had by the valid samples and by the molecules held out.
    scaffolds : float
        The same of Murcko scaffolds with at least two rings.
    snn : float
        Mean over the valid samples of the Tanimoto similarity to the nearest molecule held out. Both too low
        and too high are bad: that of other molecules of the same origin is what to expect.
    internal_diversity : float
        1 minus the mean Tanimoto similarity of two valid samples, the same one twice included.
    """

    samples: float
    validity: float
    unique_1k: float
    unique_10k: float
    novelty: float
    fragments: float
    scaffolds: float
    snn: float
    internal_diversity: float


def judge_prior(samples: Sequence[str], *, train: Collection[str], held_out: Sequence[str]) -> PriorReport:
    """Judge what a generator writes against what it learnt from, and what it has never seen.

    Parameters
    ----------
    samples : sequence of str
        As written, those included that are no molecule; 30,000 by custom.
    train : collection of str
        Canonical isomeric SMILES, such as compound keys.
    held_out : sequence of str
        SMILES of molecules of the same origin.

    Raises
    ------
    ValueError
        Nothing was sampled, or held out.

    Examples
    --------
    >>> report = judge_prior(["CCO", "CCO", "CC(", "CCN"], train={"CCO"}, held_out=["CCO", "CCN"])
    >>> report.validity, report.novelty, report.snn
    (0.75, 0.5, 1.0)
    """
    if not samples or not held_out:
        raise ValueError(
            f"{len(samples)} samples and {len(held_out)} molecules held out; expected some of each"
        )
    valid = [smiles for smiles in map(canonical, samples) if smiles]
    different = set(valid)
    new = len(different - set(train))
    own = ecfp_bits(valid, n_bits=N_BITS)
    others = ecfp_bits(held_out, n_bits=N_BITS)
    return PriorReport(
        samples=len(samples),
        validity=len(valid) / len(samples),
        unique_1k=_share_different(valid, 1_000),
        unique_10k=_share_different(valid, 10_000),
        novelty=new / len(different) if different else math.nan,
        fragments=cosine(_count(brics_fragments, valid), _count(brics_fragments, held_out)),
        scaffolds=cosine(_count(_scaffold, valid), _count(_scaffold, held_out)),
        snn=float(nearest(own, others, 1)[1].mean()) if valid else math.nan,
        internal_diversity=1 - mean_similarity(own) if valid else math.nan,
    )


def canonical(smiles: str) -> str:
    """Canonical isomeric SMILES that are written alike when read again; empty where it is no molecule.

    Examples
    --------
    >>> canonical("OCC"), canonical("C1CC")
    ('CCO', '')
    """
    with rdBase.BlockLogs():
        for _ in range(3):  # RDKit's canonical SMILES are not always a fixed point at once
            mol = Chem.MolFromSmiles(smiles)
            if mol is None or not mol.GetNumAtoms():
                return ""
            before, smiles = smiles, Chem.MolToSmiles(mol)
            if before == smiles:
                break
    return smiles


def brics_fragments(smiles: str) -> list[str]:
    """The pieces that remain when all bonds that BRICS knows are broken, with the kinds of the ends.

    References
    ----------
    Degen et al., ChemMedChem 3, 1503 (2008), doi:10.1002/cmdc.200800178.

    Examples
    --------
    >>> brics_fragments("CCOc1ccccc1")
    ['[16*]c1ccccc1', '[3*]O[3*]', '[4*]CC']
    """
    mol = Chem.MolFromSmiles(smiles)
    return sorted(Chem.MolToSmiles(Chem.FragmentOnBRICSBonds(mol)).split("."))


def _scaffold(smiles: str) -> list[str]:
    """The Murcko scaffold, where it has two rings or more: a single ring tells little."""
    found = murcko_scaffold(smiles)
    several = found and rdMolDescriptors.CalcNumRings(Chem.MolFromSmiles(found)) > 1
    return [found] if several else []


def _count(parts: Callable[[str], Iterable[str]], smiles: Sequence[str]) -> Counter[str]:
    return Counter(part for each in smiles for part in parts(each))


def cosine(one: Counter[str], other: Counter[str]) -> float:
    """The cosine of the angle between two counts; NaN where one of them is empty.

    Examples
    --------
    >>> cosine(Counter("aab"), Counter("ab")), cosine(Counter("a"), Counter("b"))
    (0.9486832980505138, 0.0)
    """
    if not one or not other:
        return math.nan
    product = math.fsum(n * other[name] for name, n in sorted(one.items()))
    norms = [math.sqrt(math.fsum(n * n for n in counts.values())) for counts in (one, other)]
    return product / (norms[0] * norms[1])


def mean_similarity(packed: NDArray[np.uint8]) -> float:
    """Mean Tanimoto similarity of any two of n packed fingerprints, the same one twice included.

    Shared bits are counted as a product of matrices, which is exact: 30,000 take half a minute.
    """
    bits = np.unpackbits(packed, axis=1).astype(np.float32)
    size = bits.sum(axis=1)
    total = 0.0
    for start in range(0, len(bits), _BLOCK):
        shared = bits[start : start + _BLOCK] @ bits.T
        union = size[start : start + _BLOCK, None] + size - shared
        total += float((shared / np.maximum(union, 1)).sum(dtype=np.float64))
    return total / len(bits) ** 2


def _share_different(valid: Sequence[str], n: int) -> float:
    return len(set(valid[:n])) / n if len(valid) >= n else math.nan
