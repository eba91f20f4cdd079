"""Public evaluation sets, read from the files in which their authors publish them."""

import ast
import csv
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ibid.errors import UsageError
from ibid.evaluation.cases import Case, QuestionSet, Target
from ibid.evaluation.plain_files import open_plain, read_text
from ibid.types import ArticleId, Span

_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_NO_NAME = re.compile(r"[^\w.-]+")
_REDIRECTION = re.compile(r"---\nredirect: (/\S+)\n---\s*")


def read_set(name: str, data: Path) -> QuestionSet:
    """Return the set `name` of the folder `data`. Raises UsageError where it is not there."""
    if name not in SETS:
        raise UsageError(f"no set is named {name!r}", hint=f"the sets are {', '.join(SETS)}")
    try:
        articles, cases = SETS[name](data)
    except (OSError, KeyError, ValueError, UsageError) as error:
        raise UsageError(f"the set {name} cannot be read in {data}: {error}") from error
    files = {id: text.encode() for id, text in articles.items()}
    return QuestionSet(name, files, tuple(cases))


Found = tuple[Mapping[ArticleId, str], list[Case]]


def _read_links(blog: str, name: str) -> Callable[[Path], Found]:
    """Read a blog; sentences that link to another post of it are the queries for that post."""

    def read(data: Path) -> Found:
        posts = open_plain(data / "blogs" / f"{blog}.tar.gz")
        with posts, tarfile.open(fileobj=posts) as tar:
            files = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
            articles = {
                ArticleId(path): file.read().decode("utf-8")
                for path, file in files.items()
                if file and path.endswith(".md")
            }
        lines = _json_lines(data / "blogs" / f"links-{name}.jsonl.gz")
        return articles, [
            Case(
                id=line["id"],
                question=line["text"],
                targets=tuple(Target(_follow(target, articles)) for target in line["targets"]),
                asked_in=ArticleId(line["source"]),
            )
            for line in lines
            if not line["title_leak"]  # the others quote the title that they link to
        ]

    return read


def _follow(path: str, articles: Mapping[ArticleId, str]) -> ArticleId:
    """Return the post that a link leads to, which may be a page of nothing but a redirection."""
    match = _REDIRECTION.fullmatch(articles[ArticleId(path)])
    return ArticleId(f"{path.partition('/')[0]}{match[1]}.md") if match else ArticleId(path)


def _read_scifact(data: Path) -> Found:
    """Read SciFact as BEIR has it: 5,183 abstracts and 300 claims to be found in them."""
    csv.field_size_limit(sys.maxsize)
    packed = open_plain(data / "scifact" / "scifact.zip")
    with packed, zipfile.ZipFile(packed) as archive:
        table = io.StringIO(archive.read("corpus_train.csv").decode("utf-8"), newline="")
    articles = {
        ArticleId(f"{row['doc_id']}.md"): f"# {row['title']}\n\n{_abstract(row['abstract'])}\n"
        for row in csv.DictReader(table)
    }
    targets: dict[str, list[Target]] = {}
    qrels = data / "scifact" / "qrels.beir-v1.0.0-scifact.test.txt"
    for line in read_text(qrels).splitlines():
        query, _, article, grade = line.split()
        if int(grade) > 0:
            targets.setdefault(query, []).append(Target(ArticleId(f"{article}.md")))
    topics = data / "scifact" / "topics.beir-v1.0.0-scifact.test.tsv.gz"
    rows = [line.split("\t") for line in _lines(topics)]
    return articles, [Case(id, text, tuple(targets[id])) for id, text in rows if id in targets]


def _abstract(array: str) -> str:
    """Return the sentences of an abstract, which is written as numpy prints an array."""
    return " ".join(ast.literal_eval(sentence) for sentence in _LITERAL.findall(array))


