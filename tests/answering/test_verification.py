"""What an answer changes against its articles is marked, and what it keeps is not.

The sentences are those of real articles: each altered in every way that it can be, shortened,
reworded by hand, or invented. The figures that are promised here are those of the seeds, which no
threshold was chosen on; those of 18F are where the thresholds come from.
"""

import re
from collections.abc import Iterable
from random import Random

import pytest

from alterations import DATA, Altered, Examiner, alter, read_paraphrases, shorten
from ibid.library import Library
from ibid.settings import Settings
from ibid.types.answers import Support
from markdown_texts import blog_articles, needs_data

CAUGHT = {"unlisted antonym": 0.75}
"""Share of the altered sentences of a class that is marked, where it is not 95 %."""

MISTAKEN = {Support.ALTERED, Support.UNSUPPORTED}


@pytest.fixture(scope="module")
def seeds_read(library: Library) -> Examiner:
    return Examiner(library)


@pytest.fixture(scope="module")
def blog_read(tmp_path_factory: pytest.TempPathFactory) -> Examiner:
    """Every fiftieth article of 18F's blog, which is real and in the public domain."""
    folder = tmp_path_factory.mktemp("18f")
    for number, (name, content) in enumerate(blog_articles(50)):
        if name.startswith("18f"):
            (folder / f"{number}.md").write_bytes(content)
    library = Library.open(folder, folder / "index", Settings(model="none"))
    library.build()
    return Examiner(library)


def marked_by_class(examiner: Examiner, altered: list[Altered]) -> dict[str, tuple[int, int]]:
    """Return for each class how many sentences were not passed off as the article's, of how many.

    Unsupported ones are marked, too: they show as not in the articles.
    """
    found: dict[str, tuple[int, int]] = {}
    for each in altered:
        marked, total = found.get(each.kind, (0, 0))
        found[each.kind] = (marked + (examiner.judge(each.said).support in MISTAKEN), total + 1)
    return found


def some_of_each(altered: Iterable[Altered], most: int) -> list[Altered]:
    """Return at most so many of each class, evenly from all of them."""
    classes: dict[str, list[Altered]] = {}
    for each in altered:
        classes.setdefault(each.kind, []).append(each)
    return [each for found in classes.values() for each in found[:: -(-len(found) // most)]]


def assert_caught(found: dict[str, tuple[int, int]]) -> None:
    assert len(found) == 7
    shares = {kind: marked / total for kind, (marked, total) in found.items()}
    assert all(share >= CAUGHT.get(kind, 0.95) for kind, share in shares.items()), found


def share_mistaken(examiner: Examiner, sentences: list[str]) -> float:
    states = examiner.states(sentences)
    return sum(states[each] for each in MISTAKEN) / len(sentences)


def test_altered_sentences_of_the_seeds_are_marked(seeds_read: Examiner) -> None:
    assert_caught(marked_by_class(seeds_read, list(alter(seeds_read.statements))))


@pytest.mark.long
@needs_data
def test_altered_sentences_of_18f_are_marked(blog_read: Examiner) -> None:
    assert_caught(marked_by_class(blog_read, some_of_each(alter(blog_read.statements), 60)))


def test_the_seeds_own_sentences_are_in_the_article(seeds_read: Examiner) -> None:
    states = seeds_read.states(seeds_read.statements)
    assert set(states) == {Support.VERBATIM}


def test_shortened_sentences_of_the_seeds_are_not_marked(seeds_read: Examiner) -> None:
    shortened = [said for said, _ in shorten(seeds_read.statements)]
    assert len(shortened) >= 150
    assert share_mistaken(seeds_read, shortened) <= 0.02


def test_plain_paraphrases_of_the_seeds_are_not_marked(seeds_read: Examiner) -> None:
    paraphrases = read_paraphrases("paraphrases.jsonl")
    assert len(paraphrases) >= 150
    assert share_mistaken(seeds_read, paraphrases) <= 0.05


@pytest.mark.long
@needs_data
def test_18f_s_own_and_shortened_sentences_are_not_marked(blog_read: Examiner) -> None:
    assert set(blog_read.states(blog_read.statements[::3])) == {Support.VERBATIM}
    shortened = [said for said, _ in shorten(blog_read.statements)][::3]
    assert share_mistaken(blog_read, shortened) <= 0.02


def test_invented_sentences_are_never_in_the_article(seeds_read: Examiner) -> None:
    invented = (DATA / "invented.txt").read_text("utf-8").splitlines()
    states = seeds_read.states(invented)
    assert states[Support.VERBATIM] == 0
    assert states[Support.REWORDED] <= 1


@needs_data
def test_sentences_of_other_articles_are_not_in_these(
    seeds_read: Examiner, blog_read: Examiner
) -> None:
    strange = blog_read.statements[::3]
    states = seeds_read.states(strange)
    assert states[Support.VERBATIM] == 0
    assert states[Support.UNSUPPORTED] >= 0.98 * len(strange)


@pytest.mark.parametrize(
    ("said", "kind", "put", "instead"),
    [
        (
            "Rare diseases, affecting less than 300,000 people in the US, are notoriously"
            " challenging to diagnose.",
            "number",
            "300,000",
            "200,000",
        ),
        ("This will lead to AI models performing poorly for certain demographic groups.",
         "certainty", "will", "might"),
        ("Traditional methods rarely struggle to integrate the vast and varied datasets needed for"
         " a comprehensive understanding.", "scope", "rarely", "often"),
        ("Companies like Atomwise and Pfizer are already leveraging generative AI in their"
         " pipelines.", "name", "Pfizer", "Exscientia"),
        ("Bias in data can lead to accurate or discriminatory outcomes.",
         "antonym", "accurate", "inaccurate"),
        ("Doctors remain irrelevant for clinical judgment and patient care.",
         "word", "irrelevant", "crucial"),
    ],
)  # fmt: skip
def test_the_very_word_is_named_with_the_article_s_own(
    seeds_read: Examiner, said: str, kind: str, put: str, instead: str
) -> None:
    found = seeds_read.judge(said)
    assert found.support is Support.ALTERED
    assert [(c.kind, c.said and c.said.of(said), c.instead) for c in found.changes] == [
        (kind, put, instead)
    ]
    assert len(found.citations) == 1


def test_a_sentence_that_joins_two_articles_gets_a_quote_of_each(seeds_read: Examiner) -> None:
    found = seeds_read.judge(
        "Rare diseases affect less than 200,000 people in the US, and Amgen collaborates with"
        " Nvidia to accelerate antibody development in Iceland."
    )
    assert found.support is Support.REWORDED
    assert len({citation.passage.article for citation in found.citations}) == 2


def test_a_condition_that_is_left_out_keeps_a_sentence_from_being_in_the_article(
    seeds_read: Examiner,
) -> None:
    found = seeds_read.judge("Algorithmic bias, a significant concern, can arise.")
    assert found.support is not Support.VERBATIM


def test_words_that_are_thrown_together_are_not_taken_for_a_rewording(seeds_read: Examiner):
    random = Random(1)  # noqa: S311 -- no secret
    words = sorted(set(re.findall(r"[A-Za-z]{2,}", " ".join(seeds_read.statements))))
    thrown = [" ".join(random.choices(words, k=random.randint(1, 12))) for _ in range(300)]
    supported = [each for each in thrown if seeds_read.judge(each).support not in MISTAKEN]
    assert len(supported) <= 0.05 * len(thrown), supported
