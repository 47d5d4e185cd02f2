# The two commands a newcomer needs are `make serve` and `make test`; `make check` is the third.
HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FRONTEND := server/frontend
BUNDLE := server/kizuna/web/static/build
# Tests run side by side in so many processes; each has its own servers, stores and browser.
TEST_PROCESSES ?= 2
PYTEST_ARGS ?=

.PHONY: serve test check format lock clean frontend setup setup-dev prerequisites bench audit sbom fuzz

prerequisites:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Kizuna needs Python 3.11 or newer as '$(PYTHON)' (set PYTHON=/path/to/python3.11)."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: install your system's python3-venv package."; exit 1; }
	@command -v npm >/dev/null 2>&1 || { echo "Kizuna needs Node.js 20 or newer with npm to bundle its front end: install them and try again."; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Node.js is older than 20: install Node.js 20 or newer."; exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml
	@$(MAKE) --no-print-directory prerequisites
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(FRONTEND)/node_modules/.installed: $(FRONTEND)/package.json $(FRONTEND)/package-lock.json
	@$(MAKE) --no-print-directory prerequisites
	cd $(FRONTEND) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUNDLE)/.built: $(FRONTEND)/node_modules/.installed $(shell find $(FRONTEND) -path '*/node_modules' -prune -o -type f -print 2>/dev/null)
	cd $(FRONTEND) && npm run --silent build
	@touch $@

setup: $(VENV)/.runtime
setup-dev: $(VENV)/.dev
frontend: $(BUNDLE)/.built

serve: $(VENV)/.runtime $(BUNDLE)/.built
	@$(BIN)/kizuna serve --host $(HOST) --port $(PORT)

test: $(VENV)/.dev $(BUNDLE)/.built
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal $(PYTEST_ARGS)

check: $(VENV)/.dev $(BUNDLE)/.built
	$(BIN)/mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint --failure-threshold style deploy/Containerfile
	$(BIN)/python -m pytest -q tests/docs tests/structure

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev $(BUNDLE)/.built
	$(BIN)/python -m benchmarks

# What an installation holds: CycloneDX bills from the lock files. Needs no network.
sbom: $(VENV)/.dev
	$(BIN)/python scripts/sbom.py dist/sbom

# Known weaknesses of what is locked. The lists of weaknesses live elsewhere, so this needs internet; it is no part of `make check`.
audit: $(VENV)/.dev
	@echo "Asking the advisory databases of PyPI and npm about everything that is locked (needs internet) …"
	$(BIN)/uvx --quiet pip-audit --strict --require-hashes --disable-pip -r requirements.lock || { echo "pip-audit has found something, or could not ask (see above). Without internet nothing has been checked."; exit 1; }
	cd $(FRONTEND) && npm audit --package-lock-only --omit dev --audit-level=high || { echo "npm audit has found something, or could not ask (see above). Without internet nothing has been checked."; exit 1; }

# Coverage-guided fuzzing (atheris) of everything that reads what strangers send; FUZZ_SECONDS for each target.
FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

# Pins every dependency, with hashes and without addresses.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile -q --upgrade --no-emit-index-url --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --no-emit-index-url --generate-hashes --no-header pyproject.toml requirements-dev.in -o requirements-dev.lock
	echo hatchling | $(BIN)/uv pip compile -q --upgrade --no-emit-index-url --generate-hashes --no-header - -o requirements-build.lock

clean:
	rm -rf $(VENV) $(BUNDLE) $(FRONTEND)/node_modules
