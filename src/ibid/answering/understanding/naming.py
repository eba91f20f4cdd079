"""Which articles a question names: by author, number, title, tag or date."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ibid.answering.understanding.dating import WHEN, read_time
from ibid.english import is_english, stems
from ibid.search import ALL, Filter, fold
from ibid.text import collapse
from ibid.types import Described

_ARTICLES = (
    r"(?:articles?|(?:blog )?posts?|texts?|entr(?:y|ies)|papers?|pieces?|notes?|files?|blog)"
)
_SAID = (
    "advise admit announce argue ask assert assume believe cite claim comment complain conclude"
    " consider declare describe discuss emphasize emphasise estimate expect explain express feel"
    " find forecast give highlight hint hold imply list make mention name note observe predict"
    " present propose raise recommend remark report reveal say see show state stress suggest"
    " teach tell think touch urge warn write"
)
"""Verbs of whoever says something."""

_FORMS = "|".join(
    sorted({form for verb in _SAID.split() for form in (verb, f"{verb}s", f"{verb.rstrip('e')}ed")})
)
_SAYS = (
    rf"(?:(?:have|had|has) to )?(?:{_FORMS}|said|wrote|written|thought|told|found|foretold|felt|saw"
    r"|held|taught)(?: us| me)?"
)
_ABOUT = r"(?:about|on|of|regarding|concerning|with regard to)"
_NAME = r"(?P<name>[^?,;]+?)"

_ASKED_OF = re.compile(
    rf"(?:and |but |so )?(?:(?:tell|show) me )?(?:what|how) (?:(?:does|did|do|has|have|is|was) )?"
    rf"{_NAME} {_SAYS} {_ABOUT} (?P<about>.+?)\s*[?.!]*",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(
    rf"how (?:does|did|do) {_NAME} (?:see|describe|define|explain|view|judge|treat|present)"
    r" (?P<about>.+?)\s*[?.!]*",
    re.IGNORECASE,
)
_THERE = re.compile(
    rf"(?P<listed>(?:what|which|how many) [^?,;]+?) (?:does|did|do) {_NAME} (?:{_FORMS})\s*[?.!]*",
    re.IGNORECASE,
)
_WHETHER = re.compile(
    rf"(?:does|did|do|has|have) {_NAME} {_SAYS} (?:(?:anything|something|much) )?{_ABOUT}"
    r" (?P<about>.+?)\s*[?.!]*",
    re.IGNORECASE,
)
_MENTIONS = re.compile(
    rf"(?:does|did|do) {_NAME} (?:mention|discuss|cover|describe) (?P<about>.+?)\s*[?.!]*",
    re.IGNORECASE,
)
_VIEWS = re.compile(
    rf"what(?: (?:is|are|was|were)|['’]s) {_NAME}['’]s? (?:own )?(?:views?|opinions?|thoughts?"
    rf"|position|stance|take) {_ABOUT} (?P<about>.+?)\s*[?.!]*",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    rf"what (?:was|were|is|has been|have been) (?:written|published|posted|said) (?P<name>(?:by|in"
    rf"|since|before|after|from|until) [^?,;]+?) {_ABOUT} (?P<about>.+?)\s*[?.!]*",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    rf"what (?:was|were|is|has been|have been) (?:written|published|posted|said) {_ABOUT}"
    rf" (?P<about>.+?) (?P<name>(?:by|in|since|before|after|from|until) [^?,;]+?)\s*[?.!]*",
    re.IGNORECASE,
)
_ACCORDING = re.compile(r"according to (?P<name>[^,?;]+), *(?P<rest>.+)", re.IGNORECASE)
_INSIDE = re.compile(
    r"(?P<before>\w+),? according to (?P<name>[^,?;]+),(?P<after> .+)", re.IGNORECASE
)
_ENDING = re.compile(
    r"(?P<rest>.+?),? (?:according to|as (?:told|reported|described) (?:by|in))"
    r" (?P<name>[^,?;]+?)\s*[?.!]*",
    re.IGNORECASE,
)
_WHERE = re.compile(
    rf"(?P<before>.*?)(?:^|[ ,]+)(?:in|from|among|within|of|by)"
    rf" (?P<name>(?:(?:the|all|any) )?(?:{_ARTICLES}\b[^?,;]*?|[^?,;]{{1,60}}?['’]s? {_ARTICLES}\b"
    rf"[^?,;]*?|\S+ {_ARTICLES}))(?P<after>\s*(?:,.*|\?|[.!]*$))",
    re.IGNORECASE,
)

_PATTERNS = (
    *(_ASKED_OF, _DESCRIBES, _THERE, _WHETHER, _MENTIONS, _VIEWS, _WRITTEN_BY, _WRITTEN),
    *(_ACCORDING, _INSIDE, _ENDING, _WHERE),
)

_TAGGED = re.compile(
    r"\b(?:tagged(?: as| with)?|(?:with|under) the (?:tag|category|keyword)) (?P<tag>[^?,;]+)$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"^(?:the )?(?:author )?(?:(?:all |any )?(?:the )?{_ARTICLES}"
    r"(?: (?:(?:written|published|posted) )?(?:by|from|of|called|named|entitled|titled))?(?: |$))?",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"(?:['’]s?)? {_ARTICLES}$", re.IGNORECASE)
_BY = re.compile(r"^by ", re.IGNORECASE)
_LINKING = re.compile(
    r"\b(?:written|published|posted|dated)$|^(?:written|published|posted)\b", re.I
)

SHORTEST_NAME = 4
"""Letters of a usual word that can be a part of a name."""

_QUOTES = ' "“”„'

Articles = Callable[[], Sequence[Described]]


@dataclass(frozen=True, slots=True)
class Named:
    """A question without the articles that it names, and those."""

    question: str
    within: Filter = ALL
    """What was given beside the question, and what the question names."""
    given: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the question names: `article`, `author`, `tag`, `since`, `until`."""


