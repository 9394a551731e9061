# make = help. Everything happens in .venv; nothing has to be done by hand first.

BIN := .venv/bin
# stamps stand in .venv, so that they vanish with what they stand for
RUN := .venv/.ready-to-run
DEV := .venv/.ready-to-test
# two conversations at once leave two cores room; "-n 4" takes half the time, on a machine that does nothing else
PYTEST_ARGS ?= -n 2 --dist worksteal
SEED ?= 1
HOURS ?= 72
SUITE ?= bookworm
SUITES ?= bookworm,trixie
ARCHS ?= amd64,arm64
REVISION ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-system check fix bench room room-live soak docs lock deb clean
.NOTPARALLEL:

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(RUN)  ## .venv with lived and the stand-in for the Live API; PortAudio

demo: $(RUN)  ## a conversation without key and sound card, measured; ends by itself
	$(BIN)/livectl demo

test: $(DEV)  ## all tests, with a virtual sound card
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-system: $(DEV)  ## lived.service on a real systemd, as root: make test-system SUITE=trixie
	SUITE=$(SUITE) $(BIN)/python -m pytest --timeout=600 tests/system

check: $(DEV)  ## format, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fix: $(DEV)  ## format, and repair what the linter can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV)  ## measure lived and the naive way side by side; prints one JSON
	@PYTHONPATH=tests $(BIN)/python -m bench.run

room: $(DEV)  ## the front end in simulated rooms, echo and double talk: make room QUICK=1
	@OMP_NUM_THREADS=1 PYTHONPATH=tests $(BIN)/python -m bench.room $(if $(QUICK),--quick) --seed $(SEED)

room-live: $(DEV)  ## four of these rooms through the real processes, in real time, on the virtual sound card
	@PYTHONPATH=tests $(BIN)/python -m bench.room.live --seed $(SEED)

soak: $(DEV)  ## days of conversation in minutes, with all that can go wrong: make soak SEED=1 HOURS=72
	@PYTHONPATH=tests $(BIN)/python -m bench.soak --seed $(SEED) --hours $(HOURS)

docs: $(DEV)  ## write lived.example.toml, docs/configuration.md and docs/man anew
	$(BIN)/python -m lived.config
	$(BIN)/python -m lived.manuals

# for every Python and both architectures of the packages; the lock names no server, so that pip asks its own
lock: $(DEV)  ## choose the libraries of the Debian packages anew: requirements.lock
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
	  --custom-compile-command 'make lock' --extra camera --extra echo --extra mcp --extra metrics --extra record \
	  --extra simulator --extra vad --extra wake \
	  pyproject.toml -o requirements.lock >/dev/null

deb: $(DEV)  ## dist/lived_VERSION_ARCH.deb for Debian 12 and 13, amd64 and arm64: make deb SUITES=trixie ARCHS=arm64
	scripts/make-deb --suites $(SUITES) --archs $(ARCHS) --revision $(REVISION) dist

clean:  ## remove .venv and everything that can be made again
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist demo.wav lived-demo.wav
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): pyproject.toml scripts/setup
	@scripts/setup run >&2  # stdout is for what was asked for: make bench prints JSON
	@touch $@

$(DEV): pyproject.toml scripts/setup
	@scripts/setup test >&2
	@touch $@ $(RUN)
