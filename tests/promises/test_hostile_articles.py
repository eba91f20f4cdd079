"""A folder of bad articles: every good file is indexed, every bad one named, nothing hangs.

`expect.json` says what holds for each file of the set. What it says of prompts, answers and pages
is tested elsewhere: forged delimiters and template tokens in test_prompt.py, invented citations
in test_citing.py, active markup and requests in browser/test_safety.py. Duplicates and the share of
one article among the hits are not part of reading.
"""

import json
import os
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from clocks import at_most
from ibid.adapters.langchain_splitter import split_long_text
from ibid.errors import ArticleUnreadable
from ibid.index.passages import cut_passages
from ibid.library import Library
from ibid.reading.article import read_article
from ibid.reading.files import LARGEST_FILE
from ibid.reading.markdown import MOST_LINES
from ibid.search.filters import Filter
from ibid.testing import HashEmbedder, ScriptedGenerator
from ibid.types.articles import Article, ArticleId, Passage
from ibid.types.indexing import BuildReport
from ibid.ui.panes.answers import write_answer
from ibid.ui.panes.sources import find_source
from markdown_texts import DATA, needs_data

HOSTILE = DATA / "hostile_articles"
EXPECTED: Mapping[str, Mapping[str, Any]] = (
    json.loads((HOSTILE / "expect.json").read_text("utf-8"))["files"] if HOSTILE.is_dir() else {}
)
pytestmark = needs_data


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, BuildReport]:
    library = Library.open(HOSTILE, tmp_path_factory.mktemp("index"), embedder=HashEmbedder())
    return library, library.build()


def skipped(report: BuildReport) -> dict[str, str]:
    return {file.path: file.reason for file in report.skipped}


def article(name: str, raw: bytes | None = None) -> Article:
    return read_article(ArticleId(name), (HOSTILE / name).read_bytes() if raw is None else raw)


def names(key: str) -> list[str]:
    return [name for name, expected in EXPECTED.items() if key in expected]


def test_everything_that_is_expected_is_tested_here_or_left_to_others():
    here = {
        "index", "reported", "flag", "warn", "front_matter", "title", "date", "headings",
        "sections", "verbatim", "max_s", "encoding", "same_chunks_as", "body_not_swallowed",
        "no_text_lost", "duplicate_of", "answer_must_not_contain", "no_active_markup",
        "prompt_must_not_contain_special_token", "citation_99_must_not_render", "no_request_to",
        "delimiter_must_not_be_forgeable", "max_share_of_top_k", "no_segv", "no_crash", "never",
        "quote_is_raw_bytes",
    }  # fmt: skip
    assert {key for expected in EXPECTED.values() for key in expected} <= here


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_is_in_the_index_or_named_with_the_reason(
    name: str, built: tuple[Library, BuildReport]
):
    library, report = built
    expected, reasons = EXPECTED[name], skipped(report)
    is_there = name in {each.id for each in library.articles}
    is_copy = any(name in copies for copies in report.copies.values())
    assert is_copy is ("duplicate_of" in expected)
    assert is_there is (name not in reasons and not is_copy)
    match expected["index"]:
        case bool(index):
            assert (is_there or is_copy) is index
        case "skip, reported":
            assert not is_there
        case "skip or decode, reported":
            assert name in reasons or report.warnings[ArticleId(name)]
    assert expected.get("reported", "") in reasons.get(name, "")


@pytest.mark.parametrize("name", names("flag"))
def test_a_flag_is_told(name: str, built: tuple[Library, BuildReport]):
    told = built[1].warnings[ArticleId(name)]
    assert any(warning.startswith(EXPECTED[name]["flag"]) for warning in told), told


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("front_alias_bomb.md", "anchor"),
        ("front_merge_bomb.md", "anchor"),
        ("front_python_tag.md", "tag"),
        ("front_bad_date.md", "a date that does not exist"),
        ("front_dup_keys.md", "twice"),
        ("utf16.md", "read as utf-16"),
        ("latin1.md", "a guess"),
        ("nul.md", "control-characters: 1"),
        ("mojibake.md", "mojibake: 1"),
    ],
)
def test_a_doubt_is_told(name: str, warning: str, built: tuple[Library, BuildReport]):
    assert any(warning in told for told in built[1].warnings[ArticleId(name)])


def test_front_matter_that_is_too_long_or_not_closed_is_text():
    for name in ("front_deep_flow.md", "front_unclosed.md"):
        found = article(name)
        assert found.meta.title == ""
        assert found.sections[0].span.start == 0 < len(found.sections[0].prose)
        assert "Data scarcity is cited" in found.text[found.sections[0].span.start :]


