# Everything below needs Python >= 3.10 (the tests 3.11) and make; the rest is set up in folders of the checkout.
PYTHON ?= python3
BIN := $(CURDIR)/.venv/bin
export GPTOSS_LAB_DATA_DIR ?= $(CURDIR)/.local/gptoss_lab
export PATH := $(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help try test check bench bench-soak docs lab lock sbom ui wire clean setup setup-dev

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:
	@$(PYTHON) tools/bootstrap.py

setup-dev:
	@$(PYTHON) tools/bootstrap.py --dev

try: setup ## documentation to executed notebook, on this machine, no model needed
	@$(BIN)/python tools/main_job.py

test: setup-dev ## every check and test that this machine can run
	@$(BIN)/python -m tools.test

check: setup-dev ## the static checks and unit tests only
	@$(BIN)/python -m tools.test --quick

bench: setup-dev ## the benchmarks, one JSON line per figure
	@$(BIN)/python -m pip install --quiet "basedpyright==1.40.2" "bm25s>=0.2.7" "ty==0.0.105"
	@$(BIN)/python -m bench

bench-soak: setup-dev ## a thousand sandboxes in a row; takes long
	@$(BIN)/python -m bench.sandbox_soak

docs: setup-dev ## the documentation as a site, in .local/docs; a broken link is an error
	@$(BIN)/python -m tools.docs

lab: setup ## JupyterLab on this checkout
	@$(BIN)/jupyter lab

ui: setup-dev ## the browser tests only
	@$(BIN)/python -m tools.test --only ui

wire: setup-dev ## write src/wire/schema.ts from the pydantic models
	@$(BIN)/python tools/wire_schema.py

sbom: setup-dev ## the bill of materials (CycloneDX) and the report of licences, in dist/
	@$(BIN)/python -m tools.sbom --out dist

lock: setup-dev ## resolve the sandbox environments' packages anew
	@$(BIN)/python -m tools.lock --upgrade

clean: ## remove what was built here
	rm -rf .venv .local node_modules lib gptoss_lab/labextension try ui-tests/node_modules
