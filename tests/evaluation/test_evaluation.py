"""The measures, the rankings and the sets that `ibid eval` reports."""

from dataclasses import replace
from pathlib import Path

import pytest

from ibid.errors import UsageError
from ibid.evaluation.asking import judge, make_run
from ibid.evaluation.cases import Case, QuestionSet, Target
from ibid.evaluation.measuring import compare, estimate, measure, overlap
from ibid.evaluation.ranking import DEPTH, Ranking, finder
from ibid.evaluation.running import draw, examine, measure_ranking, prepare
from ibid.evaluation.selfmade import make_set
from ibid.evaluation.sets import SETS, read_set
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.answers import Hit, Signal
from ibid.types.articles import ArticleId, Span
from markdown_texts import DATA

APPLES, PEARS = ArticleId("apples.md"), ArticleId("pears.md")
WORKED = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}, "q3": {"d": 1}}
FOUND = {"q1": {"x": 3.0, "a": 2.0, "b": 1.0}, "q2": {"c": 1.0}}


def ignore(progress: object) -> None:
    """Take no notice of progress."""


def test_measures_agree_with_numbers_worked_out_by_hand():
    values = measure(WORKED, FOUND)
    # q1 finds its two at ranks 2 and 3: (1/log2(3) + 1/log2(4)) / (1 + 1/log2(3))
    assert values["nDCG@10"]["q1"] == pytest.approx((0.63093 + 0.5) / 1.63093, abs=1e-4)
    assert values["RR"] == {"q1": 0.5, "q2": 1.0, "q3": 0.0}
    assert values["Success@1"] == {"q1": 0.0, "q2": 1.0, "q3": 0.0}
    assert values["R@10"] == {"q1": 1.0, "q2": 1.0, "q3": 0.0}


def test_a_question_that_finds_nothing_counts_as_zero():
    assert measure({"q": {"a": 1}}, {}) == {name: {"q": 0.0} for name in measure(WORKED, FOUND)}


def test_ids_may_be_any_text():
    """Some of these end the process where ir-measures is handed them."""
    ids = ["\ud800", "a\0b", "a\0c", "", "ü", "a b"]
    qrels = {id: {id: 1} for id in ids}
    run = {id: dict.fromkeys(ids, 1.0) | {id: 2.0} for id in ids}
    assert measure(qrels, run)["RR"] == dict.fromkeys(ids, 1.0)


def test_equal_scores_are_parted_by_id_as_in_other_tools():
    run = {"q": {"a": 1.0, "b": 1.0, "ü": 1.0, "z": 1.0}}
    first = {id: measure({"q": {id: 1}}, run)["RR"]["q"] for id in run["q"]}
    assert first == {"ü": 1.0, "z": 1 / 2, "b": 1 / 3, "a": 1 / 4}


def test_an_interval_holds_the_mean_and_shrinks_with_more_questions():
    few, many = estimate([0.0, 1.0] * 10), estimate([0.0, 1.0] * 1000)
    assert few.low < few.mean == many.mean == 0.5 < few.high
    assert many.high - many.low < few.high - few.low


def test_an_interval_of_equal_values_is_their_value():
    assert estimate([1.0]) == estimate([1.0]).__class__(1.0, 1.0, 1.0, 1)
    assert estimate([]).mean == 0.0


def test_a_comparison_names_the_questions_won_and_lost():
    a = {f"q{n:02}": 0.0 for n in range(20)} | {"lost": 1.0, "same": 0.5}
    b = {f"q{n:02}": 1.0 for n in range(20)} | {"lost": 0.0, "same": 0.5}
    found = compare(a, b)
    assert len(found.won) == 20
    assert found.lost == ("lost",)
    assert found.p < 0.001
    assert compare(a, a).p == 1.0


def test_a_difference_by_chance_is_not_significant():
    a = {str(n): float(n % 2) for n in range(100)}
    b = {str(n): float(n % 3 == 0) for n in range(100)} | {"0": 0.0}
    assert compare(a, b).p > 0.01


def test_one_question_alone_proves_no_difference():
    assert compare({"q": 0.0}, {"q": 1.0}).p == 1.0


