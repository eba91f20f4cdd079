"""Exports are data: real readers find our structure in them, and each text as it stands."""

import json
import re

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from pybtex.database import Person, parse_string
from pylatexenc.latex2text import LatexNodes2Text

from ibid.library import Library
from ibid.output.bibliography import tex, web_address, write_bibtex, write_csl
from ibid.output.formats import write_json, write_markdown
from ibid.output.markdown import code_markdown, escape_lines, plain_markdown
from ibid.output.markdown import write_markdown as write_comparison
from ibid.output.obsidian import write_obsidian
from ibid.output.web_page import answer_page as write_page
from ibid.search.filters import Filter
from ibid.settings import Settings
from ibid.testing import HashEmbedder, ScriptedGenerator
from ibid.text.seen import as_read
from ibid.text.strings import HIDDEN, collapse, escape, printable, set_apart
from ibid.types.answers import Answer
from ibid.ui.panes.answers import write_answer as write_in_chat
from libraries import build_library
from markdown_texts import DATA
from nasty import HARMLESS, HOSTILE

NASTY = (
    *HOSTILE, *HARMLESS,
    "![p](http://127.0.0.1/p.png)", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
    "http://127.0.0.1/x www.example.com a@example.com example.com //example.com mailto:a@b.co",
    "# h", "- item", "+ item", "1. one", "1986. A year", "> q", "===", "---", "```sh", "~~~",
    "    code", "| a | b |", "|---|", "&amp; &#60;", "\\", "\\\\", "a\\", "[^1] [^1]: x",
    "[x]: http://a.b",
    "![[embed]] [[page]] #tag %%comment%% ==mark== ^block $math$ $$x$$", "--- title: x ---",
    "<!-- --> <?php ?> <![CDATA[x]]> </script><script>alert(1)</script>", "*a* _b_ __c__ ~~d~~",
    "{{7*7}} ${x} {% x %} {: .c}", ": defined", "a@b", "ftp://x https://[::1]/ HTTP://A.B/(c)",
    "{", "}", "}}", "{{", "@misc{x,", "% comment", '"', "``''", "-- ---", "?` !`", "x # y", "~^_&",
    "A and B", "Doe, Jane", "\\input{/etc/passwd}", "\\textbackslash{}", "=cmd|' /C calc'!A0",
    "[1] [ 2 ] [3, 4] [5-6] ［7］ 【8】 [٣] [²] ⁅9⁆", "“ ” [1]", "http[:]//x", "*", "``", "` `",
)  # fmt: skip
"""A few of each kind of mark, for every format at once."""


def listed() -> list[str]:
    """Return the lines of the sets of payloads, none where they are missing."""
    files = [DATA / "naughty" / "blns.txt", *sorted((DATA / "xss").glob("*.txt"))]
    texts = [path.read_text("utf-8", "replace") for path in files if path.is_file()]
    return [line for text in texts for line in text.split("\n") if line.strip()]


PIECES = st.sampled_from(NASTY) | st.text(max_size=8) | st.text("[](){}<>*_`#|\\!&:./@-+=1a \n")
TEXTS = st.lists(PIECES, min_size=1, max_size=6).map("".join).filter(str.strip)
needs_sets = pytest.mark.skipif(not listed(), reason="shared/data is not here")


def shown(text: str) -> str:
    """Return what a reader of an export sees of a text on one line."""
    return set_apart(printable(collapse(text)))


# Markdown

READER = MarkdownIt("gfm-like", {"html": True, "linkify": True, "typographer": False})


def read(markdown: str) -> tuple[list[str], str]:
    """Return the kinds of tokens in Markdown, those of text left out, and the text."""
    kinds: list[str] = []
    text = ""
    for token in READER.parse(markdown):
        for each in token.children if token.children is not None else [token]:
            if each.type == "text":
                text += each.content
            elif each.type == "code_inline":
                text += each.content
                kinds.append(each.type)
            else:
                kinds.append(each.type)
    return kinds, text


HERE = "\ue000"
PLACES = [
    HERE,
    f"**{HERE}**\n",
    f"# {HERE}\n",
    f"- [1] “{HERE}” x",
    f"before\n\n{HERE}\n\nbehind",
    f"|  | {HERE} |\n| --- | --- |\n| x | {HERE} |",
]
"""Where texts stand in what is exported."""


