"""From bytes to text: strict UTF-8 first; whatever else is done to read a file, it says so."""

import codecs
import re
from dataclasses import dataclass
from typing import Any

from ibid.errors import ArticleUnreadable

BYTE_ORDER_MARK = "\ufeff"

_MARKS = (  # the longer first: UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MAGIC = (
    *(b"\x1f\x8b", b"PK\x03\x04", b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x7fELF"),
    *(b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0", b"SQLite format 3\0"),
)
"""How files begin that are never text, whatever they are called."""

_USUAL = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("iso8859_2", "iso8859_15", "cp932", "euc_jp", "gb18030", "big5", "cp949", "mac_roman"),
)
"""What is guessed among, the likelier first where the guess is a tie: fewer candidates make fewer
wrong guesses (docs/decisions)."""

_CONTROL = bytes({*range(32), 0x7F} - set(b"\t\n\x0b\f\r\x1b"))
_NO_TEXT = re.compile(r"[\0-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd-\uffff]")

_MOST_CONTROL, _MOST_ODD = 0.01, 0.05
"""Share of a file that may be such; data, or text in the wrong encoding, has more."""

_TIE = 0.05
"""Coherence that charset-normalizer gives and takes for a letter or two."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, a byte order mark and every line end kept as they are.

    `text` is `raw.decode(encoding, "replace")`: offsets count its characters.
    """

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(raw: bytes) -> Decoded:
    """Decode a file; a warning tells of anything but strict UTF-8.

    Raises ArticleUnreadable for binary data and for bytes in no encoding that can be told.
    """
    if raw.startswith(_MAGIC):
        raise _binary()
    if wide := _decode_marked(raw) or _decode_wide(raw):
        return wide
    if raw.count(b"\0") > _MOST_CONTROL * len(raw):
        raise _binary()
    return _decode_utf8(raw) or _guess(raw)


def _decode_marked(raw: bytes) -> Decoded | None:
    """Decode what begins with a byte order mark of UTF-16 or UTF-32."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            text = raw.decode(encoding, "replace")
            if not _is_text(text):
                raise _binary()
            return Decoded(text, encoding, (f"read as {encoding}",))
    return None


def _decode_wide(raw: bytes) -> Decoded | None:
    """Decode UTF-16 without a mark: every other byte of Western text is zero."""
    if raw.count(b"\0") * 4 < len(raw) or len(raw) % 2:
        return None
    for rare, encoding in ((raw[::2], "utf-16-le"), (raw[1::2], "utf-16-be")):
        text = None if b"\0" in rare else _strictly(raw, encoding)
        if text is not None and _is_text(text):
            return _guessed(text, encoding)
    return None


def _decode_utf8(raw: bytes) -> Decoded | None:
    """Decode UTF-8, and damaged UTF-8: fewer bytes are wrong than letters of several bytes right.

    Text in another encoding has few that are right by chance, one in three of the wrong ones.
    """
    text = _strictly(raw, "utf-8")
    if text is not None:
        japanese = _strictly(raw, "iso2022_jp") if b"\x1b$" in raw else None
        return _guessed(japanese, "iso2022_jp") if japanese else Decoded(text, "utf-8")
    whole = raw.decode("utf-8", "ignore")
    wrong = len(raw) - len(whole.encode("utf-8"))
    if sum(not char.isascii() for char in whole) <= wrong:
        return None
    bytes_ = "byte was" if wrong == 1 else "bytes were"
    warning = f"damaged UTF-8: {wrong} {bytes_} replaced"
    return Decoded(raw.decode("utf-8", "replace"), "utf-8", (warning,))


def _guess(raw: bytes) -> Decoded:
    """Decode bytes that are not UTF-8. Raises ArticleUnreadable where nothing fits."""
    from charset_normalizer import from_bytes
    from ftfy.badness import is_bad

    if len(raw) - len(raw.translate(None, _CONTROL)) > _MOST_CONTROL * len(raw):
        raise _binary()
    untyped: Any = from_bytes
    matches: Any = untyped(raw, cp_isolation=list(_USUAL))
    best = matches.best()
    if best is None:
        raise _unknown(raw)
    ties = [m for m in matches if m.chaos == best.chaos and m.coherence > best.coherence - _TIE]
    names = {name for match in ties for name in match.could_be_from_charset}
    encoding = next((name for name in _USUAL if name in names), best.encoding)
    text = _strictly(raw, encoding)
    looks_like_utf8 = any(not char.isascii() for char in raw.decode("utf-8", "ignore"))
    if text is None or not _is_text(text) or (looks_like_utf8 and is_bad(text)):
        raise _unknown(raw)
    return _guessed(text, encoding)


def _guessed(text: str, encoding: str) -> Decoded:
    return Decoded(text, encoding, (f"read as {encoding}, a guess: the file is not UTF-8",))


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_text(text: str) -> bool:
    """Tell whether few characters are controls, private, unassigned or replaced."""
    return bool(text) and len(_NO_TEXT.findall(text)) <= _MOST_ODD * len(text)


def _binary() -> ArticleUnreadable:
    return ArticleUnreadable("binary data", hint="only text files can be read")


def _unknown(raw: bytes) -> ArticleUnreadable:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        place = f"byte 0x{raw[error.start]:02x} in line {line}"
        message = f"neither UTF-8 nor another encoding that can be told: {place}"
        return ArticleUnreadable(message, hint="save it as UTF-8")
    return _binary()
