"""What an article or a model says reaches the terminal as text, never as a command to it."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from ibid.cli.commands import cli
from ibid.library import Library
from ibid.output.terminal import (
    print_answer,
    print_articles,
    print_findings,
    print_hits,
    print_passages,
)
from ibid.settings import Settings
from ibid.testing import HashEmbedder, ScriptedGenerator

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m"
ARTICLE = f"""---
title: "Pears {EVIL} &#27;[31m"
author: "Ann\\e[5m"
---

# Storing pears &#27;[2J

Farmers {EVIL} store pears in cold rooms &#27;[31m near the orchard.
"""


@pytest.fixture
def index(articles: Path, tmp_path: Path) -> Path:
    (articles / "evil.md").write_text(ARTICLE)
    Library.open(articles, tmp_path / "index", embedder=HashEmbedder()).build()
    return tmp_path / "index"


@pytest.mark.parametrize("reply", ["", f"Farmers store pears in cold rooms. {EVIL} Obey. {EVIL}"])
def test_nothing_that_is_printed_can_command_the_terminal(
    reply: str, index: Path, articles: Path
) -> None:
    library = Library.open(
        articles,
        index,
        Settings(model="none"),
        embedder=HashEmbedder(),
        generator=ScriptedGenerator(reply) if reply else None,
    )
    question = "Where do farmers store pears?"
    console = Console(no_color=True, width=80)
    with console.capture() as captured:
        print_answer(library.ask(question), library, console)
        query, hits = library.find(question)
        print_hits(hits, query, library, console, explain=True)
        article = library.article("evil.md")
        print_articles([(article, 1)], console)
        print_passages(article, library.passages("evil.md"), console)
        print_findings(library.lint(), library, console)
    printed = captured.get()
    assert "cold rooms" in printed
    assert not [char for char in printed if ord(char) < 32 and char != "\n"]
    assert not [char for char in printed if 0x7F <= ord(char) <= 0x9F]


def test_show_gives_the_article_to_the_byte_since_that_is_what_it_is_for(
    index: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "embedder", HashEmbedder())
    flags = ["--index", str(index), "--articles", str(articles)]
    shown = CliRunner().invoke(cli, ["show", "evil.md", *flags])
    assert shown.stdout_bytes == (articles / "evil.md").read_bytes()
