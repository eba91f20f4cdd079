"""The Ollama adapter against a real HTTP server that fails in every way the true one does."""

import doctest
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

import ibid.testing
from ibid.adapters.ollama import ANSWER_TOKENS, PREFERRED, OllamaGenerator, find_model
from ibid.errors import (
    AnswerIncomplete,
    ModelError,
    ModelMissing,
    PromptTooLong,
    ServerUnavailable,
    UsageError,
)
from ibid.ports import Embedder, Generator, Message
from ibid.testing import FakeModel, FakeOllama, HashEmbedder, Mode, ScriptedGenerator
from ibid.types import Delta

TEXT = "Ibid means in the same place."
QUESTION = [Message("system", "Answer from the passages."), Message("user", "What is ibid?")]
SOON = 2.0  # seconds: more than any failure here may take


@pytest.fixture(autouse=True)
def _every_failure_comes_soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 5


def generator(
    server: FakeOllama, first_token_within: float = SOON, answer_within: float = SOON
) -> OllamaGenerator:
    return OllamaGenerator(
        PREFERRED[0],
        server.address,
        first_token_within=first_token_within,
        answer_within=answer_within,
    )


def ask(server: FakeOllama) -> str:
    return "".join(delta.text for delta in generator(server).stream(QUESTION))


def unused_address() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


# An answer


def test_an_answer_comes_piece_by_piece():
    with FakeOllama() as server:
        pieces = [delta.text for delta in generator(server).stream(QUESTION)]
    assert "".join(pieces) == TEXT
    assert len(pieces) > 3


def test_the_request_asks_for_what_makes_answers_whole_and_repeatable():
    with FakeOllama() as server:
        ask(server)
        ask(server)
    first, second = (json.loads(request.body) for request in server.chats)
    assert first == second
    assert first["model"] == "qwen3:4b-instruct"
    assert first["messages"][1] == {"role": "user", "content": "What is ibid?"}
    assert (first["stream"], first["think"], first["truncate"]) == (True, False, False)
    assert first["options"]["num_ctx"] == 8192
    assert first["options"]["temperature"] == 0
    assert isinstance(first["options"]["seed"], int)
    assert first["options"]["num_predict"] == ANSWER_TOKENS
    assert "shift" not in first, "it would reload the model"


def test_a_small_context_leaves_room_for_the_prompt():
    with FakeOllama() as server:
        small = OllamaGenerator(PREFERRED[0], server.address, context=1000)
        list(small.stream(QUESTION))
    options = json.loads(server.chats[0].body)["options"]
    assert (options["num_ctx"], options["num_predict"]) == (1000, 500)


def test_a_model_that_cannot_think_is_asked_again_without_think():
    with FakeOllama(Mode.CANNOT_THINK) as server:
        assert ask(server) == TEXT
    first, second = (json.loads(request.body) for request in server.chats)
    assert {**second, "think": False} == first
    assert "think" not in second


def test_leaked_thoughts_are_taken_out_however_the_tags_are_cut():
    with FakeOllama(Mode.LEAKS_THOUGHTS) as server:
        assert ask(server) == TEXT


@pytest.mark.parametrize(
    "text", ["a < b and <th", "1<2", "use <b>", "<thin air>", "naïve 東京 🦉", "two\n\nparts"]
)
def test_text_that_is_no_thought_is_kept(text: str):
    with FakeOllama(text=text) as server:
        assert ask(server) == text


def test_text_without_utf_8_is_sent_and_read_with_replacements():
    with FakeOllama(text="a\udc80b") as server:
        model = generator(server)
        written = "".join(delta.text for delta in model.stream([Message("user", "x\udc80y")]))
    assert written == "a?b"
    assert json.loads(server.chats[0].body)["messages"][0]["content"] == "x?y"


def test_nothing_is_asked_before_the_first_piece_is_wanted():
    with FakeOllama() as server:
        generator(server).stream(QUESTION)
        assert server.requests == []


def test_closing_the_stream_closes_the_connection():
    with FakeOllama(Mode.RAMBLES) as server:
        stream = generator(server).stream(QUESTION)
        next(stream)
        assert not server.hung_up.is_set()
        stream.close()  # pyright: ignore[reportAttributeAccessIssue]
        assert server.hung_up.wait(SOON)


def test_no_timer_is_left_behind():
    def timers() -> int:
        return sum(isinstance(thread, threading.Timer) for thread in threading.enumerate())

    with FakeOllama(Mode.OK, Mode.ENDS_EARLY) as server:
        ask(server)
        with pytest.raises(AnswerIncomplete):
            ask(server)
    time.sleep(0.05)
    assert timers() == 0


