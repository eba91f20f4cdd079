"""The files of `ibid eval`: the questions of its users, and the runs and judgements of TREC."""

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ibid.errors import UsageError
from ibid.evaluation.cases import Case, Target, read_cases
from ibid.evaluation.placing import fill
from ibid.evaluation.ranking import Ranking
from ibid.evaluation.running import examine, measure_ranking
from ibid.evaluation.selfmade import _read
from ibid.evaluation.trec import read_qrels, read_run, write_qrels, write_run
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.articles import ArticleId, Span

APPLES, PEARS = ArticleId("apples.md"), ArticleId("pears.md")


def ignore(progress: object) -> None:
    """Take no notice of progress."""


def test_trec_files_are_read_as_they_were_written(tmp_path: Path):
    run = {"a question 1": {"an article.md": 0.5, "ü%.md": 0.25, "caf\udce9.md": 0.125}}
    qrels = {"a question 1": {"ü%.md": 1}}
    write_run(run, tmp_path / "run", "a/my run")
    write_qrels(qrels, tmp_path / "qrels")
    assert (tmp_path / "run").read_text().split()[:6] == [
        "a%20question%201", "Q0", "an%20article.md", "1", "0.5", "a/my%20run"
    ]  # fmt: skip
    assert read_run(tmp_path / "run") == run
    (tmp_path / "run.gz").write_bytes(gzip.compress((tmp_path / "run").read_bytes()))
    assert read_run(tmp_path / "run.gz") == run
    assert read_qrels(tmp_path / "qrels") == qrels


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is nothing in"),
        ("one two\n", "line 1 cannot be read"),
        ("q Q0 a first 0.5 t\nq Q0 b 2 much t\n", "line 2 cannot be read"),
        ("q Q0 a 1 0.5 t\n\nq 0 a 1\n", "line 3 cannot be read"),
        ("q Q0 a 1 nan t\n", "line 1: nan is no score"),
        ("q Q0 a 1 inf t\n", "line 1: inf is no score"),
        ("q Q0 a 1 0.5 t\nq Q0 a 2 0.4 t\n", "line 2: a stands there twice"),
        ("\udcff", "cannot be read: 'utf-8'"),
    ],
)
def test_a_file_that_is_no_trec_run_is_refused(tmp_path: Path, text: str, reason: str):
    path = tmp_path / "run"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError) as caught:
        read_run(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize("grade", ["0", "-1", str(2**31)])
def test_judgements_that_judge_nothing_as_relevant_are_refused(tmp_path: Path, grade: str):
    (tmp_path / "qrels").write_text(f"q 0 a {grade}\n")
    with pytest.raises(UsageError, match=r"nothing as relevant|no score"):
        read_qrels(tmp_path / "qrels")


def write_lines(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def test_questions_name_articles_quotes_and_spans(built: Library, tmp_path: Path):
    articles = {each.id: each for each in built.articles}
    path = write_lines(
        tmp_path / "q.jsonl",
        {"question": "Where do apples grow?", "relevant": ["apples.md"]},
        {
            "id": "cold",
            "question": "Where are pears stored?",
            "relevant": [{"article": "pears.md", "quote": "Farmers store pears in cold rooms."}],
        },
        {"question": "?", "relevant": [{"article": "pears.md", "start": 0, "end": 7}]},
        {"question": "Who was Bach?", "answerable": False},
    )
    first, second, third, fourth = read_cases(path, articles)
    assert first == Case("1", "Where do apples grow?", (Target(APPLES),))
    assert second.id == "cold"
    span = second.targets[0].span
    assert span
    assert span.of(articles[PEARS].text) == "Farmers store pears in cold rooms."
    assert third.targets == (Target(PEARS, Span(0, 7)),)
    assert not fourth.answerable


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "it is no JSON"),
        ("[1]", "[1] is no object"),
        ('{"relevant": []}', "'question' is missing"),
        ('{"question": ""}', "the question has to be a text"),
        ('{"question": "x"}', "an answerable question has something relevant"),
        ('{"question": "x", "relevant": ["a.md"]}', "no article is named 'a.md'"),
        ('{"question": "x", "relevant": ["apples.md"], "answerable": false}', "another one noth"),
        ('{"question": "x", "relevant": [{"article": "apples.md", "quote": "Z"}]}', "not say 'Z'"),
        ('{"question": "x", "relevant": [{"article": "apples.md", "start": 5}]}', "'end' is miss"),
        (
            '{"question": "x", "relevant": [{"article": "apples.md", "start": 5, "end": 9999}]}',
            "characters, not 5 to 9999",
        ),
        ('{"question": "x", "relevant": ["apples.md"], "why": 1}', "'why' is not known"),
        ("[" * 100_000, "it is no JSON"),
        ('{"id": null, "question": "x", "relevant": ["apples.md"]}', "the id has to be a text"),
        ('{"id": "\\ud800", "question": "x", "relevant": ["apples.md"]}', "id is no Unicode"),
        ('{"question": "\\ud800", "relevant": ["apples.md"]}', "question is no Unicode"),
        (f'{{"question": "{"x" * 2001}", "relevant": ["apples.md"]}}', "2,001 characters"),
        ('{"question": "x", "relevant": "apples.md"}', "what is relevant has to be a list"),
        ('{"question": "x", "answerable": "false"}', "'answerable' has to be true or false"),
        ('{"question": "x", "relevant": [5]}', "an article's id or an object is relevant, not 5"),
        ('{"question": "x", "relevant": [{"article": 5}]}', "by a text, not by 5"),
        ('{"question": "x", "relevant": ["a/apples.md"]}', "one is named 'apples.md'"),
        ('{"question": "x", "relevant": ["aples.md"]}', "one is named 'apples.md'"),
        (
            '{"question": "x", "relevant": [{"article": "apples.md", "quote": null}]}',
            "the quote has",
        ),
        ('{"question": "x", "relevant": [{"article": "apples.md", "quote": ""}]}', "the quote"),
        (
            '{"question": "x", "relevant": [{"article": "apples.md", "qoute": "a"}]}',
            "'qoute' is not",
        ),
        (
            '{"question": "x", "relevant": [{"article": "apples.md", "start": "5", "end": 7}]}',
            "start and end have to be whole numbers",
        ),
        (
            '{"question": "x", "relevant": [{"article": "apples.md", "quote": "a", "start": 5}]}',
            "a place is told by a quote, or by its start and end",
        ),
    ],
)
def test_a_bad_line_is_named(built: Library, tmp_path: Path, line: str, reason: str):
    path = tmp_path / "q.jsonl"
    path.write_text('\n{"question": "x", "relevant": ["apples.md"]}\n' + line, "utf-8")
    with pytest.raises(UsageError) as caught:
        read_cases(path, {each.id: each for each in built.articles})
    assert "line 3" in str(caught.value)
    assert reason in str(caught.value)


