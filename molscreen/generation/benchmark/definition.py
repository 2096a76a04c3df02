"""The objectives of PMO and GuacaMol, one table: where both have one, they define it alike.

Formulas and constants are those of the programs, GuacaMol v2 (`guacamol/standard_benchmarks.py`,
`guacamol/benchmark_suites.py` of github.com/BenevolentAI/guacamol) and TDC from version 0.4 on
(`tdc/chem_utils/oracle/oracle.py` of github.com/mims-harvard/TDC), by which all published scores were
computed. The text of the paper differs in places (github.com/MorganCThomas/MolScore/pull/47). Aripiprazole,
which PMO leaves out, is GuacaMol's here; TDC compares it by FCFP4, as version 1 of GuacaMol did.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from molscreen.generation.benchmark.formula import AtomCount, Isomer
from molscreen.generation.benchmark.ingredient import (
    Departure,
    Descriptor,
    Similarity,
    Substructure,
    Value,
)
from molscreen.generation.benchmark.modifier import (
    Clipped,
    Gaussian,
    MaxGaussian,
    MinGaussian,
    arithmetic_mean,
    geometric_mean,
)
from molscreen.generation.benchmark.task import Mean, Modified, Task

GUACAMOL = "doi:10.1021/acs.jcim.8b00839"
QED = "doi:10.1038/nchem.1243"

ALBUTEROL = "CC(C)(C)NCC(O)c1ccc(O)c(CO)c1"
AMLODIPINE = "Clc1ccccc1C2C(=C(/N/C(=C2/C(=O)OCC)COCCN)C)\\C(=O)OC"
ARIPIPRAZOLE = "Clc4cccc(N3CCN(CCCCOc2ccc1c(NC(=O)CC1)c2)CC3)c4Cl"
CAMPHOR = "CC1(C)C2CCC1(C)C(=O)C2"
CELECOXIB = "CC1=CC=C(C=C1)C1=CC(=NN1C1=CC=C(C=C1)S(N)(=O)=O)C(F)(F)F"
FEXOFENADINE = "CC(C)(C(=O)O)c1ccc(cc1)C(O)CCCN2CCC(CC2)C(O)(c3ccccc3)c4ccccc4"
MENTHOL = "CC(C)C1CCC(C)CC1O"
MESTRANOL = "COc1ccc2[C@H]3CC[C@@]4(C)[C@@H](CC[C@@]4(O)C#C)[C@@H]3CCc2c1"
OSIMERTINIB = "COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc2nccc(n2)c3cn(C)c4ccccc34"
PERINDOPRIL = "O=C(OCC)C(NC(C(=O)N1C(C(=O)O)CC2CCCCC12)C)CCC"
QUINAZOLINE = "CCCOc1cc2ncnc(Nc3ccc4ncsc4c3)c2cc1S(=O)(=O)C(C)(C)C"  # where the two hops start from
RANOLAZINE = "COc1ccccc1OCC(O)CN2CCN(CC(=O)Nc3c(C)cccc3C)CC2"
SILDENAFIL = "CCCC1=NN(C2=C1N=C(NC2=O)C3=C(C=CC(=C3)S(=O)(=O)N4CCN(CC4)C)OCC)C"
SITAGLIPTIN = "Fc1cc(c(F)cc1F)CC(N)CC(=O)N3Cc2nnc(n2CC3)C(F)(F)F"
TADALAFIL = "O=C1N(CC(N2C1CC3=C(C2C4=CC5=C(OCO5)C=C4)NC6=C3C=CC=C6)=O)C"
THIOTHIXENE = "CN(C)S(=O)(=O)c1ccc2Sc3ccccc3C(=CCCN4CCN(C)CC4)c2c1"
TROGLITAZONE = "Cc1c(C)c2OC(C)(COc3ccc(CC4SC(=O)NC4=O)cc3)CCc2c(C)c1O"
ZALEPLON = "O=C(C)N(CC)C1=CC=CC(C2=CC=NC3=C(C=NN23)C#N)=C1"

BENZOTHIAZOLE = "[#7]-c1ccc2ncsc2c1"
PROPOXY_TO_BENZOTHIAZOLE = "[#6]-[#6]-[#6]-[#8]-[#6]~[#6]~[#6]~[#6]~[#6]-[#7]-c1ccc2ncsc2c1"
SCAFFOLD = "[#7]-c1n[c;h1]nc2[c;h1]c(-[#8])[c;h0][c;h1]c12"  # quinazoline with its three attachments
SULFONE = "CS([#6])(=O)=O"
VALSARTAN_PART = "CN(C=O)Cc1ccc(c2ccccc2)cc1"


def _task(
    name: str, objective: Value, *targets: str, tops: tuple[int, ...] = (1, 10, 100), source: str = GUACAMOL
) -> Task:
    return Task(name=name, objective=objective, tops=tops, targets=targets, source=source)


def _rediscovery(name: str, target: str) -> Task:
    return _task(f"{name}_rediscovery", Similarity(target, "ecfp4"), target, tops=(1,))


def _isomers(formula: str, top: int) -> Task:
    return _task(f"isomers_{formula.lower()}", Isomer(formula), tops=(top,))


def _geometric(*terms: Value) -> Mean:
    return Mean(geometric_mean, terms)


def _arithmetic(*terms: Value) -> Mean:
    return Mean(arithmetic_mean, terms)


_TASKS = (
    _rediscovery("celecoxib", CELECOXIB),
    _rediscovery("troglitazone", TROGLITAZONE),
    _rediscovery("thiothixene", THIOTHIXENE),
    _task(
        "aripiprazole_similarity",
        Modified(Similarity(ARIPIPRAZOLE, "ecfp4"), Clipped(0.75)),
        ARIPIPRAZOLE,
    ),
    _task("albuterol_similarity", Modified(Similarity(ALBUTEROL, "fcfp4"), Clipped(0.75)), ALBUTEROL),
    _task(
        "mestranol_similarity",
        Modified(Similarity(MESTRANOL, "atom pairs"), Clipped(0.75)),
        MESTRANOL,
    ),
    _isomers("C7H8N2O2", 100),
    _isomers("C9H10N2O2PF2Cl", 250),
    _isomers("C11H24", 159),  # there are 159, stereoisomers not told apart
    _task(
        "median1",
        _geometric(Similarity(CAMPHOR, "ecfp4"), Similarity(MENTHOL, "ecfp4")),
        CAMPHOR,
        MENTHOL,
    ),
    _task(
        "median2",
        _geometric(Similarity(TADALAFIL, "ecfp6"), Similarity(SILDENAFIL, "ecfp6")),
        TADALAFIL,
        SILDENAFIL,
    ),
    _task(
        "osimertinib_mpo",
        _geometric(
            Modified(Similarity(OSIMERTINIB, "fcfp4"), Clipped(0.8)),
            Modified(Similarity(OSIMERTINIB, "ecfp6"), MinGaussian(0.85, 0.1)),
            Modified(Descriptor("tpsa"), MaxGaussian(100, 10)),
            Modified(Descriptor("logp"), MinGaussian(1, 1)),
        ),
        OSIMERTINIB,
    ),
    _task(
        "fexofenadine_mpo",
        _geometric(
            Modified(Similarity(FEXOFENADINE, "atom pairs"), Clipped(0.8)),
            Modified(Descriptor("tpsa"), MaxGaussian(90, 10)),
            Modified(Descriptor("logp"), MinGaussian(4, 1)),
        ),
        FEXOFENADINE,
    ),
    _task(
        "ranolazine_mpo",
        _geometric(
            Modified(Similarity(RANOLAZINE, "atom pairs"), Clipped(0.7)),
            Modified(Descriptor("logp"), MaxGaussian(7, 1)),
            Modified(Descriptor("tpsa"), MaxGaussian(95, 20)),
            Modified(AtomCount("F"), Gaussian(1, 1)),
        ),
        RANOLAZINE,
    ),
    _task(
        "perindopril_mpo",
        _geometric(
            Similarity(PERINDOPRIL, "ecfp4"),
            Modified(Descriptor("aromatic rings"), Gaussian(2, 0.5)),
        ),
        PERINDOPRIL,
    ),
    _task(
        "amlodipine_mpo",
        _geometric(
            Similarity(AMLODIPINE, "ecfp4"),
            Modified(Descriptor("rings"), Gaussian(3, 0.5)),
        ),
        AMLODIPINE,
    ),
    _task(
        "sitagliptin_mpo",
        _geometric(
            Modified(Similarity(SITAGLIPTIN, "ecfp4"), Gaussian(0, 0.1)),
            Modified(Departure("logp", SITAGLIPTIN), Gaussian(0, 0.2)),
            Modified(Departure("tpsa", SITAGLIPTIN), Gaussian(0, 5)),
            Isomer("C16H15F6N5O"),
        ),
        SITAGLIPTIN,
    ),
    _task(
        "zaleplon_mpo",
        _geometric(Similarity(ZALEPLON, "ecfp4"), Isomer("C19H17N3O2")),
        ZALEPLON,
    ),
    _task(
        "valsartan_smarts",
        _geometric(
            Substructure(VALSARTAN_PART),
            Modified(Departure("logp", SITAGLIPTIN), Gaussian(0, 0.2)),
            Modified(Departure("tpsa", SITAGLIPTIN), Gaussian(0, 5)),
            Modified(Departure("bertz", SITAGLIPTIN), Gaussian(0, 30)),
        ),
        SITAGLIPTIN,
    ),
    _task(
        "deco_hop",
        _arithmetic(
            Modified(Similarity(QUINAZOLINE, "pharmacophore"), Clipped(0.85)),
            Substructure(SULFONE, wanted=False),
            Substructure(BENZOTHIAZOLE, wanted=False),
            Substructure(SCAFFOLD),
        ),
        QUINAZOLINE,
    ),
    _task(
        "scaffold_hop",
        _arithmetic(
            Modified(Similarity(QUINAZOLINE, "pharmacophore"), Clipped(0.75)),
            Substructure(PROPOXY_TO_BENZOTHIAZOLE),
            Substructure(SCAFFOLD, wanted=False),
        ),
        QUINAZOLINE,
    ),
    _task("qed", Descriptor("qed"), source=QED),
)

TASKS: Mapping[str, Task] = MappingProxyType({task.name: task for task in _TASKS})
"""Every objective of either benchmark, by name."""
