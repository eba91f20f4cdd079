"""What `postgresql://…` names: a server's database, and the library in it."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ibid.errors import UsageError

DEFAULT = "ibid"
"""What the library is called that an address does not name."""

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}")
"""A name that needs no quotation marks, short enough for what a generation adds to it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index lies. No password is in it: `settings` takes none."""

    server: str
    """As libpq takes it: several hosts, a service file and so on are its business."""
    library: str
    """The schema of the library."""

    def __str__(self) -> str:
        return f"the library {self.library} in {self.server}"


def read_address(text: str) -> Address:
    """Return what an address says, `?library=NAME` taken out. Raises UsageError."""
    parts = urlsplit(text)
    options = parse_qsl(parts.query, keep_blank_values=True)
    library = dict(options).get("library", DEFAULT)
    if not _NAME.fullmatch(library):
        hint = "a library is called by small letters, digits and _, 40 of them at most"
        raise UsageError(f"no library can be called {library[:50]!r}", hint=hint)
    query = urlencode([(name, value) for name, value in options if name != "library"], safe="/")
    server = urlunsplit(parts._replace(query=query))
    if not parts.netloc and not server.startswith(f"{parts.scheme}://"):
        server = server.replace(":", "://", 1)  # `postgresql:///name`, whose host libpq knows
    return Address(server, library)


def in_library(text: str, library: str) -> str:
    """Return the address of another library of the same database."""
    parts = urlsplit(text)
    options = parse_qsl(parts.query, keep_blank_values=True)
    pairs = [(name, value) for name, value in options if name != "library"]
    query = urlencode([*pairs, ("library", library)], safe="/")
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}"
