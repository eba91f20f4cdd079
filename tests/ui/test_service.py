"""The chat's server, over real sockets: who may ask, what may be sent, and how long it waits."""

import asyncio
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ibid.errors import UsageError
from ibid.ui.server.addresses import find_address
from ibid.ui.server.guarding import Guard, StrictHeaders

FILES = 64
"""That the chat may open: an index takes half of them."""

SERVE = """
import resource, sys
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.ui.server import connections, guarding
from ibid.ui.server.app import serve
resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files}))
connections.SECONDS_TO_ASK = guarding.SECONDS_TO_SEND = 1.0
articles, index, port, host = sys.argv[1:]
settings = Settings(model="none", keep=index + "-kept", port=int(port), host=host)
library = Library.open(articles, index, settings, embedder=HashEmbedder())
library.build()
try:
    serve(library, lambda address: print(address, flush=True))
except KeyboardInterrupt:  # as the command does
    pass
print("ended", flush=True)
"""
STREAM = "GET /gradio_api/heartbeat/abc HTTP/1.1\r\nHost: {host}\r\n\r\n"


@dataclass
class Served:
    """A chat in a process of its own, and what it said so far."""

    port: int
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def ask(self, raw: str | bytes) -> tuple[int, str, str]:
        """Send bytes as they are; return status, head and body of the first answer."""
        text = raw.replace("{host}", f"127.0.0.1:{self.port}") if isinstance(raw, str) else raw
        with self.connect() as connected:
            connected.sendall(text.encode("latin-1") if isinstance(text, str) else text)
            return read_answer(connected)

    def get(self, path: str = "/build", host: str = "{host}", more: str = "") -> tuple[int, str]:
        status, head, _ = self.ask(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n")
        return status, head

    def post(self, path: str, body: bytes) -> tuple[int, str, str]:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return self.ask(head.encode() + body)


def read_answer(connected: socket.socket) -> tuple[int, str, str]:
    got = b""
    while b"\r\n\r\n" not in got and (more := connected.recv(65536)):
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]) and (more := connected.recv(65536)):
        body += more
    return int(head.split()[1]), head.decode("latin-1").lower(), body.decode()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as chat:
        yield chat


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve a chat in a process of its own until it is interrupted."""
    (folder / "articles").mkdir()
    (folder / "articles" / "pears.md").write_text("# Pears\n\nPears ripen after harvest.\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [str(folder / "articles"), str(folder / "index"), str(port), "127.0.0.1"]
    log = folder / "log"
    with log.open("wb") as said:
        script = SERVE.format(files=FILES)
        command = [sys.executable, "-c", script, *arguments]
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        wait_until(lambda: b"http" in log.read_bytes())
        chat = Served(port, log)
        wait_until(lambda: chat.get("/articles")[0] == 200)
        yield chat
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def wait_until(happened: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


# Addresses


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:1", "127.0.0.1.", "127.0.0.2", "[::1]", "[::1]:7860", "ip6-localhost"],
)
def test_whatever_means_this_machine_is_answered(served: Served, host: str):
    assert served.get(host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "10.0.0.1"),
        *("[2001:db8::1]", "0.0.0.0", "localhost..", "127.0.0.1/x", "{host}\r\nHost: {host}"),  # noqa: S104
        *("{host}\r\nHost: evil.example", "{host}, evil.example", "[127.0.0.1]", "::1"),
    ],
)
def test_no_other_name_is_answered(served: Served, host: str):
    status, head = served.get(host=host)
    assert status == 400
    assert "content-security-policy" in head


def test_two_names_are_refused_whatever_server_passes_them_on():
    heard: list[Any] = []

    async def send(message: Any) -> None:
        heard.append(message)

    async def app(*_: Any) -> None:
        heard.append("asked")

    scope = {"type": "http", "method": "GET", "path": "/build"}
    headers = [(b"host", b"localhost"), (b"host", b"evil.example")]
    asked = Guard(app, ())({**scope, "headers": headers}, app, send)  # pyright: ignore[reportArgumentType]
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
        thread.submit(asyncio.run, asked).result()
    assert "asked" not in heard
    assert heard[0]["status"] == 400


def test_a_whole_address_in_place_of_a_path_names_no_other_server(served: Served):
    assert served.get("http://evil.example/build")[0] == 404
    assert served.get("http://evil.example/build", host="evil.example")[0] == 400


@pytest.mark.parametrize(("said", "status"), [("{host}", 200), ("evil.example", 403)])
def test_an_origin_has_to_be_the_address_that_was_asked(served: Served, said: str, status: int):
    assert served.get(more=f"Origin: http://{said}\r\n")[0] == status
    assert served.get(more=f"Origin: https://{said}\r\n")[0] == 403


def test_a_page_elsewhere_may_open_the_page_and_nothing_else(served: Served):
    foreign = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
    assert served.get("/", more=foreign)[0] == 200
    for path in ("/comparison?topic=x", "/comparison.md?topic=x", "/articles", "/export/0/1.md"):
        assert served.get(path, more=foreign)[0] == 403


def test_the_chat_listens_where_a_name_or_an_address_leads_to_this_machine_alone():
    assert find_address("::1").ip == "::1"
    assert find_address("127.0.0.2").ip == "127.0.0.2"
    assert find_address("localhost").ip in ("127.0.0.1", "::1")
    for host in ("192.0.2.1", "0.0.0.0", "::", "a..b", "x" * 300):  # noqa: S104
        with pytest.raises(UsageError):
            find_address(host)


def test_an_answer_that_breaks_is_strict_as_well():
    heard: list[Any] = []

    async def send(message: Any) -> None:
        heard.append(message)

    async def broken(*_: Any) -> NoReturn:
        raise ZeroDivisionError

    scope: Any = {"type": "http", "method": "GET", "path": "/build", "headers": []}
    asked = StrictHeaders(broken)(scope, broken, send)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asked).result()
    headers = {name.decode(): value.decode() for name, value in heard[0]["headers"]}
    assert heard[0]["status"] == 500
    assert "default-src" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_whoever_wants_another_protocol_is_told_of_no_missing_package(served: Served):
    more = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    assert served.get("/build", more=f"{more}Sec-WebSocket-Key: eA==\r\n")[0] < 500
    assert "pip install" not in served.log.read_text()


# What is kept


@pytest.fixture
def kept(served: Served) -> Path:
    """The folder that a chat keeps its conversations and quotes in."""
    folder = served.log.with_name("index-kept")
    (folder / "conversations").mkdir(parents=True, exist_ok=True)
    return folder


def test_what_stands_in_the_place_of_the_quotes_is_told(served: Served, kept: Path):
    path = kept / "quotes.jsonl"
    os.mkfifo(path)
    try:
        answers = [
            served.ask("GET /quotes.md HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            served.ask("GET /kept?what=quotes HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            served.post("/unquote", b'{"id": "x"}'),
        ]
    finally:
        path.unlink()
    for status, _, body in answers:
        assert status == 404
        assert "cannot be read" in body
        assert "move it away" in body
    assert "Traceback" not in served.log.read_text()


def test_a_folder_that_another_program_holds_keeps_nobody_waiting(served: Served, kept: Path):
    descriptor = os.open(kept / "conversations", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        body = b'{"id": "0123456789abcdef"}'
        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(served.post, "/forget", body) for _ in range(4)]
            assert served.get("/articles")[0] == 200
            answers = [each.result() for each in asked]
    finally:
        os.close(descriptor)
    assert {status for status, *_ in answers} == {404}
    assert all("another program holds the folder" in said for *_, said in answers)
    assert served.post("/forget", body)[0] == 200


# What is sent


def chunked(path: str, body: bytes, more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}"
    chunks = (body[at : at + 4000] for at in range(0, len(body), 4000))
    said = b"".join(f"{len(each):x}\r\n".encode() + each + b"\r\n" for each in chunks)
    return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + said + b"0\r\n\r\n"


@pytest.mark.parametrize("more", ["", "Content-Length: 9\r\n"])
def test_a_body_is_measured_as_it_comes_however_it_is_framed(served: Served, more: str):
    assert served.ask(chunked("/forget", b'{"id": "0123456789abcdef"}', more))[0] == 200
    assert served.ask(chunked("/forget", b" " * 70_000, more))[0] == 413


def test_what_follows_a_refusal_is_not_read_for_long(served: Served):
    with served.connect() as connected:
        connected.sendall(chunked("/forget", b" " * 70_000)[:-5])
        assert read_answer(connected)[0] == 413
        with pytest.raises(OSError, match=r"reset|pipe"):
            connected.sendall(b"fa0\r\n" + b" " * 16_000_000)


ODD = (
    *(
        b"",
        b"[]",
        b"1",
        b"null",
        b"x",
        b"\xff",
        b'\xef\xbb\xbf{"id": ""}',
        b'{"id": "\xed\xa0\x80"}',
    ),
    *(b'{"number": 1e400}', b'{"number": NaN}', b'{"number": -Infinity}', b'{"id": "\\ud800"}'),
    *(b'{"number": %s}' % (b"9" * 10_000), b'{"a": 1, "a": 2}', b'{"a":' * 9000, b"[" * 60_000),
    *(b'{"id": 5}', b'{"id": {}}', b'{"id": [], "number": 1.5}', b'{"id": null, "number": true}'),
    *(b'{"id": "x", "number": 1, "complaint": {"kind": 9}}', b'{"data": [], "fn_index": 99}'),
    b'{"data": [null], "fn_index": 99, "session_hash": "a"}',
    b'{"data": [null], "fn_index": -1, "session_hash": "a"}',
    b'{"data": [null], "fn_index": 0, "session_hash": ""}',
    b'{"data": [{"path": "/etc/hostname"}], "fn_index": 0, "session_hash": "a"}',
)
TAKERS = (
    "/build",
    "/feedback",
    *("/forget", "/rename", "/quote", "/unquote", "/restore"),
    *("/watch", "/unwatch", "/noted"),
    *(f"/gradio_api/{each}" for each in ("queue/join", "cancel", "reset")),
)


@pytest.mark.parametrize("path", TAKERS)
def test_whatever_is_sent_is_refused_with_one_line_and_no_traceback(served: Served, path: str):
    for body in ODD:
        status, head, said = served.post(path, body)
        assert 400 <= status < 500, (path, body[:80])
        assert "content-security-policy" in head
        assert "\n" not in said
        assert len(said) < 200
    assert "Traceback" not in served.log.read_text("utf-8")


EXACT = {
    "/build": b'{"losing": ""}',
    "/forget": b'{"id": "0123456789abcdef"}',
    "/rename": b'{"id": "0123456789abcdef", "name": "x"}',
    "/quote": b'{"key": "x"}',
    "/unquote": b'{"id": "x"}',
    "/watch": b'{"question": "x"}',
    "/unwatch": b'{"id": "x"}',
    "/noted": b'{"id": "x"}',
    "/restore": b'{"what": "quotes"}',
    "/feedback": b'{"id": "0", "number": 1, "complaint": {"kind": "wrong citation"}}',
    "/gradio_api/reset": b'{"event_id": "x"}',
    "/gradio_api/cancel": b'{"event_id": "x", "session_hash": "a", "fn_index": 0}',
    "/gradio_api/queue/join": b'{"data": [null], "fn_index": 0, "session_hash": "a"}',
}


@pytest.mark.parametrize("path", EXACT)
def test_an_address_takes_exactly_what_it_says_and_nothing_beside(served: Served, path: str):
    assert "address takes" not in served.post(path, EXACT[path])[2]
    first = EXACT[path].partition(b'"')[2].partition(b'"')[0]
    for body in (
        EXACT[path][:-1] + b', "x": 1}',
        EXACT[path].replace(first, first.upper(), 1),
        EXACT[path].replace(b": ", b": [", 1).replace(b",", b"],", 1).replace(b"}", b"]}", 1),
        EXACT[path].replace(b'"0"', b"0").replace(b": 1", b": true").replace(b": 0", b": 0.0"),
        EXACT[path].replace(b'"}}', b'", "x": 1}}'),
    ):
        if body != EXACT[path]:
            status, _, said = served.post(path, body)
            assert (status, body) == (400, body)
            assert said in ("This is not what the address takes", "This is not a plain JSON object")


def test_nothing_can_be_sent_to_an_address_that_takes_nothing(served: Served):
    for path in ("/", "/config", "/about", "/articles", "/chat/main.js", "/gradio_api/app_id"):
        assert served.post(path, b"{}")[0] == 405


# What is sent back


def test_a_browser_keeps_nothing_but_the_files_of_ibid(served: Served):
    for path in ("/", "/config", "/articles", "/source/x", "/export/0/1.md", "/build", "/about"):
        assert "cache-control: no-store" in served.get(path)[1]
    for path in ("/topics", "/choices", "/writer", "/standing", "/comparison?topic=pears"):
        assert "cache-control: no-store" in served.get(path)[1]
    assert "cache-control: no-store" in served.post("/forget", b"{}")[1]
    assert "cache-control: no-store" in served.get("/build", host="evil.example")[1]
    assert "cache-control: no-cache" in served.get("/chat/main.js")[1]


FORWARDED = (
    *("X-Forwarded-Host: {}", "X-Forwarded-Proto: https", "X-Forwarded-For: {}"),
    *("Forwarded: host={};proto=https;for={}", "X-Forwarded-Server: {}", "X-Forwarded-Port: 99"),
    *("X-Forwarded-Prefix: /{}", "X-Original-Host: {}", "X-Original-URL: /{}", "X-Host: {}"),
    *("X-Gradio-Server: http://{}", "X-Direct-Url: http://{}", "Referer: http://{}/"),
    *("Cookie: access-token={}", "X-Forwarded-Scheme: https", "X-Rewrite-URL: /{}"),
)


@pytest.mark.parametrize("header", FORWARDED)
def test_what_a_proxy_would_say_is_not_heard(served: Served, header: str):
    said = header.replace("{}", "evil.example") + "\r\n"
    for path in ("/config", "/", "/about", "/build"):
        head = f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\nConnection: close\r\n"
        plain, asked = (served.ask(f"{head}{more}\r\n") for more in ("", said))
        assert "evil.example" not in asked[1] + asked[2]
        assert "https:" not in asked[2].replace("https://", "", plain[2].count("https://"))
        assert asked[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *(f"/articles?start={each}" for each in ("1" + "0" * 30, "-1", "x", "1e400", "9" * 9000)),
        *("/articles?find=" + "x" * 300, "/source/%00", "/source/%ff", "/source/" + "a" * 9000),
        *(
            "/static/" + "a" * 300,
            "/static/" + "a/" * 2000,
            "/static/%2e%2e/%2e%2e/x",
            "//",
            "/%00",
        ),
        *("/export/0/" + "9" * 5000 + ".md", "/comparison.exe?topic=x"),
        "/" + "a" * 1_000_000,
    ],
)
def test_an_odd_address_is_refused_with_one_line(served: Served, path: str):
    status, head = served.get(path)
    assert 400 <= status < 500
    assert "content-security-policy" in head
    assert "Traceback" not in served.log.read_text("utf-8")


def test_a_stream_that_belongs_to_nobody_ends(served: Served):
    served.get("/gradio_api/queue/data?session_hash=nobody")
    assert "Traceback" not in served.log.read_text("utf-8")


@pytest.mark.parametrize(
    "raw", ["\x16\x03\x01\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\x00 HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_http_is_refused_with_the_same_headers(served: Served, raw: str):
    status, head, _ = served.ask(raw)
    assert status == 400
    assert "content-security-policy" in head


def test_what_is_no_http_behind_a_request_closes_the_connection(served: Served):
    with served.connect() as connected:
        connected.sendall(b"GET /build HTTP/1.1\r\nHost: localhost\r\n\r\n" + b"\x00\r\n\r\n" * 9)
        assert has_ended(connected)
    assert served.ask(chunked("/forget", b"{}")[:-5] + b"zz\r\n\r\n")[0] == 400
    assert "Traceback" not in served.log.read_text("utf-8")


# How long the chat waits

SLOW = {
    "a head that never ends": "GET / HTTP/1.1\r\n",
    "nothing at all": "",
    "a body that never ends": "POST /forget HTTP/1.1\r\nHost: {host}\r\n"
    "Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
    "a stream that stays open": STREAM,
}


@pytest.mark.parametrize("kind", SLOW)
def test_a_crowd_that_lets_the_chat_wait_keeps_nobody_out(served: Served, kind: str):
    crowd = [served.connect() for _ in range(3 * FILES)]
    try:
        for each in crowd:
            each.sendall(SLOW[kind].replace("{host}", f"127.0.0.1:{served.port}").encode())
        for _ in range(3):
            assert served.get("/")[0] == 200
        if kind != "a stream that stays open":  # a page may stay open for hours
            assert all(has_ended(each) for each in crowd)
    finally:
        for each in crowd:
            each.close()
    assert len(served.log.read_bytes()) < 5000


def has_ended(connected: socket.socket) -> bool:
    try:
        while connected.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def is_open(connected: socket.socket) -> bool:
    connected.setblocking(False)
    try:
        while connected.recv(65536):
            pass
    except BlockingIOError:
        return True
    return False


def test_a_page_stays_open_while_others_come_and_go(served: Served):
    with served.connect() as page:
        page.sendall(STREAM.replace("{host}", f"127.0.0.1:{served.port}").encode())
        assert read_answer(page)[0] == 200
        crowd = [served.connect() for _ in range(FILES)]
        for each in crowd:
            has_ended(each)
            each.close()
        assert is_open(page)


def test_a_chat_that_is_ended_under_an_open_page_says_nothing_of_it(tmp_path: Path):
    with serving(tmp_path) as served, served.connect() as page:
        page.sendall(STREAM.replace("{host}", f"127.0.0.1:{served.port}").encode())
        assert read_answer(page)[0] == 200
    assert served.log.read_text("utf-8").splitlines()[1:] == ["ended"]
