"""The HTTP API of `ibid serve`: the same as --json, behind the same guard as the chat."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError

import pytest

from agents import Agent, command_at
from conftest import ROOT, SEEDS
from fakes import FakeOpenAI
from ibid.doors.asking import MOST_WAITING, Busy, status_of, turn
from ibid.errors import LibraryMissing
from ibid.library import Library
from ibid.output import answer_json, comparison_json, search_json
from ibid.ui.talk.queue import Turnstile

QUESTION = "What challenges are cited for AI drug discovery?"
SAID = "Ensuring data privacy and security is paramount."
TOKEN = "a-token-that-nobody-guesses"  # noqa: S105


@dataclass
class Answer:
    status: int
    body: str
    kind: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(
    address: str, body: object = None, headers: dict[str, str] | None = None, *, method: str = ""
) -> Answer:
    """Ask an address: with a body by POST, otherwise by GET."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
    sent = {"Content-Type": "application/json"} if data is not None else {}
    asked = urllib.request.Request(address, data, sent | (headers or {}))  # noqa: S310
    asked.method = method or asked.get_method()
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
            return Answer(answer.status, answer.read().decode(), answer.headers["Content-Type"])
    except HTTPError as error:
        return Answer(error.code, error.read().decode(), error.headers["Content-Type"])


@pytest.fixture(scope="module")
def served(seed_index: Path) -> Iterator[str]:
    with command_at("serve", "--articles", str(SEEDS), "--index", str(seed_index)) as address:
        yield address


def without_time(answer: Any) -> Any:
    return {**answer, "run": {**answer["run"], "seconds": 0}}


def test_an_answer_is_what_the_command_prints(served: str, library: Library):
    given = request(f"{served}/api/ask", {"question": QUESTION})
    expected = json.loads(json.dumps(answer_json(library.ask(QUESTION), library)))
    assert (given.status, given.kind) == (200, "application/json")
    assert without_time(given.json) == without_time(expected)


def test_searching_and_comparing_give_what_the_commands_print(served: str, library: Library):
    found = request(f"{served}/api/search", {"question": "bias", "k": 3, "author": ["rkoots"]}).json
    assert len(found) == 3
    theirs = {each.id for each in library.described if "rkoots" in each.meta.author}
    assert {hit["article"] for hit in found} <= theirs
    query, hits = library.find("bias", 3)
    plain = request(f"{served}/api/search", {"question": "bias", "k": 3}).json
    assert plain == json.loads(json.dumps(search_json(hits, query, library)))
    compared = request(f"{served}/api/compare", {"topic": "data privacy"}).json
    expected = json.loads(json.dumps(comparison_json(library.compare("data privacy"), library)))
    assert without_time(compared) == without_time(expected)


def test_a_text_is_verified_with_places_in_it(served: str):
    text = f"# Draft\n\n{SAID} Bananas are blue. {SAID.replace('paramount', 'optional')}"
    verified = request(f"{served}/api/verify", {"text": text}).json
    assert [each["support"] for each in verified] == ["verbatim", "unsupported", "altered"]
    assert all(text[each["start"] : each["end"]] == each["text"] for each in verified)
    assert verified[2]["changes"][0]["instead"] == "paramount"
    assert verified[1]["citations"] == []
    assert verified[1]["nearest"]["article"].endswith(".txt")
    later = request(f"{served}/api/verify", {"text": text, "start": verified[1]["start"]}).json
    assert later == verified[1:]


def test_articles_are_listed_page_by_page(served: str, library: Library):
    first = request(f"{served}/api/articles?count=2").json
    rest = request(f"{served}/api/articles?start=2").json
    assert first["of"] == rest["of"] == 5
    listed = [each["article"] for each in first["articles"] + rest["articles"]]
    assert listed == [each.id for each in library.described]


def test_the_status_says_what_is_indexed_and_what_changed(served: str, library: Library):
    status = request(f"{served}/api/status").json
    assert status["articles"] == 5
    assert status["index"] == library.store.current_name()
    assert status["stale"] == []


def test_a_follow_up_is_understood_after_what_was_said_before(served: str):
    history = [{"question": "What is said about data bias?", "answer": "Data bias is a risk."}]
    asked = {"question": "and about regulation?", "history": history}
    said = request(f"{served}/api/ask", asked).json
    assert "regulation" in said["question"]
    assert said["question"] != "and about regulation?"
    assert said["run"]["asked"] == "and about regulation?"


def events_of(body: str) -> list[tuple[str, Any]]:
    found = re.findall(r"^event: (\w+)\ndata: (.*)$", body, re.MULTILINE)
    return [(name, json.loads(data)) for name, data in found]


