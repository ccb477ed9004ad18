# make demo and make test are the two commands; both set up what they need.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV := $(or $(shell command -v uv),$(BIN)/uv)
# Each worker has a Neo4j of its own, and the tests of a file run in one worker, in their order.
WORKERS := 2
PACKAGES := tiegraph.py commands cypher graph loaders api tests
# A command starts in 1.4 s from bytecode and in 4.8 s without: what the first one makes is kept.
unexport PYTHONDONTWRITEBYTECODE
SYNC = VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes
SELF = VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .

.PHONY: setup setup-dev demo test check bench format schema graphiql lock clean

# What a user needs. A developer's environment (below) holds all of it, so it is left alone.
setup: $(VENV)/runtime

# What a developer needs: the same versions and the tools.
setup-dev: $(VENV)/dev

$(VENV)/runtime: requirements.lock pyproject.toml | $(VENV)/uv
	$(SYNC) $(if $(wildcard $(VENV)/dev),requirements-dev.lock,requirements.lock)
	$(SELF)
	@touch $@

$(VENV)/dev: requirements-dev.lock requirements.lock pyproject.toml | $(VENV)/uv
	$(SYNC) requirements-dev.lock
	$(SELF)
	@touch $@ $(VENV)/runtime

$(VENV)/uv: requirements-uv.lock
	$(PYTHON) -m venv $(VENV)
	command -v uv >/dev/null || $(BIN)/pip install --quiet --require-hashes -r requirements-uv.lock
	@touch $@

demo: setup
	$(BIN)/tiegraph demo

test: setup-dev
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

check: setup-dev
	$(BIN)/ruff format --check $(PACKAGES)
	$(BIN)/ruff check $(PACKAGES)
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: setup-dev
	$(BIN)/python -m tests.benchmarks

format: setup-dev
	$(BIN)/ruff format $(PACKAGES)
	$(BIN)/ruff check --fix $(PACKAGES)

# The GraphQL schema, and who may ask for what of it, as text, for review.
schema: setup-dev
	$(BIN)/python -c "from api.schema import printed; print(printed(), end='')" > schema.graphql
	$(BIN)/python -c "from api.matrix import printed_matrix; print(printed_matrix(), end='')" > docs/authorization.md

# The page of /graphql, bundled anew; the service itself needs no Node.
graphiql:
	cd api/web/graphiql && npm ci --ignore-scripts && npm run build

# New versions: uv resolves, the locks record hashes and no addresses.
COMPILE = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
lock: | $(VENV)/uv
	echo uv | $(COMPILE) - -o requirements-uv.lock
	$(COMPILE) pyproject.toml --group build -o requirements.lock
	$(COMPILE) pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
