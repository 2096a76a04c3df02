# What the README's commands call. Each target makes the environment it needs.
# Paths are relative and quoted, so that a clone may lie in a folder with spaces.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data
PEERS ?= runs/peers-venv
N ?= 20000
ROUNDS ?= 1
ONLY ?=
# Empty where nobody is asked who needs an environment of his own.
PEERS_ASKED = $(if $(ONLY),$(findstring admet-ai,$(ONLY))$(findstring chemprop,$(ONLY)),all)

.DEFAULT_GOAL := help
.PHONY: help env demo test lint types check parity salted chaos accuracy confidence bench campaign gpu cost bundles clean

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

env: $(VENV)/.stamp

$(VENV)/.stamp: pyproject.toml constraints.txt
	"$(PYTHON)" -c 'import sys; sys.exit("molscreen needs Python 3.11 or newer; set PYTHON=") if sys.version_info < (3, 11) else None'
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,lint]'
	@touch $(VENV)/.stamp

demo: env ## screen the demo library with the bundles that ship
	@rm -rf runs/demo
	$(BIN)/python -m molscreen demo --out runs/demo

FIRST = tests/chaos tests/cli tests/contracts tests/integration tests/report tests/screening

test: env ## the test suite, doctests and the README's code included: two halves at once, told one after the other
	@$(BIN)/python -m pytest -q $(FIRST) > $(VENV)/first-half.log 2>&1 & first=$$!; \
	$(BIN)/python -m pytest -q tests molscreen workflows $(FIRST:%=--ignore=%); second=$$?; \
	wait $$first; first=$$?; cat $(VENV)/first-half.log; exit $$((first | second))

lint: env ## ruff: lint and format
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: env ## mypy --strict
	$(BIN)/python -m mypy

check: lint types test ## all that CI runs

parity: env ## slow: fast chemistry against plain references on >= 50,000 molecules of DATA
	$(BIN)/python workflows/checks/standardize_parity.py "$(DATA)"/chembl_druglike_78k/*.csv.gz
	$(BIN)/python workflows/checks/featurizer_parity.py "$(DATA)"/zinc250k/*.csv.gz --every 4 # 63 % with stereo

salted: env ## slow: 20,000 rows with every bad input that we know
	$(BIN)/python -m pytest -q -m slow tests/integration/test_salted_run.py

chaos: env ## slow: hundreds of faults, each counted: kills, failing and full disks, poison, lost nodes
	$(BIN)/python -m pytest -q -m 'slow or not slow' tests/chaos

accuracy: env ## the bundles' test figures beside the baseline's and published ones
	$(BIN)/python workflows/benchmarks/accuracy.py

confidence: env ## slow: train with random test compounds; do intervals hold, are probabilities honest, does the domain tell?
	for name in admet-tox potency; do test -d runs/random-split/$$name || MOLSCREEN_DATA="$(DATA)" $(BIN)/python -m molscreen train workflows/training/$$name.toml --split random --no-refit --out runs/random-split/$$name || exit; done
	$(BIN)/python -m workflows.benchmarks.confidence runs/random-split/admet-tox runs/random-split/potency admet-tox potency --plots runs/confidence

campaign: env ## slow: designs for three targets beside a screen of 100,000 purchasable compounds (ARGS=)
	MOLSCREEN_DATA="$(DATA)" $(BIN)/python -m workflows.benchmarks.campaign "$(DATA)"/mcule_1m/*.csv.gz $(ARGS)

cost: env ## nodes, hours, disk and money for 10^9 molecules, from measured rates
	$(BIN)/python workflows/benchmarks/cost_model.py

bench: env $(if $(filter none,$(PEERS)),,$(if $(PEERS_ASKED),$(PEERS)/.stamp)) ## slow: speed beside ADMET-AI, chemprop and RDKit (N= ROUNDS= ONLY= PEERS=none)
	$(BIN)/python -m workflows.benchmarks.speed "$(DATA)"/mcule_1m/*.csv.gz --n $(N) --rounds $(ROUNDS) --only "$(ONLY)" --peers "$(PEERS)"

$(PEERS)/.stamp: workflows/benchmarks/peers.txt # their own environment: 1.7 GB
	"$(PYTHON)" -m venv "$(PEERS)"
	"$(PEERS)"/bin/python -m pip install --quiet --disable-pip-version-check -c workflows/benchmarks/peers.txt torch
	"$(PEERS)"/bin/python -m pip install --quiet --disable-pip-version-check -r workflows/benchmarks/peers.txt
	@touch "$(PEERS)/.stamp"

gpu: env ## molecules a second from STORE= on one GPU, busy share, agreement with the CPU (ARGS=--device cpu)
	$(BIN)/python -m workflows.benchmarks.gpu "$(STORE)" $(ARGS)

bundles: env ## slow: train the bundles that ship, from DATA
	for name in admet-tox potency; do test -d runs/bundles/$$name || MOLSCREEN_DATA="$(DATA)" $(BIN)/python -m molscreen train workflows/training/$$name.toml --out runs/bundles/$$name || exit; done

clean: ## remove the environment and the caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find molscreen tests workflows -name __pycache__ -prune -exec rm -rf {} +
