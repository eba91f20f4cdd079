"""A question of several parts: each is answered or refused by itself, and all are shown."""

import re

import pytest

from ibid.answering import divide, end_of_numbers
from ibid.library import Library
from ibid.output import FORMATS, answer_json
from ibid.search import ALL
from ibid.settings import Settings
from ibid.testing import ScriptedGenerator
from ibid.types import Anew, Delta, Done, Found, Status
from ibid.ui.talk.records import export, write_record

TWO = "Who is Atomwise and how many people may a rare disease affect in the US?"
HALF = "Who is Atomwise and what are the side effects of AI in football?"
FIRST = "Who is Atomwise?"


def parts_of(question: str) -> list[str]:
    return [part.question for part in divide(question, ALL, list)]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (TWO, [FIRST, "How many people may a rare disease affect in the US?"]),
        (
            "who is atomwise, what is exscientia and when will AI change medicine",
            ["Who is atomwise?", "What is exscientia?", "When will AI change medicine?"],
        ),
        ("Who is Atomwise? Is insulin cheap?", [FIRST, "Is insulin cheap?"]),
        (
            "Where was Martin Luther born and when did Nikola Tesla die?",
            ["Where was Martin Luther born?", "When did Nikola Tesla die?"],
        ),
        (
            "How is AI used in clinics, but what are the dangers of bias?",
            ["How is AI used in clinics?", "What are the dangers of bias?"],
        ),
    ],
)
def test_full_questions_are_told_apart(question, parts):
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "With whom does Amgen cooperate, and where?",
        "What are the pros and cons of insulin?",
        "When will AI revolutionize medicine, and do they agree?",
        "What is AI and how does it work?",
        "How much does drug discovery cost and what are the benefits?",
        "What are the benefits, and what are the risks of AI in healthcare?",
        "Who founded Google in 1998 and was later sold?",
        "Why do doctors ask how AI works and what data are used?",
        "What is the name of the head coach, who was hired after John Fox?",
        "Do you know who founded Amgen and when Nvidia began?",
        "Do you know who Amgen is and which drugs Amgen is selling?",
        "Where and when did the plague begin?",
        "What is the difference between AI and what people call ML?",
        "What should I know about AI and what should I avoid?",
        "The Rhine flowed through Swabia and what other location in the 10th century?",
        "How do hospitals and doctors use AI?",
        "Compare the costs and what experts say",
        " and ".join(f"who is Doctor{n}" for n in "ABCDEF") + "?",
    ],
)
def test_what_cannot_be_asked_alone_stays_whole(question):
    assert parts_of(question) == [question]


def test_each_part_is_answered_by_itself_and_all_are_one_answer(library):
    answer = library.ask(TWO)
    assert [part.question for part in answer.parts] == parts_of(TWO)
    assert [part.claims for part in answer.parts] == [
        library.ask(part).claims for part in parts_of(TWO)
    ]
    assert [claim.text for claim in answer.claims] == [
        claim.text for part in answer.parts for claim in part.claims
    ]
    for number, claim in enumerate(answer.claims, start=1):
        assert claim.span.of(answer.text) == claim.text
        end = end_of_numbers(answer.text, claim)
        assert answer.text[claim.span.end : end] == f" [{number}]"
    assert all(part.question in answer.text for part in answer.parts)


def test_one_part_may_be_refused(library):
    answer = library.ask(HALF)
    one, other = answer.parts
    assert one.status is Status.CLOSEST
    assert other.status is Status.NOT_IN_SOURCES
    assert answer.status is Status.PARTIAL
    assert answer.receipt == other.receipt
    assert "football" in other.receipt.unused
    assert answer.text.endswith(f"{other.question}\n\n{other.text}")
    turned = library.ask("What are the side effects of AI in football and who is Atomwise?")
    assert [part.status for part in turned.parts] == [other.status, one.status]
    assert all(claim.span.of(turned.text) == claim.text for claim in turned.claims)


def test_a_part_may_name_its_own_articles(library):
    asked = "What does rkoots say about cost and what does TechBrew Daily say about trials?"
    answer = library.ask(asked)
    assert [part.run.named["author"] for part in answer.parts] == ["rkoots", "TechBrew Daily"]
    assert not answer.run.named
    assert "within" not in answer.run.settings


@pytest.mark.parametrize("suffix", [*FORMATS])
def test_every_format_has_all_parts_also_of_a_kept_answer(library, suffix):
    answer = library.ask(TWO)
    written = FORMATS[suffix].write(answer, library)
    exported = export(write_record(answer, library), suffix, library)
    assert exported == re.sub(r"(?:/[^/\s\"`]+)+/(?=\d{3})", "", written)  # where the folder is
    if suffix not in ("bib", "csl.json"):
        assert all(part.question in written.replace("\\", "") for part in answer.parts)


def test_json_has_the_parts_as_answers(library):
    written = answer_json(library.ask(HALF), library)
    assert [part["status"] for part in written["parts"]] == ["closest", "not_in_sources"]
    assert [part["parts"] for part in written["parts"]] == [[], []]


def test_a_model_writes_part_after_part(library):
    said = ("Atomwise is leveraging generative AI.", "It may affect 200,000 people.")
    asked = Library.open(
        library.folder, library.store.root, Settings(), generator=ScriptedGenerator(*said)
    )
    events = list(asked.stream(TWO))
    assert isinstance(events[0], Found)
    assert isinstance(events[-1], Done)
    assert sum(isinstance(event, Found) for event in events) == 1
    written = ""
    for event in events:
        if isinstance(event, Anew):  # it is asked once more for the second part
            written = event.text
        elif isinstance(event, Delta):
            written += event.text
    assert written == "\n\n".join(said)
