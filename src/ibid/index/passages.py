"""From sections to passages: by heading first, inside a long section by the splitter."""

import hashlib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from ibid.ports import Splitter
from ibid.text import find_sentences, has_words, search_copy, trim
from ibid.types import Article, ArticleId, Passage, PassageId, Section, Span

CHUNKER = "5"
"""Version of the rules in `reading`, `sentences`, `words` and here: others' indexes are refused."""

LONGEST_PASSAGE = 1000
"""Characters, about 200 tokens: together with its headings what MiniLM reads (256 tokens)."""


def cut_passages(article: Article, split: Splitter) -> tuple[Passage, ...]:
    """Cut an article into passages that tile its text.

    Sections without text of their own go with the next one; `split` cuts those that are longer
    than LONGEST_PASSAGE.
    """
    passages: list[Passage] = []
    name = PassageNames(article.id)
    for sections in _group(article.sections):
        headings = sections[-1].headings
        whole = Span(sections[0].span.start, sections[-1].span.end)
        spans = list(_cut(article.text, whole, split))
        dealt = _deal_sentences(article.text, sections, spans)
        for span, sentences in zip(spans, dealt, strict=True):
            text = span.of(article.text)
            id = name(headings, text)
            passages.append(Passage(id, article.id, headings, span, text, sentences))
    return tuple(passages)


class PassageNames:
    """Names the passages of one article, in order: each by what it is, a repeat by its number."""

    def __init__(self, article: ArticleId) -> None:
        self._article = article
        self._seen: Counter[str] = Counter()

    def __call__(self, headings: Sequence[str], text: str) -> PassageId:
        """Return the id of the next passage."""
        key = "\x1f".join((self._article, *headings, text))
        self._seen[key] += 1
        digest = hashlib.sha256(f"{key}\x1f{self._seen[key]}".encode())
        return PassageId(digest.hexdigest()[:16])


def embedded_text(title: str, passage: Passage) -> str:
    """Return what is embedded for a passage: where it stands, then what it says, repaired."""
    return search_copy("\n".join((title, " > ".join(passage.headings), passage.text.strip())))


def embedded_sentence(article: Article, sentence: Span) -> str:
    """Return what is embedded for a sentence of an article: what it says, repaired."""
    return search_copy(sentence.of(article.text))


def _group(sections: tuple[Section, ...]) -> Iterator[tuple[Section, ...]]:
    """Join each heading without text to the section below it, the front matter to nothing."""
    group: list[Section] = []
    for section in sections:
        group.append(section)
        if len(section.prose) or not section.headings:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _cut(text: str, span: Span, split: Splitter) -> Iterator[Span]:
    if len(span) <= LONGEST_PASSAGE:
        yield span
        return
    start = span.start
    for piece in split(span.of(text)):
        yield Span(start, start + len(piece))
        start += len(piece)


def _deal_sentences(
    text: str, sections: tuple[Section, ...], passages: Sequence[Span]
) -> Iterator[tuple[Span, ...]]:
    """Yield the sentences of each passage; one that is cut by a passage's end counts in both.

    They are found in the whole sections, so that code that is cut is still known as code.
    """
    sentences = [s for section in sections for s in find_sentences(text, section.prose)]
    starts, ends = [s.start for s in sentences], [s.end for s in sentences]
    for passage in passages:
        inside = sentences[bisect_right(ends, passage.start) : bisect_left(starts, passage.end)]
        parts = (
            trim(text, Span(max(s.start, passage.start), min(s.end, passage.end))) for s in inside
        )
        yield tuple(part for part in parts if has_words(text, part))
