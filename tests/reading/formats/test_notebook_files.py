"""Notebooks: text, code and what it printed, with the number of the cell."""

import json

import pytest

from documents import notebook
from ibid.errors import ArticleUnreadable
from ibid.reading.article import read_article
from ibid.reading.formats import extract_notebook
from ibid.reading.formats.notebook import LONGEST_OUTPUT
from ibid.types.articles import ArticleId

PRINTED = {"output_type": "stream", "text": ["\x1b[1mten\x1b[0m\n"]}
PICTURE = {"output_type": "display_data", "data": {"image/png": "aaaa", "text/plain": "<Figure>"}}


def test_each_cell_is_a_part_of_its_own_below_the_headings_above_it():
    raw = notebook(
        ("markdown", "# Costs\n\nTrials are dear."),
        ("code", "# no heading\nprint(10)"),
        ("markdown", "## Delays\nThey take years."),
        ("markdown", "It goes on."),
        outputs=[PRINTED, PICTURE],
    )
    article = read_article(ArticleId("a.ipynb"), raw)
    assert article.title == "Costs"
    assert {s.headings: s.prose.of(article.text) for s in article.sections} == {
        ("Costs", "cell 1"): "Trials are dear.",
        ("Costs", "cell 2"): "```python\n# no heading\nprint(10)\n```\n\n```\nten\n```",
        ("Costs", "Delays", "cell 3"): "They take years.",
        ("Costs", "Delays", "cell 4"): "It goes on.",
    }
    assert article.warnings == ()


def test_front_matter_in_the_first_raw_cell_says_what_the_notebook_is():
    raw = notebook(("raw", "---\ntitle: Costs\nauthor: Ada Lovelace\n---"), ("markdown", "Dear."))
    article = read_article(ArticleId("a.ipynb"), raw)
    assert (article.title, article.meta.author, article.text) == (
        "Costs",
        "Ada Lovelace",
        "Dear.\n",
    )


def test_a_notebook_of_format_3_is_read_too():
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Costs"},
        {"cell_type": "code", "input": "x = 1", "outputs": []},
    ]
    found = extract_notebook(json.dumps({"worksheets": [{"cells": cells}]}).encode())
    assert found.text == "## Costs\n\n```\nx = 1\n```\n"


def test_a_heading_of_an_impossible_level_is_one_of_the_lowest():
    cells = [{"cell_type": "heading", "level": 99999999999999, "source": "Costs"}]
    found = extract_notebook(json.dumps({"cells": cells}).encode())
    assert found.text == "###### Costs\n"


def test_code_that_holds_a_fence_stays_in_its_own():
    found = extract_notebook(notebook(("code", 'x = """\n```\n# no heading\n"""')))
    assert found.text == '````python\nx = """\n```\n# no heading\n"""\n````\n'


def test_a_long_output_is_cut_and_it_says_so():
    printed = {"output_type": "stream", "text": "x" * (LONGEST_OUTPUT + 1)}
    found = extract_notebook(notebook(("code", "1"), outputs=[printed]))
    assert found.text.count("x") == LONGEST_OUTPUT
    assert found.warnings == ("outputs longer than 5,000 characters are cut: 1",)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"{}", b"[" * 100_000, b'{"cells": 1}', b'{"cells": [[], 1, {"source": {}}]}',
        b'{"cells": [{"cell_type": "code", "source": 1, "outputs": [1, {"data": 2}]}]}',
    ],
    ids=range(7),
)  # fmt: skip
def test_what_is_no_notebook_is_refused(raw: bytes):
    with pytest.raises(ArticleUnreadable):
        extract_notebook(raw)
