"""reStructuredText, by docutils, with the directives and roles of Sphinx read for their text."""

from typing import Any

from ibid.errors import ArticleUnreadable
from ibid.reading.decoding import decode
from ibid.reading.formats.extracted import Extracted, assemble, read_meta
from ibid.reading.formats.markup import to_markdown
from ibid.types import Meta

_SETTINGS = {
    "file_insertion_enabled": False,  # an article reads no other file
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 5,
    "input_encoding": "unicode",
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "strip_comments": True,
    "embed_stylesheet": False,
    "footnote_references": "brackets",
}


def extract_rst(raw: bytes) -> Extracted:
    """Return the text of an .rst file. Raises ArticleUnreadable."""
    import docutils.core

    from ibid.reading.formats.sphinx import know_sphinx

    decoded = decode(raw)
    know_sphinx()
    untyped: Any = docutils.core
    tree: Any = untyped.publish_doctree(
        decoded.text.removeprefix("\ufeff"), settings_overrides=_SETTINGS
    )
    meta = _take_meta(tree)
    html: bytes = untyped.publish_from_doctree(tree, writer="html5", settings_overrides=_SETTINGS)
    if not html:
        raise ArticleUnreadable("no text in it")
    return assemble([("", to_markdown(html.decode("utf-8")))], meta, decoded.warnings)


def _take_meta(tree: Any) -> Meta:
    """Return what the list of fields at the top says, and take it out of the text."""
    from docutils import nodes

    untyped: Any = nodes
    values: dict[str, str | list[str]] = {}
    for about in list(tree.findall(untyped.docinfo)):
        for field in about.children:
            name, text = field.tagname, field.astext()
            if isinstance(field, untyped.field):
                name, text = (part.astext() for part in field.children)
            authors = [author.astext() for author in field.findall(untyped.author)]
            values.setdefault(name.lower(), authors or text)
        about.parent.remove(about)
    title = next(iter(tree.findall(untyped.title)), None)
    values.setdefault("title", title.astext() if title is not None else "")
    return read_meta(**values)
