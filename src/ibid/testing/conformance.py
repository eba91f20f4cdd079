"""What every place that an index lies in has to do alike, as checks that run anywhere.

Each takes an empty folder to work in and the address of an index that is not there yet: a folder,
`postgresql://…?library=NAME` or `milvus://…/NAME`. It raises AssertionError where something is not
as it has to be.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_my_store(check, tmp_path):
        check(tmp_path, my_address())
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np

from ibid.current import Current
from ibid.errors import IbidError, IndexForeign, IndexLocked, IndexMissing
from ibid.index import Index
from ibid.library import Library
from ibid.ports import EmbedderIdentity
from ibid.settings import Settings
from ibid.testing.fakes import HashEmbedder
from ibid.testing.oracles import BM25, nearest
from ibid.types import ArticleId

Check = Callable[[Path, str], None]

_WORDS = [f"{a}{b}{c}" for a in "bdfglm" for b in ("an", "el", "or", "um") for c in "dkst"]
_ARTICLES, _QUESTIONS, _K = 200, 20, 10
_SHARES = (0.3, 0.02, 0.001)
_ALL, _FILTERED = 0.98, 0.95
"""Share of the nearest passages that has to be found: among all, and under a filter."""

_SEEN_DEAD = 30
"""Seconds after which a build that was killed is no longer in the way."""

_HOSTILE = {
    "nul.md": "# Nul\n\nA byte of zero \0 stands in this sentence about rivers.\n",
    "emoji 🍎.md": "# \U0001f34e Apples\r\n\r\nApples \U0001f34f grow.\u2028They fall.\r\n",
    "quote's.md": "# Quote's \"title\"; drop table terms; --\n\nIt's 100 % {safe} \\x00 $1 %s ?\n",
    "deep/er/one.md": "---\nauthor: O'Neill\ntags: [a, 'b, c']\n---\n# One\n\nOne is a number.\n",
    "long.md": "# Long\n\n" + "Rivers carry water to the sea. " * 4000,
}


class _Narrow(HashEmbedder):
    """An embedder of the same name whose vectors have half the numbers."""

    identity = EmbedderIdentity("hashed-words", "1", 32)


def texts_come_back_exact(folder: Path, index: str) -> None:
    """Require the same text, passages and sentences, whatever characters an article has."""
    library = _build(folder, index, _HOSTILE)
    beside = _build(folder / "beside", str(folder / "beside" / "index"), _HOSTILE)
    assert library.check() == []
    assert list(library.articles) == list(beside.articles)
    for article in beside.articles:
        assert library.passages(article.id) == beside.passages(article.id)
        assert "".join(passage.text for passage in library.passages(article.id)) == article.text
    for question in ("rivers", "apples on trees", "Is it 100 % safe?", "who is O'Neill?"):
        assert _found(library, question) == _found(beside, question)


def nearest_passages_are_found(folder: Path, index: str) -> None:
    """Require of meaning what comparing all vectors finds, under filters too."""
    opened = _open(folder, index, _many())
    for share, least in ((1.0, _ALL), *((share, _FILTERED) for share in _SHARES)):
        rows = None if share == 1 else _rows(opened, share)
        matches = wanted = 0
        for question in _questions():
            query = HashEmbedder().query(question)
            exact = nearest(opened.meaning, query, _K, rows)
            hits = opened.meaning.search(query, _K, rows)
            assert len(hits) == len(exact), f"{len(hits)} of {len(exact)} under a filter of {share}"
            assert sorted(hits, key=lambda hit: (-hit[1], hit[0])) == hits
            matches += len({row for row, _ in hits} & {*exact})
            wanted += len(exact)
        assert matches >= least * wanted, f"{matches} of {wanted} under a filter of {share}"


def words_score_as_bm25(folder: Path, index: str) -> None:
    """Require of words the scores of BM25, where one is written in several ways, too."""
    opened = _open(folder, index, _many())
    definition = BM25([*opened.corpus.stems()])
    words = random.Random(5).sample(opened.words.terms(""), 60)  # noqa: S311
    queries = [words[:1], words[1:4], words[4:30], [[(words[31],), (words[32], words[33])], "no"]]
    for terms in queries:
        for rows in (None, _rows(opened, 0.3)):
            expected = definition.search(terms, rows)
            hits = opened.words.search(terms, len(opened.words), rows)
            assert {row for row, _ in hits} == expected.keys()
            assert all(abs(score - expected[row]) < 1e-3 for row, score in hits)  # noqa: PLR2004
            assert sorted(hits, key=lambda hit: (-hit[1], hit[0])) == hits
            assert opened.words.search(terms, 3, rows) == hits[:3]


def strange_queries_find_nothing(folder: Path, index: str) -> None:
    """Require no error where nothing is asked for, or what is not there."""
    opened = _open(folder, index, _many(20))
    nothing = np.zeros((1, 64), dtype=np.float32)
    assert opened.meaning.search(nothing, 0) == []
    assert opened.meaning.search(nothing, 5, ()) == []
    assert opened.meaning.search(np.full_like(nothing, np.nan), 5) == []
    assert len(opened.meaning.search(nothing, 10_000)) == len(opened.meaning)
    for terms in ([], ["nowhere"], ["'; drop table postings; --"], [[("no", "where")]]):
        assert opened.words.search(terms, 5) == []
    assert opened.words.search(["nowhere"], 0) == []
    assert opened.words.document_frequencies(["nowhere", "%"]) == [0, 0]
    assert opened.words.terms("%") == []
    assert (opened.corpus.references, opened.corpus.copies, opened.corpus.orphans()) == (
        {},
        {},
        set(),
    )


def changes_are_taken_over(folder: Path, index: str) -> None:
    """Require that what was deleted is gone, and that what stayed is not embedded again."""
    library = _build(folder, index, {"a.md": "Ants carry leaves.", "b.md": "Bees make honey."})
    _write(folder, {"b.md": "Bees make wax.", "c.md": "Cats purr at night."})
    (folder / "articles" / "a.md").unlink()
    report = library.build(prune=True)
    assert (report.added, report.edited, report.removed) == (("c.md",), ("b.md",), ("a.md",))
    assert {article.id: article.text for article in library.articles} == {
        "b.md": "Bees make wax.",
        "c.md": "Cats purr at night.",
    }
    assert "a.md" not in {hit.passage.article for hit in library.search("ants carry leaves")}
    assert library.check() == []
    assert not library.build().changed
    _write(folder, {"d.md": "Dogs bark."})
    assert library.build().embedded == 2  # noqa: PLR2004 - a passage and its sentence


def it_is_there_when_it_is_opened_again(folder: Path, index: str) -> None:
    """Require that another process finds the same, and that a missing index is told."""
    assert _is_refused(lambda: _library(folder, index).search("rivers"), IndexMissing)
    library = _build(folder, index, _many(30))
    again = _library(folder, index)
    for question in _questions():
        assert _found(library, question) == _found(again, question)
    assert again.store.current_name() == library.store.current_name()


def another_embedder_is_refused(folder: Path, index: str) -> None:
    """Require that an index whose vectors have other numbers does not answer."""
    _build(folder, index, {"a.md": "Ants carry leaves."})
    foreign = Library(_settings(folder, index), _Narrow())
    assert _is_refused(lambda: foreign.search("ants"), IndexForeign)
    assert _is_refused(foreign.check, IndexForeign)


def one_builds_at_a_time(folder: Path, index: str) -> None:
    """Require that a second build is refused, while questions are answered."""
    library = _build(folder, index, {"a.md": "Ants carry leaves."})
    with library.store.lock():
        assert library.search("ants")
        assert _is_refused(_library(folder, index).build, IndexLocked)
    assert not library.build().changed


def readers_see_one_generation(folder: Path, index: str) -> None:
    """Require that each answer is of one build, while more go on."""
    library = _build(folder, index, _round(0))
    end, mixed = Event(), list[set[str]]()

    def ask() -> int:
        reader, searches = _library(folder, index), 0
        while not end.is_set():
            hits = reader.search("the round of this article", 8)
            rounds = {hit.passage.text.rsplit(" ", 1)[1] for hit in hits}
            if len(rounds) != 1 or len(hits) != len(_round(0)):
                mixed.append(rounds)
            searches += 1
        return searches

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(ask) for _ in range(4)]
        try:
            for number in range(1, 6):
                _write(folder, _round(number))
                library.build()
        finally:
            end.set()
    assert all(reader.result() for reader in readers)
    assert not mixed, f"answers were of several builds: {mixed[:3]}"


def a_killed_build_leaves_what_was_there(folder: Path, index: str) -> None:
    """Require that a build takes nothing away, killed while it embeds or publishes."""
    library = _build(folder, index, _round(0))
    for number, pause in enumerate((0.0, 0.0, 0.01, 0.03, 0.1), start=1):
        _write(folder, _round(number))
        _kill_a_build(folder, index, "embedding" if number == 1 else "writing", pause)
        again = _library(folder, index)
        rounds = {article.text.split()[-1] for article in again.articles}
        assert len(rounds) == 1, f"after a build was killed: {rounds}"
        assert again.check() == []
    _write(folder, _round(9))
    assert _build_once_free(library)
    assert {article.text.split()[-1] for article in library.articles} == {"9."}


def threads_find_the_same(folder: Path, index: str) -> None:
    """Require that one library may be asked from several threads."""
    library = _build(folder, index, _many(60))
    questions = _questions() * 3
    alone = [_found(library, question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(partial(_found, library), questions)) == alone


CHECKS: tuple[Check, ...] = (
    texts_come_back_exact,
    nearest_passages_are_found,
    words_score_as_bm25,
    strange_queries_find_nothing,
    changes_are_taken_over,
    it_is_there_when_it_is_opened_again,
    another_embedder_is_refused,
    one_builds_at_a_time,
    readers_see_one_generation,
    a_killed_build_leaves_what_was_there,
    threads_find_the_same,
)


def _settings(folder: Path, index: str) -> Settings:
    articles = str(folder / "articles")
    return Settings(model="none").changed({"articles": articles, "index": index}, "argument")


def _library(folder: Path, index: str) -> Library:
    return Library(_settings(folder, index), HashEmbedder())


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        path = folder / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def _build(folder: Path, index: str, texts: Mapping[str, str]) -> Library:
    _write(folder, texts)
    library = _library(folder, index)
    library.build()
    return library


def _build_once_free(library: Library) -> bool:
    """Build, as soon as a server has seen that the build before is dead."""
    until = time.monotonic() + _SEEN_DEAD
    while True:
        try:
            return library.build().changed
        except IndexLocked:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _open(folder: Path, index: str, texts: Mapping[str, str]) -> Index:
    _build(folder, index, texts)
    return Current(_settings(folder, index), HashEmbedder).index()


def _is_refused(act: Callable[[], object], kind: type[IbidError]) -> bool:
    """Tell whether something is refused with an error of a kind, and no other one."""
    try:
        act()
    except kind:
        return True
    return False


def _many(articles: int = _ARTICLES) -> dict[str, str]:
    """Return articles of five sections each, with words that are as common as words are."""
    dice = random.Random(7)  # noqa: S311
    weights = [1 / place for place in range(1, len(_WORDS) + 1)]

    def sentence() -> str:
        return " ".join(dice.choices(_WORDS, weights, k=dice.randint(4, 14))).capitalize() + "."

    def section(number: int) -> str:
        return f"## Part {number}\n\n" + " ".join(sentence() for _ in range(dice.randint(1, 5)))

    return {
        f"{number:03}.md": f"# Article {number}\n\n" + "\n\n".join(map(section, range(5)))
        for number in range(articles)
    }


def _round(number: int) -> dict[str, str]:
    return {f"{name}.md": f"The round of this article {name} is {number}." for name in "abcdefgh"}


def _questions() -> list[str]:
    dice = random.Random(11)  # noqa: S311
    return [" ".join(dice.sample(_WORDS, 4)) for _ in range(_QUESTIONS)]


def _rows(index: Index, share: float) -> Collection[int]:
    """Return the rows of some articles, about a share of all rows."""
    ids = random.Random(3).sample(index.corpus.ids, max(1, round(share * len(index.corpus.ids))))  # noqa: S311
    return index.corpus.row_numbers([ArticleId(id) for id in ids])


def _found(library: Library, question: str) -> list[tuple[str, float]]:
    return [(hit.passage.id, round(hit.score, 5)) for hit in library.search(question)]


_CHILD = """
import sys
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder

def tell(progress):
    print(progress.stage, flush=True)

library = Library.open(*sys.argv[1:], Settings(model="none"), embedder=HashEmbedder())
library.build(tell)
"""


def _kill_a_build(folder: Path, index: str, stage: str, pause: float) -> None:
    """Start a build in another process, and kill it some time after it has come to a stage."""
    command = [sys.executable, "-c", _CHILD, str(folder / "articles"), index]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as child:  # noqa: S603
        for line in child.stdout or ():
            if line.strip() == stage:
                break
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
