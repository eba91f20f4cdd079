"""The doctor finds each fault, names what mends it, changes nothing and tells no model anything."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from fakes import FakeModel, FakeOllama, FakeOpenAI, Mode
from ibid.cli.commands import cli
from ibid.doctor.canary import Canary, choose_canary, try_context, write_prompt
from ibid.doctor.checks import LEFT_OUT, Area, CheckResult, Health, examine, exit_code
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder, ScriptedGenerator
from ibid.text.token_budget import answer_room, count_tokens
from model_servers import generator, raw_server, unused_address

CANARY = Canary(("anchor", "pepper", "zipper"))
KNOWN = {"/api/version", "/api/tags", "/api/show", "/api/chat"}
KNOWN |= {"/version", "/props", "/v1/models", "/v1/chat/completions"}

Examined = dict[Area, CheckResult]


def found(library: Library, canary: Canary | None = None) -> Examined:
    """Return the worst finding of each area."""
    worst = sorted(examine(library, canary), key=lambda each: list(Health).index(each.state))
    return {finding.area: finding for finding in worst}


def opened(index: Path, seeds: Path, **settings: object) -> Library:
    port = int(unused_address().rpartition(":")[2])
    values = {"model": "none", "port": port, **settings}
    return Library.open(seeds, index, Settings().changed(values, "test"))


def reader(first: int, last: int) -> Callable[[list[str]], str]:
    """Return how a model answers that sees the first and the last words of a prompt only."""

    def answer(words: list[str]) -> str:
        seen = words[:first] + words[max(len(words) - last, 0) :]
        return ", ".join(word for word in CANARY.words if word in seen) or "?"

    return answer


WHOLE = reader(1_000_000, 0)


def test_a_sound_set_up_has_no_fault(seed_index: Path, seeds: Path):
    all_of_it = found(opened(seed_index, seeds))
    assert {finding.state for finding in all_of_it.values()} <= {Health.OK, Health.NOTE}
    assert exit_code(list(all_of_it.values())) == 0
    assert all_of_it[Area.INDEX].text.startswith("whole: 5 articles, 51 passages")
    assert "own sentences" in all_of_it[Area.MODEL].text
    assert Area.SERVER not in all_of_it


def test_the_embedder_is_timed_and_its_precision_told(seed_index: Path, seeds: Path):
    told = found(opened(seed_index, seeds, precision="fp32"))[Area.EMBEDDER].text
    assert "ms in 32 bits, 384 numbers" in told


# The index


def test_a_missing_index_is_a_fault(small: Library):
    index = found(small)[Area.INDEX]
    assert (index.state, index.fix) == (Health.FAULT, "ibid build")
    assert exit_code([index]) == 1


def test_a_stale_index_is_a_fault(built: Library, articles: Path):
    (articles / "plums.md").write_text("# Plums\n\nPlums are sweet in September.\n", "utf-8")
    index = found(built)[Area.INDEX]
    assert (index.state, index.fix) == (Health.FAULT, "ibid build")
    assert index.text == "stale: 1 article new"


def test_a_damaged_index_is_a_fault(built: Library):
    (built.store.root / "CURRENT").write_bytes(b"nonsense")
    index = found(built)[Area.INDEX]
    assert index.state is Health.FAULT
    assert "CURRENT" in index.fix


def test_an_index_of_another_embedder_is_a_fault(built: Library, articles: Path):
    other = Library.open(articles, built.store.root, Settings(model="none"))
    index = found(other)[Area.INDEX]
    assert (index.state, index.fix) == (Health.FAULT, "ibid build")
    assert "hashed-words" in index.text


def test_a_folder_that_is_gone_is_a_fault(built: Library, articles: Path):
    shutil.rmtree(articles)
    assert found(built)[Area.INDEX].state is Health.FAULT


def test_an_embedder_that_is_not_there_is_a_fault(seed_index: Path, seeds: Path):
    embedder = found(opened(seed_index, seeds, embedder="no/such"))[Area.EMBEDDER]
    assert (embedder.state, "hf download" in embedder.fix) == (Health.FAULT, True)


# The packages


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install ibid with other needs than it has."""

    def install(*needs: str) -> None:
        folder = tmp_path / "site" / "ibid_articles-0.1.0.dist-info"
        folder.mkdir(parents=True)
        lines = ["Metadata-Version: 2.4", "Name: ibid-articles", "Version: 0.1.0"]
        lines += [f"Requires-Dist: {need}" for need in needs]
        (folder / "METADATA").write_text("\n".join(lines) + "\n", "utf-8")
        monkeypatch.setattr(sys, "path", [str(folder.parent), *sys.path])

    return install


