"""Words that articles write otherwise than the question does, and markup that is no word."""

import pytest

from ibid.library import Library
from ibid.types import Signal
from libraries import build_library

TEXTS = {
    "hyphen": "# Money\n\nThe start-ups of the valley raise e-mail money from long-term cash.",
    "closed": "# Grants\n\nMany startups live on crowdfunding until healthcare pays.",
    "open": "# Care\n\nHealth care is dear; open source helps. A data base keeps it.",
    "seo": "# Growth\n\nSearch Engine Optimization (SEO) is slow.\n\n## Cost\n\nSEO costs."
    "\n\n## Rank\n\nWith search engine optimization pages rise.",
    "short": "# Models\n\nAn LLM (large language model) writes.\n\n## Price\n\nLLMs are dear.",
    "england": "# Colours\n\nThe organisation analysed its favourite theatre programme, and"
    " travelled.",
    "america": "# Fibers\n\nThe organization canceled the labor center, and spelled tumors"
    " in color.",
    "typed": "# Marks\n\nIt&#8217;s na&iuml;ve {{< youtube zebra >}} {% raw giraffe %} to <div "
    'class="okapi">sing</div> <img alt="A quagga chart" src="gnu.png">.\n\n```html\n'
    '<b>eland</b>\n```\n\n{% image "a/kudu.jpg" "The nyala by night" %}\n',
}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Library:
    texts = {name: f"{text}\n" for name, text in TEXTS.items()}
    return build_library(tmp_path_factory.mktemp("words"), texts)


def by_words(library: Library, question: str) -> set[str]:
    hits = library.search(question, k=20, by=Signal.WORDS)
    return {hit.passage.article.removesuffix(".md") for hit in hits if hit.score > 0}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("startups", {"hyphen", "closed"}),
        ("start-ups", {"hyphen", "closed"}),
        ("start ups", {"hyphen", "closed"}),
        ("Startup", {"hyphen", "closed"}),
        ("email", {"hyphen"}),
        ("e-mails", {"hyphen"}),
        ("longterm", {"hyphen"}),
        ("crowd funding", {"closed"}),
        ("crowd-funding", {"closed"}),
        ("healthcare", {"closed", "open"}),
        ("health care", {"closed", "open"}),
        ("health-care", {"closed", "open"}),
        ("opensource", {"open"}),
        ("database", {"open"}),
        ("organization", {"england", "america"}),
        ("organisations", {"england", "america"}),
        ("analyzed", {"england"}),
        ("favorite", {"england"}),
        ("theater", {"england"}),
        ("program", {"england"}),
        ("traveled", {"england"}),
        ("fibre", {"america"}),
        ("cancelled", {"america"}),
        ("labour", {"america"}),
        ("centre", {"america"}),
        ("tumours", {"america"}),
        ("colour", {"england", "america"}),
        ("eland", {"typed"}),
        ("quagga", {"typed"}),
        ("nyala", {"typed"}),
        ("naïve", {"typed"}),
    ],
)
def test_a_word_is_found_however_it_is_written(words: Library, question: str, found: set[str]):
    assert by_words(words, question) == found


@pytest.mark.parametrize("question", ["8217", "zebra", "giraffe", "okapi", "gnu", "kudu", "iuml"])
def test_markup_is_no_word(words: Library, question: str):
    assert not by_words(words, question)


@pytest.mark.parametrize(
    ("question", "passages"),
    [
        ("search engine optimization", 3),
        ("SEO", 3),
        ("large language model", 2),
        ("LLM", 2),
    ],
)
def test_a_short_form_that_an_article_explains_is_known_both_ways(words, question, passages):
    hits = words.search(question, k=20, by=Signal.WORDS)
    assert len([hit for hit in hits if hit.score > 0.4]) == passages


def test_a_word_that_is_written_otherwise_is_not_called_unused(words: Library):
    receipt = words.ask("Who pays for zebras with the labour of a data-base?").receipt
    assert receipt is None or receipt.unused == ("zebras",)


def test_two_parts_that_never_stand_together_are_no_compound(words: Library):
    assert by_words(words, "moneylong") == set()
