"""Styled text: what it says is shown and nothing in it acts or hides; only its styles command."""

from collections.abc import Iterable
from typing import Any

from rich import console, text

from ibid.text import printable
from ibid.types import Span


class Text(text.Text):
    """A rich Text with marks in place of what hides; square brackets and colons are plain text."""

    def __init__(self, text: str = "", *args: Any, **options: Any) -> None:
        super().__init__(printable(text), *args, **options)

    def append(self, text: "str | text.Text", style: Any = None) -> "Text":
        """Add text, marks in place of what hides."""
        super().append(printable(text) if isinstance(text, str) else text, style)
        return self


class Console(console.Console):
    """A rich Console that takes a string for what it says, never for markup."""

    def render_str(self, text: str, *, style: Any = "", **markup: Any) -> Text:
        """Return a string as Text."""
        del markup
        return Text(text, style=style)


def highlight(text: str, spans: Iterable[Span], style: str) -> Text:
    """Return text with the characters in some of its spans, in order, set in a style."""
    rich_text, end = Text(), 0
    for span in spans:
        rich_text.append(text[end : span.start]).append(span.of(text), style)
        end = span.end
    return rich_text.append(text[end:])
