"""Documents in a few lines each, for the tests that read them."""

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats'
    '-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive of files by their names."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return written.getvalue()


def docx(*paragraphs: tuple[str, str], title: str = "", more: str = "") -> bytes:
    """Return a Word document of paragraphs, each a style's name and its text."""
    names = {style for style, _ in paragraphs}
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}">'
        f'<w:name w:val="{name}"/></w:style>'
        for name in sorted(names)
    )
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style.replace(" ", "")}"/></w:pPr>'
        f"<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"
        for style, text in paragraphs
    )
    about = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:title>{title}</dc:title><dc:creator>Ada Lovelace</dc:creator>"
        "<dcterms:created>2024-05-12T10:00:00Z</dcterms:created></cp:coreProperties>"
    )
    return archive(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _RELATIONS,
            "word/styles.xml": f'<w:styles xmlns:w="{_WORD}">{styles}</w:styles>',
            "word/document.xml": f'{more}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body>'
            "</w:document>",
            "docProps/core.xml": about,
        }
    )


def epub(*chapters: tuple[str, str], more: dict[str, str] | None = None) -> bytes:
    """Return a book of chapters, each the name in its contents and its HTML."""
    numbers = range(1, len(chapters) + 1)
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers
    )
    links = "".join(
        f'<li><a href="c{n}.xhtml">{name}</a></li>'
        for n, (name, _) in zip(numbers, chapters, strict=True)
        if name
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>On trials</dc:title>'
        "<dc:creator>Ada Lovelace</dc:creator><dc:creator>Grace Hopper</dc:creator>"
        "<dc:date>2024-05-12T00:00:00Z</dc:date></metadata><manifest>"
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        f'{items}</manifest><spine><itemref idref="nav"/>'
        + "".join(f'<itemref idref="c{n}"/>' for n in numbers)
        + "</spine></package>"
    )
    documents = {
        f"OPS/c{n}.xhtml": f'<?xml version="1.0"?><html><head><title>no</title></head><body>{html}'
        "</body></html>"
        for n, (_, html) in zip(numbers, chapters, strict=True)
    }
    container = '<container><rootfiles><rootfile full-path="OPS/p.opf"/></rootfiles></container>'
    contents = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><ol>{links}</ol></body></html>'
    return archive(
        {
            "META-INF/container.xml": container,
            "OPS/p.opf": package,
            "OPS/nav.xhtml": contents,
            **documents,
            **(more or {}),
        }
    )


def notebook(*cells: tuple[str, str], outputs: list[dict[str, Any]] | None = None) -> bytes:
    """Return a notebook of cells, each a type and its source; code has the `outputs`."""
    book = {
        "nbformat": 4,
        "metadata": {"language_info": {"name": "python"}},
        "cells": [
            {
                "cell_type": kind,
                "source": source.splitlines(keepends=True),
                **({"outputs": outputs or []} if kind == "code" else {}),
            }
            for kind, source in cells
        ],
    }
    return json.dumps(book).encode()
