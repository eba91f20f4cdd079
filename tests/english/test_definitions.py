import pytest
from hypothesis import given

from clocks import at_most
from ibid.english.definitions import defined, defines
from ibid.english.words import unique_stems
from markdown_texts import texts


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is generative AI?", "generative AI"),
        ("what's a goroutine", "goroutine"),
        ("What are exosomes?", "exosomes"),
        ("Who is Atomwise?", "Atomwise"),
        ("What is the Rust Foundation?", "Rust Foundation"),
        ("What does the black box problem mean?", "black box problem"),
        ("What does MVP stand for?", "MVP"),
        ("What is meant by technical debt?", "technical debt"),
        ("Explain what an API is", "API"),
        ("Define algorithmic bias.", "algorithmic bias"),
    ],
)
def test_a_question_can_want_a_term_defined(question: str, term: str):
    assert defined(question) == unique_stems(term)


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "What is the cost of a trial?",
        "What is the role of data in research?",
        "What is multimodal data good for?",
        "What is Amgen doing?",
        "What is the deadline?",
        "What are the ethical concerns?",
        "Who is the president?",
        "Who is Amgen working with?",
        "What does it mean?",
        "How does it work?",
        "",
        "What is " + "a term " * 100,
    ],
)
def test_other_questions_want_nothing_defined(question: str):
    assert defined(question) == ()


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("API", "An API is a product just like a car."),
        ("API", "API stands for “application program interface”."),
        ("generative AI", "Generative AI, a subset of artificial intelligence, changes much."),
        ("pipeline", "Informally, a pipeline is a series of stages."),
        ("MVP", "An MVP is “that version of a product” which teaches most."),
        ("exosomes", "Exosomes are small vesicles that cells release."),
        ("network", "A network (also a net) is what connects machines."),
        ("apicoplast", "They keep a vestigial chloroplast called an apicoplast."),
        ("FedRAMP", "The Federal Program (FedRAMP) is a program of the government."),
        ("human-centered design", "Human-centered design or user-centered design is a method."),
        ("bubble", "They run in an isolated environment, which we call a bubble."),
        ("drug design", "Drug Design: models propose molecules."),
    ],
)
def test_a_sentence_that_says_what_a_term_is_defines_it(term: str, sentence: str):
    assert defines(unique_stems(term), sentence)


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        ("generative AI", "Generative AI is rapidly transforming medicine."),
        ("design system", "The Web Design System is a design system for the government."),
        ("rare diseases", "Rare diseases are notoriously hard to diagnose."),
        ("plain language", "Plain language was an important goal for this project."),
        ("slice", "Slices are where the action is."),
        ("API", "We describe the future of the API."),
        ("API", "Nothing of that sort."),
    ],
)
def test_a_sentence_that_only_speaks_of_a_term_does_not(term: str, sentence: str):
    assert not defines(unique_stems(term), sentence)


@given(texts, texts)
def test_any_question_and_sentence_can_be_read(question: str, sentence: str):
    assert isinstance(defines(defined(question) or unique_stems(question), sentence), bool)


@pytest.mark.parametrize("piece", ["a", " ", ".", "“", "what is ", "x is a ", ", a ", "("])
def test_reading_takes_no_longer_than_the_text_is_long(piece: str):
    with at_most(2):
        defined("What is " + piece * 10_000 + "?")
        defines(("x",), "x" + piece * 10_000 + " x " + piece * 100)
