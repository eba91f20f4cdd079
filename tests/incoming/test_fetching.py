"""Fetching a page: from which addresses, how much, and where redirects may lead.

The servers are real and on this machine; which addresses count as public is told to the guard.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ibid.errors import PageUnavailable, UsageError
from ibid.incoming import Guard, fetch
from ibid.incoming.fetching import MOST_REDIRECTS, is_public, look_up

HERE, INSIDE = "127.0.0.1", "127.0.0.2"
HTML = {"Content-Type": "text/html"}
NAMES = {"page.test": [HERE], "inside.test": [INSIDE], "both.test": [HERE, INSIDE]}
Reply = tuple[int, dict[str, str], bytes]


def find(host: str, port: int) -> list[str]:
    """Look up the names of these tests, and what is an address already."""
    return NAMES[host] if host in NAMES else look_up(host, port)


GUARD = Guard(look_up=find, allows=lambda address: address == HERE, seconds=5, most=10_000)


@contextmanager
def serving(reply: Callable[[str], Reply]) -> Iterator[tuple[str, list[str]]]:
    """Answer every path with what `reply` says; yield its address and which hosts were asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Host"])
            status, headers, body = reply(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HERE, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://page.test:{server.server_port}", asked
        server.shutdown()
        thread.join()


def redirecting(location: str) -> Callable[[str], Reply]:
    return lambda _: (302, {"Location": location}, b"")


def test_a_page_is_fetched_under_its_name_from_the_address_that_was_judged():
    with serving(lambda _: (200, HTML, b"<p>Hello</p>")) as (address, asked):
        page = fetch(f" {address}/a?b=c#part ", GUARD)
    assert (page.url, page.suffix, page.data) == (f"{address}/a?b=c", ".html", b"<p>Hello</p>")
    assert asked == [address.removeprefix("http://")]


def test_redirects_are_followed_to_where_they_end():
    def reply(path: str) -> Reply:
        return (301, {"Location": "./end"}, b"") if path == "/a/b" else (200, HTML, path.encode())

    with serving(reply) as (address, _):
        page = fetch(f"{address}/a/b", GUARD)
    assert (page.url, page.data) == (f"{address}/a/end", b"/a/end")


@pytest.mark.parametrize(
    "address",
    [
        *("", "page.test", "/etc/passwd", "file:///etc/passwd", "ftp://page.test/", "http:///x"),
        *("javascript:alert(1)", "data:text/html,x", "gopher://page.test/", "HTTP+unix://x/y"),
        *("http://user@page.test/", "http://user:pw@page.test/", "http://[fe80::1%25eth0]/"),
        *("http://page.test:99999/", "http://[::1", "http://\x00/", "https://", "http:page.test"),
        *("http://page.test/" + "a" * 3000, "http://xn--/", "http://①②⑦.⓪.⓪.①/", "http://a b/"),
    ],
)
def test_what_is_no_address_of_a_page_is_refused(address: str):
    with pytest.raises(UsageError, match="is no address of a page") as refused:
        fetch(address, GUARD)
    assert "https://" in refused.value.hint


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1.2.3", "0.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::"),
        *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2001:0:1::1", "2001:db8::1", "fec0::1"),
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_private(address: str):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111"])
def test_an_address_of_the_public_internet_is_public(address: str):
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]"]
)
def test_no_spelling_of_this_machine_is_fetched_from(host: str):
    with serving(lambda _: (200, HTML, b"secret")) as (address, asked):
        port = address.rpartition(":")[2]
        with pytest.raises((UsageError, PageUnavailable)):
            fetch(f"http://{host}:{port}/", Guard())
    assert not asked


@pytest.mark.parametrize("host", ["inside.test", "both.test"])
def test_a_name_that_leads_to_a_private_address_is_refused(host: str):
    with (
        serving(lambda _: (200, HTML, b"secret")) as (address, asked),
        pytest.raises(UsageError, match=f"leads to {INSIDE}"),
    ):
        fetch(address.replace("page.test", host), GUARD)
    assert not asked


@pytest.mark.parametrize("inside", ["inside.test", "127.0.0.2", "169.254.169.254", "[::1]"])
def test_a_redirect_to_a_private_address_is_refused(inside: str):
    with (
        serving(redirecting(f"http://{inside}/latest/meta-data")) as (address, asked),
        pytest.raises(UsageError, match="not of the public internet"),
    ):
        fetch(address, GUARD)
    assert len(asked) == 1


