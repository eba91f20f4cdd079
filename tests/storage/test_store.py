"""The index on disk: complete or refused, whatever happens while it is written or after."""

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from conftest import ROOT
from ibid.errors import IbidError, IndexLocked, IndexMissing
from ibid.library import Library
from ibid.settings import Settings
from ibid.storage.store import Store
from ibid.testing import HashEmbedder
from stores import again, apples, commit, said

SOURCE = ROOT / "src" / "ibid"


def generations(store: Store) -> list[str]:
    return [path.name for path in (store.root / "generations").iterdir()]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store in which `old` was committed."""
    store = Store(tmp_path / "index")
    with store.lock():
        commit(store, "old")
    return store


# Commit and read


def test_what_was_committed_is_read(store: Store):
    assert said(store) == "old"
    with store.lock():
        name = commit(store, "new")
    assert (said(store), store.current_name()) == ("new", name)


def test_an_empty_folder_says_that_there_is_no_index(tmp_path: Path):
    with pytest.raises(IndexMissing) as caught:
        Store(tmp_path).current()
    assert (caught.value.hint, caught.value.exit_code) == ("ibid build", 4)


def test_old_generations_are_removed(store: Store):
    for text in ("a", "b"):
        commit(store, text)
    assert generations(store) == [store.current_name()]


def test_what_a_crash_left_is_neither_read_nor_in_the_way(store: Store):
    commit(store, "new")
    half = store.root / "generations" / f"{store.current_name()}x"
    half.mkdir()
    (store.root / "CURRENT.new").write_text("half")
    assert said(store) == "new"
    commit(store, "new")
    assert said(store) == "new"
    assert not (store.root / "CURRENT.new").exists()


def test_a_build_sweeps_away_what_killed_ones_left_even_when_it_has_nothing_to_do(small: Library):
    name = small.build().index
    for left in ("scratch", f"generations/{name}x"):
        (small.store.root / left).mkdir()
        (small.store.root / left / "file").write_text("half")
    (small.store.root / "scratch" / ".ibid-scratch").touch()
    assert not small.build().changed
    assert generations(small.store) == [name]
    assert not (small.store.root / "scratch").exists()


def test_only_the_owner_can_read_the_index(built: Library):
    apples(built)
    for path in (built.store.root, *built.store.root.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_asking_writes_nothing(built: Library):
    before = sorted(built.store.root.rglob("*"))
    apples(built)
    assert sorted(built.store.root.rglob("*")) == before


# Failures while writing

_WRITES = ("open", "mkdir", "write", "fsync", "replace")


def fail_at(
    monkeypatch: pytest.MonkeyPatch, place: int, code: int, *, for_good: bool
) -> Callable[[], int]:
    """Let the operation at `place` fail, or all from there on; return what counts them."""
    count = 0

    def changes_nothing(operation: object, args: Any) -> bool:
        reads = operation is opening and not args[1] & os.O_CREAT
        return reads or (operation is making and Path(args[0]).exists())

    def wrap(operation: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **options: Any) -> Any:
            nonlocal count
            if changes_nothing(operation, args):
                return operation(*args, **options)
            count += 1
            if count == place or (for_good and count > place):
                raise OSError(code, os.strerror(code))
            return operation(*args, **options)

        return wrapped

    opening, making = os.open, os.mkdir
    for name in _WRITES:
        monkeypatch.setattr(os, name, wrap(getattr(os, name)))
    return lambda: count


def count_operations(store: Store, monkeypatch: pytest.MonkeyPatch) -> int:
    with monkeypatch.context() as patch:
        count = fail_at(patch, 0, 0, for_good=False)
        commit(store, "old")
        return count()


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_a_commit_that_fails_at_any_point_leaves_an_index_that_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch, code: int, for_good: bool
):
    operations = count_operations(store, monkeypatch)
    assert operations > 10
    outcomes: list[str] = []
    for place in range(1, operations + 1):
        with monkeypatch.context() as patch:
            fail_at(patch, place, code, for_good=for_good)
            with pytest.raises(IbidError) as caught:
                commit(store, "new")
        assert "\n" not in str(caught.value)
        assert "answers" in caught.value.hint
        outcomes.append(said(store))
        if outcomes[-1] == "old":
            assert generations(store) == [store.current_name()]
        commit(store, "old")
    # Only the flush of the folder comes after CURRENT was replaced: by then the new one is whole.
    assert outcomes == ["old"] * (operations - 1) + ["new"]


def test_a_disk_that_takes_a_few_bytes_at_a_time_gets_all_of_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, bytes(data)[:7]))
    commit(store, "new")
    assert said(store) == "new"


def test_a_full_disk_cannot_hold_the_name_of_the_lock_s_holder_and_that_is_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "pwrite", full)
    with store.lock(), pytest.raises(IndexLocked, match="process unknown"), store.lock():
        pass


@pytest.mark.parametrize("name", ["scratch", "generations", "JOURNAL", "LOCK", "CURRENT"])
def test_what_only_has_the_name_of_a_part_of_an_index_is_never_touched(small: Library, name: str):
    root = small.store.root
    path = root / name / "mine.txt" if name.islower() else root / name
    path.parent.mkdir(parents=True)
    path.write_text("what nobody may lose")
    for _ in range(2):
        with pytest.raises(IbidError, match="is there already") as told:
            small.build()
        assert told.value.hint
    assert path.read_text() == "what nobody may lose"
    assert [each.name for each in root.iterdir()] == [name]
    path.rename(root / "elsewhere")
    if name.islower():
        (root / name).rmdir()
    assert small.build().changed
    assert (root / "elsewhere").read_text() == "what nobody may lose"


@pytest.mark.parametrize("place", ["generations/mine/book.txt", "scratch/notes.txt"])
def test_what_somebody_put_among_the_folders_of_an_index_stays(
    built: Library, articles: Path, place: str
):
    path = built.store.root / place
    path.parent.mkdir()
    path.write_text("what nobody may lose")
    (articles / "plums.md").write_text("# Plums\n\nPlums are blue.\n")
    for _ in range(2):
        if place.startswith("scratch"):
            with pytest.raises(IbidError, match="scratch is in the way") as told:
                again(built).build()
            assert told.value.hint.startswith("move ")
        else:
            again(built).build()
    assert path.read_text() == "what nobody may lose"
    path.parent.rename(built.store.root.parent / "elsewhere")
    again(built).build()
    assert len(again(built).articles) == 3


def test_an_index_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(IbidError, match="cannot be written") as caught,
        Store(tmp_path / "file" / "index").lock(),
    ):
        pass
    assert "--index" in caught.value.hint


_KILLED = """
import os, signal, sys
from pathlib import Path
from stores import commit_again, said
from ibid.storage.store import Store

