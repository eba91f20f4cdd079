"""Ranking by words and meaning, against the definition worked out by hand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from ibid.english.words import K1, inverse_document_frequency, stems
from ibid.index.opened import Index
from ibid.index.passages import embedded_text
from ibid.library import Library
from ibid.search.question import Question, read_question
from ibid.search.ranking import (
    ARTICLE,
    CLOSE,
    HEARD,
    OWN,
    POOL,
    READ_CLOSELY,
    SENTENCE,
    SHORT,
    Ranked,
    rank,
)
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.answers import Hit, Status
from ibid.types.articles import Passage

QUESTION = "Where do ripe apples grow and who stores pears?"


@pytest.fixture
def index(small: Library) -> Index:
    small.build()
    return small._index()


@pytest.fixture
def many(tmp_path: Path) -> Library:
    """A library of more passages than each signal proposes, all alike but for a number."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(POOL + 50):
        (folder / f"{number:03}.md").write_text(f"# Apples\n\nApple number {number} is here.\n")
    library = Library.open(
        folder, tmp_path / "index", Settings(model="none"), embedder=HashEmbedder()
    )
    library.build()
    return library


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.id for hit in hits]


def test_a_score_is_what_passage_article_tokens_and_sentence_say_in_fixed_shares(
    small: Library, index: Index
):
    asked = read_question(QUESTION, index, HashEmbedder())
    bound = (K1 + 1) * sum(asked.weights.values())
    words = dict(index.words.search(asked.stems, 100))
    found = rank(asked, index, 10)
    assert len(found) == index.passages <= READ_CLOSELY
    texts = {each.row: embedded_text(title_of(each, small), each.hit.passage) for each in found}
    own: dict[int, float] = {}
    for row, text in texts.items():
        cosine = float((HashEmbedder().query(text) @ asked.vector.T)[0, 0])
        own[row] = max(cosine, 0) / 2 + words.get(row, 0) / bound / 2
    for each in found:
        article = each.hit.passage.article
        heard = [own[other.row] for other in found if other.hit.passage.article == article]
        close = closeness(texts[each.row], asked.weights)
        whole = OWN * own[each.row] + ARTICLE * np.mean(heard[:HEARD]) + CLOSE * close
        assert each.score_as_a_whole == pytest.approx(whole, abs=1e-5)
        best = SENTENCE * best_sentence(each.hit.passage, asked, title_of(each, small))
        assert each.hit.score == pytest.approx((1 - SENTENCE) * whole + best, abs=1e-5)
        assert each.hit.score == pytest.approx(sum(each.hit.parts.values()))
        assert 0 <= each.hit.score <= 1


def best_sentence(passage: Passage, asked: Question, title: str) -> float:
    """Return the mean of cosine and coverage of the sentence for which that is the highest."""
    found = [0.0]
    for span in passage.sentences:
        start = span.start - passage.span.start
        sentence = passage.text[start : start + len(span)]
        cosine = float((HashEmbedder().query(sentence) @ asked.vector.T)[0, 0])
        held = {*stems(sentence), *stems(" ".join((title, *passage.headings)))}
        coverage = sum(weight for stem, weight in asked.weights.items() if stem in held)
        found.append((max(cosine, 0) + coverage / sum(asked.weights.values())) / 2)
    return max(found)


def title_of(each: Ranked, library: Library) -> str:
    return library.article(each.hit.passage.article).title


def closeness(text: str, weights: Mapping[str, float]) -> float:
    """Return how close the closest token of a text is to each word of the question, by idf."""
    question = HashEmbedder().encode_query(QUESTION)
    (packed,) = HashEmbedder().encode([text]).tokens
    signs = (2.0 * np.unpackbits(packed, axis=1) - 1) / 8
    closest = np.maximum((signs @ question.tokens.T).max(axis=0), 0)
    told = [weights[stems(QUESTION[span.start : span.end])[0]] for span in question.spans]
    return float(closest @ np.asarray(told) / sum(told))


