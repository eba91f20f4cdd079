"""Searching some of the articles: by date, author, tag and place."""

import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from ibid.cli.commands import cli
from ibid.errors import UsageError
from ibid.library import Library
from ibid.search.filters import ALL, Filter, select
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.answers import Hit, Signal, Status
from ibid.types.articles import ArticleId, Meta
from ibid.types.indexing import Described

ARTICLES = (
    Described(
        ArticleId("2024/a.md"),
        "Apples",
        Meta(author="Zoë Müller", date="2024-12-31", tags=("Fruit",)),
    ),
    Described(
        ArticleId("2025/b.md"),
        "Bees",
        Meta(author="Jane Smith", date="2025-02-28", category="Insects"),
    ),
    Described(
        ArticleId("2025/c.md"), "Cider", Meta(author="Jane Doe, John Roe", date="2025-08-31")
    ),
    Described(ArticleId("d.md"), "Damsons", Meta(date="soon", keywords=("fruit", "plums"))),
)


def chosen(**values: str | tuple[str, ...]) -> str:
    """Return the first letters of the articles that fit."""
    return "".join(sorted(id[-4] for id in select(Filter(**values), ARTICLES).ids))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "until", "letters"),
    [
        ("2024", "", "abc"),
        ("2025", "", "bc"),
        ("2024-12-31", "2025-02-28", "ab"),
        ("", "2024", "a"),
        ("", "2025-2", "ab"),
        ("2025-02", "2025-08", "bc"),
        ("2025-03-1", "2026", "c"),
    ],
)
def test_dates_are_inclusive_and_a_year_or_a_month_is_the_whole_of_it(
    since: str, until: str, letters: str
):
    assert chosen(since=since, until=until) == letters


@pytest.mark.parametrize(
    "date", ["yesterday", "2025-13", "2025-02-30", "31.8.2025", "2025-00-01", "20"]
)
def test_what_is_no_date_is_an_error(date: str):
    for bounds in ({"since": date}, {"until": date}):
        with pytest.raises(UsageError, match="is no date") as caught:
            select(Filter(**bounds), ARTICLES)
        assert caught.value.hint == "dates are written 2025-08-31, 2025-08 or 2025"


def test_articles_without_a_date_fit_no_date_and_are_counted():
    assert select(Filter(since="2024"), ARTICLES).undated == 1
    assert select(Filter(since="2024", tags=("fruit",)), ARTICLES).undated == 1
    assert select(Filter(authors=("jane",)), ARTICLES).undated == 0


@pytest.mark.parametrize(
    ("kind", "wanted", "letters"),
    [
        ("authors", ("zoe muller",), "a"),
        ("authors", ("MÜLLER",), "a"),
        ("authors", (" Jane ",), "bc"),
        ("authors", ("Doe", "muller"), "ac"),
        ("tags", ("FRUIT",), "ad"),
        ("tags", ("#insects",), "b"),
        ("tags", ("plums", "insects"), "bd"),
        ("articles", ("2025/b.md",), "b"),
        ("articles", ("2025/*",), "bc"),
        ("articles", ("damsons", "2024"), "ad"),
    ],
)
def test_names_fit_without_regard_to_case_and_accents(
    kind: str, wanted: tuple[str, ...], letters: str
):
    assert chosen(**{kind: wanted}) == letters


def test_an_article_has_to_fit_each_kind():
    assert chosen(authors=("jane",), until="2025-06") == "b"
    assert chosen(tags=("fruit",), articles=("*.md",), since="2020") == "a"


@pytest.mark.parametrize(
    ("within", "said", "hint"),
    [
        (Filter(authors=("Smitt",)), "no article is by Smitt", "Jane Smith"),
        (
            Filter(authors=("smi",)),
            "no article is by smi",
            "Jane Smith",
        ),  # a word, not a part of one
        (Filter(tags=("frut", "x")), "no article has the tag frut or x", "there is"),
        (Filter(articles=("nowhere",)), "no article is named nowhere", "2024/a.md"),
        (Filter(since="2030"), "no article is of that time", "from 2024-12-31 to 2025-08-31"),
        (Filter(articles=("d.md",), since="2030"), "of that time", "they have no dates"),
        (
            Filter(articles=("d.md",), authors=("jane",)),
            "no article is named d.md",
            "there is 2025",
        ),
    ],
)
def test_where_nothing_fits_the_nearest_is_named(within: Filter, said: str, hint: str):
    with pytest.raises(UsageError, match=said) as caught:
        select(within, ARTICLES)
    assert hint in caught.value.hint


# In a search