def test_overlap_counts_each_character_once():
    found = [Span(0, 10), Span(5, 15)]
    assert overlap(found, [Span(10, 20)]) == (0.5, 5 / 15, 5 / 20)
    assert overlap([], []) == (0.0, 0.0, 0.0)


def test_an_article_is_ranked_by_its_best_passage_and_its_source_left_out(built: Library):
    hits = built.search("apples pears ripe", 10)
    case = Case("q", "apples pears ripe", (Target(APPLES),))
    run = make_run([case], {"q": [(hit, hit.score) for hit in hits]})
    assert run["q"] == pytest.approx(
        {
            hit.passage.article: max(
                each.score for each in hits if each.passage.article == hit.passage.article
            )
            for hit in hits
        }
    )
    found = measure_ranking(
        examine("x", [Case("q", "apples", (Target(PEARS),), asked_in=APPLES)], built),
        Ranking.WORDS,
        ignore,
    )
    assert APPLES not in found.run["q"]


def test_equal_scores_keep_their_order_in_every_tool(built: Library):
    hits = built.search("apples pears ripe", 10)
    assert len(hits) == 2
    case = Case("q", "?", (Target(hits[0].passage.article),))
    for order in (hits, hits[::-1]):
        run = make_run([case], {"q": [(hit, 0.5) for hit in order]})
        first = measure({"q": {order[0].passage.article: 1}}, run)
        assert first["Success@1"] == {"q": 1.0}


def test_a_span_is_answered_by_the_passages_that_share_half_of_it(built: Library):
    passage = built.passages("pears.md")[0]
    spans = {"whole": passage.span, "tail": Span(passage.span.end - 4, passage.span.end)}
    cases = [Case(id, "?", (Target(PEARS, span),)) for id, span in spans.items()]
    assert judge(cases, built) == {"whole": {passage.id: 1}, "tail": {passage.id: 1}}


def test_a_question_that_an_article_and_a_place_answer_can_be_answered_in_full(garden: Library):
    whole, other = (each.id for each in garden.articles[:2])
    passages = [passage for id in (whole, other) for passage in garden.passages(id)]
    hits = [(Hit(each, 1.0), 1.0) for each in passages]
    inside, beside = (
        next(Target(id, each.span) for each in passages if each.article == id and each.sentences)
        for id in (whole, other)
    )
    for more in ((beside,), (inside,), (inside, beside)):
        exam = examine("q", [Case("q", "?", (Target(whole), *more))], garden)
        run = make_run(exam.cases, {"q": hits})
        assert measure(exam.qrels, run)["R@10"] == {"q": 1.0}
        assert next(iter(run["q"])) == whole


def test_a_question_about_an_article_that_is_not_there_is_refused(built: Library):
    case = Case("q", "?", (Target(ArticleId("plums.md")),))
    with pytest.raises(UsageError, match=r"plums\.md answers a question and is not in the index"):
        examine("fruit", [case], built)


def test_no_ranking_has_more_than_a_hundred_passages(garden: Library):
    text = "\n\n".join(f"## Part {n}\n\nWord{n} of winter." for n in range(2 * DEPTH))
    odd = "\n\n".join(f"## Piece {n}\n\nNothing here{n} at all." for n in range(2 * DEPTH))
    (garden.folder / "winter.md").write_text(f"# Winter\n\n{text}\n\n{odd}\n", "utf-8")
    garden.build()
    each = {signal: garden.search("winter", DEPTH, by=signal) for signal in Signal}
    assert len({hit.passage.id for hits in each.values() for hit in hits}) > DEPTH
    for ranking in Ranking:
        assert len(finder(garden, ranking)("winter")) <= DEPTH


def test_one_signal_ranks_alone(built: Library):
    question = "where do apples grow"
    for signal in Signal:
        hits = built.search(question, 5, by=signal)
        assert [hit.ranks[signal.value] for hit in hits] == list(range(1, len(hits) + 1))
    words = built.search(question, 5, by=Signal.WORDS)
    assert {hit.passage.article for hit in words} == {APPLES}


def test_fusion_spreads_each_signal_from_zero_to_one(built: Library):
    found = finder(built, Ranking.FUSION)("where do apples grow")
    assert found[0][0].passage.article == APPLES
    assert all(0 <= score <= 1 for _, score in found)
    assert found[0][1] > 0.5