def test_one_sentence_with_all_that_is_asked_for_comes_before_the_same_words_in_several(
    tmp_path: Path,
):
    folder = tmp_path / "harbours"
    folder.mkdir()
    (folder / "a.md").write_text(
        "# Harbours\n\nAn old lighthouse burns. The keeper sleeps in the harbour.\n", "utf-8"
    )
    (folder / "b.md").write_text(
        "# Harbours\n\nThe keeper of the old lighthouse sleeps. It burns in the harbour.\n", "utf-8"
    )
    library = Library.open(folder, tmp_path / "index", embedder=HashEmbedder())
    library.build()
    asked, named = (
        library.search("Where is the keeper of the lighthouse?"),
        library.search("keeper"),
    )
    assert [hit.passage.article for hit in asked] == ["b.md", "a.md"]
    assert asked[0].parts["sentence"] > asked[1].parts["sentence"]
    assert all("sentence" not in hit.parts for hit in named)


@pytest.mark.parametrize(
    "top", ["---\ntitle: Keepers of the lighthouse\n---\n", "# {}\n\n# Salt\n"]
)
def test_a_title_counts_for_every_sentence_below_it_wherever_it_stands(tmp_path: Path, top: str):
    folder = tmp_path / "harbours"
    folder.mkdir()
    top = top.format("Keepers of the lighthouse")
    (folder / "named.md").write_text(f"{top}\nThey sleep by day and burn oil by night.\n", "utf-8")
    (folder / "other.md").write_text("# Oil\n\nA lighthouse burns oil for years.\n", "utf-8")
    library = Library.open(
        folder, tmp_path / "index", Settings(model="none"), embedder=HashEmbedder()
    )
    library.build()
    hits = library.search("What do keepers of the lighthouse do?")
    assert [hit.passage.article for hit in hits] == ["named.md", "other.md"]
    assert hits[0].parts["sentence"] > hits[1].parts["sentence"]
    asked = library.ask("Who are the keepers of the lighthouse?")
    assert asked.status is not Status.NOT_IN_SOURCES


def test_the_best_passage_by_itself_is_read_closely_whatever_its_article_says(tmp_path: Path):
    folder = tmp_path / "harbours"
    folder.mkdir()
    for name in "abcdef":
        parts = (
            f"## Day {n}\n\nKeepers of a lighthouse burn much oil on {n}.\n\n" for n in range(12)
        )
        (folder / f"{name}.md").write_text(f"# Log {name}\n\n{''.join(parts)}", "utf-8")
    others = (f"## Tea {n}\n\nCups of tea number {n} are drunk.\n\n" for n in range(12))
    told = "## Fire\n\nThe keeper of the lighthouse burns oil.\n\n"
    (folder / "odd.md").write_text(f"# Tea\n\n{''.join(others)}{told}", "utf-8")
    library = Library.open(
        folder, tmp_path / "index", Settings(model="none"), embedder=HashEmbedder()
    )
    library.build()
    hits = library.search("keeper lighthouse burns oil", k=100)
    (fire,) = [hit for hit in hits if hit.passage.headings[-1] == "Fire"]
    assert "tokens" in fire.parts
    read = [hit for hit in hits if "tokens" in hit.parts]
    assert READ_CLOSELY <= len(read) <= 2 * READ_CLOSELY
    assert all(("article" in hit.parts) == ("tokens" in hit.parts) for hit in hits)


def test_what_a_long_article_says_elsewhere_counts_little(tmp_path: Path):
    folder = tmp_path / "harbours"
    folder.mkdir()
    for name in "ab":
        days = (f"## Day {n}\n\nThe keeper burns oil {name}{n}.\n\n" for n in range(3 * SHORT))
        (folder / f"{name}.md").write_text(f"# Log {name}\n\n{''.join(days)}", "utf-8")
    library = Library.open(
        folder, tmp_path / "index", Settings(model="none"), embedder=HashEmbedder()
    )
    library.build()
    (best, *_) = library.search("keeper burns oil")
    own = (best.parts["meaning"] + best.parts["words"]) / OWN
    assert ARTICLE * own / 5 < best.parts["article"] <= ARTICLE * own / 3


def test_evidence_does_not_count_the_best_sentence_twice(index: Index):
    found = rank(read_question(QUESTION, index, HashEmbedder()), index, 10)
    without = [sum(p for s, p in each.hit.parts.items() if s != "sentence") for each in found]
    assert [each.score_as_a_whole * (1 - SENTENCE) for each in found] == pytest.approx(without)
    (named, *_) = rank(read_question("apples", index, HashEmbedder()), index, 10)
    assert named.score_as_a_whole == named.hit.score


