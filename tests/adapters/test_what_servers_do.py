"""Every way in which servers of language models were seen to fail, one by one and by name.

Each test replays over real HTTP what the true servers do, with Ollama's own API and with the one
that vLLM, llama.cpp and LM Studio have in common.
Which models run elsewhere is in
test_finding_a_model.py and test_remote_models.py, how a prompt is packed in test_prompt.py, a
true server in test_true_llama_server.py.
"""

import json
import time
from collections.abc import Callable, Iterator

import pytest

from fakes import FakeOllama, FakeOpenAI, FakeServer, Mode
from ibid.adapters.servers.ollama import OllamaGenerator
from ibid.adapters.servers.ollama import find_model as find_in_ollama
from ibid.adapters.servers.openai_server import OpenAIGenerator
from ibid.adapters.servers.openai_server import find_model as find_in_openai
from ibid.errors import AnswerIncomplete, ModelMissing, PromptTooLong, ServerUnavailable
from ibid.ports import Message
from ibid.text.token_budget import least_tokens
from model_servers import LATE, QUESTION, SOON, TEXT, ask, generator, raw_server, unused_address

BOTH = pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
LONG = [Message("system", "Answer."), Message("user", "An orchard has many apples. " * 500)]

Fake = type[FakeOllama | FakeOpenAI]
Use = Callable[[str], object]


@pytest.fixture(autouse=True)
def _every_failure_comes_soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < LATE


def body(server: FakeServer, number: int = 0) -> dict[str, object]:
    return json.loads(server.chats[number].body)


def read_whole(server: FakeServer, messages: list[Message]) -> str:
    return "".join(delta.text for delta in generator(server).stream(messages))


# The context


def test_ollama_is_told_not_to_cut_the_prompt():
    with FakeOllama(window=2000) as server:
        ask(server)
    assert body(server)["truncate"] is False


@BOTH
def test_a_prompt_that_the_server_refuses_as_too_long_says_by_how_much(fake: Fake):
    words = sum(least_tokens(each.content) for each in LONG)
    model = OllamaGenerator if fake is FakeOllama else OpenAIGenerator
    with fake(window=2000) as server, pytest.raises(PromptTooLong) as caught:
        list(model(generator(server).name, server.address, context=2000).stream(LONG))
    assert caught.value.tokens >= words
    assert caught.value.limit == 2000


@BOTH
def test_a_prompt_that_the_server_cuts_silently_is_an_error(fake: Fake):
    with (
        fake(Mode.CUTS_PROMPT, window=2000) as server,
        pytest.raises(
            AnswerIncomplete, match="read 2,000 tokens of a prompt that has 3,0"
        ) as caught,
    ):
        read_whole(server, LONG)
    assert "context = 2048" in caught.value.hint


@BOTH
def test_a_prompt_that_just_fits_is_answered_and_one_token_less_room_refuses_it(fake: Fake):
    tokens = 500 * 6 + 2  # five words and a full stop each, and `Answer.`
    with fake(Mode.CUTS_PROMPT, window=tokens) as server:
        assert read_whole(server, LONG) == TEXT
    with (
        fake(Mode.CUTS_PROMPT, window=tokens - 2) as server,
        pytest.raises(AnswerIncomplete, match="cuts what does not fit"),
    ):
        read_whole(server, LONG)


@BOTH
def test_a_server_that_does_not_count_is_believed(fake: Fake):
    with fake(Mode.DOES_NOT_COUNT) as server:
        assert ask(server) == TEXT


def test_a_count_of_nothing_is_no_count():
    said = 'data: {"choices":[{"delta":{"content":"Yes."},"finish_reason":"stop"}],'
    said += '"usage":{"prompt_tokens":0}}\n\ndata: [DONE]\n\n'
    with raw_server(f"HTTP/1.0 200 OK\r\n\r\n{said}".encode()) as address:
        model = OpenAIGenerator("tiny", address)
        assert [delta.text for delta in model.stream(QUESTION)] == ["Yes."]


