from dataclasses import replace

import pytest
from hypothesis import given

from clocks import at_most
from ibid.reading.front_matter import LONGEST, find_front_matter
from ibid.types.articles import Meta
from markdown_texts import DATA, needs_data, texts

BODY = "\n# Heading\n\ntext\n"


def find_in_no_time(text: str) -> None:
    with at_most(0.3):
        find_front_matter(text)


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
    assert (found.meta, found.warnings) == (
        Meta(title="A: B", date="2025-08-01", tags=("x", "y")), ()
    )  # fmt: skip
    assert found.end == len(mark + end.join(lines))


@pytest.mark.parametrize(
    ("line", "meta"),
    [
        ("author: Ada", Meta(author="Ada")),
        ("authors: [Ada, Bob]", Meta(author="Ada", coauthors=("Bob",))),
        ("by:\n- Ada\n- Bob", Meta(author="Ada", coauthors=("Bob",))),
        ("authors:\n- {name: Ada}", Meta(author="Ada")),
        ("author: {name: Ada, url: x}", Meta(author="Ada")),
        ("author: '[[Ada Lovelace]]'", Meta(author="Ada Lovelace")),
        ("author: [[Ada Lovelace]]", Meta(author="Ada Lovelace")),
        ("author: '[[people/ada|Ada]]'", Meta(author="Ada")),
        ("Author: Ada", Meta(author="Ada")),
        ("author: Ada Lovelace and Bob Fox", Meta(author="Ada Lovelace", coauthors=("Bob Fox",))),
        ("author: Ada Lovelace, Bob Fox", Meta(author="Ada Lovelace", coauthors=("Bob Fox",))),
        ("author: Lovelace, Ada; Fox, Bob", Meta(author="Lovelace, Ada", coauthors=("Fox, Bob",))),
        ("author: Johnson & Johnson", Meta(author="Johnson & Johnson")),
        ("authors: Ada, Bob", Meta(author="Ada", coauthors=("Bob",))),
        ("author: Ada <ada@example.org>", Meta(author="Ada")),
        ("author: {given: Ada, family: Lovelace}", Meta(author="Ada Lovelace")),
        ("author:\n- Ada Lovelace:\n    institute: [x]", Meta(author="Ada Lovelace")),
        ("creator: Ada", Meta(author="Ada")),
        ("params: {author: Ada}", Meta(author="Ada")),
        ("created_at: 2025-05-12T10:00:00Z", Meta(date="2025-05-12")),
        ("publish-date: 2025-05-12", Meta(date="2025-05-12")),
        ("Created: 2025-05-12", Meta(date="2025-05-12")),
        ("date: [[2025-05-12]]", Meta(date="2025-05-12")),
        ("last_update: {date: 2025-05-12, author: Bob}", Meta(date="2025-05-12")),
        ("lastmod: 2025-05-12\ndate: 2025-01-01", Meta(date="2025-01-01")),
        ("tags: '#a/b #c'", Meta(tags=("a/b", "c"))),
        ("tags: ruby rails", Meta(tags=("ruby", "rails"))),
        ("categories: [x, y]", Meta(category="x", tags=("y",))),
        ("aliases: [U, V]", Meta(aliases=("U", "V"))),
        ("path: 2016/07/07/Rust-1.10", Meta(date="2016-07-07")),
        ("permalink: /2016/07/a-post/", Meta(date="2016-07")),
        ("date: '{{date}}'\nauthor: '<% tp.user %>'", Meta()),
        ("draft: true", Meta(draft=True)),
        ("published: false", Meta(draft=True)),
        ("canonical_url: https://x.org/y", Meta(url="https://x.org/y")),
        ("lang: pt-BR", Meta(language="pt-BR")),
        ("date: 2025-05-12T10:00:00Z", Meta(date="2025-05-12")),
        ("date: May 12, 2025", Meta(date="2025-05-12")),
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
    assert (found.meta, found.warnings) == (replace(meta, title="T"), ())


@pytest.mark.parametrize(
    "text",
    [
        "", "---", "---\n", "text\n---\na: b\n---\n", "----\na: b\n----\n", " ---\na: b\n---\n",
        "---\na: b\n", "---\na: b\n----\n", "+++\nA paragraph.\n+++\n", "---a: b\n---\n",
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
    assert (found.meta.title, found.meta.date) == ("The title", "2025-05-12")
    assert reason in found.warnings[0]
    assert found.end > 0


def test_an_unquoted_colon_does_not_cut_the_title():
    assert (
        find_front_matter("---\ntitle: AI: the next step\n---\n").meta.title == "AI: the next step"
    )


def test_a_key_that_is_given_twice_is_told():
    found = find_front_matter("---\ntitle: A\nx: {y: 1, y: 2}\ntitle: B\n---\n")
    assert (found.meta.title, found.warnings) == ("B", ("front matter says title twice",))


def test_a_date_that_does_not_exist_is_told():
    found = find_front_matter("---\ndate: 2025-13-45\n---\n")
    assert found.meta.date == "2025-13-45"
    assert found.warnings == ("front matter holds a date that does not exist: 2025-13-45",)


HEADERS = {
    "Pelican": "Title: T\nDate: 2025-05-12 10:20\nAuthors: Ada, Bob\nTags: x y, z\nSlug: s\n\n",
    "MultiMarkdown": "Title:  T  \nAuthor:\tAda\n\tand Bob Fox\nDate: May 12, 2025\n\n",
    "Hexo": "title: T\ndate: 2025-05-12\ntags:\n- x y\n- z\nauthor: Ada\n---\n",
    "Pandoc": "% T\n% Ada; Bob\n% May 12, 2025\n\n",
    "Nikola": "<!--\n.. title: T\n.. date: 2025-05-12 10:00 UTC\n.. author: Ada\n-->\n\n",
    "Logseq": "title:: T\ndate:: [[2025-05-12]]\nauthor:: [[Ada]]\n\n",
    "YAML below blank lines": "\n \n---\ntitle: T\ndate: 2025-05-12\nauthor: Ada\n---\n",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_header_is_read_whichever_tool_wrote_it(header: str, end: str):
    header = header.replace("\n", end)
    found = find_front_matter(f"{header}The text.{end}")
    assert (found.end, found.meta.title, found.meta.date) == (len(header), "T", "2025-05-12")
    assert found.meta.author.startswith("Ada")


@pytest.mark.parametrize(
    "text",
    ["Note: one thing.\n\ntext", "Warning: hot\nDanger: hotter\n\n", "Date: it was late.\n\n",
     "Title: X and then\na paragraph goes on.\n\n", "Summary: it works.\n\n"],
)  # fmt: skip
def test_a_paragraph_with_a_colon_is_no_header(text: str):
    assert find_front_matter(text).end == 0


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("&ldquo;Tides&rdquo; &amp; moons", "“Tides” & moons"),
        ("A <em>new</em> tide", "A new tide"),
        (r"Schr{\"o}dinger \& \textit{his} cat", "Schrödinger & his cat"),
        (r"C:\\Users", r"C:\\Users"),
        ("a < b", "a < b"),
    ],
)
def test_a_title_is_read_as_a_reader_sees_it(written: str, title: str):
    assert find_front_matter(f"---\ntitle: '{written}'\n---\n").meta.title == title


@given(texts, texts)
def test_nothing_in_front_matter_raises(yaml: str, body: str):
    text = f"---\n{yaml}\n---\n{body}"
    assert 0 <= find_front_matter(text).end <= len(text)
    find_front_matter(yaml)


TOML = """
title = "AI: the \\"next\\" step"
date = 2025-05-12T10:00:00Z
authors = ["Ada", "Bob"]
version = 1.10
draft = false
[taxonomies]
tags = ["x", "y"]
[extra]
title = "not this"
"""
JSON = """{
  "title": "AI: the \\"next\\" step",
  "date": "2025-05-12T10:00:00Z",
  "authors": ["Ada", "Bob"],
  "tags": ["x", "y"],
  "menu": {
    "main": {}
  }
}"""
SAID = Meta(
    title='AI: the "next" step',
    author="Ada",
    coauthors=("Bob",),
    date="2025-05-12",
    tags=("x", "y"),
)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("block", [f"+++{TOML}+++", JSON], ids=["toml", "json"])
def test_toml_and_json_are_read_as_hugo_has_them(block: str, mark: str, end: str):
    front = mark + f"{block}\n\n".replace("\n", end)
    found = find_front_matter(f"{front}text")
    assert (found.end, found.meta, found.warnings) == (len(front), SAID, ())


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ('+++\ntitle = "T"\nx = [\n+++\n', "not valid TOML"),
        ('+++\ntitle = "A"\ntitle = "T"\n+++\n', "Cannot overwrite a value"),
        (f'+++\ntitle = "T"\nx = {"[" * 5000}\n+++\n', "not valid TOML"),
        (f'+++\ntitle = "T"\n{"a." * 30}a = 1\n+++\n', "nests too deep"),
        ('+++\ntitle = "T"\ndate = 2025-13-45\n+++\n', "not valid TOML"),
        ('+++\ntitle = "T"\ndate = "2025-13-45"\n+++\n', "date that does not exist: 2025-13-45"),
        ('{\n"title": "T",\n"x": [\n}\n', "not valid JSON"),
        ('{\n  "title": "T",,\n}\n', "not valid JSON"),
        ('{"title": "A", "title": "T"}\n', "says title twice"),
        ('{\n"title": "T",\n"x": ' + "[" * 5000 + "\n}\n", "not valid JSON"),
        ('{"title": "T", "date": "2025-13-45"}\n', "date that does not exist: 2025-13-45"),
    ],
)
def test_a_fault_in_toml_or_json_costs_metadata_only_and_is_told(block: str, reason: str):
    found = find_front_matter(block + BODY)
    assert (found.end, found.meta.title) == (len(block) + 1, "T")
    assert reason in found.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        '{ "title": "T" } and text\n', "{{< figure >}}\n\ntext", "{a: b}\n", '{"title": "T"',
        '+++\ntitle = "T"\n', '++++\ntitle = "T"\n++++\n', "{", '{"', "[1]\n",
        f'{{"a": "{"x" * LONGEST}"}}\n', f"+++\na = '{'x' * LONGEST}'\n+++\n",
    ],
)  # fmt: skip
def test_what_is_neither_toml_nor_json_stays_text(text: str):
    assert find_front_matter(text).end == 0


