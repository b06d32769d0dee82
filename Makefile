# One line for each thing that is done often; `make help` lists them.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
RUN := $(VENV)/bin/python

.PHONY: help up down status env test quick lint generate kubernetes-definitions lock

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 26

up: $(READY)  ## a cluster with JupyterHub on it (CLUSTER=auto|k3d|embedded|current, KUBE_VERSION, NETWORK_POLICY=cilium|none, CLUSTER_INSTANCE, VALUES, RELEASE, NAMESPACE)
	@$(RUN) -m ci up

down: $(READY)  ## remove that cluster and everything in it
	@$(RUN) -m ci down

status: $(READY)  ## what runs, and where to look
	@$(RUN) -m ci status

env: $(READY)  ## what to export for kubectl and helm: eval "$$(make -s env)"
	@$(RUN) -m ci env

test: $(READY)  ## every layer of tests, on a real cluster
	@$(RUN) -m ci test

quick: $(READY)  ## unit, schema and render tests of the configuration
	@$(RUN) -m pytest -q tests/unit tests/schema tests/render tests/corpus -m "not process" \
	  --numprocesses auto --dist worksteal

lint: $(READY)  ## style, types and layers
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy && $(VENV)/bin/lint-imports

generate: $(READY)  ## write values.yaml, values.schema.json, model.json and the reference from the models
	@$(RUN) -m hub_config.cli generate

kubernetes-definitions: $(READY)  ## take Kubernetes' definitions anew from the pinned release (needs Go)
	@$(RUN) -m ci.kubernetes_definitions

lock: $(READY)  ## resolve the dependencies of checks and images anew (needs npm)
	@$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --extra dev pyproject.toml -o requirements-dev.txt
	@$(RUN) -m ci.lock

$(READY): requirements-dev.txt pyproject.toml
	@echo "making $(VENV) with the development dependencies ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
