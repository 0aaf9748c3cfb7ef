# Everything a developer runs. `make` alone lists the targets; `make demo` and `make test` need nothing done before.
# The environment lies in .venv and is made anew only when what it is made from has changed.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
UV := VIRTUAL_ENV=$(abspath $(VENV)) UV_PYTHON_DOWNLOADS=never $(BIN)/uv

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo test check bench screenshots translations lock clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "make %-14s %s\n", $$1, $$2 }'

setup: ## Install what the program and its development need
	@$(PYTHON) packaging/prepare_system.py
	@$(MAKE) -s $(READY)

setup-tests:
	@$(PYTHON) packaging/prepare_system.py --tests
	@$(MAKE) -s $(READY)

demo: setup ## Open the window on the demo catalogue (without a display: run its import in the terminal)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		$(BIN)/gdvg-desktop --demo; \
	else \
		echo "There is no display, so the demo import runs here in the terminal."; \
		$(BIN)/gdvg demo import; \
	fi

# A session bus and a screen of the tests' own where the tools are there; Qt itself stays offscreen (tests/conftest.py).
# Two at a time, because most wait for the servers and processes they start.
test: setup-tests ## Run all tests; PYTEST_ARGS="tests/store -k search" runs some
	@$$(command -v dbus-run-session) $$(command -v xvfb-run >/dev/null && echo xvfb-run -a) \
		$(BIN)/python -m pytest $(or $(PYTEST_ARGS),-n 2)

check: setup ## Lint, formatting, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## Measure against floors, in one run
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

screenshots: setup ## Write every screen to docs/screenshots/
	$(BIN)/python -m tests.e2e.screenshots docs/screenshots

translations: setup ## Collect the texts of the program into translations/*.ts and compile them
	$(BIN)/pyside6-lupdate -locations none -no-obsolete $$(find gdvg_desktop -name '*.py' | sort) -ts translations/*.ts
	@$(MAKE) -s $(READY)

lock: $(BIN)/uv ## Bring requirements/*.lock in line with pyproject.toml; LOCK_ARGS=--upgrade takes newer versions
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' --group dev pyproject.toml -o requirements/dev.lock $(LOCK_ARGS)
	echo uv | $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' -c requirements/dev.lock - -o requirements/setup.lock

clean: ## Remove the environment and everything that was built
	rm -rf $(VENV) build dist htmlcov .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis translations/*.qm
	find gdvg_desktop tests benchmarks packaging -name __pycache__ -type d -prune -exec rm -rf {} +

# pip puts uv in place and uv does the rest: seconds instead of most of a minute.
$(BIN)/uv: requirements/setup.lock
	@echo "Making the environment $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/setup.lock
	@touch $@

$(READY): $(BIN)/uv requirements/dev.lock pyproject.toml packaging/hatch_build.py $(wildcard translations/*.ts)
	@echo "Installing Python packages"
	@$(UV) pip sync -q --compile-bytecode requirements/dev.lock
	@$(UV) pip install -q --no-deps --no-build-isolation --editable .
	@touch $@
