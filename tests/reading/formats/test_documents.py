"""Word documents, books, reStructuredText and Org files: their words, headings and authors."""

from pathlib import Path

import pytest

from documents import docx, epub
from ibid.library import Library
from ibid.reading.article import read_article
from ibid.reading.kinds import missing_extra
from ibid.types.articles import Article, ArticleId

needs_rst = pytest.mark.skipif(bool(missing_extra(".rst")), reason=missing_extra(".rst"))
needs_org = pytest.mark.skipif(bool(missing_extra(".org")), reason=missing_extra(".org"))

TRIALS = docx(
    ("Title", "On the costs of trials"),
    ("heading 1", "Costs"),
    ("Normal", "Trials cost ten million dollars in 2024. They take years."),
    ("heading 2", "Delays"),
    ("Normal", "A delay of a month costs 600,000 dollars & more."),
    title="Microsoft Word - costs.doc",
)
BOOK = epub(
    ("Cover", "<img src='x.png'/>"),
    ("Loomings", "<h1>Chapter 1. Loomings</h1><p>Call me Ishmael.</p><!-- hidden -->"),
    ("The Carpet-Bag", "<p>I stuffed a shirt<br/>into <i>my</i> old carpet-bag.</p>"),
    ("", "<p>It went on there.</p><nav>skip</nav>"),
)
RST = """
=====
Costs
=====
:Author: Ada Lovelace
:Date: 2024-05-12
:tags: rare, drugs

Trials cost ``ten`` million, see :ref:`the table <costs-table>` and :class:`~a.b.Trial`.

.. note:: Be careful with it.

.. versionadded:: 1.2
   It counts delays.

.. include:: /etc/hostname

.. a comment

Delays
------
.. code-block:: python
   :linenos:

   cost = 1

.. toctree::

   other/page
"""
ORG = """#+TITLE: On costs
#+AUTHOR: Ada Lovelace
#+DATE: <2024-05-12 Sun>
#+FILETAGS: :rare:drugs:
#+OPTIONS: toc:nil

A *short* text with =#+code:= and [[https://example.org][a link]], 10/20 of it in /usr/bin.
# a comment
* TODO [#A] Costs of /trials/ :money:
SCHEDULED: <2024-05-12 Sun>
:PROPERTIES:
:ID: 123
:END:
Trials cost ten million.[fn:1]
#+begin_src python
# a comment in code
cost = 1
#+end_src
** Delays
| A | B |
|---+---|
| 1 | 2 |
* COMMENT Drafts
Nobody sees it.
* Notes
[fn:1] A source.
"""


def read(name: str, raw: bytes | str) -> Article:
    article = read_article(ArticleId(name), raw.encode() if isinstance(raw, str) else raw)
    assert "".join(part.span.of(article.text) for part in article.sections) == article.text
    return article


def test_a_word_document_keeps_its_headings_and_says_who_wrote_it_when():
    article = read("a.docx", TRIALS)
    assert (article.title, article.meta.author, article.meta.date) == (
        "On the costs of trials", "Ada Lovelace", "2024-05-12"
    )  # fmt: skip
    assert [section.headings for section in article.sections] == [
        ("On the costs of trials",), ("Costs",), ("Costs", "Delays")
    ]  # fmt: skip
    assert article.sections[1].prose.of(article.text) == (
        "Trials cost ten million dollars in 2024. They take years."
    )


def test_an_answer_quotes_a_word_document_under_its_heading(small: Library, articles: Path):
    (articles / "trials.docx").write_bytes(TRIALS)
    small.build()
    answer = small.ask("What does a delay of a month cost?")
    citation = answer.claims[0].citations[0]
    assert (citation.passage.article, citation.passage.headings) == (
        "trials.docx", ("Costs", "Delays")
    )  # fmt: skip
    text = small.article("trials.docx").text
    assert citation.quote.of(text) == "A delay of a month costs 600,000 dollars & more."


def test_a_book_is_cut_at_its_chapters_and_the_contents_name_those_without_a_heading():
    article = read("a.epub", BOOK)
    assert (article.title, article.meta.authors, article.meta.date) == (
        "On trials", ("Ada Lovelace", "Grace Hopper"), "2024-05-12"
    )  # fmt: skip
    assert [section.headings for section in article.sections] == [
        ("Chapter 1. Loomings",), ("The Carpet-Bag",)
    ]  # fmt: skip
    assert article.sections[0].prose.of(article.text) == "Call me Ishmael."
    assert article.sections[1].prose.of(article.text).split() == (
        "I stuffed a shirt into my old carpet-bag. It went on there.".split()
    )


def test_a_citation_from_a_book_names_its_chapter(small: Library, articles: Path):
    (articles / "book.epub").write_bytes(BOOK)
    small.build()
    [hit, *_] = small.search("What was stuffed into the carpet-bag?")
    assert (hit.passage.article, hit.passage.headings) == ("book.epub", ("The Carpet-Bag",))


@needs_rst
def test_restructured_text_is_read_as_its_reader_sees_it():
    article = read("a.rst", RST)
    meta = article.meta
    assert (article.title, meta.author, meta.date, meta.tags) == (
        "Costs", "Ada Lovelace", "2024-05-12", ("rare", "drugs")
    )  # fmt: skip
    assert [section.headings for section in article.sections] == [("Costs",), ("Costs", "Delays")]
    first, second = (section.prose.of(article.text) for section in article.sections)
    assert first == (
        "Trials cost ten million, see the table and Trial.\n\nNote\n\nBe careful with it.\n\n"
        "Added in version 1.2 It counts delays."
    )
    assert second == "```\ncost = 1\n```"


@needs_org
def test_an_org_file_is_read_as_its_reader_sees_it():
    article = read("a.org", ORG)
    meta = article.meta
    assert (article.title, meta.author, meta.date, meta.tags) == (
        "On costs", "Ada Lovelace", "2024-05-12", ("rare", "drugs")
    )  # fmt: skip
    assert {s.headings: s.prose.of(article.text) for s in article.sections} == {
        (): "A short text with `#+code:` and a link, 10/20 of it in /usr/bin.",
        ("Costs of trials",): "Trials cost ten million.[^1]\n\n"
        "```python\n# a comment in code\ncost = 1\n```",
        ("Costs of trials", "Delays"): "| A | B |\n|---|---|\n| 1 | 2 |",
        ("Notes",): "[^1] A source.",
    }


@pytest.mark.parametrize("suffix", ["mdx", "qmd", "Rmd"])
def test_dialects_of_markdown_are_read_as_their_own_source(suffix: str):
    text = "---\ntitle: Costs\n---\n\n# One\n\n```{r}\nx <- 1\n```\n\nTrials are dear.\n"
    article = read(f"a.{suffix}", text)
    assert (article.title, article.text) == ("Costs", text)
    assert article.sections[-1].headings == ("One",)
