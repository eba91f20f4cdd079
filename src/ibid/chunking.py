"""From sections to passages: by heading first, inside a long section by the splitter."""

import hashlib
from collections.abc import Iterator

from ibid.ports import Splitter
from ibid.sentences import find_sentences
from ibid.types import Article, Passage, PassageId, Section, Span

CHUNKER = "1"
"""Version of the rules in `reading`, `sentences` and here: an index made by others is refused."""

LONGEST_PASSAGE = 1000
"""Characters. About 200 tokens: what MiniLM reads (256 tokens) holds it together with its headings."""


def cut_passages(article: Article, split: Splitter) -> tuple[Passage, ...]:
    """Cut an article into passages that tile its text.

    Sections without text of their own go with the next one; `split` cuts those that are longer
    than LONGEST_PASSAGE.
    """
    passages: list[Passage] = []
    seen: dict[str, int] = {}
    for sections in _group(article.sections):
        headings = sections[-1].headings
        for span in _cut(article.text, Span(sections[0].span.start, sections[-1].span.end), split):
            text = span.of(article.text)
            key = "\x1f".join((article.id, *headings, text))
            seen[key] = seen.get(key, 0) + 1
            sentences = tuple(_sentences(article.text, sections, span))
            passages.append(
                Passage(_hash(key, seen[key]), article.id, headings, span, text, sentences)
            )
    return tuple(passages)


def embedded_text(title: str, passage: Passage) -> str:
    """Return what is embedded for a passage: where it stands, then what it says."""
    return "\n".join((title, " > ".join(passage.headings), passage.text.strip()))


def _group(sections: tuple[Section, ...]) -> Iterator[tuple[Section, ...]]:
    """Join each heading without text to the section below it, the front matter to nothing."""
    group: list[Section] = []
    for section in sections:
        group.append(section)
        is_front_matter = section.span.start == 0 and section.span.end == section.prose.start
        if len(section.prose) or (is_front_matter and not section.headings):
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


def _sentences(text: str, sections: tuple[Section, ...], passage: Span) -> Iterator[Span]:
    for section in sections:
        start, end = max(section.prose.start, passage.start), min(section.prose.end, passage.end)
        if start < end:
            yield from find_sentences(text, Span(start, end))


def _hash(key: str, copy: int) -> PassageId:
    """Name a passage by what it is; a repeat inside one article also by its number."""
    return PassageId(hashlib.sha256(f"{key}\x1f{copy}".encode()).hexdigest()[:16])
