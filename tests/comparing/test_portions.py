"""What is compared of articles that say too much: the bound, and that it is told everywhere."""

import cProfile
import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ibid.comparing import relevance
from ibid.comparing.portions import MOST, choose_portion, share_out
from ibid.library import Library
from ibid.output.as_json import comparison_json
from ibid.output.markdown import write_markdown
from ibid.output.terminal_comparison import print_comparison
from ibid.output.web_page import comparison_page
from ibid.search.question import read_question
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.articles import ArticleId
from ibid.types.comparisons import Comparison
from ibid.ui.panes.comparisons import write_compared
from profiles import calls_of

TOPIC = "frost in the orchard"
LONG = MOST + 600
"""Sentences of the long article."""
BEST = "Frost in the orchard kills the blossom."


@pytest.fixture(scope="module")
def orchard(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A short article and a long one, whose last sentences say most about the topic."""
    folder = tmp_path_factory.mktemp("orchard")
    said = [f"The farmer of field {n} sells pears on the market." for n in range(LONG - 1)]
    paragraphs = [" ".join(said[start : start + 5]) for start in range(0, len(said), 5)]
    text = "\n\n".join(("# Pears", *paragraphs, BEST))
    (folder / "long.md").write_text(f"{text}\n", "utf-8")
    short = "# Apples\n\nFrost in the orchard harms apples. Apples keep until spring.\n"
    (folder / "short.md").write_text(short, "utf-8")
    index = tmp_path_factory.mktemp("orchard-index")
    library = Library.open(folder, index, Settings(model="none"), embedder=HashEmbedder())
    library.build()
    return library


@pytest.fixture(scope="module")
def comparison(orchard: Library) -> Comparison:
    return orchard.compare(TOPIC)


def test_no_more_sentences_are_compared_than_there_is_room_for(orchard: Library):
    index, embedder = open_index(orchard), orchard.embedder
    question = read_question(TOPIC, index, embedder)
    heard = relevance.hear(relevance.Topic(question), index.corpus.ids, index, embedder)
    assert len(heard.voices) <= MOST
    assert heard.vectors.shape[0] <= MOST


def test_what_says_most_about_the_topic_is_compared_wherever_it_stands(comparison: Comparison):
    quotes = [quote.text for row in comparison.rows for cell in row.cells for quote in cell.quotes]
    assert BEST in quotes


def test_of_a_short_article_all_is_read(orchard: Library):
    index = open_index(orchard)
    question = read_question(TOPIC, index, orchard.embedder)
    portion = choose_portion(question, index.corpus.ids, index)
    assert index.corpus.row_numbers([ArticleId("short.md")]) <= portion.rows
    assert portion.sentences <= MOST < portion.sentences_in_all == LONG + 2


@pytest.mark.parametrize("topic", [TOPIC, "quantum computing"])
def test_how_many_sentences_were_compared_of_how_many_is_told_by_every_writer(
    orchard: Library, topic: str
):
    comparison = orchard.compare(topic)
    told = f"Of their {LONG + 2:,} sentences the {comparison.compared:,} in the passages that say"
    console = Console(file=io.StringIO(), width=1000)
    print_comparison(comparison, orchard, console)
    assert told in console.file.getvalue()  # type: ignore[attr-defined]
    assert told in write_markdown(comparison, orchard)
    assert told in comparison_page(comparison, orchard)
    assert told in write_compared(comparison, orchard).replace("  ", " ")
    printed = comparison_json(comparison, orchard)
    assert (printed["compared"], printed["sentences"]) == (comparison.compared, LONG + 2)
    assert 0 < comparison.compared <= MOST


def test_nothing_is_told_where_all_sentences_are_compared(built: Library):
    comparison = built.compare("apples")
    assert comparison.compared == comparison.sentences > 0
    assert "sentences the" not in write_markdown(comparison, built)


def test_lines_are_counted_once_for_all_quotes_of_an_article(
    orchard: Library, comparison: Comparison
):
    profile = cProfile.Profile()
    printed = profile.runcall(comparison_json, comparison, orchard)
    assert json.dumps(printed).count('"quote"') > len(comparison.articles)
    assert calls_of("line_starts", profile) <= len(comparison.articles)


def test_a_file_is_read_once_for_all_its_quotes(
    orchard: Library, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
):
    now = time.time_ns() + 10**10
    monkeypatch.setattr(time, "time_ns", lambda: now)  # long after it was written
    profile = cProfile.Profile()
    profile.runcall(comparison_json, comparison, orchard)
    assert calls_of("read_digest", profile) <= len(comparison.articles)


@given(st.dictionaries(st.text(min_size=1).map(ArticleId), st.integers(0, 50)), st.integers(0, 300))
def test_a_share_is_all_of_an_article_or_as_much_as_of_any_other(
    sizes: dict[ArticleId, int], most: int
):
    shares = share_out(sizes, most)
    assert shares.keys() == sizes.keys()
    assert all(0 <= shares[id] <= sizes[id] for id in sizes)
    assert sum(shares.values()) <= most or not sizes
    cut = [shares[id] for id in sizes if shares[id] < sizes[id]]
    assert not cut or max(shares.values()) <= min(cut) + 1
    assert cut or sum(shares.values()) == sum(sizes.values())


def open_index(library: Library):
    return library._index()
