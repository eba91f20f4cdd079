"""The articles: their table, and the build that brings the index up to date."""

import fcntl
import os
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import APIResponse, Route, expect

from ibid.errors import IndexLocked
from ibid.library import Library
from ibid.testing import HashEmbedder
from ibid.ui.panes.articles import AT_ONCE, Shelves
from ibid.ui.talk.rebuilding import Job, Phase, Rebuild

from .scene import QUESTION, open_library, serving, wait_until


class PausingEmbedder(HashEmbedder):
    """Embeds each batch only once it may."""

    def __init__(self) -> None:
        self.may_go_on = True
        self.waits = False

    def encode(self, texts):
        self.waits = True
        wait_until(lambda: self.may_go_on)
        self.waits = False
        return super().encode(texts)


def rows(seen) -> dict[str, str]:
    """What the table says of each file."""
    found = {}
    for row in seen.page.locator(".shelf tbody tr:not(.findings)").all():
        place = row.locator(".path")
        name = (place if place.count() else row.locator("th")).inner_text()
        found[name] = row.locator(".state").inner_text()
    return found


def open_shelf(seen):
    seen.page.get_by_role("link", name="Articles").click()
    seen.page.wait_for_selector(".shelf tbody tr")
    return seen


def test_each_article_is_listed_with_its_state_passages_and_notes(visit, small_library):
    small_library.build()
    folder = small_library.folder
    first, second, third, *_ = sorted(folder.glob("*.txt"))
    first.write_text(first.read_text("utf-8") + "\nOne more sentence stands here.\n", "utf-8")
    second.unlink()
    third.unlink()
    third.symlink_to(first.name)
    (folder / "new.md").write_text("# New\n\nNews are new.\n", "utf-8")
    with serving(small_library) as address:
        seen = open_shelf(visit(address).open())
        states = rows(seen)
        assert states.pop(first.name) == "changed since"
        assert states.pop(second.name) == "deleted since"
        assert states.pop(third.name) == "unreadable"
        assert states.pop("new.md") == "new"
        assert set(states.values()) == {"indexed"}
        row = seen.page.locator("tr:not(.findings)", has_text=first.name)
        article = small_library.article(first.name)
        expect(row).to_contain_text(article.title)
        expect(row).to_contain_text(article.meta.author)
        expect(row).to_contain_text(article.meta.date)
        passages = len(small_library.passages(article.id))
        expect(row.locator(".number")).to_have_text(str(passages))
        linked = seen.page.locator("tr:not(.findings)", has_text=third.name)
        expect(linked).to_contain_text("a symbolic link")


def test_an_article_opens_whole_and_a_note_opens_its_place(visit, chat, library):
    seen = open_shelf(visit(chat).open())
    row = seen.page.locator(".shelf tr:not(.findings)", has_text="004_")
    row.locator(".opens").click()
    seen.page.wait_for_selector(".pane:visible")
    article = next(each for each in library.articles if each.id.startswith("004_"))
    expect(seen.page.locator(".pane-title")).to_have_text(article.title)
    expect(seen.page.locator(".pane mark.cited")).to_have_count(0)
    seen.page.keyboard.press("Escape")
    expect(row.locator(".opens")).to_be_focused()
    row.locator("[data-findings]").click()
    note = seen.page.locator(".findings:visible .opens").first
    quote = seen.page.locator(".findings:visible .excerpt").first.inner_text()
    note.click()
    seen.page.wait_for_selector(".pane mark.cited")
    marked = "".join(seen.page.locator(".pane mark.cited").all_text_contents())
    assert " ".join(marked.split())[:40] in quote


def test_the_table_can_be_searched(visit, chat):
    seen = open_shelf(visit(chat).open())
    everything = len(rows(seen))
    seen.page.fill(".shelf-find input", "techbrew indexed")
    seen.page.wait_for_function(
        f"document.querySelectorAll('.shelf tbody tr:not(.findings)').length < {everything}"
    )
    assert rows(seen)
    seen.page.fill(".shelf-find input", "nobody wrote this")
    seen.page.wait_for_selector("text=No article fits these words.")


