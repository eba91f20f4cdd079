"""Other machines get nothing unless it was allowed, and then it is said."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes import FakeModel, FakeOllama, FakeOpenAI, Mode
from ibid.adapters.servers.choice import find_generator
from ibid.adapters.servers.connection import locate
from ibid.adapters.servers.ollama import OLLAMA, OllamaGenerator
from ibid.adapters.servers.ollama import find_model as find_in_ollama
from ibid.adapters.servers.openai_server import OPENAI, OpenAIGenerator
from ibid.adapters.servers.openai_server import find_model as find_in_openai
from ibid.errors import ModelMissing, ServerUnavailable, UsageError
from ibid.library import Library
from ibid.settings import Settings, load_settings
from model_servers import QUESTION, TEXT, unused_address

REMOTE = [
    "http://example.com:8080",
    "http://example.com:8080/v1",
    "https://example.com/v1",
    "http://192.168.1.2:8080",
    "http://0.0.0.0:8080",
    "http://[2001:db8::1]:8080",
    "http://127.0.0.1@example.com:8080",
    "http://127.0.0.1.example.com",
    "http://2130706433:8080",
]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that no resolver knows but this test: it leads to this machine, like any other."""
    looked_up = socket.getaddrinfo

    def look_up(host: str, *rest: object, **more: object) -> object:
        name = "127.0.0.1" if host == "models.example" else host
        return looked_up(name, *rest, **more)  # pyright: ignore

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return "models.example"


@pytest.mark.parametrize("address", REMOTE)
@pytest.mark.parametrize("use", [find_in_openai, lambda address: OpenAIGenerator("tiny", address)])
def test_another_machine_is_refused_without_a_look_up(
    use: Callable[[str], object], address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("looked a name up"))
    with pytest.raises(ServerUnavailable, match="other machines") as caught:
        use(address)
    assert "--allow-remote" in caught.value.hint


@pytest.mark.parametrize("address", ["localhost:8080", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_an_address_that_is_none_is_a_usage_error(address: str):
    with pytest.raises(UsageError):
        find_in_openai(address)


def test_an_address_with_a_password_is_a_usage_error_even_where_remote_ones_are_allowed():
    with pytest.raises(UsageError):
        locate("http://me:secret@example.com", OPENAI, allow_remote=True)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://example.com", "http://example.com:80"),
        ("https://example.com/models/v1", "https://example.com:443/models/v1"),
        ("http://[2001:db8::1]:8000/", "http://[2001:db8::1]:8000"),
    ],
)
def test_a_remote_address_that_is_allowed_is_used_as_it_is(address: str, url: str):
    server = locate(address, OPENAI, allow_remote=True)
    assert (server.url, server.remote) == (url, True)


def test_a_local_address_is_not_remote_even_where_remote_ones_are_allowed():
    server = locate("http://localhost:1234/v1", OPENAI, allow_remote=True)
    assert (server.url, server.remote) == ("http://127.0.0.1:1234/v1", False)
    assert locate("http://127.0.0.1", OLLAMA).url == "http://127.0.0.1:11434"


def test_a_remote_ollama_that_is_allowed_answers(elsewhere: str):
    with FakeOllama() as server:
        address = server.address.replace("127.0.0.1", elsewhere)
        model = find_in_ollama(address, allow_remote=True)
        generator = OllamaGenerator(model.name, address, allow_remote=True)
        assert "".join(delta.text for delta in generator.stream(QUESTION)) == TEXT
    assert model.remote


def test_a_remote_server_that_is_allowed_answers(elsewhere: str):
    with FakeOpenAI() as server:
        address = server.address.replace("127.0.0.1", elsewhere)
        model = find_in_openai(address, allow_remote=True)
        generator = OpenAIGenerator(model.name, address, allow_remote=True)
        assert "".join(delta.text for delta in generator.stream(QUESTION)) == TEXT
    assert model.remote


@pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
def test_no_redirect_is_followed_and_no_proxy_asked_even_where_remote_models_are_allowed(
    fake: type[FakeOllama | FakeOpenAI], elsewhere: str, monkeypatch: pytest.MonkeyPatch
):
    use = OllamaGenerator if fake is FakeOllama else OpenAIGenerator
    with fake() as proxy, fake(Mode.REDIRECTS) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        address = server.address.replace("127.0.0.1", elsewhere)
        model = use("qwen3:4b-instruct", address, allow_remote=True)
        with pytest.raises(ServerUnavailable, match="refused"):
            list(model.stream(QUESTION))
    assert len(server.requests) == 1
    assert proxy.requests == []


