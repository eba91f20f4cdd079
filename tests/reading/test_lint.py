"""What lint finds in one article, and what it leaves alone."""

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks import at_most
from ibid.reading.article import read_article
from ibid.reading.lint import MOST_PER_RULE, due_by, lint_article, notes_on
from ibid.text.strings import line_of
from ibid.types.articles import Article, ArticleId, Rule, Span
from markdown_texts import texts

TODAY = datetime.date(2026, 11, 21)
FRONT = '---\ntitle: "Fruit"\ndate: {}\nauthor: Ana\n---\n\n'


def read(text: str, written: str = "2025-08-31") -> Article:
    raw = (FRONT.format(written) + text).encode("utf-8")
    article = read_article(ArticleId("fruit.md"), raw)
    return replace(article, findings=lint_article(article))


def found(text: str, written: str = "2025-08-31") -> list[tuple[Rule, str]]:
    """Return the rules and the quoted words of what is found on TODAY."""
    article = read(text, written)
    findings = due_by(TODAY, article.findings)
    return [(finding.rule, finding.span.of(article.text)) for finding in findings]


def test_a_sound_article_has_no_findings():
    text = (
        "# Fruit\n\nApples are red [Source: https://a.org/b]. Pears are green [1].\n\n"
        "## Trees\n\nThey grow in orchards ([a study](https://a.org)).\n"
    )
    assert found(text) == []


@pytest.mark.parametrize(
    "note",
    [
        "[Source: [Insert relevant 2025 research paper link here]]",
        "[Source: https://a.org/](Example - Replace with actual article)",
        "[Source: (Replace with a relevant paper, e.g., Nature)]",
        "[Source: [https://a.org](https://a.org) (Example - replace with a current article)]",
        "(Source: TODO)",
        "[citation needed]",
        "(insert link here)",
        "(TODO: check)",
        "(exact path TBD)",
        "[a study](#)",
        "[a study](https://example.com/paper)",
        "Lorem ipsum dolor",
    ],
)
def test_a_placeholder_is_found_as_a_whole(note: str):
    assert found(f"Apples are red. {note} They fall.") == [(Rule.PLACEHOLDER, note)]


@pytest.mark.parametrize(
    "text",
    [
        "Replace with care what you insert here.",
        "A `TODO` is a note to oneself. (See the “TODO” list.)",
        "Code:\n\n```\n# TODO (insert link here)\n```\n",
        "<!-- TODO -->\n\nApples.",
        "Designers call it lorem ipsum.",
        "Call `f[T]()` and f[T any]() here.",
    ],
)
def test_words_that_only_sound_like_placeholders_are_left_alone(text: str):
    assert found(text) == []


@pytest.mark.parametrize("note", ["[Source: Gartner, 2024]", "(Sources: a study [p. 3])"])
def test_a_source_without_a_link_is_found(note: str):
    assert found(f"Apples are red {note}.") == [(Rule.NO_LINK, note)]


@pytest.mark.parametrize(
    "note",
    [
        "[Source: nature.com/a1]",
        "(Source: doi 10.1038/1)",
        "[Source: Gartner](/local)",
        "[Source: Gartner][1]",
        "[Open source: a story]",
    ],
)
def test_a_source_with_an_address_is_left_alone(note: str):
    assert found(f"Apples are red {note}.") == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("In 2019 we will see more apples.", "2018-01-01"),
        ("By 2025, we'll see significant strides.", "2025-08-31"),
        ("Apples are expected to be larger by 2025.", "2025-08-31"),
        ("Machines are sorting apples by the end of 2024.", "2023-08-31"),
        ("Experts predict a good harvest in early 2024.", "2023-08-31"),
        ("Rust 9 (to be released on 3 May) will be final on May 15, 2015.", "2015-02-01"),
        ("It is due to be released on December 1st 2014.", ""),
        ("Pears will be sold by 2025 and beyond.", ""),
    ],
)
def test_a_forecast_whose_year_is_over_is_found(text: str, written: str):
    forecasts = [quote for rule, quote in found(text, written) if rule is Rule.OLD_FORECAST]
    assert forecasts == [text]


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 the FDA will-call list was long.",
        "In 2019 the will of the farmer was read.",
        "In 2024 apples were scarce.",  # history
        "By 2027, apples will be blue.",  # not over
        "By 2026, apples will be blue.",  # not over yet
        "In 2014, she signed the Apple Act, which will help.",  # before the article was written
        "We will tell. Mark joined us in 2025.",
        "As we shared in January 2025, our goal is to grow.",
        "Apples will grow. In 2025, pears grew.",
        "It works in 2015 and 2018 editions and will go on.",
    ],
)
def test_what_is_no_old_forecast_is_left_alone(text: str):
    assert found(text, "2025-01-31") == []


