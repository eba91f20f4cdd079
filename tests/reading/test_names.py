import pytest

from ibid.reading.article import read_article
from ibid.reading.names import name_of
from ibid.types.articles import Article, ArticleId, Meta

BODY = "The first paragraph says much.\n\n## Change the title\n\nMore is said.\n"


def read(text: str, name: str = "Callouts.md") -> Article:
    return read_article(ArticleId(name), text.encode())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (BODY, "Callouts"),
        ("---\ntags: [x]\n---\n" + BODY, "Callouts"),
        ("# One\n\n" + BODY, "One"),
        ("Words above.\n\n# One\n\ntext\n", "One"),
        ("## Two\n\ntext\n\n### Three\n", "Two"),
        ("## Two\n\ntext\n\n## Three\n", "Callouts"),
        ("### Three\n\ntext\n\n## Two\n", "Callouts"),
        ("![a picture](x.png)\n\n## Two\n\ntext\n\n# A\n\n# B\n", "Callouts"),
        ("# One\n\ntext\n\n# Another\n\ntext\n", "One"),
        ("Words above.\n\n# One\n\ntext\n\n# Another\n\ntext\n", "Callouts"),
        ("<!-- a comment -->\n\n## Two\n\ntext\n", "Two"),
    ],
)
def test_a_title_is_the_only_first_heading_or_one_with_nothing_above_or_the_name(
    text: str, title: str
):
    article = read(text)
    assert (article.title, "title" in article.meta.guessed) == (title, title == "Callouts")


@pytest.mark.parametrize(
    ("id", "name", "date"),
    [
        ("Callouts.md", "Callouts", ""),
        ("2023-01-15-x.md", "x", "2023-01-15"),
        ("_posts/2023-01-15-first-light.md", "first-light", "2023-01-15"),
        ("20230115 Tides.md", "Tides", "2023-01-15"),
        ("202301151200 Tides.md", "Tides", "2023-01-15"),
        ("2023_01_15 Tides.md", "Tides", "2023-01-15"),
        ("Tides 2023-01-15.md", "Tides", "2023-01-15"),
        ("2023-01 Tides.md", "Tides", "2023-01"),
        ("2023-01-15.md", "2023-01-15", "2023-01-15"),
        ("Tides 0123456789abcdef0123456789abcdef.md", "Tides", ""),
        ("0123456789abcdef0123456789abcdef.md", "", ""),
        ("posts/first-light/index.md", "first-light", ""),
        ("posts/2023-01-15-first-light/index.md", "first-light", "2023-01-15"),
        ("posts/2023/01/15/tides.md", "tides", "2023-01-15"),
        ("posts/2023/01/tides.md", "tides", "2023-01"),
        ("README.md", "README", ""),
        ("top 10 of 2023.md", "top 10 of 2023", ""),
        ("2023-13-45-x.md", "2023-13-45-x", ""),
        ("version 2.2023-01-15.1.md", "version 2.2023-01-15.1", ""),
        ("12345678.md", "12345678", ""),
    ],
)
def test_a_name_gives_a_title_and_a_date(id: str, name: str, date: str):
    assert name_of(ArticleId(id)) == (name, date)


def test_the_date_of_a_file_name_counts_where_the_article_gives_none():
    assert read(BODY, "2023-01-15-x.md").meta == Meta(date="2023-01-15", guessed=("title", "date"))
    told = read(f"---\ndate: 2020-02-02\n---\n{BODY}", "2023-01-15-x.md").meta
    assert (told.date, told.guessed) == ("2020-02-02", ("title",))
    assert read(f"---\ndate: '{{{{date}}}}'\n---\n{BODY}", "2023-01-15-x.md").meta.date == (
        "2023-01-15"
    )


def test_a_name_of_numbers_gives_way_to_the_first_line():
    assert read("The first line.\n\nMore.\n", "000_98eb8d15b5e18bc6.md").title == "The first line."


@pytest.mark.parametrize(
    ("text", "meta"),
    [
        ("# T\n\nCreated: January 2, 2023 10:00 AM\nTags: a, b\nCreated by: Ann Lee\n\nText.\n",
         Meta(author="Ann Lee", date="2023-01-02", tags=("a", "b"))),
        ("# T\n\n## Metadata\n- Author: [[Ann Lee]]\n- Full Title: T\n- URL: https://x.org/y\n"
         "- Document Tags: [[a]] [[b]]\n\n## Highlights\n- One thing is so.\n",
         Meta(title="T", author="Ann Lee", tags=("a", "b"), url="https://x.org/y")),
        ("# T\n\nSome text.\n\nauthor:: [[Ann Lee]]\ntags:: [[a]], [[b]]\n",
         Meta(author="Ann Lee", tags=("a", "b"))),
    ],
    ids=["Notion", "Readwise", "Dataview"],
)  # fmt: skip
def test_properties_in_the_text_are_read(text: str, meta: Meta):
    assert read(text).meta == meta


def test_a_description_under_a_title_is_no_property():
    assert read("# T\n\nSummary: it works.\n\nText.\n").meta == Meta()


@pytest.mark.parametrize(
    ("front", "quotes"),
    [
        ('---\ntitle: "Only this"\nsummary: It is so.\n---\n', ["Only this", "It is so."]),
        ("---\nsummary: It is so.\ntitle: Only this\n---\n", ["It is so.", "Only this"]),
        ("---\ntitle: T one\ndescription: >\n  It goes\n  on.\n---\n", ["T one", "It goes\n  on."]),
        ('+++\ntitle = "Only this"\nsummary = "It is so."\n+++\n', ["Only this", "It is so."]),
        ("---\ndescription: It is so.\n---\n\n![](x.png)\n", ["It is so."]),
        ("Title: Only this\nSummary: It is so.\n", ["Only this", "It is so."]),
    ],
)  # fmt: skip
def test_an_article_of_front_matter_alone_has_its_title_and_summary_for_text(
    front: str, quotes: list[str]
):
    article = read(front)
    prose = [section.prose.of(article.text) for section in article.sections]
    assert prose[: len(quotes)] == quotes
    assert "".join(section.span.of(article.text) for section in article.sections) == front


def test_front_matter_above_a_text_is_no_text():
    article = read("---\ntitle: T\ndescription: It is so.\n---\nThe text stands here.\n")
    assert [section.prose.of(article.text) for section in article.sections] == [
        "", "The text stands here."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("date", "days"),
    [
        ("2024", ("2024-01-01", "2024-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2024-02-03", ("2024-02-03", "2024-02-03")),
        ("soon", ("", "")),
        ("03/04/2025", ("", "")),
    ],
)
def test_a_date_means_days(date: str, days: tuple[str, str]):
    assert Meta(date=date).days == days