READ = {place: read(place) for place in PLACES}


def assert_plain(text: str) -> None:
    written, seen = plain_markdown(text), shown(text)
    for place, (kinds, around) in READ.items():
        assert read(place.replace(HERE, written)) == (kinds, around.replace(HERE, seen))


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_markdown_shows_any_text_as_it_stands(text: str):
    assert_plain(text)


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_no_mark_of_markdown_means_anything_in_a_text(text: str):
    assert_plain(text)


@pytest.mark.long
@needs_sets
def test_no_payload_of_the_sets_means_anything_in_markdown():
    for line in listed():
        assert_plain(line)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_code_in_markdown_holds_any_text(text: str):
    kinds, said = read(f"x {code_markdown(text)} y")
    assert kinds == ["paragraph_open", "code_inline", "paragraph_close"]
    assert said == f"x {printable(collapse(text))} y"


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES | st.sampled_from(["\n", "\n\n", "\n- ", "\n1. "]), max_size=8).map("".join))
@example("    code")
@example("\tcode")
@example("two blanks  \nbefore a break")
def test_a_models_lines_are_paragraphs_and_lists_and_nothing_else(text: str):
    kinds, _ = read(escape_lines(text))
    known = r"paragraph|(bullet|ordered)_list|list_item"
    assert not [
        kind for kind in kinds if not re.fullmatch(rf"({known})_(open|close)|softbreak", kind)
    ]


# BibTeX


def untex(written: str) -> str:
    """Return what LaTeX shows of a value, read by a library."""
    reader = LatexNodes2Text(math_mode="verbatim", strict_latex_spaces=True)
    return reader.latex_to_text(written).replace("ˆ", "^")


def assert_in_bibtex(text: str) -> None:
    value = tex(text)
    fields = f"title = {{{{{value}}}}},\n  author = {{{{{value}}}}},\n  note = {{{value}}}"
    written = f"@misc{{k,\n  {fields},\n}}\n\n@misc{{other,\n  note = {{x}},\n}}"
    entries = parse_string(written, "bibtex").entries
    assert list(entries) == ["k", "other"]
    found = entries["k"]
    assert found.fields["title"] == f"{{{value}}}"
    assert [str(each) for each in found.persons["author"]] == [str(Person(f"{{{value}}}"))]
    assert untex(found.fields["note"]) == untex(value) == printable(collapse(text))


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_bibtex_gives_any_text_back(text: str):
    assert_in_bibtex(text)


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_no_sign_of_tex_means_anything_in_a_text(text: str):
    assert_in_bibtex(text)


# Whole answers, from articles that are hostile all over

QUESTION = "Where do farmers store pears?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("nasty") / "articles"
    folder.mkdir()
    for number, text in enumerate(NASTY):
        quoted = json.dumps(f"{text} pears").replace("\\ud", "\\\\ud")
        head = f"---\ntitle: {quoted}\nauthor: {quoted}\ndate: 2025-01-02\n---\n\n"
        body = f"Farmers store {number} pears {collapse(text)} in cold rooms.\n"
        (folder / f"{number} `x` {{y}}.md").write_text(head + body, "utf-8", newline="")
    found = Library.open(
        folder, folder.parent / "index", Settings(model="none"), embedder=HashEmbedder()
    )
    found.build()
    return found


@pytest.fixture(scope="module")
def answers(library: Library) -> list[Answer]:
    written = (
        "Farmers store pears in cold rooms. ![p](http://127.0.0.1/p) <img onerror=x> [7] [²]:\n"
    )
    model = ScriptedGenerator(f"{written}- Farmers store 3 pears in cold rooms.\n# End\n")
    other = Library(library.settings, library.embedder, model)
    wanted = [Filter(articles=(each.id,)) for each in library.articles]
    quoted = [library.ask(QUESTION, within) for within in wanted]
    return [*quoted, library.ask("What is the capital of Australia?"), other.ask(QUESTION)]


