"""The tasks of PMO, practical molecular optimisation, that need RDKit only: 20 of its 23.

The other three (drd2, gsk3b, jnk3) are pickled classifiers that newer versions of scikit-learn cannot read.
A run is rated by AUC top-10 over 10,000 calls, see `molscreen.generation.benchmark.curve.auc_top`, and a
method by the sum over tasks. Definitions are those of TDC from version 0.4 on; sums computed with earlier
ones, which differ in the isomers, zaleplon and sitagliptin, are lower and do not compare.

Gao et al., NeurIPS 2022, doi:10.48550/arXiv.2206.12411; Huang et al., doi:10.48550/arXiv.2102.09548 (TDC).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from molscreen.generation.benchmark.definition import TASKS
from molscreen.generation.benchmark.task import Task

NAMES = (
    "albuterol_similarity",
    "amlodipine_mpo",
    "celecoxib_rediscovery",
    "deco_hop",
    "fexofenadine_mpo",
    "isomers_c7h8n2o2",
    "isomers_c9h10n2o2pf2cl",
    "median1",
    "median2",
    "mestranol_similarity",
    "osimertinib_mpo",
    "perindopril_mpo",
    "qed",
    "ranolazine_mpo",
    "scaffold_hop",
    "sitagliptin_mpo",
    "thiothixene_rediscovery",
    "troglitazone_rediscovery",
    "valsartan_smarts",
    "zaleplon_mpo",
)

PMO: Mapping[str, Task] = MappingProxyType({name: TASKS[name] for name in NAMES})
