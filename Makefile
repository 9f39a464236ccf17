# `make run` serves the app, `make test` tests it; both make all they need first.
#
#   make run PORT=8502
#   make run TORCH_INDEX_URL=https://...    PyTorch from another index (tools/install.py finds one)
#
PYTHON ?= python3
PORT ?= 8501
TORCH_INDEX_URL ?=

VENV := .venv
BIN := $(VENV)/bin
# Only needed the first time, so that an intact .venv works whatever PYTHON is by then.
RUNTIME := $(VENV)/.installed
TOOLS := $(VENV)/.installed-dev
LAYOUT_TOOLS := $(VENV)/.installed-layout
INSTALL := $(BIN)/python tools/install.py
NODE_TOOLS := node_modules/.installed

# A Python that has gone or changed since took the packages along: all is made anew.
ifneq ($(shell $(BIN)/python -c "import pip" 2>/dev/null || echo broken),)
.PHONY: $(BIN)/pip $(RUNTIME)
endif

.DEFAULT_GOAL := help
.PHONY: help run test check lint types javascript format train train-article train-studio train-judge calibrate evaluate layout experiments sample kernel bench clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(RUNTIME) ## Serve the app on PORT (8501)
	@$(BIN)/python -c "import socket; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', $(PORT)))" 2>/dev/null \
		|| { echo "Port $(PORT) is taken, is not yours to use, or is no port: stop what uses it, or choose another with: make run PORT=8502" >&2; exit 1; }
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

# Browser tests wait half of the time, so more of them than there are cores get on side by side;
# a file stays in one process, so that what it shares, as a server of its own, begins once.
test: $(TOOLS) ## Run all tests
	$(BIN)/python -m pytest --ignore tests/browser --numprocesses auto --maxprocesses 4
	$(BIN)/python -m pytest tests/browser --numprocesses 3 --dist loadfile

check: lint types javascript ## Lint and check types

lint: $(TOOLS)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: $(TOOLS)
	$(BIN)/python -m mypy

ifeq ($(shell command -v npm),)
javascript:
	@echo "npm is not installed: the JavaScript is not checked"
else
javascript: $(NODE_TOOLS) ## Lint and type-check the JavaScript
	node_modules/.bin/eslint eslint.config.js ui tests/js
	node_modules/.bin/tsc
endif

format: $(TOOLS) ## Format the code
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

train: train-judge train-article train-studio calibrate evaluate layout ## Train and measure all shipped checkpoints on the full MNIST

train-judge: $(RUNTIME)
	$(BIN)/python -m vae_model judge --data mnist --out checkpoints/judge

train-article: $(RUNTIME)
	$(BIN)/python -m vae_model train --preset article --data mnist --out checkpoints/article

train-studio: $(RUNTIME)
	$(BIN)/python -m vae_model train --preset studio --data mnist --out checkpoints/studio

# What is fitted to make them honest needs digits that they have not seen: each has a held-out
# model, trained alike but on the first 55,000.
calibrate: $(RUNTIME) ## Fit the confidence of the shipped checkpoints
	$(BIN)/python -m vae_model train --preset article --data mnist --hold-out 5000 --out build/article-held-out
	$(BIN)/python -m vae_model train --preset studio --data mnist --hold-out 5000 --out build/studio-held-out
	$(BIN)/python -m vae_model calibrate checkpoints/article --by build/article-held-out --data mnist
	$(BIN)/python -m vae_model calibrate checkpoints/studio --by build/studio-held-out --data mnist

evaluate: $(RUNTIME) ## Measure the shipped checkpoints on the full test set
	$(BIN)/python -m vae_model evaluate checkpoints/article --data mnist --json --save
	$(BIN)/python -m vae_model evaluate checkpoints/studio --data mnist --json --save

layout: $(LAYOUT_TOOLS) ## Lay out the Map page's digits by UMAP
	$(BIN)/python -m vae_model layout checkpoints/article
	$(BIN)/python -m vae_model layout checkpoints/studio

experiments: $(RUNTIME) ## Train and measure the small models of the Experiments page
	$(BIN)/python -m tools.experiments

sample: $(RUNTIME) ## Make the bundled sample from the full MNIST again
	$(BIN)/python -m vae_model data --write-sample

kernel: $(TOOLS) ## Compile the networks' inner loops for the browser
	$(BIN)/python -m tools.kernel

bench: $(TOOLS) $(LAYOUT_TOOLS) ## Run all benchmarks (over an hour), and write docs/measured.md
	$(BIN)/python -m benchmarks

clean: ## Remove what was installed and cached
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache

# pip is the last that comes into a virtual environment: without it the making was broken off. The
# PYTHON may be its own, where it is activated: made anew it is by that one's base.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or newer is needed ($(PYTHON) is not): install it, or name one with: make run PYTHON=python3.12" >&2; exit 1; }
	@base=$$($(PYTHON) -c 'import sys; print(sys._base_executable)') \
		&& rm -f $(BIN)/python* && "$$base" -m venv $(VENV) \
		|| { echo "Could not make a virtual environment; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }

$(RUNTIME): requirements.txt requirements-serve.txt | $(BIN)/pip
	$(INSTALL) requirements.txt $(TORCH_INDEX_URL)
	@touch $@

$(LAYOUT_TOOLS): requirements-layout.txt $(RUNTIME)
	$(INSTALL) requirements-layout.txt
	@touch $@

$(TOOLS): requirements-dev.txt $(RUNTIME)
	$(INSTALL) requirements-dev.txt
	@touch $@

$(NODE_TOOLS): package.json package-lock.json
	npm ci
	@touch $@
