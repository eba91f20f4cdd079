"""Which articles name another year than the first one that names any, and in which quote."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ibid.comparing.conflicts import speak_of_the_same, years_of
from ibid.english import MarkKind, find_marks
from ibid.types import Article, ArticleId, Assertion, Cell, Stance


@dataclass(frozen=True, slots=True)
class _Dated:
    """A quote that names a year, or leans on a sentence that does."""

    quote: Assertion
    years: tuple[str, ...]
    is_foreseen: bool
    """Whether it looks forward to that year: what is past never differs from a forecast."""


def differ_in_years(cells: Sequence[Cell], articles: Mapping[ArticleId, Article]) -> Iterator[Cell]:
    """Yield the cells of the row that answers when, the quotes for each year first.

    An article differs that names another year for the same than the first one; the quote that does
    so comes first.
    """
    first: dict[bool, list[_Dated]] = {}
    for cell in cells:
        dated = list(_find_dated(cell, articles[cell.article]))
        odd = next((mention for mention in dated if _is_odd(mention, first)), None)
        by_years: dict[tuple[str, ...], Assertion] = {odd.years: odd.quote} if odd else {}
        for mention in dated:
            by_years.setdefault(mention.years, mention.quote)
        quotes = tuple(dict.fromkeys((*by_years.values(), *cell.quotes)))
        yield _note(replace(cell, quotes=quotes), odd, first)
        for is_foreseen in {mention.is_foreseen for mention in dated} - first.keys():
            first[is_foreseen] = [
                mention for mention in dated if mention.is_foreseen is is_foreseen
            ]


def _find_dated(cell: Cell, article: Article) -> Iterator[_Dated]:
    for quote in cell.quotes:
        years = years_of(quote.text) or years_of(quote.context)
        if years:
            yield _Dated(quote, tuple(sorted(years)), is_foreseen(quote, years, article))


def is_foreseen(quote: Assertion, years: Sequence[str], article: Article) -> bool:
    """Tell whether a quote looks forward: it is a forecast, or is not sure of a year to come."""
    if any(finding.year and finding.span.overlaps(quote.span) for finding in article.findings):
        return True
    publication = article.meta.date[:4]
    is_open = any(mark.kind is MarkKind.CERTAINTY for mark in find_marks(quote.text))
    return bool(publication) and max(years) >= publication and is_open


def _is_odd(mention: _Dated, first: Mapping[bool, Sequence[_Dated]]) -> bool:
    """Tell whether a quote names another year for the same than the first article does."""
    references = first.get(mention.is_foreseen, ())
    return _years(references).isdisjoint(mention.years) and any(
        speak_of_the_same(mention.quote.text, reference.quote.text) for reference in references
    )


def _note(cell: Cell, odd: _Dated | None, first: Mapping[bool, Sequence[_Dated]]) -> Cell:
    if odd is None:
        return cell
    theirs = sorted(_years(first[odd.is_foreseen]))
    text = f"{_listed(odd.years)}, not {_listed(theirs)}"
    return replace(cell, stance=Stance.DIFFERS, difference=text)


def _years(dated: Sequence[_Dated]) -> set[str]:
    return {year for mention in dated for year in mention.years}


def _listed(years: Sequence[str]) -> str:
    return " and ".join(years)
