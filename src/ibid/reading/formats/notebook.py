"""Jupyter notebooks: text, code and what it printed, each cell a part of its own."""

import json
import re
from typing import Any, cast

from ibid.errors import ArticleUnreadable
from ibid.reading.formats.extracted import Extracted, assemble, read_meta
from ibid.reading.front_matter import find_front_matter
from ibid.types import Meta

LONGEST_OUTPUT = 5000
"""Characters of what one cell printed; the rest is left out, and a warning says so."""

_COMMANDS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FENCE = re.compile(r"`{3,}")

_Values = dict[str, Any]


def extract_notebook(raw: bytes) -> Extracted:
    """Return the text of an .ipynb file, of format 3 or 4. Raises ArticleUnreadable."""
    try:
        book = _table(json.loads(raw))
    except (ValueError, RecursionError) as error:
        raise ArticleUnreadable(f"not a notebook that can be read: {error}") from error
    sheets = map(_table, _items(book.get("worksheets")))
    cells = [_table(cell) for sheet in (book, *sheets) for cell in _items(sheet.get("cells"))]
    reader = _Reader(_language(_table(book.get("metadata"))))
    parts = [(f"cell {n}", reader.read(cell)) for n, cell in enumerate(cells, start=1)]
    return assemble(parts, _read_meta(_table(book.get("metadata")), cells), reader.warnings())


class _Reader:
    """Reads the cells of one notebook, and counts the outputs that are too long."""

    def __init__(self, language: str) -> None:
        self._language, self._cut = language, 0

    def read(self, cell: _Values) -> str:
        """Return a cell as Markdown, nothing for one that no reader sees."""
        source = _text(cell.get("source", cell.get("input")))
        match cell.get("cell_type"):
            case "markdown":
                return source
            case "heading":
                level = cell.get("level")
                return f"{'#' * min(level if isinstance(level, int) else 1, 6)} {source}"
            case "code":
                printed = map(self._read_output, map(_table, _items(cell.get("outputs"))))
                return "\n\n".join(filter(None, (_fenced(source, self._language), *printed)))
            case _:
                return ""

    def warnings(self) -> tuple[str, ...]:
        """Return what is left out of the notebook, in words."""
        warning = f"outputs longer than {LONGEST_OUTPUT:,} characters are cut: {self._cut}"
        return (warning,) if self._cut else ()

    def _read_output(self, output: _Values) -> str:
        """Return what a cell printed; pictures and tracebacks are left out."""
        data = _table(output.get("data")) or output
        if markdown := _text(data.get("text/markdown")):
            return self._short(markdown)
        if any(kind.startswith("image/") for kind in data):
            return ""
        text = _text(data.get("text/plain", data.get("text")))
        return _fenced(self._short(_COMMANDS.sub("", text)), "")

    def _short(self, text: str) -> str:
        self._cut += len(text) > LONGEST_OUTPUT
        return text[:LONGEST_OUTPUT]


def _fenced(code: str, language: str) -> str:
    """Return code between fences that are longer than any inside it."""
    if not code.strip():
        return ""
    longest = max((len(fence) for fence in _FENCE.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.strip(chr(10))}\n{fence}"


def _language(metadata: _Values) -> str:
    names = [
        _text(_table(metadata.get(key)).get("name")) for key in ("language_info", "kernelspec")
    ]
    return next((name for name in names if name.isalpha()), "")


def _read_meta(metadata: _Values, cells: list[_Values]) -> Meta:
    """Return what the front matter in a first raw cell says, else what the notebook does."""
    if cells and cells[0].get("cell_type") == "raw":
        front = find_front_matter(_text(cells[0].get("source")) + "\n")
        if front.end:
            return front.meta
    authors = [_table(author).get("name", author) for author in _items(metadata.get("authors"))]
    return read_meta(
        title=_text(metadata.get("title")),
        authors=list(filter(None, map(_text, authors))),
        date=_text(metadata.get("date")),
    )


def _text(value: Any) -> str:
    """Return what a notebook holds as a string or as a list of lines."""
    lines = [value] if isinstance(value, str) else _items(value)
    return "".join(line for line in lines if isinstance(line, str))


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _table(value: Any) -> _Values:
    return cast("_Values", value) if isinstance(value, dict) else {}
