"""The sets that the peers are measured on: folders of Markdown, and judged questions.

Every set is a folder of Markdown files, and what is ranked are files: so every peer reads the same
bytes and cuts them its own way, and none has to be told what a passage is.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from ibid.evaluation.cases import Target
from ibid.evaluation.sets import read_set
from peers.peer import paragraphs

ROOT = Path(__file__).parents[2]
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

    Raises UsageError when the data are not there.
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


def _seeds(_data: Path | None) -> tuple[Texts, list[Question]]:
    """The repository's own articles; nobody judged them, so they measure speed only."""
    texts = {
        f"{path.stem}.md": path.read_text("utf-8", errors="replace")
        for path in sorted((ROOT / "seeds").iterdir())
    }
    asked = json.loads((ROOT / "tests/data/seed_questions.json").read_text("utf-8"))
    return texts, [Question(str(n), asked[n % len(asked)]) for n in range(TIMED)]


def _posts(data: Path) -> tuple[Texts, list[Question]]:
    """The posts of a blog; the author's own sentence asks for the post that it links to."""
    return _read("18f", data)


def _abstracts(data: Path) -> tuple[Texts, list[Question]]:
    """BEIR's SciFact: abstracts below their titles, and claims that some of them speak of."""
    return _read("scifact", data)


def _read(name: str, data: Path) -> tuple[Texts, list[Question]]:
    """Read a set as ibid's own evaluation does, so that both measure the same texts."""
    found = read_set(name, data)
    texts = {id: raw.decode() for id, raw in found.articles.items()}
    return texts, [
        Question(
            case.id,
            case.question,
            tuple(target.article for target in case.targets),
            case.asked_in or "",
        )
        for case in found.cases
    ]


def _paragraphs(data: Path) -> tuple[Texts, list[Question]]:
    """SQuAD 1.1 dev: the 2,067 paragraphs of 48 articles, a file each, below their titles."""
    found = read_set("squad", data)
    articles = {id: raw.decode() for id, raw in found.articles.items()}
    names: dict[Target, str] = {}
    texts: dict[str, str] = {}
    for target in (case.targets[0] for case in found.cases):
        if target not in names and target.span:
            article = articles[target.article]
            name = names[target] = f"{len(names):04}.md"
            title = article.partition("\n")[0]
            texts[name] = f"{title}\n\n{article[target.span.start : target.span.end]}\n"
    questions = [
        Question(case.id, case.question.strip(), (names[case.targets[0]],)) for case in found.cases
    ]
    return texts, questions


SETS: Mapping[str, Callable[[Path], tuple[Texts, list[Question]]]] = {
    "seeds": _seeds,
    "squad": _paragraphs,
    "18f": _posts,
    "scifact": _abstracts,
}