def test_a_name_is_looked_up_once_so_that_it_cannot_lead_elsewhere_a_moment_later():
    answers = iter([[HERE], [INSIDE]])
    guard = Guard(lambda *_: next(answers), GUARD.allows, 5)
    with serving(lambda _: (200, HTML, b"page")) as (address, _):
        assert fetch(address, guard).data == b"page"
    assert next(answers) == [INSIDE]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "//user:pw@page.test/",
        "http://[",
        "",
    ],
)
def test_a_redirect_to_no_address_of_a_page_is_refused(location: str):
    with (
        serving(redirecting(location)) as (address, _),
        pytest.raises(PageUnavailable, match="redirects"),
    ):
        fetch(address, GUARD)


def test_a_redirect_without_end_is_refused():
    with (
        serving(redirecting("/again")) as (address, asked),
        pytest.raises(PageUnavailable, match=f"more than {MOST_REDIRECTS} times"),
    ):
        fetch(address, GUARD)
    assert len(asked) == MOST_REDIRECTS + 1


def test_an_encrypted_address_is_not_followed_to_one_that_is_not():
    from httpx import URL

    from ibid.incoming.fetching import _follow

    with pytest.raises(PageUnavailable, match="not encrypted"):
        _follow(URL("https://page.test/a"), "http://page.test/a")
    assert _follow(URL("http://page.test/a"), "https://page.test/a").scheme == "https"


@pytest.mark.parametrize(
    "reply",
    [
        (200, HTML, b"x" * 10_001),
        (200, {**HTML, "Content-Length": "999999999"}, b"x" * 20_000),
        (200, {**HTML, "Content-Encoding": "gzip"}, b"\x1f\x8b"),
        (200, {"Content-Type": "application/zip"}, b"PK"),
        (200, {"Content-Type": "image/svg+xml"}, b"<svg/>"),
        (200, {}, b"<p>of no kind</p>"),
        (404, HTML, b"not there"),
        (500, HTML, b"broken"),
        (206, HTML, b"a part"),
        (304, HTML, b""),
    ],
    ids=lambda reply: str(reply)[:50],
)
def test_what_is_too_large_of_another_kind_or_an_error_is_refused(reply: Reply):
    with serving(lambda _: reply) as (address, _), pytest.raises(PageUnavailable):
        fetch(address, GUARD)


def test_text_comes_in_utf_8_whatever_its_server_encodes_it_in():
    headers = {"Content-Type": "text/plain; charset=iso-8859-1"}
    with serving(lambda _: (200, headers, "Café".encode("latin-1"))) as (address, _):
        page = fetch(address, GUARD)
    assert (page.suffix, page.data) == (".md", "Café".encode())
    odd = {"Content-Type": "text/html; charset=no-such-thing"}
    with serving(lambda _: (200, odd, b"<p>x</p>")) as (address, _):
        assert fetch(address, GUARD).data == b"<p>x</p>"


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"], ids=["head", "body"]
)
def test_a_server_that_sends_a_byte_now_and_then_is_left_in_time(beginning: bytes):
    with trickling(beginning) as port:
        guard = Guard(find, GUARD.allows, seconds=0.6)
        with pytest.raises(PageUnavailable, match=r"did not come within 0\.6 s"):
            fetch(f"http://page.test:{port}/", guard)


@contextmanager
def trickling(beginning: bytes) -> Iterator[int]:
    """Answer with a byte every tenth of a second, for ever."""
    done = threading.Event()

    def serve(listening: socket.socket) -> None:
        client, _ = listening.accept()
        with client:
            client.sendall(beginning)
            while not done.wait(0.1):
                try:
                    client.sendall(b"H")
                except OSError:
                    return

    with socket.create_server((HERE, 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        done.set()
        thread.join()


def test_what_is_no_http_and_where_nobody_listens_is_told_as_such():
    with socket.create_server((HERE, 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(PageUnavailable, match="cannot be had"):
        fetch(f"http://page.test:{port}/", GUARD)
    with pytest.raises(PageUnavailable, match="cannot be had"):
        fetch("http://nowhere.invalid/", Guard())


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving(lambda _: (200, HTML, b"page")) as (address, _):
        assert fetch(address, GUARD).data == b"page"


def test_a_name_in_other_letters_is_looked_up_as_the_internet_spells_it():
    names: list[str] = []
    guard = Guard(lambda host, _: names.append(host) or [HERE], GUARD.allows, 5)
    with serving(lambda _: (200, HTML, b"page")) as (address, asked):
        fetch(address.replace("page.test", "müller.test"), guard)
        fetch(address.replace("page.test", "127。0。0。1"), guard)
    assert names == ["xn--mller-kva.test", "127.0.0.1"]
    assert asked[0].startswith("xn--mller-kva.test:")
