"""The words that a passage is found by: what a reader reads of it, and the same written otherwise.

Markup is left out: tags, shortcodes, and entities by their characters. A compound with a hyphen
counts as one word, too, and what its article explains in brackets counts in both forms.
"""

import re
from collections.abc import Iterator, Sequence

from ibid.english import find_explained, stems
from ibid.text import collapse, search_copy, without_markup
from ibid.types import Article, Passage

_HYPHENATED = re.compile(r"(?<![\w-])[^\W\d_]+(?:[-‐‑][^\W\d_]+){1,2}(?![\w-])")
_HYPHEN = re.compile("[-‐‑]")

_UNSPOKEN = re.compile(r"\.\w+\Z|[/._-]|\b(?=\w*\d)[\da-f]{8,}\b|\b\w\b")
"""Of a file's name: its ending, what parts its words, hashes and single letters."""

Explained = tuple[str, str]
"""A long form and the short one in brackets behind it, or the other way round."""


def list_explained(article: Article) -> list[Explained]:
    """Return the long and short forms that an article explains, each pair once."""
    pairs = find_explained(collapse(article.text))
    return sorted({(long.casefold(), short) for long, short in pairs})


def indexed_stems(article: Article, passage: Passage, explained: Sequence[Explained]) -> str:
    """Return the stems that a passage is found by, with blanks between them.

    They are those of its article's title, of its headings and of what a reader sees of its text.
    """
    text = search_copy(without_markup("\n".join((*article.headings_above(passage), passage.text))))
    return " ".join(stems(" ".join((text, *_joined(text), *_other_forms(text, explained)))))


def with_about(article: Article, rows: Sequence[str]) -> list[str]:
    """Return the stems of an article's passages, and with the first what only its metadata says.

    Its file is named so, it has these tags, and so on: what its text says too, is found there.
    """
    vocabulary = {stem for row in rows for stem in row.split()}
    meta = article.meta
    metadata = (
        *(_UNSPOKEN.sub(" ", article.id), meta.description, meta.category, *meta.aliases),
        *(*meta.authors, *(re.sub("[/_-]", " ", tag) for tag in (*meta.tags, *meta.keywords))),
    )
    own = [
        stem
        for stem in dict.fromkeys(stems(search_copy(" ".join(metadata))))
        if stem not in vocabulary
    ]
    first = next((number for number, row in enumerate(rows) if row), None)
    return [" ".join((row, *own)) if number == first else row for number, row in enumerate(rows)]


def _joined(text: str) -> Iterator[str]:
    """Yield the compounds of a text as one word: `startups` of `start-ups`."""
    for compound in _HYPHENATED.finditer(text):
        yield _HYPHEN.sub("", compound[0])


def _other_forms(text: str, explained: Sequence[Explained]) -> Iterator[str]:
    """Yield the long forms of which a text has only the short one, and the other way round.

    Of a short form in the plural it yields the singular: no stemmer knows it.
    """
    if not explained:
        return
    flat = collapse(text)
    folded = flat.casefold()
    for long, short in explained:
        has_long = re.search(rf"\b{re.escape(long)}", folded) is not None
        has_short = re.search(rf"\b{re.escape(short)}(?P<plural>s?)\b", flat)
        if has_long and not has_short:
            yield short
        elif has_short:
            yield " ".join((short * bool(has_short["plural"]), long * (not has_long)))
