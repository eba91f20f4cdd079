"""`ibid build --watch` follows what happens in the folder, and never reads a half-saved file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path
from threading import Event

import pytest

from conftest import ROOT
from ibid.adapters.watching import watch_folder
from ibid.errors import FolderError, IndexUnusable, UsageError
from ibid.index.watching import LONGEST_PAUSE, Built, Trouble, keep_up
from ibid.library import Library
from ibid.testing import HashEmbedder
from ibid.types.indexing import BuildReport
from interrupts import take_interrupts

LOSE_AN_INTERRUPT = (
    "import os, signal, ibid.adapters.indexes.tantivy_index as index; "
    "remove, sent = index.remove_links, []; "
    "index.remove_links = lambda links: (remove(links), sent or "
    "(sent.append(links), os.kill(os.getpid(), signal.SIGINT))); "
)
"""Ctrl-C while an index that was replaced is cleared away, where Python ignores what is raised."""

COMMAND = (
    "import ibid.library, ibid.testing; from ibid.cli.commands import main; "
    "ibid.library.MiniLM = lambda precision: ibid.testing.HashEmbedder(); main()"
)


@pytest.fixture
def command() -> str:
    return COMMAND


@pytest.fixture
def watching(small: Library, articles: Path, command: str) -> Iterator[subprocess.Popen[str]]:
    arguments = ["build", "--watch", "--index", small.settings.index, str(articles)]
    with subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=take_interrupts,  # noqa: PLW1509 - no thread runs here
    ) as process:
        wait_for(lambda: texts(small).keys() == {"apples.md", "pears.md"})
        yield process
        process.kill()


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def texts(library: Library) -> dict[str, str]:
    """Return the articles that a fresh process would see."""
    try:
        articles = Library(library.settings, HashEmbedder()).articles
    except IndexUnusable:
        return {}
    return {article.id: article.text for article in articles}


def test_the_index_follows_the_folder(
    watching: subprocess.Popen[str], small: Library, articles: Path
):
    (articles / "plums.md").write_text("# Plums\n\nPlums are purple.\n")
    wait_for(lambda: "plums.md" in texts(small))
    (articles / "plums.md").rename(articles / "damsons.md")
    wait_for(lambda: texts(small).keys() == {"apples.md", "damsons.md", "pears.md"})
    away = articles.rename(articles.with_name("away"))  # which is an error, and not the end
    time.sleep(1.5)
    assert watching.poll() is None
    (away / "figs.md").write_text("# Figs\n\nFigs are sweet.\n")
    away.rename(articles)
    wait_for(lambda: "figs.md" in texts(small))
    (articles / "grapes.md").write_text("# Grapes\n\nGrapes grow on vines.\n")
    wait_for(lambda: "grapes.md" in texts(small))
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=60)
    assert said.count("error:") == 1
    assert "does not exist" in said
    assert said.index("does not exist") < said.index("the trouble is over")
    assert watching.returncode == 130


def test_it_ends_when_it_is_told_to(watching: subprocess.Popen[str]):
    watching.terminate()
    assert watching.wait(30) == -signal.SIGTERM


@pytest.mark.parametrize("command", [LOSE_AN_INTERRUPT + COMMAND])
def test_an_interrupt_is_heard_even_where_python_ignores_it(
    watching: subprocess.Popen[str], articles: Path
):
    (articles / "plums.md").write_text("# Plums\n\nPlums are purple.\n")
    _, said = watching.communicate(timeout=60)
    assert "Exception ignored" in said
    assert watching.returncode == 130


def test_a_file_that_is_saved_piece_by_piece_is_read_when_it_is_whole(
    watching: subprocess.Popen[str], small: Library, articles: Path
):
    def seen_while_saved(name: str) -> set[str]:
        seen: set[str] = set()
        with (articles / name).open("w") as file:
            for number in range(12):
                file.write(f"# Part {number}\n\nThis is part {number}.\n\n")
                file.flush()
                time.sleep(0.1)
                seen.add(texts(small).get(name, ""))
        wait_for(lambda: "part 11" in texts(small).get(name, ""))
        return seen

    # Several tries: on a busy machine a pause between two pieces may be as long as quiet.
    assert any(seen_while_saved(f"{number}.md") == {""} for number in range(10))


# Trouble, one half second after the other


CHANGED, QUIET = True, False


class HalfSeconds:
    """A clock that goes on by half a second at each look at the folder, as watching does."""

    def __init__(self, *looks: Iterable[bool]) -> None:
        self.now = 0.0
        self._looks = looks

    def __iter__(self) -> Iterator[bool]:
        for looks in self._looks:
            for is_changed in looks:
                self.now += 0.5
                yield is_changed


def follow(
    build: Callable[[bool], BuildReport], looks: HalfSeconds, *, prune: bool = False
) -> Iterator[str]:
    """Yield what is told: errors, and `over` before the number of articles that were built."""
    for outcome in keep_up(build, looks, prune=prune, clock=lambda: looks.now):
        match outcome:
            case Trouble(error):
                yield str(error)
            case Built(report, recovered):
                yield f"{'over, ' if recovered else ''}{report.articles} articles"


@contextmanager
def another_build(library: Library) -> Iterator[None]:
    """Hold the lock in a process of its own."""
    holding = (
        "import sys; from pathlib import Path; from ibid.storage import Store\n"
        "with Store(Path(sys.argv[1])).lock():\n print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, library.settings.index],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield
        process.communicate()


def test_the_lock_of_another_build_is_told_once_and_waited_for(small: Library):
    def looks() -> Iterator[bool]:
        with another_build(small):
            yield from (CHANGED, *[QUIET] * 20, CHANGED)
        yield from [QUIET] * 4

    said = list(follow(lambda _: small.build(), HalfSeconds(looks())))
    assert len(said) == 2
    assert "another build" in said[0]
    assert said[1] == "over, 2 articles"


def test_pauses_grow_to_a_minute_and_a_change_makes_them_short_again():
    tries: list[float] = []
    looks = HalfSeconds([CHANGED], [QUIET] * 600, [CHANGED], [QUIET] * 2)

    def build(prune: bool) -> BuildReport:
        tries.append(looks.now)
        raise OSError(28, "No space left on device")

    assert len(list(follow(build, looks))) == 1
    *pauses, before_the_change, first = [after - before for before, after in pairwise(tries)]
    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == LONGEST_PAUSE
    assert before_the_change < LONGEST_PAUSE
    assert first == 1


def test_trouble_that_changes_all_the_time_is_told_rarely():
    numbers = iter(range(1000))

    def build(prune: bool) -> BuildReport:
        raise FolderError(f"trouble number {next(numbers)}")

    said = list(follow(build, HalfSeconds([CHANGED] * 120)))  # a minute
    assert said[0] == "trouble number 0"
    assert len(said) == 6


@pytest.mark.parametrize("error", [ValueError("a bug"), UsageError("no such option")])
def test_a_bug_or_a_wrong_option_ends_the_first_build_and_no_later_one(
    small: Library, error: Exception
):
    def fail(prune: bool) -> BuildReport:
        raise error

    with pytest.raises(type(error)):
        list(follow(fail, HalfSeconds([CHANGED])))
    builds = iter([lambda _: small.build(), fail, lambda _: small.build()])
    said = list(follow(lambda prune: next(builds)(prune), HalfSeconds([CHANGED] * 3)))  # noqa: PLW0108
    assert said == ["2 articles", str(error), "over, 2 articles"]


def test_a_great_loss_is_told_once_and_over_when_the_files_are_back(small: Library, articles: Path):
    texts_of = {path: path.read_text() for path in articles.iterdir()}
    (articles / "plums.md").write_text("# Plums\n\nPlums are purple.\n")

    def looks() -> Iterator[bool]:
        yield CHANGED
        for path in texts_of:
            path.write_text("")
        yield from (CHANGED, *[QUIET] * 9, CHANGED)
        for path, text in texts_of.items():
            path.write_text(text)
        yield from [QUIET] * 4

    said = list(follow(lambda prune: small.build(prune=prune), HalfSeconds(looks()), prune=True))
    assert [each for each in said if "would leave the index" in each] == [said[1]]
    assert (said[0], said[2:]) == ("3 articles", ["over, 3 articles"])


def test_what_is_kept_is_told_once_and_over_when_it_can_be_read(small: Library, articles: Path):
    text = (articles / "pears.md").read_text()

    def looks() -> Iterator[bool]:
        yield CHANGED
        (articles / "pears.md").write_bytes(b"\0\1\2" * 99)
        yield from (CHANGED, *[QUIET] * 40)
        (articles / "pears.md").write_text(text)
        yield CHANGED

    said = list(follow(lambda _: small.build(), HalfSeconds(looks())))
    assert said[:2] == ["2 articles", "2 articles"]
    assert "earlier version of pears.md" in said[2]
    assert said[3:] == ["over, 2 articles"]


def test_a_full_disk_is_outlived(small: Library, articles: Path):
    code = (
        "import resource, sys; from pathlib import Path; from ibid.library import Library\n"
        "from ibid.testing import HashEmbedder; from ibid.index import keep_up\n"
        "limit = lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, -1))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); limit(1000)\n"
        "def looks():\n yield True\n limit(-1)\n yield True\n"
        "library = Library.open(*sys.argv[1:], embedder=HashEmbedder())\n"
        "for each in keep_up(lambda prune: library.build(prune=prune), looks(), prune=False):\n"
        " print(each)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(articles), small.settings.index],
        capture_output=True,
        text=True,
        check=True,
    )
    failed, built = done.stdout.splitlines()
    assert "could not be written" in failed
    assert "recovered=True" in built


# The folder itself


@contextmanager
def watched(folder: Path) -> Iterator[Iterator[bool]]:
    stop = Event()
    looks = watch_folder(folder, folder / "index", stop)
    assert any(islice(looks, 20))  # once it is watched
    yield looks
    stop.set()
    list(looks)


def is_told(looks: Iterator[bool]) -> bool:
    """Tell whether a change is seen in the next ten seconds."""
    return any(islice(looks, 20))


def test_a_folder_that_goes_and_comes_back_as_another_one_is_watched_again(articles: Path):
    with watched(articles) as looks:
        articles.rename(articles.with_name("away"))
        assert is_told(looks)
        assert list(islice(looks, 3)) == [False] * 3
        articles.mkdir()
        assert is_told(looks)
        (articles / "figs.md").write_text("# Figs\n\nFigs are sweet.\n")
        assert is_told(looks)


def test_a_link_that_leads_to_another_folder_now_is_followed(articles: Path, tmp_path: Path):
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to(articles)
    with watched(tmp_path / "link") as looks:
        (tmp_path / "new").symlink_to(tmp_path / "other")
        (tmp_path / "new").replace(tmp_path / "link")
        assert is_told(looks)
        (tmp_path / "other" / "figs.md").write_text("# Figs\n\nFigs are sweet.\n")
        assert is_told(looks)


def test_what_is_no_article_and_never_rests_keeps_no_change_back(articles: Path):
    with watched(articles) as looks:
        (articles / "figs.md").write_text("# Figs\n\nFigs are sweet.\n")
        for number, is_changed in enumerate(islice(looks, 30)):
            (articles / "busy.log").write_text(str(number))
            if is_changed:
                return
        pytest.fail("the change was not told")


def test_where_the_system_watches_no_more_folders_they_are_looked_at_instead(articles: Path):
    code = (
        "import os, resource, sys, watchfiles; from itertools import islice\n"
        "from pathlib import Path; from ibid.adapters.watching import watch_folder\n"
        "folder = Path(sys.argv[1]); looks = watch_folder(folder, folder / 'index')\n"
        "first = os.dup(0); os.close(first)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (first + 2, first + 2))\n"
        "assert any(islice(looks, 20))\n"
        "os.truncate(folder / 'pears.md', 9)\n"
        "print(any(islice(looks, 20)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(articles)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_folder_that_never_was_is_an_error_at_once(small: Library, tmp_path: Path):
    nowhere = Library.open(tmp_path / "nowhere", small.settings.index, embedder=HashEmbedder())
    with pytest.raises(FolderError, match="does not exist"):
        nowhere.watch()


def test_a_folder_that_the_index_knows_is_waited_for(built: Library, articles: Path):
    away = articles.rename(articles.with_name("away"))
    stop = Event()
    looks = Library(built.settings, HashEmbedder()).watch(stop)
    assert list(islice(looks, 2)) == [True, False]
    away.rename(articles)
    assert is_told(looks)
    stop.set()


def test_the_folder_is_remembered_when_the_index_goes(
    built: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    library = Library.open(None, built.settings.index, embedder=HashEmbedder())
    assert library.folder.resolve() == articles
    Path(built.settings.index).rename(articles.with_name("away"))
    monkeypatch.chdir(articles.parent)
    assert library.folder.resolve() == articles
    assert library.build().articles == 2
