"""Answers over the user's five articles, with the real model and without a language model."""

import json
from pathlib import Path

import pytest

from conftest import ROOT
from ibid.adapters import MiniLM, MiniLMReader
from ibid.english import NEAR_VERBATIM, shared_words
from ibid.library import Library
from ibid.settings import Settings
from ibid.text.strings import plain
from ibid.types.answers import Answer, Status, Support

QUESTIONS: list[str] = json.loads(
    (ROOT / "tests" / "data" / "seed_questions.json").read_text("utf-8")
)


def quotes(answer: Answer, library: Library) -> str:
    citations = (citation for claim in answer.claims for citation in claim.citations)
    return "\n".join(c.quote.of(library.article(c.passage.article).text) for c in citations)


def cited_articles(answer: Answer) -> set[str]:
    return {c.passage.article for claim in answer.claims for c in claim.citations}


def test_the_challenges_of_ai_drug_discovery_are_cited_from_at_least_four_articles(
    library: Library,
) -> None:
    answer = library.ask("what challenges are cited for AI drug discovery?")
    said = quotes(answer, library).lower()
    assert answer.status is Status.ANSWERED
    assert len(cited_articles(answer)) >= 4
    for challenge in ("data bias", "privacy", "interpretab", "black box", "regulat"):
        assert challenge in said


def test_the_companies_that_use_generative_ai_are_found(library: Library) -> None:
    said = quotes(library.ask("Which companies already use generative AI?"), library)
    for company in ("Atomwise", "Exscientia", "Amgen", "Nvidia"):
        assert company in said


def test_a_how_many_question_is_answered_with_the_number(library: Library) -> None:
    answer = library.ask("How many people may a rare disease affect in the US?")
    assert "200,000" in quotes(answer, library)
    assert answer.status is Status.ANSWERED


def test_a_when_question_is_answered_with_years_only(library: Library) -> None:
    answer = library.ask("When will AI revolutionize rare disease drug discovery?")
    assert "by 2026" in quotes(answer, library)
    without_year = [claim.text for claim in answer.claims if "20" not in claim.text]
    assert len(without_year) <= 2  # `the next few years`, and what a chosen sentence leans on


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("What is generative AI?", "Generative AI, a subset of artificial intelligence"),
        ("Define algorithmic bias", "Algorithmic bias, a significant concern"),
        ("What is de novo drug design?", "De Novo Drug Design: Generative models can design"),
        ("What is personalized medicine?", "Personalized medicine tailors treatments"),
        ("Will AI replace doctors?", "Q: Is AI replacing doctors? A: No. AI is a tool"),
        (
            "Will AI replace human researchers?",
            "Q3: Will AI replace human researchers? A3: No, AI will augment",
        ),
        ("Can AI detect cancer?", "For example, AI models trained on large datasets"),
        ("How long does it take to bring a drug to market?", "Traditional methods rely heavily"),
        ("How many people may a rare disease affect in the US?", "Rare diseases, affecting less"),
        ("Who is Amgen working with?", "Amgen’s collaboration with Nvidia"),
    ],
)
def test_an_answer_that_a_sentence_gives_opens_with_it_and_is_short(
    question: str, opening: str, library: Library
) -> None:
    claims = library.ask(question).claims
    assert claims[0].text.startswith(opening)
    assert len(claims) <= 4


def test_a_list_that_answers_is_given_whole_and_in_order(library: Library) -> None:
    answer = library.ask("What should be investigated further?")
    labels = ("Data Sources", "Application Areas", "Key Players", "Technical", "Ethical Frameworks")
    for label, claim in zip(labels, answer.claims, strict=False):
        assert claim.text.startswith(label)


def test_each_item_of_a_list_of_challenges_is_named(library: Library) -> None:
    texts = [c.text for c in library.ask("what challenges are cited for AI drug discovery?").claims]
    labels = ("Data Bias:", "Model Interpretability:", "Regulatory Approval:")
    places = [n for label in labels for n, text in enumerate(texts) if text.startswith(label)]
    assert len(places) == 3
    assert places == sorted(places)


