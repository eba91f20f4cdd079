"""A cross-encoder by name puts what a search finds in its own order; the tests write a tiny one."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ibid.adapters import CrossEncoderReranker
from ibid.errors import ModelMissing
from ibid.library import Library
from ibid.search import rerank
from ibid.settings import Settings
from libraries import build_library

WORDS = "apples pears plums cherries grow ripen on trees in autumn the and late".split()


def write_model(folder: Path, labels: int = 1) -> str:
    """Write a cross-encoder of two layers with random weights; return its folder."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(7)
    whole, plain = folder / "whole", folder / "plain"
    plain.mkdir(parents=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (plain / "vocab.txt").write_text("\n".join(vocabulary), "utf-8")
    BertTokenizerFast(str(plain / "vocab.txt")).save_pretrained(plain)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(
        vocab_size=len(vocabulary),
        intermediate_size=32,
        num_labels=labels,
        initializer_range=1.0,
        **shape,
    )
    BertForSequenceClassification(config).save_pretrained(plain)
    CrossEncoder(str(plain), device="cpu", local_files_only=True).save_pretrained(str(whole))
    return str(whole)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_model(tmp_path_factory.mktemp("cross"))


@pytest.fixture(scope="module")
def orchard(tmp_path_factory: pytest.TempPathFactory) -> Library:
    texts = {
        f"{fruit}-{n}": f"# {fruit}\n\nThe {fruit} {verb} on trees in autumn and late {n}.\n"
        for fruit in ("apples", "pears", "plums", "cherries")
        for n, verb in enumerate(("grow", "ripen"))
    }
    return build_library(tmp_path_factory.mktemp("orchard"), texts)


def with_reranker(library: Library, name: str) -> Library:
    settings = Settings(model="none", reranker=name)
    return Library.open(library.folder, library.store.root, settings, embedder=library.embedder)


def test_a_search_has_the_order_of_the_cross_encoder(model: str, orchard: Library):
    from sentence_transformers import CrossEncoder

    question = "the plums ripen in autumn"
    plain = orchard.search(question)
    hits = with_reranker(orchard, model).search(question)
    texts = ["\n".join((*hit.passage.headings, hit.passage.text)) for hit in plain]
    scores = CrossEncoder(model, device="cpu", local_files_only=True).predict(
        [(question, text) for text in texts]
    )
    order = sorted(range(len(plain)), key=lambda place: -scores[place])
    assert [hit.passage.id for hit in hits] == [plain[place].passage.id for place in order]
    assert [hit.ranks["reranker"] for hit in hits] == list(range(1, len(hits) + 1))
    assert {hit.passage.id: hit.score for hit in hits} == {
        hit.passage.id: hit.score for hit in plain
    }
    assert order != sorted(order)  # or nothing was shown


def test_without_a_name_and_with_a_signal_alone_nothing_is_reranked(model: str, orchard: Library):
    from ibid.types import Signal

    by = Signal.WORDS
    alone = with_reranker(orchard, model).search("plums", by=by)
    assert [hit.passage.id for hit in alone] == [
        hit.passage.id for hit in orchard.search("plums", by=by)
    ]
    assert "reranker" not in orchard.search("plums")[0].ranks


def test_what_holds_a_quoted_phrase_stays_first(model: str, orchard: Library):
    hits = with_reranker(orchard, model).search('"pears ripen"')
    assert hits[0].passage.article == "pears-1.md"


@pytest.mark.parametrize("labels", [3])
def test_a_model_that_gives_no_single_number_is_refused(tmp_path: Path, labels: int):
    with pytest.raises(ModelMissing, match="a number for each passage"):
        CrossEncoderReranker(write_model(tmp_path, labels)).score("a", ["b"])


def test_a_model_that_is_not_there_or_none_is_told(tmp_path: Path, orchard: Library):
    with pytest.raises(ModelMissing, match="not on this machine"):
        with_reranker(orchard, "no/such-model").search("plums")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "no such type"}))
    with pytest.raises(ModelMissing, match="cannot be used"):
        CrossEncoderReranker(str(tmp_path)).score("a", ["b"])
    assert CrossEncoderReranker(str(tmp_path)).score("a", []) == []


class Fixed:
    """Scores that are given; satisfies `ibid.ports.Reranker`."""

    def __init__(self, *scores: float) -> None:
        self._scores = scores

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        assert question
        return self._scores[: len(texts)]


def test_one_article_keeps_no_more_than_half_and_ties_stay_in_order(tmp_path: Path):
    long = "".join(f"## Part {n}\n\nPlums ripen in autumn {n}.\n\n" for n in range(6))
    library = build_library(tmp_path, {"a": long, "b": "Plums ripen late.\n", "c": "Plums.\n"})
    from ibid.search import find_literal, rank, read_question

    index = library._index()
    asked = read_question("when do plums ripen", index, library.embedder)
    ranked = rank(asked, index, 50)
    assert not find_literal(asked, index).rows
    favours = [1.0 if each.hit.passage.article == "a.md" else 0.0 for each in ranked]
    chosen = rerank("when do plums ripen", ranked, 4, Fixed(*favours))
    articles = [each.hit.passage.article for each in chosen]
    assert articles[:2] == ["a.md", "a.md"]
    assert set(articles[2:]) == {"b.md", "c.md"}
    same = rerank("when do plums ripen", ranked, len(ranked), Fixed(*[0.0] * len(ranked)))
    assert [each.row for each in same] == [each.row for each in ranked]
