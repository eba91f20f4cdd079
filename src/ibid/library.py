"""Library: the public API. It wires the adapters to the core.

What one question from the shell does not need is imported where it is used.
"""

import datetime
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

from ibid import __version__
from ibid.adapters import (
    Choice,
    MiniLM,
    check_stored,
    describe_run,
    find_generator,
    is_built_in,
    open_embedder,
    open_index,
)
from ibid.current import Current
from ibid.english import check_question, head_of
from ibid.errors import (
    IndexDamaged,
    UsageError,
)
from ibid.index import Index
from ibid.ports import Embedder, Generator, Reader, Reranker
from ibid.reading import Digests, Folder, Folders, scan_folders
from ibid.search import (
    ALL,
    HITS_SHOWN,
    MOST_RERANKED,
    Filter,
    Selection,
    describe_filter,
    find_fitting,
    find_literal,
    passages_of,
    rank,
    rank_literally,
    read_question,
    read_spelling,
    rerank,
    select,
)
from ibid.settings import Settings, load_settings
from ibid.storage import IndexStore, StoredIndex
from ibid.types import (
    MEASURED,
    Answer,
    Article,
    ArticleId,
    BuildReport,
    Citation,
    Described,
    Done,
    Event,
    File,
    Finding,
    Hit,
    LeftOut,
    Passage,
    PassageId,
    Problem,
    Progress,
    Proof,
    Query,
    Run,
    Signal,
    Skipped,
    Standing,
    Turn,
)

if TYPE_CHECKING:
    from ibid.types import Assertion, Comparison


