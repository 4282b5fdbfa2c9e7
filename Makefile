# `make run` on a fresh machine needs Python >= 3.11, make and git; `make help` lists the rest.
# Everything that is made lies in .venv/, web/node_modules/ and src/fourhands/static/; `make clean` removes it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

# The first Python that is new enough; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
WEB := $(BIN)/python hatch_build.py
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
FUZZ := $(VENV)/.fuzz-installed
# Side by side, each file of tests in one piece: they share servers. One more than processors, since they wait for some of their time.
# `make test-python WORKERS=` runs one after another.
TOPOLOGY ?= one
WORKERS ?= -n $(shell nproc 2>/dev/null | awk "{ print (\$$1 < 4 ? \$$1 + 1 : 4) }") --dist loadfile --no-loadscope-reorder
# The long runs wait for disks, starts and stops, and each has its own.
WAITING ?= -n 2 --dist loadfile
# Browsers fill a processor each.
BROWSERS ?= -n auto --maxprocesses 4 --dist loadfile

# ---------------------------------------------------------------- what people call

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: pages ## build what is missing and serve; PORT, HOST and every other setting come from the environment
	@exec $(BIN)/python -m fourhands serve $(if $(HOST),--host "$(HOST)") $(if $(PORT),--port "$(PORT)") $(ARGS)

.PHONY: test
test: test-tools test-python test-beside e2e ## install what the tests need, and run all of them

.PHONY: check
check: $(DEV) ## lint, types, layers, architecture; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture
	$(WEB) npm run check
	$(BIN)/python tools/audit.py

.PHONY: fix
fix: $(DEV) ## let ruff format and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: test-python
test-python: $(DEV) ## the server's tests (ARGS goes to pytest)
	$(BIN)/python -m pytest -q $(WORKERS) --ignore=tests/e2e --ignore=tests/interop --ignore=tests/soak $(ARGS)

.PHONY: languages
languages: $(DEV) ## run the samples of all languages that this machine has in the sandbox, and say which lack (ARGS="rust go" for some)
	$(BIN)/python -m tests.execution.languages.samples $(ARGS)

# Each of these is one process that waits for much of its time; what they say comes in one piece when they end.
.PHONY: test-beside
test-beside: $(DEV) test-tools
	@$(WEB) modules
	@+$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-soak test-web test-runner

.PHONY: test-soak
test-soak: $(DEV) ## a tenth of the long runs, the same every time
	$(BIN)/python -m pytest -q $(WAITING) tests/soak $(ARGS)

.PHONY: test-web
test-web: $(DEV) ## the pages' unit tests
	$(WEB) npm test

.PHONY: test-runner
test-runner: $(DEV) test-tools ## what programs in the runner's frames can do and reach, in a real browser
	CHROMIUM="$$(. tools/apt.sh && find_browser)" $(WEB) npm run test:runner

.PHONY: e2e
e2e: $(DEV) pages test-tools ## the tests in a real browser, and with other people's clients, against a real server; TOPOLOGY=cluster: against that of compose.yml
	TOPOLOGY=$(TOPOLOGY) $(BIN)/python -m pytest -q $(BROWSERS) tests/e2e tests/interop $(ARGS)

.PHONY: soak
soak: $(DEV) ## the long runs in full: kill -9, bad disks, damaged files (ARGS: "--seed N --rounds 1 -k NAME" repeats one)
	@. tools/apt.sh && need_soak_tools
	$(BIN)/python -m pytest -q tests/soak tests/fuzz/test_room.py --full $(ARGS)

.PHONY: fuzz
fuzz: $(FUZZ) ## let atheris look for bytes that break what reads them (ARGS="--seconds 60 NAME"); findings go to tests/fuzz/corpus
	$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: bench
bench: $(DEV) pages ## measure the server beside its peers, and how its cost grows (ARGS="--help" tells more)
	$(BIN)/python -m bench.compare $(ARGS)

.PHONY: autobahn
autobahn: $(DEV) ## run the Autobahn suite on the WebSocket layer, or say how to install it
	$(BIN)/python -m tests.autobahn

.PHONY: screenshots
screenshots: $(DEV) pages test-tools ## take the pictures of the README again
	$(BIN)/python -m tests.e2e.screenshots $(ARGS)

.PHONY: wheel
wheel: $(DEV) pages ## build the sdist and the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation --sdist --wheel --outdir dist .

.PHONY: lock
lock: $(DEV) ## choose versions again within pyproject.toml, with hashes
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --upgrade --group node -o requirements-node.lock
	$(COMPILE) --upgrade --group wheel -c requirements-dev.lock -o requirements-wheel.lock
	$(COMPILE) --upgrade --group fuzz -o requirements-fuzz.lock

.PHONY: clean
clean: ## remove everything that was made
	rm -rf $(VENV) web/node_modules tests/interop/node_modules src/fourhands/static dist build .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------- how it is made

.PHONY: pages
pages: $(RUNTIME)
	@$(WEB)

$(BIN)/python:
	@$(if $(PYTHON),,echo "error: no Python 3.11 or newer was found. Install one, or name it: make run PYTHON=/path/to/python" >&2; exit 1)
	@echo "Making a Python environment in $(VENV) ..."
	@if ! $(PYTHON) -m ensurepip --version >/dev/null 2>&1; then \
		. tools/apt.sh && apt_install "Python's venv module" python3-venv; \
	fi
	@$(PYTHON) -m venv $(VENV)

# The sources are put on the path, not installed: an edit counts at once and nothing has to be built.
$(RUNTIME): requirements.lock | $(BIN)/python
	@echo "Installing what the server needs ..."
	@$(PIP) -r requirements.lock
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "fourhands-sources.pth").write_text(str(pathlib.Path("src").resolve()))'
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	@echo "Installing what tests and checks need ..."
	@$(PIP) -r requirements-dev.lock
	@touch $@

# Beside the rest: no test needs it, and it is not made for every Python.
$(FUZZ): requirements-fuzz.lock $(DEV)
	@echo "Installing the fuzzer ..."
	@$(PIP) --upgrade --target $(VENV)/fuzz -r requirements-fuzz.lock
	@touch $@

.PHONY: test-tools
test-tools: $(DEV)
	@. tools/apt.sh && need_browser && need_quick_browser && need_sandbox && need_languages && need_servers
