"""Titles that a program put into a file, told from those that an author wrote."""

import re

_BY_A_PROGRAM = re.compile(
    r"microsoft \w+\s*[-–—]|\S+\s[-–—]\s(?:microsoft \w+|word|libreoffice|openoffice)$"
    r"|(?:power\s?point|word|slide\s?show) (?:presentation|document)$"
    r"|(?:untitled|unnamed|unknown|no title|title|none|null|document|doc|draft|presentation"
    r"|slide|book|page|scan|print|output|paper|manuscript|layout|template|article)[\s_-]*\d*$"
    r"|.{0,200}\.(?:docx?|odt|rtf|pdf|tex|dvi|e?ps|indd|qxd|pptx?|xlsx?|txt|html?|md|pages|wpd"
    r"|epub|org|rst)$"
    r"|(?:about:|https?://|file:|/|[a-z]:\\)\S*$"
    r"|[\W\d_]*$",
    re.IGNORECASE | re.DOTALL,
)
_NOBODY = re.compile(
    r"(?:(?:microsoft|windows|office|ms|default|local)\s+)*(?:user|account|owner)\d*"
    r"|admin(?:istrator)?|root|owner|author|unknown|anonymous|none|null|python-docx"
    r"|(?:adobe|microsoft|libreoffice|openoffice|canva|pandoc|latex|acrobat|word)\b.*|[\W\d_]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2}")


def written_title(title: str) -> str:
    """Return a title as its author wrote it, nothing for the name of a file or a program.

    >>> written_title("Microsoft Word - x.doc"), written_title("On costs")
    ('', 'On costs')
    """
    clean = " ".join(title.split())
    is_words = bool(_WORD.search(clean)) and "\ufffd" not in clean
    return clean if is_words and not _BY_A_PROGRAM.match(clean) else ""


def written_author(author: str) -> str:
    """Return the name of an author, nothing for that of a program or an account.

    >>> written_author("Microsoft Office User"), written_author("Ada Lovelace")
    ('', 'Ada Lovelace')
    """
    clean = " ".join(author.split())
    return "" if _NOBODY.fullmatch(clean) else clean
