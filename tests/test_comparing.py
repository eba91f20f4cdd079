"""`Library.compare`: what the user's five articles claim about a topic, side by side."""

import pytest

from ibid.comparison import Comparison, Row, Stance
from ibid.library import Library

CHALLENGES = "challenges of AI in drug discovery"


@pytest.fixture(scope="module")
def challenges(library: Library) -> Comparison:
    return library.compare(CHALLENGES)


def row(comparison: Comparison, word: str) -> Row:
    return next(row for row in comparison.rows if word in row.title.lower())


def speaking(row: Row) -> set[str]:
    return {cell.article[:3] for cell in row.speaking}


@pytest.mark.parametrize(
    ("word", "articles"),
    [
        ("bias", {"000", "001", "002", "003", "004"}),
        ("privacy", {"000", "001", "003", "004"}),
        ("interpretability", {"002", "004"}),
        ("regulatory", {"002", "003", "004"}),
    ],
)
def test_the_challenges_are_rows_and_every_article_has_its_cell(challenges, word, articles):
    assert speaking(row(challenges, word)) == articles


def test_every_quote_stands_in_its_article(challenges, library):
    for cell in (cell for row in challenges.rows for cell in row.cells):
        for quote in (*cell.quotes, *filter(None, (cell.nearest,))):
            article = library.article(cell.article)
            passage = quote.citation.passage
            assert passage.article == article.id
            assert passage.span.start <= quote.span.start < quote.span.end <= passage.span.end
            if "*" not in quote.span.of(article.text):
                assert quote.text == " ".join(quote.span.of(article.text).split())


def test_silence_is_proven(challenges, library):
    silent = [c for row in challenges.rows for c in row.cells if c.stance is Stance.SILENT]
    assert silent
    for cell in silent:
        assert not cell.quotes
        quotable = [p for p in library.passages(cell.article) if p.sentences]
        assert cell.searched == len(quotable)
        assert cell.nearest


def test_agreement_counts_sources_and_not_files(challenges):
    regulation = row(challenges, "regulatory").agreement
    assert (regulation.articles, regulation.sources) == (3, 2)
    (kin,) = regulation.kin
    assert kin.why == "by the same author, 1 day apart"
