"""What an article is found by beside its text."""

import pytest

from ibid.library import Library
from ibid.testing import HashEmbedder
from ibid.types.answers import Signal

PRISM = """---
title: Light
tags: [quantum/optics, lab_work]
description: A survey of lasers.
authors: [Zed Quill, Ann Roe]
aliases: [Beamlore]
category: physics
---
Light travels fast in the vacuum.

## More of it

Glass bends it.
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("notes")
    (folder / "Prism_notebook 0a1b2c3d4e5f.md").write_text(PRISM, "utf-8")
    (folder / "pears.md").write_text("# Pears\n\nPears grow in the north.\n", "utf-8")
    (folder / "tide.md").write_text(
        "---\ntitle: Tide tables\nsummary: High water comes later each day.\n---\n", "utf-8"
    )
    library = Library.open(folder, tmp_path_factory.mktemp("index"), embedder=HashEmbedder())
    library.build()
    return library


@pytest.mark.parametrize(
    "words",
    ["quantum", "optics", "lab work", "lasers survey", "Quill", "Roe", "Beamlore", "physics",
     "prism", "notebook"],
)  # fmt: skip
def test_an_article_is_found_by_what_only_its_metadata_says(library: Library, words: str):
    hits = library.search(words, by=Signal.WORDS)
    assert [hit.passage.article for hit in hits] == ["Prism_notebook 0a1b2c3d4e5f.md"]
    assert "Light travels" in hits[0].passage.text


@pytest.mark.parametrize("word", ["quantum", "Quill", "Beamlore", "prism"])
def test_such_a_word_is_never_told_to_be_unused(library: Library, word: str):
    assert library.ask(f"What does {word} say about the harvest?").receipt.unused == ("harvest",)


def test_a_hash_in_a_file_s_name_is_no_word(library: Library):
    assert not library.search("0a1b2c3d4e5f", by=Signal.WORDS)


def test_the_summary_of_an_article_without_text_is_quoted_at_its_line(library: Library):
    (hit,) = library.search("high water", by=Signal.WORDS)
    (sentence,) = hit.passage.sentences
    assert hit.passage.article == "tide.md"
    assert sentence.of(library.article("tide.md").text) == "High water comes later each day."
