"""Somebody's own sentences against the articles: no question, no model."""

from pathlib import Path

import pytest

from ibid.errors import UsageError
from ibid.library import Library
from ibid.search import Filter
from ibid.types import Support
from libraries import build_library

TEXTS = {
    "plums": "# Plums\n\nPlums ripen in September. In 2024 the harvest was 4,200 tonnes of plums.\n"
    "\n"
    "Growers in Kent do not spray their plum trees after the first of June.\n",
    "notes (1)": "# Pears\n\nPears ripen *after* the harvest, in cold rooms near Maidstone.\n",
}


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return build_library(tmp_path_factory.mktemp("garden"), TEXTS)


def verdicts(text: str, library: Library) -> list[str]:
    return [proof.claim.support.value for proof in library.verify(text)]


def test_each_sentence_gets_its_verdict_and_the_words_that_differ(garden: Library):
    proofs = list(
        garden.verify(
            "Plums ripen in September. In 2023 the harvest was 4,200 tonnes of plums. "
            "Growers in Kent spray their plum trees after the first of June. Cats sleep all day."
        )
    )
    assert [proof.claim.support for proof in proofs] == [
        *(Support.VERBATIM, Support.ALTERED, Support.ALTERED, Support.UNSUPPORTED)
    ]
    year, negation = proofs[1].claim, proofs[2].claim
    assert (year.changes[0].kind, year.changes[0].instead) == ("year", "2024")
    assert negation.changes[0].kind == "negation"
    assert proofs[0].claim.citations[0].passage.article == "plums.md"
    assert proofs[3].claim.citations == ()


def test_a_span_is_in_characters_of_the_text_that_was_given(garden: Library):
    text = "# Draft\r\n\r\nPlums **ripen** in September.\r\n\r\n- Pears ripen after the harvest.\n"
    spans = [proof.claim.span.of(text) for proof in garden.verify(text)]
    assert spans == ["Plums **ripen** in September.", "Pears ripen after the harvest."]
    assert verdicts(text, garden) == ["verbatim", "reworded"]  # where it ripens is left out


def test_headings_and_front_matter_are_no_sentences(garden: Library):
    text = "---\ntitle: Kiwis\n---\n# All about kiwis\n\nPlums ripen in September.\n\nMore\n====\n"
    assert verdicts(text, garden) == ["verbatim"]
    assert verdicts("**Plums ripen in September.**", garden) == ["verbatim"]


@pytest.mark.parametrize(
    "cited",
    [
        "Plums ripen in September (plums.md:3).",
        "Plums ripen in September [plums.md:3].",
        "Plums ripen in September. (plums.md:3)",
        "Plums ripen in September — ⟪plums.md⟫:3",
        "Plums ripen in September (⟪plums.md⟫:3, notes (1).md:3-4).",
        "Plums ripen in September [1].",
    ],
)
def test_the_places_that_a_draft_cites_are_no_part_of_its_sentences(garden: Library, cited: str):
    assert verdicts(cited, garden) == ["verbatim"]


def test_a_time_is_no_place_that_a_draft_cites(garden: Library):
    (proof,) = garden.verify("Plums ripen in September at 9:30.")
    assert proof.claim.text == "Plums ripen in September at 9:30."


def test_the_articles_that_are_asked_can_be_chosen(garden: Library):
    said = "Plums ripen in September."
    (inside,) = garden.verify(said, Filter(articles=("plums.md",)))
    (outside,) = garden.verify(said, Filter(articles=("notes",)))
    assert inside.claim.support is Support.VERBATIM
    assert outside.claim.support is Support.UNSUPPORTED


def test_a_text_goes_on_from_a_place(garden: Library):
    text = "Plums ripen in September. Pears ripen after the harvest. Cats sleep all day."
    whole = list(garden.verify(text))
    assert [*garden.verify(text, start=whole[1].claim.span.start)] == whole[1:]
    assert [*garden.verify(text, start=len(text))] == []


@pytest.mark.parametrize("text", ["", " \n", "x" * 20_001])
def test_no_text_and_a_book_are_refused(garden: Library, text: str):
    with pytest.raises(UsageError):
        garden.verify(text)


@pytest.mark.parametrize("text", ["…", "a\x00b c d.", "\ud800 kiwis", "| | |", "```\nx\n```", "1."])
def test_an_odd_text_ends_without_a_failure(garden: Library, text: str):
    assert all(proof.claim.support is not Support.VERBATIM for proof in garden.verify(text))


def test_a_sentence_of_common_words_is_found_where_it_stands(tmp_path: Path):
    texts = {f"n{n}": f"# N\n\nIt is what it is, and {n} more of it.\n" for n in range(40)}
    library = build_library(tmp_path, texts | {"said": "# S\n\nAs he said: we are who we are.\n"})
    (proof,) = library.verify("we are who we are")
    assert proof.claim.support is Support.VERBATIM
    assert proof.claim.citations[0].passage.article == "said.md"


def test_a_heading_stands_in_the_articles_too(tmp_path: Path):
    text = "# Fruit\n\n## Storing it at home\n\nPears keep for two weeks in a cellar.\n"
    library = build_library(tmp_path, {"fruit": text})
    for said in ("Storing it at home", "## Storing it at home", "“Storing it at home”."):
        (proof,) = library.verify(said)
        assert proof.claim.support is Support.VERBATIM, said
        assert proof.claim.citations[0].quote.of(text) == "## Storing it at home"


def test_what_was_cut_off_a_sentence_is_not_said_by_it(garden: Library):
    for said in (
        "Growers in Kent spray their plum trees after the first of June.",
        "Spray their plum trees after the first of June.",
    ):
        (proof,) = garden.verify(said)
        assert proof.claim.support is not Support.VERBATIM, said


def test_a_sentence_with_signs_for_words_is_the_same_sentence(tmp_path: Path):
    text = "# K\n\nKelp grows in cold, clear water &amp; shelters otters @ 50 % of the sites.\n"
    library = build_library(tmp_path, {"kelp": text})
    said = "Kelp grows in cold, clear water & shelters otters @ 50 % of the sites."
    assert verdicts(said, library) == ["verbatim"]
