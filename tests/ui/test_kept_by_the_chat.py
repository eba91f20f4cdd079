"""What the chat keeps: no copy of an article, and damage costs the damaged line alone."""

import fcntl
import json
import os
import stat
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from ibid.errors import IbidError, UsageError
from ibid.library import Library
from ibid.output.bibliography import tex
from ibid.output.formats import FORMATS
from ibid.ui.panes.answers import finish
from ibid.ui.talk.feedback import Complaint, Feedback, Kind
from ibid.ui.talk.history import Cited, Exchange, Keeper
from ibid.ui.talk.records import export

PEARS = Cited("b-0-1", "pears.md", "Pears ripen after harvest.")
FIRST = Exchange(1, "What ripens?", "<p>Pears.</p>", cited=(PEARS,), record="{}")
SECOND = Exchange(2, "What grows?", "<p>Apples.</p>")
QUESTION = "When do pears ripen after the harvest?"
UNSUPPORTED = Complaint(Kind.NOT_SUPPORTED, key=PEARS.key)
JUNK = (
    *(b"x", b"\0\xff\xfe" * 99, b"[]", b"5", b"{}", b"null", b'{"number": 1}', b'{"number": "x"}'),
    *(
        b"[" * 100_000,
        b'{"id": 5, "note": "x"}',
        b'{"number": 2, "question": 7, "html": [], "cited": 1}',
    ),
    *(b'{"id": "\\ud800", "relevant": {}, "note": []}', b"9" * 10_000, b"x" * 3_000_000),
)


def torn(exchange: Exchange) -> bytes:
    return json.dumps(asdict(exchange)).encode()[:-20]


def begin(keeper: Keeper, *exchanges: Exchange) -> str:
    saved = keeper.add("", exchanges)
    assert saved
    return saved.id


# Names, search and the way back


def test_a_conversation_keeps_its_name_and_its_place_while_it_goes_on(tmp_path: Path):
    keeper = Keeper(tmp_path)
    older, newer = begin(keeper, FIRST), begin(keeper, SECOND)
    os.utime(tmp_path / f"{older}.json", (1000, 1000))
    keeper.rename(older, "  <b>Pears</b>\n\u202eand more " + "x" * 300)
    assert [each.id for each in keeper.list_kept()] == [newer, older]
    name = keeper.list_kept()[1].title
    assert name.startswith("<b>Pears</b> <U+202E>and more xx")
    assert len(name) == 200
    assert keeper.list_kept()[1].when == 1000
    keeper.add(older, [SECOND])
    assert keeper.list_kept()[0].title == name
    keeper.rename(older, "")
    assert keeper.list_kept()[0].title == FIRST.question
    assert [each.number for each in keeper.read(older)] == [1, 2]
    for wrong in ("0123456789abcdef", "../x", ""):
        with pytest.raises(UsageError):
            keeper.rename(wrong, "x")


def test_conversations_are_found_by_their_names_questions_and_answers(tmp_path: Path):
    keeper = Keeper(tmp_path)
    pears = begin(keeper, replace(FIRST, answer="Pears ripen after the hârvest."))
    apples = begin(keeper, SECOND)
    keeper.rename(apples, "Orchard")

    def found(words: str) -> list[str]:
        return [each.id for each in keeper.list_kept(words)]

    assert found("harvest RIPEN") == [pears]
    assert found("orchard") == found("grows orchard") == [apples]
    assert found("what") == [apples, pears]
    assert found("nobody") == []


def test_what_was_deleted_last_comes_back_as_it_was_and_over_nothing(tmp_path: Path):
    keeper = Keeper(tmp_path)
    first, second = begin(keeper, FIRST), begin(keeper, SECOND)
    path = tmp_path / f"{first}.json"
    os.utime(path, (1000, 1000))
    before = path.read_bytes()
    assert keeper.forget(first)
    assert not path.exists()
    keeper.restore()
    assert (path.read_bytes(), path.stat().st_mtime) == (before, 1000)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(UsageError):
        keeper.restore()
    keeper.forget("*")
    (tmp_path / f"{second}.json").write_bytes(b"another")
    keeper.restore()
    assert (tmp_path / f"{second}.json").read_bytes() == b"another"
    assert path.read_bytes() == before


