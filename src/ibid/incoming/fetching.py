"""A page of the web: which addresses may be asked for one, and how much is taken of what comes.

A name is looked up once, all that it leads to is judged, and what was judged is connected to: a
name that leads elsewhere a moment later changes nothing. Each redirect is judged in the same way.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from ibid import __version__
from ibid.adapters import Deadline
from ibid.errors import PageUnavailable, UsageError
from ibid.reading import LARGEST_HTML

MOST_REDIRECTS = 5
_CONNECT = 10.0  # seconds
_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65535
_LONGEST = 2000
"""Characters of an address, as most servers have it."""

_KINDS = {
    **dict.fromkeys(("text/html", "application/xhtml+xml"), ".html"),
    **dict.fromkeys(("application/rss+xml", "application/atom+xml", "application/rdf+xml"), ".xml"),
    **dict.fromkeys(("application/xml", "text/xml"), ".xml"),
    **dict.fromkeys(("text/plain", "text/markdown", "text/x-markdown"), ".md"),
}
"""By what a server calls it: the suffix of a file that is read in the same way."""

_TUNNELS = tuple(
    map(ipaddress.IPv6Network, ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48"))
)
"""Addresses that hold one of IPv4, which may be of this network."""

_PUBLIC = ipaddress.IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Page:
    """What was found at an address."""

    url: str
    """Where the redirects led."""
    suffix: str
    """`.html`, `.xml` or `.md`: how it is read."""
    data: bytes
    """In UTF-8 where the server says how it is encoded."""


def is_public(address: str) -> bool:
    """Tell whether an IP address is of the public internet, and no way back into this network.

    >>> is_public("93.184.215.14"), is_public("::ffff:127.0.0.1"), is_public("169.254.169.254")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (
        ip not in _PUBLIC or any(ip in tunnel for tunnel in _TUNNELS)
    ):
        return False
    return ip.is_global and not ip.is_multicast


