"""Formulas of LaTeX as MathML, which browsers set themselves; nothing else passes."""

from functools import lru_cache
from xml.etree import ElementTree as Xml

_LONGEST = 2000
_ELEMENTS = frozenset(
    "math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover "
    "mtable mtr mtd mstyle mpadded mphantom menclose".split()
)
_ATTRIBUTES = frozenset(
    "display mathvariant stretchy fence linethickness accent columnalign width".split()
)
_SPACE = "{http://www.w3.org/1998/Math/MathML}"


@lru_cache(maxsize=1024)
def write_formula(latex: str, *, block: bool) -> str:
    """Return a formula as MathML, "" for one that cannot be read."""
    from latex2mathml.converter import convert

    if len(latex) > _LONGEST or not latex.strip():
        return ""
    try:
        root = Xml.fromstring(convert(latex, display="block" if block else "inline"))  # noqa: S314
        return _write(root)
    except Exception:  # noqa: BLE001  (whatever somebody wrote between two dollars)
        return ""


def _write(element: Xml.Element) -> str:
    """Return the element as HTML without a namespace. Raises ValueError for a foreign one."""
    from ibid.text import escape

    name = element.tag.removeprefix(_SPACE)
    if name not in _ELEMENTS:
        raise ValueError(name)
    pairs = ((key, value) for key, value in element.attrib.items() if key in _ATTRIBUTES)
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in pairs)
    inner = "".join(_write(child) + escape(child.tail or "") for child in element)
    return f"<{name}{attributes}>{escape(element.text or '')}{inner}</{name}>"
