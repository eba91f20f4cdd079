"""Questions with what answers them, and the file format in which users write their own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ibid.errors import UsageError
from ibid.types import Article, ArticleId, Span

_KEYS = frozenset({"id", "question", "relevant", "answerable", "note"})
_FORMAT = '{"question": "…", "relevant": ["an-article.md", {"article": "…", "quote": "…"}]}'


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
    """Return the questions of a JSON Lines file about `articles`.

    Each line has a `question` and what is `relevant` to it: ids of articles, or objects with an
    `article` and a `quote` from it, or its `start` and `end` in characters. A question that the
    articles do not answer has `"answerable": false` and nothing relevant. `id` is optional, and
    so is `note`, which is for people. Raises UsageError, naming the line, when it cannot be used.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    cases: list[Case] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                cases.append(_read_case(json.loads(line), str(number), articles))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                reason = f"{path}, line {number}: {_reason(error)}"
                raise UsageError(reason, hint=f"a line is {_FORMAT}") from error
    _refuse_repeats(path, [case.id for case in cases])
    return tuple(cases)


def _read_case(given: dict[str, Any], number: str, articles: Mapping[ArticleId, Article]) -> Case:
    """Return a line's question. Raises ValueError, TypeError or KeyError when it is none."""
    if unknown := sorted(given.keys() - _KEYS):
        raise ValueError(f"{unknown[0]!r} is not known")
    question, relevant = given["question"], given.get("relevant", [])
    if not isinstance(question, str) or not question.strip() or not isinstance(relevant, list):
        raise TypeError("the question has to be a text and what is relevant a list")
    targets = tuple(_read_target(each, articles) for each in relevant)  # pyright: ignore[reportUnknownVariableType]
    if bool(targets) is not given.get("answerable", True):
        raise ValueError("an answerable question has something relevant, another one nothing")
    return Case(str(given.get("id", number)), question, targets)


def _read_target(value: Any, articles: Mapping[ArticleId, Article]) -> Target:
    given: dict[str, Any] = {"article": value} if isinstance(value, str) else value
    id = ArticleId(given["article"])
    if id not in articles:
        raise ValueError(f"no article is named {id!r}")
    text = articles[id].text
    if "quote" in given:
        start = text.find(given["quote"])
        if start < 0:
            raise ValueError(f"{id} does not say {given['quote']!r}")
        return Target(id, Span(start, start + len(given["quote"])))
    if "start" in given:
        span = Span(int(given["start"]), int(given["end"]))
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(f"{id} has {len(text)} characters, not {span.start} to {span.end}")
        return Target(id, span)
    return Target(id)


def _reason(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return "it is no JSON"
        case KeyError():
            return f"{error} is missing"
        case AttributeError():
            return "it is no object"
        case _:
            return str(error)


def _refuse_repeats(path: Path, ids: Sequence[str]) -> None:
    if repeat := next(_repeats(ids), None):
        raise UsageError(f"{path}: two questions have the id {repeat!r}")


def _repeats(ids: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for id in ids:
        if id in seen:
            yield id
        seen.add(id)
