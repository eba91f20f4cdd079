"""Places in articles: sentences, lines, and what the front matter says, ready to be quoted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ibid.index import Corpus
from ibid.text import LINE_END, as_read, collapse, has_words, trim
from ibid.types import Article, ArticleId, Citation, Passage, Span

AUTHOR_KEYS = ("author", "authors", "by")
DATE_KEYS = ("date", "pubdate", "published", "publishdate", "created")
TITLE_KEYS = ("title",)
ABOUT_KEYS = ("description", "summary", "excerpt")


_STUMP = re.compile(r"\b\w{1,3}\.\Z")
"""What a sentence may seem to end with: `St.`, `U.S.`."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of an article that says something, and how it reads."""

    passage: Passage
    span: Span
    text: str

    @property
    def article(self) -> ArticleId:
        return self.passage.article

    @property
    def is_sentence(self) -> bool:
        """Whether it is no heading, no item and no line of the front matter."""
        return self.span in self.passage.sentences

    @property
    def citation(self) -> Citation:
        return Citation(self.passage, self.span)


def list_places(passage: Passage, text: str) -> Iterator[Place]:
    """Yield the sentences of a passage, and its lines that are none: headings, items, tables."""
    for sentence in passage.sentences:
        yield Place(passage, sentence, as_read(text, sentence))
    edges = [passage.span.start, *(e for s in passage.sentences for e in (s.start, s.end))]
    for start, end in list(pairwise([*edges, passage.span.end]))[::2]:
        for line in _lines(text, start, end):
            if has_words(text, line):
                yield Place(passage, line, as_read(text, line).lstrip("# "))


def list_joined(passage: Passage, text: str) -> Iterator[tuple[Place, Place, Place]]:
    """Yield neighbouring sentences that may be one, joined and apart: `for the .` and `NET`."""
    for first, second in pairwise(passage.sentences):
        is_stump = _STUMP.search(text, first.start, first.end) is not None
        if first.end == second.start or (
            is_stump and not LINE_END.search(text, first.end, second.start)
        ):
            spans = (Span(first.start, second.end), first, second)
            both, head, tail = (Place(passage, span, as_read(text, span)) for span in spans)
            yield both, head, tail


def find_value(article: Article, keys: Sequence[str], value: str, corpus: Corpus) -> Place | None:
    """Return the line of the front matter that gives a value, None where none does.

    The value of a list may stand on a line of its own below its key.
    """
    top = _front_matter(article)
    pattern = re.compile(rf"[ \t]*[\"']?(?:{'|'.join(keys)})[\"']?[ \t]*[:=](?P<value>.*)", re.I)
    lines = list(_lines(article.text, top.start, top.end))
    for number, line in enumerate(lines):
        if match := pattern.fullmatch(line.of(article.text)):
            below = (span for span in lines[number + 1 :] if value in span.of(article.text))
            stands = line if match["value"].strip(" \t[{'\"") else next(below, line)
            return _quote(stands, article, corpus)
    return None


def _quote(line: Span, article: Article, corpus: Corpus) -> Place | None:
    """Return a line of an article, as far as the passage goes that it begins in."""
    for passage in corpus.passages(article.id):
        if line.start < passage.span.end:
            span = trim(article.text, Span(line.start, min(line.end, passage.span.end)))
            return Place(passage, span, collapse(span.of(article.text)))
    return None


def _front_matter(article: Article) -> Span:
    first = article.sections[0] if article.sections else None
    return Span(first.span.start, first.prose.start) if first and not first.headings else Span(0, 0)


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    begin = start
    for match in LINE_END.finditer(text, start, end):
        yield trim(text, Span(begin, match.start()))
        begin = match.end()
    yield trim(text, Span(begin, end))
