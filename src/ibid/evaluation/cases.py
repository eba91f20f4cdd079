"""Questions with what answers them, and the file format in which users write their own."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from ibid.english import check_question
from ibid.errors import UsageError
from ibid.evaluation.plain_files import read_text
from ibid.reading import Folders
from ibid.text import count, list_some
from ibid.types import Article, ArticleId, Skipped, Span

_KEYS = frozenset({"id", "question", "relevant", "answerable", "from", "note"})
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
    skipped: tuple[Skipped, ...] = ()
    """Files that answer it as well, and that the build could not read as articles."""

    @property
    def answerable(self) -> bool:
        return bool(self.targets)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Articles, each with the bytes of its file, and questions about them."""

    name: str
    articles: Mapping[ArticleId, bytes]
    cases: tuple[Case, ...]
    source: Folders | None = None
    """The folders that ask themselves; a public set has none."""


def read_cases(
    path: Path, articles: Mapping[ArticleId, Article], skipped: Iterable[Skipped] = ()
) -> tuple[Case, ...]:
    """Return the questions of a JSON Lines file about `articles`, or about copies of them.

    Each line has a `question` and what is `relevant` to it: ids of articles, or objects with an
    `article` and a `quote` from it, or its `start` and `end` in characters. A question that the
    articles do not answer has `"answerable": false` and nothing relevant. What is found in the
    article that it was taken `from` does not count. `id` is optional, and so is `note`, which is
    for people. Files that were `skipped` may be named. Raises UsageError, naming the lines that
    cannot be used.
    """
    lines = read_text(path).split("\n")  # U+2028 in a text does not end its line
    copies = {copy: article for article in articles.values() for copy in article.copies}
    corpus = _Known(copies | dict(articles), {ArticleId(file.path): file for file in skipped})
    cases: dict[str, Case] = {}
    places: dict[str, int] = {}
    faults: list[tuple[int, Exception]] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                case = _read_case(json.loads(line), str(number), corpus)
                _refuse_repeat(case.id, places)
            except (ValueError, TypeError, KeyError, RecursionError, UsageError) as error:
                faults.append((number, error))
            else:
                cases[case.id], places[case.id] = case, number
    if faults:
        raise _refusal(path, faults)
    if not cases:
        raise UsageError(f"{path} has no questions", hint=f"a line is {_FORMAT}")
    return tuple(cases.values())


def _refusal(path: Path, faults: Sequence[tuple[int, Exception]]) -> UsageError:
    """Return the error that names the lines that cannot be used."""
    lines = [f"line {number}: {_reason(error)}" for number, error in faults[:_NAMED]]
    more = f"; {count(len(faults) - _NAMED, 'more line')}" if len(faults) > _NAMED else ""
    is_unknown = all(isinstance(error, _Unknown) for _, error in faults)
    hint = "ibid articles lists the names" if is_unknown else f"a line is {_FORMAT}"
    return UsageError(f"{path}, {'; '.join(lines)}{more}", hint=hint)


def leave_out_skipped(cases: Sequence[Case]) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """Return the questions that can be measured, and which files are missing for the others.

    A question that nothing but skipped files answers is left out. Raises UsageError where none is
    left.
    """
    measurable = tuple(case for case in cases if case.targets or not case.skipped)
    files = {file.path: file for case in cases for file in case.skipped}
    names = [f"{file.path} ({file.reason})" for file in files.values()]
    if not names:
        return measurable, ()
    missing = f"what the build skipped answers nothing: {list_some(names)}"
    if not measurable:
        raise UsageError(f"no question can be measured: {missing}", hint="ibid build tells why")
    omissions = len(cases) - len(measurable)
    left_out = (
        f"; {count(omissions, 'question')} left out, {len(measurable):,} measured"
        if omissions
        else ""
    )
    return measurable, (missing + left_out,)


