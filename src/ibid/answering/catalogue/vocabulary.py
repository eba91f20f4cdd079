"""Questions about the folder that no wording foresees: told by words that are all of the folder.

A question that has, apart from names of articles and authors, no word but those of `_WORDS` and
stop words asks nothing of what articles say. One word or phrase more is what they are to mention,
where it stands behind a verb that says so.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache

from ibid.answering.catalogue.naming import find_article, find_author, find_by_author
from ibid.answering.catalogue.requests import Asks, Request
from ibid.answering.catalogue.shelf import Shelf
from ibid.english import STOP_WORDS
from ibid.types import ArticleId


class Sense(StrEnum):
    """What a word of a question about the folder stands for."""

    ARTICLE = "article"
    FOLDER = "folder"
    WRITER = "writer"
    WHO = "who"
    WHEN = "when"
    NEWEST = "newest"
    OLDEST = "oldest"
    COUNT = "count"
    SUBJECT = "subject"
    SUMMARY = "summary"
    CLASH = "clash"
    COMPARE = "compare"
    MENTION = "mention"
    FRAME = "frame"
    """It asks or is polite, and tells nothing by itself."""


_WORDS: Mapping[Sense, str] = {
    Sense.ARTICLE: "article articles post posts blogpost blogposts document documents text texts",
    Sense.FOLDER: "folder collection corpus archive blog here",
    Sense.WRITER: "author authors writer writers blogger bloggers contributor contributors",
    Sense.WHO: "who whom whose people responsible behind",
    Sense.WHEN: "when date dates dated year years recent old older newer released",
    Sense.NEWEST: "newest latest",
    Sense.OLDEST: "oldest earliest",
    Sense.COUNT: "number total count",
    Sense.SUBJECT: "topic topics subject subjects theme themes tag tags title titles called"
    " contents",
    Sense.SUMMARY: "summarize summarise summary summaries overview gist synopsis abstract outline"
    " recap digest nutshell point points takeaway takeaways idea ideas message messages briefly",
    Sense.CLASH: "consistent disagree disagreement disagreements contradict contradiction"
    " contradictions"
    r""
    " differ conflict conflicts agree dispute disputed inconsistencies clash diverge",
    Sense.COMPARE: "compare compared comparison contrast difference differences vs versus common",
    Sense.MENTION: "mention mentions mentioned mentioning discuss discussed cite"
    " cites refer refers",
    Sense.FRAME: "get belong belongs share shared list show give tell name print display please"
    " many main key central core claims"
    " wrote write writes written authored published posted contributed available indexed come came"
    " sentence sentences three one two several everything everyone every anyone anybody nothing"
    " else talk talks today work",
}
_STARTS = re.compile(r"(?:why|how (?!many|old|recent|often)|what (?:is|are) an? )", re.I)
_QUESTIONS = re.compile(r"(?!(?:what|which \w+) (?:do|does|did) )(?!why|how (?!many|often))", re.I)
_ABOUT = re.compile(r"\b(?:about|say|says|talk about|deal with)$", re.IGNORECASE)
_MENTIONED = re.compile(
    r"\b(?:mentions?(?: of)?|mentioning|discuss(?:es|ing)?|names?|cites?|refers? to"
    r"|(?:articles?|posts?|documents?|texts?|written|writes?|nothing|anything"
    r"|something) (?:about|on))"
    r" (?P<topic>.+)",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\b(?:any|anyone|anybody|anywhere|someone|mentions of)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"[\"“„«](?P<quoted>[^\"“”„«»]+)[\"”“»]|\b(?P<file>[\w/-]*\w\.[a-z]{2,8}|\d{2,}[\w-]*)\b"
    r"|\b(?:article|post|document|text) (?:no\.? ?|number |#)?(?P<number>\d+|one|two|three|four"
    r"|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)
_NUMBERS = "one two three four five six seven eight nine ten".split()
_WORD = re.compile(r"[^\W_](?:[\w'’-]*\w)?")


def read_by_words(question: str, shelf: Shelf) -> Request | None:
    """Return what a question asks of the folder by its words alone, None where it has others."""
    if _STARTS.match(question) or " " not in question:
        return None
    ids, remainder = _take_articles(question, shelf)
    author, remainder = _take_author(remainder, shelf)
    senses = set(_senses(remainder))
    if None not in senses:
        is_about_it = senses & {Sense.ARTICLE, Sense.FOLDER, Sense.WRITER} or ids or author
        return _decide(senses, ids, author, remainder) if is_about_it else None
    return None if author else _read_mention(remainder, ids)


def _read_mention(question: str, ids: tuple[ArticleId, ...]) -> Request | None:
    """Return which articles are asked to mention a topic: it stands last, behind a verb for it."""
    match = _MENTIONED.search(question)
    if not match or not _QUESTIONS.match(question):
        return None
    before = question[: match.start("topic")]
    senses = set(_senses(before))
    is_about_it = (
        senses & {Sense.ARTICLE, Sense.FOLDER, Sense.WRITER} or _WHOLE.search(before) or ids
    )
    negated = re.search(r"\b(?:not|never|nothing|no)\b", before, re.IGNORECASE) is not None
    if None in senses or not is_about_it:
        return None
    return Request(Asks.MENTIONS, ids, topic=match["topic"], negated=negated)


def _decide(
    senses: set[Sense | None], ids: tuple[ArticleId, ...], author: str, question: str
) -> Request | None:
    """Return what the senses of a question's words come to, the most telling first."""
    if Sense.MENTION in senses:
        return None  # what, it does not say
    if author:
        counts = Sense.COUNT in senses or "how many" in question.lower()
        return Request(Asks.COUNT if counts else Asks.LIST, ids, author=author)
    several = len(ids) > 1
    order: tuple[tuple[bool, Asks], ...] = (
        (Sense.COMPARE in senses and several, Asks.COMPARISON),
        (bool(senses & {Sense.CLASH, Sense.COMPARE}), Asks.DISAGREEMENT),
        (Sense.SUMMARY in senses or _ABOUT.search(question) is not None, Asks.SUMMARY),
        (Sense.NEWEST in senses or "most recent" in question.lower(), Asks.NEWEST),
        (Sense.OLDEST in senses, Asks.OLDEST),
        (bool(senses & {Sense.WHO, Sense.WRITER}), Asks.AUTHORS),
        (Sense.WHEN in senses, Asks.DATES),
        (Sense.COUNT in senses or "how many" in question.lower(), Asks.COUNT),
        (Sense.SUBJECT in senses or {Sense.ARTICLE, Sense.FOLDER} <= senses, Asks.LIST),
    )
    asks = next((asks for holds, asks in order if holds), None)
    return Request(asks, ids) if asks else None