store = Store(Path(sys.argv[1]))

def kill_at(place, half):
    write, done = os.write, []
    def wrap(operation):
        def wrapped(*args, **options):
            done.append(operation)
            if len(done) == place:
                if half and operation is write:
                    write(args[0], bytes(args[1])[: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return operation(*args, **options)
        return wrapped
    for name in ("open", "mkdir", "write", "fsync", "replace", "unlink", "rmdir", "link"):
        setattr(os, name, wrap(getattr(os, name)))

for half in (False, True):
    killed, place = True, 0
    while killed:
        place += 1
        commit_again(store, "old")
        child = os.fork()
        if not child:
            kill_at(place, half)
            commit_again(store, "new")
            os._exit(0)
        killed = os.waitpid(child, 0)[1] == signal.SIGKILL
        print(said(store), flush=True)
"""


def test_a_build_that_is_killed_at_any_point_leaves_the_old_index_or_the_new(store: Store):
    path = os.pathsep.join([str(SOURCE.parent), str(ROOT / "tests")])
    command = [sys.executable, "-c", _KILLED, str(store.root)]
    run = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    outcomes = run.stdout.split()
    assert set(outcomes) == {"old", "new"}
    assert len(outcomes) > 50
    assert outcomes[-1] == "new"


# Two processes


_HOLDER = """
import sys
from pathlib import Path
from ibid.storage.store import Store
with Store(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(small: Library) -> Iterator[subprocess.Popen[str]]:
    """Another process that is building."""
    small.build()
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(small.store.root)],
        env={**os.environ, "PYTHONPATH": str(SOURCE.parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_build_is_refused_at_once_and_names_the_first(
    small: Library, holder: subprocess.Popen[str]
):
    with pytest.raises(IndexLocked, match=rf"process {holder.pid}\b"):
        again(small).build()
    assert holder.poll() is None  # it was not waited for: it holds the lock until it is killed
    assert apples(small) == "apples.md"


def test_a_build_that_was_killed_blocks_nobody(small: Library, holder: subprocess.Popen[str]):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert not again(small).build().changed


# Reading while another builds


def test_a_reader_that_loses_its_generation_gets_the_next(store: Store):
    seen: list[str] = []

    def use(generation: Any) -> str:
        if not seen:
            commit(store, "new")  # removes what this reader is about to read
        seen.append(generation.name)
        return generation.read("words/meta").decode()

    assert store.read(use) == "new"
    assert len(set(seen)) == 2


def test_asking_never_fails_while_twenty_builds_replace_the_index(built: Library, articles: Path):
    over, failures, answers = Event(), list[BaseException](), list[str]()

    def ask(library: Callable[[], Library]) -> None:
        while not over.is_set():
            try:
                answers.append(library().search("Where do apples grow?")[0].passage.text)
            except BaseException as error:  # noqa: BLE001 - a thread's errors are told below
                failures.append(error)

    shared = again(built)
    readers = [Thread(target=ask, args=(open,)) for open in (lambda: shared, lambda: again(built))]
    for reader in readers:
        reader.start()
    for number in range(20):
        (articles / "apples.md").write_text(f"# Apples\n\nApples grow on {number} trees.\n")
        settings = Settings((str(articles),), str(built.store.root))
        assert Library(settings, HashEmbedder()).build().changed
    over.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(set(answers)) > 5


# Loading runs no code


def test_no_source_file_can_run_code_that_an_index_or_a_model_brings():
    runs_code = re.compile(
        r"\b(pickle|marshal|shelve|joblib|dill)\b|torch\.load|allow_pickle\s*=\s*True|"
        r"trust_remote_code\s*=\s*True|yaml\.\w*load\w*\((?!.*BaseLoader)|(?<![.\w])(eval|exec)\("
    )
    for path in SOURCE.rglob("*.py"):
        assert not runs_code.search(path.read_text("utf-8")), path
