# Everything a developer does here. `make` alone lists it; it needs Python 3.11 or newer and nothing else.

PYTHON = .venv/bin/python
RUNTIME = 3.13
ARCH ?= arm64
HERE = $(patsubst aarch64,arm64,$(shell uname -m))
OUT ?= .aws-sam/build
# The quick ones live in one process each, and are what is measured of the code. The others start whole systems, or play thousands of
# calls: each file stays in one process.
QUICK_SUITES = tests/unit tests/fuzz tests/template
SLOW_SUITES = tests/built tests/faults tests/browser tests/component
LOCALE = layers/santral/santral/locale
UV_LOCK = .local/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

export SAM_CLI_TELEMETRY = 0

.PHONY: help setup run demo bench bench-dial bench-ingest bench-recordings bench-widget test contract faults fuzz soak docs mutants check audit secrets messages build deploy rehearsal two-tenants browser viewer widget widget-pack screenshots lock clean
.DELETE_ON_ERROR:

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

setup: .venv/installed .venv-sam/installed ## create the virtual environments from the locks

.venv/installed: requirements/dev.txt requirements/uv.txt scripts/install
	scripts/install .venv $<
	@touch $@

# SAM CLI pins an older pydantic than ours and so lives apart.
.venv-sam/installed: requirements/sam.txt requirements/uv.txt scripts/install
	scripts/install .venv-sam $<
	@touch $@

# Checkov pins what we do not, and so lives apart too.
.venv-audit/installed: requirements/audit.txt requirements/uv.txt scripts/install
	scripts/install .venv-audit $<
	@touch $@

# npm writes it last.
viewer: .local/viewer/node_modules/.package-lock.json # what the sandbox's /docs shows the API with

.local/viewer/node_modules/.package-lock.json: sandbox/viewer/package-lock.json scripts/install-from-npm
	@mkdir -p .local/viewer && cp sandbox/viewer/package.json sandbox/viewer/package-lock.json .local/viewer/
	@scripts/install-from-npm .local/viewer "the sandbox serves /openapi.json without a viewer"

zoho/widget/node_modules/.package-lock.json: zoho/widget/package-lock.json scripts/install-from-npm
	@scripts/install-from-npm zoho/widget "the widget cannot be built"

widget: zoho/widget/node_modules/.package-lock.json ## build the widget that stands inside Zoho CRM, into .local/widget
	@[ ! -d zoho/widget/node_modules/esbuild ] || node zoho/widget/build.mjs

widget-pack: widget ## pack the widget as it is uploaded to Zoho CRM, into .local/widget/dist/widget.zip
	@[ ! -d zoho/widget/node_modules/zoho-extension-toolkit ] || scripts/pack-widget .local/widget

screenshots: .venv/installed widget browser ## take the pictures of docs/zoho-setup.md anew
	SANTRAL_SCREENSHOTS=docs/images $(PYTHON) -m pytest -q tests/browser/test_screenshots.py

run: .venv/installed viewer widget ## start the whole system on this machine
	$(PYTHON) -m sandbox

demo: .venv/installed ## play the main job through once, without a browser
	$(PYTHON) -m sandbox.demo

bench: setup browser widget ## measure everything into docs/performance.md, some ten minutes; ONLY=cold,zoho for a part of it
	$(MAKE) build ARCH=$(HERE) OUT=.aws-sam/bench >/dev/null
	PYTHONPATH=layers/santral $(PYTHON) -m bench $(if $(ONLY),--only $(ONLY))

bench-dial: .venv/installed ## dial 400 times; fails when it costs too much processor time, memory or requests
	PYTHONPATH=layers/santral $(PYTHON) -m bench.dial

bench-ingest: .venv/installed ## post 5,000 webhooks by 50 senders; fails when a bound is broken
	PYTHONPATH=layers/santral $(PYTHON) -m bench.ingest

bench-recordings: .venv/installed ## archive 256 MiB over and over; fails when it needs too much memory or is slow
	PYTHONPATH=layers/santral $(PYTHON) -m bench.recordings

bench-widget: .venv/installed browser widget ## weigh and time the widget; fails when it is too large or stands too late
	PYTHONPATH=layers/santral $(PYTHON) -m bench.widget

contract: .venv/installed ## send more than 2,000 generated requests to every route; fails when an answer is not as described
	SANTRAL_CONTRACT_CASES=20 $(PYTHON) -m pytest -rP tests/component/api/test_contract.py

test: check browser viewer .venv-audit/installed ## run everything that CI runs
	$(PYTHON) -m pytest $(QUICK_SUITES) --numprocesses auto --cov
	$(PYTHON) -m pytest $(SLOW_SUITES) --numprocesses 2 --dist loadfile --no-loadscope-reorder

faults: .venv/installed ## break everything on purpose: planted bugs, the fault matrix, a kill at every step
	@mkdir -p .local
	$(PYTHON) -m pytest -rP --junitxml .local/faults.xml tests/faults \
	    $$(PYTHONPATH=layers/santral:. $(PYTHON) -m tests.faults.points --nodes | grep -v ^tests/faults)
	PYTHONPATH=layers/santral:. $(PYTHON) -m tests.faults.points .local/faults.xml

