# ruff: noqa: E501  (an instance stands on a line)
"""Markdown on the page: as a reader expects it, and each quote marked word for word in it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given

from ibid.types.articles import Span
from ibid.ui.panes.markup import Mark, Tag, write_markdown
from ibid.ui.panes.places import parse
from markdown_texts import texts

CITED = Tag("mark", "cited")
VOID = {"br", "hr", "img", "input", "wbr"}


class Reader(HTMLParser):
    """What a browser makes of HTML: its words, those that are marked, and whether it is whole."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words = self.marked = ""
        self.strange = list[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.strange += [name for name, _ in attrs if name.startswith("on") or name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.strange.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.words += data
        if "mark" in self.open:
            self.marked += data


def show(text: str, quote: str = "") -> str:
    start = text.index(quote)
    marks = [Mark(Span(start, start + len(quote)), CITED)] if quote else []
    return write_markdown(text, Span(0, len(text)), marks)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "quote", "marked"),
    [
        ("# A **bold** title #\n", "A **bold** title", "A bold title"),
        ("One. *Two **three** four.* Five.", "*Two **three** four.*", "Two three four."),
        ("A [link](http://a.b/A \"A link\") is here. End.", "is here.", "is here."),
        ("A [link](http://a.b \"is here.\") is here. is here.", " is here. is", "is here. is"),
        ("a &amp; b &lt;c&gt; \\*d\\*. End", "a &amp; b &lt;c&gt; \\*d\\*.", "a & b <c> *d*."),
        ("| a | b |\n|---|---|\n| x | x |\n| x | y |", "y |", "y"),
        ("| a | b |\n|---|---|\n| `p \\| q` r | x |", "`p \\| q` r", "p | q r"),
        ("1. One\n2. Two\n   - two **b**\n     goes on.\n", "two **b**\n     goes on.", "two b goes on."),
        ("- [x] It is done.\n- [ ] Open.", "It is done.", "It is done."),
        ("> said *he*\n> to her.\n> > Nested.", "said *he*\n> to her.", "said he to her."),
        ("> - deep\n>   item **x** here", "item **x** here", "item x here"),
        ("Term\n: Its *meaning* is this.", "Its *meaning* is this.", "Its meaning is this."),
        ("Noted.[^1]\n\n[^1]: The note *itself*.\n", "The note *itself*.", "The note itself."),
        ("A ~~struck~~ word.", "A ~~struck~~ word.", "A struck word."),
        ("<details><summary>S</summary>\n\nInner **one**. Two.\n\n</details>", "Inner **one**.", "Inner one."),
        ("<div>In a block of <b>HTML</b>. More.</div>\n", "In a block of <b>HTML</b>.", "In a block of HTML."),
        ("H<sub>2</sub>O is wet. So", "H<sub>2</sub>O is wet.", "H2O is wet."),
        ("```\ncode one\ncode two\n```\n", "code two", "code two"),
        ("-\tA tab item here.\n", "A tab item here.", "A tab item here."),
        ("Line one  \nline two\\\nline three.", "line two\\\nline three.", "line two line three."),
        ("Windows\r\nlines **are**\r\n\r\nparted. Yes.", "parted.", "parted."),
        ("A [reference][r] and [r]. End.\n\n[r]: http://a.b", "A [reference][r] and [r].", "A reference and r."),
        ("See [[Tides|the tides]] now. End.", "See [[Tides|the tides]] now.", "See the tides now."),
        ("***Both*** at __once__. `x`", "***Both*** at __once__.", "Both at once."),
        ("a*b*c **d**e. f", "a*b*c **d**e.", "abc de."),
        ("Prices: $5 and $6. End.", "$5 and $6.", "$5 and $6."),
        ("同じ文です。**太字**の文。終", "**太字**の文。", "太字の文。"),
        ("* a\n\n  second paragraph\n* b", "second paragraph", "second paragraph"),
        ("Setext *title*\n===\n\ntext", "Setext *title*", "Setext title"),
        ("> [!note] Keep *it* cold.\n> The body is here. End.", "The body is here.", "The body is here."),
        ("> [!note]+ Keep *it* cold.\n> The body.", "Keep *it* cold.", "Keep it cold."),
    ],
)  # fmt: skip
def test_a_quote_is_marked_word_for_word(text: str, quote: str, marked: str):
    seen = Reader(show(text, quote))
    assert words(seen.marked) == marked
    assert seen.strange == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("3. c\n4. d", '<ol dir="auto" start="3"><li dir="auto">c</li>'),
        ("- a\n  - b", '<li dir="auto">a<ul dir="auto"><li dir="auto">b</li></ul></li>'),
        ("- [x] done", '<input type="checkbox" disabled checked> done'),
        ("|a|\n|-:|\n|1|", '<td dir="auto" class="right">1</td>'),
        ("~~a~~", "<s>a</s>"),
        ("> [!how-to] T\n> B", '<strong class="kind">How to</strong> T<br>\nB</p>'),
        ("> [!TIP]\n> B", '<strong class="kind">Tip</strong> <br>\nB</p>'),
        ("> a\n> [!tip] b", "a\n[!tip] b"),
        ("> [!a](b) c", '<span class="link" title="b">!a</span> c'),
        ("T\n: D", '<dt dir="auto">T</dt><dd dir="auto">D</dd>'),
        ("a[^n]\n\n[^n]: b", "a<sup>n</sup>"),
        ("<kbd>Ctrl</kbd>", "<kbd>Ctrl</kbd>"),
        ("&copy; &#8217;", "© ’"),
        ("$\\frac{a}{b}$", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        ("$$x^2$$", '<math display="block">'),
        ("<details open><summary>S</summary>\n\n**t**\n\n</details>", "<details><summary>S</summary>"),
        ("<b onclick=x>t", "<b>t</b>"),
        ("$\\text{<b>x}$", "$\\text{&lt;b&gt;x}$"),
        ("<iframe src=x></iframe>", "&lt;iframe src=x&gt;"),
        ("![alt](http://a.b/x.png)", '<span class="image" title="http://a.b/x.png">alt</span>'),
        ("[a](javascript:x)", "[a](javascript:x)"),
    ],
)  # fmt: skip
def test_what_an_author_set_is_set_as_a_reader_expects(text: str, html: str):
    assert html in show(text)


@given(texts)
def test_any_text_becomes_whole_html_and_every_character_has_its_place(text: str):
    seen = Reader(write_markdown(text, Span(0, len(text)), [Mark(Span(3, 40), CITED, "<i></i>")]))
    assert seen.strange == []
    assert seen.open == []
    for token in parse(text, Span(0, len(text))):
        for part in token.children or [token]:
            places = part.meta.get("at", ())
            assert len(places) >= len(part.content) or part.type == "image"
            assert all(0 <= place <= len(text) for place in places)
            if part.type == "text" and "\t" not in text and "\\" not in text:
                there = "".join(text[place] for place in places[: len(part.content)])
                assert re.sub(r"\s", " ", there) == re.sub(r"\s", " ", part.content)
