"""Asking, and following a citation to its place."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ibid.library import Library
from ibid.testing import HashEmbedder
from ibid.text.strings import plain

from .scene import QUESTION, Visit, open_library, serving

TRUE = (
    "The accuracy of AI models depends heavily on the quality and representativeness of the "
    "training data."
)
ALTERED = TRUE.replace("depends", "does not depend")
WRITTEN = (
    f"There are several challenges:\n\n- {TRUE} [1][99]\n- {ALTERED} [2]\n"
    "- Data scarcity, data bias, and ethical concerns surrounding data privacy are significant "
    "hurdles [source: x].\n- Dragons guard every laboratory in Wales 【7】."
)
CLIPBOARD = ("clipboard-read", "clipboard-write")
PLACE = """() => {
  const body = document.querySelector('.pane-body').getBoundingClientRect();
  const marks = [...document.querySelectorAll('.pane mark.cited')];
  const boxes = marks.flatMap(mark => [...mark.getClientRects()]);
  return {
    text: marks.map(mark => mark.textContent).join(''),
    seen: boxes.length > 0 && boxes.every(b => b.top >= body.top && b.bottom <= body.bottom),
    focused: document.activeElement === marks[0],
  };
}"""


def words(text: str) -> str:
    return " ".join(text.split())


def stored(key: str, library: Library) -> str:
    """What the index holds at the place that a chip names."""
    id, start, end = re.fullmatch(r"(\w+)-(\d+)-(\d+)", key).groups()
    passage = library.passage(id)
    text = library.article(passage.article).text
    return text[passage.span.start + int(start) : passage.span.start + int(end)]


def open_chip(seen: Visit, number: int) -> str:
    """Click a chip, wait for its sentence and return its key."""
    chip = seen.page.locator(".turn:last-child .chip").nth(number)
    chip.click()
    seen.page.wait_for_function(
        "chip => chip.classList.contains('active')", arg=chip.element_handle()
    )
    return chip.get_attribute("data-cite")


@pytest.mark.long
@pytest.mark.ui(number=4)
def test_every_chip_leads_to_exactly_its_sentence(visit, chat, library):
    seen = visit(chat).open()
    seen.ask()
    chips = seen.page.locator(".chip").count()
    assert chips >= 5
    for number in range(chips):
        key = open_chip(seen, number)
        place = seen.page.evaluate(PLACE)
        assert words(place["text"]) == plain(stored(key, library))
        assert place["seen"]
        assert place["focused"]


def test_the_other_sentences_of_the_answer_are_marked_lighter(visit, chat, library):
    seen = visit(chat).open()
    seen.ask()
    first = seen.page.locator(".quoted").first.locator(".chip")
    open_chip(seen, 0)
    lighter = words(" ".join(seen.page.locator(".pane mark.also").all_text_contents()))
    others = [first.nth(number).get_attribute("data-cite") for number in range(1, first.count())]
    assert others
    assert all(word in lighter for key in others for word in plain(stored(key, library)).split())


def test_a_quote_across_emphasis_is_marked_whole(visit, chat, library):
    seen = visit(chat).open()
    article = next(each for each in library.articles if "**Data Bias:** The" in each.text)
    passage = next(p for p in library.passages(article.id) if "**Data Bias:** The" in p.text)
    start = passage.text.index("**Data Bias:** The")
    end = passage.text.index("training data.", start) + len("training data.")
    response = seen.page.request.get(f"{chat}source/{passage.id}-{start}-{end}").json()
    marked = re.findall(r'<mark class="cited">(.*?)</mark>', response["html"])
    text = words("".join(re.sub(r"<[^>]+>", "", each) for each in marked))
    assert text == plain(passage.text[start:end])
    assert marked[0] == "Data Bias:"
    assert '<strong><mark class="cited">Data Bias:</mark></strong>' in response["html"]


@pytest.mark.ui(number=6)
def test_enter_opens_the_source_and_escape_returns_to_the_chip(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    chip = seen.page.locator(".chip").nth(2)
    chip.focus()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(".pane mark.cited")
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator(".pane")).to_be_hidden()
    expect(chip).to_be_focused()


def test_the_next_button_walks_through_the_citations(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    open_chip(seen, 0)
    assert seen.page.get_by_label("Previous citation").is_disabled()
    seen.page.get_by_label("Next citation").click()
    seen.page.wait_for_selector(".chip.active:text-is('2')")
    expect(seen.page.locator(".position")).to_have_text(re.compile("^2 of "))


@pytest.mark.ui(number=7)
def test_the_card_shows_the_title_the_date_and_the_sentence(visit, chat, library):
    seen = visit(chat).open()
    seen.ask()
    chip = seen.page.locator(".chip").nth(1)
    chip.hover()
    seen.page.wait_for_selector(".card:visible")
    quote = plain(stored(chip.get_attribute("data-cite"), library))
    expect(seen.page.locator(".card-quote")).to_have_text(quote)
    article = library.article(
        library.passage(chip.get_attribute("data-cite").split("-")[0]).article
    )
    expect(seen.page.locator(".card-title")).to_have_text(article.title)
    expect(seen.page.locator(".card-about")).to_contain_text(article.meta.date)


def test_the_sources_are_listed_once_with_their_counts(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    rows = seen.page.locator(".sources li").all_text_contents()
    counts = [int(re.search(r"(\d+) quote", row)[1]) for row in rows]
    assert len(rows) >= seen.page.locator(".quoted").count()  # some only say the same
    expect(seen.page.locator(".chip")).to_have_count(sum(counts))


def test_a_question_that_the_articles_do_not_answer_is_refused_with_the_nearest_passages(
    visit, chat
):
    seen = visit(chat).open()
    seen.ask("who won the 1998 football world cup?")
    expect(seen.page.locator(".refusal")).to_have_text("Your articles do not say.")
    expect(seen.page.locator(".chip")).to_have_count(0)
    seen.page.locator(".nearest .source").first.click()
    seen.page.wait_for_selector(".pane mark.cited")


@pytest.mark.ui(number=10)
def test_what_a_model_writes_is_told_apart_in_words(visit, written_chat, model):
    model.will_write(WRITTEN)
    seen = visit(written_chat).open()
    seen.ask()
    verdicts = seen.page.locator(".written .verdict").all_text_contents()
    assert any(verdict.startswith("altered here: “") for verdict in verdicts)
    assert "not in the articles" in verdicts
    expect(seen.page.locator(".summary")).to_contain_text("4 sentences: ")


def test_the_very_words_that_a_model_altered_are_marked_where_they_stand(
    visit, written_chat, model
):
    model.will_write(WRITTEN)
    seen = visit(written_chat).open()
    seen.ask()
    marked = seen.page.locator(".written mark.change").first
    assert marked.inner_text() in ALTERED
    expect(marked).to_have_attribute("title", re.compile(re.escape(marked.inner_text())))
    behind = marked.evaluate("mark => mark.nextElementSibling.textContent")
    assert behind == " (altered)"
    with seen.page.expect_download() as download:
        seen.page.locator(".foot .menu summary").click()
        seen.page.get_by_role("button", name="Web page").click()
    saved = Path(download.value.path()).read_text("utf-8")
    assert f'<mark class="change">{marked.inner_text()}</mark>' in saved


def test_of_two_chips_of_one_quote_escape_returns_to_the_one_that_was_clicked(
    visit, written_chat, model
):
    model.will_write(WRITTEN)
    seen = visit(written_chat).open()
    seen.ask()
    second = seen.page.locator(".chip.altered")
    expect(seen.page.locator(".chip").first).to_have_text(second.inner_text())
    second.click()
    seen.page.wait_for_selector(".pane mark.cited")
    expect(seen.page.locator(".chip.active")).to_have_count(1)
    seen.page.keyboard.press("Escape")
    expect(second).to_be_focused()


@pytest.mark.ui(number=11)
def test_numbers_that_a_model_made_up_are_no_chips(visit, written_chat, model):
    model.will_write(WRITTEN)
    seen = visit(written_chat).open()
    seen.ask()
    chips = seen.page.locator(".written .chip").all_text_contents()
    assert chips
    assert set(map(int, chips)) <= set(range(1, len(chips) + 1))
    assert not re.search(r"\[\d|99|【", seen.page.locator(".written").inner_text())


@pytest.mark.ui(number=3)
def test_a_growing_answer_only_grows_and_shows_no_half_citation(visit, written_chat, model):
    item = f"- {TRUE} [1][99] 【7】\n"
    model.will_write(f"There are several challenges:\n\n{item * 9}", pause=0.005)
    seen = visit(written_chat).open()
    seen.page.evaluate(
        """() => {
          window.shown = [];
          new MutationObserver(() => {
            const draft = document.querySelector('.draft');
            if (draft) shown.push([performance.now(), draft.textContent]);
          }).observe(
            document.querySelector('#live'),
            {subtree: true, childList: true, characterData: true},
          );
        }"""
    )
    seen.ask()
    shown = seen.page.evaluate("shown")
    texts = [text for _, text in shown]
    assert len(texts) >= 5
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert not any(re.search(r"\[|【", text) for text in texts)
    seconds = (shown[-1][0] - shown[0][0]) / 1000
    assert len(texts) <= 20 * max(seconds, 1)


@pytest.mark.long
@pytest.mark.ui(number=5)
def test_twelve_clicks_while_an_answer_grows_open_twelve_sources(
    visit, written_chat, model, library
):
    model.will_write(WRITTEN)
    seen = visit(written_chat).open()
    seen.ask()
    model.will_write(f"{WRITTEN} " * 40, pause=0.1)  # so that a chip stands still for a click
    seen.type("and what else is difficult in drug discovery?")
    seen.page.wait_for_selector("[data-state=open] .draft")
    chips = seen.page.locator("[data-turn='1'] .chip")
    for click in range(12):
        chip = chips.nth(click % chips.count())
        chip.click()
        seen.page.wait_for_function(
            "key => document.querySelector('.chip.active')?.dataset.cite === key",
            arg=chip.get_attribute("data-cite"),
        )
        marked = words(seen.page.evaluate(PLACE)["text"])
        assert marked == plain(stored(chip.get_attribute("data-cite"), library))
    expect(seen.page.locator("[data-state=open] .draft")).to_have_count(1)


@pytest.mark.ui(number=14)
def test_stop_keeps_what_was_written_as_unchecked(visit, written_chat, model):
    model.will_write(f"{WRITTEN} " * 60, pause=0.02)
    seen = visit(written_chat).open()
    seen.type(QUESTION)
    seen.page.wait_for_selector(".draft")
    seen.page.click("#stop")
    seen.page.wait_for_selector("[data-state=done]")
    expect(seen.page.locator("[data-state=done] .stage")).to_contain_text("not checked")
    assert model.closed.wait(3)
    model.will_write(WRITTEN)
    seen.type(QUESTION)
    seen.page.wait_for_selector("[data-turn='2'] .chip")


@pytest.mark.ui(number=14)
def test_closing_the_tab_ends_the_writing(visit, written_chat, model):
    model.will_write(f"{WRITTEN} " * 200, pause=0.02)
    seen = visit(written_chat).open()
    seen.type(QUESTION)
    seen.page.wait_for_selector(".draft")
    seen.page.close()
    assert model.closed.wait(3)


def test_a_finished_answer_is_announced_once(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    seen.page.wait_for_selector(
        "#status [role=status]:has-text('Answer ready: ')", state="attached"
    )


def test_an_example_asks_itself_and_the_conversation_can_be_cleared(visit, chat):
    seen = visit(chat).open()
    example = seen.page.locator(".example").first
    question = example.text_content()
    example.click()
    seen.page.wait_for_selector("[data-state=done]")
    expect(seen.page.locator(".question")).to_have_text(question)
    seen.page.get_by_text("New conversation").click()
    seen.page.wait_for_selector(".welcome")
    expect(seen.page.locator(".turn")).to_have_count(0)


def test_the_address_can_hold_the_question(visit, chat):
    said = ".composer-sorry:has-text('Press Enter')"
    seen = visit(chat).open("?q=what+are+the+ethical+concerns%3F", said)
    seen.page.locator("#box").press("Enter")
    seen.page.wait_for_selector("[data-state=done]")
    expect(seen.page.locator(".question")).to_have_text("what are the ethical concerns?")


def test_an_answer_can_be_copied_as_markdown(visit, chat):
    seen = visit(chat, permissions=CLIPBOARD).open()
    seen.ask()
    seen.page.locator(".foot").get_by_text("Copy as Markdown").click()
    seen.page.get_by_text("Copied").wait_for()
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"**{QUESTION}**")
    assert re.search(
        r"^\*\*.+\*\* .+ `[^/`]+`\n\n> \[1\] “.+” \(.*line \d+\)$", copied, re.MULTILINE
    )
    assert "**Data Bias" not in copied


def test_without_an_index_the_page_says_what_to_do_and_works_once_it_is_built(visit, small_library):
    with serving(small_library) as address:
        seen = visit(address).open(wait=".unbuilt")
        seen.ask()
        expect(seen.page.locator("[data-turn='1'] .trouble")).to_contain_text("ibid build")
        small_library.build()
        seen.ask("what are the challenges of data bias in AI models?")
        expect(seen.page.locator("[data-turn='2'] .chip")).not_to_have_count(0)


def test_a_quote_whose_file_was_edited_says_so_behind_it_and_in_its_source(visit, small_library):
    small_library.build()
    (path,) = small_library.folder.glob("002*")
    path.write_text("A new line.\n\n" + path.read_text("utf-8"), "utf-8")
    with serving(small_library) as address:
        seen = visit(address).open()
        seen.ask("What is the black box nature of deep learning models?")
        note = seen.page.locator(".notes").first
        expect(note).to_be_visible()
        expect(note).to_contain_text("its file was edited since; it stands in line")
        seen.page.locator(".notes").first.locator("..").locator(".chip").click()
        seen.page.wait_for_selector(".pane mark.cited")
        expect(seen.page.locator(".pane")).to_contain_text("its file was edited since")


def test_a_long_article_is_read_on_in_both_directions(visit, tmp_path):
    stones = "".join(f"Stone {number} lies there.\n\n" for number in range(1600))
    (tmp_path / "articles").mkdir()
    text = f"{stones}Pears ripen late in cold rooms.\n\n{stones}"
    (tmp_path / "articles" / "pears.md").write_text(text, "utf-8")
    library = open_library(tmp_path / "index", tmp_path / "articles", embedder=HashEmbedder())
    library.build()
    with serving(library) as address:
        seen = visit(address).open()
        seen.ask("Do pears ripen late in cold rooms?")
        seen.page.locator("[data-turn] [data-cite]").first.click()
        seen.page.wait_for_selector(".pane mark.cited")
        expect(seen.page.locator(".pane mark.cited")).to_be_visible()
        for side in ("before", "after"):
            long = seen.page.locator(".pane .text").inner_text()
            seen.page.locator(f"[data-read-on={side}]").click()
            seen.page.wait_for_function(
                "long => document.querySelector('.pane .text').innerText.length > long + 9000",
                arg=len(long),
            )
        shown = seen.page.locator(".pane .text").inner_text()
        assert shown.count("Stone 0 lies") == 2
        assert shown.count("Stone 1599 lies") == 2
        expect(seen.page.locator(".pane mark.cited")).to_have_count(1)