def test_a_section_on_what_is_asked_for_is_read_in_its_order_and_names_it(library: Library) -> None:
    answer = library.ask("what challenges are cited for AI drug discovery?")
    said = [claim.text for claim in answer.claims]
    hurdles = next(place for place, each in enumerate(said) if "significant hurdles" in each)
    assert said[hurdles + 1].startswith("Robust data governance")
    assert not any("these challenges" in each or "While challenges" in each for each in said)


def test_a_list_is_given_whole_though_it_is_cut_into_passages(small: Library) -> None:
    rules = [f"Rule {name} of the orchard: {'prune the old trees. ' * 12}" for name in "ABCDEF"]
    text = "# Orchards\n\n## Rules\n\n" + "\n".join(f"{n}. {r}" for n, r in enumerate(rules, 1))
    (small.folder / "orchards.md").write_text(text, "utf-8")
    small.build()
    assert len(small.passages("orchards.md")) > 1
    answer = small.ask("What are the rules of the orchard?")
    said = [claim.text for claim in answer.claims if claim.text.startswith("Rule ")]
    assert [text[5] for text in said] == list("ABCDEF")


def test_a_list_leaves_no_more_room_than_there_is(small: Library) -> None:
    rules = [f"{n}. Rule {n} of the orchard asks for care" for n in range(1, 11)]
    (small.folder / "rules.md").write_text(
        "# The rules of the orchard\n\n" + "\n".join(rules), "utf-8"
    )
    for name in "abcdefghijkl":
        said = f"The rules of the orchard are hung up by gardener {name}{name}{name}."
        (small.folder / f"{name}.md").write_text(f"# Orchard\n\n{said}\n", "utf-8")
    small.build()
    answer = small.ask("What are the rules of the orchard?")
    assert len(cited_articles(answer)) > 1
    assert len(answer.claims) <= 12


def test_no_answer_opens_with_what_points_the_reader_elsewhere(
    small: Library, articles: Path
) -> None:
    text = "# Grafting\n\nSee our guide to grafting trees. Grafting joins a twig to a tree.\n"
    (articles / "grafting.md").write_text(text, "utf-8")
    small.build()
    assert small.ask("How does grafting trees work?").claims[0].text.startswith("Grafting joins")


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Australia?",
        "who won the world cup in 1998",
        "How do I bake sourdough bread?",
        "What is the price of a used car?",
        "Explain the offside rule in football",
        "Who painted the Mona Lisa?",
        "wie wird das Wetter morgen",
        "asdf qwer zxcv",
    ],
)
def test_what_the_articles_do_not_say_is_refused(question: str, library: Library) -> None:
    answer = library.ask(question)
    assert answer.status is Status.NOT_IN_SOURCES
    assert answer.text == "Your articles do not say."
    assert answer.claims == ()
    assert len(answer.hits) <= 3


def test_there_are_at_least_forty_questions() -> None:
    assert len(set(QUESTIONS)) >= 40


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_quote_stands_in_the_raw_file_at_its_place(
    question: str, library: Library, seeds: Path
) -> None:
    answer = library.ask(question)
    assert answer.claims, "a question that the articles answer is answered"
    for claim in answer.claims:
        assert claim.support is Support.VERBATIM
        assert claim.span.of(answer.text) == claim.text
        quotes: list[str] = []
        for citation in claim.citations:
            raw = (seeds / citation.passage.article).read_bytes().decode("utf-8")
            quotes.append(plain(citation.quote.of(raw)))
            assert citation.passage.span.of(raw) == citation.passage.text
        assert quotes[0] == claim.text
        assert all(shared_words(quote, claim.text) >= NEAR_VERBATIM for quote in quotes)


@pytest.mark.parametrize("question", QUESTIONS[::4])
def test_no_sentence_is_given_twice_and_none_is_a_question_or_a_heading(
    question: str, library: Library
) -> None:
    answer = library.ask(question)
    texts = [claim.text for claim in answer.claims]
    assert len(texts) == len(set(texts))
    headings = {h for a in library.articles for s in a.sections for h in s.headings}
    for text in texts:
        assert not text.endswith("?")
        assert text.rstrip(":") not in headings
        assert "[Source" not in text


