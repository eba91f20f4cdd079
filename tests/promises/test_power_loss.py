"""A disk that loses what was not flushed: the index is the old one or the new one, and whole."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ibid.errors import IndexUnusable
from ibid.storage.generations import Generation
from ibid.storage.store import Store
from stores import PARTS, commit_again, said

Operation = tuple[str, Path, Any]
"""What was done, to which path, and with what."""


class Recorder:
    """Does what `os` does, and writes down what changes the disk."""

    def __init__(self) -> None:
        self.log: list[Operation] = []
        self.os = SimpleNamespace(**{name: getattr(os, name) for name in self.operations()})

    @classmethod
    def operations(cls) -> tuple[str, ...]:
        return ("open", "write", "fsync", "mkdir", "replace", "unlink", "rmdir", "link")

    def open(self, path: Any, flags: int, *args: Any, **options: Any) -> int:
        if flags & os.O_CREAT and not Path(path).exists():
            self.log.append(("create", Path(path), b""))
        return self.os.open(path, flags, *args, **options)

    def write(self, file: int, data: Any) -> int:
        self.log.append(("write", _opened(file), bytes(data)))
        return self.os.write(file, data)

    def fsync(self, file: int) -> None:
        self.log.append(("flush", _opened(file), None))
        self.os.fsync(file)

    def mkdir(self, path: Any, *args: Any) -> None:
        self.os.mkdir(path, *args)
        self.log.append(("create", Path(path), None))

    def replace(self, path: Any, target: Any) -> None:
        self.os.replace(path, target)
        self.log.append(("rename", Path(path), Path(target)))

    def link(self, path: Any, target: Any, **options: Any) -> None:
        self.os.link(path, target, **options)
        self.log.append(("link", Path(path), Path(target)))

    def unlink(self, path: Any, *, dir_fd: int | None = None) -> None:
        self.os.unlink(path, dir_fd=dir_fd)
        self._remove(path, dir_fd)

    def rmdir(self, path: Any, *, dir_fd: int | None = None) -> None:
        self.os.rmdir(path, dir_fd=dir_fd)
        self._remove(path, dir_fd)

    def _remove(self, path: Any, folder: int | None) -> None:
        whole = Path(path) if folder is None else _opened(folder) / path
        self.log.append(("remove", whole, None))


def _opened(file: int) -> Path:
    return Path(f"/proc/self/fd/{file}").readlink()


def lose_power(log: Sequence[Operation], *, names_kept: bool) -> dict[Path, bytes | None]:
    """Return the files (and None for a folder) that a disk holds after `log`, flushed or not.

    Of contents only the flushed ones are left. A name that was not flushed with its folder is
    kept or lost, as told; what was removed is gone either way.
    """
    seen: dict[Path, int] = {}
    safe: dict[Path, int] = {}
    written: dict[int, bytes | None] = {}
    flushed: dict[int, bytes | None] = {}
    for number, (what, path, value) in enumerate(log):
        match what:
            case "create":
                seen[path], written[number] = number, value
                flushed[number] = value
            case "write":
                written[seen[path]] = (written[seen[path]] or b"") + value
            case "rename":
                seen[value] = seen.pop(path)
            case "link":
                seen[value] = seen[path]
            case "remove":
                seen.pop(path, None)  # an index that an earlier test left takes its links away
                safe.pop(path, None)
            case _ if path in seen and written[seen[path]] is not None:
                flushed[seen[path]] = written[seen[path]]
            case _:
                safe = {name: file for name, file in safe.items() if name.parent != path}
                safe |= {name: file for name, file in seen.items() if name.parent == path}
    return {name: flushed[file] for name, file in (seen if names_kept else safe).items()}


def restore(disk: dict[Path, bytes | None], base: Path, target: Path) -> Store:
    """Make the folder that a disk holds; what lies in a folder that was lost is lost too."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for path in sorted(disk):
        here, data = target / path.relative_to(base), disk[path]
        if here.parent.is_dir():
            here.mkdir() if data is None else here.write_bytes(data)
    return Store(target / "deep" / "index")


def outcomes(log: Sequence[Operation], ends: int, base: Path) -> Iterator[tuple[str, str]]:
    """Yield what the index may say, and what it says, after a power loss at each point."""
    for end in range(ends, len(log) + 1):
        allowed = {ends: "old", len(log): "new"}.get(end, "old or new")
        for names_kept in (True, False):
            disk = lose_power(log[:end], names_kept=names_kept)
            try:
                store = restore(disk, base, base / "restored")
                store.read(Generation.verify)
                yield allowed, said(store)
            except IndexUnusable as error:
                yield allowed, str(error)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Operation], int]:
    """What two builds did to the disk, and where the first one ended."""
    recorder = Recorder()
    store = Store(tmp_path / "deep" / "index")
    with monkeypatch.context() as patch:
        for name in Recorder.operations():
            patch.setattr(os, name, getattr(recorder, name))
        with store.lock():
            commit_again(store, "old")
        first = len(recorder.log)
        with store.lock():
            commit_again(store, "new")
    assert said(store) == "new"
    assert len([*store.current().folder.iterdir()]) == len(PARTS) + 4
    return recorder.log, first


def test_a_power_loss_at_any_point_leaves_the_old_index_or_the_new(
    log: tuple[list[Operation], int], tmp_path: Path
):
    found = list(outcomes(*log, tmp_path))
    assert len(found) > 40
    for allowed, says in found:
        assert says in allowed.split(" or ")


@pytest.mark.long
def test_each_flush_is_needed(log: tuple[list[Operation], int], tmp_path: Path):
    operations, first = log
    flushes = [n for n, (what, *_) in enumerate(operations) if what == "flush"]
    assert len(flushes) > 10
    for number in flushes:
        without = [operation for n, operation in enumerate(operations) if n != number]
        ends = first - (number < first)
        found = outcomes(without, ends, tmp_path)
        assert any(says not in allowed.split(" or ") for allowed, says in found), (
            f"the flush of {operations[number][1]} is not needed"
        )