# An answer that is not whole


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        (Mode.ENDS_EARLY, "ended early"),
        (Mode.BREAKS_OFF, "broke off"),
        (Mode.CUT, "cut"),
        (Mode.GIVES_NO_REASON, "ended early"),
        (Mode.STOPS_WITH_ERROR, "Ollama stopped: an error was encountered"),
        (Mode.NOT_JSON, "no JSON"),
        (Mode.THINKS, "cut"),
        (Mode.NEVER_STOPS_THINKING, "no answer"),
        (Mode.WRITES_NOTHING, "no answer"),
        (Mode.FLOODS, "far too long"),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(mode: Mode, says: str):
    with FakeOllama(mode) as server, pytest.raises(AnswerIncomplete, match=says) as caught:
        ask(server)
    assert caught.value.hint
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("mode", [Mode.ENDS_EARLY, Mode.CUT, Mode.STOPS_WITH_ERROR])
def test_what_came_before_the_end_was_yielded(mode: Mode):
    written: list[str] = []
    with FakeOllama(mode) as server, pytest.raises(AnswerIncomplete):
        written.extend(delta.text for delta in generator(server).stream(QUESTION))
    assert "".join(written) == TEXT


@pytest.mark.parametrize("text", ["[" * 200_000, '{"done": tru', "7" * 5000 + "x"])
def test_a_line_that_no_parser_likes_is_an_error_of_ours(text: str):
    with raw_server(f"HTTP/1.0 200 OK\r\n\r\n{text}\n".encode()) as address:
        model = OllamaGenerator("tiny", address, first_token_within=SOON)
        with pytest.raises(AnswerIncomplete, match="no JSON"):
            list(model.stream(QUESTION))


@pytest.mark.parametrize("line", ["[]", "7", "null", '{"message": 3}', '{"message": {}}'])
def test_a_line_that_is_no_record_adds_nothing(line: str):
    with raw_server(f"HTTP/1.0 200 OK\r\n\r\n{line}\n".encode()) as address:
        model = OllamaGenerator("tiny", address, first_token_within=SOON)
        with pytest.raises(AnswerIncomplete, match="ended early"):
            list(model.stream(QUESTION))


@pytest.mark.parametrize("mode", [Mode.HANGS, Mode.TRICKLES])
def test_a_server_that_does_not_begin_is_given_up(mode: Mode):
    with FakeOllama(mode) as server:
        model = generator(server, first_token_within=0.3, answer_within=60)
        began = time.monotonic()
        with pytest.raises(AnswerIncomplete, match=re.escape("within 0.3 s")):
            list(model.stream(QUESTION))
        assert 0.25 < time.monotonic() - began < 1.5


def test_a_server_that_does_not_come_to_an_end_is_given_up():
    with FakeOllama(Mode.RAMBLES) as server:
        model = generator(server, first_token_within=60, answer_within=0.4)
        began = time.monotonic()
        with pytest.raises(AnswerIncomplete, match=re.escape("within 0.4 s")):
            list(model.stream(QUESTION))
        assert 0.35 < time.monotonic() - began < 1.5
        assert server.hung_up.wait(SOON)


def test_a_prompt_that_does_not_fit_says_by_how_much():
    with FakeOllama(Mode.TOO_LONG) as server, pytest.raises(PromptTooLong) as caught:
        ask(server)
    assert (caught.value.tokens, caught.value.limit) == (9000, 8192)
    assert isinstance(caught.value, AnswerIncomplete)


def test_a_server_that_does_not_count_still_says_that_the_prompt_does_not_fit():
    said = b'{"error":"the input length exceeds the context length"}'
    with raw_server(b"HTTP/1.0 400 Bad Request\r\n\r\n" + said) as address:
        model = OllamaGenerator("tiny", address, context=4096)
        with pytest.raises(PromptTooLong) as caught:
            list(model.stream(QUESTION))
    assert (caught.value.tokens, caught.value.limit) == (0, 4096)


# A server or a model that is not there


def test_a_failing_server_says_what_it_said_in_one_printable_line():
    with FakeOllama(Mode.FAILS) as server, pytest.raises(ServerUnavailable) as caught:
        ask(server)
    assert (
        str(caught.value) == "Ollama answered with error 500: llama runner process has terminated"
    )
    reply = b"HTTP/1.0 500 No\r\n\r\n\x1b[31mred\x00\r\nsecond line" + b"." * 100_000
    with raw_server(reply) as address, pytest.raises(ServerUnavailable) as caught:
        list(OllamaGenerator("tiny", address).stream(QUESTION))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_redirect_is_not_followed():
    with FakeOllama(Mode.REDIRECTS) as server, pytest.raises(ServerUnavailable, match="refused"):
        ask(server)
    assert [request.path for request in server.requests] == ["/api/chat"]


