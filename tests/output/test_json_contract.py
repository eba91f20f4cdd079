"""The JSON that programs read: its fields, its places, and that it is always the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from ibid.library import Library
from ibid.output.as_json import answer_json, search_json
from ibid.settings import Settings
from ibid.testing import ScriptedGenerator

SOURCE = ROOT / "src"
QUESTION = "what challenges are cited for AI drug discovery?"
ALONE = {"PYTHONPATH": str(SOURCE), "XDG_CONFIG_HOME": "/nowhere", "PATH": os.environ["PATH"]}

ONE_AFTER_THE_OTHER = """
import json, sys
from ibid.cli import main
for sys.argv in json.loads(sys.argv[1]):
    try:
        main()
    except SystemExit as leaving:
        assert leaving.code == 0
    print("---", flush=True)
"""
"""Every command in one process: its hash seed is that of all."""

ANSWER = ["question", "status", "text", "lead", "claims", "hits", "receipt", "run", "parts"]
CLAIM = ["text", "start", "end", "support", "changes", "citations"]
CITATION = ["article", "title", "date", "path", "headings", "start", "end", "line", "quote"]
CITATION += ["state", "line_now", "notes"]
HIT = ["article", "title", "headings", "start", "end", "line", "text", "score", "ranks", "parts"]
RUN = [
    "index",
    "embedder",
    "model",
    "version",
    "seconds",
    "calibrated",
    "articles",
    "asked",
    "restated_by",
    "read_as",
    "phrases",
    "named",
    "pointed_at",
    "settings",
    "notice",
    "prompt",
    "repair",
]


@pytest.fixture(scope="module")
def command(seed_index: Path, tmp_path_factory: pytest.TempPathFactory):
    """Run the command as a process of its own and return what it prints."""
    folder = tmp_path_factory.mktemp("empty")

    def run(*arguments: str) -> Any:
        finished = subprocess.run(
            [sys.executable, "-m", "ibid", *arguments, "--json", "--index", str(seed_index)],
            env=ALONE,
            cwd=folder,
            capture_output=True,
            check=True,
        )
        return json.loads(finished.stdout.decode("utf-8"))

    return run


def assert_place(place: dict[str, Any], text: str, seeds: Path) -> None:
    """The text stands in the decoded file from start to end, and begins in that line."""
    whole = (seeds / place["article"]).read_bytes().decode("utf-8")
    assert whole[place["start"] : place["end"]] == text
    blank = len(text) - len(text.lstrip())
    assert place["line"] == whole[: place["start"] + blank].count("\n") + 1


def test_an_answer_has_exactly_these_fields_and_its_quotes_stand_where_it_says(
    command, seeds: Path
):
    answer = command("ask", "--model", "none", QUESTION)
    assert list(answer) == ANSWER
    assert (answer["question"], answer["status"]) == (QUESTION, "answered")
    assert len(answer["claims"]) > 3
    for claim in answer["claims"]:
        assert list(claim) == CLAIM
        assert claim["text"] in answer["text"]
        assert claim["support"] == "verbatim"
        for citation in claim["citations"]:
            assert list(citation) == CITATION
            assert_place(citation, citation["quote"], seeds)
            assert Path(citation["path"]).name == citation["article"]
            assert isinstance(citation["headings"], list)
    assert [list(hit) for hit in answer["hits"]] == [HIT] * 8
    assert list(answer["run"]) == RUN


def test_a_search_is_a_list_of_hits_with_exactly_these_fields(command, seeds: Path):
    hits = command("search", "-k", "5", "drug discovery")
    assert len(hits) == 5
    for hit in hits:
        assert list(hit) == [*HIT, "read_as"]
        assert_place(hit, hit["text"], seeds)
        assert 0 <= hit["score"] <= 1
        assert set(hit["ranks"]) <= {"words", "meaning"}
    assert [hit["score"] for hit in hits] == sorted((h["score"] for h in hits), reverse=True)


def test_a_refusal_has_the_same_fields_and_no_claims(command):
    answer = command("ask", "--model", "none", "Who painted the Mona Lisa?")
    assert list(answer) == ANSWER
    assert (answer["status"], answer["claims"]) == ("not_in_sources", [])


def test_an_answer_of_a_model_has_the_same_fields(seeds: Path, seed_index: Path):
    reply = "Data scarcity, data bias, and ethical concerns are significant hurdles. Cats purr."
    settings = Settings().changed({"index": str(seed_index)}, "argument")
    library = Library(settings, generator=ScriptedGenerator(reply, reply))
    answer = answer_json(library.ask(QUESTION), library)
    assert list(answer) == ANSWER
    assert answer["run"]["model"] in ("scripted", "")
    for claim in answer["claims"]:
        assert list(claim) == CLAIM
        assert claim["support"] in ("verbatim", "reworded", "altered", "unsupported")
        for citation in claim["citations"]:
            assert_place(citation, citation["quote"], seeds)


def test_an_altered_sentence_names_the_words_and_the_place_it_was_compared_with(
    seeds: Path, seed_index: Path
):
    reply = "Bias in data can lead to accurate or discriminatory outcomes."
    settings = Settings().changed({"index": str(seed_index)}, "argument")
    library = Library(settings, generator=ScriptedGenerator(reply))
    (claim,) = answer_json(library.ask(QUESTION), library)["claims"]
    assert claim["support"] == "altered"
    (change,) = claim["changes"]
    assert change == {
        "kind": "antonym",
        "said": "accurate",
        "start": reply.index("accurate"),
        "end": reply.index("accurate") + len("accurate"),
        "instead": "inaccurate",
    }
    (citation,) = claim["citations"]
    assert_place(citation, "Bias in data can lead to inaccurate or discriminatory outcomes.", seeds)


def test_the_python_api_gives_what_the_command_prints(command, library: Library):
    query, found = library.find(QUESTION, 3)
    hits = search_json(found, query, library)
    printed = command("search", "-k", "3", QUESTION)
    for ours, theirs in zip(hits, printed, strict=True):  # sums differ in the last bits
        assert theirs.pop("score") == pytest.approx(ours.pop("score"), abs=1e-5)
        assert theirs.pop("parts") == pytest.approx(ours.pop("parts"), abs=1e-5)
    assert json.loads(json.dumps(hits)) == printed


@pytest.mark.long
def test_the_json_is_the_same_under_three_hash_seeds(seed_index: Path, tmp_path: Path):
    verbs = (
        ("ask", "--model", "none", QUESTION),
        ("ask", "--model", "none", "Who painted the Mona Lisa?"),
        ("search", "-k", "40", "data privacy and bias"),
        ("articles",),
    )
    commands = json.dumps([("ibid", *verb, "--json", "--index", str(seed_index)) for verb in verbs])

    def run(seed: str) -> list[Any]:
        program = [sys.executable, "-c", ONE_AFTER_THE_OTHER, commands]
        run = subprocess.run(
            program,
            env={**ALONE, "PYTHONHASHSEED": seed},
            cwd=tmp_path,
            capture_output=True,
            check=True,
        )
        return [json.loads(printed) for printed in run.stdout.decode().split("\n---\n")[:-1]]

    found = [run(seed) for seed in ("0", "1", "4242")]
    for printed in found:
        assert len(printed) == len(verbs)
        for answer in printed[:2]:
            assert answer["run"].pop("seconds") >= 0
    assert json.dumps(found[0]) == json.dumps(found[1]) == json.dumps(found[2])


def test_each_article_is_listed_by_its_title_even_without_front_matter(command, library: Library):
    titles = [entry["title"] for entry in command("articles")]
    assert titles == [article.title for article in library.articles]
    assert all(titles)
    assert sum(bool(article.meta.title) for article in library.articles) == 4
