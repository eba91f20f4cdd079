"""The same small index, committed and read by several tests."""

import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

from ibid.library import Library
from ibid.ports import EmbedderIdentity, Files
from ibid.storage.atomic_writes import FileBlocks
from ibid.storage.generations import FORMAT, Manifest
from ibid.storage.store import Store
from ibid.testing import HashEmbedder


def commit(store: Store, text: str, others: Files | None = None) -> str:
    """Commit an index that says `text` in each of its files, but in some others."""
    identity = EmbedderIdentity("hashed-words", "1", 64)
    manifest = Manifest(FORMAT, "0", "1", identity, "..", text, {}, (), 1, {}, "")
    files = {"corpus": [text.encode()] * 99, "words/meta": [text.encode()], **(others or {})}
    return store.commit(manifest, files)


PARTS = ("scratch", "kept")


def commit_again(store: Store, text: str) -> None:
    """Commit a file that was scratch, and one that the last generation has where there is one."""
    there = store.root / text
    file = os.open(there, os.O_WRONLY | os.O_CREAT)
    os.write(file, text.encode())
    os.close(file)
    is_kept = store.current_name() and "kept" in store.current().manifest.files
    kept = store.current().kept("kept") if is_kept else [b"kept"]
    commit(store, text, dict(zip(PARTS, (FileBlocks(there), kept), strict=True)))


def said(store: Store) -> str:
    """Return what the current index says, each of its files verified."""
    generation = store.current()
    assert generation.read("corpus") == generation.manifest.built.encode() * 99
    return (generation.verified("words") / "meta").read_text()


def again(library: Library) -> Library:
    """Open the same library as another process would."""
    return Library(library.settings, HashEmbedder())


def apples(library: Library) -> str:
    """Return the article that a search finds first."""
    return again(library).search("Where do apples grow?")[0].passage.article


def rewrite_manifest(store: Store, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest as another version of ibid would have written it."""
    generation = store.current()
    path = generation.folder / "manifest.json"
    values = json.loads(path.read_bytes())
    change(values)
    path.write_text(json.dumps(values))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (store.root / "CURRENT").write_text(f"{generation.name} {digest}")