def test_an_answer_streams_and_ends_checked(seed_index: Path):
    text = f"{SAID} Bananas are blue."
    with (
        FakeOpenAI(text=text) as model,
        command_at(
            *("serve", "--articles", str(SEEDS), "--index", str(seed_index)),
            *("--server", model.address),
        ) as address,
    ):
        said = request(f"{address}/api/ask", {"question": QUESTION, "stream": True})
    events = events_of(said.body)
    assert said.kind.startswith("text/event-stream")
    assert events[0][0] == "found"
    assert {"delta"} <= {name for name, _ in events} <= {"found", "delta", "anew", "done"}
    assert "".join(data["text"] for name, data in events if name == "delta").startswith(SAID)
    done = events[-1][1]
    assert [claim["support"] for claim in done["claims"]] == ["verbatim", "unsupported"]


@pytest.mark.long
def test_whoever_stops_reading_leaves_the_queue(served: str):
    """More of them than are answered at once, at whatever moment."""
    host, _, port = served.removeprefix("http://").partition(":")
    streams = {
        "/api/ask": {"question": QUESTION, "stream": True},
        "/v1/chat/completions": {
            **{"model": "ibid", "stream": True},
            **{"messages": [{"role": "user", "content": QUESTION}]},
        },
    }
    for number in range(12):
        path = sorted(streams)[number % 2]
        connection = HTTPConnection(host, int(port), timeout=20)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(streams[path]), headers)
        if number % 3:
            connection.getresponse().read(1)
        connection.close()
    assert request(f"{served}/api/ask", {"question": QUESTION}).json["status"] == "answered"


def test_openapi_says_what_every_address_takes(served: str):
    document = request(f"{served}/api/openapi.json").json
    assert set(document["paths"]) == {
        *("/search", "/ask", "/compare", "/verify", "/articles", "/status")
    }
    assert document["servers"] == [{"url": "/api"}]
    assert "question" in document["components"]["schemas"]["Asked"]["properties"]


# What is refused


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("ask", {"question": ""}, 400, "the question is empty"),
        ("ask", {"q": "x"}, 400, "question: Field required; q: Extra inputs"),
        ("ask", {"question": 5}, 400, "question: Input should be a valid string"),
        ("ask", {"question": "x" * 9000}, 400, "the question has 9,000 characters"),
        ("ask", {"question": "x", "since": "soon"}, 400, "'soon' is no date"),
        ("ask", {"question": "x", "history": [{}] * 99}, 400, "history"),
        ("search", {"question": "x", "k": 0}, 400, "k: Input should be greater"),
        ("search", {"question": "x", "author": ["nobody"]}, 400, "no article is by nobody"),
        ("compare", {"topic": " "}, 400, "the question is empty"),
        ("verify", {"text": "x" * 30_000}, 400, "the text has 30,000 characters"),
        ("verify", {"text": "x", "start": -1}, 400, "start: Input should be"),
    ],
)
def test_what_is_asked_wrongly_is_told_with_a_hint(
    served: str, path: str, body: object, status: int, said: str
):
    answer = request(f"{served}/api/{path}", body)
    assert answer.status == status
    assert answer.json["error"].startswith(said)
    assert answer.json["hint"]


def test_no_index_is_told_before_anything_streams(tmp_path: Path, articles: Path):
    where = ("--articles", str(articles), "--index", str(tmp_path / "none"))
    with command_at("serve", *where) as address:
        for stream in (False, True):
            said = request(f"{address}/api/ask", {"question": "apples", "stream": stream})
            assert said.status == 503
            assert said.json["hint"].startswith("ibid build")
        assert request(f"{address}/api/status").status == 503


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((f"/{path}", 404) for path in ("", "config", "build", "feedback", "chat/main.js")),
        *((f"/api/{path}", 404) for path in ("", "docs", "redoc", "../config", "ask/")),
        *((f"/api/{path}", 405) for path in ("ask", "search", "compare", "verify")),
        *(("/api/articles?start=-1", 400), ("/api/articles?count=99999", 400)),
        *(("/api/articles?start=x", 400), ("/api/articles?start=" + "9" * 4000, 400)),
        *(("/v1", 404), ("/v1/embeddings", 404), ("/v1/completions", 404), ("/mcp", 405)),
    ],
)
def test_there_is_no_other_address(served: str, path: str, status: int):
    assert request(f"{served}{path}").status == status


ADDRESSES = ("/api/ask", "/api/search", "/api/compare", "/api/verify", "/v1/chat/completions")


@pytest.mark.parametrize("path", [*ADDRESSES, "/mcp"])
def test_a_page_elsewhere_can_ask_nothing(served: str, path: str):
    body = {"question": "x", "topic": "x", "text": "x"}
    for headers in (
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ):
        assert 400 <= request(f"{served}{path}", body, headers).status < 416, headers
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    assert request(f"{served}{path}", headers=preflight, method="OPTIONS").status == 403
    assert request(f"{served}{path}", method="DELETE").status == 405


