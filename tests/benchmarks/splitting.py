"""Passages of ibid beside chunks of langchain's recursive splitter, on Chroma's chunking set.

    python tests/benchmarks/splitting.py --data ../shared/data

The five best pieces for each question are compared, character by character, with the excerpts that
answer it (Smith and Troynikov 2024). The chunks are found by their cosine, as that evaluation does.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import record
from langchain_text_splitters import RecursiveCharacterTextSplitter
from tokenizers import Tokenizer

from ibid.adapters.minilm import MiniLM, find_model
from ibid.evaluation.asking import READ, cover
from ibid.evaluation.cases import QuestionSet, Target
from ibid.evaluation.running import prepare
from ibid.evaluation.sets import read_set
from ibid.settings import Settings
from ibid.types import Span

SEPARATORS = ["\n\n", "\n", ".", "?", "!", " ", ""]
"""Those of Chroma's evaluation."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Compare passages with a recursive splitter.")
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument("--work", type=Path, default=record.WORK)
    options, _ = parser.parse_known_args(argv)
    if not options.data or not options.data.is_dir():
        print("splitting: skipped, since the evaluation data is not there (--data FOLDER)")
        return 0
    questions = read_set("chunking-eval", options.data)
    print(f"{'characters of the best five':30}{'recall':>9}{'precision':>11}{'IoU':>9}")
    for size in (200, 400):
        _print_row(f"recursive, {size} tokens", questions, _find_chunks(questions, size))
    _print_row("ibid", questions, _find_passages(questions, options.work))
    return 0


def _find_chunks(questions: QuestionSet, size: int) -> Iterator[list[Target]]:
    """Yield the chunks with the highest cosine for each question."""
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
    pieces: list[Target] = []
    texts: list[str] = []
    for id, raw in questions.articles.items():
        for chunk in splitter.create_documents([raw.decode()]):
            start = chunk.metadata["start_index"]
            pieces.append(Target(id, Span(start, start + len(chunk.page_content))))
            texts.append(chunk.page_content)
    model = MiniLM()
    vectors = model.passages(texts)
    for case in questions.cases:
        order = np.argsort(-(vectors @ model.query(case.question)[0]), kind="stable")
        yield [pieces[number] for number in order[:READ]]


def _find_passages(questions: QuestionSet, work: Path) -> Iterator[list[Target]]:
    library = prepare(questions, work, Settings(model="none"), record.ignore)
    for case in questions.cases:
        hits = library.search(case.question, READ)
        yield [Target(hit.passage.article, hit.passage.span) for hit in hits]


def _print_row(name: str, questions: QuestionSet, found: Iterator[list[Target]]) -> None:
    values = [cover(case, each) for case, each in zip(questions.cases, found, strict=True)]
    recall, precision, union = np.mean(values, axis=0)
    print(f"{name:30}{recall:9.3f}{precision:11.4f}{union:9.4f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
