"""The public fakes behave like the real things."""

import doctest

import numpy as np
import pytest

import ibid.testing.fakes
from fakes import FakeOllama, FakeOpenAI, Mode
from ibid.errors import ModelError, PromptTooLong
from ibid.ports import Embedder, Generator
from ibid.testing import HashEmbedder, ScriptedGenerator
from ibid.types.answers import Delta
from model_servers import QUESTION, TEXT, generator

# The fakes


def test_all_generators_have_the_shape_that_the_core_needs():
    with FakeOllama() as server, FakeOpenAI() as other:
        shaped: list[Generator] = [
            generator(server),
            generator(other),
            ScriptedGenerator(TEXT),
        ]
        for each in shaped:
            deltas = list(each.stream(QUESTION))
            assert all(isinstance(delta, Delta) and delta.text for delta in deltas)
            assert "".join(delta.text for delta in deltas) == TEXT
            assert each.name
            assert each.context == 8192


def test_a_scripted_generator_plays_its_replies_in_turn():
    model = ScriptedGenerator("One.", PromptTooLong("no", tokens=9, limit=8), "Two  words\n")
    assert list(model.stream(QUESTION)) == [Delta("One.")]
    with pytest.raises(PromptTooLong):
        list(model.stream(QUESTION))
    for _ in range(2):
        assert [delta.text for delta in model.stream(QUESTION)] == ["Two", "  words", "\n"]
    assert model.prompts == [tuple(QUESTION)] * 4


def test_a_hash_embedder_puts_texts_close_that_share_words():
    embedder: Embedder = HashEmbedder()
    texts = ["Cats purr at night.", "Dogs bark at cats.", "", "!"]
    vectors = embedder.passages(texts)
    assert vectors.shape == (4, embedder.identity.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.array_equal(vectors[:1], embedder.query(texts[0]))
    first, second = (vectors[:2] @ embedder.query("Do cats purr?").T)[:, 0]
    assert first > second
    assert embedder.passages([]).shape == (0, 64)


def test_the_examples_of_the_fakes_run():
    assert doctest.testmod(ibid.testing.fakes).failed == 0


WHOLE = {Mode.OK, Mode.CANNOT_THINK, Mode.DOES_NOT_COUNT, Mode.LEAKS_THOUGHTS}
FAILS_IN = [
    (fake, mode)
    for fake in (FakeOllama, FakeOpenAI)
    for mode in Mode
    if mode not in WHOLE and (fake, mode) != (FakeOpenAI, Mode.REMOTE)
]


@pytest.mark.parametrize(("fake", "mode"), FAILS_IN)
def test_every_other_mode_of_the_fake_servers_is_an_error_with_a_hint(
    fake: type[FakeOllama | FakeOpenAI], mode: Mode
):
    window = 4 if mode is Mode.CUTS_PROMPT else 8192
    with fake(mode, window=window) as server:
        model = generator(server, first_token_within=0.3, answer_within=0.4)
        with pytest.raises(ModelError) as caught:
            list(model.stream(QUESTION))
    assert caught.value.exit_code == 5
    assert caught.value.hint
