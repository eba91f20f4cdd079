"""An Ollama server's answer is whole, or an error that says what to do."""

import json
import re
import threading
import time
from collections.abc import Iterator

import pytest

from fakes import FakeOllama, Mode
from ibid.adapters.servers.connection import Patience
from ibid.adapters.servers.ollama import PREFERRED, OllamaGenerator
from ibid.errors import AnswerIncomplete, ModelMissing, PromptTooLong, ServerUnavailable
from ibid.ports import Message
from ibid.text.token_budget import ANSWER_TOKENS
from model_servers import LATE, QUESTION, SOON, TEXT, ask, generator, raw_server, unused_address


@pytest.fixture(autouse=True)
def _every_failure_comes_soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < LATE


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
        assert server.hung_up.wait(LATE)


def test_no_timer_is_left_behind():
    with FakeOllama(Mode.OK, Mode.ENDS_EARLY) as server:
        ask(server)
        with pytest.raises(AnswerIncomplete):
            ask(server)
    timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    assert all(each.finished.is_set() for each in timers)  # cancelled, if not gone yet


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
        model = OllamaGenerator("tiny", address, patience=Patience(SOON))
        with pytest.raises(AnswerIncomplete, match="no JSON"):
            list(model.stream(QUESTION))


@pytest.mark.parametrize("line", ["[]", "7", "null", '{"message": 3}', '{"message": {}}'])
def test_a_line_that_is_no_record_adds_nothing(line: str):
    with raw_server(f"HTTP/1.0 200 OK\r\n\r\n{line}\n".encode()) as address:
        model = OllamaGenerator("tiny", address, patience=Patience(SOON))
        with pytest.raises(AnswerIncomplete, match="ended early"):
            list(model.stream(QUESTION))


@pytest.mark.parametrize("mode", [Mode.HANGS, Mode.TRICKLES])
def test_a_server_that_does_not_begin_is_given_up(mode: Mode):
    with FakeOllama(mode) as server:
        model = generator(server, first_token_within=0.3, answer_within=60)
        began = time.monotonic()
        with pytest.raises(AnswerIncomplete, match=re.escape("within 0.3 s")):
            list(model.stream(QUESTION))
        assert 0.25 < time.monotonic() - began < LATE


def test_a_server_that_does_not_come_to_an_end_is_given_up():
    with FakeOllama(Mode.RAMBLES) as server:
        model = generator(server, first_token_within=60, answer_within=0.4)
        began = time.monotonic()
        with pytest.raises(AnswerIncomplete, match=re.escape("within 0.4 s")):
            list(model.stream(QUESTION))
        assert 0.35 < time.monotonic() - began < LATE
        assert server.is_left(LATE)


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
