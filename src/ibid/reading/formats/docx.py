"""Word documents, by mammoth: headings, lists, tables and notes; no deleted text, no comments."""

from contextlib import suppress
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from ibid.errors import ArticleUnreadable
from ibid.reading.formats.archives import open_archive, read_xml, refuse_entities
from ibid.reading.formats.extracted import Extracted, assemble, read_meta
from ibid.reading.formats.markup import to_markdown
from ibid.reading.formats.titles import written_author, written_title
from ibid.types import Meta

_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Quote'] => blockquote > p:fresh"
_BACK = "↑"
"""How mammoth leads from a note back to its place."""


def extract_docx(raw: bytes) -> Extracted:
    """Return the text of a .docx file. Raises ArticleUnreadable."""
    import mammoth

    untyped: Any = mammoth
    with open_archive(raw, "a .docx file") as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        for name in names:
            refuse_entities(archive.read(name))
        if "[Content_Types].xml" not in names:
            raise ArticleUnreadable("not a .docx file that can be read: no document in it")
        meta = _read_properties(archive)
    no_picture: Any = untyped.images.img_element(lambda _: {})  # pyright: ignore[reportUnknownLambdaType]
    html: str = untyped.convert_to_html(
        BytesIO(raw), style_map=_STYLES, convert_image=no_picture
    ).value
    return assemble([("", to_markdown(html.replace(_BACK, "")))], meta)


def _read_properties(archive: ZipFile) -> Meta:
    """Return what the document says about itself, nothing where it says nothing that is sound."""
    with suppress(KeyError, ArticleUnreadable):
        values = {
            element.tag.rpartition("}")[2]: (element.text or "").strip()
            for element in read_xml(archive.read("docProps/core.xml"))
        }
        return read_meta(
            title=written_title(values.get("title", "")),
            authors=list(map(written_author, values.get("creator", "").split(";"))),
            date=values.get("created", "")[:10],
            keywords=values.get("keywords", ""),
        )
    return Meta()
