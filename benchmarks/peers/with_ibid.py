"""ibid, by its public API. A build of what is there embeds only what changed."""

from pathlib import Path

from peer import Search, serve

from ibid import Library


def build(corpus: Path, state: Path) -> None:
    Library.open(corpus, state).build()


def load(state: Path) -> Search:
    library = Library.open(index=state)
    return lambda question, k: [hit.passage.article for hit in library.search(question, k)]


if __name__ == "__main__":
    serve(build, load)