def test_headings_and_the_description_can_be_forecasts():
    assert found("## Predictions for 2025 and Beyond\n\nMore apples.\n") == [
        (Rule.OLD_FORECAST, "## Predictions for 2025 and Beyond")
    ]
    assert found("## Results of 2025\n\nMore apples.\n") == []
    raw = b'---\ndescription: "Robots will pick apples by 2025."\ntitle: "2025 Outlook"\n---\nSo.\n'
    article = read_article(ArticleId("a.md"), raw)
    quotes = [f.span.of(article.text) for f in lint_article(article) if f.year]
    assert quotes == ["Robots will pick apples by 2025.", "2025 Outlook"]


def test_a_forecast_counts_from_the_year_after():
    article = read("By 2026, apples will be blue.")
    assert [finding.year for finding in article.findings] == [2026]
    assert due_by(datetime.date(2026, 12, 31), article.findings) == ()
    assert due_by(datetime.date(2027, 1, 1), article.findings) == article.findings


def test_mojibake_is_found_with_what_was_meant_and_good_characters_are_left_alone():
    article = read("New data â€“ red apples. CafÃ© too.")
    assert [finding.text for finding in article.findings] == [
        "characters decoded wrongly: “â€“” for “–”",
        "characters decoded wrongly: “Ã©” for “é”",
    ]
    assert found("A café – “naïve” … 東京, Москва, 10 °C, ½ × ¾, 🍎 ÄÖÜß.") == []
    assert found("Lost \ufffd here.") == [(Rule.MOJIBAKE, "\ufffd")]
    assert found("Go prints:\n\n    \ufffd\n") == []


def test_missing_metadata_and_what_reading_says_is_told():
    bare = read_article(ArticleId("a.md"), b"Apples.\n")
    assert {f.text for f in lint_article(bare)} == {
        "no title is given: it is called “a”",
        "no date is given",
        "no author is given",
    }
    toml = read_article(ArticleId("a.md"), b'+++\ntitle = "A"\n+++\nApples.\n')
    assert {f.text for f in lint_article(toml)} == {"no date is given", "no author is given"}
    lost = lint_article(
        read_article(ArticleId("a.md"), "# Äpfel, Öle\n\nLost ".encode() + b"\xff.\n")
    )
    assert [f.rule for f in lost if f.span] == [Rule.MOJIBAKE]
    assert [f.text for f in lost if f.rule is Rule.READING and "FFFD" in f.text] == []
    warned = read_article(ArticleId("a.md"), b"---\ntitle: A\ntitle: B\n---\n# A\n")
    assert "front matter says title twice" in {
        f.text for f in lint_article(warned) if f.rule is Rule.READING
    }


@pytest.mark.parametrize(
    ("text", "quote", "said"),
    [
        ("# A\n\nOne.\n\n## B\n\nTwo.\n\n## B\n\nThree.\n", "## B", "twice"),
        ("# A\n\nOne.\n\n## B\n\n## C\n\nThree.\n", "## B", "nothing below"),
        ("# A\n\nOne.\n\n## B\n", "## B", "nothing below"),
        ("# A\n\nOne.\n\n##\n\nTwo.\n", "##", "without words"),
        ("# A\n\nOne.\n\n##Two\n\nThree.\n", "##Two", "no space"),
    ],
)
def test_a_broken_heading_is_found(text: str, quote: str, said: str):
    article = read(text)
    (finding,) = article.findings
    assert (finding.rule, finding.span.of(article.text)) == (Rule.HEADING, quote)
    assert said in finding.text


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\n## B\n\n### C\n\nText.\n",
        "# A\n\n## B\n\n### C\n\nOne.\n\n## D\n\n### C\n\nTwo.\n",
        "# A\n\n**Note:** One.\n\n**Note:** Two.\n",
        "# A\n\n#apples are red.\n\n```sh\n##comment\n#\n```\n",
    ],
)
def test_headings_in_order_are_left_alone(text: str):
    assert found(text) == []


def test_a_flood_of_findings_is_counted_not_listed():
    article = read("(TODO) apples.\n\n" * 1000)
    assert len(article.findings) == MOST_PER_RULE + 1
    assert article.findings[-1].text == "900 more like this from here on"