def test_weights_are_the_rarity_of_each_word_in_this_index(index: Index):
    asked = read_question("pears pears in orchards on Mars", index, HashEmbedder())
    assert asked.stems == tuple(dict.fromkeys(stems("pears orchards mars")))
    texts = [row.passage for row in index.corpus.rows(range(index.passages))]
    for stem, weight in asked.weights.items():
        containing = sum(stem in stems("\n".join((*p.headings, p.text))) for p in texts)
        assert weight == inverse_document_frequency(index.passages, containing)


def test_hits_come_best_first_and_say_their_place_per_signal(built: Library):
    hits = built.search(QUESTION)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for signal in ("words", "meaning"):
        places = sorted(hit.ranks[signal] for hit in hits if signal in hit.ranks)
        assert places == list(range(1, len(places) + 1))


def test_a_passage_that_shares_no_word_has_no_place_by_words(built: Library):
    hits = {hit.passage.article: hit for hit in built.search("orchards")}
    assert hits["apples.md"].ranks["words"] == 1
    assert "words" not in hits["pears.md"].ranks


def test_the_first_hits_are_the_same_for_any_k(many: Library):
    all_hits = many.search("apple number 7", 1000)
    for k in (0, 1, 8, POOL, POOL + 1):
        assert ids(many.search("apple number 7", k)) == ids(all_hits)[:k]
    assert many.search("apple", -1) == []


def test_as_many_hits_come_as_are_asked_for_where_there_are_as_many(many: Library):
    for k in (POOL - 1, POOL, POOL + 30, POOL + 50, 1000):
        assert len(many.search("apple", k)) == min(k, POOL + 50)


def test_equal_scores_stand_in_order_of_their_place(tmp_path: Path):
    folder = tmp_path / "equal"
    folder.mkdir()
    for number, name in enumerate("cab"):  # blank lines keep them from being copies
        (folder / f"{name}.md").write_text("# Apples\n\nApples are round.\n" + "\n" * number)
    library = Library.open(folder, tmp_path / "index", embedder=HashEmbedder())
    library.build()
    assert [hit.passage.article for hit in library.search("apples")] == ["a.md", "b.md", "c.md"]


@pytest.mark.parametrize("question", ["?", "...", "the of and", "\U0001f34e", "x" * 2000])
def test_a_question_without_a_known_word_is_ranked_by_meaning_alone(built: Library, question: str):
    for hit in built.search(question):
        assert set(hit.ranks) == {"meaning"}
        assert "words" not in {name for name, part in hit.parts.items() if part}
        assert 0 <= hit.score <= 1


def test_a_question_whose_vector_is_no_number_is_ranked_by_words_alone(index: Index):
    class Broken(HashEmbedder):
        def query(self, text: str):
            return super().query(text) * np.float32(np.nan)

    found = rank(read_question("orchards", index, Broken()), index, 5)
    assert [set(each.hit.ranks) for each in found] == [{"words"}]


def test_one_article_has_at_most_half_of_the_hits_as_long_as_others_have_some(tmp_path: Path):
    folder = tmp_path / "stuffed"
    folder.mkdir()
    stuffed = "\n\n".join(f"## Pears {n}\n\nPears, pears, pears and pears {n}." for n in range(30))
    (folder / "stuffed.md").write_text(stuffed)
    for number in range(3):
        (folder / f"{number}.md").write_text(f"# Orchard {number}\n\nSome pears grow here.\n")
    library = Library.open(folder, tmp_path / "index", embedder=HashEmbedder())
    library.build()
    found = [hit.passage.article for hit in library.search("pears", 6)]
    assert Counter(found) == {"stuffed.md": 3, "0.md": 1, "1.md": 1, "2.md": 1}
    assert found[0] == "stuffed.md"
    assert Counter(hit.passage.article for hit in library.search("pears", 20))["stuffed.md"] == 17
    scores = [hit.score for hit in library.search("pears", 20)]
    assert scores == sorted(scores, reverse=True)


def test_what_is_far_from_the_best_takes_no_room_from_an_article_about_the_question(tmp_path: Path):
    folder = tmp_path / "book"
    folder.mkdir()
    chapters = "\n\n".join(f"## Pears {n}\n\nHow pears ripen, part {n}." for n in range(30))
    (folder / "book.md").write_text(chapters)
    for number in range(3):
        (folder / f"{number}.md").write_text(f"# Rain {number}\n\nIt rains in autumn, mostly.\n")
    library = Library.open(folder, tmp_path / "index", embedder=HashEmbedder())
    library.build()
    found = library.search("how do pears ripen", 6)
    assert {hit.passage.article for hit in found} == {"book.md"}
