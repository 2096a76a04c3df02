"""Every member of GENERATORS keeps the contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from molscreen.generation.generator import GENERATORS
from tests.generation import generator_contract as contract

CHECKS = [check for name, check in sorted(vars(contract).items()) if name.startswith("check_")]

SCRIPT = """
import json, sys
import numpy as np
from molscreen.generation.generator import GENERATORS
from tests.generation.generator_contract import taught
proposals = taught(GENERATORS[sys.argv[1]]).propose(30, np.random.default_rng(0))
print(json.dumps([[each.smiles, each.parents, each.step] for each in proposals]))
"""


@pytest.fixture(params=list(GENERATORS))
def name(request):
    return request.param


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_a_generator_keeps_the_contract(name, check):
    """Whoever adds a generator need not ask what the loop around it relies on."""
    check(GENERATORS[name])


def test_a_generator_knows_its_name(name):
    assert GENERATORS[name].name == name


def test_another_process_gets_the_same_proposals(name):
    """A run resumed elsewhere goes on as it would have here: no order of a set of strings is used."""
    outputs = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, name]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        outputs.append(json.loads(done.stdout))
    assert outputs[0]
    assert outputs[0] == outputs[1]
