# make run     set everything up and run the main job
# make test    set everything up and run every check
# make help    the other targets

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
SCENARIO ?= beijing-2020
BIN := $(VENV)/bin
LOG := $(VENV)/install.log
IS_RIGHT := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c '$(IS_RIGHT)' 2>/dev/null && echo $$p && break; done)
UV := $(shell command -v uv 2>/dev/null)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

# What an installer says goes to a log, shown without addresses if it fails.
quietly = echo "$(1)"; $(2) >>$(LOG) 2>&1 || { echo "That failed:" >&2; \
	tail -n 25 $(LOG) | sed -E -e 's|[a-z+]+://[^[:space:])>]+|(address)|g' -e 's|host=[^ )]+|(host)|g' >&2; exit 1; }
ifdef UV
install = $(call quietly,$(1),$(UV) pip install --quiet --python $(BIN)/python $(2))
else
install = $(call quietly,$(1),$(BIN)/python -m pip install --quiet $(2))
endif

.PHONY: help run test lint types pytest lengthy page docs bench clean

help: ## show this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10 | sed 's/^/make /'

$(VENV)/.made:
	@test -n "$(PYTHON)$(UV)" || { echo "Glass City needs Python 3.11 to 3.14 with venv (Debian: apt install python3-venv);" \
		"name another with make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Making $(VENV)"
ifdef UV
	@test -x $(BIN)/python || $(UV) venv --quiet --python '$(or $(PYTHON),3.13)' $(VENV)
else
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call quietly,Bringing pip up to date,$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1')
endif
	@touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml
	@$(call install,Installing Glass City (about 700 MB with all it needs),--editable .)
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@$(call install,Installing the tools for tests,--editable . --group test)
	@touch $@

$(VENV)/.docs: $(VENV)/.run
	@$(call install,Installing the tools for documentation,--editable . --group docs)
	@touch $@

run: $(VENV)/.run ## the main job: a scored year, its report, and how to run it in full
	@$(BIN)/glasscity run $(SCENARIO) $(ARGS)
	@echo "(glasscity stands for $(BIN)/glasscity, unless the environment is active: . $(BIN)/activate)"

test: lint types pytest ## every check: ruff, mypy, the import contract and all tests

lint: $(VENV)/.test ## ruff
	@$(BIN)/ruff check --quiet .

types: $(VENV)/.test ## mypy
	@$(BIN)/mypy

pytest: $(VENV)/.test ## all tests, on all cores: a module in one process, one process more than cores, since many wait for others
	@$(BIN)/glasscity warmup
	@$(BIN)/pytest -q -n $$($(BIN)/python -c 'import os; print(1 + (os.cpu_count() or 1))') --dist loadfile --no-loadscope-reorder $(ARGS)

lengthy: $(VENV)/.test ## tests that take minutes each: code made for devices, more kills, ten times the fuzz
	@FUZZ_TIMES=10 $(BIN)/pytest -q -m 'lengthy or fuzz' $(ARGS)

page: ## build the page of `glasscity serve` from page/ into the package (needs Node)
	@cd page && npm ci --no-audit --no-fund --silent && npm run --silent check && npm run --silent build

docs: $(VENV)/.docs ## the documentation, into docs/_build/html
	@$(BIN)/python docs/make_sources.py --check
	@$(BIN)/python docs/make_scenarios.py --check
	@$(BIN)/python docs/make_articles.py --check
	@$(BIN)/python docs/make_validation.py --check
	@$(BIN)/python docs/make_robustness.py --check
	@$(BIN)/python docs/make_questions.py --check
	@$(BIN)/python docs/make_metrics.py --check
	@$(BIN)/python docs/make_examples.py --check
	@$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(VENV)/.test ## the main job measured; ARGS=scaling, peers, china or all for more
	@$(BIN)/python benchmarks/run.py $(or $(ARGS),speed)

clean: ## remove the environment and everything made; runs/ stays
	@rm -rf $(VENV) page/node_modules docs/_build build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage
	@find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +
