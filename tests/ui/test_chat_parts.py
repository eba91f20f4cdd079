"""The parts of the chat that need no browser: what is kept, exported, complained of and queued."""

import json
import os
import re
import stat
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from conftest import ROOT
from ibid.errors import IndexForeign, IndexMissing, ServerUnavailable, UsageError
from ibid.evaluation.cases import read_cases
from ibid.library import Library
from ibid.output.bibliography import write_bibtex
from ibid.search.filters import ALL, Filter, fold
from ibid.settings import Settings
from ibid.testing import ScriptedGenerator
from ibid.types.answers import Citation
from ibid.types.articles import Span
from ibid.types.comparisons import Agreement, Assertion, Cell, Conflict, Row, Stance
from ibid.ui.panes.answers import finish
from ibid.ui.panes.articles import Order, Shelves
from ibid.ui.panes.comparisons import write_compared
from ibid.ui.panes.trouble import hint_of, write_trouble
from ibid.ui.panes.welcome import Offers, example_questions, find_topics, write_welcome
from ibid.ui.server.state import Chat
from ibid.ui.talk.conversation import Conversation, converse
from ibid.ui.talk.feedback import Complaint, Feedback, Kind
from ibid.ui.talk.history import MOST_KEPT, Cited, Exchange, Keeper, Saved
from ibid.ui.talk.queue import Turnstile
from ibid.ui.talk.records import export
from ibid.ui.talk.request import (
    Request,
    Within,
    count_names,
    find_article,
    name_article,
    read_request,
)

APPLES = Cited("a-0-1", "apples.md", "Apples grow on trees in orchards.")
PEARS = Cited("b-0-1", "pears.md", "Pears ripen after harvest.")
ASKED = Exchange(1, "What grows?", "<p>Apples.</p>", Within(author="Me"), cited=(APPLES, PEARS))
AGAIN = replace(ASKED, number=2)
WRONG = Complaint(Kind.WRONG_CITATION, key=APPLES.key)


# What the page sends


def test_what_the_page_sends_is_read_and_what_is_no_text_counts_as_nothing():
    sent = {"question": " why? ", "within": {"author": "Me", "since": 2025, "x": 1}, "instead": 3}
    read = read_request(sent)
    assert (read.question, read.instead) == ("why?", 3)
    assert read.within == Within(author="Me", since="2025")
    assert read.within.filter == Filter(since="2025", authors=("Me",))
    assert str(read.within) == "by Me, since 2025"
    for nothing in ({}, {"question": None, "within": "x", "instead": "y"}):
        assert read_request(nothing).question == ""
        assert read_request(nothing).within.filter is ALL
    assert len(read_request({"question": "x" * 9999}).question) == 2000


# What can be asked, and compared


def test_the_subjects_that_are_offered_are_those_of_several_articles(library: Library):
    shared = [fold(each) for each in find_topics(library.articles)[:3]]
    for subject in shared:
        named = [a for a in library.articles if subject in map(fold, a.meta.tags)]
        assert len(named) > 1
    assert "future-tech-ai" not in find_topics(library.articles, most=99)
    assert len(find_topics(library.articles[:1])) > 1


# Conversations


def begin(keeper: Keeper, *exchanges: Exchange) -> str:
    saved = keeper.add("", exchanges)
    assert saved
    return saved.id


def test_a_conversation_is_read_as_it_was_kept(tmp_path: Path):
    keeper = Keeper(tmp_path / "deep" / "conversations")
    assert keeper.list_kept() == []
    id = begin(keeper, ASKED)
    assert keeper.add(id, [AGAIN]) == Saved(id, (ASKED, AGAIN))
    assert keeper.read(id) == (ASKED, AGAIN)
    assert [(each.title, each.exchanges) for each in keeper.list_kept()] == [("What grows?", 2)]
    (path,) = (tmp_path / "deep" / "conversations").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("id", ["", "..", "../feedback", "0" * 15, "0" * 17, "none", "A" * 16])
def test_only_an_id_of_ours_names_a_file(tmp_path: Path, id: str):
    keeper = Keeper(tmp_path / "conversations")
    kept = begin(keeper, ASKED)
    assert id == "" or keeper.add(id, [ASKED]) is None
    whole = (tmp_path / "conversations" / f"{kept}.json").read_text("utf-8")
    for name in ("feedback", "conversations/none", f"conversations/{'0' * 15}"):
        (tmp_path / f"{name}.json").write_text(whole, "utf-8")
    assert keeper.read(id) == ()
    with pytest.raises(UsageError):
        keeper.forget(id)
    assert keeper.read(kept) == (ASKED,)
    assert len(list(tmp_path.rglob("*.json"))) == 4


