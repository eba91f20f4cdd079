"""Plain sentence-transformers and FAISS: no framework. It knows no rebuild but building again."""

import json
from pathlib import Path

import faiss
from peer import MODEL, Search, articles, paragraphs, serve
from sentence_transformers import SentenceTransformer


def build(corpus: Path, state: Path) -> None:
    passages = [(name, part) for name, text in articles(corpus) for part in paragraphs(text)]
    vectors = SentenceTransformer(MODEL).encode([text for _, text in passages])
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(state / "index.faiss"))
    (state / "passages.json").write_text(json.dumps(passages), "utf-8")


def load(state: Path) -> Search:
    model = SentenceTransformer(MODEL)
    index = faiss.read_index(str(state / "index.faiss"))
    passages = json.loads((state / "passages.json").read_text("utf-8"))

    def search(question: str, k: int) -> list[str]:
        _, found = index.search(model.encode([question]), min(k, index.ntotal))
        return [passages[number][0] for number in found[0]]

    return search


if __name__ == "__main__":
    serve(build, load)
