"""Pictures of the folders, shown by names that tell nothing of where they are."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from urllib.parse import unquote, urlsplit

from ibid.errors import UsageError
from ibid.reading import Folders
from ibid.storage import read_file

LARGEST = 8 * 1024 * 1024
"""Bytes of a picture."""

_MOST = 4096
"""Names that are known at once; older ones are given anew when their article is opened."""

_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp"))


class Pictures:
    """The pictures that articles show."""

    def __init__(self, folders: Callable[[], Folders]) -> None:
        self._folders = folders
        self._paths: OrderedDict[Path, str] = OrderedDict()
        self._lock = Lock()

    def name(self, address: str, article: str) -> str:
        """Return the address of a picture of an article, "" for what is in no folder."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return ""
        if parts.scheme or parts.netloc or not parts.path or "\0" in unquote(parts.path):
            return ""
        within = unquote(parts.path)
        folders = self._folders()
        folder, path_of_article = folders.split(article)
        base = folder if within.startswith("/") else (folder / path_of_article).parent
        path = base / within.lstrip("/")
        return f"picture/{self._name(path)}" if self._is_ours(path) else ""

    def read(self, name: str) -> tuple[bytes, str]:
        """Return the bytes and the type of a picture. Raises UsageError."""
        with self._lock:
            path = next((path for path, alias in self._paths.items() if alias == name), None)
        try:
            if path:  # it may have become a link since
                return self._load(path)
        except (OSError, RuntimeError, ValueError):
            pass
        raise UsageError("there is no such picture")

    def _is_ours(self, path: Path) -> bool:
        try:
            return bool(self._load(path))
        except (OSError, RuntimeError, ValueError):
            return False

    def _load(self, path: Path) -> tuple[bytes, str]:
        """Return the bytes and the type of a picture of one of the folders.

        Raises OSError, RuntimeError, ValueError.
        """
        target = path.resolve(strict=True)
        inner = self._inside(target).parts
        if any(part.startswith(".") for part in inner) or target.suffix.lower() not in _SUFFIXES:
            raise ValueError("no picture of the folder")
        content = read_file(target, LARGEST)
        return content, _type_of(content)

    def _inside(self, path: Path) -> Path:
        """Return a path seen from the folder that it is in. Raises ValueError for one outside."""
        for folder in self._folders().real.values():
            if path.is_relative_to(folder):
                return path.relative_to(folder)
        raise ValueError("outside of the folders")

    def _name(self, path: Path) -> str:
        with self._lock:
            name = self._paths.setdefault(path, secrets.token_hex(12))
            self._paths.move_to_end(path)
            while len(self._paths) > _MOST:
                self._paths.popitem(last=False)
        return name


def _type_of(content: bytes) -> str:
    """Return what a file is by how it begins. Raises ValueError for what is no picture."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    raise ValueError("no picture")
