"""LangChain: its recursive splitter, its FAISS store, and its indexing API for rebuilds.

FAISS needs a store of its own for what was indexed: the record manager, in SQLite.
"""

from pathlib import Path

import faiss
from langchain_classic.indexes import SQLRecordManager
from langchain_community.docstore.in_memory import InMemoryDocstore
from langchain_community.document_loaders import DirectoryLoader, TextLoader
from langchain_community.vectorstores import FAISS
from langchain_core.indexing import index
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter
from peer import MODEL, Search, serve


def build(corpus: Path, state: Path) -> None:
    loader = DirectoryLoader(
        str(corpus), glob="**/*.md", loader_cls=TextLoader, loader_kwargs={"encoding": "utf-8"}
    )
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    records = SQLRecordManager("articles", db_url=f"sqlite:///{state}/records.sqlite")
    records.create_schema()
    store = open_store(state)
    index(
        splitter.split_documents(loader.load()),
        records,
        store,
        cleanup="full",
        source_id_key="source",
        key_encoder="sha256",
    )
    store.save_local(str(state))


def open_store(state: Path) -> FAISS:
    embeddings = HuggingFaceEmbeddings(model_name=MODEL)
    if (state / "index.faiss").exists():
        return FAISS.load_local(str(state), embeddings, allow_dangerous_deserialization=True)
    return FAISS(
        embedding_function=embeddings,
        index=faiss.IndexFlatL2(len(embeddings.embed_query("hello world"))),
        docstore=InMemoryDocstore(),
        index_to_docstore_id={},
    )


def load(state: Path) -> Search:
    store = open_store(state)

    def search(question: str, k: int) -> list[str]:
        return [found.metadata["source"] for found in store.similarity_search(question, k=k)]

    return search


if __name__ == "__main__":
    serve(build, load)
