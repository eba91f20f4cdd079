"""What a reader of an article's own tool sees, and where that stands in the file."""

import pytest
from hypothesis import given, settings

from clocks import at_most
from ibid.text.seen import as_read, view
from ibid.text.sentences import find_sentences
from ibid.text.strings import LINE_END, plain
from ibid.types.articles import Span
from markdown_texts import texts


def seen(text: str) -> list[str]:
    return [as_read(text, span) for span in find_sentences(text, Span(0, len(text)))]


OBSIDIAN = {
    "See [[Tides|the tides]] and [[Moon]].": ["See the tides and Moon."],
    "See [[Tides#Part one]] and [[Tides#^ab12]] here.": ["See Tides > Part one and Tides here."],
    "![[Note#S]]\n\nText is here.\n\n![[pic.png|300]] It is so.": ["Text is here.", "It is so."],
    "> [!warning] Mind the gap\n> The gap is wide. It is\n> deep.\n": [
        "Mind the gap", "The gap is wide.", "It is deep."
    ],
    "> [!note]\n> A note without title is here.\n": ["A note without title is here."],
    "> [!tip]- Folded title\n>\n> Its text is here.": ["Folded title", "Its text is here."],
    "One is %% not this. %% here.\n%% hidden words here %%\nTwo is so.": [
        "One is here.", "Two is so."
    ],
    "%%\nA hidden block. With two.\n\n## Hidden\n%%\n\nSeen text is here.": ["Seen text is here."],
    "Some 100%% sure and 50%% not so sure text.": ["Some 100%% sure and 50%% not so sure text."],
    "This is ==very important== now. If a == b and c == d it is.": [
        "This is very important now.", "If a == b and c == d it is."
    ],
    "A claim is made here. ^abc123\n\n^def\n": ["A claim is made here."],
    "```dataview\nTABLE x FROM y\n```\n\nAfter the query.": ["After the query."],
    "The value `= this.x` is shown. Use `==x==` and `[[x]]` so.": [
        "The value is shown.", "Use ==x== and [[x]] so."
    ],
    "Go to [[#Setup]] or [[a/Deep note|here]] or ![[Pic.PNG|A chart of it]].": [
        "Go to Setup or here or A chart of it."
    ],
    "It works so well! See ![[x.png|300]] and ![a map](y.png) now.": [
        "It works so well!", "See and a map now."
    ],
    "Rating:: five of five stars\n\nIt is good.": ["Rating: five of five stars", "It is good."],
    "> [!question] Can it?\n> > [!todo] Yes.\n> > > [!example] You can use levels.\n": [
        "Can it?", "Yes.", "You can use levels."
    ],
    "[rating:: 5] is given, (due:: tomorrow) too.": ["rating: 5 is given, tomorrow too."],
    "- [ ] Buy some milk today\n- [x] Sell the old car\n": [
        "Buy some milk today", "Sell the old car"
    ],
}  # fmt: skip
TEMPLATES = {
    '=== "Python"\n    Use it like this here.\n': ["Python", "Use it like this here."],
    '{{< tabs "x" >}}\n{{% tab "Linux" %}}\nRun it on Linux now.\n{{% /tab %}}\n{{< /tabs >}}\n': [
        "Run it on Linux now."
    ],
    "::: danger STOP\nDo not touch it.\n:::": ["STOP", "Do not touch it."],
    ":::tip Use it well\nThe tip says so. And more.\n:::\n\nAfter it is.": [
        "Use it well", "The tip says so.", "And more.", "After it is."
    ],
    ":::note[The title]\nText stands here.\n:::": ["The title", "Text stands here."],
    "::: {.warning}\nText stands here.\n:::": ["Text stands here."],
    '!!! note "Mind this"\n    The text goes here. It is long.\n': [
        "Mind this", "The text goes here.", "It is long."
    ],
    "!!! warning\n    The text goes here.\n": ["The text goes here."],
    '{{< figure src="x" >}}\nText stands {{< ref "x" >}} here.': ["Text stands here."],
    'It is {{ "Big" | upcase }} and new.': ["It is Big and new."],
    "Use `{{ name }}` and {{name}} as it is.": ["Use {{ name }} and {{name}} as it is."],
    "{% comment %}Hidden it is.{% endcomment %}\n\n{% raw %}\nSeen it is.\n{% endraw %}\n": [
        "Seen it is."
    ],
    "Text {: .class} is here.\n{: .note}\nMore of it is.": ["Text is here.", "More of it is."],
    'With [link]({{< ref "post.md" >}}) and [span]{.cls} here.': ["With link and span here."],
}  # fmt: skip
HTML = {
    "Water is H<sub>2</sub>O and <b>bold</b> text.": ["Water is H2O and bold text."],
    "<div class='x'>\n<p>One is here.</p><p>Two is so.</p>\n<ul><li>Item one is</li></ul></div>": [
        "One is here.", "Two is so.", "Item one is"
    ],
    "<script>alert('a. b')</script>\n<style>p {x: y}</style>\nText is seen.": ["Text is seen."],
    "<!-- a -->Text one is. <!-- b. c. d -->Text two is.": ["Text one is.", "Text two is."],
    "<details>\n<summary>The question is?</summary>\n\nThe answer is.\n</details>": [
        "The question is?", "The answer is."
    ],
    "See <https://x.y/z> and Map<A, B> there.": ["See https://x.y/z and Map<A, B> there."],
}  # fmt: skip
NOTES = {
    "Like this:\n\n{% highlight rb %}\nx = 1. Y = 2.\n\nz\n{% endhighlight %}\n\nIt works.": [
        "Like this:", "x = 1. Y = 2. z", "It works."
    ],
    "Like this:\n\n<pre><code>x = 1. Y = 2.\n\n# z\n</code></pre>\n\nIt works.": [
        "Like this:", "x = 1. Y = 2. # z", "It works."
    ],
    "Like this:\n\n{{< highlight go >}}\nx := 1\n{{< /highlight >}}\n\nIt works.": [
        "Like this:", "x := 1", "It works."
    ],
    "From [can use] and [this one][], not [that]; see [1].\n\n[can use]: x\n[This One]: <z>\n": [
        "From can use and this one, not [that]; see [1]."
    ],
    "Text is here.[^1]\n\n  [^1]:\n    A note below its mark. It goes on.\n": [
        "Text is here.", "A note below its mark.", "It goes on."
    ],
    "[![a b c]][d]\n\n![a b c][d]{ .x }\n\n[![x y](z)](w) [![v](u)](t)\n\nText is here.": [
        "Text is here."
    ],
    'See <a href="x.y. Z"\n class="a">the link</a> here. Next is it.': [
        "See the link here.", "Next is it."
    ],
    "The first claim.[^1] The second one is so.[^2]\n\n[^1]: A note is here. It has two.\n": [
        "The first claim.", "The second one is so.", "A note is here.", "It has two."
    ],
    "The first claim.[1] The second one [2, 3].": ["The first claim.[1]", "The second one [2, 3]."],
    "The first claim. [4] The second one is.": ["The first claim. [4]", "The second one is."],
    "The first claim.<sup>1</sup> The second one.": ["The first claim.", "The second one."],
    "[1] J. Smith, A. Lee. The title of it. Journal, 2020.\n[2] B. Lee. Another one. 2021.": [
        "[1] J. Smith, A. Lee. The title of it. Journal, 2020.", "[2] B. Lee. Another one. 2021."
    ],
    "Term\n: Its meaning is here. More of it.\n": ["Term: Its meaning is here.", "More of it."],
    "So $a_1 * b_2 * c$ holds. It costs $5 and $10 now.": [
        "So $a_1 * b_2 * c$ holds.", "It costs $5 and $10 now."
    ],
    "Caption of H~2~O and x^2^ and ~~gone~~ here.": ["Caption of H2O and x2 and ~~gone~~ here."],
    "```python\nx = 1\n```\n": ["x = 1"],
    "'''Bold''' and ''italic'' [http://x.y label] here.<ref>Hidden.</ref> Next one is.": [
        "Bold and italic label here.", "Next one is."
    ],
    "{{Infobox\n| name = x\n| size = {{big|3}}\n}}\nText is here.\n[[Category:Things]]\n": [
        "Text is here."
    ],
}  # fmt: skip
CASES = {**OBSIDIAN, **TEMPLATES, **HTML, **NOTES}


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=[text[:30] for text in CASES])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_is_read_as_its_tool_shows_it(text: str, expected: list[str], end: str):
    assert seen(text.replace("\n", end)) == expected


