"""Which addresses and names mean this machine: where the chat may listen, and what it is called.

A page elsewhere can let its own name lead to this machine; the chat answers to none but these.
"""

import re
import socket
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from ibid.errors import UsageError

LOCAL_NAMES = {"localhost": "127.0.0.1", "ip6-localhost": "::1", "ip6-loopback": "::1"}
"""What systems call themselves, with the addresses: nobody has to be asked for them."""

_AUTHORITY = re.compile(
    r"(?:\[(?P<ipv6>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9._-]{1,253}))(?::(?P<port>\d{1,5}))?"
)
_HINT = "--host 127.0.0.1; ibid serve listens elsewhere for those who have its IBID_TOKEN"


class Authority(NamedTuple):
    """Whom a request names as its server: the name without the dot at its end, and the port."""

    name: str
    port: str


class Address(NamedTuple):
    """Where to listen."""

    family: socket.AddressFamily
    ip: str


def read_authority(text: str) -> Authority | None:
    """Return what a Host header or an origin names, None for what is neither name nor address."""
    parts = _AUTHORITY.fullmatch(text.lower())
    if parts is None:
        return None
    name = parts["ipv6"] or parts["name"].removesuffix(".")
    if bool(parts["ipv6"]) != (":" in name):
        return None
    return Authority(name, parts["port"] or "80")


def is_local(name: str) -> bool:
    """Tell whether a name means this machine: a loopback address, or a local name."""
    return name in LOCAL_NAMES or _is_loopback(name)


def find_address(host: str, *, elsewhere: bool = False) -> Address:
    """Return where to listen for `host`, an address or a name of this machine.

    No name is looked up: that would be a packet. Raises UsageError for what leads elsewhere, unless
    it may be asked from `elsewhere` and is an address.
    """
    ip = LOCAL_NAMES.get(host.lower().removesuffix("."), host)
    if not (_is_loopback(ip) or (elsewhere and _is_address(ip))):
        raise UsageError(f"ibid listens on this machine only, not on {host}", hint=_HINT)
    return Address(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
