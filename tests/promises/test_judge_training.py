"""What the judge of entailment is trained on: true claims, and false ones of each class."""

import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))
pytest.importorskip("torch")

import torch
from altering import Altering
from claims import Making
from judge import Texts, missed, read_weights
from model import Judge
from pairs import Label, Place
from people import around, read_wice
from rewording import ASSERTED, WAYS, honest
from turning import RULES

from ibid.adapters.embedders.minilm_graph import APART
from ibid.adapters.readers.minilm_reader import WEIGHTS

SENTENCES = (
    "Amgen collaborates with Nvidia on drug discovery.",
    "A survey in Boston by Roche on 12 March 2024 found that 40% of all patients pay $300 a year.",
    "Bias in training data can lead to inaccurate outcomes because nobody checks the data.",
    "The drug may help more than two people before the third dose, and costs are falling.",
    "Experts believe that the vaccine protects most children for several years.",
    "The new test is a good and cheap method, which doctors use in large hospitals.",
    "It is faster than the old test of Roche.",
)


def draw(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - nothing is kept secret by it


def places() -> list[Place]:
    count = range(len(SENTENCES))
    return [Place("Drugs", "", "Ana Kim", "", SENTENCES, n, "drugs.md", "own") for n in count]


def make(rule: str, place: Place):
    names = ["Pfizer", "Merck"]
    tries = (Altering(draw(seed), places(), names) for seed in range(20))
    return [pair for tried in tries if (pair := RULES[rule](tried, place))]


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_makes_a_claim_that_the_article_does_not_have(rule: str):
    made = [pair for place in places() for pair in make(rule, place)]

    assert made
    for pair in made:
        assert pair.label is not Label.SUPPORTED
        assert pair.claim not in pair.evidence.sentences


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_calls_wrong_is_a_part_of_its_claim(rule: str):
    for pair in (pair for place in places() for pair in make(rule, place)):
        for span in pair.wrong or ():
            assert 0 <= span.start < span.end <= len(pair.claim)
            assert span.of(pair.claim) == span.of(pair.claim).strip()


def test_swapped_roles_keep_the_words_and_their_verb():
    claims = {pair.claim for pair in make("roles", places()[0])}

    assert claims == {"Nvidia on drug discovery collaborates with Amgen."}


def test_what_governs_a_clause_stays_in_the_article_alone():
    (pair, *_) = make("scope cut away", places()[0])

    assert pair.claim == SENTENCES[0]
    assert any("Amgen collaborates" in sentence for sentence in pair.evidence.sentences)


@pytest.mark.parametrize("way", WAYS)
def test_a_true_claim_keeps_its_figures(way: str):
    figures = {"12", "2024", "40", "300"}
    for seed in range(20):
        said = WAYS[way][0](places()[1], SENTENCES[1], draw(seed))
        assert said is None or all(f in said for f in figures - {"12"})


def test_a_true_claim_is_at_times_cut_out_of_what_asserts_it():
    pairs = [honest(places()[0], draw(seed)) for seed in range(200)]

    asserted = sum(pair.kind == "asserted" for pair in pairs) / len(pairs)
    assert asserted == pytest.approx(ASSERTED, abs=0.1)
    assert {pair.label for pair in pairs} == {Label.SUPPORTED}


def test_the_wrong_word_is_marked_among_the_tokens():
    (pair, *_) = [p for p in make("number", places()[3]) if "two" not in p.claim]
    tokens, marks = Texts().claim(pair.claim, pair.wrong or ())

    assert len(tokens) == len(marks)
    assert sum(marks) == 1


def test_not_supported_is_right_whichever_way_it_is_not():
    scores = torch.tensor([[-9.0, 9.0, 0.0], [-9.0, 0.0, 9.0], [9.0, 0.0, 0.0]])
    tokens, none = torch.zeros(3, 2), torch.zeros(3, 2, dtype=torch.bool)

    assert missed(scores[:2], tokens[:2], torch.tensor([3, 3]), tokens[:2], none[:2]) < 0.001
    assert missed(scores[2:], tokens[2:], torch.tensor([3]), tokens[2:], none[2:]) > 8


def test_a_claim_is_held_against_how_people_said_its_sentence():
    place = replace(places()[2], sentences=SENTENCES[2:3], number=0, told=("Nobody checks it.",))

    made = list(Making([place, *places()], 3).make([place], 40))

    assert {pair.evidence.sentences for pair in made} == {("Nobody checks it.",)}
    assert {pair.label is Label.SUPPORTED for pair in made} == {True, False}


def test_a_long_document_shows_what_is_right_and_what_is_alike_in_its_order():
    sentences = ["Bees dance.", "Rain falls.", "Honey is sweet.", "Bees make honey.", "End."]

    assert around("Honey of bees", sentences, [1]) == sentences[:4]
    assert around("Honey of bees", sentences, [4])[-1] == "End."


def test_what_is_not_supported_is_marked_and_left_out_once(tmp_path: Path):
    row = {
        "claim": "The house, built in 1900, is red.", "evidence": ["The house is red."],
        "claim_tokens": ["The", "house", ",", "built", "in", "1900", ",", "is", "red", "."],
        "non_supported_spans": [False] * 2 + [True] * 5 + [False] * 3,
        "supporting_sentences": [[0]],
    }  # fmt: skip
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), encoding="utf-8")

    whole, rest = read_wice(tmp_path / "rows.jsonl")

    assert (whole.claim, whole.label) == (row["claim"], Label.NOT)
    assert [s.of(whole.claim) for s in whole.wrong or ()] == [",", "built", "in", "1900", ","]
    assert (rest.claim, rest.label) == ("The house is red.", Label.SUPPORTED)


def test_the_layers_that_ibid_ships_are_where_training_begins():
    read = read_weights(WEIGHTS)
    judge = Judge(APART)
    judge.load_state_dict(read, strict=False)

    own = judge.state_dict()
    assert {name for name in own if name.startswith("upper.")} < read.keys()
    assert all(torch.equal(own[name], read[name]) for name in own.keys() & read.keys())
