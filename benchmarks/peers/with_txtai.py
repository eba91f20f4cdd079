"""txtai: an embeddings database with its content.

Its upsert embeds whatever it is given, changed or not, so that a rebuild is a build.
"""

from pathlib import Path

from peer import MODEL, Search, articles, paragraphs, serve
from txtai import Embeddings


def build(corpus: Path, state: Path, *, hybrid: bool = False) -> None:
    embeddings = Embeddings(path=MODEL, content=True, hybrid=hybrid)
    embeddings.index(
        (f"{name}#{number}", text)
        for name, article in articles(corpus)
        for number, text in enumerate(paragraphs(article))
    )
    embeddings.save(str(state))


def load(state: Path) -> Search:
    embeddings = Embeddings()
    embeddings.load(str(state))

    def search(question: str, k: int) -> list[str]:
        return [found["id"].rpartition("#")[0] for found in embeddings.search(question, k)]

    return search


if __name__ == "__main__":
    serve(build, load)
