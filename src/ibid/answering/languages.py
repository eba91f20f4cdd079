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
    languages = list(dict.fromkeys(language_of(index.corpus.article(id).text) for id in articles))
    language = language_of(question.text)
    if not languages or (language == "en" and "en" in languages):
        return ""
    foreign = [code for code in languages if code != "en" or language not in languages]
    names = " and ".join(name_language(code) for code in foreign[:3])
    if language in languages:
        return f"sentences in {names} were chosen by words alone: the reader reads English only"
    clause = (
        "" if language == "en" else f", and the question seems to be in {name_language(language)}"
    )
    return f"the nearest articles are in {names}{clause}: only words that both have were found"
