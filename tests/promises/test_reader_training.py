"""What the reader is trained on, and how its weights are packed (training/)."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))
pytest.importorskip("torch")

from examples import Example, Window, cut, read_squad
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


def test_choosing_what_is_right_costs_nothing_and_anything_else_much():
    import torch

    scores, right = torch.tensor([[9.0, -9.0]]), torch.tensor([[True, False]])

    assert missed(scores, right) < 0.001
    assert missed(scores, ~right) > 9
    assert missed(scores, torch.zeros_like(right)) > 8


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
