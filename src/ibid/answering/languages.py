"""What has to be said where question and articles are in other languages than English."""

from collections.abc import Sequence

from ibid.index import Index
from ibid.search import Question, Ranked
from ibid.text import language_of, name_language

_HEARD = 8
"""Passages that tell in which languages the articles are that come into question."""


def say_languages(question: Question, ranked: Sequence[Ranked], index: Index) -> str:
    """Return in words that nobody reads a language, nothing where all is in English.

    A short question in Latin letters cannot be told from an English one.
    """
    articles = dict.fromkeys(hit.hit.passage.article for hit in ranked[:_HEARD])
    written = list(dict.fromkeys(language_of(index.corpus.article(id).text) for id in articles))
    asked = language_of(question.text)
    if not written or (asked == "en" and "en" in written):
        return ""
    foreign = [code for code in written if code != "en" or asked not in written]
    names = " and ".join(name_language(code) for code in foreign[:3])
    if asked in written:
        return f"sentences in {names} were chosen by words alone: the reader reads English only"
    what = "" if asked == "en" else f", and the question seems to be in {name_language(asked)}"
    return f"the nearest articles are in {names}{what}: only words that both have were found"
