"""From the bytes of a file to an article: the user's five articles, odd files and real blogs."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clocks import at_most
from ibid.errors import ArticleUnreadable
from ibid.reading.article import read_article
from ibid.reading.markdown import MOST_CHARACTERS, MOST_LINES
from ibid.types.articles import Article, ArticleId, Meta
from markdown_texts import DATA, blog_articles, needs_data, texts

FUTURE_TECH = ("future-tech-ai", "artificial intelligence", "machine learning",
               "large language models", "GPT-4o")  # fmt: skip


def read(text: str, name: str = "a.md") -> Article:
    return read_article(ArticleId(name), text.encode())


def read_seed(seeds: Path, start: str) -> Article:
    (file,) = seeds.glob(f"{start}*")
    return read_article(ArticleId(file.name), file.read_bytes())


def assert_sections_tile(article: Article):
    end = 0
    for section in article.sections:
        assert section.span.start == end < section.span.end
        assert end <= section.prose.start <= section.prose.end <= section.span.end
        end = section.span.end
    assert end == len(article.text)


def outline(article: Article) -> list[str]:
    """Return the headings of an article, each as far in as it lies deep."""
    return ["  " * (len(s.headings) - 1) + s.headings[-1] for s in article.sections if s.headings]


def test_the_first_seed_is_read(seeds: Path):
    article = read_seed(seeds, "000")
    assert article.title == "AI Revolutionizes Rare Disease Drugs (2025)"
    assert article.meta.tags == FUTURE_TECH
    assert (article.meta.author, article.meta.date) == ("TechBrew Daily", "2025-08-31")
    assert article.meta.category == "Future Tech & AI"
    assert article.meta.description.startswith("Discover how Artificial Intelligence & Machine")
    assert outline(article) == [
        "The Promise of Multimodal Data Analysis in Rare Disease Research",
        "  Integrating Diverse Data Sources for a Comprehensive View",
        "  Accelerating Hypothesis Generation and Target Identification",
        "AI-Driven Clinical Trial Optimization: Efficiency and Personalization",
        "  Patient Recruitment and Stratification",
        "  Predictive Modeling for Treatment Success",
        "The Role of Large Language Models (LLMs) in Rare Disease Drug Discovery",
        "  Natural Language Processing for Literature Review and Data Mining",
        "  Automated Data Annotation and Feature Engineering",
        "Overcoming Challenges and Ethical Considerations",
        "Frequently Asked Questions",
        "  Q1: How will AI impact the cost of rare disease treatments?",
        "  Q2: What are the limitations of using AI in rare disease research?",
        "  Q3: Will AI replace human researchers?",
        "Conclusion",
    ]


def test_the_second_seed_is_read(seeds: Path):
    article = read_seed(seeds, "001")
    assert article.title == "AI & Personalized Medicine: 2025 Predictions"
    assert article.meta.tags == FUTURE_TECH
    assert (article.meta.author, article.meta.date) == ("TechBrew Daily", "2025-08-06")
    assert outline(article) == [
        "AI's Expanding Role in Personalized Medicine",
        "  Machine Learning and Rare Disease Diagnosis",
        "Generative Models: A New Frontier in Diagnostics",
        "  Simulating Patient Profiles for Rare Disease Research",
        "Overcoming Challenges and Ethical Considerations",
        "  Data Bias and Algorithmic Fairness",
        "The Future of AI in Personalized Medicine by 2025",
        "  Predictions for 2025 and Beyond",
        "Frequently Asked Questions",
        "  Q: How does AI improve the speed of rare disease diagnosis?",
        "  Q: What are the main ethical concerns surrounding AI in medicine?",
        "  Q: Is AI replacing doctors?",
        "  Q: What role will large language models like GPT-4 play in the future?",
        "Conclusion",
    ]


def test_the_third_seed_is_read(seeds: Path):
    article = read_seed(seeds, "002")
    assert article.title == (
        "Generative AI's Leap into Personalized Medicine: A New Era of Drug Discovery?"
    )
    assert article.meta == Meta(
        title=article.title,
        author="rkoots Bot",
        date="2025-05-12",
        category="blog",
        tags=("Generative AI", "Personalized Medicine", "Drug Discovery", "AI in Healthcare",
              "Machine Learning", "Deep Learning", "Biopharmaceuticals", "Genomics"),
        keywords=("generative AI models", "drug design", "personalized therapies",
                  "AI-driven drug discovery", "genomics data", "deep learning algorithms",
                  "bioinformatics", "precision medicine"),
    )  # fmt: skip
    assert outline(article) == [
        "Generative AI Revolutionizes Personalized Medicine: Faster, Cheaper, and More Effective "
        "Drug Discovery?",
        "  How it Works",
        "  Specific Applications",
        "  Challenges and Considerations",
        "  Conclusion",
    ]


def test_the_fourth_seed_has_no_marks_at_all_and_is_read(seeds: Path):
    article = read_seed(seeds, "003")
    assert article.title == "Generative AI Drives a Revolution in Healthcare"
    assert article.meta == Meta()
    assert outline(article) == [
        "Generative AI Drives a Revolution in Healthcare",
        "  Key Functions",
        "  Investment and Research Landscape",
        "  Early Success Stories",
        "  Ethical Considerations",
        "  Areas for Further Investigation",
    ]


def test_the_fifth_seed_is_read(seeds: Path):
    article = read_seed(seeds, "004")
    assert article.title == (
        "Generative AI's Leap into Personalized Medicine: From Drug Discovery to Diagnostics"
    )
    assert (article.meta.author, article.meta.date) == ("rkoots Bot", "2025-05-13")
    assert (len(article.meta.tags), len(article.meta.keywords)) == (8, 12)
    assert outline(article) == [
        "Generative AI Revolutionizes Personalized Medicine",
        "  Drug Discovery and Development",
        "  Personalized Diagnostics",
        "  Challenges and Ethical Considerations",
        "  Looking Ahead",
    ]


def test_no_seed_loses_a_character_and_one_has_a_line_of_mojibake(seeds: Path):
    warnings: dict[str, tuple[str, ...]] = {}
    for file in sorted(seeds.iterdir()):
        article = read_article(ArticleId(file.name), file.read_bytes())
        assert article.text.encode() == file.read_bytes()
        warnings[file.name[:3]] = article.warnings
        assert_sections_tile(article)
    doubtful = {name: told for name, told in warnings.items() if told}
    assert doubtful == {"001": ("mojibake: 1, first in line 38",)}


@settings(max_examples=600)
@given(texts, st.sampled_from(["a.md", "a.txt", "b/a.MARKDOWN"]), st.booleans())
def test_sections_tile_any_text(text: str, name: str, has_front: bool):
    article = read("---\ntitle: T\n---\n" * has_front + text, name)
    assert article.text == "---\ntitle: T\n---\n" * has_front + text
    assert_sections_tile(article)
    assert article.title
    assert all(title for section in article.sections for title in section.headings)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Front\n---\n# One\n", "Front"),
        ("preamble\n\n## Two\n", "name"),
        ("\ufeff# One\n", "One"),
        ("**Bold:** text\n", "name"),
        ("", "name"),
        ("---\ntitle: ''\n---\n", "name"),
    ],
)
def test_a_title_is_found_somewhere(text: str, title: str):
    assert read(text, "folder/name.md").title == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("**Bold:** text\n", "Bold: text"),
        ("---\n\n> *Quoted* first\n", "> Quoted first"),
        ("\n\n***\n\nThe first line.\nThe second.\n", "The first line."),
        ("x" * 300, "x" * 200),
        ("", "007"),
    ],
)
def test_a_file_whose_name_is_a_number_is_called_by_its_first_line(text: str, title: str):
    assert read(text, "folder/007.md").title == title


def test_a_byte_order_mark_hides_no_heading():
    article = read("\ufeff# One\n\ntext\n")
    assert [section.headings for section in article.sections] == [(), ("One",)]
    assert_sections_tile(article)


def test_headings_far_down_a_huge_file_are_not_looked_for_and_it_says_so():
    article = read("# h\n" * (MOST_LINES + 10))
    assert_sections_tile(article)
    assert len(article.sections) == MOST_LINES
    assert article.warnings == (
        f"too long: no headings are looked for from line {MOST_LINES + 1} on",
    )
    assert read("a" * (MOST_CHARACTERS + 1)).warnings
    assert not read("a" * MOST_CHARACTERS).warnings


@pytest.mark.parametrize(
    "nasty",
    ["*", "[", "`", "**a", "- ", " ", "\n", "a", "---\n", "# h\n", "**a?** b\n", "](", "<!--\n",
     "a\n---\n", "> a\n", "- - ", "\r", "Title\n\n", "**a**\n", "|a|\n", "[a]: b\n"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_nasty_repetition_is_read_in_time(nasty: str, name: str):
    text = nasty * (100_000 // len(nasty))
    with at_most(3):
        assert_sections_tile(read(text, name))


def odd_files() -> Iterator[tuple[str, bytes]]:
    for folder in ("hostile_articles", "markdown_hard", "naughty", "commonmark"):
        for file in sorted((DATA / folder).iterdir()):
            if file.is_file():
                yield f"{folder}/{file.stem}.md", file.read_bytes()
    for file in sorted((DATA / "markdown_hard" / "pathological").iterdir()):
        yield f"{file.stem}", gzip.decompress(file.read_bytes())[:1_000_000]


@pytest.mark.long
@needs_data
def test_odd_files_are_read_or_refused_in_time():
    refused: set[str] = set()
    for name, raw in odd_files():
        with at_most(2, name):
            try:
                article = read_article(ArticleId(name), raw)
            except ArticleUnreadable:
                refused.add(Path(name).stem)
            else:
                assert article.warnings or article.text.encode() == raw
                assert_sections_tile(article)
    assert refused == {"bad_utf8", "binary", "gzip_named", "U_0000_in_input"}


@needs_data
def test_real_articles_lose_no_character():
    articles = [(raw, read_article(ArticleId(name), raw)) for name, raw in blog_articles(every=4)]
    assert len(articles) >= 400
    for raw, article in articles:
        assert article.text.encode() == raw
        assert_sections_tile(article)


@needs_data
def test_the_front_matter_of_real_articles_is_read():
    articles = [read_article(ArticleId(name), raw) for name, raw in blog_articles(every=40)]
    faulty = {article.id for article in articles if article.warnings}
    assert sum(article.meta.title != "" for article in articles) > 0.9 * len(articles)
    assert len(faulty) < 0.05 * len(articles), faulty


@needs_data
def test_the_specification_of_markdown_loses_no_character():
    raw = (DATA / "commonmark" / "spec.txt").read_bytes()
    article = read_article(ArticleId("spec.md"), raw)
    assert article.text.encode() == raw
    assert (article.title, article.meta.date) == ("CommonMark Spec", "2024-01-28")
    assert_sections_tile(article)
    assert outline(article)[:2] == ["Introduction", "  What is Markdown?"]
