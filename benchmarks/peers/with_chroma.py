"""Chroma: a persistent collection. Its upsert embeds whatever it is given, changed or not."""

from pathlib import Path

import chromadb
from chromadb.utils.batch_utils import create_batches
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction
from peer import MODEL, Search, articles, paragraphs, serve


def build(corpus: Path, state: Path) -> None:
    client = chromadb.PersistentClient(str(state))
    collection = open_collection(client)
    passages = {
        f"{name}#{number}": (name, text)
        for name, article in articles(corpus)
        for number, text in enumerate(paragraphs(article))
    }
    metadatas = [{"article": name} for name, _ in passages.values()]
    documents = [text for _, text in passages.values()]
    for ids, _, metas, texts in create_batches(
        client, list(passages), metadatas=metadatas, documents=documents
    ):
        collection.upsert(ids, metadatas=metas, documents=texts)
    if gone := sorted(set(collection.get(include=[])["ids"]) - passages.keys()):
        collection.delete(gone)


def open_collection(client: chromadb.ClientAPI) -> chromadb.Collection:
    embed = SentenceTransformerEmbeddingFunction(model_name=MODEL)
    return client.get_or_create_collection("articles", embedding_function=embed)


def load(state: Path) -> Search:
    collection = open_collection(chromadb.PersistentClient(str(state)))

    def search(question: str, k: int) -> list[str]:
        found = collection.query(query_texts=[question], n_results=k)
        return [metadata["article"] for metadata in found["metadatas"][0]]

    return search


if __name__ == "__main__":
    serve(build, load)
