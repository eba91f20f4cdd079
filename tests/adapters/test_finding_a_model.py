"""A model is found on this machine only, and nothing leaves the machine."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from fakes import FakeModel, FakeOllama, Mode
from ibid.adapters.servers.ollama import PREFERRED, OllamaGenerator, find_model
from ibid.errors import ModelMissing, ServerUnavailable, UsageError
from model_servers import LATE, SOON, TEXT, ask, raw_server, unused_address


@pytest.fixture(autouse=True)
def _every_failure_comes_soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < LATE


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
            assert find_model(server.address).name == chosen


def test_auto_passes_over_models_that_embed_or_run_elsewhere():
    listed = [
        FakeModel("all-minilm:latest", embeds=True),
        FakeModel("assistant:latest", remote=True),
        FakeModel("gpt-oss:120b-cloud", remote=True),
        FakeModel("smollm2:135m"),
    ]
    with FakeOllama(models=listed) as server:
        assert find_model(server.address).name == "smollm2:135m"
    assert "cloud" not in "".join(request.body for request in server.requests)


def test_a_name_without_a_tag_means_the_latest():
    with FakeOllama(models=models("mistral:latest", "hf.co/me/tiny:Q4")) as server:
        assert find_model(server.address, "mistral").name == "mistral:latest"
        assert find_model(server.address, "hf.co/me/tiny:Q4").name == "hf.co/me/tiny:Q4"


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
        find_model(server.address, timeout=SOON)
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
        assert find_model(server.address.replace("127.0.0.1", "localhost")).name == PREFERRED[0]


def test_proxies_in_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch):
    with FakeOllama() as proxy, FakeOllama() as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        monkeypatch.setenv("OLLAMA_HOST", "http://example.com")
        assert find_model(server.address).name == PREFERRED[0]
        assert ask(server) == TEXT
    assert proxy.requests == []


def test_where_no_server_listens_nothing_heavy_is_imported():
    script = f"""
import sys
from ibid.adapters.servers.ollama import find_model
from ibid.errors import ServerUnavailable
try:
    find_model({unused_address()!r})
except ServerUnavailable as error:
    print(error.hint)
print(sorted({{"httpx", "ollama", "pydantic", "numpy.random", "torch"}} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["ollama serve", "[]"]
