# Everything a fresh machine needs is Python 3.11 or newer, git and make.
# `make` alone lists the targets. PYTHON=... picks an interpreter, ARGS=... reaches the command of a target.

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.SUFFIXES:
# The steps of the set-up build on each other, also under `make -j`.
.NOTPARALLEL:

VENV := .venv
PY := $(VENV)/bin/python
# Stamps lie inside the environment, so that they go when it goes.
STAMPS := $(VENV)/stamps
RUNTIME := $(STAMPS)/runtime
DEV := $(STAMPS)/dev
PACKAGE := $(STAMPS)/package
JAVA := $(STAMPS)/java
BROWSER := $(STAMPS)/browser
PIP_INSTALL := $(PY) -m pip --disable-pip-version-check --no-input --quiet install

# Settings of the caller's own Python do not reach into the environment.
unexport PYTHONHOME
unexport PYTHONPATH
export PIP_USER := 0
# Each `perks` that a test starts would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
# Without a home, pip would put its cache at the root of the file system.
ifeq ($(HOME),)
export PIP_NO_CACHE_DIR := 1
endif

PYTHON ?=
PYTHON_CANDIDATES := $(PYTHON) python3 python3.11 python3.12 python3.13 python3.14 python

.PHONY: help client demo docs editor test nightly lock bench-access bench-http bench-incidents bench-incidents-applied bench-ledger bench-lists bench-rules format clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

docs: $(DEV) $(PACKAGE) ## the documents as a site, in site/, with every link checked
	@$(PY) -m tools.docs_site

client: $(DEV) $(PACKAGE) ## the Python client made anew from the schema of the API
	@$(PY) -m tools.api_client

# The one target that needs Node: only who changes editor/ runs it, and what it makes is committed.
editor: ## the editor of campaign files, made anew from editor/ (needs Node and npm)
	@cd editor && npm ci --no-progress >/dev/null && node build.mjs

demo: $(RUNTIME) $(PACKAGE) ## a seeded engine on SQLite, served on a free port
	@$(VENV)/bin/perks demo $(ARGS)

# What the tests go through is marked as it is imported, so this comes before all else.
BRANCHES := PYTEST_PLUGINS=tests.branches

test: $(DEV) $(PACKAGE) $(JAVA) $(BROWSER) ## lint, format, types, import contracts, links of the documents, tests with branch coverage
	@$(BRANCHES) $(PY) -m tools.gates $(ARGS)

# Branches are what `test` measures; the night is for finding more.
nightly: export HYPOTHESIS_PROFILE := nightly
nightly: BRANCHES :=
nightly: test ## the same, with many more examples for each property, and a thousand histories with faults

bench-access: $(DEV) $(PACKAGE) ## synchronous against asynchronous database access
	@$(PY) -m benchmarks.database_access $(ARGS)

bench-incidents: $(DEV) $(PACKAGE) ## 100,000 decisions of an incident replayed, with the memory that it takes
	@$(PY) -m benchmarks.incidents $(ARGS)

bench-incidents-applied: $(DEV) $(PACKAGE) ## an incident that hit 5,000 people, to the letter of each, on both databases
	@$(PY) -m benchmarks.incidents_applied $(ARGS)

bench-lists: $(DEV) $(PACKAGE) ## a million lines exported, taxed and audited, with the memory that it takes
	@$(PY) -m benchmarks.lists $(ARGS)

bench-rules: $(DEV) $(PACKAGE) ## rules beside other engines, for one person and for millions
	@$(PY) -m benchmarks.rules $(ARGS)
	@$(PY) -m benchmarks.rules_plot

bench-http: $(DEV) $(PACKAGE) ## requests per second beside a bare route, and an opening with 20,000 people
	@$(PY) -m benchmarks.http $(ARGS)

bench-ledger: $(DEV) $(PACKAGE) ## claims beside pgbench -N on PostgreSQL, and beside sqlite3 by hand
	@$(PY) -m benchmarks.ledger $(ARGS)

format: $(DEV) ## sort imports, apply safe fixes, format
	@$(VENV)/bin/ruff check --fix --exit-zero .
	@$(VENV)/bin/ruff format .

clean: ## remove the environment and what tools leave behind
	rm -rf $(VENV) .make build dist site \
		artefacts .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- requirements, with hashes and without the name of any host

# Extras are kept: pip, in its hash mode, otherwise takes `coverage[toml]` for a requirement without a pin.
COMPILE = $(VENV)/bin/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(ARGS)

