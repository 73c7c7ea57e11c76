# The verbs. `make run` and `make test` set everything up by themselves.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
export SUANZHANG_HOME ?= $(CURDIR)/var
export DAGSTER_HOME := $(SUANZHANG_HOME)/dagster

.PHONY: help setup run test test-fast test-slow test-long test-hostile test-spark test-peers dev lint bench ingest accounting rating clean lock

help:
	@echo "make run         a simulated month, from native files to a closed and published month"
	@echo "make test        all tests that need no outside service"
	@echo "make test-long   deaths at many points, rebuilds in many orders: minutes"
	@echo "make test-hostile  2,000 damaged files for every format: minutes"
	@echo "make dev         the Dagster UI on the same home"
	@echo "make lint        ruff, sqlfluff, mypy, drift of generated files"
	@echo "make bench       speed, as ratios to a bare scan in the same run: bench ingest, accounting, rating"
	@echo "make test-spark  the same models on Apache Spark, equal row by row (needs Java 17)"
	@echo "make test-peers  real servers on loopback: OpenSSH, S3, Prometheus, PostgreSQL, Slurm; skips those not installed"
	@echo "make clean       removes .venv and var"

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "suanzhang needs Python 3.11 or later")'
	@echo "Setting up $(VENV) …"
ifneq ($(UV),)
	@$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	@$(UV) pip install -q --python $(BIN)/python --no-deps --require-hashes -r requirements.lock
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
else
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $@

run: setup
	@$(BIN)/suanzhang run

test: test-fast test-slow

test-fast: setup
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not long and not spark and not peers"

test-slow: setup
	$(BIN)/pytest -n 2 --dist loadscope -m "slow and not long"

test-long: setup
	$(BIN)/pytest -n 2 --dist loadscope -m long

test-hostile: setup
	FUZZ_CASES=$${FUZZ_CASES:-2000} $(BIN)/pytest -n 2 tests/formats/test_hostile.py

test-spark: .venv-spark/.ready
	.venv-spark/bin/pytest -m spark tests/spark

test-peers: $(VENV)/.peers
	$(BIN)/pytest -m peers -rs tests/peers

$(VENV)/.peers: $(VENV)/.ready requirements-peers.lock
ifneq ($(UV),)
	@$(UV) pip install -q --python $(BIN)/python --no-deps --require-hashes -r requirements-peers.lock
else
	@$(BIN)/pip install -q --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements-peers.lock
endif
	@touch $@

.venv-spark/.ready: requirements-spark.lock pyproject.toml
	@echo "Setting up .venv-spark …"
ifneq ($(UV),)
	@$(UV) venv -q --allow-existing --python $(PYTHON) .venv-spark
	@$(UV) pip install -q --python .venv-spark/bin/python --no-deps --require-hashes -r requirements-spark.lock
	@$(UV) pip install -q --python .venv-spark/bin/python --no-deps --no-build-isolation -e .
else
	@$(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/pip install -q --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements-spark.lock
	@.venv-spark/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $@

dev: setup
	@mkdir -p $(DAGSTER_HOME)
	@$(BIN)/python -c 'from pipelines.home import Home; from pipelines.runs import instance_of; instance_of(Home.from_environment()).dispose()'
	$(BIN)/dagster dev -m pipelines.definitions

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint -q dbt/models dbt/tests
	$(BIN)/suanzhang contracts check

bench: setup
	$(BIN)/python -m tests.bench $(filter ingest accounting rating,$(MAKECMDGOALS))

ingest accounting rating:
	@:

clean:
	rm -rf $(VENV) .venv-spark var dbt/target dbt/logs build *.egg-info .pytest_cache .ruff_cache .mypy_cache

lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra dev --extra spark -c requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -q -o requirements-spark.lock
	printf 'flask>=3\nflask-cors>=5\nmoto[s3]>=5\n' | uv pip compile - -c requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements-peers.lock
