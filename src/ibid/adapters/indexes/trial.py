"""Places for a trial: where indexes can be made beside the one that is used, and are taken away."""

import secrets
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from ibid.adapters.indexes.milvus import address as milvus
from ibid.adapters.indexes.open import open_served
from ibid.adapters.indexes.postgresql import address as postgresql
from ibid.errors import temporary_room
from ibid.storage import Place, place_of


@contextmanager
def trial_places(index: str) -> Generator[Callable[[], str]]:
    """Give a function that names a new place beside an index, each time another one.

    Beside a folder that is one on the same disk, beside a library another library of the same
    server. All are taken away at the end. Raises IndexUnreadable where no server answers.
    """
    if place_of(index) is Place.FOLDER:
        with _folders(Path(index)) as name:
            yield name
    else:
        open_served(index).current_name()
        with _libraries(index) as name:
            yield name


@contextmanager
def _folders(index: Path) -> Generator[Callable[[], str]]:
    """Give new folders in the first folder above an index that is there."""
    above = next(parent for parent in index.absolute().parents if parent.is_dir())
    with ExitStack() as stack:
        with temporary_room():
            folder = stack.enter_context(TemporaryDirectory(prefix=".ibid-trial-", dir=above))
        numbers = count()
        yield lambda: str(Path(folder) / str(next(numbers)))


@contextmanager
def _libraries(index: str) -> Generator[Callable[[], str]]:
    """Give new libraries of a server."""
    addresses, trial = list[str](), f"ibid_trial_{secrets.token_hex(4)}"

    def name() -> str:
        kind = milvus if place_of(index) is Place.MILVUS else postgresql
        addresses.append(kind.in_library(index, f"{trial}_{len(addresses)}"))
        return addresses[-1]

    try:
        yield name
    finally:
        for address in addresses:
            open_served(address).drop()
