from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks import at_most
from ibid.adapters.langchain_splitter import split_long_text
from ibid.index.passages import LONGEST_PASSAGE, cut_passages, embedded_text
from ibid.reading.article import read_article
from ibid.text.strings import trim
from ibid.types.articles import Article, ArticleId, Passage
from markdown_texts import DATA, blog_articles, needs_data, texts


def cut(text: str, name: str = "a.md") -> tuple[Passage, ...]:
    return cut_passages(read_article(ArticleId(name), text.encode()), split_long_text)


def quotes(passage: Passage) -> list[str]:
    return [span.shifted(-passage.span.start).of(passage.text) for span in passage.sentences]


def cut_seed(seeds: Path, start: str) -> tuple[Passage, ...]:
    (file,) = seeds.glob(f"{start}*")
    return cut(file.read_text(encoding="utf-8"), file.name)


def below(passages: tuple[Passage, ...], heading: str) -> list[Passage]:
    return [passage for passage in passages if passage.headings[-1:] == (heading,)]


def assert_passages_tile(article: Article, passages: tuple[Passage, ...]):
    end = 0
    for passage in passages:
        assert passage.span.start == end
        assert passage.span.of(article.text) == passage.text
        assert 0 < len(passage.text) <= LONGEST_PASSAGE
        assert passage.article == article.id
        assert_sentences_lie_in(passage, article.text)
        end = passage.span.end
    assert end == len(article.text)
    assert len({passage.id for passage in passages}) == len(passages)


def assert_sentences_lie_in(passage: Passage, text: str):
    end = passage.span.start
    for span in passage.sentences:
        assert end <= span.start < span.end <= passage.span.end
        assert span == trim(text, span)
        end = span.end


@settings(max_examples=600)
@given(texts, st.sampled_from(["a.md", "a.txt"]))
def test_passages_tile_any_text_and_hold_their_sentences(text: str, name: str):
    article = read_article(ArticleId(name), text.encode())
    assert_passages_tile(article, cut_passages(article, split_long_text))


@settings(max_examples=600)
@given(st.lists(texts, max_size=30).map("".join))
def test_the_pieces_of_a_long_text_are_short_and_rebuild_it(text: str):
    pieces = split_long_text(text)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= LONGEST_PASSAGE for piece in pieces)


@pytest.mark.parametrize("size", [998, 999, 1000, 1001, 2001])
@pytest.mark.parametrize("unit", ["a", " ", "\n", "é", "a ", "a. ", "a\n\n", "- a\n", "漢"])
def test_pieces_are_short_whatever_the_text_is_made_of(unit: str, size: int):
    text = (unit * size)[:size]
    pieces = split_long_text(text)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= LONGEST_PASSAGE


@given(st.lists(st.sampled_from(["word", "two words", "a sentence. ", "\n", "\n\n", "- it"])))
def test_no_word_is_cut(words: list[str]):
    text = " ".join(words * 20)
    assert [word for piece in split_long_text(text) for word in piece.split()] == text.split()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("blank", [1, 2, 3])
def test_a_list_stays_with_the_line_that_introduces_it(blank: int, end: str):
    paragraph = "A sentence that fills the room. " * 20
    items = end.join(f"- item {n} of the list" for n in range(20))
    for length in range(600, 640, 3):
        text = f"{paragraph[:length]}{end * 2}These are they:{end * blank}{items}{end}"
        pieces = split_long_text(text)
        assert [piece for piece in pieces if "These are they:" in piece and "- item 19" in piece]
        assert not [piece for piece in pieces if piece.startswith("\n") and end == "\r\n"]


def test_a_long_list_is_cut_between_its_items():
    items = [f"- item {n} {'of many words ' * 10}\n" for n in range(30)]
    for piece in split_long_text("These are they:\n\n" + "".join(items)):
        assert piece.startswith(("- item", "These are they:"))


