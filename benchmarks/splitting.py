"""Passages of ibid beside chunks of langchain's recursive splitter, on Chroma's chunking set.

    python benchmarks/splitting.py --data FOLDER

The five best pieces for each question are compared, character by character, with the excerpts that
answer it (Smith and Troynikov 2024). That evaluation finds chunks by their cosine: those rows tell
the splitters apart, and so do those of BM25. The last row is ibid's whole search, which adds to its
splitter all that its ranking does.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter
from tokenizers import Tokenizer

import record
from ibid.adapters.embedders.minilm import MiniLM, find_model
from ibid.adapters.indexes.tantivy_index import TantivyIndex, TantivyWriter
from ibid.english.words import stems
from ibid.evaluation.asking import READ, cover
from ibid.evaluation.cases import QuestionSet, Target
from ibid.evaluation.running import draw, prepare
from ibid.evaluation.sets import read_set
from ibid.library import Library
from ibid.settings import Settings
from ibid.types.answers import Signal
from ibid.types.articles import Span

SEPARATORS = ["\n\n", "\n", ".", "?", "!", " ", ""]
"""Those of Chroma's evaluation."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = record.make_parser("Compare passages with a recursive splitter.")
    parser.add_argument("--work", type=Path, default=record.WORK)
    parser.add_argument("--limit", type=record.positive, help="questions")
    options = parser.parse_args(argv)
    if not record.has_data("splitting", options.data):
        return 0
    kept = record.begin("splitting", parser, options)
    questions = read_set("chunking-eval", options.data)
    questions = replace(questions, cases=draw(questions.cases, options.limit))
    library = prepare(questions, options.work, Settings(model="none"), record.ignore)
    small, large = (_cut(questions, size) for size in (200, 400))
    ways = {
        "recursive, 200 tokens, cosine": _find_by_cosine(questions, small),
        "recursive, 400 tokens, cosine": _find_by_cosine(questions, large),
        "ibid's passages, cosine": _find_passages(questions, library, Signal.MEANING),
        "recursive, 200 tokens, BM25": _find_by_words(questions, small),
        "ibid's passages, BM25": _find_passages(questions, library, Signal.WORDS),
        "ibid": _find_passages(questions, library),
    }
    found: dict[str, Mapping[str, float]] = {}
    print(f"{'characters of the best five':36}{'recall':>9}{'precision':>11}{'IoU':>9}")
    for name, pieces in ways.items():
        found[name] = _measure(questions, pieces)
        recall, precision, union = found[name].values()
        print(f"{name:36}{recall:9.3f}{precision:11.4f}{union:9.4f}", flush=True)
    kept.write({"questions": len(questions.cases), "ways": found})
    kept.finish()
    return 0


def _cut(questions: QuestionSet, size: int) -> Mapping[Target, str]:
    """Return the chunks of langchain's splitter, of at most so many tokens, with their texts."""
    tokenizer = Tokenizer.from_file(str(find_model() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=size,
        chunk_overlap=0,
        length_function=lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids),
        separators=SEPARATORS,
        add_start_index=True,
    )
    pieces: dict[Target, str] = {}
    for id, raw in questions.articles.items():
        for chunk in splitter.create_documents([raw.decode()]):
            start = chunk.metadata["start_index"]
            pieces[Target(id, Span(start, start + len(chunk.page_content)))] = chunk.page_content
    return pieces


def _find_by_cosine(questions: QuestionSet, pieces: Mapping[Target, str]) -> Iterator[list[Target]]:
    model, targets = MiniLM(), list(pieces)
    vectors = model.passages(list(pieces.values()))
    for case in questions.cases:
        order = np.argsort(-(vectors @ model.query(case.question)[0]), kind="stable")
        yield [targets[number] for number in order[:READ]]


def _find_by_words(questions: QuestionSet, pieces: Mapping[Target, str]) -> Iterator[list[Target]]:
    targets = list(pieces)
    with TemporaryDirectory() as scratch:
        writer = TantivyWriter(Path(scratch) / "words")
        for text in pieces.values():
            writer.add(" ".join(stems(text)))
        writer.files()
        words = TantivyIndex(Path(scratch) / "words")
        for case in questions.cases:
            found = words.search(list(dict.fromkeys(stems(case.question))), READ)
            yield [targets[number] for number, _ in found]


def _find_passages(
    questions: QuestionSet, library: Library, by: Signal | None = None
) -> Iterator[list[Target]]:
    for case in questions.cases:
        hits = library.search(case.question, READ, by=by)
        yield [Target(hit.passage.article, hit.passage.span) for hit in hits]


def _measure(questions: QuestionSet, found: Iterator[list[Target]]) -> Mapping[str, float]:
    values = [cover(case, each) for case, each in zip(questions.cases, found, strict=True)]
    recall, precision, union = map(float, np.mean(values, axis=0))
    return {"recall": recall, "precision": precision, "IoU": union}


if __name__ == "__main__":
    sys.exit(main())
