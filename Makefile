# Footnote. `make` explains every target; CI calls the same ones.

ifneq ($(word 1,$(sort 3.82 $(MAKE_VERSION))),3.82)
$(error GNU make 3.82 or newer is needed, this is $(MAKE_VERSION): install it (Debian: apt-get install make; macOS: brew install make))
endif

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup demo run test prove bench eval-evidence check style types contracts markup settings format messages lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BASE := $(VENV)/.installed-base
DEV := $(VENV)/.installed-dev
# Tests and checks have settings of their own, whatever the caller's environment says.
TESTING := DJANGO_SETTINGS_MODULE=config.settings.test
export ONESHOT
# Programs start by the dozen here: what was compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE

help: ## Explain every target (this list)
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(DEV) ## Install everything for running, testing and checking into .venv
	@echo "Ready: make demo, make test, make check."

demo: $(BASE) ## Start it all, research one question, keep serving (ONESHOT=1: stop after the report)
	@exec $(BIN)/python -m config.supervisor demo

run: $(BASE) ## Serve: Postgres, Redis, web, gate, worker, scheduler; until Ctrl-C
	@exec $(BIN)/python -m config.supervisor run

test: $(DEV) ## Run the tests (ARGS="tests/config -k lock" picks some)
	@$(TESTING) exec $(BIN)/python -m pytest -n 2 $(ARGS)

prove: $(DEV) ## Prove the promises: kill workers at every write, forge, replay, cross tenants (slow)
	@$(TESTING) exec $(BIN)/python -m pytest --prove tests/config tests/accounts tests/staff tests/engine tests/journeys tests/gate tests/policy tests/observability tests/tenancy tests/billing tests/approvals tests/ui tests/web/test_abuse.py $(ARGS)

bench: $(DEV) ## Measure what a step, a run, a page and a stream cost on this machine
	@exec $(BIN)/python -m tests.bench $(ARGS)

eval-evidence: $(DEV) ## Measure the checker of sentences: ARGS="--wice FILE --attribution FILE" for sets of your own
	@$(TESTING) $(BIN)/python manage.py eval_evidence $(ARGS)

check: $(DEV) ## Style, formatting, types, import contracts, templates, settings, migrations
	@$(MAKE) --no-print-directory --keep-going style types contracts markup settings

# The parts of `make check`; all of them run, so that one run shows all there is to mend.
style:
	$(BIN)/ruff check --output-format concise .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports

markup:
	$(BIN)/djhtml --check --tabwidth 2 templates

settings:
	$(TESTING) $(BIN)/python manage.py check
	$(TESTING) $(BIN)/python manage.py makemigrations --check --dry-run

format: $(DEV) ## Put imports, layout and templates in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djhtml --tabwidth 2 templates

messages: $(DEV) ## Collect the texts to translate, then compile the translations
	@command -v xgettext > /dev/null || { echo "xgettext is missing: install gettext (Debian: apt-get install gettext)." >&2; exit 2; }
	$(TESTING) $(BIN)/python manage.py makemessages --all --no-wrap --add-location file --ignore .venv --ignore var --ignore tests
	$(TESTING) $(BIN)/python manage.py compilemessages --ignore .venv

lock: $(DEV) ## Resolve requirements/*.in anew into pinned .txt files with hashes
	for each in setup base dev optional; do \
	  (cd requirements && ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --output-file $$each.txt $$each.in) || exit 2; \
	done

clean: ## Remove .venv and caches; what you made stays in var/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis static-build
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# uv from PyPI, in a virtual environment that still works.
$(BIN)/uv: requirements/setup.txt
	@command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer (Debian: apt-get install python3 python3-venv), or name yours: make $(MAKECMDGOALS) PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11: name a newer one: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { echo "Python's venv module is missing: install it (Debian: apt-get install python3-venv)." >&2; exit 2; }
	@echo "Making $(VENV) ..."
	@$(BIN)/python -c pass 2> /dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/setup.txt || { echo "PyPI cannot be reached, or refused: see the lines above." >&2; exit 2; }
	@touch $@

# What running needs. It adds to what is there, so that it never undoes `make setup`.
$(BASE): requirements/base.txt $(BIN)/uv
	@echo "Installing what running needs ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/base.txt
	@$(BIN)/python -m compileall -q config apps 2> /dev/null || true
	@touch $@

# What testing and checking need too: exactly the two lists, nothing else.
$(DEV): requirements/base.txt requirements/dev.txt $(BIN)/uv
	@echo "Installing everything ..."
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements/setup.txt requirements/base.txt requirements/dev.txt
	@$(BIN)/python -m compileall -q config apps 2> /dev/null || true
	@touch $(BASE) $@
