"""Files that were made to harm cost their own article, in a process with a limit of both kinds."""

import random
import time
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest

from documents import archive, docx, epub, notebook
from ibid.errors import ArticleUnreadable
from ibid.reading.extracting import Extractor, extract
from ibid.reading.formats import archives
from ibid.reading.kinds import missing_extra

ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY file SYSTEM "file:///etc/passwd">]>'
)
LETTER = b"From: a@example.org\nSubject: x\n\nTrials cost ten million.\n"
WHOLE = {
    ".docx": docx(("heading 1", "Costs"), ("Normal", "Trials cost ten million.")),
    ".epub": epub(("Costs", "<p>Trials cost ten million.</p>")),
    ".ipynb": notebook(("markdown", "Trials cost ten million.")),
    ".eml": LETTER,
    ".mbox": b"From a Sun May 12 10:00:00 2024\n" + LETTER,
    ".rss": b"<rss version='2.0'><channel><item><title>x</title></item></channel></rss>",
    ".rst": b"Costs\n=====\n\nTrials cost *ten* million. :ref:`x`\n",
    ".org": b"* Costs\nTrials cost *ten* million.\n",
}
READABLE = {suffix: raw for suffix, raw in WHOLE.items() if not missing_extra(suffix)}


def bomb(name: str) -> bytes:
    """Return an archive whose member is a thousand times as large as it."""
    return archive({"[Content_Types].xml": "<a/>", name: b" " * (archives.LARGEST_TEXT + 1)})


def understated() -> bytes:
    """Return a bomb that says that it is small."""
    size = (archives.LARGEST_TEXT + 1).to_bytes(4, "little")
    return bomb("word/document.xml").replace(size, (9).to_bytes(4, "little"))


def locked() -> bytes:
    """Return a book that says that it needs a password."""
    raw = bytearray(WHOLE[".epub"])
    with zipfile.ZipFile(BytesIO(raw)) as zipped:
        assert zipped.infolist()
    place = raw.find(b"PK\x01\x02")
    raw[place + 8] |= 1
    return bytes(raw)


@pytest.mark.parametrize(
    ("suffix", "raw", "reason"),
    [
        (".docx", bomb("word/document.xml"), "its text is larger than 64 MB"),
        (".epub", bomb("OPS/c1.xhtml"), "its text is larger than 64 MB"),
        (".docx", understated(), "failed"),
        (".epub", locked(), "protected with a password"),
        (".docx", docx(("Normal", "x"), more=ENTITIES), "declares entities"),
        (".epub", epub(more={"META-INF/container.xml": f"{ENTITIES}<a>&b;</a>"}), "entities"),
        (".docx", b"", "not a .docx file"),
        (".docx", archive({"a.xml": "<a/>"}), "no document in it"),
        (".epub", b"PK\x03\x04" + b"x" * 100, "not an .epub file"),
        (".epub", archive({"a.xml": "<a/>"}), "no book in it"),
        (".epub", epub(("a", "<p> </p>")), "no text in it"),
        (".epub", epub(("a", "<div>" * 20_000 + "x")), "failed"),
        (".eml", b"Subject: x\n" + b"X: " + b"a" * 1_000_000, "no text"),
        (".ipynb", b'{"cells":' + b"[" * 1_000_000, "not a notebook"),
        (".rss", f"{ENTITIES}<rss version='2.0'><title>&b;</title></rss>".encode(), "entities"),
        (".rss", f"{ENTITIES}<rss version='2.0'/>".encode("utf-16"), "entities"),
        (".rst", b".. raw:: html\n   :file: /etc/passwd\n", "no text in it"),
        (".rst", b".. csv-table::\n   :file: /etc/passwd\n", "no text in it"),
        (".rst", b".. include:: /etc/passwd\n", "no text in it"),
    ],
    ids=range(19),
)
def test_a_hostile_file_is_refused_with_the_reason(suffix: str, raw: bytes, reason: str):
    if missing_extra(suffix):
        pytest.skip(missing_extra(suffix))
    started = time.monotonic()
    with Extractor() as extracted:
        with pytest.raises(ArticleUnreadable, match=reason):
            extracted(suffix, raw)
        assert time.monotonic() - started < 30
        assert extracted(".ipynb", WHOLE[".ipynb"]) == extract(".ipynb", WHOLE[".ipynb"])


@pytest.mark.parametrize(
    ("suffix", "raw"),
    [
        (".rst", b"`" * 50_000),
        (".rst", b"*" * 50_000),
        (".org", b"[[" * 100_000),
        (".org", b"*a" * 100_000),
        (".org", b"#+begin_src\n" * 20_000),
        (".org", b":a:\n" * 50_000),
        (".mbox", b"From a 2024\n" * 100_000),
        (".eml", b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx"),
    ],
    ids=range(8),
)
def test_marks_without_an_end_are_read_or_refused_in_time(suffix: str, raw: bytes):
    if missing_extra(suffix):
        pytest.skip(missing_extra(suffix))
    started = time.monotonic()
    with Extractor() as extracted, suppress(ArticleUnreadable):
        extracted(suffix, raw)
    assert time.monotonic() - started < 30


def test_a_book_that_is_protected_against_copying_says_so_and_one_with_a_hidden_font_is_read():
    said = '<encryption><a><CipherReference URI="{}"/></a></encryption>'
    place = "META-INF/encryption.xml"
    chapter = ("Costs", "<p>Trials are dear.</p>")
    with pytest.raises(ArticleUnreadable, match="protected against copying"):
        extract(".epub", epub(chapter, more={place: said.format("OPS/c1.xhtml")}))
    found = extract(".epub", epub(chapter, more={place: said.format("OPS/font.otf")}))
    assert "Trials are dear." in found.text


@pytest.mark.parametrize("suffix", READABLE)
def test_damaged_files_are_read_or_refused_and_one_process_reads_them_all(suffix: str):
    chance = random.Random(suffix)  # noqa: S311
    whole = READABLE[suffix]
    with Extractor() as extracted:
        for _ in range(60):
            raw = bytearray(whole)
            for _ in range(chance.randrange(1, 20)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            with suppress(ArticleUnreadable):
                extracted(suffix, bytes(raw[: chance.randrange(len(raw))]))
        assert extracted(suffix, whole) == extract(suffix, whole)
