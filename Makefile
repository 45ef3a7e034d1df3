# make demo    shows what shapetrace does, on an export that fails
# make check   lints, type-checks, and runs the tests that convert nothing: minutes
# make test    lints, type-checks, and the next two: twenty to forty minutes on two cores
# make newest  all tests, with Paddle 3.3.1
# make oldest  tests with Paddle 2.6.2, over the models
# make matrix  tests with all other Paddles: 2.6.2 in full; 3.0.0, 3.1.1 and 3.2.2 over the models
# make docs    builds the docs site, English and Chinese, in build/site; needs no Paddle
# make clean   removes what they have made
#
# They need Python 3.10 to 3.13, for which Paddle has wheels; the rest is installed into .venv the first time.
# PADDLE=paddlepaddle==3.0.0 chooses another Paddle, PYTHON=python3.12 another Python.

PADDLE ?= paddlepaddle==3.3.1
PYTHON ?= python3
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Where this is set, each of a thousand processes would compile shapetrace anew.
export PYTHONDONTWRITEBYTECODE =

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready-$(subst =,,$(PADDLE))
OUT    := build/demo

# What cannot come from PyPI. Each line of the check is one package of Debian, wanted only where the test after it fails.
define missing_packages
$(PYTHON) -c 'import ensurepip' 2>/dev/null || echo python3-venv; \
/sbin/ldconfig -p 2>/dev/null | grep -q 'libgomp\.so\.1' || [ "$$(uname)" != Linux ] || echo libgomp1
endef

# The tests of the HTML report drive a browser, and are skipped where there is none.
BROWSERS := chromium chromium-browser google-chrome
APT := DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends

.PHONY: demo test check lint newest oldest matrix browser docs clean
.DEFAULT_GOAL := test
.NOTPARALLEL:

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || \
	  { echo "Paddle has wheels for Python 3.10 to 3.13; choose one with: make PYTHON=python3.12"; exit 2; }
	@packages=$$($(missing_packages)); \
	if [ -n "$$packages" ]; then \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    echo "== Installing Debian packages:" $$packages; \
	    apt-get update -qq && $(APT) $$packages >/dev/null; \
	  else \
	    echo "Please install first, under whatever name your system has for them:" $$packages; exit 2; \
	  fi; \
	fi
	@echo "== Setting up $(VENV) with $(PADDLE); the first time takes a few minutes"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --editable '.[dev]' '$(PADDLE)'
	@rm -f $(VENV)/ready-* && touch $(READY)

browser:
	@for name in $(BROWSERS); do ! command -v $$name >/dev/null || exit 0; done; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "== Installing Debian packages: chromium"; \
	  apt-get update -qq && $(APT) chromium >/dev/null; \
	else \
	  echo "== There is no Chromium: the tests in tests/browser will be skipped"; \
	fi

test: lint newest oldest

check: lint
	@echo "== Tests that convert nothing"
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --dist loadfile -m "not paddle and not slow"

lint: $(READY)
	@echo "== Lint"
	@$(BIN)/ruff check .
	@echo "== Format"
	@$(BIN)/ruff format --check .
	@echo "== Types"
	@$(BIN)/mypy

newest: $(READY) browser
	@echo "== Tests with Paddle"
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

oldest: $(READY) browser
	@echo "== Tests with Paddle 2.6.2"
	@$(BIN)/python -m nox --session oldest

matrix: $(READY) browser
	@echo "== Tests with other Paddles"
	@$(BIN)/python -m nox --tags others

demo: $(READY)
	@rm -rf $(OUT) && mkdir -p $(OUT)
	@echo "== Exporting a small RT-DETRv2-like detector with an unknown batch size. The export fails, and shapetrace says why:"
	@echo "   $$ shapetrace run examples/rtdetrv2/export.py"
	@$(BIN)/shapetrace run --report $(OUT)/failing.json examples/rtdetrv2/export.py --output $(OUT)/failing && \
	  { echo "make demo: the export was expected to fail, and did not"; exit 1; } || true
	@grep -Eq '"rule": ?"ST101"' $(OUT)/failing.json || \
	  { echo "make demo: the failure was expected to be explained by a finding ST101, and was not"; exit 1; }
	@echo
	@echo "== The same export with a remedy applied. It passes:"
	@echo "   $$ shapetrace run --remedy callables examples/rtdetrv2/export.py"
	@$(BIN)/shapetrace run --remedy callables examples/rtdetrv2/export.py --output $(OUT)/healed
	@echo "== Done. The reports and the exported model are in $(OUT)"

# An environment of its own: the site is made of source and of docstrings, so Paddle is not installed for it.
DOCS := build/docs
$(DOCS)/ready: pyproject.toml
	@$(PYTHON) -m venv $(DOCS)
	@$(DOCS)/bin/python -m pip install -qq --editable '.[docs]'
	@touch $@

docs: export NO_MKDOCS_2_WARNING = 1
docs: $(DOCS)/ready
	@rm -rf build/site
	@$(DOCS)/bin/mkdocs build --quiet --config-file website/mkdocs.yml
	@$(DOCS)/bin/mkdocs build --quiet --config-file website/mkdocs.zh.yml
	@$(DOCS)/bin/python website/check.py build/site
	@echo "== The site is in build/site: open build/site/index.html"

clean:
	rm -rf $(VENV) .nox build dist