def test_a_sentence_is_left_out_that_another_says_with_more_words(library: Library) -> None:
    texts = [claim.text for claim in library.ask("Why does data security matter?").claims]
    assert "Ensuring data privacy and security is paramount." in texts
    assert "Furthermore, ensuring patient data privacy and security is paramount." not in texts


def test_an_article_that_says_the_same_is_told_with_its_place(library: Library) -> None:
    claims = library.ask("ensuring data privacy and security").claims
    said = next(claim for claim in claims if claim.text.startswith("Ensuring data privacy and sec"))
    own, also = said.citations
    assert own.passage.article.startswith("004")
    quote = also.quote.of(library.article(also.passage.article).text)
    assert quote == "Furthermore, ensuring patient data privacy and security is paramount."


def test_an_article_that_says_the_opposite_is_heard_by_itself(
    small: Library, articles: Path
) -> None:
    says = "# Plums\n\nThe purple plums of the valley are ripe in the month of September.\n"
    denies = "# Fruit\n\nThe purple plums of the valley are not ripe in the month of September.\n"
    (articles / "says.md").write_text(says, "utf-8")
    (articles / "denies.md").write_text(denies, "utf-8")
    small.build()
    claims = small.ask("Are the purple plums of the valley ripe in September?").claims
    assert {len(claim.citations) for claim in claims} == {1}
    assert {c.passage.article for claim in claims for c in claim.citations} >= {
        "says.md",
        "denies.md",
    }


def test_an_article_that_turns_it_round_is_heard_by_itself(small: Library, articles: Path) -> None:
    one = "# Slugs\n\nSlugs are kept off the beds with copper tape and not with salt.\n"
    other = "# Beds\n\nSlugs are kept off the beds with salt and not with copper tape.\n"
    (articles / "one.md").write_text(one, "utf-8")
    (articles / "other.md").write_text(other, "utf-8")
    small.build()
    claims = small.ask("What keeps slugs off the beds?").claims
    assert {claim.citations[0].passage.article for claim in claims} >= {"one.md", "other.md"}
    assert all(len(claim.citations) == 1 for claim in claims)


def test_a_name_that_no_article_uses_is_not_answered_about(library: Library) -> None:
    answer = library.ask("What does the FDA require for AI-designed drugs?")
    assert answer.status is Status.CLOSEST
    assert answer.receipt
    assert answer.receipt.unused == ("FDA",)


def test_what_an_article_says_that_it_will_do_is_no_answer(library: Library) -> None:
    texts = [claim.text for claim in library.ask("How does AI speed up clinical trials?").claims]
    assert texts
    assert not any(text.startswith(("We'll", "We will")) for text in texts)


def test_the_same_question_gets_the_same_answer(seeds: Path, seed_index: Path) -> None:
    library = Library.open(seeds, seed_index, Settings(model="none"), embedder=MiniLM())
    library.reader = MiniLMReader(MiniLM())  # which reads anew each time
    first, second = (library.ask("What are the ethical concerns?") for _ in range(2))
    assert (first.text, first.claims, first.hits) == (second.text, second.claims, second.hits)


def test_a_sentence_that_leans_on_the_one_before_brings_it_along(library: Library) -> None:
    answer = library.ask("What does the training of generative models enable?")
    texts = [claim.text for claim in answer.claims]
    leaning = [n for n, text in enumerate(texts) if text.startswith("This training enables them")]
    assert not leaning
    assert any("trained on massive datasets" in t and "This training enables" in t for t in texts)


def test_a_sentence_that_leans_behind_a_joining_word_brings_the_one_before_along(
    small: Library, articles: Path
) -> None:
    text = "# Quinces\n\nThe fruit is hard when raw. However, it softens when quinces are cooked.\n"
    (articles / "quinces.md").write_text(text, "utf-8")
    small.build()
    texts = [claim.text for claim in small.ask("What softens when quinces are cooked?").claims]
    assert texts[0] == "The fruit is hard when raw. However, it softens when quinces are cooked."
