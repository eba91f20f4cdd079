"""Which kinds of files can be articles, and which of them need an extra."""

from importlib.util import find_spec

_EXTRAS = {
    ".html": ("html", "trafilatura"),
    ".htm": ("html", "trafilatura"),
    ".pdf": ("pdf", "pypdfium2"),
    ".rst": ("rst", "docutils"),
    ".org": ("org", "orgparse"),
    ".rss": ("feeds", "feedparser"),
    ".atom": ("feeds", "feedparser"),
    ".xml": ("feeds", "feedparser"),
}
"""By suffix: the extra that a kind of file needs, and the library that it brings."""

REFERENCES = frozenset({".bib", ".json"})
"""Suffixes of files that may say what a PDF beside them is, and are no articles themselves."""

EXTRACTED = frozenset({".docx", ".epub", ".ipynb", ".eml", ".mbox"}) | frozenset(_EXTRAS)
"""Suffixes of files whose text is not their own source."""

SUFFIXES = frozenset({".md", ".markdown", ".mdx", ".qmd", ".rmd", ".txt"}) | EXTRACTED


def missing_extra(suffix: str) -> str:
    """Return why files of this kind cannot be read here, or nothing when they can."""
    extra, library = {".bib": ("bib", "pybtex"), **_EXTRAS}.get(suffix, ("", ""))
    if not library or find_spec(library):
        return ""
    kind = {"feeds": "a feed", "bib": "BibTeX"}.get(extra, extra.upper())
    return f"{kind} needs an extra: pip install 'ibid-articles[{extra}]'"
