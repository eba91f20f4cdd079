"""What `milvus://…` names: a server, and the library in it."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from ibid.errors import UsageError

DEFAULT = "ibid"
"""What the library is called that an address does not name."""

_PORT = 19530
_NAME = re.compile(r"(?!.*__)[a-z_][a-z0-9_]{0,39}(?<!_)")
"""A name as Milvus takes it, without `__`, which divides it from what is the library's."""
_DATABASE = re.compile(r"[A-Za-z_]\w{0,254}", re.ASCII)
_HINT = "milvus://HOST:PORT/LIBRARY?tls=no&database=NAME (docs/milvus.md)"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index lies. No token is in it."""

    host: str
    port: int
    library: str
    database: str
    tls: bool

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return _is_local(self.host)

    @property
    def uri(self) -> str:
        """What pymilvus takes."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def __str__(self) -> str:
        database = f", database {self.database}," if self.database else ""
        return f"the library {self.library}{database} in Milvus at {self.host}:{self.port}"


def read_address(text: str) -> Address:
    """Return what an address says. Raises UsageError."""
    try:
        parts = urlsplit(text)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError:
        raise UsageError("the address of the index is none", hint=_HINT) from None
    if not host or parts.username or parts.fragment or not options.keys() <= {"tls", "database"}:
        raise UsageError("the address of the index names no server of Milvus", hint=_HINT)
    library, database = parts.path.strip("/") or DEFAULT, options.get("database", "")
    if not _NAME.fullmatch(library):
        hint = "a library is called by small letters, digits and single _ between them, 40 at most"
        raise UsageError(f"no library can be called {library[:50]!r}", hint=hint)
    tls = options.get("tls", "no" if _is_local(host) else "yes")
    if tls not in ("yes", "no") or (database and not _DATABASE.fullmatch(database)):
        raise UsageError("the address of the index has an option that is not so", hint=_HINT)
    return Address(host, port, library, database, tls == "yes")


def in_library(text: str, library: str) -> str:
    """Return the address of another library of the same server."""
    return urlsplit(text)._replace(path=f"/{library}").geturl()


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
