"""A follow-up question, said in full with the words of the question before it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ibid.english import STOP_WORDS, QuestionKind, answer_kind, stems
from ibid.text import collapse
from ibid.types import ArticleId, Span, Turn

Score = Callable[[str], float]
"""How well the articles fit a question."""

LONGEST = 300
"""Characters of a question that a model has said in full."""

_ASKING = (
    "what|how|who|whom|whose|why|when|where|which|is|are|was|were|do|does|did|can|could|will|would"
    "|should|has|have|had"
)
_PREPOSITIONS = "in|for|by|with|from|since|before|after|at|on|during|without|under|among"
_OPENING = r"(?:(?:and|but|so|also|ok|okay|then|now)\b[,\s]*)*"
_ORDINALS = {"first": 0, "former": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}
_LINKS = frozenset({"of", "of the", "in", "in the", "for", "for the", "and"})
"""What may stand inside of what a question is about."""
_IDLE = frozenset(
    stems(
        "affect article become best begin call cause cite come consider create describe discuss"
        " explain feature find get give go happen help keep kind know known lead live long make"
        " many mean mention much name need occur often play receive say see show start"
        " suggest take think thought took type use want way win won work write wrote year"
    )
)
"""Verbs and such of questions: they are not what a question is about."""

_WORD = re.compile(r"\w(?:[\w'’.&/-]*\w)?")
_VERB = re.compile(r"(?:^| )[a-z]+ed$")
_POSSESSIVE = re.compile(r"['’]s?$")
_PERSONS = frozenset({"he", "she", "him", "his", "her"})
_PLURALS = frozenset({"they", "them", "their", "these", "those"})
_SEVERAL = re.compile(r"(?:what|which)\s+(?:\w+\s+)?(?P<what>[a-z]{3,}s)\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_NAME_AND_VERB = re.compile(
    r"(?P<name>[A-Z][a-z]\S*(?: (?:(?:of|the) )*(?:[A-Z][a-z]|\d)\S*)*)(?= (?!of |the )[a-z])"
)
_ARTICLE = re.compile(
    rf"(?P<placed>\b(?:in|of|by|from|about)\s+)?\b"
    rf"(?:the (?P<which>{'|'.join(_ORDINALS)}|last|latter)"
    r"(?: (?:one|article|source|post|text)\b|(?=\s*(?:[?.,!]|$)))"
    r"|(?:this|that|the same) (?:article|source|post)\b)",
    re.IGNORECASE,
)
_MORE = re.compile(
    rf"{_OPENING}(?:please )?(?:(?:tell me|say|explain)(?: me)?(?: it| this| that)? more|go on|more"
    r"|continue|explain|elaborate|(?:any |some |an )?examples?|for example|more details?)"
    r"(?: (?:about|on) (?:it|this|that|them))?(?: please)?\s*[?.!]*",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"{_OPENING}(?P<asks>why(?: not)?|how(?: so)?|when|where|who|since when|says who)\s*\?*",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    rf"{_OPENING}(?:(?:what|how) about|and)\s+(?P<rest>(?!(?:{_ASKING})\b)[^?]+?)"
    r"(?:,?\s+(?:then|too|though))?\s*\?*"
    rf"|(?P<placed>(?:{_PREPOSITIONS})\s+(?:(?!\b(?:{_ASKING})\b)[^?])+)\?+",
    re.IGNORECASE,
)
_WHERE = re.compile(r"\s+(?:in|at|from|during|since) (?:the )?[A-Z0-9][^?]*")
_THE = re.compile(r"^the\s+|\bthe\s+$", re.IGNORECASE)
_IN = re.compile(r"\b(?:in|at|on)\s+(?:the\s+)?$", re.IGNORECASE)
_PLACED = re.compile(
    rf"(?P<how>{_PREPOSITIONS})\s+\S.*",
    re.IGNORECASE,
)
_AND = re.compile(rf"^{_OPENING}(?=(?:{_ASKING})\b)", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\b(?:after|although|as|because|before|if|since|so|than|that|then|though|thought|until|when"
    r"|where|whether|which|while|who|causes?|makes?|made|lets?|helps?)\s+$",
    re.IGNORECASE,
)
"""What a clause begins with whose pronoun stands for something in the clause before it."""
_PRONOUN = re.compile(
    r"\b(?:(?P<whole>it|they|them|he|she|him)|(?P<whose>its|their|his|her)"
    r"|(?P<these>these|those|this|that))\b(?!['’-])",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\s+"
    r"(?:(?:the|an?|some|all|most|many)\s+)?$",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(
    r"\bit (?:possible|true|likely|necessary|worth|safe|better|important|legal|ok|okay|comes)\b"
    r"|\bit take\b(?! place| part)|\bit (?:mean|cost) (?:to|for|that|when|if)\b"
    r"|\bis it (?:to|that|called)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Restated:
    """A question that can be understood alone."""

    question: str
    articles: tuple[ArticleId, ...] = ()
    """Those that it points at (`in the second one`) of what the last answer cites; none: all."""
    by: str = ""
    """Name of the model that said it in full, empty where rules did."""


def restate(question: str, history: Sequence[Turn], score: Score) -> Restated:
    """Return a follow-up question in full, any other as it is.

    `history` has questions in full, the latest last. Where several readings are possible, the one
    that the articles fit best is taken.
    """
    if not history:
        return Restated(question)
    last = history[-1]
    rest, articles = question, ()
    if pointer := _ARTICLE.search(question):
        articles = _point(pointer, last)
        if not articles:
            return Restated(question)  # there is no such article
        rest = _without(pointer, question)
        if not set(stems(rest)) - _IDLE:
            return Restated(last.question, articles)
    readings = list(dict.fromkeys(_read(rest, last)))
    best = max(readings, key=score) if len(readings) > 1 else readings[0]
    return Restated(best if best == question else best[:1].upper() + best[1:], articles)


def is_faithful(written: str, question: str, history: Sequence[Turn]) -> bool:
    """Tell whether a model has said a follow-up in full, and nothing that nobody said before.

    It is one line, it has the words of the question that say something, and no others but those of
    the conversation.
    """
    said = {stem for turn in history for stem in stems(f"{turn.question} {turn.answer}")}
    own, found = set(stems(question)), set(stems(written))
    one_line = 0 < len(written) <= LONGEST and "\n" not in written
    return one_line and own - _IDLE <= found and found <= own | said | _IDLE


def _point(pointer: re.Match[str], last: Turn) -> tuple[ArticleId, ...]:
    """Return the one of the cited articles that is pointed at, if there is such a one."""
    which = (pointer["which"] or "").lower()
    if not which and len(last.articles) > 1:
        return ()  # `this article`, of several
    place = _ORDINALS.get(which, max(len(last.articles) - 1, 0))
    return last.articles[place : place + 1]


def _without(pointer: re.Match[str], question: str) -> str:
    said = "" if pointer["placed"] else "the article"
    return collapse(f"{question[: pointer.start()]} {said}{question[pointer.end() :]}")


def _read(question: str, last: Turn) -> Iterator[str]:
    """Yield what a question may mean after the last one, the likeliest first."""
    if _MORE.fullmatch(question):
        yield f"Tell me more about {find_topic(last.question)}"
    elif found := _BARE.fullmatch(question):
        yield f"{found['asks'].capitalize()}? {last.question}"
    elif found := _ABOUT.fullmatch(question):
        rest = found["rest"] or found["placed"]
        named = _name(rest, last)
        yield from [f"What about {named}?"] if named != rest else _replace(rest, last.question)
    else:
        named = _name(question, last)
        yield _AND.sub("", named) if named != question else question


# What about …


def _replace(rest: str, before: str) -> Iterator[str]:
    """Yield the question before with `rest` in the place of each thing that it is about."""
    if found := _PLACED.fullmatch(rest):
        yield _place(rest, found["how"], before)
        return
    spans = [span for span in _phrases(before) if _is_name(rest) or not _is_place(span, before)]
    alike = [span for span in spans if _is_alike(rest, span, before)] or spans
    for span in reversed(alike):
        said = _THE.sub("", rest) if _THE.search(before[: span.start]) else rest
        yield before[: span.start] + said + before[span.end :]
    if not spans:
        yield f"{before.rstrip('?. ')}: {rest}?"


def _is_place(span: Span, before: str) -> bool:
    return _is_name(span.of(before)) and _IN.search(before[: span.start]) is not None


def _is_alike(rest: str, span: Span, before: str) -> bool:
    """Tell whether both are names, or both have an article."""
    if _is_name(rest):
        return _is_name(span.of(before))
    return _THE.match(rest) is not None and _THE.search(before[: span.start]) is not None


def _place(rest: str, how: str, before: str) -> str:
    """Return the question before with another place or time, or with one more."""
    ending = re.search(rf"\b{how}\s+(?P<where>[^?]+?)(?=\s*\?*$)", before, re.IGNORECASE)
    if ending and (_is_name(ending["where"]) or not _is_name(rest)):
        return before[: ending.start()] + rest + before[ending.end() :]
    return f"{before.rstrip('?. ')} {rest}?"


# Pronouns


def _name(question: str, last: Turn) -> str:
    """Return the question with what its first pronoun stands for."""
    found = next((each for each in _PRONOUN.finditer(question) if _refers(each, question)), None)
    if not found:
        return question
    if found["these"] and not stems(question):
        return f"{question} {last.question}"
    topic = _stands_for(found[0].lower(), last)
    if found["these"]:
        return f"{question.rstrip('?. ')} ({topic})?"
    said = f"{topic}’s" if found["whose"] else topic
    return question[: found.start()] + said + question[found.end() :]


def _stands_for(pronoun: str, last: Turn) -> str:
    """Return what a pronoun stands for after a question.

    They are the challenges of drug discovery, and it is drug discovery.
    """
    topic = find_topic(_WHERE.sub("", last.question) if pronoun in _PLURALS else last.question)
    if pronoun in _PERSONS and answer_kind(last.question) is QuestionKind.NAME:
        names = _NAME.findall(last.answer)
        told = (name for name in names if name.lower() not in STOP_WORDS)
        return next((name for name in told if name not in last.question), topic)
    several = _SEVERAL.match(last.question)
    if pronoun not in _PLURALS:
        whole, _, of = topic.partition(" of ")  # the cost of a thing: the thing
        return of if of and not _is_name(whole) else topic
    if several and several["what"] not in topic and not _IDLE.issuperset(stems(several["what"])):
        return f"the {several['what']} of {topic}"
    return topic


def _refers(pronoun: re.Match[str], question: str) -> bool:
    """Tell whether what a pronoun stands for is not in the question itself."""
    before = question[: pronoun.start()]
    if pronoun["these"]:
        relative = pronoun[0].lower() == "that" and stems(before)
        return not relative or not question[pronoun.end() :].strip(" ?.!")
    empty = pronoun[0].lower() == "it" and _EMPTY_IT.search(question)
    clause = _CLAUSE.search(before) and question[pronoun.end() :].strip(" ?.!")
    return not empty and not (_phrases(before) and (pronoun["whose"] or clause))


# What a question is about


def find_topic(question: str) -> str:
    """Return what a question is about in its own words.

    It is the last name in it; without one the subject of its verb, or else the last phrase.
    """
    spans = _join(_phrases(question), question)
    names = [span for span in spans if _is_name(span.of(question))]
    subjects = [span for span in spans if _AUXILIARY.search(question[: span.start])]
    chosen = names[-1:] or subjects[:1] or spans[-1:]
    if not chosen:
        return question.rstrip("?. ")
    phrase = chosen[0].of(question)
    the = "the " if question[: chosen[0].start].endswith("the ") else ""
    if chosen[0] in subjects and (found := _NAME_AND_VERB.match(phrase)):
        phrase = found["name"]
    return the + _POSSESSIVE.sub("", phrase)


def _phrases(question: str) -> list[Span]:
    """Return the runs of words that say something, the question's first word left out."""
    spans: list[Span] = []
    for word in _WORD.finditer(question):
        if word.start() and _says(word[0]):
            beside = spans and question[spans[-1].end : word.start()] == " "
            first = spans.pop().start if beside else word.start()
            spans.append(Span(first, word.end()))
    things = (Span(each.start, each.end - len(_verb_of(each.of(question)))) for each in spans)
    return [each for each in things if len(each)]


def _verb_of(phrase: str) -> str:
    """Return the verb that a phrase ends with, if it is one that can be told by its ending."""
    found = _VERB.search(phrase)
    return found[0] if found else ""


def _says(word: str) -> bool:
    capital = word[0].isupper()
    return capital or (word.lower() not in STOP_WORDS and not _IDLE.issuperset(stems(word)))


def _join(spans: Sequence[Span], question: str) -> list[Span]:
    """Return phrases with those that only a preposition keeps apart as one."""
    joined: list[Span] = []
    for span in spans:
        between = question[joined[-1].end : span.start].strip().lower() if joined else ""
        first = joined.pop().start if between in _LINKS else span.start
        joined.append(Span(first, span.end))
    return joined


def _is_name(phrase: str) -> bool:
    return re.search(r"\b[A-Z]", phrase) is not None
