"""Asking: choosing articles, taking answers elsewhere, complaints, and what is kept."""

import json
import stat
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ibid.evaluation.cases import read_cases

from .scene import QUESTION, open_library, serving, wait_until

CLIPBOARD = ("clipboard-read", "clipboard-write")


def done(seen, number=1):
    return seen.page.locator(f"[data-turn='{number}'][data-state=done]")


def choose(seen, **values):
    seen.page.click("[data-sieve]")
    seen.page.wait_for_selector(".sieve input")
    for name, value in values.items():
        seen.page.fill(f".sieve [name={name}]", value)


def feedback(library) -> list[dict]:
    path = Path(library.settings.keep) / "feedback.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_question_can_be_asked_of_some_articles_only(visit, chat, library):
    seen = visit(chat).open()
    choose(seen, author="techbrew", since="2025-08-30")
    expect(seen.page.locator(".composer [data-sieve]")).to_have_text("Only: techbrew, 2025-08-30")
    seen.ask()
    expect(done(seen).locator(".within")).to_contain_text("by techbrew, since 2025-08-30")
    rows = done(seen).locator(".sources .about").all_inner_texts()
    assert [row.split(" · ")[:2] for row in rows] == [["TechBrew Daily", "2025-08-31"]]
    seen.page.click("[data-unsieve]")
    seen.ask()
    expect(done(seen, 2).locator(".sources li").nth(1)).to_be_visible()
    expect(done(seen, 2).locator(".within")).to_have_count(0)


def test_a_name_that_nobody_has_is_told_with_the_nearest(visit, chat):
    seen = visit(chat).open()
    choose(seen, author="techbru")
    seen.ask()
    expect(done(seen).locator(".trouble")).to_contain_text("TechBrew Daily")


def test_the_choices_are_those_of_the_corpus(visit, chat, library):
    seen = visit(chat).open()
    choose(seen)
    options = seen.page.locator("#sieve-known-author option").evaluate_all(
        "all => all.map(o => o.value)"
    )
    assert options == sorted({each.meta.author for each in library.articles} - {""})


def test_a_question_can_be_edited_and_asked_again(visit, chat):
    seen = visit(chat).open()
    choose(seen, author="rkoots")
    seen.ask()
    seen.page.click("[data-unsieve]")
    done(seen).get_by_role("button", name="Edit question").click()
    expect(seen.page.locator("#box")).to_have_value(QUESTION)
    expect(seen.page.locator(".sieve [name=author]")).to_have_value("rkoots")
    expect(seen.page.locator("#box")).to_be_focused()
    done(seen).get_by_role("button", name="Ask again").click()
    done(seen, 2).wait_for()
    expect(seen.page.locator("[data-turn]")).to_have_count(1)
    expect(done(seen, 2).locator(".within")).to_contain_text("by rkoots")


def test_a_name_in_a_question_can_be_taken_back(visit, chat):
    seen = visit(chat).open()
    seen.ask("What does rkoots say about data privacy?")
    expect(done(seen).locator(".within")).to_contain_text("by rkoots")
    done(seen).get_by_role("button", name="Edit question").click()
    seen.page.wait_for_function("document.querySelector('#box').value")  # the fields are fetched
    expect(seen.page.locator("#box")).to_have_value("What is said about data privacy?")
    expect(seen.page.locator(".sieve [name=author]")).to_have_value("rkoots")
    seen.page.click("[data-unsieve]")
    seen.page.locator("#box").press("Enter")
    done(seen, 2).wait_for()
    expect(done(seen, 2).locator(".within")).to_have_count(0)


def test_a_misspelled_word_is_said_above_the_answer(visit, chat):
    seen = visit(chat).open()
    seen.ask("What is Atomwse?")
    expect(done(seen).locator(".answer")).to_contain_text("Read as: Atomwise.")


def test_an_answer_can_be_saved_as_markdown_json_and_bibtex(visit, chat, library):
    seen = visit(chat).open()
    seen.ask()
    saved = {}
    for name in ("Markdown", "JSON", "BibTeX"):
        seen.page.locator(".foot .menu summary").click()
        with seen.page.expect_download() as download:
            seen.page.get_by_role("button", name=name, exact=True).click()
        saved[name] = Path(download.value.path()).read_text("utf-8")
        assert download.value.suggested_filename.startswith("ibid-answer.")
    assert saved["Markdown"].startswith(f"**{QUESTION}**")
    answer = json.loads(saved["JSON"])
    assert answer["question"] == QUESTION
    assert {each["article"] for claim in answer["claims"] for each in claim["citations"]}
    expect(seen.page.locator(".sources li")).to_have_count(saved["BibTeX"].count("@misc{"))
    assert "author = {{TechBrew Daily}}" in saved["BibTeX"]


