# A demonstration, the tests and the checks of mianshen. Needs GNU make and Python 3.11 or later.
#
# Every path here is relative, so that the folder may have spaces in its name. `.venv` is made once per
# place; a stamp in it carries a checksum of what was installed, so that a second call installs nothing.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The Python to start from; the first of these that is 3.11 or later. `make demo PYTHON=…` names another.
PYTHON ?= python3.11 python3.12 python3.13 python3.14 python3 python
# How many test processes; `make test JOBS=0` runs them in one.
JOBS ?= auto
# What pytest gets beside that: `make test ARGS="tests/engine -k netting"`.
ARGS ?=
# How many processes `make faults` kills.
N ?= 200

VENV := .venv
RUN := $(VENV)/bin/python -m
INSTALL := PIP_DISABLE_PIP_VERSION_CHECK=1 $(RUN) pip install --quiet
checksum = $(shell { pwd; cat $(1) </dev/null; } | cksum | cut -d ' ' -f 1)
MADE := $(VENV)/.made-$(call checksum,)
RUNTIME := $(VENV)/.runtime-$(call checksum,requirements.lock pyproject.toml)
TESTING := $(VENV)/.testing-$(call checksum,requirements.lock requirements-dev.lock pyproject.toml)

.PHONY: help demo test bench bench-peers faults check format docs words lock clean

help:
	@echo 'make demo    a made-up district: data, rules, three nights, and what they found'
	@echo 'make test    every test that this machine can run, and what the others would need'
	@echo 'make bench   how fast matching, nights, money and pages are here; ARGS="--only subjects --write"'
	@echo 'make bench-peers  install the engines that `make bench` then measures beside ours'
	@echo 'make faults  kill processes at random instants of a month, and look what that breaks (N=1000)'
	@echo 'make check   formatting, lint, types, imports, dependencies, spelling'
	@echo 'make format  write the formatting that `make check` asks for'
	@echo 'make docs    write docs/errors.md and the tables of docs/flow.md and docs/library.md'
	@echo 'make words   write what pages say into their English catalogue, where what is new waits for its words'
	@echo 'make lock    resolve the requirements anew (needs uv)'
	@echo 'make clean   remove what the others made'

demo: $(RUNTIME)
	@$(VENV)/bin/mianshen demo

test: $(TESTING)
	@echo 'test: running pytest; what cannot run here is listed at the end'
	@$(RUN) pytest --numprocesses=$(JOBS) --maxprocesses=8 --dist=loadgroup $(ARGS)

bench: $(TESTING)
	@echo 'bench: matching made-up subjects, also by other engines; nights of a made-up district, its money, its pages'
	@$(RUN) tests.bench $(ARGS)

# In a folder that nothing but these engines' own processes looks into: what they need differs from what we do.
bench-peers: $(TESTING)
	@echo 'bench-peers: installing the engines of the group `peers` (about 200 MB)'
	@$(INSTALL) --no-warn-conflicts --upgrade --target $(VENV)/peers $$($(VENV)/bin/python -c \
		'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["peers"])')

faults: $(TESTING)
	@$(RUN) tests.faults --kills $(N) $(ARGS)

check: $(TESTING)
	@echo 'check: formatting'
	@$(RUN) ruff format --check --quiet .
	@echo 'check: lint'
	@$(RUN) ruff check --quiet .
	@echo 'check: types'
	@$(RUN) mypy
	@echo 'check: imports'
	@$(VENV)/bin/lint-imports --no-cache
	@echo 'check: dependencies'
	@$(RUN) deptry .
	@echo 'check: spelling'
	@$(RUN) codespell_lib

format: $(TESTING)
	@$(RUN) ruff check --quiet --fix-only .
	@$(RUN) ruff format .

docs: $(TESTING)
	@$(RUN) tests.gallery.errors_page
	@$(RUN) tests.repo.flow_page
	@$(RUN) tests.repo.library_page

words: $(TESTING)
	@$(RUN) tests.repo.page_words

lock:
	@command -v uv >/dev/null || { echo 'lock: this needs uv: pip install uv' >&2; exit 1; }
	@echo 'lock: resolving requirements.lock and requirements-dev.lock'
	@uv pip compile pyproject.toml --extra postgres --group build \
		--universal --generate-hashes --no-strip-extras --no-header --no-annotate --quiet $(ARGS) --output-file requirements.lock
	@uv pip compile pyproject.toml --extra postgres --extra spark --group build --group dev --constraint requirements.lock \
		--universal --generate-hashes --no-strip-extras --no-header --no-annotate --quiet $(ARGS) --output-file requirements-dev.lock
	@echo 'lock: done; `make lock ARGS=--upgrade` takes newer versions'

clean:
	@echo 'clean: removing .venv, caches and the demonstration'
	@rm -rf $(VENV) demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew where the folder was moved: the programs in a virtual environment know where they are.
$(MADE):
	@rm -rf $(VENV)
	@for python in $(PYTHON); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		echo "setup: making $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv $(VENV) || { echo 'setup: no venv; on Debian: apt-get install python3-venv' >&2; exit 1; }; \
		break; \
	done
	@test -x $(VENV)/bin/python || { echo 'setup: Python 3.11 or later was not found; name it with PYTHON=' >&2; exit 1; }
	@touch $@

$(RUNTIME): | $(MADE)
	@echo 'setup: installing what mianshen needs (about 340 MB)'
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.runtime-* && touch $@

$(TESTING): | $(RUNTIME)
	@echo 'setup: installing what its tests and checks need (about 370 MB more)'
	@$(INSTALL) --require-hashes --requirement requirements-dev.lock
	@rm -f $(VENV)/.testing-* && touch $@
