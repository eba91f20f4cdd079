"""A text without what its author wrote for a program: tags, shortcodes, entities."""

import html
import re
from collections.abc import Iterator

ELEMENTS = (
    "a abbr address article aside audio b bdi bdo blockquote body br button canvas caption "
    "center cite code col colgroup dd del details dfn dialog div dl dt em embed fieldset "
    "figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img "
    "input ins kbd label legend li link main map mark meta nav noscript object ol optgroup "
    "option p param path picture pre q s samp script section select small source span strike "
    "strong style sub summary sup svg table tbody td template textarea tfoot th thead time tr "
    "track tt u ul var video wbr"
).replace(" ", "|")
_CODE = (
    r"(?P<code>^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`))"
)
_MARKUP = re.compile(
    rf"{_CODE}"
    rf"|(?P<tag></?(?:{ELEMENTS})(?:\s[^<>]*)?/?>|<!--.*?-->"
    r"|(?<![\w%])%%(?!%).*?%%)"
    r"|(?P<shortcode>\{\{[<%][^{}]*[>%]\}\}|\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}|\{[:#.][^{}\n]*\}"
    r"|\[/?(?:caption|gallery|embed|audio|video|playlist|youtube|vimeo|sourcecode)\b[^\]\n]*\]"
    r"(?!\())"
    r"|(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:alt|title|caption|attr|summary)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE
)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|dfn|em|font|i|kbd|mark|q|s|samp|small|span|strike|strong|sub"
    r"|sup|tt|u|var|wbr)\b",
    re.I,
)


def without_markup(text: str) -> str:
    """Return what a reader reads of a text; code stays as it is. It is not for quoting.

    What an image or a figure is called (`alt`, `title`, `caption`) is read, too.

    >>> without_markup('It&#8217;s {{< note >}}<em>im</em>possible<br>here')
    "It’s  impossible here"
    """
    return _MARKUP.sub(_read, text) if any(mark in text for mark in "<{&[") else text


def _read(markup: re.Match[str]) -> str:
    if markup["code"]:
        return markup[0]
    if markup["entity"]:
        return html.unescape(markup[0])
    if called := " ".join(_called_by(markup)):
        return f" {html.unescape(called)} "
    return "" if _INLINE.match(markup[0]) else " "


def _called_by(markup: re.Match[str]) -> Iterator[str]:
    """Yield what a picture is called, and what a shortcode is given in several words."""
    pattern = _QUOTED if markup["shortcode"] else _NAMED
    for double, single in pattern.findall(markup[0]):
        text = double or single
        if markup["tag"] or " " in text:
            yield text


def list_called(tag: str) -> Iterator[str]:
    """Yield what a picture is called by its tag; other tags name nothing that is seen."""
    if tag[1:4].lower() == "img":
        yield from (double or single for double, single in _ALT.findall(tag))
