"""Trouble that passes is no damage, and takes no article out of an index."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ibid.errors import FolderError, IndexUnreadable
from ibid.library import Library
from stores import again, apples

PASSING = [errno.EMFILE, errno.EIO, errno.ENOMEM, errno.ESTALE, errno.EACCES]


def fail_to_open(monkeypatch: pytest.MonkeyPatch, code: int, fails: Callable[[str], bool]) -> None:
    """Let files not be opened, read or listed."""

    def wrap(operation: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(path: Any = ".", *args: Any, **options: Any) -> Any:
            name = str(Path(f"/proc/self/fd/{path}").readlink() if type(path) is int else path)
            if fails(name):
                raise OSError(code, os.strerror(code), name)
            return operation(path, *args, **options)

        return wrapped

    for name in ("open", "pread", "scandir"):
        monkeypatch.setattr(os, name, wrap(getattr(os, name)))


@pytest.mark.parametrize("code", PASSING)
@pytest.mark.parametrize("name", ["CURRENT", "manifest.json", "corpus.sqlite", "passages.faiss"])
def test_trouble_with_a_file_of_the_index_is_told_as_such_and_stops_a_build(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
):
    (articles / "pears.md").write_text("# Pears\n\nPears are green.\n")
    before = built.store.current_name()
    with monkeypatch.context() as patch:
        fail_to_open(patch, code, lambda path: path.endswith(name))
        for use in (apples, lambda library: again(library).build(), lambda each: each.check()):
            with pytest.raises(IndexUnreadable, match="cannot be read now") as caught:
                use(built)
            assert caught.value.hint
            assert caught.value.exit_code == 4
    assert built.store.current_name() == before
    assert again(built).build().changed


@pytest.mark.parametrize("code", PASSING)
def test_an_article_is_not_lost_to_trouble_with_it_and_with_the_index_at_once(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch, code: int
):
    with monkeypatch.context() as patch:
        fail_to_open(patch, code, lambda path: path.endswith(("CURRENT", "apples.md")))
        with pytest.raises(IndexUnreadable):
            again(built).build()
    assert apples(built) == "apples.md"


def _damage_current(library: Library) -> None:
    (library.store.root / "CURRENT").write_text("junk")


def _damage_manifest(library: Library) -> None:
    (library.store.current().folder / "manifest.json").write_text("junk")


def _change_format(library: Library) -> None:
    from stores import rewrite_manifest

    rewrite_manifest(library.store, lambda values: values.update(format=1))


@pytest.mark.parametrize(
    ("damage", "hidden"),
    [
        (_damage_current, "apples.md"),
        (_damage_current, "folder"),
        (_damage_manifest, "apples.md"),
        (_damage_manifest, "folder"),
        (_change_format, "apples.md"),  # it says still what it has: of a folder, too
    ],
)
def test_a_damaged_index_is_not_made_anew_without_what_cannot_be_read_now(
    small: Library,
    articles: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Library], None],
    hidden: str,
):
    (articles / "folder").mkdir()
    (articles / "folder" / "plums.md").write_text("# Plums\n\nPlums are blue.\n")
    small.build()
    damage(small)
    with monkeypatch.context() as patch:
        fail_to_open(patch, errno.EIO, lambda path: path.endswith(hidden))
        with pytest.raises(FolderError, match="cannot be read now") as caught:
            again(small).build()
        assert "--prune" in caught.value.hint
        assert again(small).build(prune=True).changed
    assert again(small).build().changed
    assert apples(small) == "apples.md"
    assert len(again(small).articles) == 3


@pytest.mark.parametrize("code", PASSING)
def test_a_folder_that_cannot_be_listed_keeps_its_articles(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch, code: int
):
    (articles / "folder").mkdir()
    (articles / "folder" / "plums.md").write_text("# Plums\n\nPlums are blue.\n")
    small.build()
    with monkeypatch.context() as patch:
        fail_to_open(patch, code, lambda path: path.endswith("folder"))
        report = again(small).build()
    assert [(file.path, file.kept) for file in report.skipped] == [("folder", True)]
    assert len(again(small).articles) == 3


# The command itself


VERBS = ["ask apples", "check", "build", "doctor"]


def command(library: Library, verb: str, **options: Any) -> subprocess.CompletedProcess[str]:
    settings = {"IBID_INDEX": str(library.store.root), "IBID_MODEL": "none"}
    return subprocess.run(
        [sys.executable, "-m", "ibid", *verb.split()],
        env=os.environ | settings | {"XDG_CONFIG_HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


@pytest.mark.parametrize("verb", VERBS)
def test_too_few_open_files_are_told_in_a_line(library: Library, tmp_path: Path, verb: str):
    for most in (8, 17, 20):
        limit = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (most, most))
        run = command(library, verb, preexec_fn=limit)
        if run.returncode:
            first, second, *rest = run.stderr.splitlines()
            assert first.startswith("error: ")
            assert second.startswith("hint:  ")
            assert rest == []
            assert not any(word in run.stderr for word in ("damaged", "bug", "Traceback"))
    assert library.check() == []


_SEARCH = """
import sys, time
from pathlib import Path
from ibid.adapters.indexes.tantivy_index import TantivyIndex
index = TantivyIndex(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(60)
"""


def test_what_killed_searches_leave_is_swept_by_the_next_and_what_others_use_is_not(
    built: Library, tmp_path: Path
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (temporary / "ibid-links-mine").write_text("a file of somebody's")
    words = built.store.current().folder / "words"
    environment = os.environ | {"TMPDIR": str(temporary)}

    def search() -> subprocess.Popen[str]:
        run = subprocess.Popen(
            [sys.executable, "-c", _SEARCH, str(words)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert run.stdout
        assert run.stdout.readline() == "open\n"
        return run

    def left() -> int:
        return sum(path.is_dir() for path in temporary.iterdir())

    with search() as first, search() as second:
        assert left() == 2
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert left() == 2
        with search() as third:
            assert left() == 2
            for run in (second, third):
                run.send_signal(signal.SIGKILL)
                run.wait()
    with search() as last:
        assert left() == 1
        last.kill()
    assert (temporary / "ibid-links-mine").read_text() == "a file of somebody's"