def test_two_questions_with_one_id_are_refused(built: Library, tmp_path: Path):
    line = {"id": "a", "question": "x", "relevant": ["apples.md"]}
    with pytest.raises(UsageError, match="line 2: line 1 has the id 'a', too"):
        read_cases(
            write_lines(tmp_path / "q", line, line), {each.id: each for each in built.articles}
        )


def test_all_lines_that_cannot_be_used_are_named_at_once(built: Library, tmp_path: Path):
    good = {"question": "x", "relevant": ["apples.md"]}
    stale = {"question": "x", "relevant": [{"article": "apples.md", "quote": "gone"}]}
    path = write_lines(tmp_path / "q", good, *([stale] * 12))
    with pytest.raises(UsageError) as caught:
        read_cases(path, {each.id: each for each in built.articles})
    said = str(caught.value)
    assert said.count("apples.md does not say 'gone'") == 10
    assert "line 2: " in said
    assert said.endswith("; 2 more lines")


def test_only_a_line_feed_ends_a_line(built: Library, tmp_path: Path):
    odd = "x\u2028y\u2029z\x85."
    line = {"question": odd, "relevant": ["apples.md"]}
    text = f"\ufeff{json.dumps(line, ensure_ascii=False)}\r\n\r\n"
    (tmp_path / "q").write_text(text, "utf-8", newline="")
    (case,) = read_cases(tmp_path / "q", {each.id: each for each in built.articles})
    assert case.question == odd


def test_a_file_without_a_question_is_refused(tmp_path: Path):
    (tmp_path / "q").write_text("\n", "utf-8")
    with pytest.raises(UsageError, match="has no questions"):
        read_cases(tmp_path / "q", {})


def test_a_copy_of_an_article_is_found_as_well(articles: Path, tmp_path: Path):
    (articles / "again.md").write_bytes((articles / "apples.md").read_bytes())
    library = Library.open(
        articles, tmp_path / "index", Settings(model="none"), embedder=HashEmbedder()
    )
    library.build()
    path = write_lines(
        tmp_path / "q.jsonl",
        {"question": "Where do apples grow?", "relevant": ["again.md", "apples.md"]},
        {"question": "Apples?", "relevant": [{"article": "again.md", "quote": "Ripe apples"}]},
        {"question": "And orchards?", "relevant": ["apples.md"]},
    )
    cases = read_cases(path, {each.id: each for each in library.articles})
    asked_in = replace(cases[0], id="in", targets=(Target(PEARS),), asked_in=ArticleId("apples.md"))
    exam = examine("copies", [*cases, asked_in], library)
    found = measure_ranking(exam, Ranking.WORDS, ignore)
    assert found.values["R@10"] == {"1": 1.0, "2": 1.0, "3": 1.0, "in": 0.0}
    assert len(exam.cases[0].targets) == 1
    assert found.run["in"] == {}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", ["questions.jsonl", "run.gz"])
@pytest.mark.parametrize("kind", ["a pipe", "a device", "too large", "a folder"])
def test_what_is_no_plain_file_of_bounded_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
):
    monkeypatch.setattr("ibid.evaluation.plain_files.LARGEST", 1 << 20)
    path = tmp_path / name
    match kind:
        case "a pipe":
            os.mkfifo(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case "a folder":
            path.mkdir()
        case _:
            endless = b"x" * (1 << 21)
            path.write_bytes(gzip.compress(endless) if path.suffix == ".gz" else endless)
    for read in (read_run, read_qrels, lambda each: read_cases(each, {})):
        with pytest.raises(UsageError, match="cannot be read: ") as told:
            read(path)
        assert told.value.hint


@pytest.mark.timeout(30)
def test_a_list_of_written_articles_that_is_a_pipe_is_none(tmp_path: Path):
    os.mkfifo(tmp_path / "ibid-eval.json")
    with pytest.raises(UsageError, match="is not the list that ibid eval writes"):
        fill(tmp_path / "articles", {APPLES: b"Apples."})


@pytest.mark.timeout(30)
def test_an_article_that_became_a_pipe_is_no_question(built: Library, articles: Path):
    article = built.article("apples.md")
    (articles / "apples.md").unlink()
    os.mkfifo(articles / "apples.md")
    with pytest.raises(UsageError, match="cannot be read: not a regular file"):
        _read(article, built.folders)