@pytest.mark.parametrize(
    "table",
    [
        "| Name | Size |\n|---|---:|\n| one | **two** |\n| three | [[a\\|b]] |\n",
        "Name | Size\n--- | ---\none | two\nthree | `b`\n",
        "> | Name | Size |\n> |---|---|\n> | one | two |\n> | three | b |\n",
    ],
)
def test_a_row_of_a_table_is_read_with_its_header(table: str):
    assert seen(f"Before it is.\n\n{table}\nAfter it is.") == [
        "Before it is.", "Name: one; Size: two", "Name: three; Size: b", "After it is."
    ]  # fmt: skip


def test_a_cell_without_a_header_and_an_empty_one_are_read_as_they_are():
    text = "| | Size |\n|---|---|\n| one thing | |\n| other | 5 | more |\n"
    assert seen(text) == ["one thing", "other; Size: 5; more"]


def test_a_row_stands_in_the_file_where_its_place_says():
    text = "| Name | Size |\n|---|---|\n| one | two |\n"
    (span,) = find_sentences(text, Span(0, len(text)))
    assert span.of(text) == "one | two |"


def test_pipes_in_code_and_in_prose_make_no_table():
    text = "```\na | b\n--|--\nc | d\n```\n\nEither this | or that\nis said.\n"
    assert view(text).tables == ()


