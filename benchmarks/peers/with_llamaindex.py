"""LlamaIndex: its directory reader, its in-process vector store, `refresh` for rebuilds."""

from pathlib import Path

from llama_index.core import (
    Settings,
    SimpleDirectoryReader,
    StorageContext,
    VectorStoreIndex,
    load_index_from_storage,
)
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from peer import MODEL, Search, serve


def build(corpus: Path, state: Path) -> None:
    Settings.embed_model = HuggingFaceEmbedding(model_name=MODEL)
    reader = SimpleDirectoryReader(
        str(corpus),
        recursive=True,
        required_exts=[".md"],
        filename_as_id=True,
        exclude_hidden=False,  # the benchmark's own folder is hidden
    )
    documents = reader.load_data()
    if (state / "docstore.json").exists():
        index = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(state)))
        index.refresh_ref_docs(documents)
    else:
        index = VectorStoreIndex.from_documents(documents)
    index.storage_context.persist(persist_dir=str(state))


def load(state: Path) -> Search:
    Settings.embed_model = HuggingFaceEmbedding(model_name=MODEL)
    index = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(state)))

    def search(question: str, k: int) -> list[str]:
        found = index.as_retriever(similarity_top_k=k).retrieve(question)
        return [node.metadata["file_path"] for node in found]

    return search


if __name__ == "__main__":
    serve(build, load)