def test_a_server_that_does_not_encrypt_is_not_spoken_to_by_https(elsewhere: str):
    with FakeOpenAI() as server:
        address = server.address.replace("http://127.0.0.1", f"https://{elsewhere}")
        with pytest.raises(ServerUnavailable, match="no safe connection") as caught:
            find_in_openai(address, allow_remote=True)
        with pytest.raises(ServerUnavailable, match="no safe connection"):
            list(OpenAIGenerator("tiny", address, allow_remote=True).stream(QUESTION))
    assert "http or https" in caught.value.hint
    assert server.chats == []


def test_a_cloud_model_is_used_only_where_it_is_allowed_and_named():
    cloud = [FakeModel("gpt-oss:120b-cloud", remote=True)]
    with FakeOllama(Mode.REMOTE, models=cloud) as server:
        with pytest.raises(ModelMissing, match="other machines") as caught:
            find_in_ollama(server.address, cloud[0].name)
        assert "--allow-remote" in caught.value.hint
        with pytest.raises(ModelMissing):
            find_in_ollama(server.address, allow_remote=True)
        model = find_in_ollama(server.address, cloud[0].name, allow_remote=True)
        generator = OllamaGenerator(model.name, server.address, allow_remote=True)
        assert "".join(delta.text for delta in generator.stream(QUESTION)) == TEXT
    assert model.remote


def test_a_notice_says_that_passages_leave_the_machine(elsewhere: str):
    with FakeOpenAI() as server:
        address = server.address.replace("127.0.0.1", elsewhere)
        choice = find_generator(Settings(server=address, allow_remote=True))
    assert choice.generator is not None
    assert "another machine, which gets the question and passages" in choice.notice
    with FakeOllama() as server:
        choice = find_generator(Settings(ollama=server.address, allow_remote=True))
    assert (choice.generator is not None, choice.notice) == (True, "")


def test_an_answer_that_fails_on_another_machine_says_both(
    elsewhere: str, seeds: Path, seed_index: Path
):
    with FakeOpenAI(Mode.CUT) as server:
        address = server.address.replace("127.0.0.1", elsewhere)
        settings = Settings(server=address, allow_remote=True)
        answer = Library.open(seeds, seed_index, settings).ask("how important is data privacy?")
    assert "which gets the question and passages" in answer.run.notice
    assert "these are the articles' own sentences" in answer.run.notice
    assert answer.claims


def test_a_server_elsewhere_gets_nothing_and_the_quotes_are_the_answer(
    seeds: Path, seed_index: Path
):
    settings = Settings(server="http://models.example/v1")
    answer = Library.open(seeds, seed_index, settings).ask("how important is data privacy?")
    assert "sends nothing to other machines" in answer.run.notice
    assert answer.claims


def test_where_a_server_is_set_ollama_is_not_asked():
    with FakeOllama() as ollama, FakeOpenAI() as server:
        choice = find_generator(Settings(ollama=ollama.address, server=server.address))
        assert choice.generator is not None
        assert choice.generator.name == "qwen3-4b-instruct"
    assert ollama.requests == []


def test_a_server_that_is_not_there_leaves_the_quotes_and_a_named_model_is_an_error():
    missing = unused_address()
    choice = find_generator(Settings(server=missing))
    assert choice.generator is None
    assert "no model server listens" in choice.notice
    with pytest.raises(ServerUnavailable):
        find_generator(Settings(server=missing, model="qwen3"))


@pytest.mark.parametrize(("told", "used"), [(4096, 4096), (100_000, 8192), (0, 8192)])
def test_no_more_context_is_used_than_the_model_has(told: int, used: int):
    with FakeOllama(models=[FakeModel(context=told)]) as server:
        choice = find_generator(Settings(ollama=server.address))
    assert choice.generator is not None
    assert choice.generator.context == used


def test_a_folder_s_settings_name_no_cloud_model_for_a_user_who_lets_passages_go_elsewhere(
    tmp_path: Path,
):
    cloud = [FakeModel("gpt-oss:120b-cloud", remote=True)]
    named = 'model = "gpt-oss:120b-cloud"'
    with FakeOllama(Mode.REMOTE, models=cloud) as server:
        own = f'ollama = "{server.address}"\nallow_remote = true\n'
        (tmp_path / "ibid").mkdir()
        (tmp_path / "ibid" / "config.toml").write_text(own)
        (tmp_path / "ibid.toml").write_text(named)
        settings = load_settings({}, {"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path)
        with pytest.raises(ModelMissing, match="other machines"):
            find_generator(settings)
        (tmp_path / "ibid" / "config.toml").write_text(own + named)
        (tmp_path / "ibid.toml").unlink()
        settings = load_settings({}, {"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path)
        assert find_generator(settings).generator
    assert server.chats == []
