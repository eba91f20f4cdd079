"""Which kinds of files can be articles, and which of them need an extra."""

from importlib.util import find_spec

_NEEDS = {".html": "trafilatura", ".htm": "trafilatura", ".pdf": "pypdfium2"}

EXTRACTED = frozenset(_NEEDS)
"""Suffixes of files that are not text."""

SUFFIXES = frozenset({".md", ".markdown", ".txt"}) | EXTRACTED


def missing_extra(suffix: str) -> str:
    """Return why files of this kind cannot be read here, or nothing when they can."""
    library = _NEEDS.get(suffix, "")
    if not library or find_spec(library):
        return ""
    extra = "pdf" if suffix == ".pdf" else "html"
    return f"{extra.upper()} needs an extra: pip install 'ibid-articles[{extra}]'"
