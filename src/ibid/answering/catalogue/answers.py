"""What is known of the folder, as an answer: a line from the index, and quotes below it."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ibid.answering.catalogue.facts import (
    tell_authors,
    tell_count,
    tell_dates,
    tell_list,
    tell_newest,
)
from ibid.answering.catalogue.mentions import Mentions, find_mentions
from ibid.answering.catalogue.places import Place
from ibid.answering.catalogue.requests import Asks, Request
from ibid.answering.catalogue.shelf import (
    NAMED_BESIDE,
    SHOWN,
    Shelf,
    Told,
    call,
    list_names,
    newest_first,
    say_authors,
)
from ibid.answering.catalogue.summary import summarize
from ibid.answering.citing import Draft, assemble
from ibid.text import count
from ibid.types import Answer, ArticleId, Assertion, Comparison, Run, Status, Support

QUOTED = 50
"""Articles that are quoted for what they mention, of more."""

SENTENCES, MOST, COMPARED, QUOTED_ON_TOPIC = 18, 5, 4, 2
"""Sentences of a summary: of all articles together, of one, of each that is compared, and of each
that is compared on a topic."""


def answer_request(
    request: Request, question: str, shelf: Shelf, run: Run, comparison: Comparison | None = None
) -> Answer:
    """Return the answer to a question about the folder, all of it from the index.

    `comparison` is what `ibid compare` says, where articles are compared.
    """
    report = (
        _tell_conflicts(request, comparison) if comparison else _TELL[request.asks](request, shelf)
    )
    lead = f"{report.label}: {report.lead}"
    drafts = [
        Draft(before, place.text, (place.citation,), Support.VERBATIM)
        for place, before in zip(report.places, _breaks(report.places), strict=True)
    ]
    text, claims = assemble(
        [replace(draft, before=f"{lead}\n\n") for draft in drafts[:1]] + drafts[1:]
    )
    return Answer(question, text or lead, claims, (), Status.ANSWERED, run, lead=lead)


def _breaks(places: Sequence[Place]) -> list[str]:
    """Return what stands before each place: a paragraph begins with each article."""
    before = (None, *(place.article for place in places))
    return [
        " " if place.article == last else "\n\n"
        for place, last in zip(places, before, strict=False)
    ]


# Mentions


def _tell_mentions(request: Request, shelf: Shelf) -> Told:
    """Return which articles mention a topic, those first that do so most, a quote of each."""
    mentions = find_mentions(request.topic, shelf.index, [article.id for article in shelf.articles])
    mentioning = [article for article in shelf.articles if article.id in mentions.places]
    mentioning.sort(key=lambda article: -len(mentions.places[article.id]))
    if request.negated:
        return _tell_silence(request.topic, mentions, shelf)
    of = count(len(shelf.articles), "article")
    wording = _say_topic(request.topic, mentions)
    if not mentioning:
        return Told(
            f"none of {of} mentions {wording}: every passage was searched for it, in any form."
        )
    places = sum(len(place) for place in mentions.places.values())
    verb = "mentions" if len(mentioning) == 1 else "mention"
    who = f"{len(mentioning):,} of {of}" if len(shelf.articles) > 1 else call(mentioning[0])
    lead = f"{who} {verb} {wording}, in {count(places, 'place')}."
    if len(shelf.articles) > 1 and any(article.meta.author for article in mentioning):
        lead += f" By {say_authors(mentioning, NAMED_BESIDE)}."
    if len(mentioning) > QUOTED:
        lead += f" Here are the {QUOTED} that do so most."
    return Told(
        lead, [place for article in mentioning[:QUOTED] for place in mentions.quotes(article.id)]
    )


def _tell_silence(topic: str, mentions: Mentions, shelf: Shelf) -> Told:
    silent = [article for article in shelf.articles if article.id not in mentions.places]
    of, wording = count(len(shelf.articles), "article"), _say_topic(topic, mentions)
    verb = "does" if len(silent) == 1 else "do"
    names = f": {list_names([call(article) for article in silent])}" if silent else ""
    return Told(f"{len(silent):,} of {of} {verb} not mention {wording}{names}.")


def _say_topic(topic: str, mentions: Mentions) -> str:
    """Return what was looked for, and what counted as it."""
    wording = f"“{topic}”"
    if mentions.also:
        wording += f" (also as {list_names([f'“{form}”' for form in mentions.also])})"
    return f"all words of {wording} in one sentence" if mentions.is_scattered else wording


# Summaries


def _tell_summary(request: Request, whole: Shelf) -> Told:
    """Return the sentences that together say most of each article."""
    shelf = whole.asked(request)
    chosen = list(shelf.articles)
    if len(chosen) == 1:
        lead = f"{call(chosen[0])}, the few of its own sentences that together say most of it."
    else:
        lead = f"{len(chosen):,} articles, of each those of its own sentences that say most of it."
    if len(chosen) > SHOWN:
        chosen = newest_first(chosen)[:SHOWN]
        lead += f" Here are {SHOWN}, the newest first; `ibid articles` lists all."
    number = max(1, min(MOST, SENTENCES // len(chosen)))
    places = [place for article in chosen for place in summarize(article.id, number, shelf.index)]
    return Told(lead, places, "Summary")


def _command(request: Request, topic: str) -> str:
    """Return the command that compares the articles that a question names, or all."""
    words = [f"--article {shlex.quote(id)}" for id in request.articles]
    words += [shlex.quote(topic)] if topic else []
    return f"`{' '.join(('ibid compare', *words))}`"


# Disagreement


def _tell_conflicts(request: Request, comparison: Comparison) -> Told:
    """Return what articles say of a topic that cannot both hold, or else what each says of it."""
    conflicts = list(comparison.conflicts)
    sentences = count(comparison.compared, "sentence")
    about = f"in {sentences} of {count(len(comparison.articles), 'article')}"
    if comparison.topic:
        about = f"about “{comparison.topic}” {about}"
    if conflicts:
        words = "; ".join(
            f"“{conflict.said[0]}” and “{conflict.said[1]}”" for conflict in conflicts
        )
        text = f"{count(len(conflicts), 'contradiction')} {about}: {words}."
        quotes = [quote for conflict in conflicts for quote in (conflict.one, conflict.other)]
    else:
        text = f"no contradiction was seen {about}."
        quotes = [quote for id in comparison.articles for quote in _said_by(id, comparison)]
    places = dict.fromkeys(Place(q.citation.passage, q.span, q.text) for q in quotes)
    if comparison.silent:
        about += f", those of {comparison.run.articles:,} that have most in common"
    label = "What each says of it" if comparison.topic else "Side by side"
    more = f"{label}: {_command(request, comparison.topic)}."
    return Told(f"{text} {more}", list(places), "Compared")


def _said_by(article: ArticleId, comparison: Comparison) -> list[Assertion]:
    """Return what an article says in the first few rows of a comparison."""
    cells = [cell for row in comparison.rows for cell in row.cells if cell.article == article]
    return [quote for cell in cells for quote in cell.quotes[:1]][:QUOTED_ON_TOPIC]


_TELL: Mapping[Asks, Callable[[Request, Shelf], Told]] = {
    Asks.AUTHORS: tell_authors,
    Asks.DATES: tell_dates,
    Asks.NEWEST: tell_newest,
    Asks.OLDEST: tell_newest,
    Asks.COUNT: tell_count,
    Asks.LIST: tell_list,
    Asks.MENTIONS: _tell_mentions,
    Asks.SUMMARY: _tell_summary,
}
