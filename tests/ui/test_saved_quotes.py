"""Saved quotes: the article's own words, found again where they stand now, exported as notes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from ibid.errors import IbidError, UsageError
from ibid.library import Library
from ibid.types import ArticleId, Meta
from ibid.ui.panes.kept import EXPORTS, find_any, write_quotes
from ibid.ui.panes.pictures import Pictures
from ibid.ui.panes.sources import key_of
from ibid.ui.talk.quotes import Quote, Quotes, find_place, make_quote

QUESTION = "When do pears ripen after the harvest?"
HARVEST = "Pears ripen after **harvest**, in a cool room."


@pytest.fixture
def orchard(small: Library, articles: Path) -> Library:
    (articles / "pears.md").write_text(f"# Pears\n\n## Harvest\n\n{HARVEST}\n", "utf-8")
    small.build()
    return small


@pytest.fixture
def quotes(tmp_path: Path) -> Quotes:
    return Quotes(tmp_path / "kept" / "quotes.jsonl")


def saved(library: Library) -> Quote:
    return make_quote(key_of(library.ask(QUESTION).claims[0].citations[0]), library)


def shown(quote: Quote, quotes: Quotes, library: Library) -> str:
    return find_any(
        f"saved-{quote.id}", (), library, Pictures(lambda: library.folders), quotes
    ).html


def test_a_quote_is_kept_with_its_place_in_the_words_of_the_article(orchard, quotes):
    quote = saved(orchard)
    assert (quote.text, quote.source) == ("Pears ripen after harvest, in a cool room.", HARVEST)
    assert (quote.title, quote.heading, quote.line) == ("Pears", "Harvest", 5)
    assert quotes.save(quote)
    assert not quotes.save(quote)
    assert quotes.list_saved() == [quote]
    assert quotes.list_saved("COOL harvest") == [quote]
    assert quotes.list_saved("apples") == []


def test_a_quote_is_found_again_after_its_article_changed(orchard, quotes, articles):
    quote = saved(orchard)
    quotes.save(quote)
    path = articles / "pears.md"
    broken = HARVEST.replace("in a", "in\na")
    for text in (
        f"# Pears\n\nNew above.\n\n## Harvest\n\n{HARVEST} More.\n",
        f"# Pears\n\n{broken}\n",
    ):
        path.write_text(text, "utf-8")
        orchard.build()
        assert '<mark class="cited"' in shown(quote, quotes, orchard)
    path.rename(articles / "moved.md")
    orchard.build()
    assert '<mark class="cited"' in shown(quote, quotes, orchard)


def test_a_quote_that_no_article_has_any_more_is_said_to_be_gone(orchard, quotes, articles):
    quote = saved(orchard)
    quotes.save(quote)
    for text in ("# Pears\n\nThey do not.\n", "# Plums\n\nThey do.\n"):
        (articles / "pears.md").write_text(text, "utf-8")
        orchard.build()
        assert find_place(quote, orchard) == ""
        html = shown(quote, quotes, orchard)
        assert "No article says this any more" in html
        assert quote.text in html


def test_a_quote_that_stands_twice_opens_where_it_was_saved(orchard, articles):
    quote = saved(orchard)
    filler = "\n\nApples grow.\n" * 40
    text = f"# Pears\n\n{HARVEST}\n{filler}\n## Harvest\n\n{HARVEST}\n"
    (articles / "pears.md").write_text(text, "utf-8")
    orchard.build()
    again = make_quote(find_place(replace(quote, line=90), orchard), orchard)
    assert again.heading == "Harvest"
    assert make_quote(find_place(quote, orchard), orchard).line == 3


def test_what_is_removed_comes_back_in_its_place(orchard, quotes):
    first, others = saved(orchard), [replace(saved(orchard), id=f"{n:016x}") for n in range(2)]
    for each in (others[0], first, others[1]):
        quotes.save(each)
    before = quotes.list_saved()
    quotes.remove(first.id)
    assert first not in quotes.list_saved()
    with pytest.raises(UsageError):
        quotes.read(first.id)
    quotes.restore()
    assert quotes.list_saved() == before
    with pytest.raises(UsageError):
        quotes.restore()


def test_a_damaged_line_costs_that_line_alone_and_stays(orchard, quotes, tmp_path):
    quote = saved(orchard)
    quotes.save(quote)
    path = tmp_path / "kept" / "quotes.jsonl"
    junk = [b"x", b"[]", b'{"id": 5}', b"\xff\xfe", b"[" * 9000, path.read_bytes()[:-30]]
    path.write_bytes(b"\n".join(junk) + b"\n" + path.read_bytes())
    assert quotes.list_saved() == [quote]
    other = replace(quote, id="0" * 16)
    quotes.save(other)
    quotes.remove(quote.id)
    assert quotes.list_saved() == [other]
    assert path.read_bytes().startswith(b"\n".join(junk))
    assert path.stat().st_mode & 0o777 == 0o600


def test_whole_articles_and_keys_of_nothing_are_no_quotes(orchard):
    whole = f"{orchard.passages('pears.md')[0].id}-0-0"
    for key in (whole, "x", "saved-x", "../x", f"{whole[:-2]}-99999"):
        with pytest.raises(UsageError):
            make_quote(key, orchard)


NASTY = (
    "</blockquote><script>alert(1)</script>",
    "- [x] # *not* a `list` | $x$ [link](http://127.0.0.2/) ![i](http://127.0.0.2/x.png)",
    "--- front matter ---",
    "1. ${x} {{x}} <img src=x> &amp; @who https://example.org",
)


def test_notes_show_what_articles_say_and_nothing_of_this_machine(orchard, tmp_path):
    quote = saved(orchard)
    said = [
        replace(quote, id=f"{n:016x}", text=text, title=text, heading=text, about=text)
        for n, text in enumerate(NASTY)
    ]
    notes = EXPORTS["md"][1]([quote, *said], {})
    _, front, body = notes.split("---\n", 2)
    assert yaml.safe_load(front)["title"] == "Saved quotes"
    tokens = [
        token
        for block in MarkdownIt("gfm-like").parse(body)
        for token in [block, *(block.children or ())]
    ]
    kinds = {token.type for token in tokens}
    assert kinds <= {
        *(
            f"{kind}_{end}"
            for kind in ("heading", "paragraph", "blockquote")
            for end in ("open", "close")
        ),
        *("inline", "text", "text_special", "softbreak"),
    }
    texts = [
        "".join(token.content for token in block.children or ())
        for block in tokens
        if block.type == "inline"
    ]
    for text in (quote.text, *NASTY):
        assert text in texts
    assert str(tmp_path) not in notes
    listed = json.loads(EXPORTS["json"][1]([quote, *said], {}))
    assert [each["text"] for each in listed] == [quote.text, *NASTY]
    assert str(tmp_path) not in json.dumps(listed)
    html = write_quotes(said, "")
    assert "<script" not in html
    assert "<img" not in html


def test_quotes_are_not_written_over_what_cannot_be_read(orchard, quotes, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "quotes.jsonl").symlink_to(tmp_path / "mine")
    (tmp_path / "mine").write_text("what nobody may lose")
    for use in (quotes.list_saved, lambda: quotes.save(saved(orchard)), lambda: quotes.remove("x")):
        with pytest.raises(IbidError, match="cannot be read, and nothing was written") as told:
            use()
        assert told.value.hint == "move it away, then try again"
    assert (tmp_path / "mine").read_text() == "what nobody may lose"


def test_saved_quotes_go_to_reference_managers_with_what_their_articles_say(orchard):
    quote = saved(orchard)
    gone = replace(quote, id="0" * 16, article="gone.md", title="Gone", text="It was said.")
    metas = {each.id: each.meta for each in orchard.described}
    items = json.loads(EXPORTS["csl.json"][1]([gone, quote], metas))
    assert {item["title"] for item in items} == {quote.title, "Gone"}
    notes = {item["title"]: item["note"] for item in items}
    assert notes["Gone"] == f"line {quote.line}: “It was said.”"
    assert EXPORTS["bib"][1]([gone, quote], metas).count("@misc{") == 2


def test_notes_link_to_the_files_of_their_articles(orchard):
    quote = saved(orchard)
    metas = {ArticleId(quote.article): Meta(url="https://example.org/a?b=<c>")}
    notes = EXPORTS["md"][1]([quote], metas)
    assert f"[[{quote.article.removesuffix('.md')}]]" in notes
    assert "<https://example.org/a?b=%3Cc%3E>" in notes
