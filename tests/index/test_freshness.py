"""A quote whose file was edited or deleted since the build is marked in every answer."""

import cProfile
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ibid.cli.commands import cli
from ibid.library import Library
from ibid.output.as_json import answer_json
from ibid.testing import HashEmbedder
from ibid.types.answers import Answer
from ibid.types.indexing import FileState, Standing, State
from ibid.ui.panes.answers import write_answer
from profiles import calls_of

QUESTION = "When do pears ripen after the harvest?"
PEARS = "# Pears\n\nPears ripen after harvest. Farmers store pears in cold rooms.\n"


def edited_elsewhere(path: Path) -> None:
    path.write_text("# All about pears\n\nNew.\n\nPears ripen after harvest.\n")


def edited_behind(path: Path) -> None:
    path.write_text(PEARS + "And more.\n")


def rewritten(path: Path) -> None:
    path.write_text("# Pears\n\nPears never ripen.\n")


def deleted(path: Path) -> None:
    path.unlink()


def renamed(path: Path) -> None:
    path.rename(path.with_name("old pears.md"))


def a_link(path: Path) -> None:
    path.rename(path.with_name("old pears.md"))
    path.symlink_to(path.with_name("old pears.md"))


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def binary(path: Path) -> None:
    path.write_bytes(b"\x89PNG\0\0" * 99)


