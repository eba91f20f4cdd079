"""A follow-up question, said in full with the words of the question before it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ibid.english import STOP_WORDS, QuestionKind, answer_kind, find_phrases, stems
from ibid.text import collapse
from ibid.types import ArticleId, Span, Turn

Closeness = Callable[[str, Sequence[str]], Sequence[float]]
"""How close the meaning of a text is to that of each other one: cosines."""

ALIKE = 0.25
"""Closeness from which a place or a time takes the place of another one, instead of being added:
`in Italy` that of `in Spain`, and not that of `in drug discovery`."""

LONGEST = 300
"""Characters of a question that a model has said in full."""

_ASKING = (
    "what|how|who|whom|whose|why|when|where|which|is|are|was|were|do|does|did|can|could|will|would"
    "|should|has|have|had"
)
_PREPOSITIONS = (
    "in|for|by|with|from|since|before|after|at|on|during|without|under|among|than|to|of|about"
)
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

_NO_THING = frozenset(stems("article first kind many much name type way year"))
"""Nouns and such that a question is not about."""

_WORD = re.compile(r"\w(?:[\w'’.&/-]*\w)?")
_POSSESSIVE = re.compile(r"['’]s?$")
_PERSONS = frozenset({"he", "she", "him", "his", "her"})
_PLURALS = frozenset({"they", "them", "their", "these", "those", "which one"})
_SEVERAL = re.compile(
    r"(?:what|which)\s+(?:\w+\s+)?(?P<what>(?!does\b|was\b|has\b)[a-z]{3,}s)\b", re.I
)
_NAME = re.compile(r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
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
    rf"{_OPENING}(?:(?:what|how) about|and)\s+"
    rf"(?P<rest>(?!(?:{_ASKING})\b|\w+ing (?:the|an?|me)\b)[^?]+?)"
    r"(?:,?\s+(?:then|too|though))?\s*\?*"
    rf"|(?P<placed>(?:{_PREPOSITIONS})\s+(?:(?!\b(?:{_ASKING})\b)[^?])+)\?+",
    re.IGNORECASE,
)
_WHERE = re.compile(r"\s+(?:in|at|from|during|since) (?:the )?[A-Z0-9][^?]*")
_IN = re.compile(r"\b(?:in|at|on)\s+(?:the\s+)?$", re.IGNORECASE)
_KIND = re.compile(
    r"\s+(?:compan(?:y|ies)|firms?|person|people|organi[sz]ation|country|city|brand)\b"
)
"""What `that company` may be, of an answer that names one."""
_CLOSED = re.compile(r"[,;:.?]\s")
"""What closes a clause: a pronoun behind it stands for something before it."""
_THE = re.compile(r"^the\s+|\bthe\s+$", re.IGNORECASE)
_PLACED = re.compile(
    rf"(?P<how>{_PREPOSITIONS})\s+(?P<what>\S.*)",
    re.IGNORECASE,
)
_CONFIRMS = re.compile(
    r"(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\s", re.IGNORECASE
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
    r"|(?P<these>these|those|which one|(?:this|that)(?!\s+(?:year|month|week|day|time)\b)))\b"
    r"(?!['’-])",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\s+"
    r"(?:(?:the|an?|some|all|most|many)\s+)?$",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(
    r"\bit (?:possible|true|likely|necessary|worth|safe|better|important|legal|ok|okay)"
    r" (?:to|that|for|if|when|whether|how)\b|\bit comes\b|\btime (?:is|was) it\b"
    r"|\bhow (?:long|much|many \w+) (?:does|did|will|would) it take\b"
    r"|\bit (?:mean|cost) (?:to|for|that|when|if)\b"
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


def restate(question: str, history: Sequence[Turn], closeness: Closeness) -> Restated:
    """Return a follow-up question in full, any other as it is.

    `history` has questions in full, the latest last. What takes the place of something in the last
    question takes that of the phrase that is closest to it.
    """
    if not history:
        return Restated(question)
    last = history[-1]
    text, articles = question, ()
    if pointer := _ARTICLE.search(question):
        articles = _point(pointer, last)
        if not articles:
            return Restated(question)  # there is no such article
        text = _without(pointer, question)
        if not set(stems(text)) - _IDLE:
            return Restated(last.question, articles)
    best = _read(text, last, closeness)
    return Restated(best if best == question else best[:1].upper() + best[1:], articles)


def is_faithful(wording: str, question: str, history: Sequence[Turn]) -> bool:
    """Tell whether a model has said a follow-up in full, and nothing that nobody said before.

    It is one line, it has the words of the question that say something, and no others but those of
    the conversation.
    """
    conversation = {stem for turn in history for stem in stems(f"{turn.question} {turn.answer}")}
    own, words = set(stems(question)), set(stems(wording))
    one_line = 0 < len(wording) <= LONGEST and "\n" not in wording
    return one_line and own - _IDLE <= words and words <= own | conversation | _IDLE


def _point(pointer: re.Match[str], last: Turn) -> tuple[ArticleId, ...]:
    """Return the one of the cited articles that is pointed at, if there is such a one."""
    which = (pointer["which"] or "").lower()
    if not which and len(last.articles) > 1:
        return ()  # `this article`, of several
    place = _ORDINALS.get(which, max(len(last.articles) - 1, 0))
    return last.articles[place : place + 1]


def _without(pointer: re.Match[str], question: str) -> str:
    substitute = "" if pointer["placed"] else "the article"
    return collapse(f"{question[: pointer.start()]} {substitute}{question[pointer.end() :]}")


def _read(question: str, last: Turn, closeness: Closeness) -> str:
    """Return what a question means after the last one."""
    if _MORE.fullmatch(question):
        return f"Tell me more about {find_topic(last.question)}"
    if match := _BARE.fullmatch(question):
        return _ask_in_full(match["asks"].capitalize(), last.question)
    if match := _ABOUT.fullmatch(question):
        phrase = match["rest"] or match["placed"]
        if not _PRONOUN.search(phrase) or _PLACED.fullmatch(phrase):
            return _replace(phrase, last.question, closeness)
        expansion = _name(phrase, last)
        return f"What about {expansion}?" if expansion != phrase else question
    expansion = _name(question, last)
    return _AND.sub("", expansion) if expansion != question else question


def _ask_in_full(word: str, before: str) -> str:
    """Return `Why?` as a whole question, where the one before asks for a yes or no."""
    if _CONFIRMS.match(before):
        return f"{word} {before[:1].lower()}{before[1:]}"
    return f"{word}? {before}"


# What about …


def _replace(replacement: str, before: str, closeness: Closeness) -> str:
    """Return the question before with `replacement` for the phrase that is closest to it."""
    placed = _PLACED.fullmatch(replacement)
    thing = _THE.sub("", placed["what"] if placed else replacement)
    spans = _phrases(before)
    if placed:
        ends = rf"\b{placed['how']}\s+(?:the\s+)?$"
        spans = [span for span in spans if re.search(ends, before[: span.start], re.IGNORECASE)]
    elif _is_name(thing):
        spans = [span for span in spans if _is_name(span.of(before))] or spans
    best, closest = _closest(thing, spans, before, closeness)
    if best and (not placed or placed["how"].lower() == "than" or closest >= ALIKE):
        opening = before[: best.start]
        the = _THE.search(opening)
        start = the.start() if the and _is_name(thing) else best.start
        text = thing if the else placed["what"] if placed else replacement
        return before[:start] + text + before[best.end :]
    whole = before.rstrip("?. ")
    return f"{whole} {replacement}?" if placed else f"{whole}: {replacement}?"


def _closest(
    thing: str, spans: Sequence[Span], before: str, closeness: Closeness
) -> tuple[Span | None, float]:
    """Return the phrase that is closest to a thing, as a whole or by one of its words.

    Of a phrase whose last word stays, only the word before it goes: `the second largest` takes the
    place of `largest` in `largest city`.
    """
    words = [(span, [w.shifted(span.start) for w in _words(span.of(before))]) for span in spans]
    pairs = [(span, part) for span, inside in words for part in {span: 0, **dict.fromkeys(inside)}]
    if not pairs:
        return None, 0.0
    scores = closeness(thing, [part.of(before) for _, part in pairs])
    closest = max(scores)
    span, word = pairs[[*scores].index(closest)]
    repeats = not set(stems(word.of(before))).isdisjoint(stems(thing))
    return (word if repeats and word.end < span.end else span), closest


def _words(text: str) -> list[Span]:
    return [Span(*match.span()) for match in _WORD.finditer(text)]


# Pronouns


def _name(question: str, last: Turn) -> str:
    """Return the question with what its first pronoun stands for, and `it` beside a person."""
    referring = [pronoun for pronoun in _PRONOUN.finditer(question) if _refers(pronoun, question)]
    if not referring:
        return question
    first, *others = referring
    if first["these"] and not stems(question):
        return f"{question} {last.question}"
    topic = _stands_for(first[0].lower(), last)
    if first["these"]:
        return _point_out(first, question, topic, last)
    if first[0].lower() in _PERSONS:
        for match in (pronoun for pronoun in reversed(others) if pronoun[0].lower() == "it"):
            question = _put(find_topic(last.question), match, question)
    return _put(topic, first, question)


def _put(topic: str, pronoun: re.Match[str], question: str) -> str:
    text = f"{topic}’s" if pronoun["whose"] else topic
    return question[: pronoun.start()] + text + question[pronoun.end() :]


def _point_out(pronoun: re.Match[str], question: str, topic: str, last: Turn) -> str:
    """Return the question with what `these` are behind it, or `that company` by its name."""
    kind = _KIND.match(question, pronoun.end())
    if kind and answer_kind(last.question) is QuestionKind.NAME and (name := _answered(last)):
        return question[: pronoun.start()] + name + question[kind.end() :]
    return f"{question.rstrip('?. ')} ({topic})?"


def _answered(last: Turn) -> str:
    """Return the first name of the last answer that its question does not have, empty for none."""
    names = (name for name in _NAME.findall(last.answer) if name.lower() not in STOP_WORDS)
    return next((name for name in names if name not in last.question), "")


def _stands_for(pronoun: str, last: Turn) -> str:
    """Return what a pronoun stands for after a question.

    They are the challenges of drug discovery, and it is drug discovery.
    """
    topic = find_topic(_WHERE.sub("", last.question) if pronoun in _PLURALS else last.question)
    if pronoun in _PERSONS and answer_kind(last.question) is QuestionKind.NAME:
        return _answered(last) or topic
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
    if _CLOSED.search(before) and _phrases(before):
        return False
    if pronoun["these"]:
        relative = pronoun[0].lower() == "that" and stems(before) and not _AUXILIARY.search(before)
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
    things = [span for span in names if not _IN.search(question[: span.start])]
    chosen = things[-1:] or subjects[:1] or names[-1:] or spans[-1:]
    if not chosen:
        return question.rstrip("?. ")
    phrase = chosen[0].of(question)
    the = "the " if question[: chosen[0].start].endswith("the ") else ""
    return the + _POSSESSIVE.sub("", phrase)


def _phrases(question: str) -> list[Span]:
    return find_phrases(question, _NO_THING)


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
