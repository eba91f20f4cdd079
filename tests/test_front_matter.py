import time
from dataclasses import replace

import pytest
from hypothesis import given

from ibid.reading.front_matter import LONGEST, find_front_matter
from ibid.types import Meta
from markdown_texts import DATA, needs_data, texts

BODY = "\n# Heading\n\ntext\n"


def seconds(text: str) -> float:
    before = time.process_time()
    find_front_matter(text)
    return time.process_time() - before


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("close", ["---", "...", "---  "])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_front_matter_is_read_whatever_ends_its_lines(mark: str, close: str, end: str):
    lines = (
        "---",
        'title: "A: B"',
        "pubDate: 2025-8-1",
        "tags:",
        "  - x",
        "  - 'y'",
        close,
        "",
        "",
    )
    found = find_front_matter(mark + end.join(lines) + "text")
    assert (found.title, found.meta, found.warnings) == (
        "A: B", Meta(title="A: B", date="2025-08-01", tags=("x", "y")), ()
    )  # fmt: skip
    assert found.end == len(mark + end.join(lines))


@pytest.mark.parametrize(
    ("line", "meta"),
    [
        ("author: Ada", Meta(author="Ada")),
        ("authors: [Ada, Bob]", Meta(author="Ada")),
        ("by:\n- Ada\n- Bob", Meta(author="Ada")),
        ("authors:\n- {name: Ada}", Meta()),
        ("date: 2025-05-12T10:00:00Z", Meta(date="2025-05-12")),
        ("date: May 12, 2025", Meta(date="May 12, 2025")),
        ("published: 2025-05-12 10:00", Meta(date="2025-05-12")),
        ("tags: [a b, c]", Meta(tags=("a b", "c"))),
        ("tags: a, b", Meta(tags=("a", "b"))),
        ("tags: []", Meta()),
        ("tags:", Meta()),
        ("categories: blog", Meta(category="blog")),
        ("keywords: [x, y]", Meta(keywords=("x", "y"))),
        ("description: >\n  two\n  lines", Meta(description="two lines")),
        ("category: no", Meta(category="no")),
        ("author: 42", Meta(author="42")),
        ("unknown: x", Meta()),
    ],
)
def test_what_an_article_says_about_itself(line: str, meta: Meta):
    found = find_front_matter(f"---\ntitle: T\n{line}\n---\n{BODY}")
    assert (found.title, found.meta, found.warnings) == ("T", replace(meta, title="T"), ())


@pytest.mark.parametrize(
    "text",
    [
        "", "---", "---\n", "text\n---\na: b\n---\n", "----\na: b\n----\n", " ---\na: b\n---\n",
        "---\na: b\n", "---\na: b\n----\n", "+++\ntitle = 'x'\n+++\n", "---a: b\n---\n",
        "---\n\nA paragraph between two rules.\n\n---\n", "---\n- a\n- list\n---\n",
        "---\n# A heading\n---\n",
        f"---\na: {'x' * LONGEST}\n---\n",
    ],
)  # fmt: skip
def test_what_is_no_front_matter_stays_text(text: str):
    assert find_front_matter(text).end == 0


def test_front_matter_may_be_empty():
    assert find_front_matter("---\n---\n\ntext").end == len("---\n---\n\n")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("subtitle: one: two", "mapping values are not allowed"),
        ("a: &x 1", "anchor"),
        ("a: *x", "alias"),
        ("a: !!python/object:os.system x", "tag"),
        ("a: " + "[" * 30 + "]" * 30, "nests too deep"),
        ("\tb: c", "cannot start any token"),
        ("a: [", "expected"),
    ],
)
def test_a_fault_costs_the_other_fields_at_most(line: str, reason: str):
    found = find_front_matter(f"---\ntitle: 'The title'\n{line}\ndate: 2025-05-12\n---\n{BODY}")
    assert (found.title, found.meta.date) == ("The title", "2025-05-12")
    assert reason in found.warnings[0]
    assert found.end > 0


def test_an_unquoted_colon_does_not_cut_the_title():
    assert find_front_matter("---\ntitle: AI: the next step\n---\n").title == "AI: the next step"


def test_a_key_that_is_given_twice_is_told():
    found = find_front_matter("---\ntitle: A\nx: {y: 1, y: 2}\ntitle: B\n---\n")
    assert (found.title, found.warnings) == ("B", ("front matter says title twice",))


def test_a_date_that_does_not_exist_is_told():
    found = find_front_matter("---\ndate: 2025-13-45\n---\n")
    assert found.meta.date == "2025-13-45"
    assert found.warnings == ("front matter holds a date that does not exist: 2025-13-45",)


@given(texts, texts)
def test_nothing_in_front_matter_raises(yaml: str, body: str):
    text = f"---\n{yaml}\n---\n{body}"
    assert 0 <= find_front_matter(text).end <= len(text)
    find_front_matter(yaml)


ALIASES = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
BOMBS = {
    "brackets": "[" * 60_000,
    "more brackets": "[" * 100_000,
    "braces": "a: " + "{" * 60_000,
    "aliases": f"a0: &a0 [x]\n{ALIASES}",
    "merges": "a: &a {x: 1}\n" + "\n".join(f"b{n}: &b{n}\n  <<: [*a, *a]" for n in range(2000)),
    "anchors": "".join(f"a{n}: &x{n} y\n" for n in range(4000)),
    "dashes": "- " * 30_000,
    "questions": "? " * 30_000,
    "indents": "".join(" " * n + "a:\n" for n in range(300)),
    "one long word": "a" * 60_000,
    "one long value": "a: " + "x " * 30_000,
    "colons": "a: " + ": " * 30_000,
    "tags": "!!a " * 15_000,
    "directives": "%YAML 1.1\n" * 6000,
    "comments": "#\n" * 30_000,
    "blank lines": "\n" * 60_000,
    "spaces": " " * 60_000,
    "almost closed": "--- x\n" * 10_000,
    "almost closed with spaces": ("---" + " " * 500 + "x\n") * 120,
    "quotes": 'a: "' + "\\u0041" * 10_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_goes_off_in_no_time(bomb: str):
    assert min(seconds(f"---\ntitle: x\n{bomb}\n---\n{BODY}") for _ in range(3)) < 0.05


def test_a_bomb_in_a_block_that_is_never_closed_goes_off_in_no_time():
    assert min(seconds("---\n" + bomb) for bomb in ("a: b\n" * 10**6, "\n" * 10**6)) < 0.05


@needs_data
def test_the_cases_of_the_yaml_suite_are_read_in_no_time():
    cases = sorted((DATA / "yaml_suite" / "src").glob("*.yaml"))
    assert len(cases) > 300
    for case in cases:
        source = case.read_text(encoding="utf-8")
        assert min(seconds(f"---\n{source}\n---\n{BODY}") for _ in range(3)) < 0.05, case.name
