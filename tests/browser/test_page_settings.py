"""What people set for themselves: the model of each question, and how the page looks to them."""

from playwright.sync_api import expect

from .scene import QUESTION

INVENTED = (
    "Ensuring data privacy and security is paramount. Data scarcity, data bias, and ethical "
    "concerns surrounding data privacy are significant hurdles. The moon is made of cheese."
)


def choose(page, name: str, value: str) -> None:
    page.click("[data-settings]")
    page.wait_for_selector(".settings-models label")
    page.check(f".settings [name={name}][value='{value}']")
    page.get_by_role("button", name="Done").click()


def test_the_model_is_chosen_in_the_page_and_what_is_missing_has_its_steps(
    visit, written_chat, model
):
    model.will_write(INVENTED)
    seen = visit(written_chat, reader="settings").open()
    page = seen.page
    seen.ask()
    claim = page.locator("[data-turn='1'] .claim.unsupported")
    expect(claim).to_be_visible()
    choose(page, "unsupported", "hidden")
    expect(claim).to_be_hidden()
    page.click("[data-settings]")
    steps = page.locator(".settings-models details")
    expect(steps).to_contain_text("2.5 GB")
    expect(steps).to_contain_text("ollama pull qwen3:4b-instruct")
    expect(steps).to_contain_text("install.sh")
    page.keyboard.press("Escape")
    choose(page, "model", "none")
    page.reload()
    page.wait_for_selector("[data-turn='1'][data-state=done]")
    expect(claim).to_be_hidden()
    seen.ask(f"{QUESTION} ")
    answer = page.locator("[data-turn='2'][data-state=done]")
    expect(answer.locator(".quoted")).not_to_have_count(0)
    expect(answer.locator(".written")).to_have_count(0)
    assert len(model.prompts) >= 1
    assert seen.elsewhere == []
    assert seen.complaints == []


def test_theme_and_text_size_stay_and_change_what_is_seen(visit, chat):
    seen = visit(chat, reader="looks of one's own", width=390, color_scheme="light").open()
    page = seen.page
    paper = "getComputedStyle(document.body).backgroundColor"
    size = "parseFloat(getComputedStyle(document.querySelector('.lead')).fontSize)"
    assert page.evaluate(paper) == "rgb(250, 248, 244)"
    before = page.evaluate(size)
    choose(page, "theme", "dark")
    choose(page, "size", "large")
    page.reload()
    page.wait_for_selector(".welcome")
    assert page.evaluate(paper) == "rgb(23, 22, 19)"
    assert abs(page.evaluate(size) - before * 1.2) < 0.1
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    seen.ask("what is data bias?")
    button = page.locator("#clear").bounding_box()
    assert button["x"] + button["width"] <= 390
    page.evaluate("localStorage.clear()")
