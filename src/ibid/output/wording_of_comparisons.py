"""What is said of a comparison, in words that every writer shares."""

from collections import Counter
from collections.abc import Mapping

from ibid.comparing import QUOTES_PER_CELL
from ibid.english import names_a_subject
from ibid.library import Library
from ibid.output.wording import RULES, list_unused, say_scope
from ibid.text import count, line_of
from ibid.types import (
    Agreement,
    Article,
    ArticleId,
    Assertion,
    Cell,
    Comparison,
    Conflict,
    Row,
    Rule,
    Stance,
)

Numbers = Mapping[ArticleId, int]
"""The number of each column, from 1."""


WORTH_A_LOOK = 0.2
"""Score from which the nearest sentence of a silent article is shown in a terminal."""

NOTHING = "Your articles do not say."


def title_of(comparison: Comparison) -> str:
    """Return what a comparison is called: its topic, or that it has none."""
    return comparison.topic or "What the articles have in common"


def has_topic_row(comparison: Comparison) -> bool:
    """Tell whether the first row is the topic as a whole."""
    titles = [row.title.lower() for row in comparison.rows[:1]]
    return bool(comparison.topic) and titles == [comparison.topic.lower()]


def say_key(comparison: Comparison) -> str:
    """Return what the symbols of a comparison stand for."""
    if not has_topic_row(comparison):
        return LEGEND
    return f"{LEGEND}. In the first row ✓ is who speaks of what was asked, whatever they say of it."


def number_articles(comparison: Comparison) -> Numbers:
    """Return the number of each column, from 1."""
    return {id: number for number, id in enumerate(comparison.articles, start=1)}


def describe_findings(article: Article) -> str:
    """Return in words what a reader should know of an article as a whole, nothing if there is none.

    Forecasts that are over are told behind the quotes that they are.
    """
    counts = Counter(finding.rule for finding in article.findings if len(finding.span))
    counts.pop(Rule.OLD_FORECAST, None)
    whole = [finding.text for finding in article.findings if not len(finding.span)]
    return "; ".join((*whole, *(f"{number} × {RULES[rule]}" for rule, number in counts.items())))


def describe_agreement(row: Row, numbers: Numbers) -> str:
    """Return in words how many articles and sources say a row, and how many come close to it."""
    sources = _describe_sources(row.agreement, numbers)
    close = sum(cell.stance is Stance.CLOSE for cell in row.cells)
    return (
        f"{sources}; {close} more {'comes' if close == 1 else 'come'} close" if close else sources
    )


def _describe_sources(agreement: Agreement, numbers: Numbers) -> str:
    """Return in words how many articles and sources say so, and why these are fewer."""
    articles = count(agreement.articles, "article")
    if agreement.sources == agreement.articles:
        return articles
    why = "; ".join(f"{numbers[k.one]} and {numbers[k.other]}: {k.why}" for k in agreement.kin)
    return f"{articles}, {count(agreement.sources, 'independent source')} ({why})"


def describe_stance(cell: Cell) -> str:
    """Return in words how what a cell quotes stands to its row, nothing where it says so."""
    if cell.difference:
        return f"differs: {cell.difference}"
    return "close" if cell.stance is Stance.CLOSE else ""


def describe_silence(cell: Cell) -> str:
    """Return in words how it is known that an article does not speak of a row."""
    text = f"silent: {count(cell.searched, 'passage')} searched"
    return f"{text}; nearest ({cell.score:.2f})" if cell.nearest else text


def is_near_silence(cell: Cell) -> bool:
    """Tell whether a silent cell has a sentence that is worth a look."""
    return cell.stance is Stance.SILENT and bool(cell.nearest) and cell.score >= WORTH_A_LOOK


def describe_silences(row: Row, numbers: Numbers) -> str:
    """Return in words which other articles are silent of a row, and how that is known."""
    far = [c for c in row.cells if c.stance is Stance.SILENT and not is_near_silence(c)]
    if not far:
        return ""
    articles = ", ".join(str(numbers[cell.article]) for cell in far)
    searched = count(sum(cell.searched for cell in far), "passage")
    return f"{articles} silent: {searched} searched, nothing near"


def describe_rest(cell: Cell) -> str:
    """Return in words how many quotes of a cell are not shown, nothing where all are."""
    remaining = len(cell.quotes) - QUOTES_PER_CELL
    return f"and {count(remaining, 'more quote')}" if remaining > 0 else ""


def describe_conflict(conflict: Conflict, numbers: Numbers) -> str:
    """Return in words who is at odds with whom, and about what."""
    one, other = (numbers[assertion.article] for assertion in (conflict.one, conflict.other))
    who = f"{one} with itself" if conflict.is_within else f"{one} against {other}"
    return f"{conflict.kind}: “{conflict.said[0]}” / “{conflict.said[1]}”, {who}"


def say_unused(comparison: Comparison) -> str:
    """Return in words what of the topic no article uses, nothing where there is none."""
    words = list_unused(comparison.unused)
    return f"They never use {words}." if words else ""


def describe_scope(comparison: Comparison) -> str:
    """Return in words what was compared, what was only searched, and how they were chosen."""
    compared = f"{count(len(comparison.articles), 'article')} compared"
    if comparison.silent:
        most = "say most about it" if comparison.topic else "have most in common"
        compared += f", those of {comparison.run.articles:,} that {most}"
    unused = say_unused(comparison) if names_a_subject(comparison.topic) else ""
    sentences = f"{compared}.", say_portion(comparison), unused, say_scope(comparison.run)
    return " ".join(filter(None, sentences))


def say_portion(comparison: Comparison) -> str:
    """Return in words how many sentences were compared of too many, nothing where all were."""
    if comparison.compared == comparison.sentences:
        return ""
    return (
        f"Of their {comparison.sentences:,} sentences the {comparison.compared:,} in the passages "
        "that say most about it were compared."
    )


SYMBOLS: Mapping[Stance, str] = {
    Stance.SAYS: "✓",
    Stance.DIFFERS: "≠",
    Stance.CLOSE: "≈",
    Stance.SILENT: "–",
}
"""What stands for a stance in a grid, always beside its word or a legend: never a colour alone."""

LEGEND = " · ".join(f"{symbol} {stance}" for stance, symbol in SYMBOLS.items())


def line_of_quote(quote: Assertion, library: Library) -> int:
    """Return the line of its article that a quote begins in."""
    return line_of(library.article(quote.article).text, quote.span.start)
