"""The 20 goal-directed tasks of GuacaMol, version 2.

A run is rated by its best molecules, see `molscreen.generation.benchmark.curve.guacamol_score`, however many
it scored to find them; a method by the sum over tasks.

Brown et al., J. Chem. Inf. Model. 59, 1096 (2019), doi:10.1021/acs.jcim.8b00839.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from molscreen.generation.benchmark.definition import TASKS
from molscreen.generation.benchmark.task import Task

NAMES = (
    "celecoxib_rediscovery",
    "troglitazone_rediscovery",
    "thiothixene_rediscovery",
    "aripiprazole_similarity",
    "albuterol_similarity",
    "mestranol_similarity",
    "isomers_c11h24",
    "isomers_c9h10n2o2pf2cl",
    "median1",
    "median2",
    "osimertinib_mpo",
    "fexofenadine_mpo",
    "ranolazine_mpo",
    "perindopril_mpo",
    "amlodipine_mpo",
    "sitagliptin_mpo",
    "zaleplon_mpo",
    "valsartan_smarts",
    "deco_hop",
    "scaffold_hop",
)

GUACAMOL: Mapping[str, Task] = MappingProxyType({name: TASKS[name] for name in NAMES})