def test_the_context_of_ollama_is_the_same_each_time_and_nothing_reloads_the_model():
    with FakeOllama() as server:
        model = generator(server)
        for messages in (QUESTION, LONG, QUESTION):
            list(model.stream(messages))
    options = [body(server, number)["options"] for number in range(3)]
    assert [each["num_ctx"] for each in options] == [8192] * 3  # pyright: ignore
    assert all("shift" not in body(server, number) for number in range(3))


def test_the_api_of_openai_has_no_way_to_forbid_a_cut_so_the_count_is_asked_for():
    with FakeOpenAI() as server:
        ask(server)
    assert body(server)["stream_options"] == {"include_usage": True}
    assert "truncate" not in body(server)


# Thoughts


@BOTH
def test_models_are_told_not_to_think(fake: Fake):
    with fake() as server:
        ask(server)
    sent = body(server)
    kwargs = {"enable_thinking": False}
    assert sent.get("think", "-") is False or sent["chat_template_kwargs"] == kwargs


@BOTH
def test_a_model_that_cannot_think_is_asked_again_without(fake: Fake):
    with fake(Mode.CANNOT_THINK) as server:
        assert ask(server) == TEXT
    assert len(server.chats) == 2
    assert "think" not in server.chats[1].body


@BOTH
def test_an_answer_that_is_all_thoughts_is_an_error(fake: Fake):
    with fake(Mode.THINKS) as server, pytest.raises(AnswerIncomplete, match="cut"):
        ask(server)


@BOTH
def test_leaked_thoughts_are_taken_out(fake: Fake):
    with fake(Mode.LEAKS_THOUGHTS) as server:
        assert ask(server) == TEXT


@BOTH
def test_thoughts_that_never_end_are_an_error(fake: Fake):
    with fake(Mode.NEVER_STOPS_THINKING) as server, pytest.raises(AnswerIncomplete):
        ask(server)


@BOTH
def test_thoughts_that_the_template_began_are_an_error(fake: Fake):
    with (
        fake(Mode.THINKS_UNMARKED) as server,
        pytest.raises(AnswerIncomplete, match="thinks aloud") as caught,
    ):
        ask(server)
    assert "thinking off" in caught.value.hint


@BOTH
def test_no_schema_is_sent_since_it_forces_form_and_not_truth(fake: Fake):
    with fake() as server:
        ask(server)
    assert not {"format", "response_format", "tools", "tool_choice"} & body(server).keys()


# The end


@BOTH
@pytest.mark.parametrize(
    ("mode", "says"),
    [
        (Mode.ENDS_EARLY, "ended early"),
        (Mode.NEVER_SAYS_DONE, "ended early"),
        (Mode.BREAKS_OFF, "broke off"),
        (Mode.CUT, "was cut"),
        (Mode.GIVES_NO_REASON, "ended early"),
        (Mode.STOPS_WITH_ERROR, "stopped: an error was encountered"),
        (Mode.WRITES_NOTHING, "no answer"),
        (Mode.FLOODS, "far too long"),
    ],
)
def test_a_stream_without_a_proper_end_is_an_error(fake: Fake, mode: Mode, says: str):
    with fake(mode) as server, pytest.raises(AnswerIncomplete, match=says) as caught:
        ask(server)
    assert caught.value.hint
    assert caught.value.exit_code == 5


@BOTH
def test_what_is_no_stream_is_an_error(fake: Fake):
    with fake(Mode.NOT_JSON) as server, pytest.raises(AnswerIncomplete, match="a line that is no"):
        ask(server)


def test_a_stream_of_broken_events_is_an_error():
    for said in (b"data: {", b"data: [", b"data: " + b"[" * 200_000, b"<html>", b"error: {}"):
        reply = b"HTTP/1.0 200 OK\r\n\r\n" + said + b"\n\n"
        with raw_server(reply) as address, pytest.raises(AnswerIncomplete):
            list(OpenAIGenerator("tiny", address).stream(QUESTION))


