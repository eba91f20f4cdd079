"""A question set made out of a folder itself: no model writes it and none judges it."""

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from ibid.english import unique_stems
from ibid.errors import ArticleUnreadable, UsageError
from ibid.evaluation.cases import Case, QuestionSet, Target
from ibid.reading import Folders, describe_trouble, read_file
from ibid.text import plain
from ibid.types import Article, ArticleId, Span

HELD_OUT = 10
"""One article in so many is left out of the folder: what it says cannot be answered."""

FEWEST_STEMS = 3
"""A shorter heading (`Key challenges`) is about something that only its article says."""

MOST = 1000
"""Questions of a kind; of a larger folder some are drawn, the same ones each time."""

_LINK = re.compile(r"\[(?P<anchor>[^\[\]]{3,200})\]\((?P<address>[^()\s]+)\)")


def make_set(articles: Sequence[Article], folders: Folders) -> QuestionSet:
    """Return the headings and the linking sentences of `articles` as questions about them.

    Their files are in `folders`. Raises UsageError when one was edited since it was indexed,
    and when none of them makes a question.

    A heading asks for its section. A sentence that links to another article of the folder asks
    for that one. The headings of articles that are held out have no answer in the others.
    """
    held_out = {article.id for article in articles if _number(article.id) % HELD_OUT == 0}
    if len(held_out) == len(articles):
        held_out.clear()
    remaining = [article for article in articles if article.id not in held_out]
    everywhere = Counter(
        key for article in articles for key in {_key(h) for h in _headings(article)}
    )
    cases = [case for article in articles for case in _ask_headings(article, held_out, everywhere)]
    linked = [
        case for article in remaining for case in _ask_links(article, {k.id for k in remaining})
    ]
    if not cases and not linked:
        hint = "--questions FILE asks your own"
        raise UsageError("no heading and no link of the articles makes a question", hint=hint)
    return QuestionSet(
        name="self",
        articles={article.id: _read(article, folders) for article in remaining},
        cases=(
            *_draw([case for case in cases if case.answerable]),
            *_draw(linked),
            *_draw([case for case in cases if not case.answerable]),
        ),
        source=folders,
    )


def _read(article: Article, folders: Folders) -> bytes:
    try:
        raw = read_file(folders.file(article.id))
    except (OSError, ArticleUnreadable) as error:
        raise UsageError(f"{article.id} cannot be read: {describe_trouble(error)}") from error
    if hashlib.sha256(raw).hexdigest() != article.digest:
        raise UsageError(f"{article.id} was edited since the index was built", hint="ibid build")
    return raw


def _ask_headings(
    article: Article, held_out: set[ArticleId], everywhere: Mapping[tuple[str, ...], int]
) -> Iterator[Case]:
    """Yield the headings that tell enough and that no other article has."""
    keys: set[tuple[str, ...]] = set()
    for number, section in enumerate(article.sections):
        heading = plain(section.headings[-1]) if section.headings else ""
        key = _key(heading)
        if len(key) < FEWEST_STEMS or key in keys or everywhere[key] > 1 or not section.prose:
            continue
        keys.add(key)
        answered = article.id not in held_out
        targets = (Target(article.id, section.span),) if answered else ()
        yield Case(f"heading:{article.id}:{number}", heading, targets)


def _ask_links(article: Article, ids: set[ArticleId]) -> Iterator[Case]:
    for number, match in enumerate(_LINK.finditer(article.text)):
        target = _linked(match["address"], article.id, ids)
        if target and target != article.id:
            sentence = plain(_line_around(article.text, Span(*match.span())))
            if len(unique_stems(sentence)) >= FEWEST_STEMS:
                id = f"link:{article.id}:{number}"
                yield Case(id, sentence, (Target(target),), article.id)


def _linked(address: str, base: ArticleId, ids: set[ArticleId]) -> ArticleId | None:
    """Return the article of the folder that a relative link leads to, as a file or as a page."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path:
        return None
    path = unquote(parts.path).rstrip("/")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), path.lstrip("/")))
    names = [joined, f"{joined}.md", f"{joined}/index.md", path.lstrip("/")]
    return next((ArticleId(name) for name in names if name in ids), None)


def _line_around(text: str, span: Span) -> str:
    """Return the sentence that holds a span, or its part within 300 characters on each side."""
    before, after = text[max(0, span.start - 300) : span.start], text[span.end : span.end + 300]
    start = re.split(r"(?<=[.!?])\s+|\n\s*\n", before)[-1]
    end = re.split(r"(?<=[.!?])\s+|\n\s*\n", after)[0]
    return f"{start}{span.of(text)}{end}"


def _headings(article: Article) -> Iterator[str]:
    return (plain(section.headings[-1]) for section in article.sections if section.headings)


def _key(heading: str) -> tuple[str, ...]:
    return tuple(sorted(unique_stems(heading)))


def _draw(cases: Sequence[Case]) -> list[Case]:
    """Return at most MOST of the cases, chosen by the digest of their ids."""
    return sorted(sorted(cases, key=lambda case: _number(case.id))[:MOST], key=lambda case: case.id)


def _number(id: str) -> int:
    return int.from_bytes(hashlib.sha256(id.encode("utf-8", "surrogateescape")).digest()[:8])
