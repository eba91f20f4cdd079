"""How quick the page is, and what many readers at once cost."""

import json
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import httpx
import pytest

from ibid.testing import ScriptedGenerator
from ibid.ui.talk.conversation import MOST_TURNS, Conversation, Finished, write_transcript
from ibid.ui.talk.request import Request

from .scene import QUESTION, open_library, serving

pytestmark = pytest.mark.long

READERS = 20
PAINT, USABLE, SOURCE = 1.0, 1.5, 0.1  # seconds
"""On a machine that has the time: with a load of 2 on two cores they hold by a factor of two."""

OPENED = """key => new Promise(opened => {
  const chip = document.querySelector(`.chip[data-cite="${key}"]`);
  const start = performance.now();
  const look = () => document.querySelector('.chip.active') === chip
    && document.activeElement.matches('.pane mark.cited')
    ? opened(performance.now() - start) : setTimeout(look, 2);
  chip.click();
  look();
})"""


def is_busy() -> bool:
    return os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1)


def patience() -> float:
    """How many times longer things may take: other work on the machine is not the page's."""
    return 1.0 + 2 * os.getloadavg()[0] / (os.cpu_count() or 1) * is_busy()


def test_the_page_is_painted_within_a_second_and_usable_within_one_and_a_half(visit, chat):
    visit(chat).open()
    paints, usable = [], []
    for _ in range(10):  # the best of several: what else runs can only add to it
        seen = visit(chat)
        seen.page.goto(chat)
        seen.page.wait_for_selector(".example")
        seen.page.wait_for_function("document.activeElement.id === 'box'")
        usable.append(seen.page.evaluate("performance.now()") / 1000)
        paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        paints.append(seen.page.evaluate(paint) / 1000)
        seen.page.close()
        if min(paints) < PAINT and min(usable) < USABLE:
            break
    print(f"first paint {min(paints):.2f} s, usable {min(usable):.2f} s")
    assert min(paints) < PAINT * patience()
    assert min(usable) < USABLE * patience()


def test_a_click_on_a_chip_shows_its_source_within_a_tenth_of_a_second(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    keys = seen.page.locator(".chip").evaluate_all("all => all.map(c => c.dataset.cite)")
    for _ in range(5):
        took = [seen.page.evaluate(OPENED, key) / 1000 for key in keys]
        if median(took) < SOURCE:
            break
    print(f"a source shows after {median(took) * 1000:.0f} ms, {max(took) * 1000:.0f} at most")
    assert median(took) < SOURCE * patience()


def ask_without_a_browser(address: str) -> str:
    """Ask as the page does, and return the HTML of the finished transcript."""
    session = secrets.token_hex(5)
    with httpx.Client(base_url=f"{address}gradio_api/queue/", timeout=120) as client:
        config = httpx.get(f"{address}config").json()
        submit = next(
            each["id"] for each in config["dependencies"] if each["targets"][0][1] == "submit"
        )
        sent = {"question": QUESTION, "within": {}, "instead": 0}
        joined = {"data": [None], "event_data": sent, "fn_index": submit, "session_hash": session}
        client.post("join", json=joined).raise_for_status()
        with client.stream("GET", "data", params={"session_hash": session}) as stream:
            messages = (json.loads(line[6:]) for line in stream.iter_lines() if line)
            done = next(each for each in messages if each["msg"] == "process_completed")
    return done["output"]["data"][0]


def memory() -> float:
    """Return the megabytes that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.ui(number=21)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Gradio's sockets
def test_twenty_readers_at_once_are_answered_and_memory_stays_flat(index):
    sentence = "Data scarcity, data bias, and ethical concerns are significant hurdles. "
    library = open_library(index, generator=ScriptedGenerator(sentence * 5))
    with serving(library) as address, ThreadPoolExecutor(READERS) as readers:
        held = []
        for _ in range(3):
            answers = list(readers.map(ask_without_a_browser, [address] * READERS))
            assert all('data-state="done"' in answer for answer in answers)
            assert all('class="chip' in answer for answer in answers)
            held.append(memory())
    print(f"memory after each {READERS} answers: {', '.join(f'{each:.0f}' for each in held)} MB")
    # It grows until Python has the room that so many at once need: measured, it stayed at 562 MB
    # from the hundredth visit to the hundred-and-eightieth.
    assert held[-1] - held[0] < 80


def test_what_is_on_the_page_and_in_its_file_is_capped():
    conversation = Conversation()
    for _ in range(MOST_TURNS + 5):
        conversation = conversation.begin(Request("why?")).end(Finished("<p>so</p>", "so"))
    assert len(conversation.turns) == MOST_TURNS
    assert conversation.turns[-1].number == MOST_TURNS + 5
    assert write_transcript(conversation, "").count("<article") == MOST_TURNS
