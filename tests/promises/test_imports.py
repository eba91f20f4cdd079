"""What is loaded when, since a heavy import costs seconds of CPU at every question."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import ROOT

SOURCE = ROOT / "src"

HEAVY = {
    "faiss",
    "symspellpy",
    "fastapi",
    "gradio",
    "httpx",
    "langchain_core",
    "langchain_text_splitters",
    "markdown_it",
    "numpy",
    "ollama",
    "onnx",
    "onnxruntime",
    "sentence_transformers",
    "tantivy",
    "torch",
    "transformers",
    "uvicorn",
}
AT_A_QUESTION = {"numpy", "onnxruntime", "tantivy"}

_RUN = """
import sys
sys.argv[0] = "ibid"
from ibid.cli.commands import main
try:
    main()
except SystemExit as leaving:
    assert not leaving.code, leaving.code
print(*sys.modules, file=sys.stderr)
"""


def run(program: str, arguments: Sequence[str]) -> set[str]:
    """Run `program`; return the heavy libraries that it has loaded."""
    finished = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "IBID_MODEL": "none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return HEAVY & set(finished.stderr.split("\n")[-2].split())


def test_importing_ibid_loads_nothing_heavy():
    program = "import sys, ibid, ibid.cli\nprint(*sys.modules, file=sys.stderr)"
    assert run(program, []) == set()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["ask", "--help"], ["config"], ["completion", "bash"]]
)
def test_help_and_settings_load_nothing_heavy(arguments: list[str]):
    assert run(_RUN, arguments) == set()


@pytest.mark.parametrize("verb", ["search", "ask", "articles"])
def test_asking_loads_only_what_searches(verb: str, seed_index: Path):
    question = [] if verb == "articles" else ["What is cited for drug discovery?"]
    assert run(_RUN, [verb, *question, "--index", str(seed_index)]) <= AT_A_QUESTION


def test_an_up_to_date_build_loads_only_what_checks(seed_index: Path):
    assert run(_RUN, ["build", "--index", str(seed_index)]) <= AT_A_QUESTION