def test_the_link_of_an_answer_asks_it_again_of_the_same_articles(visit, chat):
    seen = visit(chat, permissions=CLIPBOARD).open()
    choose(seen, author="rkoots")
    seen.ask()
    seen.page.get_by_role("button", name="Copy link").click()
    seen.page.get_by_text("Copied").wait_for()
    link = seen.page.evaluate("navigator.clipboard.readText()")
    other = visit(chat)
    other.page.goto(link)
    other.page.wait_for_selector(".composer-sorry:has-text('Press Enter')")
    other.page.wait_for_selector("[data-sieve].chosen")
    other.page.locator("#box").press("Enter")
    done(other).wait_for()
    expect(other.page.locator(".question")).to_have_text(QUESTION)
    expect(other.page.locator(".within")).to_contain_text("by rkoots")


def test_what_readers_find_wrong_becomes_questions_for_eval(visit, tmp_path, index):
    library = open_library(index)
    library.settings = library.settings.changed({"keep": str(tmp_path)}, "test")
    with serving(library) as address:
        seen = visit(address).open()
        seen.ask()
        chips = seen.page.locator(".chip").count()
        wrong = seen.page.locator(".chip").first
        wrong.click()
        seen.page.wait_for_selector(".pane mark.cited")
        marked = seen.page.locator(".pane mark.cited").all_text_contents()
        seen.page.get_by_role("button", name="Wrong citation").click()
        seen.page.wait_for_selector(".pane-said:has-text('Kept: wrong citation.')")
        seen.page.get_by_role("button", name="Not supported").click()
        seen.page.wait_for_selector(".pane-said:has-text('Kept: not supported.')")
        seen.page.keyboard.press("Escape")
        missed = library.articles[0]
        seen.page.get_by_role("button", name="Missing source?").click()
        seen.page.fill(".missing input", missed.title)
        seen.page.get_by_role("button", name="Keep").click()
        seen.page.wait_for_selector(f".missing [role=status]:has-text('{missed.title}')")
        (line,) = feedback(library)
        assert line["question"] == QUESTION
        assert len(line["relevant"]) == chips - 1 + 1
        assert line["relevant"][-1] == missed.id
        assert "".join(marked)[-30:] not in json.dumps(line["relevant"], ensure_ascii=False)
        assert [note.split(":")[0] for note in line["note"]] == [
            "wrong citation",
            "not supported",
            "missing source",
        ]
        path = tmp_path / "feedback.jsonl"
        (case,) = read_cases(path, {each.id: each for each in library.articles})
        assert case.question == QUESTION
        assert len(case.targets) == chips
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        wrong.click()
        seen.page.wait_for_selector("[data-complain='wrong citation'][aria-pressed=true]")
        seen.page.get_by_role("button", name="Wrong citation").click()
        seen.page.wait_for_selector(".pane-said:has-text('Taken back.')")
        (line,) = feedback(library)
        assert len(line["relevant"]) == chips + 1


@pytest.mark.long
@pytest.mark.ui(number=15)
def test_a_reload_keeps_the_conversation_and_only_the_owner_can_read_it(visit, tmp_path, index):
    library = open_library(index)
    library.settings = library.settings.changed({"keep": str(tmp_path / "data")}, "test")
    with serving(library) as address:
        seen = visit(address).open()
        seen.ask()
        seen.ask("what are the ethical concerns?")
        (path,) = (tmp_path / "data" / "conversations").iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        stored = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
        assert "challenges" not in seen.page.evaluate(stored)
        seen.page.reload()
        done(seen, 2).wait_for()
        asked = [QUESTION, "what are the ethical concerns?"]
        expect(seen.page.locator(".question")).to_have_text(asked)
        seen.page.locator(".chip").first.click()
        seen.page.wait_for_selector(".pane mark.cited")
        seen.page.keyboard.press("Escape")
        seen.ask("what is drug discovery?")
        expect(done(seen, 3).locator(".chip")).not_to_have_count(0)
        seen.open(wait="#side-list li")
        expect(seen.page.locator("#side-list li")).to_contain_text("3 questions")
        seen.page.locator("#side-list a").click()
        done(seen, 3).wait_for()
        seen.page.get_by_role("button", name="Delete this conversation").click()
        seen.page.wait_for_selector(".welcome")
        wait_until(lambda: not list(path.parent.iterdir()))
        expect(seen.page.locator("#side-list li")).to_have_count(0)


@pytest.mark.ui(number=15)
def test_one_button_deletes_all_conversations(visit, tmp_path, index):
    library = open_library(index)
    library.settings = library.settings.changed({"keep": str(tmp_path)}, "test")
    with serving(library) as address:
        seen = visit(address)
        for _ in range(2):
            seen.open().ask()
        seen.open(wait="#side-list li")
        expect(seen.page.locator("#side-list li")).to_have_count(2)
        seen.page.locator("[data-forget]").first.click()
        wait_until(lambda: len(list((tmp_path / "conversations").iterdir())) == 1)
        seen.page.get_by_role("button", name="Delete all").click()
        wait_until(lambda: not list((tmp_path / "conversations").iterdir()))
        expect(seen.open().page.locator("#side-list li")).to_have_count(0)
