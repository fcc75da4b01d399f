# Everything that a person or a machine does with a checkout of Homeward. `make help` lists it.
# Needs Python 3.11 or newer and make; the rest is installed into .venv and node_modules, from locks.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

HOST ?= 127.0.0.1
PORT ?= 8000
MESSAGE ?=
export HOST PORT MESSAGE
# A Python that the locks were not made for would be a surprise, so uv may not fetch one.
export UV_PYTHON_DOWNLOADS := never

VENV := .venv
# What Python compiles is kept, whatever is set outside: the tests' many processes would each do it again.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/compiled
BIN := $(VENV)/bin
PYTHON_IN_VENV := $(BIN)/python
STAMPS := $(VENV)/stamps
FLASK := $(BIN)/flask --app wsgi
AREAS := app marketplace brokerage contracts demo
CODE := $(AREAS) config.py wsgi.py faults
LOCKS := uv core dev prod frontend
PYTEST := $(PYTHON_IN_VENV) -m pytest
# Files begin in the order of tests/conftest.py. Three at a time on two cores, for some wait for servers and clocks;
# two with Chromium, which is several processes itself, and when two parts run side by side.
WORKERS ?= 3
BY_FILE := --dist loadfile --no-loadscope-reorder
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable

SAY = @printf '\n\033[1m%s\033[0m\n'

.PHONY: help
help: ## show this list
	@echo 'Homeward: what make can do'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "  make %-13s %s\n", $$1, $$2 }'

# ------------------------------------------------------------------------------------------------ using Homeward

.PHONY: demo
demo: announce $(STAMPS)/core app/static/govuk/.built ## load a county and serve it (HOST, PORT; default 127.0.0.1, 8000)
	@exec $(PYTHON_IN_VENV) -m demo.serve

.PHONY: demo-reset
demo-reset: announce $(STAMPS)/core app/static/govuk/.built ## throw the demo's data away, load it anew and serve it
	@exec $(PYTHON_IN_VENV) -m demo.serve --reset

.PHONY: announce
announce:
	@test -e $(STAMPS)/uv || echo 'To download: the installer uv (about 18 MB).'
	@test -e $(STAMPS)/core || echo 'To download: Python packages for serving (about 21 MB).'
	@test -e app/static/govuk/.built || echo 'To download: GOV.UK Frontend (about 2 MB; Node.js first, about 60 MB, where there is no npm).'

.PHONY: migrate
migrate: $(STAMPS)/core ## bring the database of DATABASE_URL up to date
	@mkdir -p instance
	$(FLASK) db upgrade

# ------------------------------------------------------------------------------------------------------ checking

.PHONY: check
check: $(STAMPS)/dev app/static/govuk/.built ## lint, types, imports, templates, rules and architecture (under a minute)
	@$(PYTHON_IN_VENV) -m tests.everything --quick

.PHONY: lint
lint: $(STAMPS)/dev ## ruff: mistakes and layout
	$(SAY) 'Lint'
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; echo 'Run `make format`.'; exit 1; }

.PHONY: format
format: $(STAMPS)/dev ## ruff: put the layout right
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .

.PHONY: types
types: $(STAMPS)/dev ## mypy --strict
	$(SAY) 'Types'
	@$(BIN)/mypy --strict $(CODE) frontend pagecheck bench

.PHONY: imports
imports: $(STAMPS)/dev ## import-linter: who may know of whom
	$(SAY) 'Imports'
	@$(BIN)/lint-imports --no-logo

.PHONY: templates
templates: $(STAMPS)/dev ## djlint: page templates
	$(SAY) 'Templates'
	@$(BIN)/djlint --lint --quiet $(AREAS)

.PHONY: rules
rules: $(STAMPS)/dev app/static/govuk/.built ## tests that need no database and no browser
	$(SAY) 'Rules and architecture'
	@$(PYTEST) -m 'not database and not browser' --ignore=tests/browser

.PHONY: test
test: $(STAMPS)/dev app/static/govuk/.built ## everything: check, then SQLite, PostgreSQL and Chromium; says what failed
	@$(PYTHON_IN_VENV) -m tests.everything

.PHONY: sqlite
sqlite: $(STAMPS)/dev app/static/govuk/.built ## tests that need a database, on SQLite
	$(SAY) 'On SQLite'
	@$(PYTEST) -m database --ignore=tests/browser --database=sqlite -n $(WORKERS) $(BY_FILE)

.PHONY: postgres
postgres: $(STAMPS)/dev app/static/govuk/.built ## the same on PostgreSQL
	$(SAY) 'On PostgreSQL'
	@$(PYTEST) -m database --ignore=tests/browser --database=postgres -n $(WORKERS) $(BY_FILE)

.PHONY: chromium
chromium: $(STAMPS)/dev app/static/govuk/.built browser ## tests in a browser
	$(SAY) 'In Chromium'
	@$(PYTEST) tests/browser -m browser -n 2 $(BY_FILE)

.PHONY: browser
browser: ## make sure that there is a Chromium for the browser tests
	@for name in $(BROWSERS); do \
	  if command -v $$name >/dev/null 2>&1; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo 'To download: Chromium and a font, from the system packages (about 120 MB).'; \
	  apt-get update; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-liberation; \
	  command -v chromium >/dev/null; \
	else \
	  echo 'The browser tests need Chromium or Chrome, and none of these is on the path: $(BROWSERS).' >&2; \
	  echo 'Install it, for example: sudo apt-get install chromium fonts-liberation' >&2; \
	  exit 1; \
	fi

.PHONY: audit
audit: $(STAMPS)/dev app/static/govuk/.built browser ## look at every page as every role at two widths: axe, HTML, focus, size, reflow
	$(SAY) 'Every page, every role, 1280 and 320 px'
	@$(PYTHON_IN_VENV) -m pagecheck