@pytest.mark.parametrize("name", names("title"))
def test_a_title_and_a_date_are_read(name: str):
    found, expected = article(name), EXPECTED[name]
    assert found.title == expected["title"]
    assert found.meta.date == expected.get("date", found.meta.date)


@pytest.mark.parametrize("name", names("headings"))
def test_the_headings_are_just_these(name: str):
    headings = [section.headings[-1] for section in article(name).sections if section.headings]
    assert headings == EXPECTED[name]["headings"]


def test_equal_headings_open_two_sections():
    found = article("dup_headings.md")
    assert len(found.sections) == EXPECTED["dup_headings.md"]["sections"]


@pytest.mark.parametrize("name", names("verbatim"))
def test_odd_white_space_is_kept(name: str, built: tuple[Library, BuildReport]):
    texts = "".join(passage.text for passage in built[0].passages(name))
    assert EXPECTED[name]["verbatim"] in texts


def test_no_text_is_lost(built: tuple[Library, BuildReport]):
    library, _ = built
    for each in library.articles:
        assert "".join(passage.text for passage in library.passages(each.id)) == each.text
        raw = (HOSTILE / each.id).read_bytes()
        assert each.text.encode() == raw or each.warnings[0].startswith("read as")


def test_line_ends_make_no_difference():
    def parts(name: str, raw: bytes) -> list[tuple[tuple[str, ...], str]]:
        passages: tuple[Passage, ...] = cut_passages(article(name, raw), split_long_text)
        return [(each.headings, each.text.replace("\r\n", "\n")) for each in passages]

    raw = (HOSTILE / "crlf.md").read_bytes()
    assert b"\r\n" in raw
    assert parts("crlf.md", raw) == parts("crlf.md", raw.replace(b"\r\n", b"\n"))


def test_mojibake_is_quoted_as_it_stands(built: tuple[Library, BuildReport]):
    library, _ = built
    hits = library.search("generate new data – simulating", k=60)
    passage = next(hit.passage for hit in hits if hit.passage.article == "mojibake.md")
    raw = (HOSTILE / "mojibake.md").read_bytes()
    quotes = [span.of(library.article("mojibake.md").text) for span in passage.sentences]
    assert any("â€“" in quote for quote in quotes)
    assert all(quote.encode() in raw for quote in quotes)


def test_no_file_takes_long():
    for name in EXPECTED:
        with at_most(EXPECTED[name].get("max_s", 1), name):
            try:
                article(name)
            except ArticleUnreadable:
                assert EXPECTED[name]["index"] is not True
    assert not Path("PWNED").exists()


# Files that cannot be kept in a folder, made here


def make_hostile(folder: Path, outside: Path) -> None:
    (folder / "line_50mb.md").write_bytes(b"word " * 10_000_000)
    (folder / "line.md").write_bytes(b"word " * 100_000)
    (folder / "many_headings.md").write_bytes(b"# h\n" * 30_000)
    os.mkfifo(folder / "fifo.md")
    (folder / "zero.md").symlink_to("/dev/zero")
    (folder / "loop").symlink_to(folder)
    (outside / "secret.md").write_text("# Secret\n\nNobody may read this sentence.\n")
    (folder / "link_out.md").symlink_to(outside / "secret.md")
    (folder / "dir.md").mkdir()
    (folder / "dangling.md").symlink_to("nowhere.md")
    for name in (b"bad\xff.md", b"new\nline.md"):
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_text("# X\n\nSome text is here.\n")
    for name in ("vanish.md", "grow.md", "noperm.md"):
        (folder / name).write_text("# Odd\n\nThe odd file was once whole and good.\n")