def quotes_of(answer: Answer, library: Library) -> list[str]:
    cited = [citation for claim in answer.claims for citation in claim.citations]
    return [c.quote.of(library.article(c.passage.article).text) for c in cited]


def test_there_is_something_to_export(answers: list[Answer]):
    assert sum(bool(answer.claims) for answer in answers) > len(NASTY) / 2


def test_an_answer_in_markdown_has_our_structure_and_every_word(answers, library):
    known = {"paragraph", "strong", "list_item", "bullet_list", "blockquote"}
    for answer in answers:
        kinds, text = read(write_markdown(answer, library))
        assert {re.sub("_(open|close)$", "", kind) for kind in kinds} <= {
            *known,
            "softbreak",
            "code_inline",
        }
        for citation in (c for claim in answer.claims for c in claim.citations):
            article = library.article(citation.passage.article)
            assert shown(article.title) in text
            assert shown(article.meta.author) in text
        for citation in (c for claim in answer.claims for c in claim.citations):
            whole = library.article(citation.passage.article).text
            assert f"“{shown(as_read(whole, citation.quote))}”" in text
        ours = sum(len(claim.citations) for claim in answer.claims)
        assert len(re.findall(r"\[\d+\]", text)) <= 2 * ours  # behind claims, before quotes


def test_an_answer_in_bibtex_is_read_back_entry_by_entry(answers, library):
    for answer in answers:
        entries = parse_string(write_bibtex(answer, library), "bibtex").entries
        ids = dict.fromkeys(c.passage.article for claim in answer.claims for c in claim.citations)
        assert len(entries) == len(ids)
        for key, entry, id in zip(entries, entries.values(), ids, strict=True):
            article = library.article(id)
            assert re.fullmatch(r"[a-z0-9-]+", key)
            assert untex(entry.fields["title"]) == printable(collapse(article.title))
            assert untex(entry.fields["howpublished"]).endswith(id)


def test_an_answer_in_json_is_exact(answers, library):
    for answer in answers:
        written = write_json(answer, library)
        assert not HIDDEN.search(written)
        read_back = json.loads(written.encode("utf-8"))
        assert [c["quote"] for claim in read_back["claims"] for c in claim["citations"]] == (
            quotes_of(answer, library)
        )
        for claim in read_back["claims"]:
            assert read_back["text"][claim["start"] : claim["end"]] == claim["text"]


def test_a_page_is_inert_and_holds_every_word(answers, library):
    for answer in answers:
        page = lxml_html.document_fromstring(write_page(answer, library).encode())
        assert {each.tag for each in page.iter()}.isdisjoint(
            {"script", "img", "iframe", "link", "svg"}
        )
        for name, value in (pair for each in page.iter() for pair in each.attrib.items()):
            assert not name.startswith(("on", "src", "style")), name
            assert name != "href" or value.startswith("#")
        said = page.text_content()
        assert not HIDDEN.search(said)
        for quote in quotes_of(answer, library):
            assert printable(quote) in said
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'")


def test_nothing_on_the_chats_page_hides(answers, library):
    for answer in answers:
        page = lxml_html.fromstring(write_in_chat(answer, library))
        values = [value for each in page.iter() for value in each.attrib.values()]
        assert not HIDDEN.search("\n".join((page.text_content(), *values)))


def test_a_comparison_in_markdown_has_our_structure(library):
    kinds, text = read(write_comparison(library.compare("pears <img> http://127.0.0.1/x"), library))
    assert {"html_inline", "html_block", "link_open", "image", "fence"}.isdisjoint(kinds)
    assert "<img> http://127.0.0.1/x" in text
    assert not HIDDEN.search(text)


def test_an_articles_own_number_is_never_taken_for_ours(library, capsys):
    from ibid.output.printing import Console
    from ibid.output.terminal import print_answer

    (article,) = (each for each in library.articles if "[1] [ 2 ]" in each.text)
    answer = library.ask(QUESTION, Filter(articles=(article.id,)))
    print_answer(answer, library, Console(width=400))
    for text in (capsys.readouterr().out, read(write_markdown(answer, library))[1]):
        assert "⟦1⟧ ⟦ 2 ⟧ ⟦3, 4⟧ ⟦5-6⟧ ⟦7⟧" in text
        assert len(re.findall(r"[\[［⁅]\s*[\d²]", text)) <= 2


