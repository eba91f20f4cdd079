"""The papers tell the truth: their commands run, their sessions are real, their JSON is right."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pytest

from cli_page import MANUAL, PAGE, SCHEMAS, to_roff, write_manual, write_page, write_schemas
from conftest import ROOT
from ibid.cli import main
from ibid.settings import NAMES

README = ROOT / "README.md"
PAPERS = [
    README,
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: the paper that it stands in, its language and its text."""

    paper: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.paper}: {self.text.splitlines()[0][:60]}"


BLOCKS = [
    Block(str(paper.relative_to(ROOT)), language, text)
    for paper in PAPERS
    for language, text in BLOCK.findall(paper.read_text("utf-8"))
]
CONSOLES = [block for block in BLOCKS if block.language == "console"]
COMMANDS = {
    line.removeprefix("$ "): block
    for block in CONSOLES
    for line in block.text.splitlines()
    if line.startswith("$ ")
}
SESSIONS = [
    block for block in CONSOLES if block.text.count("$ ib") == 1 and block.text.count("\n") > 1
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with `articles`, and the seeds with their index in the working directory."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "seeds", home / "seeds")
    shutil.copytree(ROOT / "seeds", home / "articles")
    assert run("ibid build seeds", home).returncode == 0
    return home


def run(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run it as a process of its own."""
    return run_python(["-m", "ibid", *words(command, home)[1:]], home)


def words(command: str, home: Path) -> list[str]:
    """Return what a shell makes of a command."""
    parts = [part.replace("~", str(home)) for part in shlex.split(command)]
    assert parts[0] == "ibid"
    return parts


def run_python(arguments: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "HOME": str(home),
        "COLUMNS": "100",
        "IBID_MODEL": "none",
        "PYTHONPATH": str(ROOT / "src"),
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("session", SESSIONS, ids=str)
def test_a_session_is_what_ibid_prints(session: Block, home: Path) -> None:
    command, shown = session.text.removeprefix("$ ").split("\n", 1)
    done = run(command, home)
    assert done.returncode == 0, done.stderr
    assert [line.rstrip() for line in done.stdout.splitlines()] == [
        line.rstrip() for line in shown.splitlines()
    ]


SHOWN = {"ibid chat", *(session.text.splitlines()[0].removeprefix("$ ") for session in SESSIONS)}


@pytest.mark.long
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
    verbs = {
        verb for paper in PAPERS for verb in re.findall(r"`make ([a-z]+)", paper.read_text("utf-8"))
    }
    assert {"chat", "test", "bench"} <= verbs
    for verb in verbs:
        done = subprocess.run(
            ["make", "-n", verb], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_every_shell_line_is_known_and_tried_by_ci_or_by_a_test_above() -> None:
    tried = ("make ask", "make test", "pip install -c constraints.txt -e .", "uv ")
    lines = [line for block in BLOCKS if block.language == "sh" for line in block.text.splitlines()]
    assert lines
    assert all(line.startswith(tried) for line in lines)
    assert "pip install -c constraints.txt -e ." in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_promised_json_has_the_keys_that_ask_prints(home: Path) -> None:
    printed = json.loads(run("ibid ask --json 'Who is Atomwise?'", home).stdout)
    promised = json.loads(next(block.text for block in BLOCKS if block.language == "json"))

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
    promised["receipt"]["unused"] = printed["receipt"]["unused"]
    for name in ("ranks", "parts"):
        promised["hits"][0][name] = printed["hits"][0][name]
    assert shape(printed) == shape(promised)


@pytest.mark.parametrize(
    "program", [block for block in BLOCKS if block.language == "python"], ids=str
)
def test_every_program_runs_and_names_an_article(program: Block, home: Path) -> None:
    done = run_python(["-c", program.text], home)
    assert done.returncode == 0, done.stderr
    assert ".txt" in done.stdout


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_picture_and_link_leads_somewhere(paper: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", paper.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)]+)\)", prose):
        if link.startswith("http"):
            continue
        target, _, anchor = link.partition("#")
        file = (paper.parent / target) if target else paper
        assert file.exists(), link
        assert not anchor or anchor in anchors(file), link


def anchors(paper: Path) -> set[str]:
    """Return the anchors of a paper's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", paper.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_read_in_three_minutes() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 150


def test_the_page_of_commands_is_what_they_say_of_themselves() -> None:
    assert PAGE.read_text("utf-8") == write_page()
    assert MANUAL.read_text("utf-8") == write_manual()


def test_a_manual_shows_each_line_as_it_stands() -> None:
    assert to_roff(".gitignore -x") == r"\&.gitignore \-x"
    assert to_roff(r"'a\b") == r"\&'a\eb"


def test_the_schemas_are_those_of_the_shapes() -> None:
    written = {path: path.read_text("utf-8") for path in SCHEMAS.glob("*.json")}
    assert written == write_schemas()


def test_the_page_of_settings_has_each_of_them() -> None:
    rows = (ROOT / "docs" / "configuration.md").read_text("utf-8").splitlines()
    table = takewhile(lambda row: row.startswith("|"), rows[rows.index("|---|---|---|") + 1 :])
    assert [row.split("`")[1] for row in table] == list(NAMES)


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = {path.name for path in folder.glob("[0-9]*.md")}
    assert {*re.findall(r"\]\((\d[^)]+)\)", (folder / "README.md").read_text("utf-8"))} == pages