.PHONY: county
county: $(STAMPS)/dev app/static/govuk/.built ## the long proof: all 600 packages to an outcome, on SQLite and PostgreSQL
	$(SAY) 'The whole county on SQLite'
	@$(PYTEST) tests/journeys/test_the_county.py --whole-county --database=sqlite
	$(SAY) 'The whole county on PostgreSQL'
	@$(PYTEST) tests/journeys/test_the_county.py --whole-county --database=postgres

.PHONY: abuse
abuse: $(STAMPS)/dev app/static/govuk/.built ## the long attack: over 10,000 odd requests as every role, on SQLite and PostgreSQL
	$(SAY) 'Attacks on SQLite'
	@$(PYTEST) tests/abuse --many --database=sqlite
	$(SAY) 'Attacks on PostgreSQL'
	@$(PYTEST) tests/abuse --many --database=postgres

.PHONY: bench
bench: $(STAMPS)/dev app/static/govuk/.built ## speed on SQLite and PostgreSQL, or beside an older build: make bench BESIDE=REVISION
	@$(PYTHON_IN_VENV) -W ignore -m bench $(if $(BESIDE),--beside $(BESIDE))

.PHONY: faults
faults: $(STAMPS)/dev app/static/govuk/.built ## the proofs of failure and recovery: kills, full disks, hanging databases (root, three quarters of an hour)
	$(SAY) 'Faults'
	@$(PYTHON_IN_VENV) -W ignore -m faults

.PHONY: scopes
scopes: $(STAMPS)/dev app/static/govuk/.built ## takes away, one at a time, what keeps councils apart: a test must notice (a quarter of an hour)
	$(SAY) 'Scopes'
	@$(PYTHON_IN_VENV) -m tests.architecture.scopes

# ------------------------------------------------------------------------------------------------------ changing

.PHONY: revision
revision: $(STAMPS)/dev ## draft a migration: make revision MESSAGE='add reviews'
	@test -n "$$MESSAGE" || { echo "Say what changes: make revision MESSAGE='add reviews'" >&2; exit 1; }
	$(FLASK) db migrate -m "$$MESSAGE"

.PHONY: screenshots
screenshots: $(STAMPS)/dev app/static/govuk/.built browser ## take the README's pictures anew
	$(PYTHON_IN_VENV) -m demo.screenshots

.PHONY: lock
lock: $(STAMPS)/uv ## choose versions anew from requirements/*.in and package.json
	@for name in $(LOCKS); do \
	  echo "requirements/$$name.txt"; \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
	    --python-version 3.11 --custom-compile-command 'make lock' \
	    requirements/$$name.in --output-file requirements/$$name.txt; \
	done
	@if command -v npm >/dev/null 2>&1; then npm install --package-lock-only --ignore-scripts; \
	else echo 'No npm here: package-lock.json is left as it is.'; fi
	@if grep -lE 'https?://|^--(extra-)?index-url|^--find-links|"resolved"' requirements/*.txt package-lock.json; then \
	  echo 'A lock names an address; it may not.' >&2; exit 1; \
	fi

# ---------------------------------------------------------------------------------------------------- installing

.PHONY: venv
venv: $(STAMPS)/dev app/static/govuk/.built ## install everything for working on Homeward

.PHONY: core
core: $(STAMPS)/core app/static/govuk/.built ## install only what serving needs

.PHONY: server
server: $(STAMPS)/prod app/static/govuk/.built ## install what a server needs: Homeward, gunicorn, style sheets

.PHONY: clean
clean: ## throw away what make has installed and built (no data)
	rm -rf $(VENV) node_modules app/static/govuk .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The first of these that is new enough and can make environments. PYTHON=... names another.
$(PYTHON_IN_VENV):
	@new_enough=; chosen=; \
	for candidate in $${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3 python}; do \
	  $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  new_enough=$$candidate; \
	  if $$candidate -c 'import ensurepip, venv' >/dev/null 2>&1; then chosen=$$candidate; break; fi; \
	done; \
	if [ -n "$$chosen" ]; then \
	  echo "Making $(VENV) with $$($$chosen --version)"; \
	  $$chosen -m venv --clear $(VENV); \
	elif [ -n "$$new_enough" ]; then \
	  echo "$$new_enough cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	else \
	  echo 'Homeward needs Python 3.11 or newer, and none was found on the path.' >&2; \
	  echo 'Install one, or name it: make PYTHON=/path/to/python3.12 ...' >&2; exit 1; \
	fi

$(STAMPS)/uv: requirements/uv.txt | $(PYTHON_IN_VENV)
	@echo 'Installing uv'
	@$(PYTHON_IN_VENV) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/core: requirements/core.txt $(STAMPS)/uv
	@echo 'Installing what serving needs'
	@$(BIN)/uv pip install --quiet --python $(PYTHON_IN_VENV) --require-hashes -r requirements/core.txt
	@touch $@

$(STAMPS)/prod: requirements/prod.txt $(STAMPS)/core
	@echo 'Installing gunicorn'
	@$(BIN)/uv pip install --quiet --python $(PYTHON_IN_VENV) --require-hashes -r requirements/core.txt -r requirements/prod.txt
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/core
	@echo 'Installing what checks and tests need (about 95 MB to download)'
	@$(BIN)/uv pip install --quiet --python $(PYTHON_IN_VENV) --require-hashes -r requirements/core.txt -r requirements/dev.txt
	@touch $@

app/static/govuk/.built: package.json package-lock.json frontend/build.py requirements/frontend.txt | $(STAMPS)/uv
	@$(PYTHON_IN_VENV) -m frontend.build
	@touch $@
