"""Whatever an article, a name or an argument says, a terminal shows it and obeys nothing of it."""

import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibid.errors import UsageError
from ibid.library import Library
from ibid.output.as_json import dump_json
from ibid.output.printing import Console, Text, highlight
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.text.strings import HIDDEN, list_hidden, printable
from ibid.types.articles import Span
from ibid.ui.panes.articles import Shelves
from ibid.ui.panes.sources import find_source
from ibid.ui.panes.trouble import sentence
from ibid.ui.panes.welcome import Offers, write_topics
from ibid.ui.talk.request import write_choices
from nasty import HARMLESS, HOSTILE, OSC, without_our_styles, write_hostile_folder

QUESTION = "Where do farmers store pears?"
VERBS = (
    *(["build"], ["articles"], ["lint"], ["check"], ["config"], ["doctor"]),
    *(["search", "--explain", QUESTION], ["ask", "--explain", QUESTION], ["ask", "Who is Zeus?"]),
    ["ask", "--article", "pears-4.md", QUESTION],
    *(["compare", "pears"], ["compare", "--markdown", "pears"], ["eval", "--self", "--limit", "3"]),
    *(
        ["show", f"pears-{n}.md", *how]
        for n in (0, 4)
        for how in ([], ["--passages"], ["--claims"])
    ),
    *([*verb, "--json"] for verb in (["articles"], ["lint"], ["ask", QUESTION], ["config"])),
    *(["show", text.replace("\0", "")] for text in HOSTILE),
    *([f"--{OSC}"], [OSC], ["search", "-k", OSC, "x"], ["ask", "--model", OSC, "x"]),
    *(["ask", "x", "--server", f"http://127.0.0.1:9/{OSC}"], ["articles", "--index", OSC]),
    *(["ask", QUESTION, "--since", "\u202e2020"], ["ask", QUESTION, "--author", f"Ann {OSC}"]),
    *(["eval", "--questions", OSC], ["completion", OSC], ["build", OSC], ["compare", "7\u202e3"]),
)
RUN_ALL = """
import json, sys
from ibid.cli.commands import main
for verb in json.loads(sys.argv[1]):
    print(f"\\n@@ {json.dumps(verb)}", flush=True)
    sys.argv = ["ibid", *verb]
    try:
        main()
    except SystemExit:
        pass
"""


