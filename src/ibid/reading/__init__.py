"""From the bytes of one file to an Article: its text, front matter, headings, sections."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibid.reading.articles import read_article

__all__ = ["read_article"]


def __getattr__(name: str) -> object:
    """Load `read_article`, and the readers with it, when it is first asked for."""
    if name == "read_article":
        from ibid.reading.articles import read_article

        return read_article
    raise AttributeError(f"module 'ibid.reading' has no attribute {name!r}")