def test_a_model_that_is_not_installed_is_named_in_the_command():
    with FakeOllama() as server, pytest.raises(ModelMissing) as caught:
        list(OllamaGenerator("granite4:micro", server.address).stream(QUESTION))
    assert caught.value.hint == "ollama pull granite4:micro"


def test_an_answer_from_another_machine_is_refused():
    with FakeOllama(Mode.REMOTE) as server, pytest.raises(ModelMissing, match="other machines"):
        ask(server)


def test_a_server_that_stopped_meanwhile_is_unavailable():
    model = OllamaGenerator("tiny", unused_address())
    with pytest.raises(ServerUnavailable) as caught:
        list(model.stream(QUESTION))
    assert caught.value.hint == "ollama serve"


def test_a_connection_that_is_reset_is_an_error_of_ours():
    with raw_server(b"") as address, pytest.raises(AnswerIncomplete, match="broke off"):
        list(OllamaGenerator("tiny", address).stream(QUESTION))


def test_our_errors_keep_the_error_that_caused_them():
    with raw_server(b"") as address, pytest.raises(AnswerIncomplete) as caught:
        list(OllamaGenerator("tiny", address).stream(QUESTION))
    assert type(caught.value.__cause__).__module__ == "httpx"


# Finding a model


def models(*names: str) -> list[FakeModel]:
    return [FakeModel(name) for name in names]


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        (["aya:8b", "qwen3:4b-instruct", "gemma4:e4b"], "qwen3:4b-instruct"),
        (["aya:8b", "gemma4:e4b", "granite4:micro"], "granite4:micro"),
        (["zephyr:7b", "aya:8b", "mistral:latest"], "aya:8b"),
    ],
)
def test_auto_takes_a_preferred_model_else_the_first_by_name(installed: list[str], chosen: str):
    for order in (installed, installed[::-1]):
        with FakeOllama(models=models(*order)) as server:
            assert find_model(server.address) == chosen


def test_auto_passes_over_models_that_embed_or_run_elsewhere():
    listed = [
        FakeModel("all-minilm:latest", embeds=True),
        FakeModel("assistant:latest", remote=True),
        FakeModel("gpt-oss:120b-cloud", remote=True),
        FakeModel("smollm2:135m"),
    ]
    with FakeOllama(models=listed) as server:
        assert find_model(server.address) == "smollm2:135m"
    assert "cloud" not in "".join(request.body for request in server.requests)


def test_a_name_without_a_tag_means_the_latest():
    with FakeOllama(models=models("mistral:latest", "hf.co/me/tiny:Q4")) as server:
        assert find_model(server.address, "mistral") == "mistral:latest"
        assert find_model(server.address, "hf.co/me/tiny:Q4") == "hf.co/me/tiny:Q4"


@pytest.mark.parametrize(
    "listed",
    [
        [],
        [FakeModel("nomic-embed-text:latest", embeds=True)],
        [FakeModel("gpt-oss:120b-cloud", remote=True), FakeModel("helper:latest", remote=True)],
    ],
)
def test_a_server_without_a_model_that_can_write_here_names_one_to_get(listed: list[FakeModel]):
    with FakeOllama(models=listed) as server, pytest.raises(ModelMissing) as caught:
        find_model(server.address)
    assert caught.value.hint == "ollama pull qwen3:4b-instruct"


def test_a_wanted_model_that_is_missing_is_named_in_the_command():
    with FakeOllama() as server, pytest.raises(ModelMissing, match="llama4") as caught:
        find_model(server.address, "llama4")
    assert caught.value.hint == "ollama pull llama4"


def test_a_wanted_model_that_embeds_is_refused():
    listed = [FakeModel("bge-m3:latest", embeds=True)]
    with FakeOllama(models=listed) as server, pytest.raises(ModelMissing, match="cannot write"):
        find_model(server.address, "bge-m3")


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "glm-5:cloud", "GPT-OSS:120B-Cloud"])
def test_a_cloud_model_is_refused_before_anything_is_sent(name: str):
    with FakeOllama(models=models(name)) as server:
        for use in (find_model, lambda address, name: OllamaGenerator(name, address)):
            with pytest.raises(ModelMissing, match="other machines"):
                use(server.address, name)
    assert server.requests == []