@given(texts, texts)
def test_nothing_in_toml_or_json_raises(source: str, body: str):
    for text in (f"+++\n{source}\n+++\n{body}", f'{{\n"a": "{source}\n}}\n{body}'):
        assert 0 <= find_front_matter(text).end <= len(text)


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
    find_in_no_time(f"---\ntitle: x\n{bomb}\n---\n{BODY}")


TOML_BOMBS = {
    "brackets": "a = " + "[" * 60_000,
    "tables": "".join(f"[a{n}]\n" for n in range(6000)),
    "one deep key": ".".join("a" * 20_000) + " = 1",
    "one deep quoted key": ".".join(['"a"'] * 15_000) + " = 1",
    "one deep table": "[" + ".".join("a" * 20_000) + "]",
    "deeper and deeper": "".join(f"[{'.'.join('a' * n)}.b{n}]\n" for n in range(1, 240)),
    "an open string": 'a = """' + "x\n" * 30_000,
    "braces": "a = " + "{a=" * 15_000,
    "dots": "a = '" + ". " * 30_000,
    "digits": "a = " + "9" * 60_000,
}
JSON_BOMBS = {
    "brackets": '"a": ' + "[" * 60_000,
    "braces": '"a": ' + '{"a": ' * 10_000,
    "digits": '"a": ' + "9" * 60_000,
    "ends": '"a": 1,\n' + "}x\n" * 20_000,
    "spaces": '"a": 1,\n' + "}" + " " * 60_000 + "x",
    "quotes": '"a": "' + '\\"' * 30_000,
    "keys": ",\n".join(f'"a{n}": 1' for n in range(5000)),
}


