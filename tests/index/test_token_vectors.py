"""Late interaction: the tokens of passages on the disk, and what they add to a ranking."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ibid.errors import IndexDamaged
from ibid.index.token_vectors import SIGNS, STARTS, TokenIndex, TokenWriter
from ibid.library import Library
from ibid.ports import EmbedderIdentity, Signs, Vectors
from ibid.search.question import read_question
from ibid.search.ranking import CLOSE, OWN, READ_CLOSELY, SENTENCE, rank
from ibid.settings import Settings
from ibid.storage.verified_files import VerifiedFile, record
from ibid.testing import HashEmbedder

RANDOM = np.random.default_rng(3)
PASSAGES = [RANDOM.integers(0, 256, (n, 8), dtype=np.uint8) for n in (3, 1, 7)]


class Plain:
    """An embedder that tells nothing of tokens."""

    identity = EmbedderIdentity("plain", "1", 64)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return HashEmbedder().passages(texts)

    def query(self, text: str) -> Vectors:
        return HashEmbedder().query(text)


def opened(folder: Path) -> TokenIndex:
    files = {name: (folder / name).read_bytes() for name in (STARTS, SIGNS)}
    return TokenIndex(
        *(VerifiedFile(folder / name, name, record([data])) for name, data in files.items()), 64
    )


@pytest.fixture
def tokens(tmp_path: Path) -> TokenIndex:
    writer = TokenWriter(tmp_path)
    writer.begin()
    writer.add(PASSAGES[:2])
    writer.add([])
    writer.add(PASSAGES[2:])
    assert {*writer.files()} == {STARTS, SIGNS}
    return opened(tmp_path)


def test_tokens_are_read_as_they_were_written(tokens: TokenIndex):
    assert len(tokens) == 3
    for wanted, found in zip([PASSAGES[2], PASSAGES[0]], tokens.signs([2, 0]), strict=True):
        assert (wanted == found).all()


def closest(signs: Signs, query: Vectors) -> Vectors:
    """Return what `TokenIndex.closest` promises, worked out number by number."""
    whole = np.unpackbits(signs, axis=1).astype(float) * 2 - 1
    cosines = query @ whole.T / (np.linalg.norm(query, axis=1)[:, None] * 8)
    return cosines.max(axis=1)


def test_the_closest_token_is_the_one_with_the_highest_cosine(tokens: TokenIndex):
    query = RANDOM.standard_normal((4, 64)).astype(np.float32)
    query /= np.linalg.norm(query, axis=1, keepdims=True)
    rows = [1, 2, 0]
    found = tokens.closest(query, rows)
    for row, values in zip(rows, found, strict=True):
        assert values == pytest.approx(closest(PASSAGES[row], query), abs=1e-5)
    assert tokens.closest(query, []).shape == (0, 4)


def test_files_that_do_not_fit_each_other_are_refused(tokens: TokenIndex, tmp_path: Path):
    (tmp_path / SIGNS).write_bytes((tmp_path / SIGNS).read_bytes()[:-8])
    with pytest.raises(IndexDamaged):
        opened(tmp_path)


def test_each_word_has_its_share_and_stop_words_have_none(built: Library):
    index = built._index()  # pyright: ignore[reportPrivateUsage]
    asked = read_question("Where do apples grow, and apples fall?", index, HashEmbedder())
    assert len(asked.tokens) == len(asked.token_weights) == 4
    assert asked.token_weights.sum() == pytest.approx(1)
    apples, _, again, _ = asked.token_weights.tolist()
    assert apples == again
    assert not len(read_question("where do they", index, HashEmbedder()).tokens)


def test_the_parts_of_a_score_are_all_of_it(built: Library):
    for hit in built.search("where do apples grow"):
        assert sum(hit.parts.values()) == pytest.approx(hit.score)
        assert {"words", "meaning", "article", "tokens", "sentence"} == set(hit.parts)
        assert 0 <= hit.score <= 1
    best = built.search("where do apples grow")[0]
    assert best.parts["tokens"] == pytest.approx((1 - SENTENCE) * CLOSE)  # it has all the words


def test_an_embedder_that_tells_no_tokens_ranks_without_them(articles: Path, tmp_path: Path):
    library = Library.open(articles, tmp_path / "plain", Settings(model="none"), embedder=Plain())
    library.build()
    assert not list((tmp_path / "plain").rglob("tokens.*"))
    hits = library.search("apples grow on trees in orchards")
    assert hits[0].passage.article == "apples.md"
    assert set(hits[0].parts) == {"words", "meaning", "article"}
    assert OWN < hits[0].score <= 1
    assert library.check() == []


def test_tokens_decide_between_passages_that_words_and_meaning_leave_level(tmp_path: Path):
    """The hashed vectors collide on purpose: only tokens can tell the two words apart."""
    vectors = {word: HashEmbedder().query(word) for word in (f"word{n}" for n in range(400))}
    first, *others = vectors
    twin = next(word for word in others if (vectors[word] == vectors[first]).all())
    folder = tmp_path / "twins"
    folder.mkdir()
    (folder / "a.md").write_text(f"# Some thing\n\nIt is about {twin}s in general.\n", "utf-8")
    (folder / "b.md").write_text(f"# Some thing\n\nIt is about {first}s in general.\n", "utf-8")
    library = Library.open(folder, tmp_path / "twins-index", embedder=HashEmbedder())
    library.build()
    index = library._index()  # pyright: ignore[reportPrivateUsage]
    found = rank(read_question(f"What is {first}?", index, HashEmbedder()), index, 2)
    assert found[0].hit.passage.article == "b.md"
    assert found[0].hit.parts["tokens"] > found[1].hit.parts["tokens"]


def test_a_passage_profits_from_what_its_article_says_elsewhere(tmp_path: Path):
    folder = tmp_path / "orchard"
    folder.mkdir()
    about = "\n\n".join(f"## Part {n}\n\nApples and orchards, part {n}." for n in range(3))
    (folder / "a.md").write_text("# Notes\n\n## Zinc\n\nThe harvest was good.\n", "utf-8")
    (folder / "b.md").write_text(
        f"# Notes\n\n## Zinc\n\nThe harvest was good.\n\n{about}\n", "utf-8"
    )
    library = Library.open(folder, tmp_path / "orchard-index", embedder=HashEmbedder())
    library.build()
    hits = library.search("harvest apples orchards part", 10)
    harvest = {str(hit.passage.article): hit for hit in hits if "harvest" in hit.passage.text}
    alone, among = harvest["a.md"], harvest["b.md"]
    assert among.parts["words"] == pytest.approx(alone.parts["words"])
    assert among.parts["article"] > alone.parts["article"]


def test_only_the_best_are_read_closely_and_stay_before_the_others(tmp_path: Path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(READ_CLOSELY + 20):
        (folder / f"{number:03}.md").write_text(
            f"# Note {number}\n\nApple number {number} is red.\n", "utf-8"
        )
    library = Library.open(folder, tmp_path / "many-index", embedder=HashEmbedder())
    library.build()
    hits = library.search("apple", READ_CLOSELY + 20)
    closely = ["tokens" in hit.parts for hit in hits]
    assert closely == [True] * READ_CLOSELY + [False] * 20