@pytest.mark.parametrize("record", ["[]", "7", "null", '{"choices": []}', '{"choices": [3]}'])
def test_an_event_that_says_nothing_adds_nothing(record: str):
    said = f"data: {record}\n\ndata: [DONE]\n\n"
    with (
        raw_server(f"HTTP/1.0 200 OK\r\n\r\n{said}".encode()) as address,
        pytest.raises(AnswerIncomplete, match="ended early"),
    ):
        list(OpenAIGenerator("tiny", address).stream(QUESTION))


def test_events_are_read_as_the_standard_says():
    said = (
        ": a comment\r\nevent: message\r\nid: 7\r\nretry: 10\r\n"
        'data:{"choices":[{"delta":{"content":"Pears "}}]}\r\n\r\n'
        'data: {"choices":[{"delta":{"content":"ripen."},"finish_reason":"stop"}]}\r\n\r\n'
        "data: [DONE]"
    )
    with raw_server(f"HTTP/1.0 200 OK\r\n\r\n{said}".encode()) as address:
        model = OpenAIGenerator("tiny", address)
        assert "".join(delta.text for delta in model.stream(QUESTION)) == "Pears ripen."


# Time


@BOTH
@pytest.mark.parametrize("mode", [Mode.HANGS, Mode.TRICKLES])
def test_a_server_that_does_not_begin_is_given_up(fake: Fake, mode: Mode):
    with fake(mode) as server:
        model = generator(server, first_token_within=0.3, answer_within=60)
        with pytest.raises(AnswerIncomplete, match=r"within 0\.3 s"):
            list(model.stream(QUESTION))


@BOTH
@pytest.mark.parametrize("seconds", [0.4, 0])  # 0: it is over before the server was asked
def test_a_server_that_does_not_come_to_an_end_is_given_up(fake: Fake, seconds: float):
    with fake(Mode.RAMBLES) as server:
        model = generator(server, first_token_within=60, answer_within=seconds)
        with pytest.raises(AnswerIncomplete, match=rf"within {seconds} s"):
            list(model.stream(QUESTION))
        assert server.is_left(LATE)


@BOTH
def test_who_stops_listening_stops_the_model(fake: Fake):
    with fake(Mode.RAMBLES) as server:
        stream = generator(server).stream(QUESTION)
        next(stream)
        assert not server.hung_up.is_set()
        stream.close()  # pyright: ignore[reportAttributeAccessIssue]
        assert server.hung_up.wait(LATE)


# Servers and models that are not there


@pytest.mark.parametrize(
    "use",
    [
        find_in_ollama,
        find_in_openai,
        lambda address: list(OllamaGenerator("tiny", address).stream(QUESTION)),
        lambda address: list(OpenAIGenerator("tiny", address).stream(QUESTION)),
    ],
)
def test_a_server_that_is_down_is_the_same_error_of_ours_everywhere(use: Use):
    with pytest.raises(ServerUnavailable, match="server listens at") as caught:
        use(unused_address())
    assert caught.value.hint


@BOTH
def test_a_dead_runner_is_said_in_the_servers_words(fake: Fake):
    with fake(Mode.FAILS) as server, pytest.raises(ServerUnavailable, match="runner process"):
        ask(server)


@BOTH
def test_a_server_that_wants_a_key_is_said_to(fake: Fake):
    with fake(Mode.WANTS_KEY) as server, pytest.raises(ServerUnavailable, match="wants a key"):
        ask(server)


@BOTH
def test_a_model_that_is_not_there_is_named_and_not_pulled(fake: Fake):
    with fake() as server:
        model = OllamaGenerator if fake is FakeOllama else OpenAIGenerator
        with pytest.raises(ModelMissing, match="granite4"):
            list(model("granite4", server.address).stream(QUESTION))
    assert [request.path for request in server.requests] == [server.chat_path]


