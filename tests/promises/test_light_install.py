"""What an installation without its heavy libraries can do, and how it names what is missing."""

import ast
import json
import os
import re
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from conftest import ROOT, SEEDS
from ibid.errors import name_missing

pytestmark = pytest.mark.long

HEAVY = (
    *("torch", "transformers", "sentence_transformers", "sklearn", "gradio", "gradio_client"),
    *("pandas", "scipy", "ir_measures"),
)
WITHOUT = """
import json, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

missing = set(json.loads(sys.argv.pop(1)))
sys.meta_path.insert(0, Missing())
from ibid.cli import main
sys.argv[0] = "ibid"
main()
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that was built without any of the heavy libraries."""
    index = tmp_path_factory.mktemp("light") / "index"
    done = run("build", str(SEEDS), index=index)
    assert done.returncode == 0, done.stderr
    return index


def run(
    *arguments: str,
    index: Path,
    missing: tuple[str, ...] = HEAVY,
    token: str = "short",  # noqa: S107
) -> subprocess.CompletedProcess[str]:
    """Run the command where libraries are missing."""
    environment = {
        "IBID_INDEX": str(index),
        "IBID_MODEL": "none",
        "PYTHONPATH": str(ROOT / "src"),
        "IBID_TOKEN": token,  # a server whose token is short ends by itself
        "IBID_PORT": str(free_port()),
    }
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(missing), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "What challenges are cited for AI drug discovery?"),
        ("search", "bias", "--explain"),
        ("compare", "data privacy"),
        *(("articles",), ("lint",), ("check",), ("config",), ("build", "--quiet")),
        ("show", "001_0f60af31d4d535c7.txt", "--claims"),
        ("mcp",),
    ],
    ids=" ".join,
)
def test_what_uses_no_heavy_library_needs_none(index: Path, arguments: tuple[str, ...]):
    done = run(*arguments, index=index)
    assert done.returncode == 0, done.stderr
    assert "not installed" not in done.stdout + done.stderr


def test_the_doctor_examines_all_of_it(index: Path):
    done = run("doctor", index=index)
    assert "bug" not in done.stdout + done.stderr
    assert "all-MiniLM-L6-v2: one question in" in done.stdout


@pytest.mark.parametrize("verb", ["serve", "mcp"])
def test_programs_are_served_without_them(index: Path, verb: str):
    done = run(verb, *(["--http"] if verb == "mcp" else []), index=index)
    assert "a token has 16 characters" in done.stderr  # all of it was loaded before


@pytest.mark.parametrize(
    ("arguments", "missing", "library", "command"),
    [
        (("chat",), HEAVY, "gradio", "pip install gradio"),
        (("eval", "--self", "--limit", "2"), HEAVY, "ir_measures", "pip install ir-measures"),
        (("mcp",), ("mcp", "mcp_types"), "mcp_types", 'pip install "ibid-articles[mcp]"'),
        (
            ("build", str(SEEDS), "--embedder", "MODEL"),
            HEAVY,
            *("sentence_transformers", "pip install sentence-transformers"),
        ),
    ],
    ids=["chat", "eval", "mcp", "embedder"],
)
def test_what_is_missing_is_named_with_its_command(
    index: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    missing: tuple[str, ...],
    library: str,
    command: str,
):
    (tmp_path / "config.json").write_text("{}")
    told = [str(tmp_path) if each == "MODEL" else each for each in arguments]
    where = index if "MODEL" not in arguments else tmp_path / "index"
    done = run(*told, index=where, missing=missing, token="")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        f"error: {library} is not installed, and this needs it",
        f"hint:  {command}",
    ]


def imported() -> set[str]:
    """Return the modules outside of Python that ibid imports anywhere."""
    names: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Import(aliases):
                    names |= {alias.name.partition(".")[0] for alias in aliases}
                case ast.ImportFrom(str(module), _, 0):
                    names.add(module.partition(".")[0])
                case _:
                    pass
    return names - sys.stdlib_module_names - {"ibid"}


def test_every_module_that_ibid_imports_is_named_by_the_library_that_has_it():
    """Whatever the module is called: PyYAML has `yaml`."""
    owners = metadata.packages_distributions()
    extras = {
        "mcp",
        "mcp_types",
        "pypdfium2",
        "trafilatura",
        "nbformat",
        "nbclient",
        "matplotlib",
    } | {"docutils", "feedparser", "orgparse", "pybtex", "pgvector", "psycopg"}
    modules = imported()
    assert {"yaml", "markdown_it", "gradio", "scipy", "sentence_transformers"} <= modules
    for module in sorted(modules):
        error = name_missing(ModuleNotFoundError(name=f"{module}.inner"))
        assert error is not None
        if module in extras:
            assert re.fullmatch(r'pip install "ibid-articles\[\w+\]"', error.hint), module
        else:
            names = {name.lower().replace("_", "-") for name in owners[module]}
            if module in (
                "anyio",
                "h11",
                "lxml",
                "safetensors",
            ):  # a library of ours brings them along
                names = {"--force-reinstall ibid-articles"}
            assert error.hint.removeprefix("pip install ") in names, module


def test_a_module_of_nobody_we_know_is_not_installed_from_anybody():
    error = name_missing(ModuleNotFoundError(name="ibid_helper"))
    assert error is not None
    assert error.hint == "pip install --force-reinstall ibid-articles"


@pytest.mark.parametrize("name", ["json", "ibid.nothing", "os.path", None])
def test_what_python_or_ibid_itself_lacks_is_no_library(name: str | None):
    assert name_missing(ModuleNotFoundError(name=name)) is None
    assert name_missing(ImportError(name="torch")) is None
