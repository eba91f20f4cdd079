"""Where an index may lie: in a folder, or on a server that an address names."""

import re
from enum import Enum
from urllib.parse import parse_qsl, urlsplit

from ibid.errors import UsageError


class Place(Enum):
    """What holds an index."""

    FOLDER = ""
    POSTGRESQL = "postgresql"
    MILVUS = "milvus"


_SCHEMES = {
    "postgresql": Place.POSTGRESQL,
    "postgres": Place.POSTGRESQL,
    "milvus": Place.MILVUS,
}
_SECRETS = {
    Place.POSTGRESQL: "set PGPASSWORD, or name a service or a passfile (docs/postgresql.md)",
    Place.MILVUS: "set IBID_MILVUS_TOKEN (docs/milvus.md)",
}
"""Where a password stands in place of an address."""

_BEGINNING = re.compile(r"\s*([a-z][a-z0-9+.-]*):/", re.IGNORECASE)
_NAMES_A_SECRET = re.compile("password|token", re.IGNORECASE)
_KNOWN = re.compile(rf"\s*({'|'.join(_SCHEMES)}):", re.IGNORECASE)


def place_of(index: str) -> Place:
    """Return what holds an index, as `read_place` returned it."""
    scheme, separator, _ = index.partition("://")
    return _SCHEMES.get(scheme, Place.FOLDER) if separator else Place.FOLDER


def read_place(index: str, origin: str) -> str:
    """Return the folder or the address of an index, its scheme in small letters.

    Raises UsageError for an address of another kind, which is never taken for a folder, and for one
    with a password in it; neither is repeated.
    """
    match = _BEGINNING.match(index) or _KNOWN.match(index)
    if not match:
        return index
    address = match[1].lower() + index[match.end(1) :]
    place = place_of(address)
    if place is Place.FOLDER or not index.startswith(match[1]):
        schemes = " and ".join(f"{place.value}://…" for place in Place if place.value)
        message = f"{origin}: index is no folder and no address that ibid knows: {match[1]}:…"
        raise UsageError(message, hint=f"name the folder itself; addresses begin in {schemes}")
    _refuse_secrets(address, place, origin)
    return address


def _refuse_secrets(address: str, place: Place, origin: str) -> None:
    """Raise UsageError for an address with a secret, which it does not repeat, or for none."""
    try:
        parts = urlsplit(address)
        names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    except ValueError:
        hint = "ibid config shows each setting and where it came from"
        raise UsageError(f"{origin}: index is no address of a database", hint=hint) from None
    if parts.password is not None or any(map(_NAMES_A_SECRET.search, names)):
        message = f"{origin}: the address of the index has a password in it"
        raise UsageError(message, hint=_SECRETS[place])
