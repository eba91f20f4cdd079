"""ibid answers questions over a folder of articles, and every sentence leads to its place.

>>> from ibid import Library
>>> library = Library.open("seeds", index="index")  # doctest: +SKIP
>>> library.ask("What challenges are cited for AI drug discovery?").text  # doctest: +SKIP
"""

from typing import TYPE_CHECKING

from ibid.errors import IbidError

if TYPE_CHECKING:
    from ibid.library import Library

__version__ = "0.1.0"

__all__ = ["IbidError", "Library", "__version__"]


def __getattr__(name: str) -> object:
    """Load `Library`, and numpy with it, when it is first asked for."""
    if name == "Library":
        from ibid.library import Library

        return Library
    raise AttributeError(f"module 'ibid' has no attribute {name!r}")
