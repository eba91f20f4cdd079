"""Libraries over a few texts, with an embedder that needs no model."""

from collections.abc import Mapping
from pathlib import Path

from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder


def build_library(root: Path, texts: Mapping[str, str]) -> Library:
    """Write each text as an article of that name, and return the library of them, built."""
    (root / "articles").mkdir()
    for name, text in texts.items():
        (root / "articles" / f"{name}.md").write_text(text, "utf-8")
    settings = Settings(model="none")
    library = Library.open(root / "articles", root / "index", settings, embedder=HashEmbedder())
    library.build()
    return library
