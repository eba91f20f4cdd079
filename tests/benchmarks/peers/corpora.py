"""The sets that the peers are measured on: folders of Markdown, and judged questions.

Every set is a folder of Markdown files, and what is ranked are files: so every peer reads the same
bytes and cuts them its own way, and none has to be told what a passage is.
"""

import ast
import csv
import gzip
import io
import json
import re
import sys
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from peers.peer import paragraphs

ROOT = Path(__file__).parents[3]
TIMED = 200
"""Questions that the speed of the seeds is measured with."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the articles that answer it; `source` is left out of the ranking."""

    id: str
    text: str
    relevant: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A prepared set."""

    name: str
    folder: Path
    questions: tuple[Question, ...]

    @property
    def articles(self) -> Path:
        return self.folder / "articles"

    @property
    def asked(self) -> Path:
        """The file of questions that a peer is given."""
        return self.folder / "questions.jsonl"

    @property
    def first(self) -> Path:
        """The file of one question, for a cold start."""
        return self.folder / "first.jsonl"


def prepare(name: str, data: Path, folder: Path, limit: int) -> Corpus:
    """Write the set `name` into `folder`, with at most `limit` questions, always the same ones.

    Raises FileNotFoundError when the data are not there.
    """
    texts, questions = SETS[name](data)
    if len(questions) > limit:
        chosen = sorted(Random(1).sample(range(len(questions)), limit))
        questions = [questions[number] for number in chosen]
    corpus = Corpus(name, folder, tuple(questions))
    for path, text in texts.items():
        _write(corpus.articles / path, text)
    for path, asked in ((corpus.asked, questions), (corpus.first, questions[:1])):
        _write(path, "".join(f"{json.dumps(asdict(each))}\n" for each in asked))
    return corpus


def _write(path: Path, text: str) -> None:
    """Write what is not there yet: another run may be reading it."""
    if not path.exists() or path.read_bytes() != text.encode():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def count_texts(corpus: Corpus) -> tuple[int, int]:
    """Return how many files and how many paragraphs a set has."""
    texts = [path.read_text("utf-8") for path in corpus.articles.rglob("*.md")]
    return len(texts), sum(len(paragraphs(text)) for text in texts)


Texts = Mapping[str, str]


def _seeds(_data: Path) -> tuple[Texts, list[Question]]:
    """The repository's own articles; nobody judged them, so they measure speed only."""
    texts = {
        f"{path.stem}.md": path.read_text("utf-8", errors="replace")
        for path in sorted((ROOT / "seeds").iterdir())
    }
    asked = json.loads((ROOT / "tests/data/seed_questions.json").read_text("utf-8"))
    return texts, [Question(str(n), asked[n % len(asked)]) for n in range(TIMED)]


def _squad(data: Path) -> tuple[Texts, list[Question]]:
    """SQuAD 1.1 dev: the 2,067 paragraphs of 48 articles, a file each, below their titles."""
    with gzip.open(data / "squad/squad_dev.json.gz", "rt", encoding="utf-8") as file:
        squad = json.load(file)
    texts = {
        f"{each['id']:04}.md": f"# {each['title']}\n\n{each['text']}\n"
        for each in squad["passages"]
    }
    questions = [
        Question(each["id"], each["q"].strip(), (f"{each['pid']:04}.md",))
        for each in squad["questions"]
    ]
    return texts, questions


def _18f(data: Path) -> tuple[Texts, list[Question]]:
    """The posts of a blog; the author's own sentence asks for the post that it links to."""
    with tarfile.open(data / "blogs/18f.tar.gz") as tar:
        texts = {
            member.name: file.read().decode("utf-8", errors="replace")
            for member in tar.getmembers()
            if member.name.endswith(".md") and (file := tar.extractfile(member))
        }
    with gzip.open(data / "blogs/links-18f.jsonl.gz", "rt", encoding="utf-8") as file:
        links = [json.loads(line) for line in file]
    questions = [
        Question(each["id"], each["text"], tuple(each["targets"]), each["source"])
        for each in links
        if not each["title_leak"]
    ]
    return texts, questions


def _scifact(data: Path) -> tuple[Texts, list[Question]]:
    """BEIR's SciFact: abstracts below their titles, and claims that some of them speak of."""
    folder = data / "scifact"
    with gzip.open(folder / "topics.beir-v1.0.0-scifact.test.tsv.gz", "rt", "utf-8") as file:
        claims = dict(line.rstrip("\n").split("\t", 1) for line in file)
    judged: defaultdict[str, list[str]] = defaultdict(list)
    judgements = folder / "qrels.beir-v1.0.0-scifact.test.txt"
    for line in judgements.read_text("utf-8").splitlines():
        claim, _, abstract, relevance = line.split()
        if int(relevance) > 0:
            judged[claim].append(f"{abstract}.md")
    questions = [Question(id, claims[id], tuple(found)) for id, found in judged.items()]
    return dict(_abstracts(folder / "scifact.zip")), questions


def _abstracts(path: Path) -> Iterator[tuple[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with zipfile.ZipFile(path) as archive, archive.open("corpus_train.csv") as file:
        for row in csv.DictReader(io.TextIOWrapper(file, "utf-8")):
            literals = re.findall(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", row["abstract"])
            text = " ".join(ast.literal_eval(literal).strip() for literal in literals)
            yield f"{row['doc_id']}.md", f"# {row['title']}\n\n{text}\n"


SETS: Mapping[str, Callable[[Path], tuple[Texts, list[Question]]]] = {
    "seeds": _seeds,
    "squad": _squad,
    "18f": _18f,
    "scifact": _scifact,
}