def test_a_page_elsewhere_can_read_nothing(served: str):
    for path in ("/api/articles", "/api/status", "/api/openapi.json", "/v1/models"):
        assert request(f"{served}{path}").status == 200
        assert request(f"{served}{path}", headers={"Host": "evil.example"}).status == 400
        assert request(f"{served}{path}", headers={"Sec-Fetch-Site": "cross-site"}).status == 403


@pytest.mark.parametrize("path", ADDRESSES)
def test_whatever_is_sent_is_refused_with_one_line(served: str, path: str):
    bodies = (
        *(b"", b"[]", b"null", b"\xff", b'{"a": NaN}', b'{"a": 1e400}', b'{"a": 1, "a": 2}'),
        *(b'{"question": "\\ud800"}', b'{"a":' * 9000, b" " * 300_000, b'{"question": {}}'),
    )
    for body in bodies:
        answer = request(f"{served}{path}", body)
        assert 400 <= answer.status < 500, body[:40]
        assert "\n" not in answer.body
        assert len(answer.body) < 400


def test_more_than_a_long_conversation_is_not_even_read(served: str):
    host, _, port = served.removeprefix("http://").partition(":")
    for path in ADDRESSES:
        connection = HTTPConnection(host, int(port), timeout=20)
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(1 << 21))
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


# The chat has the same addresses, a token opens others


def test_the_chat_serves_the_api_and_agents_beside_its_page(seed_index: Path):
    with command_at("chat", "--articles", str(SEEDS), "--index", str(seed_index)) as address:
        assert "gradio" in request(f"{address}/").body
        assert request(f"{address}/api/status").json["articles"] == 5
        assert request(f"{address}/v1/models").json["data"][0]["id"] == "ibid"
        assert "5 articles" in Agent(f"{address}/mcp").call("status").own
        assert request(f"{address}/about").status == 200
        assert request(f"{address}/openapi.json").status == 404


def ibid_refuses(*arguments: str, **environment: str) -> str:
    """Run an `ibid` that ends at once, and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "ibid", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    return done.stderr


@pytest.mark.long
@pytest.mark.parametrize("verb", [("serve",), ("mcp", "--http"), ("chat",)])
def test_it_listens_elsewhere_only_for_those_who_have_a_token(verb: tuple[str, ...]):
    said = ibid_refuses(*verb, "--host", "0.0.0.0", IBID_TOKEN="")  # noqa: S104
    assert "this machine only" in said
    assert "IBID_TOKEN" in said
    short = ibid_refuses(*verb, IBID_TOKEN="short")  # noqa: S106
    assert "16 characters or more" in short


def test_the_chat_listens_here_alone_whatever_token_there_is():
    said = ibid_refuses("chat", "--host", "0.0.0.0", IBID_TOKEN=TOKEN)  # noqa: S104
    assert "this machine only" in said


def test_with_a_token_nobody_is_answered_without_it(seed_index: Path):
    where = ("--articles", str(SEEDS), "--index", str(seed_index), "--host", "127.0.0.2")
    environment = {**os.environ, "IBID_TOKEN": TOKEN}
    with command_at("serve", *where, environment=environment, host="127.0.0.2") as address:
        for said in (None, "Bearer", f"Basic {TOKEN}", "Bearer wrong", f"Bearer {TOKEN}x", "é"):
            headers = {"Authorization": said} if said else {}
            for path in ("/api/status", "/v1/models", "/api/openapi.json"):
                assert request(f"{address}{path}", headers=headers).status == 401
        known = {"Authorization": f"Bearer {TOKEN}"}
        assert request(f"{address}/api/status", headers=known).status == 200
        named = {**known, "Host": "ibid.example:7860"}
        assert request(f"{address}/api/status", headers=named).status == 200
        elsewhere = {**known, "Origin": "http://evil.example"}
        assert request(f"{address}/api/status", headers=elsewhere).status == 403


def test_a_token_is_not_printed(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "ibid", "config"],
        env={**os.environ, "IBID_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert re.search(r"^token +set +environment$", done.stdout, re.MULTILINE)
    assert TOKEN not in done.stdout


def test_a_library_that_is_missing_is_told():
    """As `sentence-transformers` may be, which only another embedder needs."""
    chat = SimpleNamespace(turnstile=Turnstile(1))
    with pytest.raises(LibraryMissing) as raised, turn(chat):  # pyright: ignore[reportArgumentType]
        raise ModuleNotFoundError(name="sentence_transformers.models")
    assert raised.value.hint == "pip install sentence-transformers"
    assert status_of(raised.value) == 503


def test_more_questions_than_can_wait_are_told_to_come_again():
    turnstile = Turnstile(1)
    chat: Any = SimpleNamespace(turnstile=turnstile)
    with ExitStack() as others:
        for _ in range(MOST_WAITING + 1):
            others.enter_context(turnstile.enter())
        with pytest.raises(Busy) as raised, turn(chat):
            pytest.fail("it was answered")
        assert status_of(raised.value) == 503
    with turn(chat):
        pass