@pytest.fixture(scope="module")
def orchard(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Three hundred articles with dates, authors and tags, many of them much alike."""
    root, random = tmp_path_factory.mktemp("orchard"), Random(7)  # noqa: S311
    (root / "articles").mkdir()
    for number in range(300):
        fruit = random.choice(["Apples", "Pears", "Plums"])
        does = " ".join(random.choices(["ripen", "fall", "autumn", "orchard", "wasps"], k=6))
        (root / "articles" / f"{number:03}.md").write_text(
            f"---\nauthor: {random.choice(['Ann', 'Bob'])} Lee\n"
            f"date: 20{random.randint(10, 25)}-05-01\n"
            f"tags: [{fruit.lower()}]\n---\n\n# {fruit}\n\n{fruit} {does} number {number}.\n"
        )
    library = Library.open(
        root / "articles", root / "index", Settings(model="none"), embedder=HashEmbedder()
    )
    library.build()
    return library


FILTERS = (
    Filter(since="2019", until="2020"),
    Filter(authors=("ann",)),
    Filter(tags=("plums",), since="2015"),
    Filter(articles=("00?.md",)),
    Filter(articles=("123.md",)),
    Filter(since="2010"),
)


@pytest.mark.parametrize("within", FILTERS)
@pytest.mark.parametrize("question", ["wasps in the orchard", "which pears ripen in autumn", "7"])
def test_a_filtered_ranking_is_the_whole_ranking_without_the_others(
    orchard: Library, within: Filter, question: str
):
    fitting = orchard.select(within).ids
    for by in Signal:
        whole = [hit for hit in orchard.search(question, 1000, by=by) if _fits(hit, fitting)]
        for k in (1, 8, 50):
            found = orchard.search(question, k, within, by)
            assert [hit.passage for hit in found] == [hit.passage for hit in whole[:k]]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in whole[:k]])


@pytest.mark.parametrize("within", FILTERS)
def test_what_is_read_closely_anyway_ranks_alike_with_a_filter(orchard: Library, within: Filter):
    question = "wasps in the orchard"
    fitting = orchard.select(within).ids
    whole = [hit for hit in orchard.search(question, 1000) if _fits(hit, fitting)]
    closely = [hit.passage for hit in whole if "tokens" in hit.parts]
    for k in (1, 8, 50):
        found = orchard.search(question, k, within)
        assert len(found) == min(k, len(fitting))  # k where k exist
        assert all(_fits(hit, fitting) for hit in found)
        both = [hit.passage for hit in found if hit.passage in closely]
        assert both == [passage for passage in closely if passage in both]


def _fits(hit: Hit, articles: frozenset[ArticleId]) -> bool:
    return hit.passage.article in articles


def test_an_answer_comes_from_the_articles_that_fit_and_counts_them(library: Library):
    question = "What challenges are cited for AI drug discovery?"
    within = Filter(authors=("rkoots",))
    answer = library.ask(question, within)
    articles = {c.passage.article for claim in answer.claims for c in claim.citations}
    assert articles <= library.select(within).ids
    assert (
        answer.run.articles == len(library.select(within).ids) < library.ask(question).run.articles
    )
    nowhere = library.ask("Who won the football match?", within)
    assert nowhere.status is Status.NOT_IN_SOURCES
    assert {hit.passage.article for hit in nowhere.hits} <= library.select(within).ids


def test_the_commands_take_filters_and_tell_what_has_no_date(
    seed_index: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("IBID_INDEX", str(seed_index))
    monkeypatch.setenv("IBID_MODEL", "none")

    def ibid(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, standalone_mode=False)

    found = ibid("search", "-k", "50", "--json", "--since", "2025-08", "AI in medicine")
    dates = {
        hit["article"]: library_date(seeds, hit["article"]) for hit in json.loads(found.stdout)
    }
    assert dates
    assert min(dates.values()) >= "2025-08-01"
    assert "without a date cannot be filtered by one" in found.stderr
    answer = json.loads(ibid("ask", "--json", "--tag", "ai", "Which challenges are there?").stdout)
    assert 0 < answer["run"]["articles"] < 5
    told = ibid("ask", "--tag", "ai", "Which challenges are there?").stdout
    assert told.endswith("Only articles tagged ai.\n")
    wrong = ibid("ask", "--author", "rkots", "Which challenges are there?")
    assert (str(wrong.exception), wrong.exception.hint) == (
        "no article is by rkots",
        "there is rkoots Bot",
    )


def library_date(seeds: Path, article: str) -> str:
    lines = (seeds / article).read_text("utf-8").splitlines()
    return next(
        line.split(": ")[1].strip("'\"")
        for line in lines
        if line.lower().startswith(("date:", "pubdate:"))
    )


def test_a_filter_says_in_words_what_it_chooses():
    chosen = Filter("2025", "", ("Ada", "Bob"), ("ai",), ("a.md",))
    assert str(chosen) == "in “a.md”, by Ada or Bob, tagged ai, since 2025"
    assert str(ALL) == ""


def test_an_article_is_found_by_each_of_its_authors():
    two = Meta(author="Ann Lee", coauthors=("Bo Ek",))
    articles = [Described(ArticleId("a.md"), "A", two), Described(ArticleId("b.md"), "B", Meta())]
    for author in ("Ann Lee", "ek"):
        assert select(Filter(authors=(author,)), articles).ids == {"a.md"}
    with pytest.raises(UsageError):
        select(Filter(authors=("Lee Ek",)), articles)


def test_what_is_an_id_or_a_title_means_no_article_whose_name_holds_it():
    ids = ("a.md", "data.md", "x/a.md", "Data")
    articles = [Described(ArticleId(id), f"On {id}", Meta()) for id in ids]
    articles.append(Described(ArticleId("e.md"), "On a.md and more", Meta()))

    def named(*names: str) -> set[str]:
        return set(select(Filter(articles=names), articles).ids)

    assert named("a.md") == {"a.md"}
    assert named("On a.md", "data.md") == {"a.md", "data.md"}
    assert named("On a") == {"a.md", "e.md"}
    assert named("Data") == {"Data"}
    assert named("DATA") == {"data.md", "Data"}
