"""Adding an article to the folder: under a name that is only a name, and over nothing."""

import re
import unicodedata
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path, PurePath

from ibid.errors import IbidError, UsageError
from ibid.library import Library
from ibid.reading import EXTRACTED, LARGEST_FILE, SUFFIXES, check_folder, missing_extra
from ibid.storage import hint_for, write_new
from ibid.text import collapse, printable

LONGEST_NAME = 120
"""Characters of a name, its suffix included: four bytes each fit in any file system."""

_FORBIDDEN = re.compile(r'[<>:"|?*]')
"""What some file systems do not take."""

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names of devices on Windows, where a folder may be read, too."""

_ALLOW = "ibid chat --add"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where something would be added: what somebody confirms."""

    name: str
    folder: str
    size: int


def find_landing(name: str, size: int, library: Library) -> Landing:
    """Return where something of that name and size would be added.

    Raises UsageError for what cannot be, FolderError.
    """
    _require_leave(library)
    folder, name = library.folder, clean_name(name)
    check_folder(folder)
    if not 0 < size <= LARGEST_FILE:
        limit = f"an article has {LARGEST_FILE // 1024**2} MB at most"
        raise UsageError(limit if size else f"{name} is empty")
    same = _fold(name)
    if any(_fold(path.name) == same for path in folder.iterdir()):
        hint = "it stays as it is; give the new one another name"
        raise UsageError(f"{name} is in the folder already", hint=hint)
    return Landing(printable(name), printable(folder.as_posix()), size)


def add_article(name: str, content: str, library: Library) -> Landing:
    """Add what `content` says in base 64, under a name that was cleaned before it was confirmed.

    Raises UsageError, FolderError, IbidError.
    """
    _require_leave(library)
    try:
        data = b64decode(content, validate=True)
    except ValueError:
        raise UsageError("what was sent is no base 64") from None
    landing = find_landing(name, len(data), library)
    if name != clean_name(name):
        raise UsageError("nobody confirmed this name")
    if Path(name).suffix.lower() not in EXTRACTED and b"\0" in data:
        raise UsageError(f"{name} is no text")
    try:
        write_new(library.folder / name, data)
    except FileExistsError:
        raise UsageError(f"{name} is in the folder already") from None
    except OSError as error:
        text = f"{name} cannot be written: {error.strerror}"
        raise IbidError(text, hint=hint_for(error)) from error
    return landing


def clean_name(name: str) -> str:
    """Return the file name that a name becomes. Raises UsageError where nothing is left of it.

    >>> clean_name("../My notes: 2025?.md")
    'My notes- 2025-.md'
    """
    last = PurePath(name.replace("\\", "/")).name
    text = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", last))
    visible = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    bare = collapse(_FORBIDDEN.sub("-", visible)).lstrip(".-~ ").rstrip(". ")
    stem, suffix = PurePath(bare).stem, PurePath(bare).suffix.lower()
    if suffix not in SUFFIXES:
        hint = f"articles end in {', '.join(sorted(SUFFIXES))}"
        raise UsageError(f"{printable(bare) or 'this'} is no kind of file that is read", hint=hint)
    if reason := missing_extra(suffix):
        raise UsageError(reason)
    stem = stem[: LONGEST_NAME - len(suffix)].rstrip(". ")
    return f"_{stem}{suffix}" if _RESERVED.fullmatch(stem) else f"{stem}{suffix}"


def _require_leave(library: Library) -> None:
    if not library.settings.add:
        raise UsageError("this chat was not started so that it may add to the folder", hint=_ALLOW)


def _fold(name: str) -> str:
    """Return what a name is called where case and composition make no difference."""
    return unicodedata.normalize("NFC", name).casefold()
