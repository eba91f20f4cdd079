"""The command: what it prints where, and the exit code that it leaves with."""

import fcntl
import hashlib
import json
import os
import platform
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from conftest import ROOT
from ibid import __version__
from ibid.cli.commands import cli, main
from interrupts import take_interrupts

SOURCE = ROOT / "src"
QUESTION = "what challenges are cited for AI drug discovery?"


@dataclass
class Result:
    code: int
    out: str
    err: str


Ibid = Callable[..., Result]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine, no server, and a folder of our own."""
    for name in [name for name in os.environ if name.startswith(("IBID_", "OLLAMA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("IBID_OLLAMA", "http://127.0.0.1:9")
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ibid(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seed_index: Path
) -> Ibid:
    """Run the command in this process, over the index of the seeds."""
    monkeypatch.setenv("IBID_INDEX", str(seed_index))

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["ibid", *arguments])
        with pytest.raises(SystemExit) as leaving:
            main()
        code = leaving.value.code
        assert isinstance(code, int)
        return Result(code, *capsys.readouterr())

    return run


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    command = [sys.executable, "-m", "ibid", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def assert_error(result: Result, code: int, message: str, hint: str) -> None:
    """One line says what happened, one what to do, and nothing else is said."""
    assert (result.code, result.out) == (code, "")
    first, second, *rest = result.err.split("\n")
    assert first.startswith("error: ")
    assert message in first
    assert second.startswith("hint:  ")
    assert hint in second
    assert rest == [""]


# The verbs


def test_help_and_version_are_told(ibid: Ibid):
    assert ibid("--version").out == f"ibid {__version__}\n"
    for order in (("--version", "--json"), ("--json", "--version")):
        told = json.loads(ibid(*order).out)
        assert (told["ibid"], told["python"]) == (__version__, platform.python_version())
        assert set(told) == {"ibid", "python", "system", "index_format", "packages"}
    for help in ("--help", "-h"):
        result = ibid(help)
        assert result.code == 0
        assert all(verb in result.out for verb in cli.commands)
    for verb, command in cli.commands.items():
        text = ibid(verb, "--help").out
        assert command.help
        for option in (each for each in command.params if isinstance(each, click.Option)):
            assert option.help, f"{verb} {option.name}"
            assert option.opts[-1] in text


def test_build_reports_what_it_did_to_stderr_and_json_to_stdout(ibid: Ibid, seeds: Path):
    result = ibid("build", str(seeds))
    assert (result.code, result.out) == (0, "")
    assert re.fullmatch(
        r"Index already up to date: 5 articles, \d+ passages, [\d.]+ s\.\n  note on 001_.*\n",
        result.err,
    )
    assert ibid("build", "--quiet").err == ""
    report = json.loads(ibid("build", "--json").out)
    assert (report["articles"], report["changed"], report["skipped"]) == (5, False, [])


def test_search_prints_the_place_of_each_hit(ibid: Ibid, seeds: Path):
    result = ibid("search", "-k", "2", "--explain", "drug", "discovery")
    assert (result.code, result.err) == (0, "")
    assert re.findall(r"^\d+\. ", result.out, re.MULTILINE) == ["1. ", "2. "]
    explained = " ".join(result.out.split())
    parts = r"meaning 0\.\d+ \+ words 0\.\d+ \+ article 0\.\d+ \+ tokens 0\.\d+"
    places = r"\(words: place \d+, meaning: place \d+\)"
    assert re.search(rf"score 0\.\d{{3}} = {parts} {places}", explained)


def test_ask_prints_quotes_with_their_lines_and_says_why(ibid: Ibid):
    result = ibid("ask", QUESTION)
    assert result.code == 0
    assert "[1]" in result.out
    assert "word for word" in result.out
    assert re.match("note: .*127.0.0.1:9", result.err)
    assert ibid("ask", "--model", "none", QUESTION).err == ""


def test_the_words_of_a_question_need_no_quotation_marks(ibid: Ibid):
    ask = ("ask", "--model", "none")
    assert ibid(*ask, *QUESTION.split()).out == ibid(*ask, QUESTION).out


def test_articles_lists_the_articles(ibid: Ibid, seeds: Path):
    result = ibid("articles")
    assert result.code == 0
    assert all(path.name in result.out for path in seeds.iterdir())
    listed = json.loads(ibid("articles", "--json").out)
    assert [article["article"] for article in listed] == sorted(p.name for p in seeds.iterdir())


def test_show_prints_an_article_to_the_byte_and_how_it_was_cut(ibid: Ibid, seeds: Path):
    for path in seeds.iterdir():
        assert process("show", path.name, "--index", os.environ["IBID_INDEX"]).stdout.encode() == (
            path.read_bytes()
        )
    assert "characters 0–" in ibid("show", "--passages", path.name).out
    assert json.loads(ibid("show", "--json", path.name).out)["text"] == path.read_text("utf-8")


def test_config_shows_each_value_and_where_it_came_from(ibid: Ibid, tmp_path: Path):
    (tmp_path / "ibid.toml").write_text("port = 8080")
    shown = json.loads(ibid("config", "--json", "--model", "none").out)
    assert shown["port"] == {"value": 8080, "origin": str(tmp_path / "ibid.toml")}
    assert shown["model"] == {"value": "none", "origin": "option"}
    assert shown["ollama"]["origin"] == "environment"
    assert shown["host"] == {"value": "127.0.0.1", "origin": "default"}
    assert re.search(r"^port +8080 +.*ibid\.toml$", ibid("config").out, re.MULTILINE)


def test_what_a_folder_s_file_may_not_set_is_noted_once_and_config_says_why(
    ibid: Ibid, tmp_path: Path
):
    (tmp_path / "ibid.toml").write_text("server = 'http://10.9.9.9'\nallow_remote = true")
    asked = ibid("ask", "--model", "none", "--json", QUESTION)
    assert asked.code == 0
    assert asked.err.count("note: server, allow_remote of ") == 1
    shown = json.loads(ibid("config", "--json").out)
    assert shown["server"]["value"] == ""
    assert shown["server"]["ignored"].startswith(f"{tmp_path / 'ibid.toml'}: ")
    assert "ignored" not in shown["port"]
    assert ibid("config").out.count(f"ignored in {tmp_path / 'ibid.toml'}: ") == 2


@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_an_argument_that_is_no_text_is_refused_by_every_verb(ibid: Ibid, verb: str):
    assert_error(ibid(verb, "a\udcffb\ud800"), 2, "an argument is not UTF-8", "UTF-8")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_each_shell(ibid: Ibid, shell: str):
    result = ibid("completion", shell)
    assert result.code == 0
    assert "_IBID_COMPLETE" in result.out


# Errors: one line, one hint, one code


@pytest.mark.parametrize(
    ("arguments", "code", "message", "hint"),
    [
        ((), 2, "Missing command", "ibid --help"),
        (("nope",), 2, "No such command 'nope'", "ibid --help"),
        (("ask", "--nope", "x"), 2, "No such option '--nope'", "ibid --help"),
        (("ask",), 2, "Missing argument 'QUESTION...'", "ibid --help"),
        (("search", "-k", "0", "x"), 2, "0 is not in the range", "ibid --help"),
        (("completion", "tcsh"), 2, "'tcsh' is not one of", "ibid --help"),
        (("ask", ""), 2, "the question is empty", "ibid ask"),
        (("search", " "), 2, "the question is empty", "ibid ask"),
        (("ask", "a" * 120_000), 2, "120,000 characters, 2,000 at most", "sentence"),
        (("ask", "--index", "", "x"), 2, "index takes a text", "ibid config"),
        (("show", "no.md"), 2, "no article is named 'no.md'", "ibid articles"),
        (("chat", "--port", "99999"), 2, "port is 99999", "ibid config"),
        (("ask", "--index", "none", "x"), 4, "there is no index in none", "ibid build"),
        (("articles", "--articles", "elsewhere"), 4, "it was built from", "ibid build"),
        (("ask", "--model", "foo", QUESTION), 5, "no Ollama server", "ollama serve"),
        (("ask", "--embedder", "no/such", "x"), 5, "no/such is not on this machine", "hf download"),
        (("build", "nowhere"), 1, "nowhere does not exist", "name a folder"),
        (("build", "--json", "nowhere"), 1, "does not exist", "name a folder"),
        (("build", "."), 1, ". holds no articles", "articles end in .atom, .docx, .eml"),
    ],
)
def test_an_error_is_one_line_with_what_to_do_and_a_code(
    ibid: Ibid, arguments: Sequence[str], code: int, message: str, hint: str
):
    result = ibid(*arguments)
    if hint:
        assert_error(result, code, message, hint)
    else:
        assert (result.code, result.out, result.err.count("\n")) == (code, "", 1)
        assert message in result.err


@pytest.fixture
def copied(seed_index: Path, tmp_path: Path) -> Path:
    """A copy of the seeds' index that a test may harm."""
    copy = seed_index.with_name(f"copy-{tmp_path.name}")
    shutil.copytree(seed_index, copy)
    return copy


