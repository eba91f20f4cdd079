"""Bringing an index up to date embeds only what changed, and answers like one built anew."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ibid.library import Library
from ibid.ports import Vectors
from ibid.testing import HashEmbedder


class CountingEmbedder(HashEmbedder):
    """Counts the texts that it embeds for passages."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return super().passages(texts)


def test_only_what_changed_is_embedded_again(articles: Path, tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    library = Library.open(articles, tmp_path / "index", embedder=embedder)
    first = library.build()
    assert first.embedded == len(embedder.embedded)
    embedder.embedded.clear()
    (articles / "pears.md").write_text("# Pears\n\nPears ripen after harvest. Wasps love pears.\n")
    second = library.build()
    assert second.embedded == len(embedder.embedded) == 2  # the passage and its new sentence
    assert "Wasps love pears." in embedder.embedded


def test_a_removed_article_needs_no_embedding_at_all(articles: Path, tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    library = Library.open(articles, tmp_path / "index", embedder=embedder)
    library.build()
    embedder.embedded.clear()
    (articles / "pears.md").unlink()
    assert library.build().embedded == 0
    assert embedder.embedded == []
    assert [article.id for article in library.articles] == ["apples.md"]


def test_an_index_brought_up_to_date_answers_like_one_built_anew(
    articles: Path, tmp_path: Path
) -> None:
    embedder = HashEmbedder()
    kept = Library.open(articles, tmp_path / "kept", embedder=embedder)
    kept.build()
    (articles / "plums.md").write_text("# Plums\n\nPlums and pears ripen in autumn.\n")
    (articles / "pears.md").write_text("# Pears\n\nPears ripen after harvest.\n")
    (articles / "apples.md").rename(articles / "old apples.md")
    kept.build()
    anew = Library.open(articles, tmp_path / "anew", embedder=embedder)
    anew.build()
    for question in ("ripe pears", "autumn", "where do apples grow"):
        assert kept.search(question) == anew.search(question)


def test_another_embedder_takes_nothing_over(articles: Path, tmp_path: Path) -> None:
    Library.open(articles, tmp_path / "index", embedder=HashEmbedder()).build()
    other = CountingEmbedder()
    other.identity = replace(other.identity, digest="2")
    report = Library.open(articles, tmp_path / "index", embedder=other).build()
    assert report.embedded == len(other.embedded) > 0
