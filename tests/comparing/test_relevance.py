"""What articles are heard to say about a topic, in which words, and what they never speak of."""

import pytest

from comparisons import cell, compare_texts, speaking


def test_what_no_article_speaks_of_has_no_rows(library):
    nothing = library.compare("the offside rule in football")
    assert not nothing.rows


@pytest.mark.parametrize("topic", ["quantum computing", "black holes", "the capital of France"])
def test_half_of_a_topic_is_not_spoken_of(library, topic):
    nothing = library.compare(topic)
    assert not nothing.rows
    assert not nothing.alone


def test_what_one_sentence_names_is_spoken_of_however_few_words_the_topic_shares_with_it(library):
    (named,) = library.compare("which companies are named").rows
    assert "Companies like Atomwise and Exscientia" in cell(named, "004").quotes[0].text


def test_no_name_answers_for_a_kind_that_no_article_speaks_of(library):
    assert not library.compare("which universities are named").rows


def test_a_subject_is_spoken_of_by_who_names_it_and_a_question_answered_in_other_words(tmp_path):
    texts = {
        "a": "Memory safety is a promise of the language. Memory safety matters to its users.",
        "b": "The language has memory safety, at a price in speed.",
        "c": "How safe is memory management? Memory leaks are bugs of memory management in a "
        "language. Languages manage memory.",
    }
    lead = compare_texts(tmp_path, "memory safety", **texts).rows[0]
    assert lead.title == "Memory safety"
    assert {each.article for each in lead.saying} >= {"a.txt", "b.txt"}


@pytest.mark.parametrize(
    ("topic", "unused"),
    [
        ("drug smuggling", ("smuggling",)),
        ("AI in football", ("football",)),
        ("climate models", ("climate",)),
        ("quantum computing", ("quantum",)),
    ],
)
def test_half_of_a_subject_is_not_the_subject_and_its_strange_word_is_told(library, topic, unused):
    nothing = library.compare(topic)
    assert not nothing.rows
    assert not nothing.alone
    assert nothing.unused == unused


@pytest.mark.parametrize(
    ("topic", "meant"),
    [("interpretabilty", "interpretability"), ("personalised medicine", "personalized medicine")],
)
def test_a_word_that_is_spelled_otherwise_is_known(library, topic, meant):
    misspelled, right = (library.compare(each) for each in (topic, meant))
    assert not misspelled.unused
    assert speaking(misspelled.rows[0]) >= speaking(right.rows[0])


@pytest.mark.parametrize(
    ("topic", "article", "said"),
    [
        ("ethical worries", "001", "ethical concerns"),
        ("moral concerns", "001", "ethical concerns"),
        ("confidentiality", "004", "data privacy and security"),
    ],
)
def test_a_synonym_of_what_the_articles_say_is_known(library, topic, article, said):
    comparison = library.compare(topic)
    assert not comparison.unused
    assert any(said in quote.text for quote in cell(comparison.rows[0], article).quotes)


def test_an_article_stands_in_the_row_of_a_name_only_with_what_names_it(library):
    (named,) = library.compare("Exscientia").rows
    (quote,) = cell(named, "004").quotes
    assert "Exscientia" in quote.text


def test_a_question_for_one_fact_has_no_row_beside_its_answer(library):
    assert [row.title for row in library.compare("will AI cure cancer").rows] == [
        "Will AI cure cancer"
    ]


def test_what_says_nothing_alone_is_not_what_is_asked_for(library):
    (first, *_) = library.compare("role of human experts").rows
    assert first.title == "Role of human experts"
    assert cell(first, "000").quotes[0].text.startswith("Human expertise remains essential")


@pytest.mark.parametrize("topic", ["apples", "zeppelins"])
def test_articles_that_assert_nothing_are_silent(tmp_path, topic):
    comparison = compare_texts(tmp_path, topic, a="Where do apples grow?", b="Who eats apples?")
    assert not comparison.rows
    assert not comparison.alone


@pytest.mark.parametrize("topic", ["share prices", "share price 2024", "prices", ""])
def test_a_sentence_that_opens_like_a_call_is_heard_and_its_conflict_told(tmp_path, topic):
    said = "Share prices rose by {} percent in March 2024."
    comparison = compare_texts(tmp_path, topic, a=said.format(20), b=said.format(30))
    (conflict,) = comparison.conflicts
    assert conflict.said == ("20", "30")


@pytest.mark.parametrize(
    "said",
    [
        "Check valves fail after {} hours of service in sea water.",
        "Join operations take {} milliseconds on a table of a million rows.",
        "Watch makers of the valley sold {} pieces in the year 1950.",
        "The report covers {} districts of the province of Quebec.",
        "He said that {} houses of the village burnt in the night.",
    ],
)
def test_whatever_a_sentence_opens_with_it_is_never_passed_over_in_silence(tmp_path, said):
    texts = {"a": said.format(1200), "b": "Bread is baked at noon in the old mill of the town."}
    comparison = compare_texts(tmp_path, said.format(1200).rstrip("."), **texts)
    (first, *_) = comparison.rows
    assert cell(first, "a").quotes[0].text == said.format(1200)
