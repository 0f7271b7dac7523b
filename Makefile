# Two commands: `make demo` and `make test`. Each sets up .venv once, and again when a lock file changes.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
EXAMPLE := examples/tumour
FUZZ_SECONDS ?= 60
FUZZ_STREAMS ?= 1000000
MACHINE := src/hauberk/formats/model/pickle
COMPILED := build/machine.done
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --allow-unsafe

.PHONY: demo demo-fraud test check test-services test-frameworks bench bench-scan fuzz mutation docs setup lock
.DEFAULT_GOAL := demo

setup: $(READY)

$(READY): requirements/dev.lock pyproject.toml tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh $(VENV)
	@touch $@

# The pickle machine as C, where a C compiler is there; the same files as Python where not. Made again when they change.
$(COMPILED): $(READY) $(wildcard $(MACHINE)/*.py $(MACHINE)/*.pxd) setup.py tools/compile_machine.py
	@$(BIN)/python tools/compile_machine.py
	@mkdir -p build && touch $@

demo: $(READY) $(COMPILED)
	@sh tools/demo.sh $(EXAMPLE) $(CURDIR)/$(BIN)

# A model of card payments that is retrained every week, on data that somebody approved.
demo-fraud: $(READY) $(COMPILED)
	@sh tools/demo-fraud.sh examples/fraud $(CURDIR)/$(BIN)

# Ledgers are written with fsync, thousands of times: in memory where there is a place for that. A file of tests is run
# by one process, with as many processes as there are processors.
test: $(READY) $(COMPILED)
	@if [ -w /dev/shm ]; then export PYTEST_DEBUG_TEMPROOT=/dev/shm; fi; $(BIN)/pytest -q -n auto --dist loadfile

check: $(READY)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo

# The tests that need a real server or an archiver of Debian: installs what is missing, starts each, prints what ran. A skip is a failure.
test-services: $(READY) test-frameworks
	@VENV_PYTHON=$(BIN)/python sh tools/services.sh .venv-services
	@HAUBERK_SERVICES=$(CURDIR)/.venv-services $(BIN)/pytest -q -m services tests/services tests/formats

# The tests that need PyTorch, pandas and others, in an environment of their own.
test-frameworks:
	@PYTHON="$(PYTHON)" sh tools/frameworks.sh .venv-frameworks

bench: $(READY) $(COMPILED)
	@$(BIN)/python benchmarks/run.py

# The scanner beside others, on thousands of files and on large ones: hours with all peers. FRAMEWORKS is a Python that has
# the frameworks; PEERS a folder of environments that `benchmarks/scan/peers.sh` made. What is absent is left out, and said.
FRAMEWORKS ?= $(BIN)/python
PEERS ?= build/peers
bench-scan: $(READY) $(COMPILED)
	@$(FRAMEWORKS) tests/corpus/make.py build/corpus
	@$(FRAMEWORKS) tests/corpus/make.py build/corpus --benign
	@HAUBERK_PEERS=$(PEERS) $(BIN)/python benchmarks/scan/detection.py build/corpus --page docs/benchmarks/scan.md
	@$(BIN)/python benchmarks/scan/bars.py
	@HAUBERK_PEERS=$(PEERS) $(BIN)/python benchmarks/scan/speed.py build/speed --page docs/benchmarks/scan.md

fuzz: $(READY) $(COMPILED)
	@$(BIN)/python tests/fuzz/differential.py --streams $(FUZZ_STREAMS)
	@$(BIN)/pip install -qq --require-hashes -r requirements/fuzz.lock
	@$(BIN)/python tests/fuzz/driver.py --atheris --seconds $(FUZZ_SECONDS)

# Changes one small thing at a time in the code that decides, and sees whether a test notices: an hour or two.
mutation: $(READY) $(COMPILED)
	@if [ -w /dev/shm ]; then export PYTEST_DEBUG_TEMPROOT=/dev/shm; fi; nice -n 19 $(BIN)/python tools/mutation/run.py --page docs/benchmarks/mutation.md

docs: $(READY)
	@$(BIN)/python tools/make_rule_pages.py
	@$(BIN)/python tools/make_matrix.py
	@$(BIN)/python tools/make_schemas.py
	@$(BIN)/python tools/make_tamper_page.py

# Make the lock files again. uv resolves for every platform and Python at once; it is no dependency of the project.
lock:
	@for name in core dev fuzz; do $(LOCK) --output-file requirements/$$name.lock requirements/$$name.in; done
	@$(LOCK) --no-deps --no-annotate --constraint requirements/dev.lock \
		--output-file requirements/frameworks.lock requirements/frameworks.in
	@$(LOCK) --override requirements/services.override --output-file requirements/services.lock requirements/services.in
	@for example in examples/*/; do (cd $$example && \
		$(LOCK) --constraint ../../requirements/dev.lock --output-file requirements.lock requirements.in); done
