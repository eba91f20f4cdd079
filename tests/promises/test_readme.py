"""The README tells the truth: its commands run, its session is real, its JSON is right."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from ibid.cli.commands import main

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SHELL = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
COMMANDS = [
    line.removeprefix("$ ")
    for kind, block in BLOCKS
    if kind == "console"
    for line in block.splitlines()
    if line.startswith("$ ")
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with `articles`, and the seeds with their index in the working directory."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "seeds", home / "seeds")
    shutil.copytree(ROOT / "seeds", home / "articles")
    assert run("ibid build seeds", home).returncode == 0
    return home


def words(command: str, home: Path) -> list[str]:
    """Return what a shell makes of a command."""
    found = [word.replace("~", str(home)) for word in shlex.split(command)]
    assert found[0] == "ibid"
    return found


def run(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run it as a process of its own."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "COLUMNS": "100",
        "IBID_MODEL": "none",
        "PYTHONPATH": str(ROOT / "src"),
    }
    return subprocess.run(
        [sys.executable, "-m", "ibid", *words(command, home)[1:]],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


SESSIONS = [
    block.removeprefix("$ ").split("\n", 1)
    for kind, block in BLOCKS
    if kind == "console" and block.count("\n$ ") == 0
]


@pytest.mark.parametrize(("command", "shown"), SESSIONS)
def test_a_session_is_what_ibid_prints(command: str, shown: str, home: Path) -> None:
    done = run(command, home)
    assert done.returncode == 0, done.stderr
    assert [line.rstrip() for line in done.stdout.splitlines()] == [
        line.rstrip() for line in shown.splitlines()
    ]


SHOWN = {"ibid chat", *(command for command, _ in SESSIONS)}


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in SHOWN])
def test_every_other_ibid_command_runs(
    command: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("IBID_MODEL", "none")
    monkeypatch.setattr(sys, "argv", words(command, home))
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == 0, capsys.readouterr().err


def test_every_make_verb_exists() -> None:
    verbs = set(re.findall(r"`?make (\w+)", README))
    assert {"ask", "chat", "test"} <= verbs
    for verb in verbs:
        done = subprocess.run(
            ["make", "-n", verb], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_every_shell_line_is_known_and_tried_by_ci_or_by_a_test_above() -> None:
    tried = ("make ask", "make test", "pip install -c constraints.txt -e .", "uv ")
    assert SHELL
    assert all(line.startswith(tried) for line in SHELL)
    assert "pip install -c constraints.txt -e ." in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_json_of_the_readme_has_the_keys_that_ask_prints(home: Path) -> None:
    printed = json.loads(run("ibid ask --json 'how important is data privacy?'", home).stdout)
    promised = json.loads(next(block for kind, block in BLOCKS if kind == "json"))

    def shape(value: object) -> object:
        match value:
            case dict():
                return {key: shape(inner) for key, inner in value.items() if key != "settings"}
            case list():
                return [shape(each) for each in value[:1]]
            case _:
                return None

    (promised_quote,) = promised["claims"][0]["citations"]
    promised_quote["notes"] = printed["claims"][0]["citations"][0]["notes"]
    for name in ("ranks", "parts"):
        promised["hits"][0][name] = printed["hits"][0][name]
    assert shape(printed) == shape(promised)


def test_the_python_of_the_readme_runs(home: Path) -> None:
    source = next(block for kind, block in BLOCKS if kind == "python")
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "IBID_MODEL": "none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "seeds" not in done.stdout
    assert "002_4415d96d755b18df.txt" in done.stdout


def test_every_picture_and_link_of_the_readme_is_there() -> None:
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)\)", prose):
        assert target.startswith("http") or (ROOT / target).exists(), target
