"""Library: the public API. It wires the adapters to the core.

What one question from the shell does not need is imported where it is used.
"""

import datetime
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ibid import __version__
from ibid.adapters.flat_index import FlatIndex
from ibid.adapters.minilm import NAME as MINILM
from ibid.adapters.minilm import MiniLM
from ibid.adapters.tantivy_index import TantivyIndex
from ibid.chunking import CHUNKER
from ibid.corpus import Corpus
from ibid.errors import IbidError, IndexDamaged, IndexForeign, IndexUnusable, UsageError
from ibid.filtering import ALL, Filter, Selection, select
from ibid.ports import Embedder, Generator, VectorIndex
from ibid.retrieval import SHOWN, Index, passages_of, rank, read_question
from ibid.scanning import Folder, scan_folder
from ibid.settings import Settings, load_settings
from ibid.store import Generation, Manifest, Store
from ibid.text import count
from ibid.tokens import SIGNS, STARTS, TokenIndex
from ibid.types import (
    Answer,
    Article,
    ArticleId,
    BuildReport,
    Citation,
    Done,
    Event,
    Finding,
    Hit,
    Passage,
    PassageId,
    Problem,
    Progress,
    Run,
    Signal,
    Standing,
)

if TYPE_CHECKING:
    from ibid.drafting import Parts

LONGEST_QUESTION = 2000
"""Characters. A longer text is a document, not a question."""

_REBUILD = "ibid build"


