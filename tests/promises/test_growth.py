"""What grows with the folder: no verb holds all articles at once, and no page reads all of them."""

import gc
import os
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ibid.library import Library
from ibid.reading.article import read_article
from ibid.reading.folder import Digests, read_digest
from ibid.reading.near_copies import find_kin, lint_folder
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.articles import Article, ArticleId, Rule
from ibid.ui.panes.articles import AT_ONCE, Shelves
from ibid.ui.panes.welcome import Offers
from ibid.ui.talk.request import find_article, write_choices

MANY = 300
"""More articles than a corpus keeps at hand."""

AT_HAND = 256


class Counted(Article):
    """An article that counts how many there are at a time."""

    alive = most = 0

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        Counted.alive += 1
        Counted.most = max(Counted.most, Counted.alive)

    def __del__(self) -> None:
        Counted.alive -= 1


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("many")
    (root / "articles").mkdir()
    for number in range(MANY):
        text = f"# Orchard {number}\n\n## Bees\n\nOrchard number {number} needs bees.\n"
        (root / "articles" / f"{number:04}.md").write_text(text)
    library = open_library(root / "articles", root / "index")
    library.build()
    return library


def open_library(folder: Path, index: Path) -> Library:
    return Library.open(folder, index, Settings(model="none"), embedder=HashEmbedder())


VERBS: dict[str, Callable[[Library], object]] = {
    "check": Library.check,
    "lint": Library.lint,
    "articles": lambda library: [len(article.text) for article in library.articles],
    "choices": write_choices,
    "topics and examples": lambda library: Offers(library).find(),
    "a source that is missing": lambda library: find_article("0007.md", library),
    "the pane": lambda library: Shelves(library).warm_up(),
}


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_holds_all_articles(many: Library, verb: str, monkeypatch):
    monkeypatch.setattr("ibid.index.corpus.Article", Counted)
    Counted.most = Counted.alive
    VERBS[verb](open_library(many.folder, many.store.root))
    assert Counted.most <= AT_HAND + 10


def test_articles_are_a_sequence_that_reads_them_one_by_one(many: Library):
    assert len(many.articles) == MANY
    assert [article.id for article in many.articles] == sorted(many.passage_counts)
    assert many.articles[-1] == many.article(f"{MANY - 1:04}.md")
    assert many.articles[:2] == [many.article("0000.md"), many.article("0001.md")]


def test_articles_can_be_gone_through_while_a_build_replaces_the_index(built: Library):
    before = [article.id for article in built.articles]
    reading = iter(built.articles)
    first = next(reading)
    (built.folder / "new.md").write_text("# New\n\nNews are new.\n")
    built.build()
    gc.collect()
    assert [first.id, *(article.id for article in reading)] == before


def test_a_page_of_articles_reads_only_its_own(many: Library):
    shelves = Shelves(many)
    shelves.warm_up()
    asked: list[str] = []
    volumes = many._index().corpus.volumes
    for volume in volumes:
        volume._connection.set_trace_callback(asked.append)
    shown = shelves.write(start=AT_ONCE)
    for volume in volumes:
        volume._connection.set_trace_callback(None)
    assert shown.rows.count('scope="row"') == AT_ONCE
    assert len(asked) <= 3 * AT_ONCE
    assert not [query for query in asked if "where" not in query]


def test_what_articles_are_beside_each_other_is_not_waited_for(small: Library, monkeypatch):
    body = " ".join(f"word{n}" for n in range(99))
    for name in ("one.md", "other.md"):
        (small.folder / name).write_text(f"# {name}\n\n{body} {name}\n")
    small.build()
    shelves, may_go_on, lint_beside = Shelves(small), Event(), small.lint_beside
    monkeypatch.setattr(small, "lint_beside", lambda: may_go_on.wait() and lint_beside())
    assert "still being looked for" in shelves.write().head
    may_go_on.set()
    shelves.warm_up()
    assert "still being looked for" not in shelves.write().head
    assert "stands in other.md too" in shelves.write().rows


def test_a_manifest_says_what_is_held_without_working_it_out_again(built: Library):
    manifest = built.store.current().manifest
    assert manifest.kept is manifest.kept
    assert manifest.held is manifest.held


def test_a_file_is_read_again_only_once_it_was_written_to(tmp_path: Path, monkeypatch):
    path = tmp_path / "a.md"
    path.write_text("Apples grow.")
    read: list[Path] = []
    monkeypatch.setattr(
        "ibid.reading.folder.read_digest", lambda path: read.append(path) or read_digest(path)
    )
    digests, now = Digests(), time.time_ns()
    first = digests(path)
    assert digests(path) == first
    assert len(read) == 2  # it was written to just now: another write may have the same time
    monkeypatch.setattr("time.time_ns", lambda: now + 10**10)
    assert [digests(path), digests(path)] == [first, first]
    assert len(read) == 3
    times = path.stat()
    path.write_text("Apples glow.")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as if nothing had happened
    assert digests(path) == read_digest(path) != first


def test_a_build_believes_no_digest_that_was_only_shown(built: Library, monkeypatch):
    later = time.time_ns() + 10**10
    monkeypatch.setattr("time.time_ns", lambda: later)
    built.files()
    assert built._digests._known
    for place, (mark, _) in built._digests._known.items():
        built._digests._known[place] = mark, "0" * 64
    assert not built.build().changed


@pytest.mark.parametrize("slots", [1, 2048])
def test_a_filter_of_grams_leaves_the_same_near_copies(monkeypatch, slots: int):
    monkeypatch.setattr("ibid.reading.near_copies._SLOTS", slots)
    words = [f"word{n}" for n in range(400)]
    articles = [
        read_article(ArticleId(f"{n}.md"), " ".join(words[n * 9 : n * 9 + 60]).encode())
        for n in range(30)
    ]
    found = {
        article: any(finding.rule is Rule.NEAR_COPY for finding in findings)
        for article, findings in lint_folder(articles).items()
    }
    pairs = [kin for two in combinations(articles, 2) for kin in find_kin(two)]
    assert found
    assert found.keys() == {id for kin in pairs for id in (kin.one, kin.other)}
