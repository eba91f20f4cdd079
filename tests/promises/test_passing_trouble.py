"""Trouble that passes is no damage, and takes no article out of an index."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ibid.adapters.indexes.tantivy_index import TantivyWriter
from ibid.errors import FolderError, IbidError, IndexUnreadable
from ibid.library import Library
from ibid.reading import extracting
from ibid.text import languages
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


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES])
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


@pytest.mark.parametrize("prune", [False, True])
@pytest.mark.parametrize("name", ["apples.md", "folder", "plums.md"])
@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_a_machine_that_can_open_no_file_loses_no_article_even_to_one_who_prunes(
    small: Library,
    articles: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    name: str,
    prune: bool,
):
    (articles / "folder").mkdir()
    (articles / "folder" / "plums.md").write_text("# Plums\n\nPlums are blue.\n")
    small.build()
    (articles / "apples.md").write_text("# Apples\n\nApples are red.\n")
    with monkeypatch.context() as patch:
        fail_to_open(patch, code, lambda path: path.endswith(name))
        with pytest.raises(FolderError, match="no article can be read now") as told:
            again(small).build(prune=prune)
    assert "ulimit" in told.value.hint
    assert len(again(small).articles) == 3


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow beyond a size: what a full disk says, for every folder at once."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


GERMAN = "# Äpfel\n\nÄpfel wachsen auf Bäumen, und im Herbst werden sie reif und fallen herab.\n"


@pytest.mark.parametrize("prune", [False, True])
def test_no_article_is_blamed_or_lost_for_a_temporary_folder_without_room(
    built: Library, articles: Path, prune: bool
):
    (articles / "apples.md").write_text(f"{GERMAN}\nNummer {prune:d}.\n")
    languages._identifier.cache_clear()
    with (
        largest_file(1 << 18),
        pytest.raises(IbidError, match="no temporary folder can be used") as told,
    ):
        again(built).build(prune=prune)
    assert "TMPDIR" in told.value.hint
    assert again(built).article("apples.md").title == "Apples"
    again(built).build()
    assert again(built).article("apples.md").title == "Äpfel"


@pytest.mark.parametrize("prune", [False, True])
@pytest.mark.parametrize("suffix", [".md", ".epub"])
def test_no_article_is_blamed_or_lost_for_trouble_of_what_reads_it(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, prune: bool
):
    (articles / f"plums{suffix}").write_bytes(b"# Plums\n\nPlums are blue.\n")
    with monkeypatch.context() as patch:

        def fail(*_: object) -> NoReturn:
            raise OSError(errno.EIO, os.strerror(errno.EIO), "the weights of a model")

        patch.setattr("ibid.index.build.read_article", fail)
        with pytest.raises(IbidError, match=r"cannot be read now .*the weights of a model") as told:
            again(built).build(prune=prune)
    assert "--prune" not in told.value.hint
    assert len(again(built).articles) == 2


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EMFILE, errno.EIO])
def test_trouble_in_the_process_that_reads_a_file_is_not_the_file_s(
    monkeypatch: pytest.MonkeyPatch, code: int
):
    def fail(*_: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(extracting, "extract", fail)
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    answers = BytesIO()
    extracting.serve(BytesIO(b".pdf 3\n%PD"), answers)
    with pytest.raises(OSError, match=os.strerror(code)):
        extracting._unpack(answers.getvalue())


def test_an_index_that_cannot_be_written_for_want_of_room_has_nothing_in_its_way(small: Library):
    with largest_file(0), pytest.raises(IbidError, match="could not be written") as told:
        small.build()
    assert "None" not in f"{told.value}{told.value.hint}"
    assert "ulimit -f" in told.value.hint
    assert small.build().changed


@contextmanager
def most_open_files(number: int) -> Generator[None]:
    """Let this process open that many files more: all others that it may are taken."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken[0] + 64, before[1]))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        for _ in range(number):
            os.close(taken.pop())
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_tantivy_tells_too_few_open_files_as_the_system_does(tmp_path: Path):
    with most_open_files(0), pytest.raises(OSError, match=os.strerror(errno.EMFILE)) as told:
        TantivyWriter(tmp_path / "words")
    assert told.value.errno == errno.EMFILE


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_a_build_could_not_take_away_for_want_of_open_files_the_next_one_does(
    small: Library, articles: Path, number: int
):
    small.build()
    scratch = small.store.scratch()
    folder = scratch.__enter__()
    (folder / "words" / "segments").mkdir(parents=True)
    with most_open_files(number):
        scratch.__exit__(None, None, None)
    (articles / "apples.md").write_text("# Apples\n\nApples are stored in a cool barn.\n", "utf-8")
    assert small.build().changed


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


@pytest.mark.long
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


@pytest.mark.parametrize("verb", ["ask apples", "search apples", "compare", "lint", "articles"])
def test_a_disk_without_room_for_a_temporary_file_is_no_damage(library: Library, verb: str):
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (0, 0))
    run = command(library, verb, preexec_fn=limit)
    first, second = run.stderr.splitlines()
    assert first.startswith("error: the index cannot be read now: no temporary folder can be used")
    assert "TMPDIR" in second
    assert run.returncode == 4


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