def test_the_same_questions_are_drawn_each_time():
    cases = [Case(str(number), "?", ()) for number in range(100)]
    assert draw(cases, 10) == draw(cases, 10)
    assert len(draw(cases, 10)) == 10
    assert draw(cases, None) == draw(cases, 200) == tuple(cases)


@pytest.fixture
def garden(tmp_path: Path) -> Library:
    """Thirty articles with headings, some of which link to each other."""
    folder = tmp_path / "garden"
    (folder / "trees").mkdir(parents=True)
    for number in range(30):
        link = f"[the one about tree {number - 1}](tree{number - 1}.md)" if number else "nothing"
        (folder / "trees" / f"tree{number}.md").write_text(
            f"# Tree {number}\n\nBefore this we wrote {link} in some detail.\n\n"
            f"## Watering sapling{number} during dry summers\n\nGive it water{number}.\n\n"
            "## Key facts\n\nNone.\n",
            "utf-8",
        )
    library = Library.open(folder, tmp_path / "garden-index", embedder=HashEmbedder())
    library.build()
    return library


def test_a_folder_makes_its_own_questions(garden: Library):
    made = make_set(garden.articles, garden.folders)
    kept = set(made.articles)
    assert 20 <= len(kept) < 30
    headings = [case for case in made.cases if case.id.startswith("heading") and case.answerable]
    assert {case.targets[0].article for case in headings} == kept
    assert all("Watering" in case.question for case in headings)  # "Key facts" is everywhere
    links = [case for case in made.cases if case.id.startswith("link")]
    assert links
    for case in links:
        assert case.asked_in != case.targets[0].article
        assert "the one about tree" in case.question
        assert "](" not in case.question
    unanswerable = [case for case in made.cases if not case.answerable]
    assert len(unanswerable) == 30 - len(kept)


def test_a_folder_that_was_edited_makes_no_questions(garden: Library):
    path = garden.folder / "trees" / "tree3.md"
    path.write_text(path.read_text("utf-8") + "More.", "utf-8")
    with pytest.raises(UsageError, match="edited since the index was built"):
        make_set(garden.articles, garden.folders)


@pytest.mark.long
def test_a_set_is_built_once_and_examined(garden: Library, tmp_path: Path):
    made = make_set(garden.articles, garden.folders)
    work = tmp_path / "work"
    first = prepare(made, work, garden.settings, ignore, HashEmbedder())
    name = first.store.current_name()
    again = prepare(made, work, garden.settings, ignore, HashEmbedder())
    assert again.store.current_name() == name
    found = measure_ranking(examine("self", made.cases, again), Ranking.IBID, ignore)
    assert estimate(list(found.values["Success@1"].values())).mean > 0.5
    assert found.refusals
    assert found.refusals.answerable + found.refusals.unanswerable == len(made.cases)


def test_only_files_that_it_wrote_are_deleted_where_a_set_is_kept(garden: Library, tmp_path: Path):
    made = make_set(garden.articles, garden.folders)
    first = prepare(made, tmp_path / "work", garden.settings, ignore, HashEmbedder())
    fewer = replace(made, articles=dict(list(made.articles.items())[1:]))
    again = prepare(fewer, tmp_path / "work", garden.settings, ignore, HashEmbedder())
    assert again.folder == first.folder
    assert {each.id for each in again.articles} == set(fewer.articles)
    notes = again.folder / "trees" / "notes.md"
    notes.write_text("# Mine\n\nThe only copy.\n", "utf-8")
    with pytest.raises(UsageError, match=r"notes\.md was not written by ibid eval"):
        prepare(made, tmp_path / "work", garden.settings, ignore, HashEmbedder())
    assert notes.is_file()
    assert len(list(again.folder.rglob("*.md"))) == len(fewer.articles) + 1


def test_a_folder_of_somebody_else_is_neither_emptied_nor_written_over(tmp_path: Path):
    mine = tmp_path / "go" / "articles" / "a.md"
    mine.parent.mkdir(parents=True)
    mine.write_text("Mine.", "utf-8")
    for name in ("a.md", "b.md"):
        public = QuestionSet("go", {ArticleId(name): b"Theirs."}, ())
        with pytest.raises(UsageError, match=r"a\.md was not written by ibid eval"):
            prepare(public, tmp_path, Settings(model="none"), ignore, HashEmbedder())
    assert [path.name for path in mine.parent.iterdir()] == ["a.md"]
    assert mine.read_text("utf-8") == "Mine."