def on_a_terminal(arguments: list[str], folder: Path) -> str:
    """Return what a command writes to the terminal that it runs on, both streams."""
    ours, its = pty.openpty()
    alone = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "TERM": "xterm-256color"}
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "100", **alone}
    child = subprocess.Popen(arguments, cwd=folder, env=env, stdin=its, stdout=its, stderr=its)
    os.close(its)
    written = b""
    try:
        while block := os.read(ours, 1 << 16):
            written += block
    except OSError:  # the end, as Linux tells it
        pass
    os.close(ours)
    child.wait()
    return written.decode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each verb shows on a terminal, of a folder that is hostile all over."""
    folder = tmp_path_factory.mktemp("hostile")
    write_hostile_folder(folder / "seeds")
    shown = on_a_terminal([sys.executable, "-c", RUN_ALL, json.dumps(VERBS)], folder)
    said = re.findall(r"@@ (.+?)\r\n(.*?)(?=\r\n@@ |\Z)", shown, re.DOTALL)
    return dict(said)


@pytest.mark.long
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: ascii(" ".join(verb)))
def test_no_verb_sends_a_terminal_anything_but_text_and_our_own_colours(
    verb: list[str], printed: dict[str, str]
):
    text = without_our_styles(printed[json.dumps(verb)])
    assert text.strip()
    assert list_hidden(text) == []
    assert "\x1b" not in text
    assert "unexpected" not in text


def test_what_hides_is_shown_as_a_mark_and_markup_as_it_stands(printed: dict[str, str]):
    answer = without_our_styles(printed[json.dumps(["ask", "--article", "pears-4.md", QUESTION])])
    assert "7<U+202E>3" in answer
    assert "it holds hidden characters: U+202E, U+202C" in re.sub(r"\s+", " ", answer)
    listed = without_our_styles(printed[json.dumps(["articles"])])
    assert "[red]markup[/red] [link=http://127.0.0.1/x]y[/link] [/] :smile:" in listed
    assert "[red]c[bold].md" in listed
    assert "a<U+202E>b.md" in listed
    shown = without_our_styles(printed[json.dumps(["show", "pears-0.md"])])
    assert "<U+001B>]52;c;b3duZWQ=<U+0007>" in shown


def test_an_article_is_printed_to_the_byte_where_nobody_looks_on(tmp_path: Path):
    folder = tmp_path / "seeds"
    write_hostile_folder(folder)
    Library.open(folder, tmp_path / "index", Settings(model="none")).build()
    command = [sys.executable, "-m", "ibid", "show", "pears-0.md"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert shown.stdout == (folder / "pears-0.md").read_bytes()


# Which characters


def test_every_character_that_unicode_calls_a_control_or_a_format_is_shown_as_a_mark():
    visible = re.compile(  # signs around numbers and hieroglyphs
        "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f]"
    )
    for number in range(sys.maxunicode + 1):
        each = chr(number)
        if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each not in "\t\n\r":
            assert bool(HIDDEN.search(f"1{each}2")) is not bool(visible.match(each)), hex(number)


@pytest.mark.parametrize("text", HARMLESS, ids=ascii)
def test_what_scripts_and_emoji_are_written_with_stays(text: str):
    assert printable(text) == text
    assert list_hidden(text) == []


@given(st.text(st.characters(codec=None) | st.sampled_from("".join(HOSTILE)), max_size=40))
def test_no_text_hides_anything_once_it_is_shown(text: str):
    shown = printable(text)
    assert not HIDDEN.search(shown)
    assert printable(shown) == shown
    assert bool(list_hidden(text)) is (shown != re.sub(r"\r\n?", "\n", text))


def test_a_carriage_return_writes_over_nothing():
    assert printable("73\r37\r\n1") == "73\n37\n1"


# Styles and JSON


@given(st.text(max_size=30), st.lists(st.integers(0, 30), max_size=4))
def test_styles_stand_where_they_stood_in_the_text(text: str, edges: list[int]):
    ends = sorted({edge for edge in edges if edge <= len(text)})
    spans = [Span(*pair) for pair in zip(ends[::2], ends[1::2], strict=False)]
    shown = highlight(text, spans, "bold")
    assert shown.plain == Text(text).plain
    assert [shown.plain[s.start : s.end] for s in shown.spans] == [
        Text(span.of(text)).plain for span in spans if span.of(text)
    ]


def test_a_string_is_never_read_as_markup():
    console = Console(width=200, force_terminal=True, color_system="truecolor")
    with console.capture() as captured:
        console.print(f"[red]x[/red] [link=file:///x]y[/link] :smile: {OSC} [/bold]")
    assert "\x1b" not in captured.get()
    assert "[red]x[/red] [link=file:///x]y[/link] :smile:" in captured.get()


@given(st.text(st.characters(codec=None) | st.sampled_from("".join(HOSTILE)), max_size=40))
def test_json_holds_the_same_text_and_hides_nothing(text: str):
    written = dump_json({"text": text})
    assert json.loads(written.encode("utf-8")) == {"text": text}
    assert not HIDDEN.search(written)


def test_a_note_names_the_characters_that_a_quote_hides(tmp_path: Path):
    write_hostile_folder(tmp_path / "seeds")
    embedder = HashEmbedder()
    library = Library.open(
        tmp_path / "seeds", tmp_path / "index", Settings(model="none"), embedder=embedder
    )
    library.build()
    (claim, *_) = library.claims("pears-4.md")
    assert "it holds hidden characters: U+202E, U+202C" in library.notes(claim.citation)


def test_what_the_chat_is_told_hides_nothing(tmp_path: Path):
    write_hostile_folder(tmp_path / "seeds")
    index, settings = tmp_path / "index", Settings(model="none")
    library = Library.open(tmp_path / "seeds", index, settings, embedder=HashEmbedder())
    library.build()
    told = [
        write_choices(library),
        write_topics(Offers(library)),
        *asdict(Shelves(library).write()).values(),
    ]
    for article in library.articles:
        (passage, *_) = library.passages(article.id)
        source = find_source(f"{passage.id}-0-{len(passage.text)}", (), library)
        told += asdict(source).values()
    told.append(sentence(UsageError(f"no article is named {OSC}\u202e")))
    assert list_hidden("\n".join(told)) == []
