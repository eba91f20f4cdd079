"""From bytes to text: strict UTF-8, or a reason why not."""

import codecs

from ibid.errors import ArticleUnreadable

BYTE_ORDER_MARK = "\ufeff"


def decode(raw: bytes) -> str:
    """Return the text of a file, a byte order mark and every line end kept as they are.

    Raises ArticleUnreadable for binary data and for bytes that are not UTF-8.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ArticleUnreadable("not UTF-8 but UTF-16", hint="save it as UTF-8")
    if b"\0" in raw:
        raise ArticleUnreadable("binary data", hint="only text files can be read")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ArticleUnreadable(
            f"not UTF-8: byte 0x{raw[error.start]:02x} in line {line}",
            hint="convert it to UTF-8, for example with iconv",
        ) from error