@dataclass(frozen=True, slots=True)
class _Known:
    """The files that a question may name."""

    articles: Mapping[ArticleId, Article]
    skipped: Mapping[ArticleId, Skipped]


class _Unknown(ValueError):
    """No article has the name."""


def _read_case(value: object, number: str, corpus: _Known) -> Case:
    """Return a line's question. Raises what `read_cases` tells of when it is none."""
    line = _object(value, _KEYS)
    question, relevant = _text(line["question"], "question"), line.get("relevant", [])
    check_question(question)
    if not isinstance(relevant, list):
        raise TypeError("what is relevant has to be a list")
    sources = [_read_target(item, corpus) for item in cast("list[object]", relevant)]
    targets = tuple(source for source in sources if isinstance(source, Target))
    skipped = tuple(source for source in sources if isinstance(source, Skipped))
    answerable = line.get("answerable", True)
    if not isinstance(answerable, bool):
        raise TypeError("'answerable' has to be true or false")
    if bool(sources) is not answerable:
        raise ValueError("an answerable question has something relevant, another one nothing")
    asked_in = _read_origin(line["from"], targets, corpus) if "from" in line else None
    id = line.get("id", number)
    id = _text(str(id) if type(id) is int else id, "id")
    return Case(id, question, targets, asked_in, skipped)


def _read_origin(value: object, targets: Sequence[Target], corpus: _Known) -> ArticleId:
    """Return the article that a question was taken from. What was skipped is not found anyhow."""
    id = ArticleId(_text(value, "from"))
    if id not in corpus.articles and id not in corpus.skipped:
        raise _Unknown(f"no article is named {id!r}{_near(id, corpus.articles)}")
    if targets and all(target.article == id for target in targets):
        raise ValueError(f"{id} answers it alone, and does not count, being where it is from")
    return id


def _read_target(value: object, corpus: _Known) -> Target | Skipped:
    if not isinstance(value, str | dict):
        raise TypeError(f"an article's id or an object is relevant, not {json.dumps(value)}")
    fields = _object({"article": value} if isinstance(value, str) else value, _TARGET_KEYS)  # pyright: ignore[reportUnknownArgumentType]
    id = fields["article"]
    if not isinstance(id, str):
        raise TypeError(f"an article is named by a text, not by {json.dumps(id)}")
    if id in corpus.skipped and id not in corpus.articles:
        return corpus.skipped[ArticleId(id)]
    if (article := corpus.articles.get(ArticleId(id))) is None:
        raise _Unknown(f"no article is named {id!r}{_near(id, corpus.articles)}")
    return Target(ArticleId(id), _read_span(fields, article))


def _near(id: str, articles: Mapping[ArticleId, Article]) -> str:
    longer = [
        article for article in articles if id.endswith(f"/{article}") or article.endswith(f"/{id}")
    ]
    near = longer or get_close_matches(id, articles, 1)
    return f", one is named {near[0]!r}" if near else ""


def _read_span(fields: Mapping[str, Any], article: Article) -> Span | None:
    if set(fields) == {"article"}:
        return None
    if set(fields) == {"article", "quote"}:
        quote = _text(fields["quote"], "quote")
        start = article.text.find(quote)
        if start < 0:
            raise ValueError(f"{article.id} does not say {quote!r}")
        return Span(start, start + len(quote))
    if "quote" in fields:
        raise ValueError("a place is told by a quote, or by its start and end")
    start, end = fields["start"], fields["end"]
    if type(start) is not int or type(end) is not int:
        raise TypeError("start and end have to be whole numbers")
    if not 0 <= start < end <= len(article.text):
        reason = f"{article.id} has {len(article.text)} characters, not {start} to {end}"
        raise ValueError(reason)
    return Span(start, end)


def _object(value: object, keys: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{json.dumps(value)} is no object")
    fields = cast("dict[str, Any]", value)
    if unknown := sorted(fields.keys() - keys):
        raise ValueError(f"{unknown[0]!r} is not known")
    return fields


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
