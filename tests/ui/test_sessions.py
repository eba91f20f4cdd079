"""What was said stays, whatever happens around the page: other tabs, deletions, a restart."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ibid.library import Library
from ibid.ui.server.state import Chat
from ibid.ui.talk import queue
from ibid.ui.talk.conversation import Conversation, take_up, write_live, write_transcript
from ibid.ui.talk.history import MOST_EXCHANGES, Exchange, Keeper
from ibid.ui.talk.queue import Line
from ibid.ui.talk.request import Request, read_request
from ibid.ui.talk.sessions import Session, talk

PEARS = "When do pears ripen after the harvest?"
APPLES = "When do ripe apples fall?"
ROOMS = "Where do farmers store pears?"


@pytest.fixture
def chat(small: Library, tmp_path: Path) -> Chat:
    small.build()
    small.settings = small.settings.changed({"keep": str(tmp_path / "kept")}, "test")
    return Chat(small)


@dataclass
class Tab:
    """An open page: what its server knows, and what it shows."""

    chat: Chat
    session: Session = field(default_factory=Session)
    shown: tuple[int, ...] = ()

    def open(self, id: str) -> "Tab":
        self.session.id = id
        self.session.conversation = take_up(self.chat.keeper.read(id))
        return self.show()

    def show(self) -> "Tab":
        self.shown = tuple(turn.number for turn in self.session.conversation.turns)
        return self

    def begin(self, question: str, instead: int = 0) -> Generator[Conversation]:
        asked = Request(question, instead=instead, conversation=self.id, shown=self.shown)
        answering = talk(self.session, asked, self.chat)
        next(answering)
        return answering

    def end(self, answering: Iterator[Conversation]) -> "Tab":
        for _ in answering:
            pass
        return self.show()

    def ask(self, question: str, instead: int = 0) -> "Tab":
        return self.end(self.begin(question, instead))

    @property
    def id(self) -> str:
        return self.session.id

    @property
    def questions(self) -> list[str]:
        return [turn.question for turn in self.session.conversation.turns]

    @property
    def note(self) -> str:
        return self.session.conversation.note


def kept(chat: Chat, id: str) -> list[str]:
    return [each.question for each in chat.keeper.read(id)]


# Two tabs


def test_what_two_tabs_ask_of_one_conversation_stays_in_the_order_of_asking(chat: Chat):
    first = Tab(chat).ask(PEARS)
    second = Tab(chat).open(first.id)
    second.ask(APPLES)
    first.ask(ROOMS)
    second.ask("Where do apples grow?")
    whole = [PEARS, APPLES, ROOMS, "Where do apples grow?"]
    assert kept(chat, first.id) == second.questions == whole
    assert first.note == second.note == ""


def test_whoever_is_answered_first_the_order_is_that_of_asking(chat: Chat):
    first = Tab(chat).ask(PEARS)
    second = Tab(chat).open(first.id)
    slow = first.begin(APPLES)
    second.ask(ROOMS)
    assert second.questions == [PEARS, APPLES, ROOMS]
    assert "Asked, not answered." in second.session.conversation.turns[1].html
    first.end(slow)
    assert first.questions == kept(chat, first.id) == [PEARS, APPLES, ROOMS]
    assert [each.number for each in chat.keeper.read(first.id)] == [1, 2, 3]


def test_a_question_is_understood_after_what_another_tab_asked(chat: Chat):
    first = Tab(chat).ask(PEARS)
    second = Tab(chat).open(first.id)
    first.ask(ROOMS)
    second.ask("what about apples?")
    assert second.session.conversation.turns[-1].full == "Where do apples store pears?"


def test_an_answer_that_is_asked_for_again_goes_and_no_other_one(chat: Chat):
    first = Tab(chat).ask(PEARS)
    second = Tab(chat).open(first.id)
    second.ask(APPLES)
    first.ask(PEARS, instead=1)  # the last one here, and not the last one any more
    assert kept(chat, first.id) == [PEARS, APPLES, PEARS]
    first.ask(ROOMS, instead=3)
    assert kept(chat, first.id) == [PEARS, APPLES, ROOMS]
    assert [each.number for each in chat.keeper.read(first.id)] == [1, 2, 4]


def test_two_chats_over_one_folder_lose_nothing_of_each_other(chat: Chat):
    other = Chat(chat.library)
    first = Tab(chat).ask(PEARS)
    second = Tab(other).open(first.id)
    slow = first.begin(APPLES)
    second.ask(ROOMS)
    first.end(slow)
    assert sorted(kept(chat, first.id)) == sorted([PEARS, APPLES, ROOMS])
    assert len({each.number for each in chat.keeper.read(first.id)}) == 3


ADD = """
import sys
from pathlib import Path
from ibid.ui.talk.history import Exchange, Keeper
keeper, id = Keeper(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    keeper.add(id, [Exchange(1, f"{sys.argv[3]}{number}", "", unanswered=True)])
"""


def test_two_processes_that_write_at_once_lose_nothing_of_each_other(tmp_path: Path):
    keeper = Keeper(tmp_path)
    saved = keeper.add("", [Exchange(1, "first", "")])
    assert saved
    command = [sys.executable, "-c", ADD, str(tmp_path), saved.id]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = [subprocess.Popen([*command, name], text=True, **pipes) for name in "ab"]
    for each in running:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"
    for each in running:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    assert [each.wait() for each in running] == [0, 0]
    for each in running:
        each.communicate()
    questions = [each.question for each in keeper.read(saved.id)]
    assert sorted(questions) == sorted(["first", *(f"{n}{i}" for n in "ab" for i in range(20))])


def test_a_conversation_keeps_more_than_a_page_shows(chat: Chat):
    many = [Exchange(number, f"question {number}", "") for number in range(1, 60)]
    saved = chat.keeper.add("", many)
    assert saved
    tab = Tab(chat).open(saved.id)
    assert tab.ask(PEARS).note == ""
    assert len(tab.shown) < 40
    assert len(chat.keeper.read(saved.id)) == 60
    chat.keeper.add(saved.id, [Exchange(60 + number, "more", "") for number in range(1, 99)])
    assert len(chat.keeper.read(saved.id)) == MOST_EXCHANGES
    assert tab.ask(APPLES).note == ""  # what is too old is not missed


# Deletions


@pytest.mark.parametrize("what", ["one", "all", "file"])
def test_what_one_tab_deletes_another_one_that_asks_does_not_bring_back(chat: Chat, what: str):
    first = Tab(chat).ask(PEARS)
    second = Tab(chat).open(first.id)
    slow = second.begin("and apples?")
    if what == "file":
        next((Path(chat.library.settings.keep) / "conversations").iterdir()).unlink()
    else:
        chat.keeper.forget("*" if what == "all" else first.id)
    second.end(slow)
    assert chat.keeper.list_kept() == []
    assert second.questions == ["and apples?"]
    assert "was deleted" in second.note
    second.ask(ROOMS)
    assert kept(chat, second.id) == second.questions == [ROOMS]
    assert second.id != first.id
    assert "not kept any more" in second.note
    second.ask(APPLES)
    assert second.note == ""


def test_what_was_deleted_before_a_question_is_not_understood_from(chat: Chat):
    first = Tab(chat).ask(PEARS)
    second = Tab(chat).open(first.id)
    chat.keeper.forget(first.id)
    second.ask("and apples?")
    (turn,) = second.session.conversation.turns
    assert turn.full == ""
    assert kept(chat, second.id) == ["and apples?"]


# A restart, and what is not kept


def test_a_chat_that_was_started_again_goes_on_with_what_the_page_shows(chat: Chat):
    tab = Tab(chat).ask(PEARS).ask(ROOMS)
    again = Chat(chat.library)
    after = Session()
    asked = Request("what about apples?", conversation=tab.id, shown=tab.shown)
    *_, now = talk(after, asked, again)
    assert [turn.question for turn in now.turns] == [PEARS, ROOMS, "what about apples?"]
    assert now.turns[-1].full == "Where do apples store pears?"
    assert (after.id, now.note) == (tab.id, "")
    assert kept(again, tab.id) == [PEARS, ROOMS, "what about apples?"]


@pytest.mark.parametrize("id", ["", "0" * 16, "../../etc/passwd", "x" * 200, "*", "a\0b"])
def test_a_page_that_shows_what_is_not_kept_is_told_so(chat: Chat, id: str):
    session = Session()
    *_, now = talk(session, Request(PEARS, conversation=id, shown=(1, 2)), chat)
    assert "not kept any more" in now.note
    assert "not kept any more" in write_transcript(now, session.id)
    assert [turn.number for turn in now.turns] == [3]  # another one than the page knows
    assert session.id != id
    assert kept(chat, session.id) == [PEARS]
    paths = Path(chat.library.settings.keep).rglob("*")
    assert [path.stem for path in paths if path.is_file()] == [session.id]


def test_a_note_stands_below_the_question_as_soon_as_it_is_asked(chat: Chat):
    answering = talk(Session(), Request(PEARS, shown=(1,)), chat)
    assert "not kept any more" in write_live(next(answering))


def test_what_a_damaged_file_has_lost_is_told(chat: Chat):
    tab = Tab(chat).ask(PEARS).ask(APPLES)
    path = Path(chat.library.settings.keep) / "conversations" / f"{tab.id}.json"
    head, first, _ = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join((head, first, b"junk")))
    tab.ask(ROOMS)
    assert "Not all that stood here" in tab.note
    assert kept(chat, tab.id) == [PEARS, ROOMS]


def test_what_cannot_be_kept_is_told_and_kept_as_soon_as_it_can_be(chat: Chat):
    folder = Path(chat.library.settings.keep)
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    tab = Tab(chat).ask(PEARS)
    assert "cannot be kept on this machine: " in tab.note
    tab.ask(APPLES)
    assert tab.questions == [PEARS, APPLES]
    *_, after = talk(Session(), Request(ROOMS, shown=tab.shown), Chat(chat.library))
    assert "not kept any more" in after.note
    assert "cannot be kept on this machine" in after.note
    folder.unlink()
    tab.ask(ROOMS)
    assert kept(chat, tab.id) == [PEARS, APPLES, ROOMS]
    assert tab.note == ""
    assert all(each.record for each in chat.keeper.read(tab.id))


@pytest.mark.parametrize("code", [errno.EIO, errno.EMFILE, errno.EACCES])
def test_trouble_that_passes_costs_a_conversation_nothing(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, code: int
):
    tab = Tab(chat).ask(PEARS)
    opened = os.open

    def refuse(path: str, *args: int, **options: int) -> int:
        if str(path).endswith(f"{tab.id}.json"):
            raise OSError(code, os.strerror(code), path)
        return opened(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        tab.ask(APPLES)
    assert os.strerror(code) in tab.note
    assert tab.questions == [PEARS, APPLES]
    tab.ask(ROOMS)
    assert kept(chat, tab.id) == tab.questions == [PEARS, APPLES, ROOMS]
    (path,) = (Path(chat.library.settings.keep) / "conversations").iterdir()
    assert stat.S_ISREG(path.stat().st_mode)


def test_a_page_that_is_left_while_it_asks_keeps_what_was_asked(chat: Chat):
    tab = Tab(chat).ask(PEARS)
    tab.begin(APPLES).close()
    assert kept(chat, tab.id) == [PEARS, APPLES]
    assert "Asked, not answered." in chat.keeper.read(tab.id)[-1].html


def test_what_is_not_read_of_a_question_is_told_above_its_answer(chat: Chat):
    pasted = read_request({"question": f"{PEARS} {'Pears are pears. ' * 200}"})
    *_, now = talk(Session(), pasted, chat)
    html = now.turns[-1].html
    assert "only its first 2,000 characters were read" in html
    assert html.index("only its first") < html.index("<section")


def test_a_question_is_kept_before_it_is_answered(chat: Chat):
    tab = Tab(chat)
    answering = tab.begin(PEARS)
    again = Tab(chat).open(tab.id)
    assert again.questions == [PEARS]
    page = write_transcript(again.session.conversation, tab.id)
    assert "Asked, not answered." in page
    assert "data-again" in page
    assert again.ask(APPLES).session.conversation.turns[-1].full == ""  # it stands alone
    tab.end(answering)
    assert kept(chat, tab.id) == [PEARS, APPLES]
    assert not any(each.unanswered for each in chat.keeper.read(tab.id))


def test_the_questions_of_a_page_are_let_through_in_the_order_of_asking():
    line = Line()
    with line.enter(2, "second") as second, line.enter(1, "first") as first:
        assert not line.begin(second)
        assert line.list_waiting() == ["first", "second"]
        assert line.begin(first)
        assert not line.begin(second)
        assert line.list_waiting() == ["second"]
    with line.enter(3, "third") as third:
        assert line.begin(third)


def test_a_question_that_never_comes_in_holds_no_other_one_up(monkeypatch: pytest.MonkeyPatch):
    line = Line()
    with line.enter(5, "after a restart of the chat") as fifth:
        assert not line.begin(fifth)
        monkeypatch.setattr(queue, "SECONDS_FOR_STRAGGLERS", 0.0)
        assert line.begin(fifth)
        with line.enter(4, "late") as fourth:
            assert not line.begin(fourth)
