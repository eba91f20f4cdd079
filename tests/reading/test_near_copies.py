"""Near-copies and series: what articles are beside each other."""

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from clocks import at_most
from ibid.reading.article import read_article
from ibid.reading.near_copies import lint_folder
from ibid.types.articles import Article, ArticleId, Rule

WORDS = [f"{one}{two}" for one in "bcdfghjklmnp" for two in ("an", "el", "ir", "op", "um", "ay")]


def prose(seed: int, count: int = 120) -> str:
    """Return `count` words in an order that no other seed gives."""
    return " ".join(random.Random(seed).choices(WORDS, k=count))  # noqa: S311


def article(
    id: str, text: str, title: str = "", date: str = "2025-05-12", author: str = "Ana"
) -> Article:
    front = f'---\ntitle: "{title or id}"\ndate: {date}\nauthor: "{author}"\n---\n\n'
    return read_article(ArticleId(id), (front + text + "\n").encode("utf-8"))


def found(*articles: Article) -> dict[str, list[tuple[Rule, str]]]:
    return {id: [(f.rule, f.text) for f in all] for id, all in lint_folder(articles).items()}


def test_articles_of_their_own_have_nothing_in_common():
    assert found(*(article(f"{n}.md", prose(n)) for n in range(5))) == {}
    assert found() == {}
    assert found(article("a.md", "")) == {}


def test_a_near_copy_is_found_from_both_sides_whatever_their_lengths():
    body = prose(1)
    both = found(article("a.md", body), article("b.md", f"{body} {prose(2, 600)}"))
    assert both == {
        "a.md": [(Rule.NEAR_COPY, "100% of its text stands in b.md too")],
        "b.md": [(Rule.NEAR_COPY, "100% of a.md stands in it too")],
    }


def test_half_of_the_shorter_text_is_the_least():
    start = prose(1)
    assert found(article("a.md", start), article("b.md", f"{start} {prose(2, 100)}"))
    assert not found(
        article("a.md", f"{start} {prose(3, 200)}"), article("b.md", f"{start} {prose(2, 200)}")
    )


def test_short_texts_are_alike_by_chance():
    assert found(article("a.md", "See the new page."), article("b.md", "See the new page.")) == {}


def test_the_front_matter_does_not_count_as_text():
    title = prose(9, 60)
    alike = [article(f"{n}.md", prose(n), title, author=str(n)) for n in range(2)]
    assert found(*alike) == {}


def test_a_thousand_copies_of_a_template_take_linear_time():
    template = prose(1, 300)
    copies = [article(f"{n:04}.md", f"{template} {prose(n + 2, 20)}") for n in range(1000)]
    with at_most(3):
        findings = found(*copies)
    assert len(findings) == 1000
    assert {rule for all in findings.values() for rule, _ in all} == {Rule.NEAR_COPY}
    assert all(len(all) == 1 for all in findings.values())


def test_a_series_is_like_titles_by_one_author_days_apart():
    one = article("a.md", prose(1), "The Leap of Apples: New Uses")
    other = article("b.md", prose(2), "The Leap of Apples: New Colours", "2025-05-13")
    assert found(one, other) == {
        "a.md": [(Rule.SERIES, "its author wrote b.md under a like title, 1 day apart")],
        "b.md": [(Rule.SERIES, "its author wrote a.md under a like title, 1 day apart")],
    }
    for apart in (
        article("b.md", prose(2), "The Leap of Apples: New Colours", "2025-07-13"),
        article("b.md", prose(2), "The Leap of Apples: New Colours", "2025-05-13", "Ben"),
        article("b.md", prose(2), "How Pears Are Stored Over the Winter", "2025-05-13"),
        article("b.md", prose(2), "New Apples", "2025-05-13"),
        article("b.md", prose(2), "The Leap of Apples: New Colours", "last May"),
    ):
        assert found(one, apart) == {}


def test_one_day_with_a_thousand_articles_takes_linear_time():
    many = [article(f"{n:04}.md", prose(n), "This Week in Apples") for n in range(1000)]
    with at_most(3):
        findings = found(*many)
    assert len(findings) == 1000


def test_of_the_five_articles_two_are_a_series_and_none_is_a_copy(seeds: Path):
    articles = [read_article(ArticleId(p.name), p.read_bytes()) for p in sorted(seeds.iterdir())]
    assert {id[:3]: [rule for rule, _ in all] for id, all in found(*articles).items()} == {
        "002": [Rule.SERIES],
        "004": [Rule.SERIES],
    }


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a b c d e f " * 9, "x"]), st.text()), max_size=6))
def test_any_articles_can_be_compared_and_none_is_like_itself(texts: list[tuple[str, str]]):
    articles = [
        article(f"{n}.md", (one + other).encode("utf-8", "ignore").decode().replace("\0", ""))
        for n, (one, other) in enumerate(texts)
    ]
    for id, findings in found(*articles).items():
        assert all(f" {id} " not in text for _, text in findings)
