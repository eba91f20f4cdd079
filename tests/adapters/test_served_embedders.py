"""Embedding models of servers on this machine: found, used, refused, and never sent elsewhere."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from conftest import write_articles
from fakes import FakeModel, FakeOllama, FakeOpenAI, FakeServer, Mode
from ibid.adapters import ServedEmbedder
from ibid.errors import (
    IbidError,
    IndexForeign,
    ModelError,
    ModelMissing,
    ServerUnavailable,
    UsageError,
)
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from model_servers import unused_address

TEXTS = ["Apples grow on trees.", "Pears ripen after harvest."]
EMBEDS = FakeModel("tiny:latest", embeds=True)


def of_ollama(server: FakeServer, name: str = "tiny") -> Settings:
    return Settings(model="none", embedder=f"ollama:{name}", ollama=server.address)


def of_openai(server: FakeServer, name: str = "tiny") -> Settings:
    return Settings(model="none", embedder=f"server:{name}", server=server.address)


@pytest.fixture(params=["ollama", "openai"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[FakeServer, Settings]]:
    """A server of either kind, and the settings that name its model."""
    if request.param == "ollama":
        with FakeOllama(models=[EMBEDS]) as server:
            yield server, of_ollama(server)
    else:
        with FakeOpenAI(models=["tiny"]) as server:
            yield server, of_openai(server)


def test_texts_become_vectors_of_unit_length_in_their_order(served: tuple[FakeServer, Settings]):
    embedder = ServedEmbedder(served[1])
    many = [f"{text} {n}" for n in range(20) for text in TEXTS]
    vectors = embedder.passages(many)
    assert (vectors.shape, vectors.dtype) == ((40, 64), np.float32)
    np.testing.assert_allclose(vectors, HashEmbedder().passages(many), atol=1e-6)
    np.testing.assert_allclose(embedder.query(many[3]), vectors[3:4])
    assert embedder.passages([]).shape == (0, 64)


def test_an_index_is_built_and_asked_with_a_model_of_a_server(
    served: tuple[FakeServer, Settings], tmp_path: Path
):
    articles = write_articles(tmp_path / "articles")
    library = Library.open(articles, tmp_path / "index", served[1])
    library.build()
    assert library.search("where do apples grow?")[0].passage.article == "apples.md"
    answer = library.ask("Where do apples grow?")
    assert answer.claims
    assert not answer.run.calibrated
    other = Library.open(articles, tmp_path / "index", embedder=HashEmbedder())
    with pytest.raises(IndexForeign):
        other.search("apples")


def test_another_model_under_the_same_name_is_another_embedder():
    identities = []
    for digest in ("d1", "d2", "d1"):
        with FakeOllama(models=[FakeModel("tiny:latest", embeds=True, digest=digest)]) as server:
            identities.append(ServedEmbedder(of_ollama(server)).identity)
    first, second, again = identities
    assert first != second
    assert first == again
    assert (first.name, first.dimensions) == ("ollama:tiny", 64)


def test_a_model_that_is_not_there_is_told_with_its_command(served: tuple[FakeServer, Settings]):
    server, settings = served
    wanted = settings.changed({"embedder": settings.embedder.replace("tiny", "other")}, "test")
    with pytest.raises(ModelMissing, match="other") as missing:
        _ = ServedEmbedder(wanted).identity
    assert missing.value.hint
    assert not any("embed" in request.path for request in server.requests)


@pytest.mark.parametrize("mode", [Mode.FAILS, Mode.WANTS_KEY, Mode.NOT_JSON, Mode.REDIRECTS])
def test_a_server_that_fails_is_told(served: tuple[FakeServer, Settings], mode: Mode):
    server, settings = served
    embedder = ServedEmbedder(settings)
    _ = embedder.identity
    server.listing = mode
    with pytest.raises(ServerUnavailable):
        embedder.query("apples")


def test_no_server_and_no_address_are_told():
    with pytest.raises(ServerUnavailable) as error:
        ServedEmbedder(Settings(embedder="ollama:tiny", ollama=unused_address())).query("x")
    assert error.value.hint == "ollama serve"
    with pytest.raises(UsageError, match="no server is set"):
        ServedEmbedder(Settings(embedder="server:tiny"))


@pytest.mark.parametrize(
    "vector",
    [
        *([], [0.0] * 4, [1.0, None], ["x"], None, "text", [[1.0]], {"a": 1}),
        *([float("nan"), 1.0], [float("inf"), 1.0], [1e300, 1.0]),
    ],
    ids=repr,
)
def test_what_is_no_vector_is_never_used(served: tuple[FakeServer, Settings], vector: object):
    server, settings = served
    use(server, lambda _: vector)
    with pytest.raises(ServerUnavailable):
        ServedEmbedder(settings).query("apples")


def use(server: FakeServer, embed: Callable[[str], object]) -> None:
    server.embed = embed  # type: ignore[method-assign]


def test_fewer_vectors_than_texts_and_vectors_of_other_lengths_are_refused(
    served: tuple[FakeServer, Settings],
):
    server, settings = served
    use(server, lambda text: [1.0] * (2 if text.startswith("A") else 3))
    with pytest.raises(ServerUnavailable):
        ServedEmbedder(settings).passages(TEXTS)
    texts = ["A"] * 16 + ["B"]
    with pytest.raises(ServerUnavailable, match="same length"):
        ServedEmbedder(settings).passages(texts)


@pytest.mark.parametrize("name", ["tiny", "big:120b-cloud"])
def test_nothing_is_sent_to_a_model_that_runs_elsewhere(name: str):
    models = [FakeModel("tiny:latest", remote=True), FakeModel("big:120b-cloud")]
    with FakeOllama(models=models) as server:
        with pytest.raises(ModelMissing, match="other machines"):
            ServedEmbedder(of_ollama(server, name)).query("a secret")
        assert "secret" not in json.dumps([request.body for request in server.requests])


def test_another_machine_is_refused_also_where_a_folder_names_the_model(tmp_path: Path):
    elsewhere = Settings(embedder="ollama:tiny", ollama="http://192.0.2.1:11434")
    with pytest.raises(ServerUnavailable, match="may be another machine"):
        ServedEmbedder(elsewhere).query("x")
    allowed = elsewhere.changed({"allow_remote": True}, "option")
    named = allowed.changed({"embedder": "ollama:tiny"}, str(tmp_path / "ibid.toml"))
    with pytest.raises(ServerUnavailable, match="may be another machine"):
        ServedEmbedder(named).query("x")


@pytest.mark.parametrize("name", ["ollama:", ":tiny", "server:", "Ollama:x"])
def test_a_name_that_is_none_of_a_server_is_one_of_a_folder(name: str):
    with pytest.raises(IbidError) as error:
        _ = Library.open(settings=Settings(embedder=name)).embedder.identity
    assert isinstance(error.value, ModelError)
