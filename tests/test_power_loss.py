"""A disk that loses what was not flushed: the index is the old one or the new one, and whole."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ibid.errors import IndexUnusable
from ibid.store import Store
from test_store import commit, said

Operation = tuple[str, Path, Any]
"""What was done, to which path, and with what."""

KINDS = ("open", "write", "fsync", "mkdir", "replace", "unlink", "rmdir")


def record(monkeypatch: pytest.MonkeyPatch, log: list[Operation]) -> None:
    """Write down each operation that changes the disk."""
    real = {name: getattr(os, name) for name in KINDS}

    def at(path: Any, folder: int | None = None) -> Path:
        inside = os.readlink(f"/proc/self/fd/{path if folder is None else folder}")
        return Path(inside) if folder is None else Path(inside, path)

    def opening(path: Any, flags: int, *args: Any, **options: Any) -> int:
        if flags & os.O_CREAT and not Path(path).exists():
            log.append(("create", Path(path), b""))
        return real["open"](path, flags, *args, **options)

    def write(file: int, data: Any) -> int:
        log.append(("write", at(file), bytes(data)))
        return real["write"](file, data)

    def fsync(file: int) -> None:
        log.append(("flush", at(file), None))
        real["fsync"](file)

    def mkdir(path: Any, *args: Any) -> None:
        real["mkdir"](path, *args)
        log.append(("create", Path(path), None))

    def replace(path: Any, target: Any) -> None:
        log.append(("rename", Path(path), Path(target)))
        real["replace"](path, target)

    def remove(name: str) -> Any:
        def removing(path: Any, *, dir_fd: int | None = None) -> None:
            real[name](path, dir_fd=dir_fd)
            log.append(("remove", Path(path) if dir_fd is None else at(path, dir_fd), None))

        return removing

    patches = (opening, write, fsync, mkdir, replace, remove("unlink"), remove("rmdir"))
    for name, patch in zip(KINDS, patches, strict=True):
        monkeypatch.setattr(os, name, patch)


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
            case "remove":
                seen.pop(path)
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
                yield allowed, said(restore(disk, base, base / "restored"))
            except IndexUnusable as error:
                yield allowed, str(error)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Operation], int]:
    """What two builds did to the disk, and where the first one ended."""
    operations: list[Operation] = []
    store = Store(tmp_path / "deep" / "index")
    with monkeypatch.context() as patch:
        record(patch, operations)
        with store.lock():
            commit(store, "old")
        first = len(operations)
        with store.lock():
            commit(store, "new")
    assert said(store) == "new"
    return operations, first


def test_a_power_loss_at_any_point_leaves_the_old_index_or_the_new(
    log: tuple[list[Operation], int], tmp_path: Path
):
    found = list(outcomes(*log, tmp_path))
    assert len(found) > 40
    for allowed, says in found:
        assert says in allowed.split(" or ")


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
