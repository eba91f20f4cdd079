"""Books as .epub: the chapters in their order, each below the name that the contents give it."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from ibid.errors import ArticleUnreadable
from ibid.reading.decoding import decode
from ibid.reading.formats.archives import open_archive, read_xml
from ibid.reading.formats.extracted import Extracted, assemble, read_meta
from ibid.reading.formats.markup import to_markdown
from ibid.reading.formats.titles import written_title
from ibid.types import Meta

_HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)
_TEXT = ("application/xhtml+xml", "text/html")


def extract_epub(raw: bytes) -> Extracted:
    """Return the text of a book. Raises ArticleUnreadable."""
    with open_archive(raw, "an .epub file") as archive:
        try:
            container = read_xml(archive.read("META-INF/container.xml"))
            place = next(_all(container, "rootfile")).get("full-path", "")
            package = read_xml(archive.read(place))
        except (KeyError, StopIteration) as error:
            raise ArticleUnreadable("not an .epub file that can be read: no book in it") from error
        book = _Book(archive, posixpath.dirname(place), package)
        book.refuse_protected()
        return assemble((("", text) for text in book.chapters()), _read_meta(package))


class _Book:
    """An open archive and its package document."""

    def __init__(self, archive: ZipFile, folder: str, package: Element) -> None:
        self._archive, self._folder, self._package = archive, folder, package
        self._items = {item.get("id", ""): item for item in _all(package, "item")}

    def refuse_protected(self) -> None:
        """Raise ArticleUnreadable where the text itself, and not just a font, is encrypted."""
        if "META-INF/encryption.xml" in self._archive.namelist():
            encryption = read_xml(self._archive.read("META-INF/encryption.xml"))
            hidden = {
                unquote(place.get("URI", "")) for place in _all(encryption, "CipherReference")
            }
            if not hidden.isdisjoint(self._texts()):
                raise ArticleUnreadable("protected against copying (DRM)")

    def chapters(self) -> Iterator[str]:
        """Yield the text of each document; one without a heading gets its name as one."""
        names = self._contents()
        for place in self._texts():
            try:
                source = decode(self._archive.read(place)).text
            except KeyError:
                continue  # a book may name what it does not hold
            text = to_markdown(source)
            name = names.get(place, "")
            yield f"# {name}\n\n{text}" if name and text and not _HEADING.search(text) else text

    def _texts(self) -> list[str]:
        """Return the places of the book's documents in order, without its lists of contents."""
        items = [self._items.get(item.get("idref", "")) for item in _all(self._package, "itemref")]
        return [
            self._place(item.get("href", ""))
            for item in items
            if item is not None and item.get("media-type") in _TEXT and not _is_contents(item)
        ]

    def _contents(self) -> dict[str, str]:
        """Return what the lists of contents call the beginning of each document."""
        names: dict[str, str] = {}
        for item in self._items.values():
            place = self._place(item.get("href", ""))
            is_list = _is_contents(item) or item.get("media-type") == "application/x-dtbncx+xml"
            if is_list and place in self._archive.namelist():
                for target, name in _links(read_xml(self._archive.read(place))):
                    document = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
                    names.setdefault(document, name)
        return names

    def _place(self, href: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, unquote(href)))


def _links(contents: Element) -> Iterator[tuple[str, str]]:
    """Yield target and name of each entry of a list of contents, of EPUB 3 or of EPUB 2."""
    for link in _all(contents, "a"):
        yield _target(link.get("href", "")), " ".join("".join(link.itertext()).split())
    for point in _all(contents, "navPoint"):
        name = next(_all(point, "text"), None)
        content = next(_all(point, "content"), None)
        if name is not None and content is not None:
            yield _target(content.get("src", "")), " ".join((name.text or "").split())


def _target(href: str) -> str:
    return unquote(href.partition("#")[0])


def _is_contents(item: Element) -> bool:
    return "nav" in item.get("properties", "").split()


def _read_meta(package: Element) -> Meta:
    dates = [date for date in _all(package, "date") if "modification" not in date.attrib.values()]
    date = (dates[0].text or "").strip() if dates else ""
    return read_meta(
        title=written_title(next(iter(_said(package, "title")), "")),
        authors=_said(package, "creator"),
        date=date[:10],
        tags=_said(package, "subject"),
        description=to_markdown(" ".join(_said(package, "description")[:1])),
    )


def _said(package: Element, name: str) -> list[str]:
    return [text for element in _all(package, name) if (text := (element.text or "").strip())]


def _all(root: Element, name: str) -> Iterator[Element]:
    """Yield the elements of a name, in whatever namespace."""
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)