def test_many_articles_come_page_by_page(tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(AT_ONCE + 7):
        text = f"# Number {number}\n\nIt says {number} times that it is one of many.\n"
        (folder / f"{number:03}.md").write_text(text, "utf-8")
    library = open_library(tmp_path / "index", folder, embedder=HashEmbedder())
    library.build()
    first, second = Shelves(library).write(), Shelves(library).write(start=AT_ONCE)
    assert first.rows.count('scope="row"') == AT_ONCE
    assert "Show 7 more of 7" in first.more
    assert second.rows.count('scope="row"') == 7
    assert second.more == ""


def test_a_stale_index_is_told_and_one_click_brings_it_up_to_date(visit, small_library):
    small_library.build()
    (small_library.folder / "new.md").write_text(
        "# Zebras\n\nZebras sleep standing up in the savannah.\n", "utf-8"
    )
    with serving(small_library) as address:
        seen = visit(address).open()
        strip = seen.page.locator(".strip")
        strip.wait_for()
        expect(strip).to_contain_text("1 article new")
        strip.get_by_role("button", name="Update the index").click()
        seen.page.wait_for_selector("text=The index is up to date: 6 articles")
        seen.page.wait_for_selector(".welcome .lead:has-text('6 articles')")
        seen.ask("Where do zebras sleep?")
        expect(seen.page.locator(".turn")).to_contain_text("Zebras")


def test_news_of_the_folder_from_before_a_build_is_not_told_after_it(visit, small_library):
    small_library.build()
    (small_library.folder / "new.md").write_text("# New\n\nNews are new.\n", "utf-8")
    late: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        late.append((route, route.fetch()))

    with serving(small_library) as address:
        seen = visit(address)
        seen.page.route("**/standing", hold, times=1)
        seen.open()
        wait_until(lambda: late or seen.page.wait_for_timeout(10))
        open_shelf(seen).page.locator(".shelf-head [data-build]").click()
        seen.page.wait_for_selector(".strip[data-kind=done]")
        [(route, response)] = late
        assert response.json()["stale"]
        with seen.page.expect_response("**/standing"):
            route.fulfill(response=response)
        expect(seen.page.locator(".strip")).to_contain_text("The index is up to date")


@pytest.mark.ui(number=13)
def test_a_build_shows_its_progress_and_refuses_a_second_while_asking_goes_on(visit, small_library):
    small_library.build()
    embedder = PausingEmbedder()
    library = Library(small_library.settings, embedder)
    with serving(library) as address:
        seen = visit(address).open()
        for name in ("new.md", "newer.md"):
            text = f"# {name}\n\nZebras sleep standing up, says {name}.\n"
            (library.folder / name).write_text(text, "utf-8")
        embedder.may_go_on = False
        open_shelf(seen).page.locator("[data-build]:visible").first.click()
        wait_until(lambda: embedder.waits)
        seen.page.wait_for_selector(".strip progress[max]:visible")
        expect(seen.page.locator(".strip-said")).to_contain_text(
            re.compile(r"Embedding sentences, 0 of \d+")
        )
        again = httpx.post(f"{address}build", json={})
        assert again.status_code == 409
        assert "a build is running already" in again.json()["error"].lower()
        seen.page.get_by_role("link", name="Ask").click()
        seen.ask()
        expect(seen.page.locator(".chip")).not_to_have_count(0)
        embedder.may_go_on = True
        seen.page.wait_for_selector("text=The index is up to date: 7 articles")


def test_what_another_process_builds_is_not_disturbed(visit, small_library):
    small_library.build()
    (small_library.folder / "new.md").write_text("# New\n\nNews are new.\n", "utf-8")
    held = os.open(small_library.store.root / "LOCK", os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        with serving(small_library) as address:
            seen = visit(address).open()
            seen.page.locator(".strip [data-build]").click()
            seen.page.wait_for_selector(".strip-said:has-text('nother build')")
            expect(seen.page.locator(".strip")).to_have_attribute("data-kind", "refused")
    finally:
        os.close(held)


def test_where_nothing_is_indexed_the_page_says_so_and_builds_it(visit, small_library):
    with serving(small_library) as address:
        seen = visit(address).open(wait=".unbuilt")
        expect(seen.page.locator(".unbuilt")).to_contain_text("5 files in")
        expect(seen.page.locator(".unbuilt")).to_contain_text("ibid build")
        seen.page.get_by_role("button", name="Build the index").click()
        seen.page.wait_for_selector(".welcome .example")
        expect(seen.page.locator(".strip")).to_contain_text("The index is up to date")
        seen.ask(QUESTION)
        expect(seen.page.locator(".chip")).not_to_have_count(0)


def test_where_no_folder_is_the_page_says_so(visit, tmp_path):
    nowhere = open_library(tmp_path / "index", tmp_path / "nowhere", embedder=HashEmbedder())
    with serving(nowhere) as address:
        seen = visit(address).open(wait=".trouble")
        expect(seen.page.locator(".trouble")).to_contain_text("does not exist")
        seen.page.get_by_role("link", name="Articles").click()
        seen.page.wait_for_selector(".shelf-head .caveat")


def test_a_build_that_fails_says_why_and_can_be_tried_again(small_library):
    rebuild = Rebuild(small_library)
    for path in small_library.folder.iterdir():
        path.unlink()
    rebuild.start()
    wait_until(lambda: rebuild.job.state is Phase.FAILED)
    assert "holds no articles" in rebuild.job.error
    (small_library.folder / "a.md").write_text("# A\n\nApples grow on trees.\n", "utf-8")
    rebuild.start()
    wait_until(lambda: rebuild.job.state is Phase.DONE)
    assert rebuild.job.said.startswith("The index is up to date: 1 article, 1 passage.")
    rebuild.start()
    wait_until(lambda: rebuild.job.state is Phase.DONE)
    assert rebuild.job.said.startswith("Nothing had changed")


def lose_all_but_one(library: Library) -> dict[Path, bytes]:
    """Take the files of all articles but the first away; return what they held."""
    files = sorted(library.folder.glob("*.txt"))[1:]
    held = {path: path.read_bytes() for path in files}
    for path in files:
        path.unlink()
    return held


def test_a_great_loss_is_asked_about_and_nothing_goes_before_the_answer(visit, small_library):
    small_library.build()
    held = lose_all_but_one(small_library)
    with serving(small_library) as address:
        seen = visit(address).open()
        seen.page.locator(".strip [data-build]").click()
        question = seen.page.locator(".strip[data-kind=asking]")
        question.wait_for()
        expect(question).to_contain_text("4 of 5 articles would leave the index")
        expect(question).to_contain_text("and 1 more")
        seen.page.evaluate("window.dispatchEvent(new Event('focus'))")  # a look at the folder
        seen.page.get_by_role("button", name="Keep the index as it is").click()
        question.wait_for(state="hidden")
        assert len(small_library.articles) == 5
        seen.page.evaluate("document.querySelector('.strip [data-build]').click()")
        question.wait_for()
        (path, text), *_ = held.items()
        path.write_bytes(text)  # fewer are lost than it asked about
        seen.page.get_by_role("button", name="Remove them").click()
        seen.page.wait_for_selector("text=The index is up to date: 2 articles")
        expect(seen.page.locator(".strip")).to_contain_text("3 removed")
        assert seen.complaints == []


def test_only_what_was_asked_about_is_removed(small_library):
    small_library.build()
    rebuild = Rebuild(small_library)

    def build(losing: str = "") -> Job:
        rebuild.start(losing)
        wait_until(lambda: rebuild.job.state is not Phase.RUNNING)
        return rebuild.job

    held = lose_all_but_one(small_library)
    first = build()
    assert first.state is Phase.ASKING
    assert build("something else").losing == first.losing
    last = next(small_library.folder.glob("*.txt"))
    text = last.read_bytes()
    last.unlink()
    (small_library.folder / "a.md").write_text("# A\n\nApples grow on trees.\n", "utf-8")
    second = build(first.losing)
    assert (second.state, second.said[:6]) == (Phase.ASKING, "5 of 5")
    assert build(first.losing).state is Phase.ASKING
    last.write_bytes(text)
    for path, text in held.items():
        path.write_bytes(text)
    assert build().said.startswith("The index is up to date: 6 articles, ")


@pytest.mark.long
def test_the_chat_answers_again_when_what_vanished_is_back(visit, small_library):
    small_library.build()
    folder, index = small_library.folder, small_library.store.root
    with serving(small_library) as address:
        seen = visit(address).open()
        for place in (index, folder):
            away = place.rename(place.with_name("away"))
            seen.ask()
            open_shelf(seen).page.get_by_role("link", name="Ask").click()
            if place == folder:
                assert httpx.post(f"{address}build", json={}).status_code == 200
                seen.page.wait_for_timeout(300)
                assert "does not exist" in httpx.get(f"{address}build").json()["error"]
            away.rename(place)
            seen.ask()
            expect(seen.page.locator("[data-turn]:last-of-type .chip")).not_to_have_count(0)
        httpx.post(f"{address}build", json={})
        wait_until(lambda: httpx.get(f"{address}build").json()["state"] == "done")


def test_two_builds_never_run_at_once(small_library):
    small_library.build()
    embedder = PausingEmbedder()
    rebuild = Rebuild(Library(small_library.settings, embedder))
    (small_library.folder / "a.md").write_text("# A\n\nApples grow on trees.\n", "utf-8")
    embedder.may_go_on = False
    rebuild.start()
    wait_until(lambda: embedder.waits)
    with pytest.raises(IndexLocked, match="running already"):
        rebuild.start()
    embedder.may_go_on = True
    wait_until(lambda: rebuild.job.state is Phase.DONE)