# Exports are made when somebody asks for them


def test_a_kept_answer_holds_no_article_and_is_exported_as_it_would_be_now(
    small: Library, articles: Path
):
    filler = "".join(f"\nNobody grows stone number {number}.\n" for number in range(4000))
    (articles / "pears.md").write_text(f"# Pears\n\nPears ripen after harvest.\n{filler}", "utf-8")
    small.build()
    answer = small.ask(QUESTION)
    record = finish(answer, small).record
    assert len(record) < 60_000
    for suffix, each in FORMATS.items():
        folder = f"{small.folder.as_posix()}/"  # where that is stays on this machine
        assert export(record, suffix, small) == each.write(answer, small).replace(
            folder, ""
        ).replace(tex(folder), "")


def test_an_export_follows_its_quotes_to_where_they_stand_now(built: Library, articles: Path):
    record = finish(built.ask(QUESTION), built).record
    text = (articles / "pears.md").read_text("utf-8")
    (articles / "pears.md").write_text(f"# New\n\nPlums are blue.\n\n{text}", "utf-8")
    built.build()
    cited = json.loads(export(record, "json", built))["claims"][0]["citations"][0]
    assert (cited["quote"], cited["line"], cited["state"]) == (PEARS.quote, 7, "exact")


@pytest.mark.parametrize("is_deleted", [False, True])
def test_an_export_quotes_what_was_kept_when_the_article_has_changed(
    small: Library, articles: Path, is_deleted: bool
):
    (articles / "pears.md").write_text(
        "# Pears\n\nA.\n\nB.\n\nPears ripen after harvest.\n", "utf-8"
    )
    small.build()
    record = finish(small.ask(QUESTION), small).record
    (articles / "pears.md").write_text("# Pears\n\nThey never ripen at all.\n", "utf-8")
    if is_deleted:
        (articles / "pears.md").unlink()
    small.build()
    for suffix in FORMATS:
        written = export(record, suffix, small)
        assert "Pears ripen after harvest." in written
        assert "never ripen" not in written
        assert "the article has changed since this was answered" in written
    cited = json.loads(export(record, "json", small))["claims"][0]["citations"][0]
    assert (cited["line"], cited["state"]) == (7, "changed")


def test_what_was_kept_with_its_exports_can_still_be_had(tmp_path: Path):
    keeper = Keeper(tmp_path)
    id = begin(keeper, FIRST)
    (path,) = tmp_path.iterdir()
    head, line = path.read_text("utf-8").split("\n")
    old = {**json.loads(line), "exports": {"md": "**What ripens?**"}}
    del old["record"]
    path.write_text(f"{head}\n{json.dumps(old)}", "utf-8")
    assert keeper.read(id)[0].exports == {"md": "**What ripens?**"}
    keeper.add(id, [SECOND])
    assert keeper.read(id)[0].exports == {"md": "**What ripens?**"}


def test_a_damaged_record_is_told(built: Library):
    for record in ("", "{}", "x", '{"answer": 5}'):
        with pytest.raises(UsageError, match="cannot be read"):
            export(record, "md", built)


# Conversations