@pytest.mark.parametrize("text", ["", "{}", "\xff"])
def test_a_list_of_somebody_else_is_not_written_over(tmp_path: Path, text: str):
    mine = tmp_path / "go" / "ibid-eval.json"
    mine.parent.mkdir()
    mine.write_text(text, "latin-1")
    public = QuestionSet("go", {ArticleId("a.md"): b"Theirs."}, ())
    with pytest.raises(UsageError, match="is not the list that ibid eval writes"):
        prepare(public, tmp_path, Settings(model="none"), ignore, HashEmbedder())
    assert mine.read_text("latin-1") == text


def test_a_set_that_was_written_halfway_is_written_again(tmp_path: Path):
    whole = {ArticleId("a.md"): b"# A\n\nTheirs.", ArticleId("b.md"): b"# B\n\nTheirs, too."}
    too_long = {ArticleId("a.md"): b"Half", ArticleId(f"{'x' * 300}.md"): b"No name for a file."}
    settings = Settings(model="none")
    with pytest.raises(UsageError, match="cannot be written: File name too long"):
        prepare(QuestionSet("go", too_long, ()), tmp_path, settings, ignore, HashEmbedder())
    again = prepare(QuestionSet("go", whole, ()), tmp_path, settings, ignore, HashEmbedder())
    assert {path.name: path.read_bytes() for path in again.folder.iterdir()} == whole


def test_a_link_out_of_the_folder_of_a_set_is_not_written_through(tmp_path: Path):
    mine = tmp_path / "mine.md"
    mine.write_text("Mine.", "utf-8")
    public = QuestionSet("go", {ArticleId("a.md"): b"Theirs."}, ())
    kept = tmp_path / "go" / "articles"
    kept.mkdir(parents=True)
    (kept / "a.md").symlink_to(mine)
    with pytest.raises(UsageError, match=r"a\.md"):
        prepare(public, tmp_path, Settings(model="none"), ignore, HashEmbedder())
    assert mine.read_text("utf-8") == "Mine."


@pytest.mark.parametrize("folder", ["go/articles", "go/articles/mine", "go", "."])
def test_a_set_is_not_kept_among_the_articles(tmp_path: Path, folder: str):
    public = QuestionSet("go", {ArticleId("a.md"): b"Theirs."}, ())
    settings = Settings(model="none", articles=(str(tmp_path / folder),))
    with pytest.raises(UsageError, match="overlaps the folder of articles"):
        prepare(public, tmp_path, settings, ignore, HashEmbedder())
    assert list(tmp_path.rglob("*")) == []


def test_each_folder_that_asks_itself_is_kept_apart(
    garden: Library, small: Library, tmp_path: Path
):
    kept: set[Path] = set()
    (small.folder / "plums.md").write_text("# Picking ripe summer plums\n\nNow.\n", "utf-8")
    small.build()
    for each in (garden, small, garden):
        made = make_set(each.articles, each.folders)
        kept.add(prepare(made, tmp_path / "w", each.settings, ignore, HashEmbedder()).folder)
    assert len(kept) == 2


@pytest.mark.parametrize("name", SETS)
def test_the_public_sets_are_read_whole(name: str):
    if not DATA.is_dir():
        pytest.skip(f"no evaluation data in {DATA}; IBID_DATA names the folder")
    found = read_set(name, DATA)
    sizes = {
        "18f": (510, 402),
        "go": (337, 185),
        "rust": (754, 149),
        "scifact": (5183, 300),
        "squad": (48, 10570),
        "xquad": (48, 1190),
        "chunking-eval": (5, 472),
        "clapnq": (600, 600),
    }
    assert (len(found.articles), len(found.cases)) == sizes[name]
    for case in found.cases:
        for target in case.targets:
            text = found.articles[target.article].decode("utf-8")
            assert not text.startswith("---\nredirect:")
            assert target.span is None or target.span.of(text).strip()


def test_a_set_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="the set squad cannot be read"):
        read_set("squad", tmp_path)
    with pytest.raises(UsageError, match="no set is named 'squid'"):
        read_set("squid", tmp_path)
