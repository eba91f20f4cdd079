"""Haystack: its indexing pipeline for Markdown, its in-memory store saved to disk.

DuplicatePolicy is applied by the writer, after everything was embedded, and an edited passage has a
new id beside the old one: so a rebuild is a build into an empty store.
"""

from itertools import pairwise
from pathlib import Path

from haystack import Pipeline
from haystack.components.converters import MarkdownToDocument
from haystack.components.preprocessors import DocumentCleaner, DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from peer import MODEL, Search, serve

CPU = ComponentDevice.from_str("cpu")


def build(corpus: Path, state: Path) -> None:
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    pipeline = Pipeline()
    pipeline.add_component("convert", MarkdownToDocument(store_full_path=True, progress_bar=False))
    pipeline.add_component("clean", DocumentCleaner())
    pipeline.add_component(
        "split", DocumentSplitter(split_by="word", split_length=150, split_overlap=50)
    )
    pipeline.add_component("embed", SentenceTransformersDocumentEmbedder(model=MODEL, device=CPU))
    pipeline.add_component("write", DocumentWriter(store))
    names = ("convert", "clean", "split", "embed", "write")
    for left, right in pairwise(names):
        pipeline.connect(left, right)
    pipeline.run({"convert": {"sources": sorted(corpus.rglob("*.md"))}})
    store.save_to_disk(str(state / "store.json"))


def load(state: Path) -> Search:
    store = InMemoryDocumentStore.load_from_disk(str(state / "store.json"))
    pipeline = Pipeline()
    pipeline.add_component(
        "embed", SentenceTransformersTextEmbedder(model=MODEL, device=CPU, progress_bar=False)
    )
    pipeline.add_component("find", InMemoryEmbeddingRetriever(store))
    pipeline.connect("embed.embedding", "find.query_embedding")

    def search(question: str, k: int) -> list[str]:
        found = pipeline.run({"embed": {"text": question}, "find": {"top_k": k}})
        return [document.meta["file_path"] for document in found["find"]["documents"]]

    return search


if __name__ == "__main__":
    serve(build, load)