class Library:
    """A folder of articles, or several, and the index.

    Opening one costs nothing: the index is read at the first question, and again when a build has
    replaced it. One library may be asked from several threads.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder | None = None,
        generator: Generator | None = None,
    ) -> None:
        self._current = Current(settings, lambda: self.embedder)
        self._embedder = embedder
        self._generator = generator

    @classmethod
    def open(
        cls,
        folder: str | Path | Sequence[str | Path] | None = None,
        index: str | Path | None = None,
        settings: Settings | None = None,
        *,
        embedder: Embedder | None = None,
        generator: Generator | None = None,
    ) -> "Library":
        """Open the library of the articles in `folder`, with its index in `index`.

        Several folders are one library, in which an article's id begins with the name of its
        folder. Neither has to exist yet. `embedder` and `generator` take the place of those that
        the settings name. Raises UsageError when a setting cannot be used.
        """
        flags = {"articles": folder and _as_texts(folder), "index": index and str(index)}
        settings = (settings or load_settings()).changed(flags, "argument")
        return cls(settings, embedder, generator)

    # Building

    def build(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        *,
        prune: bool | Collection[ArticleId] = False,
    ) -> BuildReport:
        """Bring the index up to date with the folder; nothing is written when nothing changed.

        An article that cannot be read any more keeps its last version, and a build that would lose
        many is refused (`ibid.index.losses.is_much`), unless `prune` lets all of them go, or those
        that it names. What an interrupted build has embedded, the next one does not embed again.
        Raises ArticlesWouldBeLost, FolderError, IndexLocked, ModelError; an error leaves the old
        index in place.
        """
        from ibid.building import Builder

        tell = on_progress or _ignore
        if not self.settings.ray:
            return Builder(self._current, self.embedder).build(tell, prune)
        from ibid.adapters import spread

        with closing(spread(self.embedder, self.settings, is_named=not self._embedder)) as embedder:
            return Builder(self._current, embedder).build(tell, prune)

    def watch(self, stop: Flag | None = None) -> Iterator[bool]:
        """Yield True when the folder was changed and is quiet again, and False in between.

        The first True comes once it is watched; a folder that goes and comes back is watched on.
        Ends when `stop` is set. Raises FolderError where there is no folder and never was an index
        of it.
        """
        from ibid.adapters import watch_folders

        folders, last = self.folders, self.store.holdings()
        if not (last and last.articles and self._current.holds(last)):
            folders.check(self.store.root)
        return watch_folders(folders.paths, self.store.root, stop)

    def check(self) -> list[Problem]:
        """Return what is wrong with the index, nothing when it is whole; neither is changed.

        A file that is damaged is touched, so that the next build verifies it. Raises IndexMissing
        or IndexForeign when there is no index to be checked.
        """
        while True:
            self.store.forget()
            try:
                name = self.store.current_name()
                problems = self._check(self.store.current())
            except IndexDamaged as error:
                return [Problem(self.store.place, str(error))]
            if name == self.store.current_name():  # else a build has just taken it away
                return problems

    def _check(self, generation: StoredIndex) -> list[Problem]:
        from ibid.index import check_contents

        self._current.refuse_foreign(generation.manifest)
        if damaged := list(check_stored(generation)):
            return damaged
        return list(check_contents(open_index(generation), generation.manifest))

    def files(self) -> list[File]:
        """Return each file of the folder and of the index, and how it stands between the two.

        Without an index all of them are new. A file that this library or a build has read before is
        read again only where its size or its times are others. Raises FolderError.
        """
        from ibid.index import list_files

        indexed = self._current.manifest()
        folder = self._scan()
        return list_files(folder.holding(indexed.held if indexed else {}), indexed)

    def left_out(self) -> Sequence[LeftOut]:
        """Return what else is in the folder: kinds that are not read, and what is excluded.

        Raises FolderError.
        """
        return self._scan().left_out

    @cached_property
    def _digests(self) -> Digests:
        """The digests of files that were read, by a build of the index or since."""
        return self._current.known_digests()

    def _scan(self) -> Folder:
        exclude = self.settings.exclude
        folder = scan_folders(self.folders, self.store.root, self._digests, exclude)
        self._digests.keep(len(folder.digests))
        return folder

    def changes(self) -> list[str]:
        """Return what changed in the folder since the index was built, in words.

        Raises FolderError, IndexUnusable.
        """
        from ibid.index import describe_changes

        self._current.refuse_foreign(self.store.current().manifest)
        return describe_changes(self.files())

    # Asking

    def search(
        self, question: str, k: int = HITS_SHOWN, within: Filter = ALL, by: Signal | None = None
    ) -> list[Hit]:
        """Return the `k` best passages for a question in the articles that fit, best first.

        Misspelled words are read as the articles' own, and what holds the phrases in quotation
        marks comes first. They are ranked by one signal alone where `by` names it. Raises
        UsageError, IndexUnusable, ModelError.
        """
        return self.find(question, k, within, by)[1]

    def find(
        self, question: str, k: int = HITS_SHOWN, within: Filter = ALL, by: Signal | None = None
    ) -> tuple[Query, list[Hit]]:
        """Return how `search` reads a question, and what it returns. Raises what it raises."""
        question = check_question(question)
        index = self._index()
        text, read_as = read_spelling(question, index)
        query = read_question(
            text, index, self.embedder, find_fitting(within, index.corpus.described)
        )
        literal = find_literal(query, index)
        if by or not self.settings.reranker:
            ranked = rank(query, index, k, by) if by else rank_literally(query, index, k, literal)
        else:
            ranked = rank_literally(query, index, max(k, MOST_RERANKED), literal)
            ranked = rerank(text, ranked, k, self._reranker, literal.rows)
        return Query(text, read_as, literal.phrases), list(passages_of(ranked))

    def select(self, within: Filter) -> Selection:
        """Return which articles fit a filter. Raises UsageError when none does."""
        return select(within, self._index().corpus.described)

    def ask(
        self, question: str, within: Filter = ALL, history: Sequence[Turn] = (), model: str = ""
    ) -> Answer:
        """Return the checked answer to a question: the last event of `stream`."""
        events = self.stream(question, within, history, model)
        return next(event.answer for event in events if isinstance(event, Done))

    def stream(
        self, question: str, within: Filter = ALL, history: Sequence[Turn] = (), model: str = ""
    ) -> Iterator[Event]:
        """Yield Found, then Delta while a model writes, and last Done with the checked answer.

        Only the articles that fit `within` are searched. `model` takes the place of the one that
        the settings name, for this question; `none` asks none. After the turns of a conversation a
        follow-up question (`and in Europe?`) is said in full first, and the answer has it so.
        Closing the iterator stops the model. Raises UsageError, IndexUnusable, ModelError.
        """
        from ibid.answering import Inquiry

        started = time.monotonic()
        question = check_question(question)
        index, chosen = self._index(), self._choose_model(model)
        inquiry = Inquiry(
            index,
            self.embedder,
            self.reader,
            chosen.generator,
            partial(self._run, index),
            partial(self._compare, index),
            within,
            history,
            describe_run(self.settings, chosen.generator),
            chosen.notice,
            self.settings.unsupported == "drop",
            started,
        )
        yield from inquiry.stream(question)

    def _run(self, index: Index, articles: Collection[ArticleId] | None) -> Run:
        """Return what is needed to repeat a question to some articles, or to all."""
        return Run(
            index=index.name,
            embedder=self.embedder.identity.name,
            calibrated=MEASURED.holds_for(self.embedder.identity.name),
            model="",
            version=__version__,
            seconds=0.0,
            articles=len(index.corpus.ids if articles is None else articles),
        )

    def compare(self, topic: str = "", within: Filter = ALL) -> "Comparison":
        """Return what the articles claim about a topic side by side, each cell with its quotes.

        Without a topic that is what they have in common, and where they are at odds. Raises
        UsageError, IndexUnusable, ModelError.
        """
        started = time.monotonic()
        index, read_as = self._index(), ()
        if topic:
            topic, read_as = read_spelling(check_question(topic), index)
        comparison = self._compare(index, topic, find_fitting(within, index.corpus.described))
        seconds = round(time.monotonic() - started, 3)
        chosen = describe_filter(within)
        run = replace(comparison.run, seconds=seconds, settings=chosen, read_as=read_as)
        return replace(comparison, run=run)

    def _compare(
        self, index: Index, topic: str, articles: Collection[ArticleId] | None
    ) -> "Comparison":
        from ibid.comparing import Topic, compare, compare_all

        if not topic:
            return compare_all(articles, index, self.embedder, self._run(index, articles))
        question = read_question(topic, index, self.embedder, articles)
        head = head_of(topic)
        about = Topic(question, read_question(head, index, self.embedder) if head else None)
        return compare(about, index, self.embedder, self.reader, self._run(index, articles))

    def verify(self, text: str, within: Filter = ALL, start: int = 0) -> Iterator[Proof]:
        """Yield what the articles have of each sentence of a text, in order of its place.

        Nothing is asked of a language model. The sentences before the character `start` are left
        out. Raises UsageError, IndexUnusable, ModelError.
        """
        from ibid.answering import check_text, verify

        text, index = check_text(text), self._index()
        return verify(
            text, index, self.embedder, find_fitting(within, index.corpus.described), start
        )

    def writer(self) -> tuple[str, str]:
        """Return the name of the model that writes the answers, and what is to say of it.

        The name is empty where there is none. Raises ModelError when the one that they name
        cannot be used.
        """
        model = self._choose_model()
        return model.generator.name if model.generator else "", model.notice

    def _choose_model(self, name: str = "") -> Choice:
        """Return the model in force, or the one of that name. Raises ModelError, UsageError."""
        if self._generator and name != "none":
            return Choice(self._generator)
        return find_generator(self.settings.changed({"model": name or None}, "question"))

    # Reading

    @property
    def articles(self) -> Sequence[Article]:
        """The articles in the index, by id: each is read when its turn comes, and none is held.

        Raises IndexUnusable.
        """
        return self._index().corpus.articles

    @property
    def described(self) -> Sequence[Described]:
        """The articles in the index without their texts, by id. Raises IndexUnusable."""
        return self._index().corpus.described

    @property
    def skipped(self) -> Sequence[Skipped]:
        """The files that the build could not read as articles. Raises IndexUnusable."""
        return [file for file in self.store.current().manifest.skipped if not file.kept]

    def article(self, id: str) -> Article:
        """Return an article of the index, by its id or that of a copy of it.

        Raises UsageError when there is none of that id.
        """
        corpus = self._index().corpus
        try:
            return corpus.article(corpus.originals.get(ArticleId(id), ArticleId(id)))
        except KeyError:
            raise UsageError(f"no article is named {id!r}", hint="ibid articles") from None

    def passages(self, id: str) -> list[Passage]:
        """Return the passages of an article: they tile its text."""
        return self._index().corpus.passages(self.article(id).id)

    @property
    def passage_counts(self) -> Mapping[ArticleId, int]:
        """How many passages each article is cut into."""
        return self._index().corpus.passage_counts

    def claims(self, id: str) -> "list[Assertion]":
        """Return what an article asserts, in order of its place."""
        from ibid.comparing import list_assertions

        corpus, article = self._index().corpus, self.article(id)
        assertions = list_assertions(article, corpus.rows_of(article.id), corpus)
        return [located.assertion for located in assertions]

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
        from ibid.reading import due_by, lint_folder

        corpus, day = self._index().corpus, today or _today()
        beside = lint_folder(corpus.articles)
        return {id: (*beside.get(id, ()), *due_by(day, own)) for id, own in corpus.findings()}

    def lint_beside(self) -> Mapping[ArticleId, tuple[Finding, ...]]:
        """Return what a reader should know about articles beside each other: copies and series.

        Every text is read. Articles of which there is nothing to say are not there.
        """
        from ibid.reading import lint_folder

        return lint_folder(self.articles)

    def lint_one(self, id: str, today: datetime.date | None = None) -> tuple[Finding, ...]:
        """Return what a reader should know about one article by itself."""
        from ibid.reading import due_by

        return due_by(today or _today(), self.article(id).findings)

    def notes(self, citation: Citation, today: datetime.date | None = None) -> tuple[str, ...]:
        """Return in words what a reader should know about a quote.

        Its source is missing, or its file was edited since the index was built.
        """
        from ibid.index import describe_standing
        from ibid.reading import notes_on

        article = self.article(citation.passage.article)
        folder, _ = self.folders.split(article.id)
        changed = describe_standing(self.standing(citation)) if folder.is_dir() else ""
        return tuple(filter(None, (changed, *notes_on(citation.quote, article, today or _today()))))

    def standing(self, citation: Citation) -> Standing:
        """Return how a quote stands in its article's file now."""
        from ibid.index import find_standing

        article = self.article(citation.passage.article)
        return find_standing(citation.quote, article, self.folders, self._digests)

    def path(self, id: ArticleId) -> Path:
        """Return where an article's file is, as its folder was given."""
        return self.folders.path(id)

    # Wiring

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder in force."""
        if self._embedder:
            return self._embedder
        is_default = is_built_in(self.settings.embedder)
        return MiniLM(self.settings.precision) if is_default else open_embedder(self.settings)

    @cached_property
    def reader(self) -> Reader:
        """The model that tells which sentences answer, whatever embedder finds them."""
        from ibid import adapters

        own = self.embedder if isinstance(self.embedder, adapters.MiniLM) else adapters.MiniLM()
        return adapters.MiniLMReader(own, self.settings.precision)

    @cached_property
    def _reranker(self) -> Reranker:
        from ibid.adapters import CrossEncoderReranker

        return CrossEncoderReranker(self.settings.reranker)

    @property
    def settings(self) -> Settings:
        """What is set, and where from."""
        return self._current.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._current.settings = settings

    @property
    def store(self) -> IndexStore:
        """Where the index lies."""
        return self._current.store

    @property
    def folders(self) -> Folders:
        """The folders of articles: as set, or else those that the index was built from."""
        return self._current.folders

    @property
    def folder(self) -> Path:
        """The folder of articles, of several the first, where new ones are written to."""
        return self.folders.first

    @property
    def rebuild(self) -> str:
        """The command that makes the index anew."""
        return self._current.rebuild()

    def _index(self) -> Index:
        """Return the index that answers now. Raises IndexUnusable."""
        return self._current.index()


def _today() -> datetime.date:
    return datetime.date.today()


def _as_texts(folder: str | Path | Sequence[str | Path]) -> str | tuple[str, ...]:
    """Return one folder or several as a setting has them."""
    return str(folder) if isinstance(folder, str | Path) else tuple(map(str, folder))


def _ignore(progress: Progress) -> None:
    """Take no notice of a build's progress."""