def test_a_remote_model_with_a_harmless_name_is_refused():
    listed = [FakeModel("mine:latest", remote=True)]
    with FakeOllama(models=listed) as server, pytest.raises(ModelMissing, match="other machines"):
        find_model(server.address, "mine")
    assert [request.path for request in server.requests] == ["/api/tags"]


@pytest.mark.parametrize(
    "mode", [Mode.HANGS, Mode.TRICKLES, Mode.FAILS, Mode.REDIRECTS, Mode.NOT_JSON]
)
def test_a_server_that_does_not_list_its_models_is_unavailable(mode: Mode):
    with FakeOllama(listing=mode) as server, pytest.raises(ServerUnavailable) as caught:
        find_model(server.address, timeout=0.4)
    assert caught.value.hint == "ollama serve"
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", ["[]", "7", "{}", '{"models": 3}', '{"models": [{}]}'])
def test_a_server_that_is_not_ollama_is_unavailable_or_has_no_model(reply: str):
    head = f"HTTP/1.0 200 OK\r\nContent-Length: {len(reply)}\r\n\r\n"
    refusals = (ServerUnavailable, ModelMissing)
    with raw_server((head + reply).encode()) as address, pytest.raises(refusals):
        find_model(address)


# Nothing leaves the machine


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com:11434",
        "http://192.168.1.2:11434",
        "http://8.8.8.8",
        "http://0.0.0.0:11434",
        "http://[2001:db8::1]:11434",
        "http://127.0.0.1@example.com:11434",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://2130706433:11434",
    ],
)
def test_another_machine_is_refused_without_a_look_up(
    address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("looked a name up"))
    for use in (find_model, lambda address: OllamaGenerator("tiny", address)):
        with pytest.raises(ServerUnavailable, match="other machines"):
            use(address)


@pytest.mark.parametrize(
    "address",
    ["", "localhost", "https://127.0.0.1", "http://", "http://127.0.0.1:x", "http://[::1"],
)
def test_an_address_that_is_none_is_a_usage_error(address: str):
    with pytest.raises(UsageError) as caught:
        find_model(address)
    assert "http://127.0.0.1:11434" in caught.value.hint


def test_localhost_means_this_machine():
    with FakeOllama() as server:
        assert find_model(server.address.replace("127.0.0.1", "localhost")) == PREFERRED[0]


def test_proxies_in_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch):
    with FakeOllama() as proxy, FakeOllama() as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        monkeypatch.setenv("OLLAMA_HOST", "http://example.com")
        assert find_model(server.address) == PREFERRED[0]
        assert ask(server) == TEXT
    assert proxy.requests == []


def test_where_no_server_listens_nothing_heavy_is_imported():
    script = f"""
import sys, time
from ibid.adapters.ollama import find_model
from ibid.errors import ServerUnavailable
began = time.monotonic()
try:
    find_model({unused_address()!r})
except ServerUnavailable as error:
    print(error.hint, time.monotonic() - began < 0.5)
print(sorted({{"httpx", "ollama", "pydantic", "numpy.random", "torch"}} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["ollama serve True", "[]"]


# The fakes


def test_all_generators_have_the_shape_that_the_core_needs():
    with FakeOllama() as server:
        shaped: list[Generator] = [generator(server), ScriptedGenerator(TEXT)]
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
    assert doctest.testmod(ibid.testing).failed == 0


WHOLE = {Mode.OK, Mode.CANNOT_THINK, Mode.LEAKS_THOUGHTS}


@pytest.mark.parametrize("mode", sorted(set(Mode) - WHOLE))
def test_every_other_mode_of_the_fake_server_is_an_error_with_a_hint(mode: Mode):
    with FakeOllama(mode) as server:
        model = generator(server, first_token_within=0.3, answer_within=0.4)
        with pytest.raises(ModelError) as caught:
            list(model.stream(QUESTION))
    assert caught.value.exit_code == 5
    assert caught.value.hint


class raw_server:  # noqa: N801 - it reads like a function
    """Answers every request with the same bytes, then closes."""

    def __init__(self, reply: bytes) -> None:
        self._reply = reply
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(SOON)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                client.settimeout(SOON)
                request = client.recv(65_536)
                head, _, body = request.partition(b"\r\n\r\n")
                size = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                if size and len(body) < int(size[1]):
                    client.recv(65_536)
                if request:
                    client.sendall(self._reply)
