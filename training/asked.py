"""Questions in a reader's own words, written for this model: which window, and what answers it.

The texts are not kept here: a line names its window by a digest of its sentences, and the window is
found among those of the sources (training/README.md), cut as they were when the question was
written. A question whose window is not found is left out.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from examples import Example, Window, medquad_sections, read_squad
from guides import read_parts

from ibid.adapters.langchain_splitter import split_long_text
from ibid.index.passages import cut_passages
from ibid.reading import read_article
from ibid.search import as_window
from ibid.types import ArticleId

QUESTIONS = Path(__file__).with_name("own_words.jsonl.gz")


def digest(sentences: Sequence[str]) -> str:
    """Return what names a window."""
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:12]


def read_asked(data: Path, questions: Path = QUESTIONS) -> Iterator[Example]:
    """Yield the questions whose windows are found; their source is the window's."""
    found = {digest(window.sentences): (name, window) for name, window in read_windows(data)}
    with gzip.open(questions, "rt", encoding="utf-8") as lines:
        for asked in map(json.loads, lines):
            if asked["window"] in found:
                name, window = found[asked["window"]]
                yield Example(asked["question"], window, frozenset(asked["answers"]), name)


def read_windows(data: Path) -> Iterator[tuple[str, Window]]:
    """Yield the windows of all sources that questions were written to, with the source's name."""
    for folder in sorted([*(data / "own").iterdir(), *(data / "guides").iterdir()]):
        for path in sorted(folder.rglob("*.md")):
            for part in read_parts(path):
                title = f"{part.title} / {part.heading}" if part.heading else part.title
                yield f"own {folder.name}", Window(title, part.sentences, part.article)
    for path in sorted((data / "new").rglob("*.md")):
        name = path.relative_to(data / "new").parts[0]
        yield from ((f"own {name}", window) for window in read_passages(path, name))
    for subject, kind, _, sentences in medquad_sections(data / "medquad", 16, 5):
        yield "own medquad", Window(f"{subject} / {kind.capitalize()}", sentences[:12], subject)
    for name in ("squad2-half", "squadshifts-reddit"):
        for example in read_squad(data / f"train/{name}.json.gz", name):
            yield f"own {name}", example.window


def read_passages(path: Path, name: str) -> Iterator[Window]:
    """Yield an article's passages as windows, just as the reader gets them in use."""
    article = read_article(ArticleId(path.name), path.read_bytes())
    for passage in cut_passages(article, split_long_text):
        if passage.sentences:
            read = as_window(passage, article)
            yield Window(read.title, read.sentences, f"{name} {path.name}")
