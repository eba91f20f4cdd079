"""Text from files that are not text: HTML by trafilatura, others as `formats` reads them.

The libraries run in a process of their own, since a hostile file may crash or hang them.
"""

import errno
import json
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from subprocess import DEVNULL, PIPE, Popen
from threading import Timer
from types import TracebackType
from typing import Any, BinaryIO, Self

from ibid.errors import ArticleUnreadable, IbidError, NoTemporaryRoom
from ibid.reading import formats
from ibid.reading.decoding import decode
from ibid.reading.formats import Extracted, Part, mend
from ibid.reading.front_matter import find_front_matter
from ibid.reading.html import (
    as_document,
    extract_markdown,
    is_template,
    without_template_tags,
)
from ibid.reading.metadata import join, names_in
from ibid.types import Meta

LARGEST_HTML = 5 * 1024 * 1024
"""Bytes; trafilatura needs about 2 s for each megabyte."""

SECONDS, MEMORY = 20, 2 * 1024**3
"""What one file may take: time, and bytes of address space."""

_EXTRACTORS = {
    ".pdf": "extract_pdf",
    ".docx": "extract_docx",
    ".epub": "extract_epub",
    ".ipynb": "extract_notebook",
    ".rst": "extract_rst",
    ".org": "extract_org",
    ".eml": "extract_mail",
    ".mbox": "extract_mailbox",
    ".rss": "extract_feed",
    ".atom": "extract_feed",
    ".xml": "extract_feed",
    ".bib": "extract_bibtex",
    ".json": "extract_csl",
}
"""By suffix: what reads such a file, loaded in the process that does."""

_OF_THE_MACHINE = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
)
"""What the bytes of a file cannot bring about."""

_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*+=\s*+[\"']?([\w-]{1,40})", re.IGNORECASE)
_SERVE = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from ibid.reading.extracting import serve; serve(sys.stdin.buffer, sys.stdout.buffer)"
)


Extract = Callable[[str, bytes], Extracted]
"""From a suffix and the bytes of a file to its text. Raises ArticleUnreadable."""


def extract(suffix: str, raw: bytes) -> Extracted:
    """Extract the text of a file in this process. Raises ArticleUnreadable."""
    if name := _EXTRACTORS.get(suffix):
        read: Callable[[bytes], Extracted] = getattr(formats, name)
        return read(raw)
    return _extract_html(raw)


def _extract_html(raw: bytes) -> Extracted:
    import trafilatura

    if len(raw) > LARGEST_HTML:
        raise ArticleUnreadable(f"HTML larger than {LARGEST_HTML // 1024**2} MB")
    html, warnings = _decode_html(raw)
    front = find_front_matter(html)
    if front.end:  # a page of Jekyll's
        html, warnings = without_template_tags(html[front.end :]), warnings + front.warnings
    elif is_template(html):
        raise ArticleUnreadable("a template of pages, and no page")
    html = as_document(html)
    untyped: Any = trafilatura
    text, lost = extract_markdown(html)
    if not text:
        raise ArticleUnreadable("no text in it")
    document = untyped.extract_metadata(html, extensive=False)
    author, *coauthors = [*names_in(document.author)] or [""]
    meta = Meta(
        title=document.title or "",
        author=author,
        coauthors=tuple(coauthors),
        date=document.date or "",
        tags=tuple(document.tags or ()),
        description=document.description or "",
    )
    return Extracted(mend(text), join(front.meta, meta), warnings=warnings + lost)


def _decode_html(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the source in UTF-8 or the encoding that it declares, else as `decode` guesses."""
    declared = _CHARSET.search(raw[:2048])
    for encoding in ("utf-8", declared[1].decode() if declared else "utf-8"):
        with suppress(UnicodeDecodeError, LookupError):
            return raw.decode(encoding), ()
    decoded = decode(raw)
    return decoded.text, decoded.warnings


class Extractor:
    """Extracts in a process of its own, which starts with the first file and ends with `with`."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop()

    def __call__(self, suffix: str, raw: bytes) -> Extracted:
        """Extract the text of a file within SECONDS. Raises ArticleUnreadable.

        Raises OSError and IbidError for trouble that the file is not to blame for.
        """
        process = self._process = self._process or _start()
        timer, started = Timer(SECONDS, process.kill), time.monotonic()
        timer.start()
        try:
            reply = _exchange(process, suffix, raw)
        except OSError:  # it died before it had read the file
            reply = b""
        finally:
            timer.cancel()
        if not reply.endswith(b"\n"):
            self._stop()
            late = time.monotonic() - started >= SECONDS
            raise ArticleUnreadable(f"not read in {SECONDS} s" if late else "its reader crashed")
        return _unpack(reply)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            with suppress(OSError), process:  # what it has not read cannot be flushed
                pass


def _start() -> Popen[bytes]:
    return Popen(  # noqa: S603  (our own interpreter)
        [sys.executable, "-c", _SERVE, *sys.path], stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )


def _exchange(process: Popen[bytes], suffix: str, raw: bytes) -> bytes:
    """Send a file to the process and return its answer, one line of JSON."""
    if process.stdin is None or process.stdout is None:
        raise OSError("no pipe")
    process.stdin.write(f"{suffix} {len(raw)}\n".encode())
    process.stdin.write(raw)
    process.stdin.flush()
    return process.stdout.readline()


def _unpack(reply: bytes) -> Extracted:
    values: dict[str, Any] = json.loads(reply)
    if "unreadable" in values:
        raise ArticleUnreadable(values["unreadable"], hint=values["hint"])
    if "trouble" in values:
        raise IbidError(values["trouble"], hint=values["hint"])
    if "errno" in values:
        raise OSError(values["errno"], os.strerror(values["errno"]))
    values["meta"] = _unpack_meta(values["meta"])
    parts = values["parts"]
    values["parts"] = tuple(Part(**part | {"meta": _unpack_meta(part["meta"])}) for part in parts)
    values["warnings"] = tuple(values["warnings"])
    return Extracted(**values)


def _unpack_meta(values: dict[str, Any]) -> Meta:
    lists = ("tags", "keywords", "coauthors", "aliases", "guessed")
    values |= {name: tuple(values[name]) for name in lists}
    return Meta(**values)


def serve(files: BinaryIO, answers: BinaryIO) -> None:
    """Extract file after file until there are no more: what the process does."""
    import resource

    with suppress(OSError, ValueError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while line := files.readline():
        suffix, length = line.decode("ascii").split()
        answers.write(json.dumps(_answer(suffix, files.read(int(length)))).encode("ascii") + b"\n")
        answers.flush()


def _answer(suffix: str, raw: bytes) -> dict[str, Any]:
    """Return the text of a file, or what is to be raised in its place."""
    try:
        return asdict(extract(suffix, raw))
    except ArticleUnreadable as error:
        return {"unreadable": str(error), "hint": error.hint}
    except NoTemporaryRoom as error:
        return {"trouble": str(error), "hint": error.hint}
    except Exception as error:  # noqa: BLE001  (whatever a library raises at a hostile file)
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            return {"errno": error.errno}
        return {"unreadable": f"its reader failed ({type(error).__name__})", "hint": ""}