# Notes on quotes


def note(text: str, quote: str) -> tuple[str, ...]:
    article = read(text)
    start = article.text.index(quote)
    return notes_on(Span(start, start + len(quote)), article, TODAY)


def test_a_quote_is_told_when_its_source_is_a_placeholder():
    text = "Pears. Apples are red. [Source: a.org](Example - replace with b) [Source: TODO] Plums."
    assert note(text, "Apples are red.") == ("its source is a placeholder",)
    for quote in ("Pears.", "Plums."):
        assert note(text, quote) == ()
    assert note("Apples [Source: Ana] are red.", "Apples [Source: Ana] are red.") == (
        "its source has no link",
    )


def test_a_quote_is_told_when_it_holds_an_old_forecast_or_mojibake():
    text = "By 2025, we will see â€“ apples. Pears are green. By 2040, we will see plums."
    assert note(text, "By 2025, we will see â€“ apples.") == (
        "its forecast for 2025 is over",
        "it holds characters decoded wrongly: “â€“” for “–”",
    )
    assert note(text, "Pears are green.") == ()
    assert note(text, "By 2040, we will see plums.") == ()


# The user's articles


def test_the_five_articles_have_exactly_these_findings(seeds: Path):
    places: dict[str, dict[Rule, list[int]]] = {}
    for path in sorted(seeds.iterdir()):
        article = read_article(ArticleId(path.name), path.read_bytes())
        lines = places.setdefault(path.name[:3], {})
        for finding in due_by(TODAY, lint_article(article)):
            line = line_of(article.text, finding.span.start) if len(finding.span) else 0
            lines.setdefault(finding.rule, []).append(line)
    assert places == {
        "000": {Rule.OLD_FORECAST: [21, 33, 41, 54]},
        "001": {Rule.OLD_FORECAST: [2, 18, 21, 57, 59, 62, 84], Rule.MOJIBAKE: [38]},
        "002": {Rule.PLACEHOLDER: [23, 25, 27]},
        "003": {Rule.MISSING: [0, 0]},
        "004": {Rule.PLACEHOLDER: [15, 15, 17]},
    }


# Anything at all

PIECES = (
    *("[Source: ", "]", "(", ")", "(TODO", "https://a.b", "insert link here", "#", "\n", "```\n"),
    *("By 2025, we will ", "in 2019", "will ", "since ", "â€", "\ufffd", "\n## A\n", "<!--", " "),
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(texts, st.lists(st.sampled_from(PIECES), max_size=60).map("".join)))
def test_any_text_is_linted_and_each_place_is_in_it(text: str):
    article = read_article(ArticleId("a.md"), text.replace("\0", "").encode("utf-8", "ignore"))
    for finding in lint_article(article):
        assert 0 <= finding.span.start <= finding.span.end <= len(article.text)
        assert finding.text


HOSTILE = (
    *("[Source: ", "(TODO", "[a](", "By 2025 we will ", "since in 2025 ", "â€", "\ufffd", "`x"),
    *("##\n", "by ", "by the ", "the end of ", "[[", "insert a ", "title: x\n", "  ", "outlook "),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_no_longer_than_other_text(piece: str):
    article = read_article(ArticleId("a.md"), (piece * (100_000 // len(piece))).encode())
    with at_most(2):
        lint_article(article)


@pytest.mark.parametrize(
    "sample",
    [
        "```py\n# TODO: mend it\n##bare\n[x](url)\n```",
        "<pre>\nTODO: mend it\n##bare\n[x](url)\n</pre>",
        "{% highlight py %}\nTODO: mend it\n##bare\n[x](url)\n{% endhighlight %}",
        "{{< highlight py >}}\nTODO: mend it\n##bare\n[x](url)\n{{< /highlight >}}",
        "%%\nTODO: mend it\n##bare\n%%",
    ],
)
def test_a_sample_of_code_raises_no_alarm(sample: str):
    article = read_article(ArticleId("a.md"), f"# Code\n\nIt is so:\n\n{sample}\n".encode())
    assert {finding.rule for finding in lint_article(article)} == {Rule.MISSING}


def test_what_was_guessed_and_a_draft_is_told():
    article = read_article(ArticleId("2023-01-15-tides.md"), b"---\ndraft: true\n---\nText.\n")
    assert {finding.text for finding in lint_article(article)} == {
        "no title is given: it is called “tides”",
        "no date is given: its file name says 2023-01-15",
        "no author is given",
        "it says that it is a draft",
    }
