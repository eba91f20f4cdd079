"""Everything that an index promises, checked: the fsck of ibid."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from ibid.errors import IndexDamaged
from ibid.index.corpus import Corpus, IndexedPassage
from ibid.index.opened import Index
from ibid.index.passages import PassageNames
from ibid.ports import LexicalIndex, VectorIndex
from ibid.storage import DIGESTS, MANIFEST, Generation, Manifest
from ibid.types import Article, ArticleId, Passage, Problem, Span

_UNIT = 2e-3
"""How far the length of a vector may be from 1: those of sentences have 16 bits a number."""

_VECTORS_AT_ONCE = 10_000


def check_files(generation: Generation) -> Iterator[Problem]:
    """Yield what is wrong with the files of a generation: each has to be what was written."""
    for name in generation.manifest.files:
        try:
            for _ in generation.file(name).blocks():
                pass
        except IndexDamaged as error:
            yield Problem(name, str(error).removeprefix(f"the index is damaged: {name} "))
    names = {*generation.manifest.files, DIGESTS, MANIFEST}
    for path in sorted(generation.folder.rglob("*")):
        name = path.relative_to(generation.folder).as_posix()
        if not path.is_dir() and name not in names:
            yield Problem(name, "is not a file of this index")


def check_contents(index: Index, manifest: Manifest) -> Iterator[Problem]:
    """Yield what is wrong in an index whose files are those that were written."""
    corpus = index.corpus
    yield from _check_articles(corpus, manifest)
    passages = sentences = 0
    for id in corpus.ids:
        try:
            article, cut, rows = corpus.article(id), corpus.passages(id), corpus.rows_of(id)
        except (ValueError, TypeError, KeyError, IndexDamaged) as error:
            yield Problem(id, f"cannot be read: {error}")
            continue
        yield from _check_article(article, cut)
        yield from _check_rows(id, cut, rows, corpus)
        for row in rows:
            if (row.number, row.first_sentence) != (passages, sentences):
                yield Problem(f"{id}, passage {row.passage.id}", "has other rows than it should")
            passages, sentences = passages + 1, sentences + len(row.passage.sentences)
    yield from (Problem(f"passage {name}", "is there twice") for name in corpus.repeated_names())
    if manifest.passages != passages:
        yield Problem("manifest.json", f"says {manifest.passages} passages of {passages}")
    dimensions = manifest.embedder.dimensions
    yield from _check_vectors("passages.faiss", index.meaning, passages, dimensions)
    yield from _check_vectors("sentences.faiss", index.sentences, sentences, dimensions)
    if index.tokens and len(index.tokens) != passages:
        yield Problem("tokens.starts", f"has {len(index.tokens)} rows for {passages} passages")
    yield from _check_words(index.words, corpus.stems())


def _check_rows(
    id: ArticleId, cut: Sequence[Passage], rows: Sequence[IndexedPassage], corpus: Corpus
) -> Iterator[Problem]:
    if len(rows) != sum(bool(passage.sentences) for passage in cut):
        yield Problem(id, "has rows for other passages than those with sentences")
    if corpus.row_numbers([id]) != frozenset(row.number for row in rows):
        yield Problem(id, "names other rows than those of its passages")


def _check_articles(corpus: Corpus, manifest: Manifest) -> Iterator[Problem]:
    """Yield where the articles are not those that the manifest says."""
    copies = [copy for of in corpus.copies.values() for copy in of]
    there = {*corpus.ids, *copies}
    for id in sorted(manifest.held.keys() - there):
        yield Problem(id, "is not there, though the manifest names it")
    for id in sorted(there - manifest.held.keys()):
        yield Problem(id, "is there, though the manifest does not name it")
    for id, digest in corpus.digests.items():
        if id not in manifest.kept and digest != manifest.articles.get(id, digest):
            yield Problem(id, "is not of the file that the manifest names")
    for id in sorted(corpus.orphans()):
        yield Problem(id, "has passages and is not there")


def _check_article(article: Article, passages: Sequence[Passage]) -> Iterator[Problem]:
    whole = Span(0, len(article.text))
    if not _tile(whole, [passage.span for passage in passages]):
        yield Problem(article.id, "its passages do not tile its text")
    if not _tile(whole, [section.span for section in article.sections]):
        yield Problem(article.id, "its sections do not tile its text")
    if any(not _contains(section.span, section.prose) for section in article.sections):
        yield Problem(article.id, "the text of a section is not in it")
    if any(not _contains(whole, finding.span) for finding in article.findings):
        yield Problem(article.id, "a finding is about a place that it does not have")
    name = PassageNames(article.id)
    for passage in passages:
        if passage.id != name(passage.headings, passage.text):
            yield Problem(f"{article.id}, passage {passage.id}", "is not named after its text")
        if not _are_in(passage.span, passage.sentences):
            yield Problem(f"{article.id}, passage {passage.id}", "its sentences are not in it")


def _check_vectors(
    name: str, vectors: VectorIndex, count: int, dimensions: int
) -> Iterator[Problem]:
    if len(vectors) != count:
        yield Problem(name, f"has {len(vectors)} vectors for {count} texts")
    for start in range(0, len(vectors), _VECTORS_AT_ONCE):
        block = vectors.vectors(range(start, min(start + _VECTORS_AT_ONCE, len(vectors))))
        if block.shape[1] != dimensions:
            yield Problem(name, f"its vectors have {block.shape[1]} numbers, not {dimensions}")
            return
        lengths = np.linalg.norm(block, axis=1)
        for row in np.flatnonzero(~(np.abs(lengths - 1) <= _UNIT))[:3]:  # NaN is not close to 1
            yield Problem(name, f"vector {start + row} has the length {lengths[row]:.3f}, not 1")


def _check_words(words: LexicalIndex, stems: Iterable[Sequence[str]]) -> Iterator[Problem]:
    """Yield where the word index knows other words; what is held is the number of each."""
    counts, rows = Counter[str](), 0
    for row in stems:
        counts.update(set(row))
        rows += 1
    if len(words) != rows:
        yield Problem("words", f"has {len(words)} texts for {rows} passages")
    frequencies = words.document_frequencies(list(counts))
    for (stem, count), there in zip(counts.items(), frequencies, strict=True):
        if count != there:
            yield Problem("words", f"knows {there} passages with “{stem}”, and {count} have it")
            return


def _tile(whole: Span, spans: Iterable[Span]) -> bool:
    """Tell whether spans cover a text from its start to its end, without a gap or an overlap."""
    places = [Span(0, 0), *spans, Span(whole.end, whole.end)]
    return all(here.end == there.start for here, there in pairwise(places))


def _contains(whole: Span, part: Span) -> bool:
    return whole.start <= part.start <= part.end <= whole.end


def _are_in(whole: Span, parts: Sequence[Span]) -> bool:
    """Tell whether spans lie in another one, none empty, in order and without an overlap."""
    in_order = all(here.end <= there.start for here, there in pairwise(parts))
    return in_order and all(len(part) > 0 and _contains(whole, part) for part in parts)
