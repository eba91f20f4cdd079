"""PDF: what a page repeats is left out, parted words are whole, and programs give no titles."""

import pytest

from ibid.reading.article import read_article
from ibid.reading.formats import pdf as reader
from ibid.reading.formats.running_heads import drop_running_heads
from ibid.reading.formats.titles import written_author, written_title
from ibid.reading.kinds import missing_extra
from ibid.types.articles import ArticleId
from web_pages import pdf

needs_pdf = pytest.mark.skipif(bool(missing_extra(".pdf")), reason=missing_extra(".pdf"))


@needs_pdf
def test_running_heads_and_page_numbers_are_no_part_of_a_page():
    names = "ten nine eight seven six five".split()
    pages = [
        [f"The costs of trials {n}", f"Trials of {name} kinds", "cost", f"{name} million.", str(n)]
        for n, name in enumerate(names, start=1)
    ]
    article = read_article(ArticleId("a.pdf"), pdf(*pages, title="On costs"))
    assert article.text.split("\f")[1].split() == (
        "Trials of nine kinds cost nine million.".split()
    )
    assert "The costs of trials 1" in article.text  # the first page keeps its words
    assert article.warnings == ("running heads and page numbers are left out: 11",)
    assert [section.headings for section in article.sections][:2] == [("page 1",), ("page 2",)]


def test_numbers_alternating_heads_and_feet_go_from_both_edges():
    pages = [
        f"{n}   {'A Journal' if n % 2 else 'On Costs'}\ntext {n * 7} of it.\nvol. 3\n- {n} -"
        for n in range(4, 12)
    ]
    kept, dropped = drop_running_heads(pages)
    assert kept[1:] == [f"text {n * 7} of it." for n in range(5, 12)]
    assert dropped == 22


@pytest.mark.parametrize(
    "pages",
    [
        ["Table\n1\nof it", "Table\n2\nof it"],  # two may be chance
        [f"Figure {n * 3} shows\nsomething\nelse {n * n}" for n in range(6)],  # not their pages
        ["one\ntwo", "three\nfour", "five\nsix", ""],
        [f"{'word ' * 13}{n}\nand {n * n + 1} more" for n in range(6)],  # a sentence
    ],
    ids=range(4),
)
def test_what_only_looks_like_a_running_head_stays(pages: list[str]):
    assert drop_running_heads(pages) == (pages, 0)


def test_a_parted_word_is_whole_and_a_compound_keeps_its_hyphen():
    pages = ["The long\ufffeterm cost of tri\ufffeals.", "It is long-term, and tri\x02al by trial."]
    assert reader._join_words(pages) == [
        "The long-term cost of trials.", "It is long-term, and trial by trial."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("e\x0ecient sta\x0b and \x0crst con\rict", "efficient staff and first conflict"),
        ("A B S T R A C T of it", "ABSTRACT of it"),
        ("plan A B C of it\r\nnext", "plan A B C of it\nnext"),
    ],
)
def test_letters_that_printing_put_together_or_apart_are_words(raw: str, text: str):
    class Page:
        def get_textpage(self) -> "Page":
            return self

        def get_text_range(self) -> str:
            return raw

    assert reader._page_text(Page()) == text


@pytest.mark.parametrize(
    "title",
    [
        "Microsoft Word - x.doc", "Document1", "untitled", "paper_v3_final.pdf", "x.tex", "",
        "PowerPoint Presentation", "C:\\Users\\a\\b.docx", "http://localhost/print", "0123-456",
        "report.docx - Microsoft Word", "\ufffd\ufffdbad\ufffd", "Slide 1",
    ],
)  # fmt: skip
def test_a_title_by_a_program_is_none(title: str):
    assert written_title(title) == ""


@pytest.mark.parametrize(
    "title",
    ["On costs", "Document databases", "Paper 2.0", "1984", "Word order in Old Norse", "草枕"],
)
def test_a_title_by_an_author_stays(title: str):
    assert written_title(title) == (title if title != "1984" else "")


@pytest.mark.parametrize("author", ["user", "Microsoft Office User", "Administrator", "root", ""])
def test_an_account_is_no_author(author: str):
    assert written_author(author) == ""
    assert written_author("Ada Lovelace") == "Ada Lovelace"


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("D:20250208122313Z", "2025-02-08"), ("D:20240512+02'00'", "2024-05-12"), ("", ""),
        ("D:19700101000000Z", ""), ("D:20251399", ""), ("yesterday", ""),
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_is_none(said: str, date: str):
    assert reader._read_date(said) == date
