# Needs Python 3.11 or newer, and nothing else: `make run` and `make test` fetch the rest into .venv.
PYTHON ?= python3
UV_VERSION = 0.13.9

VENV = .venv/bin/python
RUN = .venv/requirements.txt
DEV = .venv/requirements-dev.txt
LOCK = $(VENV) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url

# As many processes as there are cores, each with servers of its own.
BOTH = --numprocesses auto --no-loadscope-reorder

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# What the head of a lock says it was made by.
export UV_CUSTOM_COMPILE_COMMAND = make lock

.DEFAULT_GOAL := help
.PHONY: help run test check fmt schema migration bench chaos lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN) ## Run everything here, with demo data; PORT=8001 for another port
	@$(VENV) -m partner_center run

test: check ## Check, then run the tests; args="-k invitation" for some of them
	$(VENV) -m pytest $(or $(args),$(BOTH))

check: $(DEV) ## Look at format, lint, types and layers; change nothing
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m mypy
	.venv/bin/lint-imports

fmt: $(DEV) ## Put the format right, and what lint can mend by itself
	$(VENV) -m ruff format .
	$(VENV) -m ruff check --fix .

schema: $(DEV) ## Write down the API as it is now, and what docs/ lists of the code
	$(VENV) -m partner_center schema > schema/schema.graphql.new
	mv schema/schema.graphql.new schema/schema.graphql
	$(VENV) -m partner_center docs

migration: $(DEV) ## Write the migration for what changed in models/: name=what_changed
	@test -n "$(name)" || { echo "Say what it does: make migration name=add_vouchers"; exit 2; }
	$(VENV) -m tortoise makemigrations --name $(name)

bench: $(DEV) ## Measure
	$(VENV) -m bench $(args)

chaos: $(DEV) ## Storm a house of its own, and audit what is left; args="--seconds 3600 --seed 7"
	$(VENV) -m tests.faults.chaos $(args)

lock: $(DEV) ## Pin what pyproject.toml asks for; args=--upgrade for the newest
	$(VENV) -m pip install --quiet uv==$(UV_VERSION)
	$(LOCK) $(args) --output-file requirements.txt
	$(LOCK) $(args) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## Remove .venv and caches; the data in .data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# A copy of the lock says what the environment holds. A new lock gets a new environment, so that
# nothing is left in it that the lock no longer names.
$(RUN): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Partner Center needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …"; exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { \
		echo "$(PYTHON) can't make virtual environments; Debian and Ubuntu: apt install python3-venv"; \
		rm -rf .venv; exit 1; }
	@echo "Installing what $< names into .venv, once …"
	@$(VENV) -m pip install --quiet --require-hashes --requirement $<
	@cp $< $@

# On top of the other, whose pins it repeats, so that `make run` needn't wait for the tools.
$(DEV): requirements-dev.txt $(RUN)
	@echo "Installing what $< names into .venv, once …"
	@$(VENV) -m pip install --quiet --require-hashes --requirement $<
	@cp $< $@
