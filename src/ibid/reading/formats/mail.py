"""Letters as .eml and mailboxes as .mbox, the standard library's way."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import MIMEPart
from email.utils import parseaddr, parsedate_to_datetime

from ibid.errors import ArticleUnreadable
from ibid.reading.formats.extracted import Extracted, assemble, read_meta
from ibid.reading.formats.markup import to_markdown

MOST_MESSAGES = 2000
"""Messages of a mailbox; the rest is left out, and a warning says so."""

_BEGIN = re.compile(rb"(?:\A|(?<=\n))From [^\r\n]*\d{4}[^\r\n]*\r?\n")
_QUOTED_BEGIN = re.compile(rb"^>(>*From )", re.MULTILINE)
_SIGNATURE_MARK = re.compile(r"^-- ?$", re.MULTILINE)
_SOFT_END = re.compile(r"(?<!^--) \n(?!>)", re.MULTILINE)


def extract_mail(raw: bytes) -> Extracted:
    """Return the text of one message. Raises ArticleUnreadable."""
    message = _Letter(raw)
    if not message.subject and not message.author:
        raise ArticleUnreadable("not a message that can be read: it has no header")
    meta = read_meta(title=message.subject, author=message.author, date=message.date)
    return assemble([("", message.text)], meta)


def extract_mailbox(raw: bytes) -> Extracted:
    """Return the messages of a mailbox, each below its subject. Raises ArticleUnreadable."""
    places = [begin.span() for begin in _BEGIN.finditer(raw)]
    if not places:
        raise ArticleUnreadable("not a mailbox that can be read: no message in it")
    ends = [*(start for start, _ in places[1:]), len(raw)]
    letters = [
        _Letter(_QUOTED_BEGIN.sub(rb"\1", raw[start:end]))
        for (_, start), end in list(zip(places, ends, strict=True))[:MOST_MESSAGES]
    ]
    parts = [
        (letter.name(number), f"# {letter.subject or 'No subject'}\n\n{letter.text}")
        for number, letter in enumerate(letters, start=1)
        if letter.text
    ]
    excess = len(places) - len(letters)
    warning = f"too long: the last {excess} messages are left out"
    dates = sorted(letter.date for letter in letters if letter.date)
    meta = read_meta(authors=_unique(letter.author for letter in letters), date="".join(dates[-1:]))
    return replace(assemble(parts, meta, (warning,) * (excess > 0)), collected=True)


class _Letter:
    """One message as its reader sees it."""

    def __init__(self, raw: bytes) -> None:
        self._message = message_from_bytes(raw, policy=policy.default)
        self.subject = self._header("subject")
        name, address = parseaddr(self._header("from"))
        self.author = name or address
        self.date = ""
        with suppress(ValueError, TypeError, IndexError):
            self.date = parsedate_to_datetime(self._header("date")).date().isoformat()
        self.text = self._read()

    def name(self, number: int) -> str:
        """Return how a citation names the message: its number, author and date."""
        return ", ".join(filter(None, (f"message {number}", self.author, self.date)))

    def _header(self, name: str) -> str:
        with suppress(Exception):  # the header's parser raises whatever it stumbles over
            return " ".join(str(self._message.get(name, "")).split())
        return ""

    def _read(self) -> str:
        """Return the first text in the message that says something, HTML if it has any."""
        bodies = [self._message.get_body((kind,)) for kind in ("html", "plain")]
        texts = [part for part in self._message.walk() if part.get_content_maintype() == "text"]
        for body in (*bodies, *(part for part in texts if not part.is_attachment())):
            if body is not None and (text := _content(body)).strip():
                return text
        return ""


def _content(body: MIMEPart) -> str:
    """Return the text of a part as Markdown."""
    text = _decode(body).replace("\r\n", "\n")
    if body.get_content_type() == "text/html":
        return to_markdown(text, below=1)
    if body.get_param("format") == "flowed":
        text = _SOFT_END.sub(" ", text)
    return _SIGNATURE_MARK.sub("", text)


def _decode(body: MIMEPart) -> str:
    try:
        return str(body.get_content())
    except (LookupError, ValueError):  # an encoding that nobody knows
        payload = body.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, names)))