def test_a_damaged_index_is_an_error(ibid: Ibid, copied: Path):
    next((copied / "generations").iterdir()).joinpath("corpus.sqlite").write_bytes(b"?")
    for command in (("ask", "x"), ("search", "x"), ("articles",), ("show", "x")):
        result = ibid(*command, "--index", str(copied))
        assert_error(result, 4, "the index is damaged: corpus.sqlite", "ibid build")


def test_a_bad_settings_file_is_named(ibid: Ibid, tmp_path: Path):
    (tmp_path / "ibid.toml").write_text("modle = 'x'")
    assert_error(ibid("ask", "x"), 2, "ibid.toml: no setting is named 'modle'", "model")


def test_with_exit_status_a_refusal_has_a_code_of_its_own(ibid: Ibid):
    ask = ("ask", "--model", "none", "--exit-status")
    refused = ibid(*ask, "Who painted the Mona Lisa?")
    assert (refused.code, refused.err) == (3, "")
    assert refused.out.startswith("Your articles do not say.")
    assert ibid(*ask, QUESTION).code == 0
    assert ibid("ask", "--model", "none", "Who painted the Mona Lisa?").code == 0


def test_a_bug_is_told_in_two_lines_and_shown_to_a_developer(
    ibid: Ibid, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise KeyError("one\ntwo")

    monkeypatch.setattr("ibid.library.Library.find", broken)
    assert_error(ibid("search", "x"), 1, "unexpected KeyError: 'one", "python -X dev -m ibid")


def test_a_stale_index_answers_and_says_so(ibid: Ibid, copied: Path, seeds: Path):
    generation = next((copied / "generations").iterdir())
    manifest = json.loads((generation / "manifest.json").read_text())
    manifest["articles"] |= {"gone.md": "0", next(iter(manifest["articles"])): "0"}
    for folder, reason in (
        (manifest["folder"], "1 article changed, 1 article gone"),
        ("../nowhere", "nowhere does not exist"),
    ):
        data = json.dumps(manifest | {"folder": folder})
        (generation / "manifest.json").write_text(data)
        digest = hashlib.sha256(data.encode()).hexdigest()
        (copied / "CURRENT").write_text(f"{generation.name} {digest}")
        result = ibid("search", "drug", "--index", str(copied))
        assert result.code == 0
        assert result.out
        assert re.fullmatch(rf"note: the index is stale \(.*{reason}\): ibid build\n", result.err)


# Standard input and output


def test_a_question_may_come_from_standard_input(ibid: Ibid, seed_index: Path):
    ask = ("ask", "--model", "none", "--index", str(seed_index), "-")
    assert process(*ask, input=f"{QUESTION}\n").stdout == ibid(*ask[:-1], QUESTION).out
    for said, message in (("", "empty"), ("a" * 2_000_000, "characters, 2,000 at most")):
        result = process(*ask, input=said)
        assert_error(Result(result.returncode, result.stdout, result.stderr), 2, message, "")


def test_a_reader_that_goes_away_is_no_error(seed_index: Path):
    ask = ("ask", "--model", "none", QUESTION)
    for arguments in (("search", "drug"), ("articles", "--json"), ask):
        command = [sys.executable, "-m", "ibid", *arguments, "--index", str(seed_index)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout
            assert running.stderr
            running.stdout.close()
            said = running.stderr.read().decode()
        assert (running.returncode, said) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to write to")
def test_a_full_disk_is_an_error(seed_index: Path):
    for arguments in (("articles",), ("search", "drug"), ("search", "--json", "-k", "40", "drug")):
        command = [sys.executable, "-m", "ibid", *arguments, "--index", str(seed_index)]
        with Path("/dev/full").open("w") as full:
            run = subprocess.run(
                command, stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        error = "error: No space left on device\nhint:  free some space, then try again\n"
        assert (run.returncode, run.stderr) == (1, error)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to write to")
@pytest.mark.parametrize("verb", ["build", "ask drug", "articles", "nonsense", "ask", "show x"])
def test_messages_that_cannot_be_told_leave_a_code_that_is_documented(
    seed_index: Path, tmp_path: Path, verb: str
):
    shutil.copytree(seed_index, tmp_path / "index")
    command = [sys.executable, "-m", "ibid", *verb.split()]
    environment = {**os.environ, "IBID_INDEX": str(tmp_path / "index"), "IBID_MODEL": "none"}
    environment.pop("PYTHONUNBUFFERED", None)  # what is buffered is written when Python ends
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=full, check=False
        )
    assert run.returncode in (0, 1, 2)


def test_a_terminal_of_few_characters_gets_what_it_can_show_and_json_is_always_utf_8(
    seed_index: Path,
):
    def written(*arguments: str, encoding: str) -> bytes:
        command = [sys.executable, "-m", "ibid", "search", *arguments, "drug"]
        environment = {"IBID_INDEX": str(seed_index), "PYTHONIOENCODING": encoding}
        run = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, check=True
        )
        assert run.stderr == b""
        return run.stdout

    assert not written(encoding="utf-8").decode().isascii()
    assert "?" in written(encoding="latin-1").decode("latin-1")
    assert written(encoding="ascii").isascii()
    assert written("--json", encoding="latin-1") == written("--json", encoding="utf-8")


def in_terminal(columns: int, arguments: Sequence[str], **environment: str) -> str:
    """Return what Python writes to a terminal of `columns`."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    options = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, *arguments]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**options, **environment}
    ):
        os.close(theirs)
        written = b""
        try:
            while piece := os.read(ours, 65536):
                written += piece
        except OSError:
            pass  # the terminal's other end was closed
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*[349][0-7](?:;\d+)*m")


def words(written: str) -> str:
    """Return what can be read, wherever the lines break."""
    return re.sub(r"\s", "", ESCAPE.sub("", written))


VERBS = (("ask", "--model", "none", QUESTION), ("search", "drug"), ("articles",))
ONE_AFTER_THE_OTHER = """
import json, sys
from ibid.cli import main
for sys.argv in json.loads(sys.argv[1]):
    try:
        main()
    except SystemExit:
        print("---", flush=True)
"""


@pytest.mark.long
def test_a_narrow_terminal_can_be_read(seed_index: Path):
    commands = json.dumps([("ibid", *verb, "--index", str(seed_index)) for verb in VERBS])

    def written(columns: int, **environment: str) -> list[str]:
        *all, end = in_terminal(
            columns, ("-c", ONE_AFTER_THE_OTHER, commands), **environment
        ).split("---\n")
        assert (len(all), end) == (len(VERBS), "")
        return all

    wide = written(120, TERM="xterm")
    assert [bool(COLOUR.search(each)) for each in wide] == [True, True, False]
    read = [words(each) for each in wide]
    for term in ("xterm", "dumb"):
        narrow = written(40, TERM=term)
        lines = [line for each in narrow for line in ESCAPE.sub("", each).splitlines()]
        assert max(map(len, lines)) <= 40
        assert [words(each) for each in narrow] == read
        assert term == "xterm" or "\x1b" not in "".join(narrow)
    plain = written(120, TERM="xterm", NO_COLOR="1")
    assert not COLOUR.search("".join(plain))
    assert [words(each) for each in plain] == read


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_a_build_in_a_terminal_leaves_its_report_alone(seed_index: Path, term: str):
    written = in_terminal(80, ("-m", "ibid", "build", "--index", str(seed_index)), TERM=term)
    shown = ESCAPE.sub("", written).replace("\r", "").strip()
    report, note = shown.split("\n", 1)
    assert re.fullmatch(r"Index already up to date: 5 articles, \d+ passages, [\d.]+ s\.", report)
    assert note.split() == "note on 001_0f60af31d4d535c7.txt: mojibake: 1, first in line 38".split()
    assert term == "xterm" or "\x1b" not in written


@pytest.mark.parametrize("sign", ["LOCK", "JOURNAL"], ids=["at once", "while it embeds"])
def test_ctrl_c_stops_a_build_without_a_word_and_the_old_index_answers(
    tmp_path: Path, articles: Path, sign: str
):
    from ibid.library import Library
    from ibid.storage.store import Store
    from ibid.testing import HashEmbedder

    index = tmp_path / "index"
    Library.open(articles, index, embedder=HashEmbedder()).build()
    before = Store(index).current()
    (index / "LOCK").unlink()
    for number in range(1000):
        text = f"Number {number} is a number. It is not {number + 1}.\n" * 20
        (articles / f"{number}.md").write_text(text)
    command = [sys.executable, "-m", "ibid", "build", str(articles), "--index", str(index)]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=take_interrupts,  # noqa: PLW1509 - no thread runs here
    ) as running:
        while not (index / sign).exists():
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    # A shell sees 130 both ways: Python ends by the signal where a C library was running Python.
    assert running.returncode in (130, -signal.SIGINT)
    assert said.strip() == ""
    assert Store(index).current() == before


# Short JSON, for agents


@pytest.mark.parametrize("verb", [("ask", QUESTION), ("search", "bias"), ("compare", "privacy")])
def test_brief_json_is_one_short_line_wherever_it_is_said(ibid: Ibid, verb: tuple[str, str]):
    whole = ibid(*verb, "--json").out
    brief = ibid(verb[0], "--json=brief", verb[1]).out
    assert brief.count("\n") == 1
    assert len(brief) < 0.6 * len(whole)
    assert json.loads(brief)
    for said in ((*verb, "--json=brief"), (*verb, "--brief"), (*verb, "--json", "--json=brief")):
        assert ibid(*said).out == brief
    assert ibid(*verb, "--json=full").out.count("\n") == whole.count("\n")


def test_json_has_no_third_form_and_a_question_may_hold_the_words(ibid: Ibid):
    assert ibid("ask", QUESTION, "--json=short").code == 2
    assert ibid("articles", "--json=brief").code == 2
    said = ibid("ask", "--json", "--", "--json=brief").out
    assert json.loads(said)["question"] == "--json=brief"


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("markdown", "**"), ("obsidian", "---\n"), ("bibtex", "@misc{"), ("csl-json", "[\n")],
)
def test_an_answer_is_printed_for_other_tools(ibid: Ibid, form: str, beginning: str):
    result = ibid("ask", "--model", "none", "--as", form, QUESTION)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(beginning)
    assert "TechBrew Daily" in result.out