def test_html_shows_what_hides():
    assert escape("<b>\x9b\u202e") == "&lt;b&gt;&lt;U+009B&gt;&lt;U+202E&gt;"


# For reference managers and Obsidian

ADDRESSED = """---
title: "100% of {plums} & *co*"
author: [Ana Lima, Ben O'Hara]
date: 2025-03
url: https://example.org/a_(b)?q=1&r={x}#é"<>\\y
---

# Plums

Plums ripen in July in Kent.
"""


@pytest.fixture(scope="module")
def plums(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return build_library(tmp_path_factory.mktemp("plums"), {"plums": ADDRESSED})


@pytest.fixture(scope="module")
def ripe(plums: Library) -> Answer:
    return plums.ask("When do plums ripen in Kent?")


ADDRESS = "https://example.org/a_(b)?q=1&r=%7Bx%7D#%C3%A9%22%3C%3E%5Cy"


def test_bibtex_has_the_address_of_the_article_itself(plums: Library, ripe: Answer):
    (entry,) = parse_string(write_bibtex(ripe, plums), "bibtex").entries.values()
    assert entry.fields["url"] == ADDRESS
    assert entry.persons["author"] == [Person("{Ana Lima}"), Person("{Ben O'Hara}")]


def test_csl_json_has_what_a_reference_manager_reads(plums: Library, ripe: Answer):
    (item,) = json.loads(write_csl(ripe, plums))
    assert re.fullmatch(r"[a-z0-9-]+", item.pop("id"))
    assert item == {
        "type": "webpage",
        "title": "100% of {plums} & *co*",
        "author": [{"literal": "Ana Lima"}, {"literal": "Ben O'Hara"}],
        "issued": {"date-parts": [[2025, 3]]},
        "URL": ADDRESS,
        "source": plums.path(ripe.claims[0].citations[0].passage.article).as_posix(),
        "note": "line 10: “Plums ripen in July in Kent.”",
    }


def test_a_note_of_obsidian_links_to_its_articles_and_has_a_footnote_per_quote(
    plums: Library, ripe: Answer
):
    note = write_obsidian(ripe, plums)
    front, body = note.removeprefix("---\n").split("---\n", 1)
    assert yaml.safe_load(front)["articles"] == ["[[plums]]"]
    assert yaml.safe_load(front)["title"] == "When do plums ripen in Kent?"
    assert "Plums ripen in July in Kent. [^1]\n" in body
    (footnote,) = [line for line in body.splitlines() if line.startswith("[^1]: ")]
    assert footnote.startswith("[^1]: “Plums ripen in July in Kent.” ")
    assert footnote.endswith(f"[[plums]] <{ADDRESS}>, line 10")


def test_an_obsidian_note_of_hostile_articles_has_our_structure_alone(answers, library):
    known = {"heading", "paragraph", "list_item", "bullet_list", "softbreak", "code_inline", "text"}
    for answer in answers:
        note = write_obsidian(answer, library)
        front, body = note.removeprefix("---\n").split("\n---\n", 1)
        assert yaml.safe_load(front)["title"] == answer.question
        kinds, _ = read(body)
        assert {re.sub("_(open|close)$", "", kind) for kind in kinds} <= known
        marks = len(re.findall(r"(?<!\\)\[\^\d+\]", body))
        assert marks == 2 * sum(len(claim.citations) for claim in answer.claims)


def test_reference_managers_read_hostile_articles_as_they_stand(answers, library):
    for answer in answers:
        items = json.loads(write_csl(answer, library))
        ids = dict.fromkeys(c.passage.article for claim in answer.claims for c in claim.citations)
        assert [item["title"] for item in items] == [
            collapse(library.article(id).title) for id in ids
        ]
        assert len({item["id"] for item in items}) == len(items)


@pytest.mark.parametrize("url", ["https://a.b/}\\end{x}", "https://a.b/><script>", "https://a.b/`"])
def test_nothing_in_an_address_ends_what_it_stands_in(url: str):
    assert not re.search(r"[{}\\<>`\"\s]", web_address(url))
