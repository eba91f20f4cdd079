"""Texts that are compared, and cells of what comes out."""

from collections.abc import Mapping
from pathlib import Path

from ibid.library import Library
from ibid.settings import Settings
from ibid.types.comparisons import Cell, Comparison, Row


def row(comparison: Comparison, word: str) -> Row:
    return next(row for row in comparison.rows if word in row.title.lower())


def saying(row: Row) -> set[str]:
    return {cell.article[:3] for cell in row.saying}


def speaking(row: Row) -> set[str]:
    """Return the articles that say a row, or come close to it."""
    return {cell.article[:3] for cell in row.speaking}


def cell(row: Row, article: str) -> Cell:
    return next(cell for cell in row.cells if cell.article.startswith(article))


def compare_texts(folder: Path, topic: str, **texts: str) -> Comparison:
    return compare_files(folder, topic, {f"{name}.txt": text for name, text in texts.items()})


def compare_files(folder: Path, topic: str, texts: Mapping[str, str]) -> Comparison:
    """Compare articles, each written to a file of its name."""
    articles = folder / "articles"
    articles.mkdir()
    for name, text in texts.items():
        (articles / name).write_text(text, "utf-8")
    library = Library.open(articles, folder / "index", Settings(model="none"))
    library.build()
    return library.compare(topic)
