"""Where a quote stands, as people read it: the page or cell of a file whose lines nobody sees."""

from io import StringIO
from pathlib import Path

import pytest

from documents import notebook
from ibid.library import Library
from ibid.output import Console, list_notes, part_of, print_answer
from ibid.reading.kinds import missing_extra
from web_pages import COSTS


def printed(small: Library, question: str) -> str:
    written = StringIO()
    print_answer(small.ask(question), small, Console(file=written, width=100))
    return written.getvalue()


@pytest.mark.skipif(bool(missing_extra(".pdf")), reason=missing_extra(".pdf"))
def test_a_quote_from_a_pdf_is_printed_with_its_page(small: Library, articles: Path):
    (articles / "costs.pdf").write_bytes(COSTS)
    small.build()
    question = "What is cited as a challenge for drug discovery?"
    citation = small.ask(question).claims[0].citations[0]
    assert (part_of(citation), list_notes(citation, small)) == ("page 3", ("page 3",))
    assert "(page 3)" in printed(small, question)


def test_a_quote_from_a_notebook_is_printed_with_its_cell(small: Library, articles: Path):
    cells = (("markdown", "# Costs"), ("markdown", "A delay costs 600,000 dollars a month."))
    (articles / "costs.ipynb").write_bytes(notebook(*cells))
    small.build()
    assert "(cell 2)" in printed(small, "What does a delay cost a month?")


def test_a_quote_from_markdown_has_its_line_and_no_part(small: Library, articles: Path):
    (articles / "costs.md").write_text("# Costs\n\nA delay costs 600,000 dollars a month.\n")
    small.build()
    citation = small.ask("What does a delay cost a month?").claims[0].citations[0]
    assert (citation.passage.headings, part_of(citation)) == (("Costs",), "")