@settings(max_examples=600)
@given(texts)
def test_what_is_seen_has_every_character_in_its_place(text: str):
    found = view(text)
    for copy in (found.text, found.markdown):
        assert len(copy) == len(text)
        assert all(a in (b, " ") for a, b in zip(copy, text, strict=True))
        assert LINE_END.findall(copy) == LINE_END.findall(text)


@settings(max_examples=600)
@given(texts)
def test_every_sentence_stands_in_the_file_and_says_something(text: str):
    for span in find_sentences(text, Span(0, len(text))):
        assert 0 <= span.start < span.end <= len(text)
        assert any(char.isalnum() for char in as_read(text, span))


NASTY = (
    *("%% a ", "x%% ", "{{ a ", "{{ a\n", "|a", "|a|b|\n", "|a|b|\n|-|-|\n|c|d|\n", "|-", "<sup>"),
    *("`a ", "``a` ", "$a ", "[[a", "[[a|", "> [!a] b\n", ":::a\n", "!!! a\n", "<h1>a", "<br>"),
    *("<!-- ", "{% comment %}", "{{/* ", "```\n", "~~~a\n", "<script>", " ^a", "[![a](b)](c) "),
    *("<pre>", "{% highlight x %}", "{{< highlight x >}}"),
    *("==a", "[a:: b", "''a", "> > > ", "a\n: b\n", "<b ", "<ref>", ".[1]", "[a](b{{c}}", "[a]{.b"),
)


@pytest.mark.parametrize("nasty", NASTY)
def test_marks_without_end_are_read_in_no_time(nasty: str):
    text = nasty * (100_000 // len(nasty))
    with at_most(2):
        find_sentences(text, Span(0, len(text)))
        plain(text[:20_000])
