"""The copy of a text that is searched: what cannot be seen is left out, mojibake is undone.

Only embeddings and stems are made from it. Spans, quotes and what people read are the raw text.
"""

import re
import unicodedata

_JOINED = r"(?<=[\0-\u024f\u200b-\u200d])[\u200c\u200d]"  # else they join emoji or Indic letters
_SELECTOR = r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
ZERO_WIDTH = re.compile(
    rf"[\u034f\u115f\u1160\u180e\u200b\u2060-\u2064\u3164\uffa0]|(?!\A)\ufeff|{_JOINED}"
    rf"|(?<={_SELECTOR}){_SELECTOR}"  # one chooses a glyph, a run of them hides bytes
)
TAGS = re.compile(r"(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]++")
"""Letters that are never shown; only behind a black flag they make another flag."""

SOFT_HYPHEN = re.compile("\u00ad")
BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile(
    "|".join((*(p.pattern for p in (ZERO_WIDTH, TAGS, SOFT_HYPHEN, BIDI)), r"[\u061c\u200e\u200f]"))
)
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_MAYBE_MOJIBAKE = re.compile(r"[^\r\n\0-\x7f][^\r\n\0-\x7f]")
_LINE = re.compile(r"[^\r\n]+")


def search_copy(text: str) -> str:
    """Return `text` as it is searched; it is not for quoting.

    Letters that are printed as one (`ﬁ`) are apart. Homoglyphs stay: which script was meant
    cannot be told.
    """
    if text.isascii():
        return text
    return _LIGATURE.sub(_part_letters, _UNSEEN.sub("", _LINE.sub(_undo_mojibake, text)))


def is_mojibake(line: str) -> bool:
    """Tell whether a line was once decoded in the wrong encoding."""
    if not _MAYBE_MOJIBAKE.search(line):  # and ftfy need not be loaded
        return False
    from ftfy.badness import is_bad

    return is_bad(line)


def _undo_mojibake(match: re.Match[str]) -> str:
    line = match[0]
    if not is_mojibake(line):
        return line
    from ftfy import fix_encoding

    return fix_encoding(line)


def _part_letters(ligature: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", ligature[0])
