"""Which questions are about the folder itself, and not about what its articles say."""

import re
from dataclasses import replace
from functools import cache

from ibid.answering.catalogue.naming import find_article, find_author, find_by_author, order_by_date
from ibid.answering.catalogue.phrases import list_wordings
from ibid.answering.catalogue.requests import Asks, Request
from ibid.answering.catalogue.shelf import Shelf
from ibid.answering.catalogue.vocabulary import read_by_words
from ibid.english import find_words, stems
from ibid.errors import UsageError
from ibid.search import Filter, find_fitting
from ibid.text import collapse
from ibid.types import ArticleId

LONGEST = 200
"""Characters of such a question: its patterns take the longer the longer it is."""

SEVERAL = 5
"""How many of `the latest articles` are meant, where no number is said."""

LONGEST_TOPIC = 6
"""Words. A longer one is no word that an article mentions but a question of its own."""

_SPEAKS_OF_IT = re.compile(
    r"\babout$|\b(?:vs|versus|common)\b|\b\d\d+"
    r"|\b(?:articles?|posts?|blog\w*|documents?|docs|texts?|files?|papers?|essays?|pieces|entries"
    r"|notes|sources|publications|stories|page|folder|collection|corpus|index|archive|library"
    r"|database|knowledge base|directory|contents|author\w*|writ\w+|wrote|published|posted|penned"
    r"|contribut\w+|abstract|digest|version|topics?|subjects|themes|tags?|tagged"
    r"|label\w*|categor\w+|filed|keywords?|here"
    r"|summar\w+|overview|recap|outline|sum up|tl;?dr|gist|synopsis|compar\w+"
    r"|contrast|differ\w*|\w*agree\w*|contradict\w*|conflicts?|inconsistencies|clash|diverge"
    r"|have you|do you have|can (?:i|you|we)|mention\w*|which ones|who (?:talks|discusses)|main"
    r"|key|central|core|old|from when)\b"
    r"|\.\w{2,8}$|^(?:\S+ ){1,4}(?:they|them|these|those|it|this|everything)\b",
    re.IGNORECASE,
)
"""Without a word of these no wording fits: most questions need not be held against all of them."""

_KIND_OF_TEXT = re.compile(
    r"\b(?:(?:web|wiki|blog)[ -]?)?(?:page|recipe|note|entry|essay|poem|letter|memo|tutorial|lesson"
    r"|chapter|transcript|write-?up|how-?to)s?\b|\bentries\b",
    re.IGNORECASE,
)
"""What an article may be called in a folder of its kind."""

_NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
}
_OPENING = re.compile(
    r"(?:(?:hi|hello|hey|please|ok|okay|so|and|well|now|then|thanks)\b[,.!]* "
    r"|(?:can|could|would|will) you (?:please |kindly )?(?=\w)"
    r"|(?:please )?(?:tell|let) me (?:know )?(?!about)|(?:do you know|(?:can|may) i (?:ask|know)) "
    r"|i(?:'d| would) (?:like|love) (?:to (?:know|see|have) )?"
    r"|i (?:want|need)(?: to (?:know|see))? |i(?:'m| am) (?:looking|searching) for )",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r",? (?:please|exactly|right now|currently|at the moment|so far|by the way|thanks|thank you"
    r"|for me|at all|then|today|briefly|shortly|in (?:short|brief|a few (?:words|sentences)"
    r"|(?:one|a|two|three) (?:sentence|paragraph|line)s?(?: each)?))$",
    re.IGNORECASE,
)
_TOPIC_ENDING = re.compile(
    r"(?: (?:at all|anywhere|somewhere|(?:in|inside|within) (?:(?:the|this|your|my|our) )?(?:folder"
    r"|collection|corpus|index|archive|blog|articles?|posts?|documents?|texts?|total|here)"
    r"|and how many(?: are (?:there|they))?|by name))+$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\b(?:how|why|what|whether|that|which|who|when|where|if|because|is|are|does|do|did|can|could"
    r"|should|would|will|it|them|this|these|those|they)\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"s$", re.IGNORECASE)
_PAIRED = re.compile(r"(?:the )?(?:article|blog ?post|post|document|text|file|paper)s? ", re.I)
_SEVERAL = re.compile(r",? and |, ", re.IGNORECASE)
_SUPERLATIVE = re.compile(
    r"(?:the )?(?:(?P<new>newest|latest|most recent)|(?P<old>oldest|earliest))(?: one)?", re.I
)


def read_request(question: str, shelf: Shelf) -> Request | None:
    """Return what a question asks of the folder, None where it asks what the articles say.

    The shelf tells which names are those of articles and authors.
    """
    text = _bare(question)
    if len(text) > LONGEST:
        return None
    renamed = _KIND_OF_TEXT.sub(_call_article, text)
    readings = (_read_request(variant, shelf) for variant in dict.fromkeys((text, renamed)))
    return next(filter(None, readings), None)


def _call_article(match: re.Match[str]) -> str:
    return "articles" if match[0].lower().endswith("s") else "article"


def _read_request(question: str, shelf: Shelf) -> Request | None:
    if not _SPEAKS_OF_IT.search(question):
        return None
    for asks, wording in _wordings():
        if (match := wording.fullmatch(question)) and (request := _read(asks, match, shelf)):
            return request
    return _read_words(question, shelf)


def _read_words(question: str, shelf: Shelf) -> Request | None:
    request = read_by_words(question, shelf)
    if request is None or not request.topic:
        return request
    reading = _read_topic(request.asks, {"topic": request.topic})
    return reading and replace(request, topic=reading.topic)


@cache
def _wordings() -> tuple[tuple[Asks, re.Pattern[str]], ...]:
    return tuple(list_wordings())


def _bare(question: str) -> str:
    """Return a question without what is only polite, and without its question mark."""
    text, before = collapse(question).replace("’", "'").strip(" ?.!,;:"), ""
    while text != before:
        before = text
        opening = _OPENING.match(text)
        text = _ENDING.sub("", text[opening.end() :] if opening else text).strip(" ?.!,")
    return text


def _read(asks: Asks, fit: re.Match[str], shelf: Shelf) -> Request | None:
    """Return the request of a wording that fits, None where a name in it is none of the folder."""
    parts = {name.rstrip("0123456789"): value for name, value in fit.groupdict().items() if value}
    match asks:
        case Asks.NEWEST:
            return _read_newest(parts)
        case Asks.MENTIONS | Asks.DISAGREEMENT:
            return _read_topic(asks, parts)
        case Asks.COMPARISON:
            return _read_pair(parts, shelf)
        case _ if "author" in parts:
            author = find_author(parts["author"], shelf.articles)
            ids = find_by_author(author, shelf.articles) if author else ()
            return Request(asks, ids, author=author) if ids else None
        case _ if parts.keys() & {"tag", "name", "first", "bare"}:
            ids = _tagged(parts["tag"], shelf) if "tag" in parts else _named(parts, shelf)
            return Request(asks, ids) if ids else None
        case _:
            return Request(asks)


def _tagged(tag: str, shelf: Shelf) -> tuple[ArticleId, ...]:
    within = Filter(tags=(tag.strip("\"'“”"),))
    try:
        return tuple(sorted(find_fitting(within, shelf.articles) or ()))
    except UsageError:
        return ()


def _read_newest(parts: dict[str, str]) -> Request:
    numeral = (parts.get("most") or parts.get("more") or "").lower()
    several = SEVERAL if _PLURAL.search(parts.get("of", "")) else 1
    most = _NUMBERS.get(numeral) or (int(numeral) if numeral else several)
    return Request(Asks.OLDEST if "old" in parts else Asks.NEWEST, most=max(most, 1))


def _read_topic(asks: Asks, parts: dict[str, str]) -> Request | None:
    if "topic" not in parts:
        return Request(asks) if asks is Asks.DISAGREEMENT else None
    topic = _TOPIC_ENDING.sub("", parts["topic"]).strip(" ,;:")
    asks_more = any(not word.isupper() for word in _CLAUSE.findall(topic))  # `WHO` is a name
    is_name = len(find_words(topic)) <= LONGEST_TOPIC and not asks_more
    bare = topic.strip("\"'“”„«»‘’ ")
    says = stems(bare) or bare.isupper() or not bare.isascii()
    negated = "negated" in parts
    return Request(asks, topic=bare, negated=negated) if bare and is_name and says else None


def _read_pair(parts: dict[str, str], shelf: Shelf) -> Request | None:
    """Return which two articles are to be compared, None where one of them is not there."""
    one, other = (
        _find_one(parts[name], shelf, is_called_one="pair" in parts) for name in ("one", "other")
    )
    if not one or not other or one == other:
        return None
    ids = tuple(dict.fromkeys((*one, *other)))
    return Request(Asks.COMPARISON, ids, topic=parts.get("topic", ""))


def _named(parts: dict[str, str], shelf: Shelf) -> tuple[ArticleId, ...]:
    """Return the articles that a question names; of several names all have to be known."""
    name, is_called_one = (
        parts.get("name") or parts.get("first") or parts["bare"],
        "bare" not in parts,
    )
    if whole := _find(name, shelf, is_called_one=is_called_one):
        return whole
    matches = [_find_one(part, shelf) for part in _SEVERAL.split(name)]
    return tuple(dict.fromkeys(id for ids in matches for id in ids)) if all(matches) else ()


def _find_one(phrase: str, shelf: Shelf, *, is_called_one: bool = False) -> tuple[ArticleId, ...]:
    """Return the articles of one of several names, each of which may be called an article."""
    called = _PAIRED.match(phrase)
    name = phrase[called.end() :] if called else phrase
    return _find(name, shelf, is_called_one=is_called_one or called is not None)


def _find(name: str, shelf: Shelf, *, is_called_one: bool) -> tuple[ArticleId, ...]:
    """Return the articles that a name stands for, the newest and the oldest one by their date."""
    if is_called_one and (match := _SUPERLATIVE.fullmatch(name)):
        dated = order_by_date(shelf.articles)
        return tuple(article.id for article in (dated[:1] if match["new"] else dated[-1:]))
    return find_article(name, shelf.articles, is_called_one=is_called_one)