fuzz: .venv/installed ## spoil what providers say 100,000 times for each parser; fails when one lets out more than our errors
	PYTHONPATH=layers/santral:. $(PYTHON) -m tests.fuzz

soak: .venv/installed ## 5,000 calls while the CRM is away, 100,000 under faults, 2,000 through the embedded AWS; goes on
	SANTRAL_OUTAGE_CALLS=5000 $(PYTHON) -m pytest -q -rP --show-capture=no tests/unit/santral/telephony/test_outage.py
	PYTHONPATH=layers/santral:. $(PYTHON) -m tests.faults.soak

docs: .venv/installed ## write the pages of docs/ that are made of the code: the API, providers and their operations
	$(PYTHON) -m sandbox.openapi
	PYTHONPATH=layers/santral:. $(PYTHON) -m tests.operations
	PYTHONPATH=layers/santral:. $(PYTHON) -m tests.api
	PYTHONPATH=layers/santral:. $(PYTHON) -m tests.architecture
	$(PYTHON) -m operations.parameters

mutants: .venv/installed ## change the code that keeps calls in every small way; fails when tests notice too little of it
	$(PYTHON) -m tests.mutants

check: setup widget ## style, types, import rules, the template, and the widget's own tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	PYTHONPATH=layers/santral .venv/bin/lint-imports
	.venv/bin/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive layers/santral functions operations
	.venv/bin/cfn-lint template.yaml
	.venv-sam/bin/sam validate --lint
	@[ ! -d zoho/widget/node_modules/esbuild ] || npm --prefix zoho/widget run --silent check

audit: .venv-audit/installed ## ask the public lists about vulnerabilities of what we use; needs the network, and so is no part of CI
	scripts/audit

secrets: .venv/installed ## take what the search for secrets finds now as known; read the difference before you commit it
	.venv/bin/detect-secrets scan --no-verify --exclude-files '(requirements/.*\.txt$$|package-lock\.json$$|docs/openapi\.json$$|\.secrets\.baseline$$|\.[mp]o$$)' >.local/secrets.json
	mv .local/secrets.json .secrets.baseline

messages: .venv/installed ## take what people are told over into the catalogues, and compile those
	@mkdir -p .local
	.venv/bin/pybabel -q extract --no-default-keywords -k say -k noted --omit-header --add-location=file --sort-by-file \
	    -w 120 -o .local/santral.pot layers/santral/santral
	.venv/bin/pybabel -q update -D santral -d $(LOCALE) -i .local/santral.pot --no-fuzzy-matching --ignore-obsolete \
	    --ignore-pot-creation-date -w 120
	.venv/bin/pybabel compile -D santral -d $(LOCALE)

build: setup ## build the functions and layers into .aws-sam/build; ARCH=x86_64 for the other processor
	@python=$$(scripts/find-python $(RUNTIME) 2>/dev/null) || \
	    { echo "The build needs Python $(RUNTIME), which Lambda runs, and there is none on this machine." >&2; exit 1; }; \
	PATH="$(CURDIR)/.venv/bin:$$(dirname "$$python"):$$PATH" ARCH=$(ARCH) \
	    .venv-sam/bin/sam build --build-dir $(OUT) --parameter-overrides Architecture=$(ARCH)

deploy: setup ## deploy a tenant: make deploy TENANT=acme; it shows what would change, and asks
	@test -n "$(TENANT)" || { echo "Say which tenant: make deploy TENANT=acme" >&2; exit 1; }
	@arch=$$($(PYTHON) -m operations tenant show $(TENANT) --parameter Architecture) && $(MAKE) build ARCH=$$arch
	@scripts/deploy $(TENANT) $(OUT)

rehearsal: setup ## AWS and the providers on this machine, to go through docs/onboarding.md without either
	$(PYTHON) -m sandbox.rehearsal

two-tenants: ## watch docs/onboarding.md being typed for two companies in a rehearsal; fails where it prints something else
	@$(MAKE) build ARCH=$$(uname -m | sed s/aarch64/arm64/)
	$(PYTHON) -m tests.onboarding $(OUT)

browser: # Debian's Chromium, for tests/browser
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium >/dev/null; } || \
	    echo "There is no Chromium and it could not be installed: tests/browser will be skipped."

lock: .venv/installed ## resolve the dependencies of pyproject.toml anew into requirements/
	echo 'uv==0.13.9' | $(UV_LOCK) --no-annotate - -o requirements/uv.txt
	$(UV_LOCK) --group dev pyproject.toml -o requirements/dev.txt
	$(UV_LOCK) -c requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	$(UV_LOCK) -c requirements/dev.txt --group audio -o requirements/audio.txt
	$(UV_LOCK) --group sam -o requirements/sam.txt
	$(UV_LOCK) --group audit -o requirements/audit.txt

clean: ## remove what can be made again
	rm -rf .venv .venv-sam .venv-audit .local .aws-sam .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
