"""Related questions: for headings near an answer, and none that is refused when it is asked."""

from html import unescape
from pathlib import Path

import pytest

from ibid.library import Library
from ibid.settings import Settings
from ibid.types import Answer, Status
from ibid.ui.panes.answers import finish
from ibid.ui.panes.welcome import ask_about
from ibid.ui.talk import related
from ibid.ui.talk.history import Exchange, Keeper
from ibid.ui.talk.related import SHOWN, Related, list_candidates
from ibid.ui.talk.request import Within

FAR = "who won the football world cup of 1998?"


@pytest.fixture(scope="module")
def seeds(seed_index: Path) -> Library:
    return Library.open(Path(__file__).parents[2] / "seeds", seed_index, Settings(model="none"))


def relate(question: str, library: Library, folder: Path, within: Within) -> tuple[Answer, str]:
    """Return the answer to a question, and the HTML of what is related to it."""
    answer = library.ask(question, within.filter)
    finished = finish(answer, library)
    turn = Exchange(1, question, "", within, finished.record, cited=finished.cited)
    saved = Keeper(folder).add("", [turn])
    assert saved
    return answer, Related(library, Keeper(folder)).write(saved.id, 1)


def test_of_a_conversation_that_was_deleted_meanwhile_nothing_is_related_until_it_is_back(
    seeds: Library, tmp_path: Path
):
    answer, keeper = finish(seeds.ask("data bias"), seeds), Keeper(tmp_path)
    turn = Exchange(1, "data bias", "", Within(), answer.record, cited=answer.cited)
    saved = keeper.add("", [turn])
    assert saved
    found = Related(seeds, keeper)
    html = found.write(saved.id, 1)
    assert list_asked(html)
    keeper.forget(saved.id)
    assert found.write(saved.id, 1) == ""
    assert Related(seeds, keeper).write(saved.id, 1) == ""
    keeper.restore()
    assert found.write(saved.id, 1) == html


def list_asked(html: str) -> list[str]:
    return [unescape(part.partition('"')[0]) for part in html.split('data-ask="')[1:]]


@pytest.mark.parametrize(
    ("question", "only"),
    [(FAR, ""), ("what does a bicycle cost?", "003_ca3648f82df096df.txt"), ("data bias", "")],
)
def test_each_related_question_is_answered_where_it_will_be_asked(
    seeds: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, only: str
):
    monkeypatch.setattr(related, "SECONDS", 600)  # this machine may do much else
    within = Within(only=only)
    before, html = relate(question, seeds, tmp_path, within)
    asked = list_asked(html)
    assert 0 < len(asked) <= SHOWN
    quotes = {claim.text for claim in before.claims}
    for each in asked:
        answer = seeds.ask(each, within.filter)
        assert answer.status is Status.ANSWERED, each
        assert not {claim.text for claim in answer.claims} <= quotes
        if only:
            assert {c.passage.article for claim in answer.claims for c in claim.citations} == {only}


def test_what_takes_long_is_not_tried(
    seeds: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(related, "SECONDS", 0)
    assert relate(FAR, seeds, tmp_path, Within())[1] == ""


def test_headings_that_ask_come_first_and_those_that_tell_nothing_not_at_all(seeds: Library):
    candidates = list_candidates(seeds.ask(FAR), seeds)
    asks = [not each.startswith("What do the articles say") for each in candidates]
    assert asks == sorted(asks, reverse=True)
    for title in ("Conclusion", "**How it works:**", "FAQ", "", "1.", "Part: two", "x" * 200):
        assert ask_about(title) == "", title
    assert ask_about("2. Data Bias:") == "What do the articles say about “Data Bias”?"
    assert ask_about("Q3: Will AI replace doctors?") == "Will AI replace doctors?"


def test_a_heading_is_shown_as_text(small: Library, articles: Path, tmp_path: Path):
    title = 'What do <img src=x onerror=hurt()> "pears" & ${apples} cost?'
    text = f'# Pears\n\n## {title}\n\nPears "pears" & apples cost two coins each, img src.\n'
    (articles / "pears.md").write_text(text, "utf-8")
    small.build()
    _, html = relate(FAR, small, tmp_path / "kept", Within())
    assert "<img" not in html
    assert list_asked(html)[0] == 'What do "pears" & ${apples} cost?'