# $(call locked,name,what it is for,what to compile)
define locked
	@$(COMPILE) $(3) --output-file requirements/$(1).txt >/dev/null
	@{ printf '# %s\n# Made by `make lock` from pyproject.toml; do not edit.\n\n' '$(2)'; \
		sed '/^#/d; /./,$$!d' requirements/$(1).txt; } > requirements/$(1).tmp
	@mv requirements/$(1).tmp requirements/$(1).txt
	@echo 'requirements/$(1).txt'
endef

lock: $(PY) ## remake requirements/*.txt (ARGS=--upgrade for newer versions)
	@test -x $(VENV)/bin/uv || $(PIP_INSTALL) 'uv>=0.9'
	$(call locked,runtime,What the engine runs on.,pyproject.toml)
	$(call locked,build,What builds the package.,--group build --constraint requirements/runtime.txt)
	$(call locked,dev,What the gates and the tests need (everything in runtime.txt and build.txt too).,\
		pyproject.toml --group dev --constraint requirements/runtime.txt --constraint requirements/build.txt)

# --- the environment

# The first interpreter that is new enough and can make environments: a name on the PATH proves nothing,
# for a shim may stand for a version that is not installed.
$(PY):
	@found=; old=; bare=; \
	for python in $(PYTHON_CANDIDATES); do \
		"$$python" -c '' >/dev/null 2>&1 || continue; \
		if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then old="$$python"; \
		elif ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then bare="$$python"; \
		else found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
		version=$$("$$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		printf '*** %s (Python %s) has no module venv. Install it, then run make again:\n' "$$bare" "$$version" >&2; \
		printf '      Debian, Ubuntu:  apt-get install python%s-venv\n' "$$version" >&2; \
		printf '      or name another interpreter:  make PYTHON=/path/to/python3 ...\n' >&2; \
		exit 1; \
	elif [ -z "$$found" ]; then \
		printf '*** Python 3.11 or newer is needed' >&2; \
		if [ -n "$$old" ]; then printf '; %s is %s' "$$old" "$$("$$old" -V 2>&1)" >&2; fi; \
		printf '. Install one, or name it:  make PYTHON=/path/to/python3 ...\n' >&2; \
		exit 1; \
	fi; \
	echo "=== making $(VENV) with $$("$$found" -c 'import sys; print(sys.executable)')"; \
	"$$found" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

# An environment whose making was interrupted may lack pip.
$(STAMPS): | $(PY)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --upgrade >/dev/null
	@mkdir -p $(STAMPS)

# pip would compile thousands of modules one after the other, which is a third of its work; some, of templates,
# are not meant to be compiled at all.
COMPILE_ALL := $(PY) -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true

$(RUNTIME): requirements/runtime.txt requirements/build.txt | $(STAMPS)
	@echo '=== installing the runtime requirements'
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(COMPILE_ALL)
	@touch $@

# dev.txt holds everything in runtime.txt and build.txt at the same versions.
$(DEV): requirements/dev.txt | $(STAMPS)
	@echo '=== installing the development requirements'
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements/dev.txt
	@$(COMPILE_ALL)
	@touch $(RUNTIME) $@

# The tests run a real Spark, which needs a Java of the system: found, else installed where that is allowed.
$(JAVA): | $(PACKAGE)
	@$(PY) -c 'import sys; from perks_engine.audiences.engines import java_home; sys.exit(java_home() is None)' \
		|| { echo '=== installing Java 17 for Spark'; apt-get -q update && apt-get -q -y install openjdk-17-jre-headless; } \
		|| { echo '*** Spark needs Java 17 or 21: install openjdk-17-jre-headless, or name it in JAVA_HOME' >&2; exit 1; }
	@touch $@

# The tests open pages in a real Chromium: found, else installed where that is allowed.
$(BROWSER): tests/browser/chromium.py | $(DEV)
	@found=$$($(PY) -m tests.browser.chromium) || { \
		echo '=== installing Chromium for the tests of pages'; \
		as=; test "$$(id -u)" = 0 || as='sudo -n'; \
		{ command -v apt-get >/dev/null && $$as apt-get -q update && $$as apt-get -q -y install chromium; } \
			|| $(PY) -m playwright install --with-deps chromium || true; \
		found=$$($(PY) -m tests.browser.chromium); } \
		|| { echo '*** The tests of pages need Chromium: apt-get install chromium (dnf, brew and apk have it too), or name one in PERKS_TEST_BROWSER' >&2; exit 1; }; \
	echo "=== pages are tested in $$found"
	@touch $@

# Built with what is installed already, so that nothing without a hash is fetched.
$(PACKAGE): pyproject.toml perks_engine/__init__.py | $(STAMPS)
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