def test_packages_that_are_there_are_listed(installed: Callable[..., None], built: Library):
    installed("numpy>=1.26", "click", "no-such-package>=1; extra == 'pdf'")
    packages = found(built)[Area.PACKAGES]
    assert packages.state is Health.OK
    assert [name.split()[0] for name in packages.text.split(", ")] == ["click", "numpy"]


@pytest.mark.parametrize(
    ("need", "text"),
    [
        ("no-such-package>=1", "no-such-package is not installed"),
        ("numpy>=999", "ibid needs >=999"),
    ],
)
def test_a_package_that_is_missing_or_too_old_is_a_fault(
    installed: Callable[..., None], built: Library, need: str, text: str
):
    installed(need, "click")
    packages = found(built)[Area.PACKAGES]
    assert (packages.state, packages.fix.split()[0]) == (Health.FAULT, "pip")
    assert text in packages.text


def test_what_the_light_install_leaves_out_is_no_fault(
    installed: Callable[..., None], built: Library, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(LEFT_OUT, "no-such-package", "ibid chat")
    installed("no-such-package>=1", "click")
    told = [each for each in examine(built) if each.area is Area.PACKAGES]
    assert [(each.state, each.fix) for each in told] == [
        (Health.NOTE, "pip install no-such-package"),
        (Health.OK, ""),
    ]
    assert told[0].text == "the light install, which lacks no-such-package (ibid chat)"


# The server and its model


def test_a_server_that_nobody_asked_for_may_be_missing(seed_index: Path, seeds: Path):
    library = opened(seed_index, seeds, model="auto", ollama=unused_address())
    all_of_it = found(library)
    assert (all_of_it[Area.SERVER].state, all_of_it[Area.SERVER].fix) == (
        Health.NOTE,
        "ollama serve",
    )
    assert exit_code(list(all_of_it.values())) == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"model": "qwen3", "ollama": unused_address()},
        {"model": "auto", "server": unused_address()},
        {"model": "auto", "server": "http://models.example"},
    ],
)
def test_a_server_that_was_asked_for_and_is_missing_is_a_fault(
    asked: dict[str, str], seed_index: Path, seeds: Path
):
    all_of_it = found(opened(seed_index, seeds, **asked))
    assert all_of_it[Area.SERVER].state is Health.FAULT
    assert all_of_it[Area.SERVER].fix
    assert exit_code(list(all_of_it.values())) == 5


def test_another_fault_beside_that_of_the_server_decides_on_the_exit_code():
    server = CheckResult(Area.SERVER, Health.FAULT, "", "")
    assert exit_code([server]) == 5
    assert exit_code([server, CheckResult(Area.CHAT, Health.FAULT, "", "")]) == 1
    assert exit_code([server, CheckResult(Area.CHAT, Health.NOTE, "", "")]) == 5


def test_ollama_is_told_with_its_version_and_its_models(seed_index: Path, seeds: Path):
    models = [FakeModel("qwen3:4b-instruct", context=4096), FakeModel("big-cloud", remote=True)]
    with FakeOllama(models=models) as server:
        all_of_it = found(opened(seed_index, seeds, model="auto", ollama=server.address))
    assert all_of_it[Area.SERVER].text == (
        f"Ollama 0.14.2 at {server.address}; it has 2 models: "
        "big-cloud (elsewhere), qwen3:4b-instruct"
    )
    assert all_of_it[Area.MODEL].text == "qwen3:4b-instruct, asked with 4,096 tokens at most"
    assert all_of_it[Area.CONTEXT].fix == "ibid doctor --canary"
    assert server.chats == []


@pytest.mark.parametrize(
    ("tells", "version"), [("vLLM", " 0.14.0"), ("llama.cpp", " b7000-1234567"), ("", "")]
)
def test_a_model_server_is_told_with_its_version_where_it_tells_one(
    tells: str, version: str, seed_index: Path, seeds: Path
):
    with FakeOpenAI(tells=tells, window=4096) as server:
        all_of_it = found(opened(seed_index, seeds, model="auto", server=server.address))
    assert all_of_it[Area.SERVER].text.startswith(f"model server{version} at {server.address};")
    context = "4,096" if tells else "8,192"
    assert f"asked with {context} tokens" in all_of_it[Area.MODEL].text


def test_a_model_that_was_asked_for_and_is_missing_is_a_fault(seed_index: Path, seeds: Path):
    with FakeOllama() as server:
        all_of_it = found(opened(seed_index, seeds, model="llama4", ollama=server.address))
    assert (all_of_it[Area.MODEL].state, all_of_it[Area.MODEL].fix) == (
        Health.FAULT,
        "ollama pull llama4",
    )


@pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
def test_nothing_is_pulled_and_no_article_is_sent(
    fake: type[FakeOllama | FakeOpenAI], seed_index: Path, seeds: Path
):
    with fake(text=WHOLE) as server:
        name = "ollama" if fake is FakeOllama else "server"
        library = opened(seed_index, seeds, model="auto", **{name: server.address})
        assert found(library, CANARY)[Area.CONTEXT].state is Health.OK
    assert {request.path for request in server.requests} <= KNOWN
    sent = " ".join(request.body for request in server.requests)
    assert "anchor" in sent
    for article in library.articles:
        for passage in library.passages(article.id):
            for sentence in passage.sentences:
                assert sentence.of(article.text) not in sent


# The canary


def test_a_canary_is_three_different_words():
    assert all(len(set(choose_canary().words)) == 3 for _ in range(50))


@pytest.mark.parametrize("context", [1024, 2048, 8192, 100_000])
def test_a_full_prompt_is_as_full_as_the_prompts_of_answers_are(context: int):
    messages = write_prompt(CANARY, context)
    tokens = sum(count_tokens(each.content) for each in messages)
    assert 0.9 * context < tokens + answer_room(context) + 64 <= context
    text = messages[1].content
    places = [text.index(word) / len(text) for word in CANARY.words]
    assert places[0] < 0.1
    assert 0.4 < places[1] < 0.6
    assert places[2] > 0.7


@pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
def test_a_model_that_reads_all_of_a_full_prompt_is_sound(fake: type[FakeOllama | FakeOpenAI]):
    with fake(text=WHOLE) as server:
        reading = try_context(generator(server), CANARY)
    assert reading.fix == ""
    assert "from start to end (7,168 tokens of 8,192)" in reading.text
    assert len(server.chats) == 1


@pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
def test_a_server_that_cuts_is_found_by_its_count(fake: type[FakeOllama | FakeOpenAI]):
    with fake(Mode.CUTS_PROMPT, text=WHOLE, window=3000) as server:
        reading = try_context(generator(server), CANARY)
    assert "the server read 3,000 tokens" in reading.text
    assert reading.text.endswith("with 4,096 it reads all")
    assert reading.fix == "set context = 4096"


@pytest.mark.parametrize(
    ("first", "last", "lost", "context"),
    [
        (3000, 0, "end", 4096),
        (2000, 0, "middle and the end", 2048),
        (0, 3000, "start", 4096),
        (1500, 1500, "middle", 4096),
    ],
)
def test_a_server_that_cuts_and_does_not_count_is_found_by_the_words(
    first: int, last: int, lost: str, context: int
):
    text = reader(first, last)
    with FakeOpenAI(Mode.DOES_NOT_COUNT, text=text) as server:
        reading = try_context(generator(server), CANARY)
    assert f"of 8,192 tokens the model lost the {lost}; with" in reading.text
    assert reading.fix == f"set context = {context}"


def test_a_server_that_refuses_says_what_it_takes():
    with FakeOpenAI(text=WHOLE, window=3000) as server:
        reading = try_context(generator(server), CANARY)
    assert "in a prompt for a context of 8,192 tokens the server counts 5,4" in reading.text
    assert reading.text.endswith("and it takes 3,000; with 4,096 it reads all")


def test_a_model_that_repeats_nothing_is_not_blamed_on_its_context():
    reading = try_context(ScriptedGenerator("I would rather talk about the weather."), CANARY)
    assert reading.text.endswith("repeated none of the words; with 1,024 it is no better")
    assert "another model" in reading.fix


def test_a_canary_makes_a_missing_server_a_fault(seed_index: Path, seeds: Path):
    library = opened(seed_index, seeds, model="auto", ollama=unused_address())
    assert found(library, CANARY)[Area.SERVER].state is Health.FAULT


# The chat