def test_splitting_long_lines_takes_no_time():
    for unit in ("a", "a ", "\n", "[", "- a\n", "\n \n", "a.\t"):
        with at_most(6, unit):
            split_long_text(unit * (500_000 // len(unit)))


def test_a_heading_without_text_goes_with_the_section_below_it():
    passages = cut("# A\n\n## B\n\ntext\n\n## C\n")
    assert [(p.headings, p.text) for p in passages] == [
        (("A", "B"), "# A\n\n## B\n\ntext\n\n"),
        (("A", "C"), "## C\n"),
    ]


def test_front_matter_is_a_passage_without_sentences():
    passages = cut("---\ntitle: T\n---\n\n# A\n\ntext\n")
    assert [(p.headings, p.sentences != ()) for p in passages] == [((), False), (("A",), True)]


def test_headings_are_no_sentences():
    (passage,) = cut("# A title.\n\nOne sentence here. **Two** there are.\n")
    assert quotes(passage) == ["One sentence here.", "**Two** there are."]


def test_code_that_is_cut_is_code_on_both_sides():
    code = "".join(f"let a{n} = 1. And so on.\n\n" for n in range(60))
    passages = cut(
        f"# A\n\nLook here:\n\n```rust\n{code}```\n\nIt works well. Really well, so it is.\n"
    )
    assert quotes(passages[0])[0] == "Look here:"
    assert [len(quotes(passage)) for passage in passages[1:-1]] == [1] * (len(passages) - 2)
    assert quotes(passages[-1])[-2:] == ["It works well.", "Really well, so it is."]


def test_a_passage_keeps_its_name_when_another_section_is_edited():
    text = "---\ntitle: T\n---\n# A\n\nfirst\n\n# B\n\nsecond\n\n# B\n\nsecond\n"
    before, after = cut(text), cut(text.replace("first", "something else\n\nand more"))
    assert [passage.id for passage in before[2:]] == [passage.id for passage in after[2:]]
    assert before[1].id != after[1].id
    assert before[0].id != cut(text, "b.md")[0].id


@given(
    st.lists(st.sampled_from(["Some words. ", "\n\n", "- item\n", "**Label:** text\n", "é\r\n"]))
)
def test_editing_above_a_heading_changes_no_name_below_it(lines: list[str]):
    tail = "# The last heading\n\nIts text.\n\n## And below\n\nMore.\n"
    names = [passage.id for passage in cut(f"{''.join(lines)}\n\n{tail}")[-2:]]
    assert names == [passage.id for passage in cut(tail)]


def test_what_is_embedded_says_where_it_stands():
    (passage,) = cut("# A\n## B\n\ntext\n\n")
    assert embedded_text("Title", passage) == "Title\nA > B\n# A\n## B\n\ntext"


def test_questions_of_the_seeds_are_together_with_their_answers(seeds: Path):
    (first,) = below(cut_seed(seeds, "000"), "Q3: Will AI replace human researchers?")
    assert first.text.startswith("**Q3:  Will AI replace human researchers?**\n\nA3: No, AI will")
    assert quotes(first)[0] == (
        "No, AI will augment and enhance the work of human researchers, not replace them."
    )
    (second,) = below(cut_seed(seeds, "001"), "Q: Is AI replacing doctors?")
    assert quotes(second) == [
        "No. AI is a tool to assist healthcare professionals, augmenting their capabilities, "
        "not replacing them.",
        "Doctors remain crucial for clinical judgment and patient care.",
    ]


def test_lists_of_the_seeds_are_together_with_their_introduction(seeds: Path):
    (stories,) = below(cut_seed(seeds, "003"), "Early Success Stories")
    assert quotes(stories)[0].startswith("Though still in its nascent stages")
    assert quotes(stories)[-1] == (
        "Developing new antibiotics that target superbugs resistant to existing treatments."
    )
    challenges = below(cut_seed(seeds, "002"), "Challenges and Considerations")
    (with_list,) = [passage for passage in challenges if "These include:" in passage.text]
    assert "* **Data Bias:**" in with_list.text
    predictions = below(cut_seed(seeds, "001"), "Predictions for 2025 and Beyond")
    assert [len(quotes(passage)) for passage in predictions] == [5]


def test_the_notes_of_the_seeds_are_apart_from_what_they_note(seeds: Path):
    applications = below(cut_seed(seeds, "002"), "Specific Applications")
    said = [quote for passage in applications for quote in quotes(passage)]
    assert "[Source:  [Insert relevant 2025 research paper link here]]" in said


def test_passages_of_the_seeds_tile_them(seeds: Path):
    for file in sorted(seeds.iterdir()):
        article = read_article(ArticleId(file.name), file.read_bytes())
        assert_passages_tile(article, cut_passages(article, split_long_text))


@pytest.mark.long
@needs_data
def test_passages_tile_real_articles():
    for name, raw in (
        *blog_articles(every=4),
        ("spec.md", (DATA / "commonmark" / "spec.txt").read_bytes()),
    ):
        article = read_article(ArticleId(name), raw)
        assert_passages_tile(article, cut_passages(article, split_long_text))
