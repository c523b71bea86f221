# make help lists what there is. Everything runs in .venv, which is made when it is missing or requirements.txt changes.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve build test spell run bench lint browser

help:  ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

serve: $(VENV)/ready  ## build both languages and serve them, rebuilding what you save (PORT=8000)
	@$(BIN)/python -m mkdocs serve -a localhost:$(PORT)

build: $(VENV)/ready  ## build both languages into site/
	@$(BIN)/python -m mkdocs build

test: $(VENV)/ready browser lint  ## run all tests, in parallel on all cores
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest

spell: $(VENV)/ready  ## check the spelling, and that one thing has one name (part of make test)
	@$(BIN)/python -m pytest -n 0 tests/pages/test_words.py

run: $(VENV)/ready  ## run one snippet and show what it makes: make run SNIPPET=regression/gradient_descent
	@$(BIN)/python -m sitebuild $(SNIPPET)

bench: $(VENV)/ready  ## measure how fast the build is, beside mkdocs-jupyter and sphinx-gallery
	@$(BIN)/python -m bench

lint: $(VENV)/ready
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

browser: $(VENV)/ready
	@$(BIN)/python -m tests.browser

$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed, and $(PYTHON) is older or missing: make $(or $(MAKECMDGOALS),serve) PYTHON=python3.11'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'Installing requirements.txt into $(VENV) (the first time: several minutes)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@
