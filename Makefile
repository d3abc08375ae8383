# The commands a newcomer needs. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run test check checks lint style types imports chromium format bench licences lock sbom audit assets translations messages clean

VENV   := .venv
PYTHON := $(VENV)/bin/python
PYBABEL := $(PYTHON) -m babel.messages.frontend
PIP    := $(VENV)/bin/pip install --quiet --disable-pip-version-check
HOST   ?= 127.0.0.1
PORT   ?= 5000
export HOST PORT
# Compiled files are kept, also where the environment asks for none: compiling the tests anew takes ten seconds.
export PYTHONDONTWRITEBYTECODE :=

help: ## Show these lines
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.installed assets translations ## Install, build, migrate, load the demo, and serve (HOST=, PORT=)
	@exec $(PYTHON) -m flask --app app serve --demo

test: $(VENV)/.installed-test assets translations lint chromium ## Lint, then every test, on both databases and in a browser
	$(PYTHON) -m pytest -n 3 --no-loadscope-reorder

check: $(VENV)/.installed-test assets translations lint ## Quick, while writing: lint, then unit tests on SQLite without a browser
	$(PYTHON) -m pytest -q -n 2 -m "not browser and not postgresql and not model and not slow"

checks: $(VENV)/.installed-test assets translations ## Try what people rely on, row by row, and write docs/checks.md
	HOSTILE_REQUESTS=50000 $(PYTHON) -m tests.checks

format: $(VENV)/.installed-test ## Format the code and sort its imports
	$(VENV)/bin/ruff check --fix --select I .
	$(VENV)/bin/ruff format .

lint: style types imports ## ruff, mypy, import-linter

# Apart, so that `make --jobs=2` runs them beside one another.
style: $(VENV)/.installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.installed-test
	$(VENV)/bin/mypy

imports: $(VENV)/.installed-test
	$(VENV)/bin/lint-imports

chromium: $(VENV)/.installed-test
	$(PYTHON) -m tests.chromium

bench: $(VENV)/.installed-test $(VENV)/.installed-bench assets translations ## Figures: speed, memory, quality; make bench PART for some
	$(PYTHON) -m benchmarks $(PARTS)

# What follows `bench` on the command line are parts, not files to make.
ifeq (bench,$(firstword $(MAKECMDGOALS)))
PARTS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
.PHONY: $(PARTS)
$(PARTS): ; @:
endif

licences: $(VENV)/.installed-test ## List the licences of what is installed, and check them
	$(PYTHON) -m tests.supply

lock: build/tools/.installed ## Write the hashes of constraints.txt into requirements/ (needs the network)
	build/tools/bin/python deploy/lock.py

sbom: $(VENV)/.installed build/tools/.installed ## Write what is installed into build/sbom.json (CycloneDX)
	build/tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json $(PYTHON)

audit: $(VENV)/.installed build/tools/.installed ## Ask for known weaknesses of what is installed (needs the network)
	build/tools/bin/pip-audit --progress-spinner off --path "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	$(NPM) audit

assets: app/static/manifest.json ## Build the front end where its sources changed

translations: $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po)) ## Compile the translations where they changed

messages: $(VENV)/.installed ## Bring the catalogues of messages up to date with the sources
	@mkdir -p build
	$(PYBABEL) -q extract --mapping pyproject.toml --add-location file --sort-by-file --output build/messages.pot .
	$(PYBABEL) -q update --domain messages --input-file build/messages.pot --output-dir app/translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 100

clean: ## Remove what was installed and built; instance/ stays
	rm -rf $(VENV) app/static app/assets/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info
	find app/translations -name '*.mo' -delete

$(VENV)/bin/python:
	python3 -m venv $(VENV)

# Each file that pip takes has to have a hash of requirements/.
$(VENV)/.installed: pyproject.toml requirements/torch-cpu.txt requirements/torch.txt requirements/app.txt | $(VENV)/bin/python
	@echo "Installing (a few minutes the first time)…"
	@sh deploy/install.sh $(PYTHON) requirements/app.txt
	@command -v npm >/dev/null || $(PIP) --require-hashes --requirement requirements/node.txt
	@touch $@

$(VENV)/.installed-test: requirements/test.txt $(VENV)/.installed
	@sh deploy/install.sh $(PYTHON) requirements/test.txt
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	$(PIP) --constraint constraints.txt --editable '.[bench]'
	@touch $@

build/tools/.installed: deploy/tools.txt
	python3 -m venv build/tools
	build/tools/bin/pip install --quiet --disable-pip-version-check --requirement deploy/tools.txt
	@touch $@

# npm of the machine, else the one that pip installed.
NPM = PATH="$$PATH:$(CURDIR)/$(VENV)/bin" npm --prefix app/assets

app/assets/node_modules/.package-lock.json: app/assets/package.json app/assets/package-lock.json | $(VENV)/.installed
	$(NPM) ci --no-audit --no-fund --loglevel=error

app/static/manifest.json: app/assets/node_modules/.package-lock.json app/assets/build.mjs $(shell find app/assets/css app/assets/js app/assets/icons app/assets/brand app/assets/fonts -type f)
	$(NPM) run --silent build

%.mo: %.po | $(VENV)/.installed
	$(PYBABEL) -q compile --input-file $< --output-file $@
