"""A receipt says what is true: figures of the embedder that they were measured with alone."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from ibid.doctor.checks import Area, Health, examine
from ibid.library import Library
from ibid.output.as_json import answer_json
from ibid.output.formats import FORMATS
from ibid.output.terminal import print_answer
from ibid.output.web_page import answer_page as write_page
from ibid.output.wording import say_receipt
from ibid.ports import EmbedderIdentity
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.text.strings import tell_apart
from ibid.types.answers import Answer, Receipt, Run, Status
from ibid.types.calibration import MEASURED, round_score
from ibid.ui.panes.answers import write_answer

QUESTION = "Who won the football world cup in Brazil?"
RECEIPT = Receipt(0.0, MEASURED.closest, None)
RUN = Run("", "hashed-words", "", "", 0.0)
ANSWER = Answer(QUESTION, "", (), (), Status.NOT_IN_SOURCES, RUN, RECEIPT)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCORES = st.floats(0, 1)


class Renamed(HashEmbedder):
    """An embedder with the name of the one that everything was measured with."""

    identity = EmbedderIdentity(MEASURED.embedder, "1", 64)


def refused(library: Library) -> Answer:
    library.build()
    answer = library.ask(QUESTION)
    assert answer.status is Status.NOT_IN_SOURCES
    return answer


def written(answer: Answer, library: Library) -> dict[str, str]:
    """Return what every writer makes of an answer but JSON."""
    console = Console(file=(file := io.StringIO()), width=1000)
    print_answer(answer, library, console)
    texts = {suffix: FORMATS[suffix].write(answer, library) for suffix in ("md", "html")}
    page, pane = write_page(answer, library), write_answer(answer, library)
    return {**texts, "terminal": file.getvalue(), "page": page, "chat": pane}


def test_with_another_embedder_no_writer_gives_a_figure(small: Library):
    answer = refused(small)
    for name, text in written(answer, small).items():
        assert "probability" in text, name
        assert "in 100" not in text, name
    printed = answer_json(answer, small)
    assert (printed["receipt"]["missed"], printed["run"]["calibrated"]) == (None, False)
    assert "in 100" not in json.dumps(printed)


def test_with_the_embedder_that_was_measured_every_writer_gives_the_figure(
    articles: Path, tmp_path: Path
):
    settings = Settings(model="none")
    library = Library.open(articles, tmp_path / "index", settings, embedder=Renamed())
    answer = refused(library)
    for name, text in written(answer, library).items():
        assert f"Measured, that refuses {MEASURED.missed} in 100 questions" in text, name
    printed = answer_json(answer, library)
    assert (printed["receipt"]["missed"], printed["run"]["calibrated"]) == (MEASURED.missed, True)


@pytest.mark.parametrize("precision", ["auto", "fp32"])
def test_figures_hold_for_the_default_embedder_in_any_precision(precision: str):
    library = Library(Settings(precision=precision))
    assert MEASURED.holds_for(library.embedder.identity.name)


@pytest.mark.parametrize(
    "name", ["sentence-transformers/all-MiniLM-L6-v2", "./all-MiniLM-L6-v2", "all-MiniLM-L12-v2"]
)
def test_figures_hold_for_no_other_embedder(name: str):
    assert not MEASURED.holds_for(name)


def test_a_comparison_says_whether_its_thresholds_were_measured(built: Library):
    assert built.compare("apples").run.calibrated is False


def test_the_doctor_notes_an_embedder_that_nothing_was_measured_with(built: Library):
    (noted,) = (each for each in examine(built) if each.area is Area.EMBEDDER)
    assert noted.state is Health.NOTE
    assert "measured with all-MiniLM-L6-v2, not with it" in noted.text


def test_what_a_model_refuses_is_not_laid_to_the_threshold():
    receipt = replace(RECEIPT, score=0.62, threshold=0.4, missed=4)
    answer = replace(ANSWER, receipt=receipt, run=replace(RUN, model="scripted"))
    assert say_receipt(answer)[1] == (
        "The likeliest sentence answers with a probability of 0.62. It was read to scripted,"
        " which found no answer."
    )


@given(NUMBERS, NUMBERS)
@example(0.39996, 0.4)
@example(0.4, 0.4 - 2**-54)
@example(1e-300, 2e-300)
def test_two_numbers_that_differ_are_printed_so_that_they_do(one: float, other: float):
    first, second = tell_apart(one, other)
    assert (float(first) < float(second)) == (one < other)
    assert (first == second) <= (one == other)


@given(SCORES, SCORES)
@example(0.39996, 0.4)
def test_a_score_is_never_rounded_over_its_threshold(score: float, threshold: float):
    assert (round_score(score, threshold) < threshold) == (score < threshold)


@given(SCORES)
@example(0.3996)
@example(0.39999999)
def test_a_receipt_never_says_that_a_score_is_what_an_answer_needs(score: float):
    receipt = replace(RECEIPT, score=round_score(min(score, 0.4 - 2**-54), 0.4), threshold=0.4)
    _, measured = say_receipt(replace(ANSWER, receipt=receipt))
    said, needed = (word.strip(",.;") for word in measured.split() if word[0].isdigit())
    assert float(said) < float(needed)
