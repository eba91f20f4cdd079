"""BM25 over stems, in tantivy."""

import json
import os
import re
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import finalize

from ibid.adapters.indexes.links import Links, make_links, remove_links
from ibid.errors import IndexUnreadable, NoTemporaryRoom, temporary_room
from ibid.ports import Files, Wanted
from ibid.storage import FileBlocks, damaged, unreadable, write_file

_FIELD, _ROW = "stems", "row"
_HEAP = 50_000_000  # bytes that tantivy may use before it writes a segment
_LOCKS = frozenset({".tantivy-writer.lock", ".tantivy-meta.lock"})
_LIST, _MANAGED = "meta.json", ".managed.json"
"""What the segments of an index are, and which files tantivy may delete: only it reads that."""


class TantivyWriter:
    """Writes a tantivy index over texts of stems in a scratch folder; row n is the n-th text."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        folder.mkdir(mode=0o700)
        self._folder, self._rows = folder, 0
        try:
            index = tantivy.Index(_schema(), path=str(folder))
            self._writer: Any = index.writer(heap_size=_HEAP, num_threads=1)
        except ValueError as error:
            raise _as_system_error(error) from error

    def add(self, stems: str) -> None:
        """Add the next row."""
        import tantivy

        try:
            self._writer.add_document(tantivy.Document(**{_FIELD: stems, _ROW: self._rows}))
        except ValueError as error:
            raise _as_system_error(error) from error
        self._rows += 1

    def files(self) -> Files:
        """Return the files of the index; nothing is added afterwards."""
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
        except ValueError as error:
            raise _as_system_error(error) from error
        paths = sorted(path for path in self._folder.iterdir() if path.name not in _LOCKS)
        return {path.name: FileBlocks(path) for path in paths}


class TantivyIndex:
    """Tantivy indexes in folders whose files' digests had been verified, searched as one.

    Each has rows of its own, which go on from one to the next. Their segments, listed together,
    are one index to tantivy: it weighs words by what all of them hold.

    Tantivy writes a lock file beside what it opens, and again from a thread of its own. So it gets
    links in a folder that lasts as long as this object: an index may lie where nobody can write.
    """

    def __init__(self, *folders: Path) -> None:
        import tantivy

        try:
            paths = [
                path
                for folder in folders
                for path in folder.resolve().iterdir()
                if path.name not in (*_LOCKS, _LIST, _MANAGED)
            ]
            together, self._starts = _join([_read_list(folder) for folder in folders])
            links = self._link(paths, together)
            with _translated():
                index = tantivy.Index.open(str(links.folder))
                self._searcher: Any = index.searcher()
            for path in paths:
                path.stat()  # tantivy takes a file that a build has just removed for an empty one
        except OSError as error:
            raise unreadable("the word index", error) from error
        self._schema = index.schema

    def _link(self, paths: Sequence[Path], together: bytes) -> Links:
        """Return a folder of links to files, with a list of them. Raises IndexUnreadable."""
        try:
            with temporary_room():
                links = make_links()
                finalize(self, os.close, links.lock)
                finalize(self, remove_links, links.folder)  # this one first
                for path in paths:
                    (links.folder / path.name).symlink_to(path)
                write_file(links.folder / _LIST, [together])
        except NoTemporaryRoom as error:
            message = f"the index cannot be read now: {error}"
            raise IndexUnreadable(message, hint=error.hint) from error
        return links

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(
        self, terms: Sequence[Wanted], k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (row, BM25) of `rows`, best first, ties by row.

        Of some rows only those are left that the search over all of them finds.
        """
        if rows is not None:
            allowed = frozenset(rows)
            return [hit for hit in self.search(terms, len(self)) if hit[0] in allowed][:k]
        from tantivy import Occur, Query

        if not terms or k <= 0:
            return []
        clauses = [(Occur.Should, self._query(term)) for term in terms]
        with _translated():
            matches: list[tuple[float, Any]] = self._searcher.search(
                Query.boolean_query(clauses), k, count=False
            ).hits
            places = self._searcher.fast_field_values(_ROW, [address for _, address in matches])
        hits = (
            (self._starts[int(address.segment_ord)] + int(row), float(score))
            for row, (score, address) in zip(places, matches, strict=True)
        )
        return sorted(hits, key=_best_first)

    def _query(self, term: Wanted) -> Any:
        """Return the query for a word of a search."""
        from tantivy import Occur, Query

        if isinstance(term, str):
            return Query.term_query(self._schema, _FIELD, term)
        variants = [
            self._query(variant[0])
            if len(variant) == 1
            else Query.boolean_query([(Occur.Must, self._query(stem)) for stem in variant])
            for variant in term
        ]
        return variants[0] if len(variants) == 1 else Query.disjunction_max_query(variants)

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return how many rows contain each term."""
        return [int(self._searcher.doc_freq(_FIELD, term)) for term in terms]

    def terms(self, beginning: str) -> list[str]:
        """Return the terms that begin so, those in the most rows first."""
        with _translated():
            terms = self._searcher.terms_with_prefix(_FIELD, beginning)
        return [str(term) for term, _ in terms]


def _read_list(folder: Path) -> dict[str, Any]:
    """Return what tantivy wrote of an index: which segments it has, and of how many rows."""
    try:
        return json.loads((folder / _LIST).read_bytes())
    except ValueError as error:
        raise damaged("the word index cannot be read") from error


def _join(lists: Sequence[dict[str, Any]]) -> tuple[bytes, list[int]]:
    """Return the list of all segments, and for each the row at which its index begins."""
    segments, starts, start = list[Any](), list[int](), 0
    try:
        for here in lists:
            segments += here["segments"]
            starts += [start] * len(here["segments"])
            start += sum(segment["max_doc"] for segment in here["segments"])
        return json.dumps({**lists[0], "segments": segments}).encode(), starts
    except (LookupError, TypeError) as error:
        raise damaged("the word index cannot be read") from error


@contextmanager
def _translated() -> Generator[None]:
    """Translate what tantivy raises: a text with the system's number, or a panic on what is junk.

    A panic is no Exception, and has no name that could be imported.
    """
    try:
        yield
    except BaseException as error:
        if (system_error := _as_system_error(error)).errno:
            raise system_error from error
        if isinstance(error, ValueError) or type(error).__name__ == "PanicException":
            raise damaged("the word index cannot be read") from error
        raise


def _as_system_error(error: BaseException) -> OSError:
    """Return trouble of the system's that tantivy tells as a text with its number in it."""
    number = re.search(r"os error (\d+)|code: (\d+)", str(error))
    if not number:
        return OSError(str(error))
    code = int(number[1] or number[2])
    return OSError(code, os.strerror(code))


def _best_first(hit: tuple[int, float]) -> tuple[float, int]:
    return -hit[1], hit[0]


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_FIELD, tokenizer_name="whitespace", index_option="freq")
    builder.add_integer_field(_ROW, fast=True)
    return builder.build()