def test_what_cannot_be_read_is_named_and_every_good_file_is_indexed(
    small: Library, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "outside").mkdir()
    make_hostile(articles, tmp_path / "outside")
    opened = os.open

    def open_late(path: str | Path, flags: int, *rest: Any, **more: Any) -> int:
        match Path(path).name:
            case "vanish.md":
                Path(path).unlink()
            case "noperm.md":
                raise PermissionError(13, "Permission denied", str(path))
            case "grow.md":
                descriptor = opened(path, flags, *rest, **more)
                with Path(path).open("a") as file:
                    file.write("It has grown since it was opened. " * 99)
                return descriptor
        return opened(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", open_late)
    with at_most(25):
        report = small.build()
    assert skipped(report) == {
        "bad\\udcff.md": "its name is not UTF-8 or holds control characters",
        "new\\nline.md": "its name is not UTF-8 or holds control characters",
        "dangling.md": "a symbolic link",
        "fifo.md": "not a regular file",
        "line_50mb.md": "larger than 20 MB",
        "link_out.md": "a symbolic link",
        "noperm.md": "Permission denied",
        "vanish.md": "No such file or directory",
        "zero.md": "a symbolic link",
    }
    assert {each.id for each in small.articles} >= {"apples.md", "pears.md", "grow.md", "line.md"}
    assert "has grown" in small.article("grow.md").text
    assert not [hit for hit in small.search("secret sentence") if "Nobody" in hit.passage.text]


def test_a_file_that_never_stops_growing_is_given_up(small: Library, articles: Path):
    grown = articles / "grown.md"
    with grown.open("wb") as file:
        file.truncate(LARGEST_FILE * 100)  # sparse: it takes no room
    with at_most(5):
        assert skipped(small.build()) == {"grown.md": "larger than 20 MB"}


def test_a_copy_is_searched_once_as_the_file_that_it_is_a_copy_of(
    built: tuple[Library, BuildReport],
):
    for name in names("duplicate_of"):
        original = ArticleId(EXPECTED[name]["duplicate_of"])
        assert built[1].copies[original] == (name,)
        assert built[0].article(name).id == original


def test_headings_without_end_are_cut_short_and_it_says_so():
    found = article("many.md", b"# h\n" * 200_000)
    assert len(found.sections) == MOST_LINES
    assert "no headings are looked for" in found.warnings[0]


# What the articles would have an answer do


def only(name: str) -> Filter:
    return Filter(articles=(name,))


QUESTION = "What is cited as a challenge for AI drug discovery?"
CANARY = "CANARY-7f3a9"


@pytest.mark.parametrize("name", names("answer_must_not_contain"))
def test_an_order_in_an_article_is_not_followed(name: str, built: tuple[Library, BuildReport]):
    library, _ = built
    answer = library.ask(QUESTION, only(name))
    assert [claim.text for claim in answer.claims] == [
        "Data scarcity is cited as a challenge for AI drug discovery."
    ]
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    "name",
    [*names("prompt_must_not_contain_special_token"), *names("delimiter_must_not_be_forgeable")],
)
def test_a_prompt_holds_no_special_token_and_one_fence_that_no_article_knows(
    name: str, built: tuple[Library, BuildReport]
):
    model = ScriptedGenerator("Data scarcity is cited as a challenge for AI drug discovery.")
    library = Library(built[0].settings, HashEmbedder(), model)
    for question in (QUESTION, QUESTION, f"{QUESTION} Name all."):
        library.ask(question, only(name))
    one, again, other = (prompt[1].content for prompt in model.prompts)
    assert one == again  # a record repeats its request
    assert CANARY in one  # it is in the prompt, as text
    assert not re.search(r"<\|im_(?:start|end)\|>|\[/?INST\]", one)
    (fence,) = set(re.findall(r"passage-(\w+)", one))
    assert one.count(f"</passage-{fence}>") == one.count(f"<passage-{fence} ")
    assert fence not in other
    assert all(fence not in article.text for article in library.articles)


@pytest.mark.parametrize("name", names("citation_99_must_not_render"))
def test_a_citation_that_an_article_or_a_model_makes_up_is_not_shown(
    name: str, built: tuple[Library, BuildReport]
):
    reply = "Data scarcity is cited as a challenge for AI drug discovery [99] [source: x]."
    library = Library(built[0].settings, HashEmbedder(), ScriptedGenerator(reply))
    answer = library.ask(QUESTION, only(name))
    assert "[99]" not in answer.text
    assert "99" not in re.sub(r"<[^>]*>", "", write_answer(answer, library))


@pytest.mark.parametrize("name", [*names("no_request_to"), *names("no_active_markup")])
def test_nothing_in_an_article_becomes_active_in_the_chat(
    name: str, built: tuple[Library, BuildReport]
):
    library, _ = built
    (passage, *_) = library.passages(name)
    source = find_source(f"{passage.id}-0-{len(passage.text)}", (), library)
    answer = library.ask("data scarcity, trials, text", only(name))
    for html in (source.html, write_answer(answer, library)):
        found = Markup(html)
        assert found.tags.isdisjoint({"img", "script", "iframe", "a", "svg", "object", "link"})
        assert not [name for name in found.attributes if re.match(r"on|src|href|style", name)]


class Markup(HTMLParser):
    """The names of the tags and attributes in a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("name", names("max_share_of_top_k"))
def test_a_stuffed_article_leaves_half_of_the_hits_to_others(
    name: str, built: tuple[Library, BuildReport]
):
    for question in (QUESTION, article(name).text[:200], "AI drug discovery challenges " * 5):
        hits = built[0].search(question, 8)
        assert [hit.passage.article for hit in hits].count(ArticleId(name)) <= 4
