"""What the reader is trained on, and how its weights are packed (training/)."""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))
pytest.importorskip("torch")

from asked import QUESTIONS, digest, read_asked
from examples import Example, Window, cut, read_qed, read_squad
from export import pack
from model import missed
from safetensors.numpy import load

from ibid.adapters.readers.minilm_reader import unpack


def example(*sentences, answers=()):
    return Example("?", Window("Title", sentences), frozenset(answers), "own")


def test_a_window_is_cut_around_its_answer():
    shorter = cut(example("a" * 50, "b" * 50, "c" * 50, "d" * 50, answers=[2]), longest=110)

    assert [s[0] for s in shorter.window.sentences] == ["c", "d"]
    assert shorter.answers == {0}


def test_a_window_is_cut_around_the_sentence_that_is_named():
    shorter = cut(example("a" * 50, "b" * 50, "c" * 50), longest=60, centre=0)

    assert [s[0] for s in shorter.window.sentences] == ["a"]


def test_a_near_miss_has_no_answer_and_a_question_has_its_sentence(tmp_path):
    file = tmp_path / "set.json"
    file.write_text(
        '{"data": [{"title": "Bees", "paragraphs": [{"context": "Bees fly far. They make honey.",'
        ' "qas": [{"question": "What do bees make?", "answers": [{"text": "honey",'
        ' "answer_start": 24}]}, {"question": "What do wasps make?", "answers": []}]}]}]}',
        encoding="utf-8",
    )
    right, near = read_squad(file, "own")

    assert right.window.sentences == ("Bees fly far.", "They make honey.")
    assert right.answers == {1}
    assert near.answers == frozenset()


def test_a_searchers_question_has_the_sentence_that_answers_it_and_its_text_reads_as_written(
    tmp_path,
):
    paragraph = "Bees fly far -- up to 5 km . They make `` honey '' , a long - lived food ."
    asked = {
        "title_text": "Bee", "question_text": "what do bees make", "paragraph_text": paragraph,
        "answer_spans": [[paragraph.index("honey"), 0]], "answer_text": ["honey"],
        "answer_type": "single_sentence",
    }  # fmt: skip
    (tmp_path / "qed-00.jsonl").write_text(json.dumps(asked), encoding="utf-8")

    (found,) = read_qed(tmp_path, frozenset())

    assert found.question == "what do bees make?"
    assert found.window.sentences[1] == "They make “honey”, a long-lived food."
    assert found.answers == {1}
    assert list(read_qed(tmp_path, frozenset({"bee"}))) == []


def test_a_question_in_own_words_finds_its_window_however_much_else_there_is(tmp_path):
    sentences = ("Laptops are replaced every three years.", "Ask the office for a new one.")
    folder = tmp_path / "own" / "club"
    folder.mkdir(parents=True)
    (tmp_path / "guides").mkdir()
    (tmp_path / "train").mkdir()
    for name in ("squad2-half", "squadshifts-reddit"):
        with gzip.open(tmp_path / f"train/{name}.json.gz", "wt") as file:
            file.write('{"data": []}')
    (folder / "it.md").write_text("# Machines\n\n" + " ".join(sentences), encoding="utf-8")
    (folder / "other.md").write_text(
        "# Rooms\n\nThe room upstairs is free on Mondays.", encoding="utf-8"
    )
    lines = [
        {"window": digest(sentences), "question": "my computer is old, who helps?", "answers": [1]},
        {"window": digest(["gone"]), "question": "what was there?", "answers": [0]},
    ]
    questions = tmp_path / "questions.jsonl.gz"
    with gzip.open(questions, "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in lines)

    (found,) = read_asked(tmp_path, questions)

    assert found.window.sentences == sentences
    assert found.window.title == "Machines"
    assert found.answers == {1}
    assert found.source == "own club"


def test_each_question_in_own_words_is_asked_once_and_over_a_quarter_have_no_answer():
    with gzip.open(QUESTIONS, "rt", encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]

    assert len({(line["window"], line["question"]) for line in asked}) == len(asked)
    assert 0.25 < sum(not line["answers"] for line in asked) / len(asked) < 0.36


def test_choosing_what_is_right_costs_nothing_and_anything_else_much():
    import torch

    scores, right = torch.tensor([[9.0, -9.0]]), torch.tensor([[True, False]])

    assert missed(scores, right) < 0.001
    assert missed(scores, ~right) > 9
    assert missed(scores, torch.zeros_like(right)) > 8


def test_among_windows_of_one_question_only_the_right_ones_sentence_has_to_come_first():
    import torch

    scores = torch.tensor([[2.0, -9.0], [9.0, -9.0], [-9.0, -9.0]])
    right = torch.tensor([[True, False], [False, False], [False, False]])
    together, apart = torch.tensor([0, 0, 0]), torch.tensor([0, 1, 2])

    assert missed(scores, right, together) > missed(scores, right, apart) + 3
    scores[0, 0] = 19.0
    assert missed(scores, right, together) < missed(scores, right, apart)


def test_weights_come_back_from_8_bits_nearly_the_same_and_then_exactly():
    rng = np.random.default_rng(0)
    names = ("encoder.layer.2.intermediate.dense.weight", "encoder.layer.2.output.dense.weight")
    weights = {names[0]: rng.normal(size=(1536, 384)), names[1]: rng.normal(size=(384, 1536))}
    weights = {name: value.astype(np.float32) for name, value in weights.items()}

    once = unpack(load(pack(weights)))

    for name, value in weights.items():
        assert np.abs(once[name] - value).max() < np.abs(value).max() / 50
    again = unpack(load(pack(once)))
    assert all(np.allclose(again[name], once[name], atol=1e-6) for name in names)