@pytest.mark.parametrize("damage", ["", "x", "{}", '{"format": 99}\n{}', '{"format": 1}\n{}'])
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path: Path, damage: str):
    keeper = Keeper(tmp_path)
    id = begin(keeper, ASKED)
    (tmp_path / f"{id}.json").write_text(damage)
    assert keeper.read(id) == ()
    assert keeper.list_kept() == []


def test_the_oldest_conversations_go_and_all_can_be_deleted(tmp_path: Path):
    keeper = Keeper(tmp_path)
    first = begin(keeper, ASKED)
    os.utime(tmp_path / f"{first}.json", (1, 1))
    for number in range(MOST_KEPT):
        (tmp_path / f"{number:016x}.json").write_text('{"format": 1, "title": "x", "exchanges": 1}')
    last = begin(keeper, ASKED)
    assert keeper.read(first) == ()
    assert len(keeper.list_kept()) == MOST_KEPT
    keeper.forget(last)
    assert keeper.read(last) == ()
    (tmp_path / "notes.json").write_text("mine")
    keeper.forget("*")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.json"]


# Complaints


def test_a_wrong_citation_leaves_the_others_relevant(tmp_path: Path, built: Library):
    articles = {each.id: each for each in built.articles}
    feedback = Feedback(tmp_path / "data" / "feedback.jsonl")
    feedback.note(WRONG, ASKED)
    (case,) = read_cases(feedback.path, articles)
    assert (case.question, [target.article for target in case.targets]) == (
        "What grows?",
        ["pears.md"],
    )
    feedback.note(Complaint(Kind.WRONG_CITATION, key=PEARS.key), ASKED)
    (case,) = read_cases(feedback.path, articles)
    assert not case.answerable
    feedback.note(Complaint(Kind.MISSING_SOURCE, article="apples.md"), ASKED)
    (case,) = read_cases(feedback.path, articles)
    assert [(target.article, target.span) for target in case.targets] == [("apples.md", None)]
    assert stat.S_IMODE(feedback.path.stat().st_mode) == 0o600


def test_not_supported_is_noted_and_changes_nothing_else(tmp_path: Path):
    feedback = Feedback(tmp_path / "feedback.jsonl")
    feedback.note(Complaint(Kind.NOT_SUPPORTED, key=PEARS.key), ASKED)
    text = feedback.path.read_text("utf-8")
    assert "not supported: “Pears ripen after harvest.”" in text
    assert '"quote": "Apples grow on trees in orchards."' in text


def test_a_complaint_that_is_taken_back_leaves_nothing(tmp_path: Path):
    feedback = Feedback(tmp_path / "feedback.jsonl")
    feedback.note(WRONG, ASKED)
    feedback.note(Complaint(Kind.WRONG_CITATION, key=APPLES.key, taken_back=True), ASKED)
    assert feedback.path.read_text("utf-8") == ""


def test_each_question_has_one_line(tmp_path: Path, built: Library):
    feedback = Feedback(tmp_path / "feedback.jsonl")
    other = Exchange(2, "What ripens?", "", cited=(PEARS,))
    for exchange in (ASKED, other, ASKED):
        feedback.note(Complaint(Kind.NOT_SUPPORTED, key=PEARS.key), exchange)
    articles = {each.id: each for each in built.articles}
    assert [case.question for case in read_cases(feedback.path, articles)] == [
        "What grows?",
        "What ripens?",
    ]


def test_a_line_may_hold_what_ends_lines_elsewhere(tmp_path: Path):
    feedback = Feedback(tmp_path / "feedback.jsonl")
    odd = Exchange(1, "What\u2028grows\x85there?", "", cited=(APPLES,))
    for exchange in (odd, ASKED, odd):
        feedback.note(Complaint(Kind.NOT_SUPPORTED, key=APPLES.key), exchange)
    lines = feedback.path.read_text("utf-8").split("\n")
    feedback.path.write_text("\ufeff" + "\n".join(lines), "utf-8")
    feedback.note(WRONG, odd)
    assert feedback.path.read_text("utf-8").count("\n") == 2


def test_the_articles_that_were_ticked_are_asked_alone(built: Library):
    names = [name_article(each, count_names(built)) for each in built.described]
    sent = {"question": "x", "within": {"only": "\n".join(names[:2]), "author": ""}}
    within = read_request(sent).within
    assert built.select(within.filter).ids == {each.id for each in built.described[:2]}
    assert str(within) == f"in “{names[0]}” or “{names[1]}”"


def test_a_missing_source_is_found_by_its_id_its_title_or_a_part(built: Library):
    for name in ("apples.md", "Apples", "appl"):
        assert find_article(name, built).id == "apples.md"
    with pytest.raises(UsageError, match="2 articles fit"):
        find_article("p", built)
    with pytest.raises(UsageError, match="no article"):
        find_article("plums", built)


