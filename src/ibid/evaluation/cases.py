"""Questions with what answers them, and the file format in which users write their own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from ibid.english import check_question
from ibid.errors import UsageError
from ibid.text import count
from ibid.types import Article, ArticleId, Span

_KEYS = frozenset({"id", "question", "relevant", "answerable", "note"})
_TARGET_KEYS = frozenset({"article", "quote", "start", "end"})
_FORMAT = '{"question": "…", "relevant": ["an-article.md", {"article": "…", "quote": "…"}]}'

_NAMED = 10
"""Lines that cannot be used and that are named at once."""


@dataclass(frozen=True, slots=True)
class Target:
    """What answers a question: an article, or a span of its text."""

    article: ArticleId
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A question and all that answers it; nothing does where it is not answerable."""

    id: str
    question: str
    targets: tuple[Target, ...]
    asked_in: ArticleId | None = None
    """The article that the question was taken from, and that does not count as found."""

    @property
    def answerable(self) -> bool:
        return bool(self.targets)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Articles, each with the bytes of its file, and questions about them."""

    name: str
    articles: Mapping[ArticleId, bytes]
    cases: tuple[Case, ...]
    source: Path | None = None
    """The folder that asks itself; a public set has none."""


def read_cases(path: Path, articles: Mapping[ArticleId, Article]) -> tuple[Case, ...]:
    """Return the questions of a JSON Lines file about `articles`, or about copies of them.

    Each line has a `question` and what is `relevant` to it: ids of articles, or objects with an
    `article` and a `quote` from it, or its `start` and `end` in characters. A question that the
    articles do not answer has `"answerable": false` and nothing relevant. `id` is optional, and
    so is `note`, which is for people. Raises UsageError, naming the lines that cannot be used.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")  # U+2028 in a text does not end its line
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    known = {copy: each for each in articles.values() for copy in each.copies} | dict(articles)
    cases: dict[str, Case] = {}
    places: dict[str, int] = {}
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                case = _read_case(json.loads(line), str(number), known)
                _refuse_repeat(case.id, places)
            except (ValueError, TypeError, KeyError, RecursionError, UsageError) as error:
                faults.append(f"line {number}: {_reason(error)}")
            else:
                cases[case.id], places[case.id] = case, number
    if faults:
        more = f"; {count(len(faults) - _NAMED, 'more line')}" if len(faults) > _NAMED else ""
        reason = f"{path}, {'; '.join(faults[:_NAMED])}{more}"
        raise UsageError(reason, hint=f"a line is {_FORMAT}")
    if not cases:
        raise UsageError(f"{path} has no questions", hint=f"a line is {_FORMAT}")
    return tuple(cases.values())


def _read_case(given: object, number: str, articles: Mapping[ArticleId, Article]) -> Case:
    """Return a line's question. Raises what `read_cases` tells of when it is none."""
    line = _object(given, _KEYS)
    question, relevant = _text(line["question"], "question"), line.get("relevant", [])
    check_question(question)
    if not isinstance(relevant, list):
        raise TypeError("what is relevant has to be a list")
    targets = tuple(_read_target(each, articles) for each in cast("list[object]", relevant))
    answerable = line.get("answerable", True)
    if not isinstance(answerable, bool):
        raise TypeError("'answerable' has to be true or false")
    if bool(targets) is not answerable:
        raise ValueError("an answerable question has something relevant, another one nothing")
    id = line.get("id", number)
    return Case(_text(str(id) if type(id) is int else id, "id"), question, targets)


def _read_target(value: object, articles: Mapping[ArticleId, Article]) -> Target:
    if not isinstance(value, str | dict):
        raise TypeError(f"an article's id or an object is relevant, not {json.dumps(value)}")
    given = _object({"article": value} if isinstance(value, str) else value, _TARGET_KEYS)  # pyright: ignore[reportUnknownArgumentType]
    id = given["article"]
    if not isinstance(id, str):
        raise TypeError(f"an article is named by a text, not by {json.dumps(id)}")
    if (article := articles.get(ArticleId(id))) is None:
        raise ValueError(f"no article is named {id!r}{_near(id, articles)}")
    return Target(ArticleId(id), _read_span(given, article))


def _near(id: str, articles: Mapping[ArticleId, Article]) -> str:
    longer = [each for each in articles if id.endswith(f"/{each}") or each.endswith(f"/{id}")]
    near = longer or get_close_matches(id, articles, 1)
    return f", one is named {near[0]!r}" if near else ""


def _read_span(given: Mapping[str, Any], article: Article) -> Span | None:
    if set(given) == {"article"}:
        return None
    if set(given) == {"article", "quote"}:
        quote = _text(given["quote"], "quote")
        start = article.text.find(quote)
        if start < 0:
            raise ValueError(f"{article.id} does not say {quote!r}")
        return Span(start, start + len(quote))
    if "quote" in given:
        raise ValueError("a place is told by a quote, or by its start and end")
    start, end = given["start"], given["end"]
    if type(start) is not int or type(end) is not int:
        raise TypeError("start and end have to be whole numbers")
    if not 0 <= start < end <= len(article.text):
        reason = f"{article.id} has {len(article.text)} characters, not {start} to {end}"
        raise ValueError(reason)
    return Span(start, end)


def _object(value: object, keys: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{json.dumps(value)} is no object")
    given = cast("dict[str, Any]", value)
    if unknown := sorted(given.keys() - keys):
        raise ValueError(f"{unknown[0]!r} is not known")
    return given


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"the {name} has to be a text")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f"the {name} is no Unicode text, which cannot be printed")
    return value


def _refuse_repeat(id: str, places: Mapping[str, int]) -> None:
    if id in places:
        raise ValueError(f"line {places[id]} has the id {id!r}, too")


def _reason(error: Exception) -> str:
    match error:
        case json.JSONDecodeError() | RecursionError():
            return "it is no JSON"
        case KeyError():
            return f"{error} is missing"
        case _:
            return str(error)
