"""What ibid prints for programs is what its JSON Schemas say, and its short form is short."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from conftest import SEEDS
from ibid.library import Library
from ibid.output import (
    SHAPES,
    Console,
    answer_json,
    brief_answer_json,
    brief_comparison_json,
    brief_search_json,
    comparison_json,
    dump_line,
    proof_json,
    search_json,
    write_schema,
)
from ibid.output.terminal import print_answer
from ibid.settings import Settings
from ibid.testing import ScriptedGenerator
from ibid.types import Support

SAID = "Ensuring data privacy and security is paramount."
QUESTIONS = (
    "What challenges are cited for AI drug discovery?",
    "Who is Atomwise?",
    "Who won the football world cup of 1998?",
    "What is data bias and who is Atomwise?",
    "Who wrote the articles?",
    "what dose rkoots say about bais?",
)


def check(name: str, value: Any) -> None:
    """Hold what is printed against its schema."""
    read = json.loads(dump_line(value))
    Draft202012Validator.check_schema(write_schema(name))
    Draft202012Validator(write_schema(name)).validate(read)


@pytest.fixture(scope="module")
def answers(library: Library, seed_index: Any) -> list[Any]:
    """Answers of every kind: quotes, refusals, of parts, about the folder, and a model's."""
    text = f"{SAID} Ensuring data privacy and security is optional. Bananas are blue."
    model = ScriptedGenerator(text)
    written = Library.open(SEEDS, seed_index, Settings(), generator=model)
    return [*map(library.ask, QUESTIONS), written.ask(QUESTIONS[0])]


@pytest.mark.parametrize(
    ("name", "write"), [("ask", answer_json), ("ask-brief", brief_answer_json)]
)
def test_answers_of_every_kind_are_as_their_schema_says(
    name: str, write: Callable[..., Any], answers: list[Any], library: Library
):
    assert {claim.support for each in answers for claim in each.claims} >= {
        *(Support.VERBATIM, Support.ALTERED, Support.UNSUPPORTED)
    }
    assert any(each.parts for each in answers)
    for answer in answers:
        check(name, write(answer, library))


def test_searches_comparisons_and_verdicts_are_as_their_schemas_say(library: Library):
    query, hits = library.find("what dose rkoots say about bais?")
    check("search", search_json(hits, query, library))
    check("search-brief", brief_search_json(hits, library))
    for topic in ("data privacy", "market size forecast", "bananas"):
        comparison = library.compare(topic)
        check("compare", comparison_json(comparison, library))
        check("compare-brief", brief_comparison_json(comparison, library))
    proofs = library.verify(f"{SAID} Bananas are blue. {SAID.replace('paramount', 'optional')}")
    check("verify", [proof_json(each, library) for each in proofs])


def test_a_schema_refuses_what_has_another_shape(library: Library):
    answer = answer_json(library.ask(QUESTIONS[1]), library)
    for change in ({"more": 1}, {"status": "maybe"}, {"claims": [{"text": "x"}]}, {"text": None}):
        with pytest.raises(ValidationError):
            check("ask", answer | change)
    assert set(SHAPES) == {
        *("ask", "search", "compare", "verify", "ask-brief", "search-brief", "compare-brief"),
        "watch-questions",
    }


def test_a_brief_answer_has_a_verdict_and_places_for_each_sentence(
    answers: list[Any], library: Library
):
    brief = brief_answer_json(answers[-1], library)
    verbatim, altered, unsupported = brief["claims"]
    article, _, line = verbatim["places"][0].rpartition(":")
    assert SAID in library.article(article).text.splitlines()[int(line) - 1]
    assert "source" not in verbatim
    assert altered["source"][0] == SAID
    assert altered["changes"] == ["“optional” instead of “paramount”"]
    assert unsupported == {"support": "unsupported", "places": []}


def test_a_brief_answer_is_at_most_half_as_long_again_as_the_text(
    answers: list[Any], library: Library
):
    for answer in answers:
        brief = dump_line(brief_answer_json(answer, library))
        console = Console(file=(shown := StringIO()), width=1000)
        print_answer(answer, library, console)
        assert len(brief) <= 1.5 * len(shown.getvalue())