def _read_squad(data: Path) -> Found:
    """Read SQuAD's development set: a question is answered by the paragraph it was asked about."""
    values: dict[str, Any] = json.loads(read_text(data / "squad" / "squad_dev.json.gz"))
    articles, spans = _join_paragraphs(
        (passage["title"], passage["id"], passage["text"]) for passage in values["passages"]
    )
    return articles, [
        Case(question["id"], question["q"], (spans[question["pid"]],))
        for question in values["questions"]
    ]


def _read_xquad(data: Path) -> Found:
    """Read XQuAD's English part, in SQuAD's format."""
    values: dict[str, Any] = json.loads(read_text(data / "xquad" / "xquad.en.json.gz"))
    paragraphs = [
        (article["title"], (number, place), paragraph)
        for number, article in enumerate(values["data"])
        for place, paragraph in enumerate(article["paragraphs"])
    ]
    articles, spans = _join_paragraphs(
        (title, key, paragraph["context"]) for title, key, paragraph in paragraphs
    )
    return articles, [
        Case(question["id"], question["question"], (spans[key],))
        for _, key, paragraph in paragraphs
        for question in paragraph["qas"]
    ]


def _join_paragraphs(paragraphs: Iterator[tuple[str, Any, str]]) -> tuple[Any, dict[Any, Target]]:
    """Return an article per title with its paragraphs, and where each paragraph stands."""
    articles: dict[ArticleId, str] = {}
    spans: dict[Any, Target] = {}
    for title, key, text in paragraphs:
        id = ArticleId(_file_name(title))
        before = articles.get(id, f"# {title.replace('_', ' ')}\n")
        start = len(before) + 1
        articles[id] = f"{before}\n{text}\n"
        spans[key] = Target(id, Span(start, start + len(text)))
    return articles, spans


def _read_chunking(data: Path) -> Found:
    """Read Chroma's chunking evaluation: long texts, and the exact excerpts that answer."""
    articles: dict[ArticleId, str] = {}
    for path in sorted((data / "chunking-eval").glob("*.md*")):
        name = ArticleId(path.name.removesuffix(".gz"))
        if name != "README.md":
            articles[name] = read_text(path)
    table = io.StringIO(read_text(data / "chunking-eval" / "questions_df.csv"), newline="")
    rows = list(csv.DictReader(table))
    return articles, [
        Case(f"{number:03}", row["question"], _excerpts(row)) for number, row in enumerate(rows)
    ]


def _excerpts(row: Mapping[str, str]) -> tuple[Target, ...]:
    return tuple(
        Target(
            ArticleId(f"{row['corpus_id']}.md"), Span(excerpt["start_index"], excerpt["end_index"])
        )
        for excerpt in json.loads(row["references"])
    )


def _read_clapnq(data: Path) -> Found:
    """Read CLAP NQ: passages of encyclopedia articles, half of the questions not answered there."""
    articles: dict[ArticleId, str] = {}
    cases: list[Case] = []
    for kind in ("answerable", "unanswerable"):
        for line in _json_lines(data / "clapnq" / f"clapnq_dev_{kind}.jsonl.gz"):
            passage = line["passages"][0]
            id = ArticleId(f"{_file_name(passage['title'])[:-3]}-{line['id']}.md")
            articles[id] = f"# {passage['title']}\n\n{passage['text']}\n"
            targets = (Target(id),) if kind == "answerable" else ()
            cases.append(Case(line["id"], line["input"], targets))
    return articles, cases


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    return read_text(path).removesuffix("\n").split("\n")


def _file_name(title: str) -> str:
    return f"{_NO_NAME.sub('_', title)[:80]}.md"


SETS: Mapping[str, Callable[[Path], Found]] = {
    "18f": _read_links("18f", "18f"),
    "go": _read_links("go-blog", "go-blog"),
    "rust": _read_links("rust-blog", "rust-blog"),
    "scifact": _read_scifact,
    "squad": _read_squad,
    "xquad": _read_xquad,
    "chunking-eval": _read_chunking,
    "clapnq": _read_clapnq,
}
"""The sets by name, each with what reads it."""
