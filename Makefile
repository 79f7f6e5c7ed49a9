# `make demo` and `make test` do all the set-up; on Windows run the commands that the README lists beside them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The tests of one file share their servers, so a file stays in one process.
PYTEST_ARGS ?= -n auto --dist loadscope

.PHONY: demo test lint format bench golden clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/kbuild demo

test: $(VENV)/.installed lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: $(VENV)/.installed
	$(BIN)/python -m tests.golden.write

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