@pytest.mark.parametrize("bomb", TOML_BOMBS.values(), ids=TOML_BOMBS)
def test_a_bomb_in_toml_goes_off_in_no_time(bomb: str):
    find_in_no_time(f"+++\ntitle = 'x'\n{bomb}\n+++\n{BODY}")


@pytest.mark.parametrize("bomb", JSON_BOMBS.values(), ids=JSON_BOMBS)
def test_a_bomb_in_json_goes_off_in_no_time(bomb: str):
    find_in_no_time(f"{{\n{bomb}\n}}\n{BODY}")


def test_a_bomb_in_a_block_that_is_never_closed_goes_off_in_no_time():
    for bomb in ("a: b\n" * 10**6, "\n" * 10**6):
        find_in_no_time("---\n" + bomb)


@needs_data
def test_the_cases_of_the_yaml_suite_are_read_in_no_time():
    cases = sorted((DATA / "yaml_suite" / "src").glob("*.yaml"))
    assert len(cases) > 300
    with at_most(10):
        for case in cases:
            find_front_matter(f"---\n{case.read_text(encoding='utf-8')}\n---\n{BODY}")


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("August 31, 2025", "2025-08-31"),
        ("Aug 31 2025", "2025-08-31"),
        ("31 August 2025", "2025-08-31"),
        ("31st Aug, 2025", "2025-08-31"),
        ("Sunday, August 31st, 2025", "2025-08-31"),
        ("2025/8/31", "2025-08-31"),
        ("2025.08.31", "2025-08-31"),
        ("20250831", "2025-08-31"),
        ("Sun, 31 Aug 2025 09:00:00 +0200", "2025-08-31"),
        ("2025-08-31T23:59:59-11:00", "2025-08-31"),
        ("31.08.2025", "2025-08-31"),
        ("31/08/2025", "2025-08-31"),
        ("08/31/2025", "2025-08-31"),
        ("31. August 2025, 10:00", "2025-08-31"),
        ("31 août 2025", "2025-08-31"),
        ("3 de março de 2025", "2025-03-03"),
        ("August 31, 2025 10:00 AM", "2025-08-31"),
        ("2025", "2025"),
        ("2025-08", "2025-08"),
        ("08/2025", "2025-08"),
        ("August 2025", "2025-08"),
        ("Aug. 2025", "2025-08"),
    ],
)
def test_a_date_is_normalised_however_it_is_written(written: str, date: str):
    found = find_front_matter(f"---\ndate: '{written}'\n---\n{BODY}")
    assert (found.meta.date, found.warnings) == (date, ())


@pytest.mark.parametrize("written", ["03/04/2025", "31.12.99", "1756598400", "12 weeks in 2025"])
def test_a_date_that_can_be_two_stays_as_it_is_written_and_is_told(written: str):
    found = find_front_matter(f"---\ndate: {written}\n---\n{BODY}")
    assert found.meta.date == written
    assert found.warnings == (f"front matter holds a date that cannot be told: {written}",)


def test_words_in_place_of_a_date_are_kept_and_need_no_warning():
    found = find_front_matter(f"---\ndate: soon\n---\n{BODY}")
    assert (found.meta.date, found.warnings) == ("soon", ())