def test_the_model_that_a_server_lists_is_taken():
    with FakeOpenAI(models=["zephyr-7b"]) as server:
        assert find_in_openai(server.address).name == "zephyr-7b"
        assert find_in_openai(server.address + "/v1/").name == "zephyr-7b"


def test_of_several_listed_models_the_first_that_can_write_is_taken():
    with FakeOpenAI(models=["zephyr-7b", "bge-reranker", "all-embedder", "aya-8b"]) as server:
        assert find_in_openai(server.address).name == "aya-8b"
        assert find_in_openai(server.address, "zephyr-7b").name == "zephyr-7b"


@pytest.mark.parametrize(("models", "wanted"), [([], "auto"), (["embed"], "auto"), (["a"], "b")])
def test_a_server_without_the_model_says_what_it_lists(models: list[str], wanted: str):
    with FakeOpenAI(models=models) as server, pytest.raises(ModelMissing) as caught:
        find_in_openai(server.address, wanted)
    assert str(caught.value).endswith(f"it lists: {', '.join(models) or 'none'}")


@pytest.mark.parametrize("tells", ["vLLM", "llama.cpp"])
def test_the_context_that_a_server_tells_is_known(tells: str):
    with FakeOpenAI(window=4096, tells=tells) as server:
        assert find_in_openai(server.address).context == 4096


@pytest.mark.parametrize(
    "mode", [Mode.HANGS, Mode.TRICKLES, Mode.FAILS, Mode.REDIRECTS, Mode.NOT_JSON, Mode.WANTS_KEY]
)
def test_a_server_that_does_not_list_its_models_is_unavailable(mode: Mode):
    with FakeOpenAI(listing=mode) as server, pytest.raises(ServerUnavailable) as caught:
        find_in_openai(server.address, timeout=SOON)
    assert caught.value.hint
    assert len(server.requests) == 1


# Detours


@BOTH
def test_a_redirect_is_not_followed(fake: Fake):
    with fake(Mode.REDIRECTS) as server, pytest.raises(ServerUnavailable, match="refused"):
        ask(server)
    assert [request.path for request in server.requests] == [server.chat_path]


@BOTH
def test_a_proxy_of_the_environment_gets_nothing_not_even_for_this_machine(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
):
    with fake() as proxy, fake() as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        assert ask(server) == TEXT
    assert proxy.requests == []


# What servers say when a prompt is too long


@pytest.mark.parametrize(
    ("said", "tokens", "limit"),
    [
        (  # llama.cpp
            '{"error":{"code":400,"message":"request (45037 tokens) exceeds the available context '
            'size (8192 tokens), try increasing it","type":"exceed_context_size_error",'
            '"n_prompt_tokens":45037,"n_ctx":8192}}',
            45037,
            8192,
        ),
        (  # vLLM
            '{"object":"error","message":"This model\'s maximum context length is 4096 tokens. '
            'However, you requested 5024 tokens (4000 in the messages, 1024 in the completion)."}',
            4000,
            4096,
        ),
        (  # vLLM, later
            '{"error":{"message":"You passed 5001 input tokens and requested 1024 output tokens. '
            "However, the model's context length is only 4096 tokens\"}}",
            5001,
            4096,
        ),
        (  # LM Studio
            '{"error":"Trying to keep the first 5001 tokens when context the overflows. However, '
            'the model is loaded with context length of only 4096 tokens"}',
            0,
            4096,
        ),
    ],
)
def test_every_servers_complaint_about_the_length_is_understood(said: str, tokens: int, limit: int):
    reply = f"HTTP/1.0 400 Bad Request\r\n\r\n{said}".encode()
    with raw_server(reply) as address, pytest.raises(PromptTooLong) as caught:
        list(OpenAIGenerator("tiny", address).stream(QUESTION))
    assert (caught.value.tokens, caught.value.limit) == (tokens, limit)