def read_names(question: str, within: Filter, articles: Articles) -> Named:
    """Return what a question asks, and of which articles alone it does.

    Only what the index has is a name, and only where the question speaks of who says something, or
    of articles. `within` stays where it chooses by the same kind of name.
    """
    for pattern in _PATTERNS:
        match = pattern.fullmatch(question.strip())
        remainder = _rest(match) if match else ""
        scope = _resolve(match["name"], articles()) if match and stems(remainder) else None
        if scope:
            return Named(remainder, _together(within, scope), _given(scope))
    return Named(question, within)


def _rest(match: re.Match[str]) -> str:
    """Return what is asked of the articles that are named."""
    parts = match.groupdict()
    if about := parts.get("about"):
        return f"What is said about {about}?"
    if listed := parts.get("listed"):
        return f"{listed} are there?"
    remainder = parts.get("rest") or f"{parts['before']}{parts['after']}"
    remainder = collapse(remainder).strip(" ,")
    asks = match.string.rstrip().endswith("?") and not remainder.endswith("?")
    return remainder[:1].upper() + remainder[1:] + "?" * asks


def _resolve(name: str, articles: Sequence[Described]) -> Filter | None:
    """Return which articles a name stands for, None where it is no name of theirs."""
    scope = ALL
    name = _BY.sub("", name.strip())
    if when := WHEN.search(name):
        newest = max((article.meta.date for article in articles), default="")
        since, until = read_time(when, newest)
        scope = replace(scope, since=since, until=until)
        name = _LINKING.sub("", collapse(name[: when.start()] + name[when.end() :]).strip()).strip()
    if (tagged := _TAGGED.search(name)) and (tag := tagged["tag"].strip(_QUOTES)):
        tags = {
            fold(tag)
            for article in articles
            for tag in (*article.meta.tags, *article.meta.keywords)
        }
        if fold(tag) not in tags:
            return None
        scope, name = replace(scope, tags=(tag,)), name[: tagged.start()].strip()
    bare = _BEFORE.sub("", name).strip()
    bare = bare.strip(_QUOTES) if bare != name else _BEHIND.sub("", name)
    if bare.lower() in ("", "the", "all", "any"):
        return scope or None
    return _resolve_one(bare, scope, articles)


def _resolve_one(name: str, scope: Filter, articles: Sequence[Described]) -> Filter | None:
    authors = sorted({author for article in articles for author in article.meta.authors})
    if any(_is_author(name, author) for author in authors):
        return replace(scope, authors=(name,))
    fitting = [article.id for article in articles if _is_called(name, article)]
    return replace(scope, articles=(fitting[0],)) if len(fitting) == 1 else None


def _is_author(name: str, author: str) -> bool:
    """Tell whether this is an author's whole name, or a part of it that is no usual word.

    A usual word is part of a name where it is written like one (`Smith`).
    """
    words, whole = fold(name).split(), fold(author).split()
    if not words or not set(words) <= set(whole):
        return False
    like_a_name = all(len(word) >= SHORTEST_NAME for word in words) and name[0].isupper()
    return like_a_name or len(words) == len(whole) or not any(map(is_english, words))


def _is_called(name: str, article: Described) -> bool:
    """Tell whether this is an article's title, the part of it before a colon, or its number."""
    title, wanted = fold(article.title), fold(name)
    number, *_ = re.split(r"[^0-9A-Za-z]", article.id.rpartition("/")[2])
    if wanted.isdigit():
        return number.isdigit() and int(number) == int(wanted)
    return wanted in (title, fold(article.id), fold(article.title.partition(":")[0]))


def _together(within: Filter, scope: Filter) -> Filter:
    """Return both filters as one; what was given counts where the question names another."""
    dated = within.since or within.until
    return Filter(
        within.since if dated else scope.since,
        within.until if dated else scope.until,
        within.authors or scope.authors,
        within.tags or scope.tags,
        within.articles or scope.articles,
        within.folders or scope.folders,
    )


def _given(scope: Filter) -> dict[str, str]:
    names = {
        "article": scope.articles,
        "author": scope.authors,
        "tag": scope.tags,
        "since": (scope.since,),
        "until": (scope.until,),
    }
    return {kind: values[0] for kind, values in names.items() if values and values[0]}
