"""Where an index may lie, as two small protocols: a folder (`store`), or a database of a server.

A build makes a generation beside the one that answers and publishes it at once; nothing changes
what was published. What is in a generation is behind `ports`, wherever it lies.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from ibid.ports import Files
from ibid.storage.generations import Holdings, Manifest
from ibid.storage.seals import Seals
from ibid.types import ArticleId, Mark

T = TypeVar("T")


class StoredIndex(Protocol):
    """One complete index."""

    @property
    def name(self) -> str: ...

    @property
    def manifest(self) -> Manifest: ...

    def verify(self, seals: Mapping[str, Mark] | None = None) -> None:
        """Verify what no seal vouches for. Raises IndexDamaged."""
        ...

    def unsealed(self) -> Sequence[int]:
        """Return the volumes of the corpus that no seal vouches for."""
        ...


class IndexStore(Protocol):
    """The generations of one index."""

    @property
    def root(self) -> Path:
        """The folder that builds work in, which no article is in."""
        ...

    @property
    def journal(self) -> Path:
        """Where a build writes down what it has embedded."""
        ...

    @property
    def place(self) -> str:
        """Where the index lies, in words; no secret is in it."""
        ...

    @property
    def removal(self) -> str:
        """How the index is taken away when it is damaged."""
        ...

    def relative(self, folder: Path) -> str:
        """Return how a manifest names a folder."""
        ...

    def resolve(self, folder: str) -> Path:
        """Return the folder that a manifest names."""
        ...

    def current_name(self) -> str:
        """Return the name of the generation that answers, empty when there is none."""
        ...

    def forget(self) -> None:
        """Read everything anew."""
        ...

    def current(self) -> StoredIndex:
        """Return the generation that answers. Raises IndexUnusable."""
        ...

    def holdings(self) -> Holdings | None:
        """Return what the last index has, built by any version; None where it is too damaged."""
        ...

    def read(self, use: Callable[[StoredIndex], T]) -> T:
        """Return what `use` makes of the generation that answers, and of none that goes meanwhile.

        Raises IndexUnusable.
        """
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Hold the only right to build. Raises IndexLocked at once when another build has it."""
        ...

    def scratch(self) -> AbstractContextManager[Path]:
        """Give the build that holds the lock an empty folder, and take it away afterwards."""
        ...

    def commit(self, manifest: Manifest, files: Files) -> str:
        """Make a generation of what a build wrote, and the one that answers; return its name."""
        ...

    def drop_journal(self) -> None:
        """Take away the journal of a build that came to its end."""
        ...

    def seals(self) -> Seals:
        """Return what is sealed of the generation that answers. Raises IndexUnusable."""
        ...

    def seal(self, articles: Mapping[ArticleId, Mark]) -> None:
        """Seal the generation that answers, of which the build that holds the lock verified all."""
        ...
