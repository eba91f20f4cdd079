"""What a text hides is told, and found all the same; quotes stay as the article has them."""

from pathlib import Path

import pytest
from hypothesis import given

from clocks import at_most
from ibid.library import Library
from ibid.reading.flags import find_flags
from ibid.text.normalising import search_copy
from ibid.types.indexing import BuildReport
from markdown_texts import blog_articles, needs_data, texts

TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("one\ntwo\0", "control-characters: 1, first in line 2"),
        ("a\x1b[31m", "control-characters: 1, first in line 1"),
        ("r\u200be\u200bply", "invisible-characters (zero width): 2, first in line 1"),
        ("r\u200de\u200cply", "invisible-characters (zero width): 2, first in line 1"),
        ("a\ufeffb", "invisible-characters (zero width): 1, first in line 1"),
        ("😀" + "\ufe01\ufe0f" * 3, "invisible-characters (zero width): 5, first in line 1"),
        (f"one\r\n\r\n{TAGS}", "invisible-characters (U+E0000 tags): 4, first in line 3"),
        ("hy\u00adphen " * 10, "invisible-characters (soft hyphens): 10, first in line 1"),
        ("is \u202eefas\u202c", "bidi-control: 2, first in line 1"),
        ("\u0501rug dis\u0441overy cares", "mixed-script: 2, first in line 1"),
        ("ΑΙ works, ΑI fails", "mixed-script: 1, first in line 1"),
        ("a\ufffd", "replaced-characters (U+FFFD): 1, first in line 1"),
        ("fine\rdata â€“ simulating", "mojibake: 1, first in line 2"),
        ("cafÃ© au lait", "mojibake: 1, first in line 1"),
    ],
)
def test_an_oddity_is_told_with_its_count_and_its_first_line(text: str, flag: str):
    assert find_flags(text) == (flag,)


@pytest.mark.parametrize(
    "text",
    ["plain", "“Quoted” – café…", "10\xa0mg", "TNFα, NFκB, 5 μm, β-blocker", "\ufefftext", SCOTLAND,
     "👩\u200d🌾 ❤\ufe0f", "की\u200dत", "می\u200cخواهم", "а по-русски Latin", "hy\u00adphen",
     "漢字かな\u3000交じり", "Ångström naïve Ærø", "\tline\x0cfeed\x0b"],
)  # fmt: skip
def test_what_is_ordinary_is_not_told_and_stays(text: str):
    assert find_flags(text) == ()
    assert search_copy(text) == text.replace("\u00ad", "")


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("r\u200be\u200bply", "reply"),
        (f"a{TAGS}b", "ab"),
        ("hy\u00adphen", "hyphen"),
        ("is \u202eefas\u202c", "is efas"),
        ("“fine”\ndata â€“ simulating", "“fine”\ndata – simulating"),
        ("\u0501rug", "\u0501rug"),
    ],
)
def test_the_copy_that_is_searched_is_repaired(text: str, searched: str):
    assert search_copy(text) == searched


@given(texts)
def test_the_copy_that_is_searched_hides_nothing_and_no_text_raises(text: str):
    flags = find_flags(search_copy(text))
    assert not [flag for flag in flags if flag.startswith(("invisible", "bidi"))]


@pytest.mark.parametrize(
    "text",
    ["a" * 300_000, "é" * 300_000, "ab" * 300_000 + "ж", "\u200b" * 300_000, "ж a" * 300_000,
     "aж" * 300_000, "â€“ " * 100_000, "\U000e0041" * 300_000],
    ids=repr,
)  # fmt: skip
def test_a_large_text_is_looked_through_in_time(text: str):
    with at_most(5):
        find_flags(text)
        search_copy(text)


@needs_data
def test_few_real_articles_are_flagged():
    flagged = [name for name, raw in blog_articles(every=4) if find_flags(raw.decode())]
    assert len(flagged) <= 5, flagged


# In the index


def warnings_of(report: BuildReport, name: str) -> tuple[str, ...]:
    return next((told for id, told in report.warnings.items() if id == name), ())


@pytest.mark.parametrize(
    ("sentence", "question", "flag"),
    [
        ("Rare p\u200bl\u200bums ripen in September.", "When do plums ripen?", "zero width"),
        ("Rare plu\u00adms ripen in September.", "When do plums ripen?", ""),
        ("The jalapeÃ±o ripens in September.", "When does the jalapeño ripen?", "mojibake"),
    ],
)
def test_what_is_hidden_is_found_by_its_words_and_quoted_as_it_stands(
    small: Library, articles: Path, sentence: str, question: str, flag: str
):
    (articles / "odd.md").write_text(f"# Odd\n\n{sentence}\n", "utf-8")
    report = small.build()
    assert flag in " ".join(warnings_of(report, "odd.md"))
    hit = small.search(question)[0]
    assert (hit.passage.article, hit.ranks["words"]) == ("odd.md", 1)
    assert sentence in hit.passage.text
    citation = small.ask(question).claims[0].citations[0]
    assert citation.quote.of(small.article("odd.md").text) == sentence
