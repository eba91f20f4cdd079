"""Questions about the folder are answered from the index, each fact with the place that has it."""

import json
from pathlib import Path

import pytest
from rich.console import Console as Plain

from conftest import open_small
from ibid.library import Library
from ibid.output import FORMATS, answer_json, answer_page, print_answer
from ibid.output.printing import Console
from ibid.search import Filter
from ibid.testing import ScriptedGenerator
from ibid.types.answers import Answer, Found, Status, Support
from ibid.ui.panes.answers import say_result, write_answer

FOLDER = {
    "apples.md": "---\ntitle: Apples\nauthor: Ada\ndate: 2024-05-01\ntags: [fruit, trees]\n---\n\n"
    "Apples grow on trees in old orchards. Ripe apples fall to the ground.\n",
    "pears.md": "---\ntitle: On pears\nauthors:\n  - Bob\n  - Ada\ndate: 2025-01-31\n"
    "tags: [fruit]\ndescription: What every gardener should know about growing pears.\n---\n\n"
    "Pears ripen after the harvest. Integrated pest management (IPM) protects the pears.\n",
    "bees.txt": "Bees\n\nBees visit the blossoms of many trees. Without IPM many of the bees die.\n"
    "\n- bee-keeping in C++\n",
}  # fmt: skip


def open_folder(root: Path, files: dict[str, str] = FOLDER) -> Library:
    folder = root / "articles"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    library = open_small(folder)
    library.build()
    return library


