"""Which lines are headings, in Markdown and in plain text."""

import pytest

from ibid.reading.article import read_article
from ibid.types.articles import Article, ArticleId


def read(text: str, name: str = "a.md") -> Article:
    return read_article(ArticleId(name), text.encode())


def trails(text: str, name: str = "a.md") -> list[tuple[str, ...]]:
    return [section.headings for section in read(text, name).sections]


def headings(text: str, name: str = "a.md") -> list[str]:
    return [trail[-1] for trail in trails(text, name) if trail]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_section_knows_the_headings_above_it(end: str):
    text = end.join(("# A", "a", "## B", "b", "### C", "c", "## D", "d", "# E", "e", ""))
    assert trails(text) == [("A",), ("A", "B"), ("A", "B", "C"), ("A", "D"), ("E",)]
    assert [s.prose.of(text) for s in read(text).sections] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_underlined_lines_are_headings(end: str):
    text = end.join(("The title", "=====", "text", "", "Part", "two", "---", "more", ""))
    assert trails(text) == [("The title",), ("The title", "Part two")]
    assert trails(text, "a.txt") == [("The title",), ("The title", "Part two")]
    assert [s.prose.of(text) for s in read(text).sections] == ["text", "more"]


@pytest.mark.parametrize(
    "text",
    [
        "```\n# no\n```\n",
        "~~~\n# no\n",
        "    # no\n",
        "\t# no\n",
        "<div>\n# no\n</div>\n",
        "<!--\n# no\n-->\n",
        "> # no\n",
        "- # no\n",
        "1. ## no\n",
        "#no\n",
        "####### no\n",
        r"\# no" + "\n",
        "#\n",
        "text\n    ===\n",
        "- a\n---\n",
    ],
)
def test_what_only_looks_like_a_heading_is_none(text: str):
    assert headings(f"before\n\n{text}") == []


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# A *lean* `code` [link](x) title #", "A lean code link title"),
        ("## Priorities {#priorities}", "Priorities"),
        ("## Notes {: .no_toc }", "Notes"),
        ("## `#[track_caller]`", "#[track_caller]"),
        ("# Sets {a, b}", "Sets {a, b}"),
        ("   # Indented", "Indented"),
    ],
)
def test_a_title_is_what_a_reader_sees(line: str, title: str):
    assert headings(f"{line}\ntext\n") == [title]


def test_a_heading_of_a_thousand_characters_is_a_paragraph():
    assert headings("word " * 200 + "\n---\ntext\n") == []


def test_a_bold_line_of_its_own_is_a_heading_below_all_real_ones():
    text = "# A\n\n**Challenges:**\n\ntext\n\n**More**\ntext\n\n## B\n\ntext\n"
    assert trails(text) == [("A",), ("A", "Challenges"), ("A", "More"), ("A", "B")]


def test_a_bold_label_runs_in_to_its_text():
    text = "**Looking Ahead:** It is early.\n\n__Cost__: It is high.\n"
    assert headings(text) == ["Looking Ahead", "Cost"]
    assert [s.prose.of(text) for s in read(text).sections] == ["It is early.", "It is high."]


@pytest.mark.parametrize(
    "text",
    [
        "**Bold** starts this sentence.\n",
        "Text with **bold:** inside.\n",
        "text above\n**Alone**\ntext\n",
        "- **Item:** of a list\n",
        "> **Quoted:** text\n",
        f"**{'long ' * 30}:** text\n",
        "** not bold:** text\n",
        "**A:** an answer without its question\n",
    ],
)
def test_bold_that_is_no_label_is_no_heading(text: str):
    assert headings(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "**Q: Why is that?**\n\nA: It just is.\n",
        "**Q: Why is that?** A: It just is.\n",
        "**Q: Why is that?**\nA: It just is.\n",
        "**Q:** Why is that?\n**A:** It just is.\n",
        "**Q:** Why is that?\n\n**A:** It just is.\n",
        "**Q**: Why is that? **A**: It just is.\n",
    ],
)
def test_a_question_is_the_heading_of_its_answer(text: str):
    article = read(text)
    assert headings(text) == ["Q: Why is that?"]
    assert article.sections[0].prose.of(text).endswith("It just is.")


def test_questions_below_each_other_are_a_section_each():
    assert headings("**Why?** So.\n**How?** Thus.\n**Bold** text.\n") == ["Why?", "How?"]


def test_plain_text_has_a_title_and_lines_that_read_like_titles():
    text = (
        "The Great Shift\nIt is under way.\nKey Functions\n- one thing\nEthical Considerations\n"
        "Some remain.\n\nalone between blank lines\n\nIt ends here.\n"
    )
    assert trails(text, "a.txt") == [
        ("The Great Shift",),
        ("The Great Shift", "Key Functions"),
        ("The Great Shift", "alone between blank lines"),
    ]


def test_a_heading_below_an_opening_paragraph_is_not_above_the_others():
    text = "It starts with a paragraph.\n\nFirst Part\nIt says so.\nSecond Part\nIt says more.\n"
    assert trails(text, "a.txt") == [(), ("First Part",), ("Second Part",)]


@pytest.mark.parametrize(
    "line",
    ["-----", "* * *", "=====", "- An Item", "3. An Item", "It ends.", "Is It?", "New York,",
     "word " * 20, "これは文です。"],
)  # fmt: skip
def test_a_line_of_plain_text_that_is_no_heading(line: str):
    assert headings(f"It begins.\n\n{line}\n\nIt goes on.\n", "a.txt") == []


def test_a_text_file_with_rules_between_its_parts_is_plain_text():
    assert headings("Part One\nIt is so.\n\n---\n\nPart Two\nSo it is.\n", "a.txt") == [
        "Part One",
        "Part Two",
    ]