# Export


def test_bibtex_names_each_article_once_and_commands_nothing(articles: Path, small: Library):
    head = '---\ntitle: "100% of {\\\\it plums} & _co_"\nauthor: Ana Lima\ndate: 2025-01-02\n---\n'
    for name in ("one", "two"):
        text = f"{head}\n\nPlums {name} ripen in July in Kent.\n"
        (articles / f"{name}.md").write_text(text, "utf-8")
    small.build()
    written = write_bibtex(small.ask("When do plums ripen in Kent?"), small)
    assert "@misc{ana2025100,\n" in written
    assert "@misc{ana2025100-2,\n" in written
    assert (
        "title = {{100\\% of \\lbrace{}\\textbackslash{}it plums\\rbrace{} \\& \\_co\\_}}"
        in written
    )
    assert "author = {{Ana Lima}}" in written
    assert "line 8: ``Plums one ripen in July in Kent.''" in written


def test_what_is_cited_is_kept_with_the_words_that_it_says(built: Library):
    finished = finish(built.ask("When do pears ripen after the harvest?"), built)
    assert [(each.article, each.quote) for each in finished.cited] == [
        ("pears.md", "Pears ripen after harvest.")
    ]
    assert all(export(finished.record, suffix, built) for suffix in ("md", "json", "bib", "html"))


def test_articles_without_a_date_that_a_filter_left_out_are_told(built: Library):
    (built.folder / "plums.md").write_text("---\ndate: 2024-01-01\n---\n\nPlums ripen late.\n")
    built.build()
    asked = Request("When do plums ripen?", Within(since="2020"))
    *_, now = converse(asked, Conversation(), Chat(built), bool)
    assert "2 articles without a date cannot be filtered by one." in now.turns[-1].html


def test_what_is_saved_says_which_articles_alone_were_asked(built: Library):
    question = "When do pears ripen after the harvest?"
    chosen = finish(built.ask(question, Filter(articles=("pears",))), built).record
    every = finish(built.ask(question), built).record
    for suffix in ("md", "html"):
        assert "Only articles in “pears”." in export(chosen, suffix, built)
        assert "Only articles" not in export(every, suffix, built)
    assert json.loads(export(chosen, "json", built))["run"]["settings"]["within"] == "in “pears”"


def test_why_no_model_was_asked_is_said_once_in_a_conversation(built: Library):
    settings = built.settings.changed({"model": "auto", "ollama": "http://127.0.0.1:9"}, "test")
    alone = Library(settings, embedder=built.embedder)
    chat = Chat(alone)
    talk = Conversation()
    for question in ("When do pears ripen after the harvest?", "When do plums ripen?"):
        *_, talk = converse(Request(question), talk, chat, lambda: False)
    first, second = talk.turns
    assert "ollama serve" in first.html
    assert "ollama serve" not in second.html
    assert "ollama serve" in export(second.record, "json", built)


def test_questions_are_offered_from_all_folders(articles: Path, small: Library):
    for folder in ("first", "second"):
        (articles / folder).mkdir()
        for number in range(6):
            text = f"# Fruit\n\n## How does {folder} fruit {number} grow?\n\nIt grows on trees.\n"
            (articles / folder / f"{number}.md").write_text(text, "utf-8")
    (articles / "first" / "0.md").write_text("# I\n\n## What can you do?\n\nI read.\n", "utf-8")
    small.build()
    offered = [each for each in example_questions(small.articles, 12) if "How does" in each]
    assert "first" in offered[0]
    assert "second" in offered[1]
    assert "What can you do?" not in example_questions(small.articles, 12)


def test_an_index_of_another_folder_is_told_before_it_is_replaced(tmp_path: Path, built: Library):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tea.md").write_text("# Tea\n\nTea is brewed from leaves.\n", "utf-8")
    library = Library.open(tmp_path / "other", built.store.root, embedder=built.embedder)
    said = write_welcome(library, Offers(library))
    assert "1 file in" in said
    assert f"not from {tmp_path / 'other'}" in said
    assert "takes the place of the old one" in said
    with pytest.raises(IndexForeign):  # nothing is to be updated
        library.changes()


def test_files_that_cannot_be_read_come_after_the_articles(articles: Path, small: Library):
    (articles / "a.md").write_bytes(bytes(range(256)) * 9)
    small.build()
    shelf = Shelves(small).write()
    assert shelf.rows.index("pears.md") < shelf.rows.index("a.md")
    assert "1 file could not be read." in shelf.head


# Comparisons


def test_what_articles_say_is_only_text_in_a_comparison(articles: Path, small: Library):
    attack = "<img src=x onerror=hurt()>"
    (articles / "plums.md").write_text(f"# Pears {attack}\n\nPears ripen after harvest.\n", "utf-8")
    small.build()
    citation = small.ask("When do pears ripen after the harvest?").claims[0].citations[0]
    id, quote = citation.passage.article, Assertion(citation, attack, attack)
    everything = Span(0, len(attack))
    conflict = Conflict(attack, quote, quote, (everything, everything))
    differs = Cell(id, Stance.DIFFERS, (quote,), attack)
    silent = Cell(id, Stance.SILENT, searched=1, nearest=quote)
    row = Row(attack, (differs, silent), Agreement(1, 1), (conflict,))
    comparison = replace(small.compare("pears"), articles=(id,), topic=attack)
    html = write_compared(replace(comparison, rows=(row,), alone=(quote,)), small)
    assert "<img" not in html
    assert html.count(escape(attack)) >= 10


def test_a_cell_folds_up_the_quotes_that_are_too_many(built: Library):
    hit = built.search("pears")[0]
    span = hit.passage.sentences[0]
    quote = Assertion(Citation(hit.passage, span), "Pears ripen.")
    cell = Cell(hit.passage.article, Stance.SAYS, (quote,) * 3, searched=1)
    found = replace(built.compare("pears"), articles=(cell.article,), alone=())
    html = write_compared(replace(found, rows=(Row("Pears", (cell,), Agreement(1, 1)),)), built)
    shown, _, folded = html.partition("<details><summary>2 more quotes</summary>")
    assert (shown.count("Pears ripen."), folded.count("Pears ripen.")) == (1, 2)


# The queue


def test_questions_go_through_in_the_order_in_which_they_came():
    turnstile = Turnstile(2)
    with turnstile.enter() as first, turnstile.enter() as second:
        assert (first.ahead(), second.ahead()) == (0, 0)
        with turnstile.enter() as third, turnstile.enter() as fourth:
            assert (third.ahead(), fourth.ahead()) == (1, 2)
    with turnstile.enter() as later:
        assert later.ahead() == 0


# The browser tests


def test_each_of_the_22_things_that_the_chat_promises_has_its_browser_test():
    sources = (path.read_text("utf-8") for path in (ROOT / "tests" / "browser").glob("test_*.py"))
    found = {int(each) for text in sources for each in re.findall(r"ui\(number=(\d+)\)", text)}
    assert found == set(range(1, 23))


def test_the_model_of_a_question_is_a_name_and_anything_else_counts_as_none_said():
    assert read_request({"question": "x", "model": "none"}).model == "none"
    for odd in (5, None, [], {"a": 1}, True):
        assert read_request({"question": "x", "model": odd}).model == ""
    assert len(read_request({"question": "x", "model": "m" * 999}).model) == 200


def test_one_question_is_answered_without_the_model_of_the_library(built: Library):
    model = ScriptedGenerator("Apples grow on trees in orchards.")
    library = Library(built.settings, built.embedder, model)
    assert library.ask("Where do apples grow?").run.model
    answer = library.ask("Where do apples grow?", model="none")
    assert answer.run.model == ""
    assert answer.claims


# Sorting, and hints with the folders


def test_articles_are_sorted_and_what_has_no_such_value_comes_last(small: Library, articles: Path):
    for name, head in (
        ("a.md", "title: Zebras\nauthor: Ann\ndate: 2024-05-01"),
        ("b.md", "title: \u00c4pfel\nauthor: bob\ndate: 2025-01-01"),
        ("c.md", "title: Moles"),
    ):
        (articles / name).write_text(f"---\n{head}\n---\n\nSome words of it.\n", "utf-8")
    small.build()
    shelves = Shelves(small)

    def listed(order: Order) -> list[str]:
        rows = shelves.write(order=order).rows
        return re.findall(r'class="path">([abc]\.md)', rows)

    assert listed(Order.TITLE) == ["b.md", "c.md", "a.md"]
    assert listed(Order.DATE) == ["b.md", "a.md", "c.md"]
    assert listed(Order.AUTHOR) == ["a.md", "b.md", "c.md"]


def test_without_an_index_the_way_to_one_names_the_folders_of_this_chat(tmp_path: Path):
    folders = {"articles": str(tmp_path / "my articles"), "index": str(tmp_path / "ix")}
    settings = Settings().changed(folders, "option")
    error = IndexMissing("there is no index", hint="ibid build")
    html = write_trouble(error, "This could not be answered", settings)
    assert f"ibid build &#x27;{tmp_path}/my articles&#x27; --index {tmp_path}/ix" in html
    assert "data-build" in html
    other = write_trouble(ServerUnavailable("gone", hint="ollama serve"), "x", settings)
    assert "data-build" not in other
    assert hint_of(IndexMissing("x", hint="ibid build"), Settings()) == "ibid build"