def _take_articles(question: str, shelf: Shelf) -> tuple[tuple[ArticleId, ...], str]:
    """Return the articles that a question names by file, number or title, and its other words."""
    ids: list[ArticleId] = []
    remainder = question
    for match in _NAMED.finditer(question):
        name = match["quoted"] or match["file"] or match["number"]
        place = name.lower()
        name = str(_NUMBERS.index(place) + 1) if place in _NUMBERS else name
        if articles := find_article(name, shelf.articles, is_called_one=match["file"] is None):
            ids += articles
            remainder = remainder.replace(match[0], "article" if match["number"] else "")
    return tuple(dict.fromkeys(ids)), remainder


def _take_author(question: str, shelf: Shelf) -> tuple[str, str]:
    """Return the author that a question names with words that it has for nothing else."""
    unknown = [word for word, sense in _read(question) if sense is None]
    author = find_author(" ".join(unknown), shelf.articles) if unknown else ""
    if not author or not find_by_author(author, shelf.articles):
        return "", question
    return author, " ".join(word for word, sense in _read(question) if sense is not None)


def _senses(text: str) -> Iterator[Sense | None]:
    return (sense for _, sense in _read(text))


def _read(text: str) -> Iterator[tuple[str, Sense | None]]:
    """Yield the words of a text with what each stands for, None for what the folder has no word."""
    for match in _WORD.finditer(text):
        word = re.sub(r"['’](?:s|re|ve|d|ll)?$", "", match[0].lower())
        frame = Sense.FRAME if word in STOP_WORDS else None
        yield match[0], _lexicon().get(word, frame)


@cache
def _lexicon() -> dict[str, Sense]:
    return {word: sense for sense, words in _WORDS.items() for word in words.split()}
