import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks import at_most
from conftest import ROOT
from ibid.text.strings import collapse, line_of, line_starts, plain, split_sentences, trim
from ibid.types.articles import Span
from markdown_texts import texts


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


def test_a_line_ends_where_markdown_says_so_and_nowhere_else():
    text = "a\nb\r\nc\rd\u2028e\x0cf\x85g\x1ch"
    assert [text[start] for start in line_starts(text)] == ["a", "b", "c", "d"]


def test_lines_are_counted_from_one():
    assert [line_of("a\r\nb\n\nc", offset) for offset in (0, 2, 3, 5, 6)] == [1, 1, 2, 3, 4]


@given(texts)
def test_every_line_start_is_on_its_own_line(text: str):
    starts = line_starts(text)
    inside = [start for start in starts if start < len(text)]
    assert [line_of(text, start) for start in inside] == list(range(1, len(inside) + 1))


@given(texts, st.integers(0, 50), st.integers(0, 50))
def test_trimming_leaves_out_white_space_and_nothing_else(text: str, start: int, more: int):
    span = Span(min(start, len(text)), min(start + more, len(text)))
    trimmed = trim(text, span)
    assert trimmed.of(text) == span.of(text).strip()
    assert span.start <= trimmed.start <= trimmed.end <= span.end


def test_sentences_end_at_full_stops_but_not_at_abbreviations():
    text = "Dr. Smith paid 3.5 million.  Was it e.g. too much? “No.” said he!"
    assert sentences(text)[:2] == [
        "Dr. Smith paid 3.5 million.",
        "Was it e.g. too much?",
    ]


@settings(max_examples=500)
@given(texts)
def test_sentences_hold_every_character_but_the_white_space_between_them(text: str):
    spans = split_sentences(text)
    assert spans == sorted(spans)
    assert all(len(span) and span == trim(text, span) for span in spans)
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    between = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    assert not "".join(between).strip()


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\n", " "])
def test_sentences_of_a_very_long_text_keep_their_places(end: str):
    """sentencex drops blank lines in texts of more than 10,000 characters."""
    wanted = [f"Sentence number {n} says é 😀 that it is here." for n in range(2000)]
    assert sentences(end.join(wanted)) == wanted


def test_a_sentence_is_whole_wherever_the_window_ends():
    for size in range(1930, 2000):
        first = "a" * size + "."
        assert sentences(f"{first} The second one.") == [first, "The second one."]


@pytest.mark.parametrize(
    ("markdown", "seen"),
    [
        ("**bold** and *lean* and ***both***", "bold and lean and both"),
        ("__bold__ and _lean_", "bold and lean"),
        ("**bold with *lean* in it**", "bold with lean in it"),
        ("_see [the *docs*](http://x.y/z_a_b)_", "see the docs"),
        ("a [link](http://x.y) here", "a link here"),
        ("[Rust](https://en.wikipedia.org/wiki/Rust_(language))", "Rust"),
        ("[x](http://y \"a title\") [z](<w> 't')", "x z"),
        ('[Nicole]({{ "/author/nicole/" | url }}) writes', "Nicole writes"),
        ("[the words][reference] stay", "the words stay"),
        ("as shown in [1][2]", "as shown in [1][2]"),
        ("[![a picture](p.png)](http://x.y)", "a picture"),
        ("`code` and ``a ` tick``", "code and a ` tick"),
        ("call `__init__` or `**kwargs`, not **this**", "call __init__ or **kwargs, not this"),
        ("**use `a*b` now**", "use a*b now"),
        (r"O\*NET is not \*lean\*", "O*NET is not *lean*"),
        ("R&amp;D costs 3&nbsp;&euro; &unknown; AT&T", "R&D costs 3 € &unknown; AT&T"),
        ("2 * 3 * 4 and snake_case_name and a*b*c", "2 * 3 * 4 and snake_case_name and a*b*c"),
        ("_snake_case in lean_", "snake_case in lean"),
        ("_use `a_b` now_", "use a_b now"),
        ("quoted over\n> two lines\r\n>> and three", "quoted over two lines and three"),
        ("  a \n\t b\xa0c ", "a b c"),
        ("1 > 0", "1 > 0"),
        ("* ** _ __ ` [ ]( ![", "* ** _ __ ` [ ]( !["),
        ("", ""),
    ],
)
def test_plain_text_is_what_a_reader_sees(markdown: str, seen: str):
    assert plain(markdown) == seen


@given(texts)
def test_plain_text_is_one_line_of_the_same_words(text: str):
    assert plain(text) == collapse(plain(text))


@pytest.mark.parametrize(
    "nasty",
    ["*", "**a", "_a ", "__a", "*a ", "[", "](", "[](", "[a][", '[a](b "', "`a``b```c", "`", "![",
     "\\", "{{", "[a]({{", "&", "> ", "\n> ", "<!--", "~", "*a_b ", "(", "a_", "**a* "],
)  # fmt: skip
def test_plain_text_of_a_nasty_sentence_comes_at_once(nasty: str):
    text = nasty * (10_000 // len(nasty))
    with at_most(0.15):
        plain(text)


def test_no_pattern_has_a_possessive_group():
    """Python 3.11.2 matches them wrongly when there is more than one way through the group."""
    source = ROOT / "src"
    found = [
        f"{path.name}:{number}: {line}"
        for path in source.rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(r"\)[+*?]\+", line)
    ]
    assert found == []


def test_code_is_read_without_its_fence_also_where_it_is_cut():
    assert plain("```rust\nlet a = 1;\n```") == "let a = 1;"
    assert plain("let b = 2;\n  ```") == "let b = 2;"
    assert plain("~~~\nlet a = 1;") == "let a = 1;"
