# The two commands: `make demo` and `make test`. Both install what is missing, and are quick when nothing is.
# Debian 12 or later with Python 3.11; apt-get is used only for what is not there (scripts/system-packages).

.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
JOBS ?= 2
REAL_DATA ?= ../shared/data
COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11

# Without bytecode every command would compile its libraries anew: three seconds instead of one.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: .venv/addressbook-base page compiled ## a working sample district on http://127.0.0.1:8000; Ctrl-C stops it
	@exec $(BIN)/python scripts/foreground.py $(BIN)/addressbook demo

.PHONY: test
test: .venv/addressbook-dev page lint compiled ## all checks and all tests
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations=25

# Two processes that met an uncompiled parser would both compile it.
.PHONY: compiled
compiled: .venv/addressbook-base ## parser and matcher as machine code, once a machine
	@$(BIN)/python -m addressbook.parse & $(BIN)/python -c 'from addressbook import native; native.make()'; wait

.PHONY: lint
lint: .venv/addressbook-dev ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy scripts/*.py

.PHONY: web
web: .venv/addressbook-base ## build the page into api/static
	@scripts/build-page

# The service works without its page, so a page that cannot be built (no network) is told and passed over.
.PHONY: page
page: .venv/addressbook-base
	@scripts/build-page || echo "make: the page was not built; the service runs without it. 页面未能构建，服务仍可使用。" >&2

.PHONY: real
real: .venv/addressbook-dev ## load the real Xiaoshan from REAL_DATA (default ../shared/data)
	$(BIN)/python -m benchmarks.real $(REAL_DATA)

.PHONY: bench
bench: .venv/addressbook-dev ## the benchmarks, as ratios to a floor measured in the same run
	$(BIN)/python -m benchmarks

.PHONY: bench-parse
bench-parse: .venv/addressbook-dev ## the parser on the labelled addresses of REAL_DATA, with its commonest faults
	$(BIN)/python -m benchmarks.bench_parse --file $(REAL_DATA)/labelled_addresses/dev.jsonl

.PHONY: bench-match
bench-match: .venv/addressbook-bench ## the matcher on dirty queries with known truth, beside two peers
	PYTHONPATH=.venv/bench $(BIN)/python -m benchmarks.bench_match

.PHONY: bench-pairs
bench-pairs: .venv/addressbook-dev ## compare two texts: the labelled pairs of REAL_DATA, as ratios to rapidfuzz
	$(BIN)/python -m benchmarks.bench_pairs --file $(REAL_DATA)/address_pairs/pairs.csv

.PHONY: bench-rate
bench-rate: .venv/addressbook-dev ## address views at sixteen clients on the database of ADDRESSBOOK_HOME, beside pgbench
	$(BIN)/python -m benchmarks.bench_rate

.PHONY: bench-service
bench-service: .venv/addressbook-dev ## every bar of the service on 1,000,000 addresses and 2,000,000 elements, which are loaded first
	$(BIN)/python -m benchmarks.bench_service

.PHONY: bench-registry
bench-registry: .venv/addressbook-dev ## transactions at once from eight connections, and what a page of a long feed costs
	$(BIN)/python -m benchmarks.bench_registry

.PHONY: bench-quality
bench-quality: .venv/addressbook-dev ## the quality figures of 200,000 addresses, beside one count of the tables
	$(BIN)/python -m benchmarks.bench_quality

.PHONY: bench-divisions
bench-divisions: .venv/addressbook-dev ## divisions resolved to the right code, on the labelled addresses of REAL_DATA
	$(BIN)/python -m benchmarks.bench_divisions --file $(REAL_DATA)/labelled_addresses/dev.jsonl

.PHONY: lock
lock: .venv/addressbook-base ## resolve requirements/*.txt anew
	$(COMPILE) --upgrade requirements/bootstrap.in -o requirements/bootstrap.txt
	$(COMPILE) --upgrade requirements/base.in -c requirements/bootstrap.txt -o requirements/base.txt
	$(COMPILE) --upgrade requirements/dev.in -c requirements/base.txt -o requirements/dev.txt
	$(COMPILE) --upgrade requirements/bench.in -c requirements/dev.txt --no-emit-package numpy -o requirements/bench.txt
	$(COMPILE) --upgrade requirements/web.in -o requirements/web.txt

.PHONY: clean
clean: ## stop the private database, delete it and everything else that was made
	@scripts/clean

# The stamps are newer than what they were made from, so a second run does nothing.
.venv/addressbook-base: requirements/base.txt requirements/bootstrap.txt pyproject.toml scripts/python-environment | packages-base
	@scripts/python-environment base

.venv/addressbook-dev: requirements/dev.txt requirements/bootstrap.txt pyproject.toml scripts/python-environment | packages-dev
	@scripts/python-environment dev

.venv/addressbook-bench: requirements/bench.txt .venv/addressbook-dev
	@scripts/python-environment bench

.PHONY: packages-base packages-dev
packages-base:
	@scripts/system-packages python compiler postgis
packages-dev:
	@scripts/system-packages python compiler postgis chromium