class Library:
    """A folder of articles and its index.

    Opening one costs nothing: the index is read at the first question, and again when a build has
    replaced it. One library may be asked from several threads.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.settings = settings
        self.store = Store(Path(settings.index))
        self._embedder = embedder
        self._generator = generator
        self._opened: Index | None = None
        self._lock = Lock()

    @classmethod
    def open(
        cls,
        folder: str | Path | None = None,
        index: str | Path | None = None,
        settings: Settings | None = None,
        *,
        embedder: Embedder | None = None,
        generator: Generator | None = None,
    ) -> "Library":
        """Open the library of the articles in `folder`, with its index in `index`.

        Neither has to exist yet. `embedder` and `generator` take the place of those that the
        settings name. Raises UsageError when a setting cannot be used.
        """
        flags = {"articles": folder and str(folder), "index": index and str(index)}
        settings = (settings or load_settings()).changed(flags, "argument")
        return cls(settings, embedder, generator)

    # Building

    def build(
        self, on_progress: Callable[[Progress], None] | None = None, *, prune: bool = False
    ) -> BuildReport:
        """Bring the index up to date with the folder; nothing is written when nothing changed.

        An article that cannot be read any more keeps its last version, unless `prune` leaves it
        out. What an interrupted build has embedded, the next one does not embed again. Raises
        FolderError, IndexLocked, ModelError; an error leaves the old index in place.
        """
        started = time.monotonic()
        with self.store.lock():
            found = scan_folder(self.folder, self.store.root)
            found = found.holding({} if prune else self._held())
            current = self._is_current(found)
            embedded = 0 if current else self._write(found, on_progress or _ignore)
            self.store.journal.unlink(missing_ok=True)
        seconds = round(time.monotonic() - started, 3)
        return self._report(found, embedded=embedded, changed=not current, seconds=seconds)

    def watch(self) -> Iterator[None]:
        """Yield each time that the folder was changed and is quiet again; ends never."""
        from ibid.adapters.watching import watch_folder

        return watch_folder(self.folder, self.store.root)

    def _held(self) -> Mapping[ArticleId, str]:
        """Return the articles of this folder that the index has, with their digests."""
        last = self._manifest()
        if last and _resolve(last.folder, self.store.root).resolve() == self.folder.resolve():
            return last.held
        return {}

    def _is_current(self, found: Folder) -> bool:
        """Tell whether the index is whole and made from exactly what was found."""
        with self._lock:
            self._opened = None  # what is whole in memory may be damaged on the disk
            self.store.forget()
        try:
            self.store.read(Generation.verify)
            self._index()
        except IndexUnusable:
            return False
        manifest = self.store.current().manifest
        return manifest.articles == found.digests and manifest.kept <= found.held.keys()

    def _write(self, found: Folder, on_progress: Callable[[Progress], None]) -> int:
        """Write a new index and return how many texts had to be embedded for it."""
        from ibid.building import build_index, describe
        from ibid.journal import resume

        last = self._opened
        with self.store.scratch() as scratch, resume(self.store.journal, self.embedder) as embedder:
            built = build_index(found, embedder, _parts(), last, scratch, on_progress)
            folder = _relative(self.folder, self.store.root)
            manifest = describe(built, self.embedder, folder, __version__)
            on_progress(Progress("writing", 0, 1))
            self.store.commit(manifest, built.files)
        return built.embedded

    def _report(
        self, found: Folder, *, embedded: int, changed: bool, seconds: float
    ) -> BuildReport:
        corpus, manifest = self._index().corpus, self.store.current().manifest
        return BuildReport(
            articles=len(corpus.ids),
            passages=manifest.passages,
            skipped=(*found.skipped, *manifest.skipped),
            warnings=corpus.warnings,
            copies=corpus.copies,
            index=self.store.current_name(),
            embedded=embedded,
            changed=changed,
            seconds=seconds,
        )

    def check(self) -> list[Problem]:
        """Return what is wrong with the index, nothing when it is whole; neither is changed.

        Raises IndexMissing or IndexForeign when there is no index to be checked.
        """
        while True:
            self.store.forget()
            try:
                name = self.store.current_name()
                problems = self._check(self.store.current())
            except IndexDamaged as error:
                return [Problem(str(self.store.root), str(error))]
            if name == self.store.current_name():  # else a build has just taken it away
                return problems

    def _check(self, generation: Generation) -> list[Problem]:
        from ibid.checking import check_contents, check_files

        self._refuse_foreign(generation.manifest)
        if damaged := list(check_files(generation)):
            return damaged
        return list(check_contents(_open(generation), generation.manifest))

    def changes(self) -> list[str]:
        """Return what changed in the folder since the index was built, in words."""
        then = self.store.current().manifest
        now = scan_folder(self.folder, self.store.root).holding(then.held).digests
        before = then.articles
        counts = {
            "new": len(now.keys() - before.keys()),
            "changed": sum(now[id] != before[id] for id in now.keys() & before.keys()),
            "gone": len(before.keys() - now.keys()),
        }
        return [f"{count(number, 'article')} {what}" for what, number in counts.items() if number]

    # Asking

    def search(
        self, question: str, k: int = SHOWN, within: Filter = ALL, by: Signal | None = None
    ) -> list[Hit]:
        """Return the `k` best passages for a question in the articles that fit, best first.

        They are ranked by one signal alone where `by` names it. Raises UsageError, IndexUnusable,
        ModelError.
        """
        question = self._checked(question)
        index = self._index()
        asked = read_question(question, index, self.embedder, _selected(within, index))
        return list(passages_of(rank(asked, index, k, by)))

    def select(self, within: Filter) -> Selection:
        """Return which articles fit a filter. Raises UsageError when none does."""
        return select(within, self._index().corpus.described)

    def ask(self, question: str, within: Filter = ALL) -> Answer:
        """Return the checked answer to a question: the last event of `stream`."""
        events = self.stream(question, within)
        return next(event.answer for event in events if isinstance(event, Done))

    def stream(self, question: str, within: Filter = ALL) -> Iterator[Event]:
        """Yield Found, then Delta while a model writes, and last Done with the checked answer.

        Only the articles that fit `within` are searched.
        Closing the iterator stops the model. Raises UsageError, IndexUnusable, ModelError.
        """
        from ibid.answering import answer, look_up

        started = time.monotonic()
        question = self._checked(question)
        index = self._index()
        articles = _selected(within, index)
        asked = read_question(question, index, self.embedder, articles)
        generator, notice = self._find_generator()
        run = Run(
            index=index.name,
            embedder=self.embedder.identity.name,
            model="",
            version=__version__,
            seconds=0.0,
            articles=len(index.corpus.ids if articles is None else articles),
            settings={"model": self.settings.model, "context": str(self.settings.context)},
            notice=notice,
        )
        drop = self.settings.unsupported == "drop"
        yield from answer(look_up(asked, index, self.embedder, run, started), generator, drop=drop)

    # Reading

    @property
    def articles(self) -> list[Article]:
        """The articles in the index, by id. Raises IndexUnusable."""
        corpus = self._index().corpus
        return [corpus.article(id) for id in corpus.ids]

    def article(self, id: str) -> Article:
        """Return an article of the index, by its id or that of a copy of it.

        Raises UsageError when there is none of that id.
        """
        corpus = self._index().corpus
        originals = {copy: of for of, copies in corpus.copies.items() for copy in copies}
        try:
            return corpus.article(originals.get(ArticleId(id), ArticleId(id)))
        except KeyError:
            raise UsageError(f"no article is named {id!r}", hint="ibid articles") from None

    def passages(self, id: str) -> list[Passage]:
        """Return the passages of an article: they tile its text."""
        return self._index().corpus.passages(self.article(id).id)

    def passage(self, id: str) -> Passage:
        """Return a passage of the index. Raises UsageError when there is none of that id."""
        passage = self._index().corpus.passage(PassageId(id))
        if passage is None:
            raise UsageError(f"no passage is named {id!r}")
        return passage

    def lint(self, today: datetime.date | None = None) -> Mapping[ArticleId, tuple[Finding, ...]]:
        """Return what a reader should know about each article in the index, in order of its place.

        `today` decides which forecasts are past. Articles without findings are there, too.
        """
        from ibid.likeness import lint_folder
        from ibid.linting import due_by

        articles, today = self.articles, today or _today()
        together = lint_folder(articles)
        return {
            article.id: (*together.get(article.id, ()), *due_by(today, article.findings))
            for article in articles
        }

    def notes(self, citation: Citation, today: datetime.date | None = None) -> tuple[str, ...]:
        """Return in words what a reader should know about a quote.

        Its source is missing, or its file was edited since the index was built.
        """
        from ibid.linting import notes_on
        from ibid.standing import describe_standing

        article = self.article(citation.passage.article)
        changed = describe_standing(self.standing(citation)) if self.folder.is_dir() else ""
        return tuple(filter(None, (changed, *notes_on(citation.quote, article, today or _today()))))

    def standing(self, citation: Citation) -> Standing:
        """Return how a quote stands in its article's file now."""
        from ibid.standing import find_standing

        article = self.article(citation.passage.article)
        return find_standing(citation.quote, article, self.folder)

    def path(self, id: ArticleId) -> Path:
        """Return where an article's file is, as the folder was given."""
        return self.folder / id

    # Wiring

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder in force."""
        if self._embedder:
            return self._embedder
        name = self.settings.embedder
        if name == MINILM:
            return MiniLM(self.settings.precision)
        from ibid.adapters.sentence_transformer import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(name)

    @property
    def folder(self) -> Path:
        """The folder of articles: as set, or else the one that the index was built from."""
        manifest = None if "articles" in self.settings.origins else self._manifest()
        return (
            _resolve(manifest.folder, self.store.root) if manifest else Path(self.settings.articles)
        )

    def _manifest(self) -> Manifest | None:
        """Return the current manifest, None where there is none that can be read."""
        try:
            return self.store.current().manifest
        except IndexUnusable:
            return None

    def _index(self) -> Index:
        """Return the index that answers now, opened once per generation."""
        with self._lock:
            name = self.store.current_name()
            if self._opened is None or self._opened.name != name:
                self._opened = self.store.read(self._open)
            return self._opened

    def _open(self, generation: Generation) -> Index:
        self._refuse_foreign(generation.manifest)
        return _open(generation)

    def _refuse_foreign(self, manifest: Manifest) -> None:
        for reason in self._foreign(manifest):
            raise IndexForeign(f"the index cannot be used: {reason}", hint=_REBUILD)

    def _foreign(self, manifest: Manifest) -> Iterator[str]:
        """Yield why an index does not belong to these settings and this version."""
        ours, theirs = self.embedder.identity, manifest.embedder
        if ours != theirs:
            same = " with other weights" if ours.name == theirs.name else ""
            yield f"it was built by the embedder {theirs.name}{same}, the settings say {ours.name}"
        if manifest.chunker != CHUNKER:
            yield f"it was cut by version {manifest.chunker} of the chunker, this is {CHUNKER}"
        folder, built_from = self.settings.articles, _resolve(manifest.folder, self.store.root)
        if "articles" in self.settings.origins and Path(folder).resolve() != built_from.resolve():
            yield f"it was built from {built_from}, the settings say {folder}"

    def _find_generator(self) -> tuple[Generator | None, str]:
        """Return the language model in force, or None and why there is none."""
        if self._generator:
            return self._generator, ""
        if self.settings.model == "none":
            return None, ""
        from ibid.adapters.ollama import OllamaGenerator, find_model

        try:
            name = find_model(self.settings.ollama, self.settings.model)
        except IbidError as error:
            if self.settings.model != "auto":
                raise
            return None, f"{error}; for answers in a model's words: {error.hint}"
        context = self.settings.context
        return OllamaGenerator(name, self.settings.ollama, context=context), ""

    def _checked(self, question: str) -> str:
        question = question.encode("utf-8", "replace").decode("utf-8").strip()
        if not question:
            raise UsageError("the question is empty", hint='ibid ask "…"')
        if len(question) > LONGEST_QUESTION:
            raise UsageError(
                f"the question has {len(question):,} characters, {LONGEST_QUESTION:,} at most",
                hint="ask in a sentence or two; longer texts belong into the folder of articles",
            )
        return question


def _selected(within: Filter, index: Index) -> Collection[ArticleId] | None:
    return select(within, index.corpus.described).ids if within else None


def _parts() -> "Parts":
    from ibid.adapters.faiss_index import FaissWriter
    from ibid.adapters.langchain_splitter import split_long_text
    from ibid.adapters.tantivy_index import TantivyWriter
    from ibid.drafting import Parts

    return Parts(split_long_text, FaissWriter, TantivyWriter)


def _open(generation: Generation) -> Index:
    return Index(
        name=generation.name,
        corpus=Corpus(generation.verified("corpus.sqlite")),
        meaning=_open_meaning(generation),
        sentences=FlatIndex(generation.open("sentences.faiss")),
        tokens=_open_tokens(generation),
        words=TantivyIndex(generation.verified("words")),
        passages=generation.manifest.passages,
    )


def _open_meaning(generation: Generation) -> VectorIndex:
    """Return the vectors of the passages: with clusters where there are too many for all."""
    vectors = generation.open("passages.faiss")
    if "passages.ivf" not in generation.manifest.files:
        return FlatIndex(vectors, held=True)
    from ibid.adapters.faiss_index import ClusteredIndex

    return ClusteredIndex(FlatIndex(vectors), generation.verified("passages.ivf"))


def _open_tokens(generation: Generation) -> TokenIndex | None:
    if SIGNS not in generation.manifest.files:
        return None
    dimensions = generation.manifest.embedder.dimensions
    return TokenIndex(generation.open(STARTS), generation.open(SIGNS), dimensions)


def _relative(folder: Path, index: Path) -> str:
    """Return where the articles are, seen from the index: both may move together."""
    return Path(os.path.relpath(folder.resolve(), index.resolve())).as_posix()


def _resolve(folder: str, index: Path) -> Path:
    return Path(os.path.relpath((index / folder).resolve()))


def _today() -> datetime.date:
    return datetime.date.today()


def _ignore(progress: Progress) -> None:
    """Take no notice of a build's progress."""
