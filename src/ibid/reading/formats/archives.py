"""Zip archives of XML, opened so that a small file cannot become a huge one."""

from io import BytesIO
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from ibid.errors import ArticleUnreadable

LARGEST_TEXT = 64 * 1024 * 1024
"""Bytes of all the text in an archive when it is unpacked; a long novel has 2 MB."""

_TEXTS = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx")


def open_archive(raw: bytes, kind: str) -> ZipFile:
    """Open an archive whose text is not too large. Raises ArticleUnreadable.

    zipfile itself gives no more of a member than the size that was added up here.
    """
    try:
        archive = ZipFile(BytesIO(raw))
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise ArticleUnreadable(f"not {kind} that can be read: {error}") from error
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise ArticleUnreadable("protected with a password")
    texts = [member for member in members if member.filename.lower().endswith(_TEXTS)]
    if sum(member.file_size for member in texts) > LARGEST_TEXT:
        raise ArticleUnreadable(f"its text is larger than {LARGEST_TEXT // 1024**2} MB")
    return archive


def read_xml(source: bytes) -> Element:
    """Return the root of an XML document. Raises ArticleUnreadable for one with entities."""
    refuse_entities(source)
    try:
        return fromstring(source)  # noqa: S314  (it declares no entities)
    except ParseError as error:
        raise ArticleUnreadable(f"XML that cannot be read: {error}") from error


def refuse_entities(source: bytes) -> None:
    """Raise ArticleUnreadable for XML that declares entities: they can grow without end."""
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(source, True)
    except expat.ExpatError:
        return  # whoever reads it tells what is wrong with it


def _refuse(*_: object) -> None:
    raise ArticleUnreadable("XML that declares entities")