def test_a_port_that_is_taken_is_a_fault_and_a_free_one_is_named(seed_index: Path, seeds: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        chat = found(opened(seed_index, seeds, port=port))[Area.CHAT]
    assert (chat.state, chat.text) == (Health.FAULT, f"port {port} is taken by another program")
    assert int(chat.fix.removeprefix("ibid chat --port ")) > port


@pytest.fixture(scope="module")
def chat_port(seed_index: Path, seeds: Path) -> Iterator[int]:
    """The port of `ibid chat`, on 127.0.0.1, as a user has started it."""
    with running_chat("127.0.0.1", seed_index, seeds) as port:
        yield port


@contextmanager
def running_chat(host: str, index: Path, seeds: Path) -> Iterator[int]:
    port = unused_address().rpartition(":")[2]
    command = [sys.executable, "-m", "ibid", "chat", "--host", host, "--port", port]
    command += ["--model", "none", "--index", str(index), "--articles", str(seeds)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as chat:
        assert chat.stderr is not None
        assert f":{port}" in chat.stderr.readline()
        wait_until_it_answers(host, port)
        yield int(port)
        chat.kill()


def wait_until_it_answers(host: str, port: str) -> None:
    """Wait for a page: the chat names its address before all of it is imported."""
    url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
    httpx.get(url, timeout=60, trust_env=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_chat_that_is_running_is_known(
    host: str, chat_port: int, seed_index: Path, seeds: Path
):
    chat = found(opened(seed_index, seeds, host=host, port=chat_port))[Area.CHAT]
    assert (chat.state, chat.text) == (Health.OK, f"ibid chat is running on port {chat_port}")


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.long
@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on the loopback")
def test_a_running_chat_is_known_on_the_other_loopback_address(seed_index: Path, seeds: Path):
    with running_chat("::1", seed_index, seeds) as port:
        for host in ("::1", "localhost"):
            chat = found(opened(seed_index, seeds, host=host, port=port))[Area.CHAT]
            assert chat.text == f"ibid chat is running on port {port}"


def test_a_running_chat_over_another_index_is_told(
    chat_port: int, built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    other = Library.open(articles, built.store.root, Settings(model="none", port=chat_port))
    chat = found(other)[Area.CHAT]
    assert chat.state is Health.NOTE
    assert "has another index" in chat.text
    assert int(chat.fix.removeprefix("ibid chat --port ")) != chat_port


def test_a_running_chat_of_another_version_is_told(
    chat_port: int, seed_index: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.doctor.checks.__version__", "9.9.9")
    chat = found(opened(seed_index, seeds, port=chat_port))[Area.CHAT]
    assert (chat.state, chat.fix) == (Health.NOTE, "stop it, then ibid chat")


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[1]",
        b"HTTP/1.0 200 OK\r\n\r\n" + b"[" * 100_000,
        b"HTTP/1.0 307 Moved\r\nLocation: http://192.0.2.1/\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
    ids=["empty", "a list", "brackets", "a redirect", "ssh", "nothing"],
)
def test_what_is_no_chat_is_another_program(reply: bytes, seed_index: Path, seeds: Path):
    with raw_server(reply) as address:
        chat = found(opened(seed_index, seeds, port=address.rpartition(":")[2]))[Area.CHAT]
    assert chat.state is Health.FAULT
    assert chat.text.endswith("is taken by another program")


def test_a_host_that_is_not_this_machine_is_a_fault(seed_index: Path, seeds: Path):
    chat = found(opened(seed_index, seeds, host="192.0.2.1"))[Area.CHAT]
    assert (chat.state, chat.fix) == (Health.FAULT, "ibid chat --host 127.0.0.1")


# The command


def doctor(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["doctor", *arguments], standalone_mode=False)
    assert done.exception is None
    return int(done.return_value or 0), done.stdout


@pytest.fixture
def sound(seed_index: Path, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Arguments for a set-up without a fault."""
    monkeypatch.setenv("IBID_PORT", unused_address().rpartition(":")[2])
    return ("--index", str(seed_index), "--model", "none")


def test_the_command_prints_a_line_per_part_and_what_mends_it(sound: Sequence[str]):
    code, printed = doctor(*sound)
    assert code == 0
    areas = [line.split()[1] for line in printed.splitlines() if line[:1].isalpha()]
    assert areas == ["python", "packages", "index", "embedder", "model", "chat"]
    code, printed = doctor("--index", "nowhere", "--model", "none")
    assert code == 1
    assert "→ ibid build" in printed


def test_the_command_prints_json(sound: Sequence[str]):
    code, printed = doctor(*sound, "--json")
    rows = json.loads(printed)
    assert code == 0
    assert {tuple(row) for row in rows} == {("area", "state", "text", "fix")}
    code, printed = doctor(*sound, "--model", "qwen3", "--server", unused_address(), "--json")
    assert code == 5
    assert [row["area"] for row in json.loads(printed) if row["state"] == "fault"] == ["server"]


def test_the_command_tries_a_canary_of_its_own(sound: Sequence[str]):
    with FakeOpenAI(Mode.CUT) as server:
        code, printed = doctor(*sound[:2], "--server", server.address, "--canary")
    assert (code, "with a context of 8,192 tokens" in " ".join(printed.split())) == (5, True)


def test_an_embedder_of_ones_own_needs_no_precision(built: Library):
    assert isinstance(built.embedder, HashEmbedder)
    assert "bits" not in found(built)[Area.EMBEDDER].text
