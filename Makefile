# make demo, make test: the two commands. Everything is set up in .venv on the first use.
# make test-node: the tests with the official npm package, which need Node and npm's registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-long test-postgres test-node test-install matrix matrix-ci sdk-versions lint bench torture docs settings pictures codemods repositories compatibility record clean

demo: $(READY)
	@$(BIN)/python examples/demo.py

test: $(READY)
	$(BIN)/python -m pytest -n auto -m 'not node and not install and not long' $(ARGS)

# What takes longest: processes killed in the background, programs migrated three ways, every snippet of the pages, …
test-long: $(READY)
	$(BIN)/python -m pytest -n auto -m 'long and not install' $(ARGS)

test-node: $(READY)
	$(BIN)/python -m pytest -m node $(ARGS)

# The blocks that begin with pip install, in environments of their own: they need PyPI.
test-install: $(READY)
	$(BIN)/python -m pytest -m install $(ARGS)

# What touches a store, and all of the examples that are drawn at random, of which `make test` tries a part.
test-postgres: $(READY)
	ASSISTANTS_COMPAT_TEST_EXAMPLES=all $(BIN)/python -m pytest -n auto -m 'not node and not install' --ignore tests/documentation --ignore tests/codemods --store postgresql $(ARGS)

# Every version of the SDK, see noxfile.py: all of it, ARGS="-- -k threads" for some tests; or what CI runs of it.
matrix: $(READY)
	$(BIN)/nox $(ARGS)

matrix-ci: $(READY)
	$(BIN)/nox -t ci $(ARGS)

# The tables of docs/sdk-versions.md, made from what the matrix runs on.
sdk-versions: $(READY)
	PYTHONPATH=tests $(BIN)/python -m sdk_versions

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict tests/typing/sample.py
	$(BIN)/pyright --pythonpath $(BIN)/python tests/typing/sample.py

# Faults: some of them, ARGS="killed disk"; again, ARGS="--seed 7"; the short form, ARGS=--short.
torture: $(READY)
	PYTHONPATH=tests $(BIN)/python -m torture $(ARGS)

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

# The pages as a site: site/index.html. Not --quiet: of a warning that is not shown, --strict does not hear.
docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@PYTHONPATH=tests $(BIN)/python -m documentation.built_site site

# The tables of docs/settings.md, and docs/commands.md, made from the code.
settings: $(READY)
	PYTHONPATH=tests $(BIN)/python -m documentation.settings_page
	PYTHONPATH=tests $(BIN)/python -m documentation.commands_page

# The pictures of docs/pictures, from real runs.
pictures: $(READY)
	PYTHONPATH=tests $(BIN)/python -m documentation.pictures

# What docs/codemods.md says of fixers and codes, made from the code.
codemods: $(READY)
	PYTHONPATH=. $(BIN)/python -m tests.codemods.page

# Other people's repositories, cloned elsewhere: make repositories ARGS="name=path … --write".
repositories: $(READY)
	$(BIN)/python -m benchmarks.repositories $(ARGS)

compatibility: $(READY)
	PYTHONPATH=tests $(BIN)/python -m compatibility

# All cassettes, or some: make record ARGS=text_by_polling. With OPENAI_API_KEY against the real API, without against the offline upstream.
record: $(READY)
	PYTHONPATH=tests $(BIN)/python -m cassettes.record $(ARGS)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "assistants-compat needs Python 3.10 or newer; name one with make PYTHON=…")'
	@echo "Setting up $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

clean:
	rm -rf $(VENV) .nox .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build site
