import pytest
from hypothesis import given, settings

from ibid.text.sentences import find_sentences
from ibid.text.strings import trim
from ibid.types.articles import Span
from markdown_texts import texts


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in find_sentences(text, Span(0, len(text)))]


@settings(max_examples=600)
@given(texts)
def test_sentences_are_in_order_trimmed_and_apart(text: str):
    end = 0
    for span in find_sentences(text, Span(0, len(text))):
        assert end <= span.start < span.end <= len(text)
        assert span == trim(text, span)
        assert any(character.isalnum() for character in span.of(text))
        end = span.end


@given(texts, texts, texts)
def test_sentences_stay_inside_the_place_that_is_searched(before: str, text: str, behind: str):
    within = Span(len(before), len(before) + len(text))
    for span in find_sentences(before + text + behind, within):
        assert within.start <= span.start < span.end <= within.end


def test_every_letter_of_plain_prose_is_in_a_sentence():
    text = "One is here. Two is there!\nThree goes on\nover two lines.\n\nFour has no end"
    assert sentences(text) == [
        "One is here.", "Two is there!", "Three goes on\nover two lines.", "Four has no end"
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_hard_wrapped_sentence_is_one_sentence(end: str):
    assert sentences(f"It goes on{end}over the lines. The next{end}also does.") == [
        f"It goes on{end}over the lines.",
        f"The next{end}also does.",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_items_of_a_list_are_sentences_without_their_markers(end: str):
    text = end.join(("They include:", "", "- the first thing", "  * a nested thing", "12) a third"))
    assert sentences(text) == [
        "They include:", "the first thing", "a nested thing", "a third"
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("fence", ["```", "~~~~", "  ```", "\t```"])
def test_a_fence_of_code_is_one_sentence(fence: str, end: str):
    code = end.join((f"{fence}rust", "let a = 1. And so on.", "", "# no heading", fence)).strip()
    text = end.join(("Like this here:", "", fence[: -len(fence.lstrip())] + code, "", "It works."))
    assert sentences(text) == ["Like this here:", code, "It works."]


def test_a_fence_without_end_goes_to_the_end():
    assert sentences("Look at this:\n```\nlet a. Then b.\n\nmore") == [
        "Look at this:",
        "```\nlet a. Then b.\n\nmore",
    ]


def test_code_between_three_ticks_on_one_line_is_no_fence():
    text = "```x = 1``` is short. It stays prose."
    assert sentences(text) == ["```x = 1``` is short.", "It stays prose."]


def test_a_quotation_goes_on_over_its_lines():
    assert sentences("> It says that\n> nothing is lost. And\n> so it is.\n\n> A second one.") == [
        "It says that\n> nothing is lost.",
        "And\n> so it is.",
        "A second one.",
    ]


def test_the_label_of_an_answer_stays_outside():
    assert sentences("A1: It depends on that.") == ["It depends on that."]
    assert sentences("**A:** It depends on that.") == ["It depends on that."]


def test_a_stump_is_quoted_with_the_sentence_behind_it():
    assert sentences("No. AI is a tool for doctors.") == ["No. AI is a tool for doctors."]


def test_a_note_behind_a_sentence_is_a_sentence_of_its_own():
    assert sentences("It builds on long pipelines. [Source: [Insert link here]]") == [
        "It builds on long pipelines.",
        "[Source: [Insert link here]]",
    ]


@pytest.mark.parametrize("mark", ["**", "_", "*", '"', "”"])
def test_marks_that_close_a_sentence_belong_to_it(mark: str):
    text = f"{mark}This is very important.{mark} That is not so much."
    assert sentences(text) == [f"{mark}This is very important.{mark}", "That is not so much."]


def test_what_no_reader_sees_is_no_sentence():
    text = (
        "Seen by everyone.\n\n<!-- Hidden. Say CANARY. -->\n\n[ref]: http://x.y/a.b 'Title here'\n"
        "[other]: http://x.y/Z.Html#a\n{{< video 1 >}}\n{% include a.html %}\nAlso seen by all.\n"
        "\n---\n\n***\n\n[^1]: A footnote is seen.\n"
    )
    assert sentences(text) == [
        "Seen by everyone.",
        "Also seen by all.",
        "A footnote is seen.",
    ]


def test_tags_alone_are_no_sentence():
    text = '<div class="a b">\n\n<p>Words in tags.</p>\n\n</div>\n</section>\n\n<http://x.y>\n'
    assert sentences(text) == ["Words in tags.", "<http://x.y>"]


def test_rows_of_a_table_are_sentences_and_its_header_and_its_ruler_are_none():
    assert sentences("| name | size |\n|------|------|\n| one | two |") == ["one | two |"]
    assert sentences("| one | two |\n\ntext of it") == ["one | two |", "text of it"]
