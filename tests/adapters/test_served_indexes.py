"""What is the same of an index on a server, whichever server that is."""

import pytest

from ibid.adapters.indexes.served import ServedStore
from ibid.errors import IndexLocked


class NoServer:
    """A library of which only its place is asked for."""

    place = "the library papers of the server"


def test_a_second_build_on_this_machine_hears_which_library_it_waits_for(tmp_path):
    first, second = (ServedStore(NoServer(), tmp_path) for _ in range(2))
    refused = pytest.raises(IndexLocked, match="papers of the server")
    with first._work.lock(), refused as caught, second.lock():
        pass
    assert str(tmp_path) not in str(caught.value)
    assert "wait" in caught.value.hint
