"""The reader: scores that do not depend on company, of any text, by verified weights."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ibid.adapters import MiniLM, MiniLMReader
from ibid.adapters.readers.minilm_reader import WEIGHTS
from ibid.errors import ModelMissing
from ibid.ports import Scores, Window
from shared_models import ReadOnce

QUESTION = "How high is the lighthouse of Alexandria?"
HEIGHT = "The tower rose a hundred metres above the harbour."
WINDOW = Window(
    "The lighthouse of Alexandria / The building",
    ("It was built of pale stone by Sostratus.", HEIGHT, "Earthquakes felled it long afterwards."),
)
OTHER = Window("Bread", ("A sourdough is fed with flour and water every day.",))


@pytest.fixture(scope="module")
def reader() -> MiniLMReader:
    return MiniLMReader(MiniLM())


def test_the_sentence_that_answers_scores_highest_though_it_shares_no_word(reader: MiniLMReader):
    (scores,) = reader.read(QUESTION, [WINDOW])
    assert WINDOW.sentences[int(scores.argmax())] == HEIGHT


def test_a_window_on_another_subject_scores_far_below(reader: MiniLMReader):
    here, there = reader.read(QUESTION, [WINDOW, OTHER])
    assert here.max() > there.max() + 3


def test_a_window_has_one_score_to_the_last_bit_whatever_it_is_read_with(reader: MiniLMReader):
    alone = [reader.read(QUESTION, [window])[0] for window in (WINDOW, OTHER)]
    together = reader.read(QUESTION, [OTHER, WINDOW, OTHER])
    assert (together[1] == alone[0]).all()
    assert (together[0] == alone[1]).all()


def test_a_question_needs_no_question_mark(reader: MiniLMReader):
    with_mark, without = (reader.read(q, [WINDOW])[0] for q in (QUESTION, QUESTION.rstrip("?")))
    assert (with_mark == without).all()


def test_the_vectors_of_the_index_are_as_good_as_its_own(reader: MiniLMReader):
    vectors = list(MiniLM().passages(WINDOW.sentences))
    known = Window(WINDOW.title, WINDOW.sentences, (vectors[0], None, vectors[2]))
    assert (reader.read(QUESTION, [known])[0] == reader.read(QUESTION, [WINDOW])[0]).all()


def test_both_precisions_agree(reader: MiniLMReader):
    exact = MiniLMReader(MiniLM("fp32"), "fp32")
    few, many = (each.read(QUESTION, [WINDOW])[0] for each in (reader, exact))
    assert few == pytest.approx(many, abs=1.0)
    assert few.argmax() == many.argmax()


def test_a_window_longer_than_the_model_is_read_in_pieces_to_its_last_sentence(
    reader: MiniLMReader,
):
    many = [f"Ship number {n} passed the island on its way home." for n in range(60)]
    (scores,) = reader.read(QUESTION, [Window("Alexandria", (*many, HEIGHT))])
    assert scores.shape == (61,)
    assert int(scores.argmax()) == 60


@pytest.mark.parametrize(
    "sentence", ["word " * 5000, "", "?", "\udcff\ud800", "木" * 3000, "🍎", "\x00"]
)
def test_any_text_can_be_read(reader: MiniLMReader, sentence: str):
    (scores,) = reader.read(QUESTION, [Window("", (sentence, HEIGHT))])
    assert scores.shape == (2,)
    assert np.isfinite(scores[1])
    (asked,) = reader.read(sentence, [WINDOW])
    assert np.isfinite(asked).all()


def test_no_windows_have_no_scores(reader: MiniLMReader):
    assert reader.read(QUESTION, []) == []


@pytest.mark.parametrize("damage", ["a bit", "cut", "missing"])
def test_weights_that_are_not_those_that_were_released_are_not_used(tmp_path: Path, damage: str):
    data, path = WEIGHTS.read_bytes(), tmp_path / "reader.safetensors"
    half = len(data) // 2
    if damage != "missing":
        changed = data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :]
        path.write_bytes(changed if damage == "a bit" else data[:half])
    reader = MiniLMReader(MiniLM(), cache=tmp_path / "cache", weights=path)
    with pytest.raises(ModelMissing, match="cannot be used"):
        reader.read(QUESTION, [WINDOW])


def test_the_graph_is_made_once_and_kept(tmp_path: Path, reader: MiniLMReader):
    MiniLMReader(MiniLM(), cache=tmp_path).read(QUESTION, [WINDOW])
    kept = max(tmp_path.iterdir(), key=lambda path: path.stat().st_size)
    made = kept.stat().st_mtime_ns
    again = MiniLMReader(MiniLM(), cache=tmp_path, weights=tmp_path / "no weights")
    assert (again.read(QUESTION, [WINDOW])[0] == reader.read(QUESTION, [WINDOW])[0]).all()
    assert kept.stat().st_mtime_ns == made


def test_what_all_tests_share_says_what_the_reader_says_and_reads_a_window_once(
    reader: MiniLMReader,
):
    asked: list[Window] = []

    class Counting:
        starts_from = reader.starts_from

        def read(self, question: str, windows: Sequence[Window]) -> list[Scores]:
            asked.extend(windows)
            return reader.read(question, windows)

    shared = ReadOnce(Counting())
    for windows in ([WINDOW], [OTHER, WINDOW, OTHER], [], [WINDOW]):
        scores = zip(shared.read(QUESTION, windows), reader.read(QUESTION, windows), strict=True)
        assert all((ours == true).all() for ours, true in scores)
    assert asked == [WINDOW, OTHER]
    assert (shared.read("Who built it?", [WINDOW])[0] != shared.read(QUESTION, [WINDOW])[0]).any()
