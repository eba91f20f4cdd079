"""langchain's RecursiveCharacterTextSplitter, set up so that its pieces rebuild the text."""

from ibid.errors import IbidError
from ibid.index import LONGEST_PASSAGE

_END = r"(?>\r\n|\r|\n)"  # atomic: a cut never falls between \r and \n
_ITEM = r"[ \t]*+(?:[-*+•–]|\(?\d{1,3}[.)])[ \t]"
_SEPARATORS = [
    rf"{_END}(?>(?:[ \t]*+{_END})+)(?!{_ITEM})",  # between paragraphs, but not before a list
    rf"{_END}(?={_ITEM})",  # between the items of a list
    _END,
    r"(?<=[.!?])[ \t]++",
    r"\s++",
    rf"(?s:.{{1,{LONGEST_PASSAGE - 1}}})",  # what has no space; "" would go by single characters
]


def split_long_text(text: str) -> list[str]:
    """Cut `text` into pieces of at most LONGEST_PASSAGE characters; joined they are `text`."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=_SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=LONGEST_PASSAGE,
        chunk_overlap=0,
    )
    pieces = splitter.split_text(text)
    if "".join(pieces) != text:
        raise IbidError("the text splitter changed the text it was given")
    return pieces
