"""Authors, articles, tags and dates in a question choose the articles that are asked."""

import pytest

from ibid.output import say_scope
from ibid.search import Filter

AUTHOR, BREW = {"author": "rkoots"}, {"author": "TechBrew Daily"}
FIRST, THIRD = "000_98eb8d15b5e18bc6.txt", "003_ca3648f82df096df.txt"


@pytest.mark.parametrize(
    ("question", "asked", "named"),
    [
        ("What does rkoots say about regulation?", "What is said about regulation?", AUTHOR),
        ("What are rkoots’s views on regulation?", "What is said about regulation?", AUTHOR),
        ("How does rkoots describe drug design?", "What is said about drug design?", AUTHOR),
        ("What has rkoots written about costs?", "What is said about costs?", AUTHOR),
        ("According to TechBrew Daily, what are the risks?", "What are the risks?", BREW),
        ("What are the risks, according to TechBrew Daily?", "What are the risks?", BREW),
        ("What, according to rkoots, are the risks?", "What are the risks?", AUTHOR),
        ("Which risks are named in rkoots' posts?", "Which risks are named?", AUTHOR),
        ("What do the articles by rkoots say about cost?", "What is said about cost?", AUTHOR),
        ("What does article 3 say about GANs?", "What is said about GANs?", {"article": THIRD}),
        ("In article 003, who is named?", "Who is named?", {"article": THIRD}),
        (
            "Which predictions does AI Revolutionizes Rare Disease Drugs (2025) make?",
            "Which predictions are there?",
            {"article": FIRST},
        ),
        (
            "What do posts tagged Genomics say about cost?",
            "What is said about cost?",
            {"tag": "Genomics"},
        ),
        (
            "What do the posts since July say about trials?",
            "What is said about trials?",
            {"since": "2025-07"},
        ),
        (
            "Which risks are named in articles from May 2025?",
            "Which risks are named?",
            {"since": "2025-05", "until": "2025-05"},
        ),
        (
            "What do articles before August 2025 say about trials?",
            "What is said about trials?",
            {"until": "2025-07"},
        ),
    ],
)
def test_a_name_of_the_index_chooses_articles(library, question, asked, named):
    answer = library.ask(question)
    assert answer.question == asked
    assert answer.run.named == named
    assert answer.run.asked == question
    filtered = Filter(
        named.get("since", ""),
        named.get("until", ""),
        *(((named[kind],) if kind in named else ()) for kind in ("author", "tag", "article")),
    )
    assert answer.claims == library.ask(asked, filtered).claims
    assert str(filtered) in say_scope(answer.run)


@pytest.mark.parametrize(
    "question",
    [
        "What does Amgen do?",
        "What does Amgen say about Iceland?",
        'What does "rkoots" say about regulation?',
        "What do the articles say about data privacy?",
        "What does AI say about cancer?",
        "What did rkoots do about regulation?",
        "What happened to trials in 2025?",
        "What do patients report about AI in 2025?",
        "According to experts, what are the benefits?",
        "How many people does a rare disease affect?",
        "What does article 77 say about trials?",
        "What is Generative AI?",
        "What does rkoots say?",
        "what does daily say about trials",  # a usual word, of a name
    ],
)
def test_what_is_no_name_or_not_used_as_one_chooses_nothing(library, question):
    answer = library.ask(question)
    assert answer.question == question
    assert not answer.run.named
    assert answer.run.articles == 5


def test_what_was_given_beside_the_question_counts(library):
    within = Filter(authors=("TechBrew",))
    answer = library.ask("What does rkoots say about trials?", within)
    assert answer.run.settings["within"] == "by TechBrew"


def test_an_article_is_chosen_by_each_of_its_authors(small):
    text = "---\nauthor: [Ann Lee, Ben Ochs]\n---\n# Plums\n\nPlums are picked in September.\n"
    (small.folder / "plums.md").write_text(text, "utf-8")
    small.build()
    for author in ("Ann Lee", "Ben Ochs"):
        assert small.ask(f"What does {author} say about plums?").run.named == {"author": author}


def test_the_name_of_any_author_is_spelled_rightly(small):
    text = "---\nauthor: [Ann Lee, Ben Septembar]\n---\n# Plums\n\nPlums are picked in September.\n"
    (small.folder / "plums.md").write_text(text, "utf-8")
    small.build()
    assert small.ask("Which plums are picked by Septembar?").run.read_as == ()