def too_large(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(1 << 30)


def touched(path: Path) -> None:
    path.write_text(PEARS)
    os.utime(path, (1, 1))


CHANGES: dict[Callable[[Path], None], Standing] = {
    touched: Standing(State.EXACT, 3),
    edited_elsewhere: Standing(State.MOVED, 5),
    edited_behind: Standing(State.MOVED, 3),
    rewritten: Standing(State.CHANGED),
    binary: Standing(State.CHANGED),
    deleted: Standing(State.GONE),
    renamed: Standing(State.GONE),
    a_link: Standing(State.GONE),
    a_pipe: Standing(State.GONE),
    a_folder: Standing(State.GONE),
    too_large: Standing(State.GONE),
}
SAID = {
    State.EXACT: "",
    State.MOVED: "its file was edited since; it stands in line",
    State.CHANGED: "its file was edited since and does not say so any more",
    State.GONE: "its file is gone",
}


def answered(library: Library) -> Answer:
    library.build()
    answer = library.ask(QUESTION)
    assert [claim.text for claim in answer.claims] == ["Pears ripen after harvest."]
    return answer


@pytest.mark.parametrize("change", CHANGES)
def test_a_quote_tells_what_became_of_it(
    small: Library, articles: Path, change: Callable[[Path], None]
):
    answer = answered(small)
    change(articles / "pears.md")
    citation, expected = answer.claims[0].citations[0], CHANGES[change]
    assert small.standing(citation) == expected
    printed = answer_json(answer, small)["claims"][0]["citations"][0]
    assert (printed["state"], printed["line_now"]) == (expected.state, expected.line)
    assert any(SAID[expected.state] in note for note in printed["notes"]) is bool(
        SAID[expected.state]
    )
    assert SAID[expected.state] in write_answer(answer, small)


def test_the_nearest_of_several_places_counts(small: Library, articles: Path):
    citation = answered(small).claims[0].citations[0]
    sentence = "Pears ripen after harvest."
    (articles / "pears.md").write_text(f"{sentence}\n" * 2 + "x\n" * 200 + f"{sentence}\n")
    assert small.standing(citation) == Standing(State.MOVED, 1)


def test_a_file_that_was_just_written_is_read_again_for_every_quote(small: Library):
    citation = answered(small).claims[0].citations[0]
    profile = cProfile.Profile()
    for _ in range(3):
        profile.runcall(small.standing, citation)
    assert calls_of("read_digest", profile) == 3


def test_an_edit_long_after_the_last_one_is_seen(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    citation, path = answered(small).claims[0].citations[0], articles / "pears.md"
    later = time.time_ns() + 10**11
    monkeypatch.setattr(time, "time_ns", lambda: later)
    before = path.stat()
    assert small.standing(citation).state is State.EXACT
    time.sleep(0.02)  # a file's times are counted in ticks
    path.write_text(PEARS.replace("after", "under"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert small.standing(citation).state is State.CHANGED


def test_a_quote_that_moved_far_is_found(small: Library, articles: Path):
    citation = answered(small).claims[0].citations[0]
    for lines in (99, 9999):
        (articles / "pears.md").write_text("more\n" * lines + PEARS)
        assert small.standing(citation) == Standing(State.MOVED, lines + 3)


def test_a_copy_that_is_still_there_is_as_good(small: Library, articles: Path):
    (articles / "zz.md").write_text(PEARS)
    citation = answered(small).claims[0].citations[0]
    (articles / "pears.md").unlink()
    assert small.standing(citation).state is State.EXACT


def test_a_folder_that_became_a_link_out_of_the_articles_is_not_read(
    small: Library, articles: Path, tmp_path: Path
):
    (articles / "deep").mkdir()
    (articles / "pears.md").rename(articles / "deep" / "pears.md")
    citation = answered(small).claims[0].citations[0]
    (articles / "deep").rename(tmp_path / "outside")
    (articles / "deep").symlink_to(tmp_path / "outside")
    assert small.standing(citation) == Standing(State.GONE)


def test_where_the_whole_folder_is_away_not_every_quote_says_so(
    small: Library, articles: Path, tmp_path: Path
):
    answer = answered(small)
    articles.rename(tmp_path / "elsewhere")
    citation = answer.claims[0].citations[0]
    assert (small.standing(citation).state, small.notes(citation)) == (State.GONE, ())


def test_the_command_marks_the_quote_and_tells_to_build(
    small: Library, articles: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.library.MiniLM", lambda _: HashEmbedder())
    answered(small)
    edited_elsewhere(articles / "pears.md")
    arguments = ["ask", "--model", "none", "--index", small.settings.index]
    arguments += ["--articles", str(articles), QUESTION]
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert "(its file was edited since; it stands in line 5 now)" in " ".join(result.stdout.split())
    assert "the index is stale (1 article changed): ibid build" in result.stderr
    printed = CliRunner().invoke(cli, [*arguments, "--json"], standalone_mode=False).stdout
    assert json.loads(printed)["claims"][0]["citations"][0]["state"] == "moved"


def test_each_file_tells_how_it_stands_between_folder_and_index(small: Library, articles: Path):
    assert {file.path: file.state for file in small.files()} == {
        "apples.md": FileState.NEW,
        "pears.md": FileState.NEW,
    }
    (articles / "broken.md").write_bytes(b"\x89PNG\0\0" * 99)
    (articles / "plums.md").write_text("# Plums\n\nPlums are purple.\n")
    small.build()
    assert {file.state for file in small.files() if file.path != "broken.md"} == {FileState.INDEXED}
    (articles / "apples.md").write_text("# Apples\n\nApples are red.\n")
    (articles / "pears.md").unlink()
    (articles / "new.md").write_text("# New\n\nNews are new.\n")
    (articles / "plums.md").unlink()
    (articles / "plums.md").symlink_to("apples.md")
    assert [(file.path, file.state) for file in small.files()] == [
        ("apples.md", FileState.CHANGED),
        ("broken.md", FileState.UNREADABLE),
        ("new.md", FileState.NEW),
        ("pears.md", FileState.GONE),
        ("plums.md", FileState.UNREADABLE),
    ]
    reasons = {file.path: file.reason for file in small.files() if file.reason}
    assert reasons == {
        "broken.md": "binary data (only text files can be read)",
        "plums.md": "a symbolic link",
    }
    assert small.changes() == ["1 article new", "1 article changed", "1 article gone"]