@pytest.mark.parametrize("junk", [*JUNK, torn(FIRST)], ids=lambda junk: str(junk[:12]))
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_damaged_line_costs_that_line_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, junk: bytes, place: int
):
    keeper = Keeper(tmp_path)
    id = begin(keeper, FIRST, SECOND)
    path = tmp_path / f"{id}.json"
    lines = path.read_bytes().split(b"\n")
    damaged = b"\n".join([*lines[:place], junk, *lines[place:]])
    path.write_bytes(damaged)
    for _ in range(2):
        assert keeper.read(id) == (FIRST, SECOND)
        assert [(each.title, each.exchanges) for each in keeper.list_kept()] == [
            ("What ripens?", 2)
        ]
    assert caplog.text.count("cannot be read") == 1
    third = replace(FIRST, number=3)
    keeper.add(id, [third])
    assert keeper.read(id) == (FIRST, SECOND, third)
    assert path.with_name(f"{id}.json.damaged-1").read_bytes() == damaged
    keeper.forget(id)
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_its_first_line_is_listed_by_its_first_question(tmp_path: Path):
    keeper = Keeper(tmp_path)
    id = begin(keeper, FIRST, SECOND)
    path = tmp_path / f"{id}.json"
    path.write_bytes(path.read_bytes().partition(b"\n")[2])
    assert [(each.title, each.exchanges) for each in keeper.list_kept()] == [("What ripens?", 2)]


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_link(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_lost_link(path: Path) -> None:
    path.symlink_to("nowhere")


def make_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine").touch()


STRANGE = [make_pipe, make_link, make_lost_link, make_folder]


@pytest.mark.parametrize("make", STRANGE)
def test_what_is_no_file_is_no_conversation_and_in_nobodys_way(tmp_path: Path, make):
    keeper = Keeper(tmp_path)
    good = begin(keeper, FIRST)
    strange = tmp_path / f"{7:016x}.json"
    make(strange)
    before = stat.S_IFMT(strange.lstat().st_mode)
    assert [each.id for each in keeper.list_kept()] == [good]
    assert keeper.read(strange.stem) == ()
    keeper.add(strange.stem, [SECOND])
    assert keeper.read(strange.stem) == (SECOND,)
    aside = strange.with_name(f"{strange.name}.damaged-1")
    assert stat.S_IFMT(aside.lstat().st_mode) == before


def test_a_conversation_in_a_folder_that_another_program_holds_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ibid.ui.talk.history._PATIENCE", 0.1)
    keeper = Keeper(tmp_path)
    id = begin(keeper, FIRST)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for use in (
            lambda: keeper.add(id, [SECOND]),
            lambda: keeper.rename(id, "x"),
            lambda: keeper.forget(id),
            keeper.restore,
        ):
            with pytest.raises(OSError, match="another program holds the folder"):
                use()
    finally:
        os.close(descriptor)
    assert keeper.add(id, [SECOND])


# Feedback


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: str(junk[:12]))
def test_a_line_that_is_none_of_ours_blocks_no_feedback_and_stays(tmp_path: Path, junk: bytes):
    feedback = Feedback(tmp_path / "feedback.jsonl")
    feedback.path.write_bytes(b'{"id": "mine", "question": "why?"}\n' + junk)
    feedback.note(UNSUPPORTED, FIRST)
    feedback.note(UNSUPPORTED, FIRST)
    mine, junk_line, said = feedback.path.read_bytes().rstrip(b"\n").split(b"\n")
    assert (mine, junk_line) == (b'{"id": "mine", "question": "why?"}', junk)
    assert json.loads(said)["question"] == FIRST.question
    feedback.note(Complaint(Kind.NOT_SUPPORTED, key=PEARS.key, taken_back=True), FIRST)
    assert feedback.path.read_bytes().rstrip(b"\n").split(b"\n") == [mine, junk]


@pytest.mark.parametrize("make", STRANGE)
def test_what_has_the_place_of_the_feedback_is_told_and_left_alone(tmp_path: Path, make):
    feedback = Feedback(tmp_path / "feedback.jsonl")
    make(feedback.path)
    before = stat.S_IFMT(feedback.path.lstat().st_mode)
    with pytest.raises(IbidError, match="cannot be read"):
        feedback.note(UNSUPPORTED, FIRST)
    assert stat.S_IFMT(feedback.path.lstat().st_mode) == before