def look_up(host: str, port: int) -> list[str]:
    """Return the IP addresses of a name. Raises OSError, UnicodeError."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in addresses))


@dataclass(frozen=True, slots=True)
class Guard:
    """What a fetch may do; the defaults are those of the command."""

    look_up: Callable[[str, int], list[str]] = look_up
    allows: Callable[[str], bool] = is_public
    seconds: float = 60
    """For all of it, redirects included."""
    most: int = LARGEST_HTML
    """Bytes."""


def fetch(address: str, guard: Guard) -> Page:
    """Return the page at an address, or where that redirects to.

    Raises UsageError for an address that is never asked, PageUnavailable.
    """
    url = _check(address)
    with Deadline(guard.seconds) as deadline, httpx.Client(**_options(guard, deadline)) as client:
        for _ in range(MOST_REDIRECTS + 1):
            try:
                reply = _get(client, url, guard.most, deadline)
            except httpx.InvalidURL as error:  # httpx reads where a redirect leads before we do
                raise _led_nowhere(url) from error
            except httpx.HTTPError as error:
                raise _broken(url, error, deadline) from error
            if isinstance(reply, Page):
                return reply
            url = _follow(url, reply)
    raise PageUnavailable(
        f"{address} redirects more than {MOST_REDIRECTS} times",
        hint="open it in a browser, and add the address where it ends",
    )


def _options(guard: Guard, deadline: Deadline) -> dict[str, Any]:
    return {
        "transport": _Guarded(guard),
        "trust_env": False,  # a proxy would connect to what it likes
        "follow_redirects": False,
        "timeout": httpx.Timeout(None, connect=_CONNECT),
        "event_hooks": deadline.hooks,
        "headers": {
            "User-Agent": f"ibid/{__version__}",
            "Accept": ", ".join(_KINDS),
            "Accept-Encoding": "identity",  # compressed, a size could not be bounded
        },
    }


class _Guarded(httpx.HTTPTransport):
    """Connects to addresses that were judged, under the name that was asked for."""

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        request.extensions = {**request.extensions, "sni_hostname": _ascii_host(url)}
        failure = httpx.ConnectError("nobody listens there")
        for address in self._judge(url):
            try:
                request.url = url.copy_with(host=address)
                return super().handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    def _judge(self, url: httpx.URL) -> list[str]:
        """Return what the host of an address leads to. Raises UsageError where any is private."""
        try:
            addresses = self._guard.look_up(_ascii_host(url), url.port or _PORTS[url.scheme])
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"there is no host {url.host}") from error
        if refused := [ip for ip in addresses if not self._guard.allows(ip.split("%")[0])]:
            leads = "" if refused[0] == url.host else f" leads to {refused[0]}, which"
            raise UsageError(
                f"{url.host}{leads} is not of the public internet",
                hint="save the page yourself, and put its file into the folder",
            )
        return addresses


def _ascii_host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _check(address: str) -> httpx.URL:
    """Return an address that may be asked. Raises UsageError."""
    try:
        url = httpx.URL(address.strip())
        host, port = url.host, url.port  # a name that is no name is found here
    except (httpx.InvalidURL, ValueError):
        url, host, port = httpx.URL(""), "", None
    is_plain = url.scheme in _PORTS and host and not url.userinfo and "%" not in host
    if not is_plain or not 0 < (port or 1) <= _LAST_PORT or len(address) > _LONGEST:
        hint = "an address begins with https:// or http://, and has no user or password"
        raise UsageError(f"{address[:100]!r} is no address of a page", hint=hint)
    return url.copy_with(fragment=None)


def _follow(url: httpx.URL, location: str) -> httpx.URL:
    """Return where a redirect leads. Raises PageUnavailable where nobody would follow it."""
    try:
        target = _check(str(url.join(location)))
    except (httpx.InvalidURL, ValueError, UsageError):
        raise _led_nowhere(url) from None
    if (url.scheme, target.scheme) == ("https", "http"):
        hint = "add the other address yourself if you trust it"
        raise PageUnavailable(f"{url} redirects to {target}, which is not encrypted", hint=hint)
    return target


def _led_nowhere(url: httpx.URL) -> PageUnavailable:
    return PageUnavailable(f"{url} redirects to what is no address of a page")


def _get(client: httpx.Client, url: httpx.URL, most: int, deadline: Deadline) -> Page | str:
    """Return a page, or the address that it is to be looked for at."""
    with client.stream("GET", url) as response:
        if response.has_redirect_location:
            return response.headers["location"]
        if response.status_code != HTTPStatus.OK:
            raise PageUnavailable(f"{url} answers with {response.status_code}")
        suffix = _kind_of(url, response)
        data = bytearray()
        for piece in response.iter_raw():
            data += piece
            if len(data) > most:
                raise PageUnavailable(f"{url} is larger than {most / 1024**2:g} MB")
        if deadline.passed:  # then the page ends where its connection was broken off
            raise httpx.ReadTimeout("too slow")
        return Page(str(url), suffix, _in_utf8(bytes(data), suffix, response.charset_encoding))


def _kind_of(url: httpx.URL, response: httpx.Response) -> str:
    """Return how a page is read. Raises PageUnavailable for what is none."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    suffix = _KINDS.get(media_type)
    if suffix is None:
        hint = "of the web, pages, feeds and plain text are added; put other files into the folder"
        kind = media_type[:60] or "of no kind that its server names"
        raise PageUnavailable(f"{url} is {kind}", hint=hint)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise PageUnavailable(f"{url} comes compressed, which was not asked for")
    return suffix


def _in_utf8(data: bytes, suffix: str, charset: str | None) -> bytes:
    """Return text in UTF-8 where its server says what it is in; a feed says so itself."""
    if not charset or suffix == ".xml":
        return data
    try:
        return data.decode(charset, "replace").encode()
    except LookupError:
        return data


def _broken(url: httpx.URL, error: httpx.HTTPError, deadline: Deadline) -> PageUnavailable:
    if deadline.passed:
        return PageUnavailable(f"{url} did not come within {deadline.seconds:g} s")
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    hint = "look whether a browser shows it, then try again"
    return PageUnavailable(f"{url} cannot be had: {reason}", hint=hint)