@pytest.fixture(scope="module")
def fruit(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return open_folder(tmp_path_factory.mktemp("fruit"))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return open_folder(tmp_path_factory.mktemp("odd"), ODD)


def quotes(answer: Answer, library: Library) -> list[str]:
    """Return what is quoted, as it stands in the articles."""
    cited = [cited for claim in answer.claims for cited in claim.citations]
    return [each.quote.of(library.article(each.passage.article).text) for each in cited]


def cited(answer: Answer) -> list[str]:
    return [each.passage.article for claim in answer.claims for each in claim.citations]


@pytest.mark.parametrize(
    ("question", "lead", "quoted"),
    [
        (
            "Who wrote the articles?",
            "2 authors: Ada (2 articles) and Bob (1). 1 article names no author.",
            ["author: Ada", "- Bob"],
        ),
        ("Who wrote pears.md?", "“On pears” is by Bob and Ada.", ["- Bob"]),
        ("Who wrote “Bees”?", "“Bees” names no author.", []),
        (
            "What is the newest article?",
            "the newest article is “On pears” by Bob and Ada, of 2025-01-31."
            " 1 article names no date that can be told.",
            ["date: 2025-01-31"],
        ),
        (
            "Which article is the oldest?",
            "the oldest article is “Apples” by Ada, of 2024-05-01."
            " 1 article names no date that can be told.",
            ["date: 2024-05-01"],
        ),
        ("When was bees.txt written?", "“Bees” has no date.", []),
        (
            "How many articles are there?",
            "3 articles, by 2 authors, from 2024-05-01 to 2025-01-31.",
            [],
        ),
        (
            "How many articles did Ada write?",
            "2 of 3 articles are by Ada.",
            ["author: Ada", "- Bob"],
        ),
        (
            "Which articles mention an orchard?",
            "1 of 3 articles mentions “orchard”, in 1 place. By Ada (1 article).",
            ["Apples grow on trees in old orchards."],
        ),
        (
            "Which articles mention integrated pest management?",
            "2 of 3 articles mention “integrated pest management” (also as “IPM”), in 2 places."
            " By Ada (1 article) and Bob (1).",
            [
                "Without IPM many of the bees die.",
                "Integrated pest management (IPM) protects the pears.",
            ],
        ),
        (
            "which articles mention C++?",
            "1 of 3 articles mentions “C++”, in 1 place.",
            ["bee-keeping in C++"],
        ),
        ("which articles mention C?", "none of 3 articles mentions “C”", []),
        (
            "How many articles mention quinces?",
            "none of 3 articles mentions “quinces”",
            [],
        ),
        (
            "Which articles do not mention trees?",
            "1 of 3 articles does not mention “trees”: “On pears” by Bob and Ada.",
            [],
        ),
        (
            "which articles mention bees and blossoms?",
            "1 of 3 articles mentions “bees and blossoms”, in 4 places.",
            ["Bees visit the blossoms of many trees."],
        ),
    ],
)
def test_what_the_index_knows_is_told_with_its_place(
    question: str, lead: str, quoted: list[str], fruit: Library
):
    answer = fruit.ask(question)
    assert answer.lead.startswith(f"From the index: {lead}")
    assert sorted(quotes(answer, fruit)) == sorted(quoted)
    assert answer.status is Status.ANSWERED
    assert answer.text.startswith(answer.lead)
    for claim in answer.claims:
        assert claim.support is Support.VERBATIM
        assert claim.span.of(answer.text) == claim.text


ODD = {
    "net.md": "Version 2 shipped with support for the .NET runtime last year. It sold well.\n",
    "mail.md": "We sent an e-mail to all of the health care workers in St. Louis yesterday.\n",
    "shout.md": "The US market grew. Let us see.\n\n| walnuts | 3 |\n|---|---|\n| figs | 4 |\n",
    "access.md": "Access to the site https://api.gsa.gov is free. The WHO sent us a letter.\n",
    "script.md": "# 人工知能\n\n人工知能は医療を変える。これは重要な技術である。\n",
}


@pytest.mark.parametrize(
    ("topic", "article"),
    [
        (".NET", "net.md"),
        ("email", "mail.md"),
        ("e-mails", "mail.md"),
        ("healthcare", "mail.md"),
        ("health-care worker", "mail.md"),
        ("St. Louis", "mail.md"),
        ("the US", "shout.md"),
        ("walnut", "shout.md"),
        ("figs", "shout.md"),
        ("人工知能", "script.md"),
        ("workers in health care", "mail.md"),
        ("NET or walnuts", "net.md shout.md"),
        ("WALNUTS", "shout.md"),
        ("accessing", "access.md"),
        ("the WHO", "access.md"),
    ],
)
def test_a_word_is_found_however_it_is_written(topic: str, article: str, odd: Library):
    answer = odd.ask(f"Which articles mention {topic}?")
    assert sorted(set(cited(answer))) == article.split()


@pytest.mark.parametrize(
    "topic", ["art", "C", "2.0", "car workers", "mailing lists", "accessibility", "IT"]
)
def test_a_word_that_is_only_near_does_not_count(topic: str, odd: Library):
    assert cited(odd.ask(f"Which articles mention {topic}?")) == []


def test_every_article_is_heard_even_where_it_asserts_nothing(odd: Library):
    for question in ("Summarize the articles", "What is in the folder?"):
        assert set(cited(odd.ask(question))) == set(ODD)


def test_a_list_of_the_articles_says_what_each_says_of_itself(fruit: Library):
    answer = fruit.ask("What is in the folder?")
    assert "3 articles, by 2 authors" in answer.lead
    assert "Their commonest tags: fruit (2)." in answer.lead
    assert cited(answer) == ["apples.md", "bees.txt", "pears.md"]
    assert "What every gardener should know about growing pears." in quotes(answer, fruit)


def test_a_folder_without_front_matter_says_so(articles: Path, built: Library):
    for question, lead in [
        ("Who wrote the articles?", "none of the 2 articles names an author."),
        ("What is the newest article?", "which article is the newest is not known."),
        ("When were the articles written?", "None of the 2 articles names a date"),
        ("How many articles are there?", "2 articles."),
    ]:
        answer = built.ask(question)
        assert lead in answer.lead
        assert answer.claims == ()


def test_a_folder_of_one_article_is_answered_in_the_singular(tmp_path: Path):
    library = open_folder(tmp_path, {"apples.md": FOLDER["apples.md"]})
    assert library.ask("Who wrote the article?").lead == "From the index: “Apples” is by Ada."
    assert "1 article, by Ada, of 2024-05-01" in library.ask("How many articles are there?").lead
    assert "“Apples” by Ada" in library.ask("What is this about?").lead


def test_a_filter_leaves_only_the_articles_that_fit(fruit: Library):
    answer = fruit.ask("How many articles mention trees?", Filter(authors=("Ada",)))
    assert answer.lead.startswith("From the index: 1 of 2 articles mentions “trees”")
    assert answer.run.settings == {"within": "by Ada"}
    assert answer.run.articles == 2


def test_a_summary_takes_sentences_that_do_not_repeat_each_other(tmp_path: Path):
    sentences = [
        "Apple trees need full sun and a deep, well drained soil.",
        "Apple trees need full sun and also a deep, drained soil.",
        "Pruning in late winter keeps the crown of a tree open.",
        "Codling moths lay their eggs on young fruit in early summer.",
        "Storage at low temperature keeps the harvest fresh until spring.",
        "Grafting joins a wanted variety to the root of another one.",
        "Bees carry pollen between the blossoms of different varieties.",
    ]
    library = open_folder(tmp_path, {"long.md": "# Growing\n\n" + " ".join(sentences) + "\n"})
    answer = library.ask("Summarize the article")
    assert answer.lead.startswith("Summary: “Growing”")
    taken = quotes(answer, library)
    assert len(taken) == 5
    assert taken == [each for each in sentences if each in taken]
    assert not set(sentences[:2]) <= set(taken)


def test_a_summary_of_all_hears_each_article(library: Library):
    answer = library.ask("Summarize the articles")
    assert set(cited(answer)) == {each.id for each in library.described}
    assert 10 <= len(answer.claims) <= 18


def test_where_articles_disagree_is_what_compare_knows(tmp_path: Path):
    one = "# Early\n\nThe apple harvest of the valley begins in August 2021 every year.\n"
    two = "# Late\n\nThe apple harvest of the valley begins in October 2021 every year.\n"
    library = open_folder(tmp_path, {"one.md": one, "two.md": two})
    answer = library.ask("Where do the articles disagree about the apple harvest?")
    known = [*library.compare("apple harvest").conflicts]
    assert bool(known) == ("contradiction about" in answer.lead.replace("no contradiction", ""))
    assert "`ibid compare 'apple harvest'`" in answer.lead
    everything = library.ask("Where do the articles disagree?")
    assert "`ibid compare`" in everything.lead
    assert bool([*library.compare().conflicts]) == ("no contradiction" not in everything.lead)
    pair = library.ask("compare one.md and two.md")
    assert "`ibid compare --article one.md --article two.md`" in pair.lead
    assert set(cited(pair)) == {"one.md", "two.md"}


def test_no_model_is_asked_and_no_passage_is_searched(tmp_path: Path):
    model = ScriptedGenerator("Ada wrote everything. [1]")
    folder = open_folder(tmp_path)
    library = Library(folder.settings, folder.embedder, model)
    found, done = library.stream("Who wrote the articles?")
    assert isinstance(found, Found)
    assert found.hits == ()
    assert model.prompts == []
    assert done.answer.run.model == ""  # pyright: ignore


def test_each_writer_begins_with_what_the_index_knows(fruit: Library):
    for question in ("Who wrote the articles?", "How many articles are there?"):
        answer = fruit.ask(question)
        printed = Console(width=200, record=True, file=Plain(quiet=True).file)
        print_answer(answer, fruit, printed)
        assert printed.export_text().startswith(answer.lead)
        assert answer_json(answer, fruit)["lead"] == answer.lead
        assert json.loads(FORMATS["json"].write(answer, fruit))["lead"] == answer.lead
        for page in (write_answer(answer, fruit), answer_page(answer, fruit)):
            assert answer.lead in page
            assert "nearest passages" not in page
            assert "0 sentences" not in page
        assert answer.lead.split(":")[0] in FORMATS["md"].write(answer, fruit)
        assert say_result(answer) == answer.lead


def test_what_a_title_and_an_author_say_is_only_text(tmp_path: Path):
    hostile = "<img src=x onerror=alert(1)> [1] \u202ereversed"
    front = f"---\ntitle: '{hostile}'\nauthor: '{hostile}'\ndate: 2025-01-01\n---\n\nApples grow.\n"
    library = open_folder(tmp_path, {"a.md": front})
    answer = library.ask("What is the newest article?")
    assert "<img" in answer.lead
    assert "<img" not in write_answer(answer, library)
    assert "<img" not in answer_page(answer, library)
    assert "\u202e" not in write_answer(answer, library)
