# Two commands matter: `make chat` and `make test`. Both prepare .venv themselves.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Your own FAQ, say: make chat FAQ=my_faq.csv PORT=8000
FAQ ?=
HOST ?=
PORT ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export HF_HUB_OFFLINE ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup chat test lint types unit format bench test-long clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.installed ## Create .venv and install the project into it

chat: setup ## Open the chat window (HOST=, PORT=, FAQ= to change where and what)
	@$(BIN)/mundap chat $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT)) \
		$(if $(FAQ),--faq "$(FAQ)")

test: lint types unit ## Run lint, types, unit, property, contract and browser tests

lint: $(VENV)/.installed-dev ## Check style with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev ## Check types with mypy --strict
	@mkdir -p $(VENV)/types && ln -sfn ../.. $(VENV)/types/mundap
	$(BIN)/mypy

unit: $(VENV)/.installed-dev ## Run the tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long"

format: $(VENV)/.installed-dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Run the benchmarks (MUNDAP_DATA_DIR= for the public data)
	$(BIN)/python -m benchmarks.run_all

test-long: $(VENV)/.installed-dev ## Run the tests that take minutes or need MUNDAP_DATA_DIR
	$(BIN)/python -m pytest -m long

clean: ## Remove .venv and caches (encoders and indexes stay)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed; none was found." >&2; exit 2; }
	@echo "Installing into $(VENV) (a few minutes the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing the tools of the tests ..."
	@$(PIP) install --constraint constraints.txt --editable ".[dev,onnx]"
	@touch $@
