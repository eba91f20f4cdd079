"""The default model on ONNX Runtime: vectors that agree, do not depend on company, and any text."""

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import ROOT
from ibid.adapters.embedders import minilm_engine
from ibid.adapters.embedders.minilm import DIMENSIONS, MiniLM, find_model
from ibid.adapters.embedders.minilm_runtime import Runtime
from ibid.adapters.embedders.minilm_tokens import LONGEST, Tokens
from ibid.library import Library
from ibid.ports import Vectors
from ibid.settings import Settings

SOURCE = ROOT / "src"

SENTENCES = [
    "Rare diseases affect millions worldwide, yet effective treatments remain elusive.",
    "The budget was approved in June.",
    "Pears ripen after harvest (in cold rooms, mostly); apples do not!",
    "In 1998 the company reported revenue of $3.2 billion, 14 % more than before.",
    "def main(): print('hello')  # https://example.org/a?b=c",
    "Zürich, naïve café, Ångström",
    "新薬の発見における課題は何ですか",
    "a",
    "?",
    "",
    "🍎🍏 apples",
    "\ufffd \U0010ffff \ue000",
    "word " * 300,
    "A sentence of many words that goes on. " * 5,
]


@pytest.fixture(scope="module")
def fast() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="module")
def exact() -> MiniLM:
    return MiniLM("fp32")


@pytest.fixture(scope="module")
def transformer() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find_model()), device="cpu")


@pytest.fixture(scope="module")
def expected(transformer: Any) -> Vectors:
    return transformer.encode(SENTENCES, show_progress_bar=False)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens(find_model() / "tokenizer.json")


def cosines(one: Vectors, other: Vectors) -> NDArray[np.float32]:
    return (one * other).sum(axis=1)


# The same vectors


def test_in_32_bits_vectors_are_those_of_sentence_transformers(exact: MiniLM, expected: Vectors):
    assert exact.passages(SENTENCES) == pytest.approx(expected, abs=1e-5)


def test_in_8_bits_vectors_are_almost_those_of_sentence_transformers(
    fast: MiniLM, expected: Vectors
):
    found = fast.passages(SENTENCES)
    assert (found.shape, found.dtype) == ((len(SENTENCES), DIMENSIONS), np.float32)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(SENTENCES)), abs=1e-5)
    assert cosines(found, expected).min() > 0.99  # the least are those of one token
    assert cosines(found, expected)[:5].min() > 0.998


@pytest.mark.parametrize("precision", ["auto", "fp32"])
def test_a_text_has_one_vector_to_the_last_bit_whatever_it_is_embedded_with(precision: str):
    embedder = MiniLM(precision)
    together = embedder.passages(SENTENCES)
    alone = np.concatenate([embedder.passages([text]) for text in SENTENCES])
    assert (together == alone).all()
    words = "of some few words that say nothing at all in any order".split()
    chosen = random.Random(3)  # noqa: S311 - any texts of many lengths will do
    company = [" ".join(chosen.choices(words, k=chosen.randint(1, 60))) for _ in range(200)]
    mixed = [*company, *SENTENCES, *company[:50]]
    assert (embedder.passages(mixed)[200 : 200 + len(SENTENCES)] == together).all()


def test_the_number_of_cores_does_not_decide_about_vectors(
    fast: MiniLM, monkeypatch: pytest.MonkeyPatch
):
    found = fast.passages(SENTENCES)
    monkeypatch.setattr(minilm_engine, "cores", lambda: 1)
    assert (MiniLM().passages(SENTENCES) == found).all()
    monkeypatch.setattr(minilm_engine, "cores", lambda: 7)
    assert (MiniLM().passages(SENTENCES) == found).all()


def test_an_index_that_is_brought_up_to_date_has_the_bytes_of_one_built_anew(
    articles: Path, tmp_path: Path
):
    def build(index: str) -> dict[str, bytes]:
        library = Library.open(articles, tmp_path / index, Settings(model="none"))
        library.build()
        names = ("corpus.sqlite", "passages.faiss", "sentences.faiss")
        return {name: library.store.current().read(name) for name in names}

    build("kept")
    for number in range(5):
        text = "Plums and pears ripen in autumn. " + "Wasps love plums. " * number
        (articles / f"plums {number}.md").write_text(f"# Plums\n\n{text}\n", "utf-8")
        kept = build("kept")
    assert kept == build("anew") == build("again")


# The graph that is kept


def in_use(cache: Path) -> Path:
    """Return the graph that runs: where a processor needs 32 bits, the one in 8 is kept as well."""
    return max(cache.iterdir(), key=lambda path: path.stat().st_size)


def test_the_graph_is_made_once_and_kept_for_its_owner(
    fast: MiniLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert (MiniLM(cache=tmp_path / "cache").query("a") == fast.query("a")).all()
    kept = in_use(tmp_path / "cache")
    assert kept.stat().st_mode & 0o777 == 0o600
    monkeypatch.delattr(minilm_engine, "make_graph")
    assert (MiniLM(cache=tmp_path / "cache").query("a") == fast.query("a")).all()


@pytest.mark.parametrize("damage", ["a bit", "cut", "empty"])
def test_a_graph_that_is_damaged_is_made_again(fast: MiniLM, tmp_path: Path, damage: str):
    MiniLM(cache=tmp_path).query("a")
    kept = in_use(tmp_path)
    whole = kept.read_bytes()
    half = len(whole) // 2
    changed = bytes([whole[half] ^ 1])
    kept.write_bytes(
        {"a bit": whole[:half] + changed + whole[half + 1 :], "cut": whole[:half], "empty": b""}[
            damage
        ]
    )
    assert (MiniLM(cache=tmp_path).query("a") == fast.query("a")).all()
    assert kept.read_bytes() == whole


def test_what_fits_its_digest_and_is_no_graph_is_made_again(fast: MiniLM, tmp_path: Path):
    MiniLM(cache=tmp_path).query("a")
    kept = in_use(tmp_path)
    whole = kept.read_bytes()
    for junk in (b"", b"junk", bytes(1000), whole[32 : len(whole) // 2], whole):
        kept.write_bytes(hashlib.sha256(junk).digest() + junk)
        assert (MiniLM(cache=tmp_path).query("a") == fast.query("a")).all()
        assert kept.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(fast: MiniLM, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    assert (MiniLM(cache=tmp_path / "file" / "cache").query("a") == fast.query("a")).all()


# The precision


def test_a_processor_with_instructions_for_it_has_exact_products():
    if not Path("/proc/cpuinfo").exists():
        pytest.skip("the processor's instructions are listed on Linux only")
    flags = Path("/proc/cpuinfo").read_text().split()
    if not {"avx512_vnni", "avx_vnni", "asimddp"} & set(flags):
        pytest.skip("this processor has no such instructions")
    assert MiniLM()._engine._runtime.is_exact()


def test_a_processor_whose_products_overflow_embeds_in_32_bits(
    exact: MiniLM, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Runtime, "is_exact", lambda _: False)
    assert (MiniLM().passages(SENTENCES) == exact.passages(SENTENCES)).all()


def test_the_setting_decides_for_32_bits(tmp_path: Path, exact: MiniLM):
    library = Library.open(tmp_path, tmp_path, Settings(precision="fp32"))
    assert (library.embedder.passages(SENTENCES) == exact.passages(SENTENCES)).all()


def test_vectors_of_both_precisions_may_be_in_one_index(fast: MiniLM, exact: MiniLM):
    assert fast.identity == exact.identity
    assert cosines(fast.passages(SENTENCES), exact.passages(SENTENCES)).min() > 0.99


def test_a_build_loads_neither_torch_nor_sentence_transformers(articles: Path, tmp_path: Path):
    program = """
import sys
from ibid.library import Library
Library.open(sys.argv[1], sys.argv[2]).build()
print(sorted({"torch", "transformers", "sentence_transformers", "onnxruntime"} & {*sys.modules}))
"""
    finished = subprocess.run(
        [sys.executable, "-c", program, articles, tmp_path / "index"],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "IBID_MODEL": "none"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (finished.stdout, finished.stderr) == ("['onnxruntime']\n", "")


# Tokens


def test_the_signs_of_the_tokens_vectors_are_those_of_the_true_model(
    fast: MiniLM, exact: MiniLM, tokens: Tokens, transformer: Any
):
    options: Any = {"output_value": "token_embeddings", "show_progress_bar": False}
    theirs = [each.cpu().numpy() > 0 for each in transformer.encode(SENTENCES, **options)]
    for embedder, agreement in ((exact, 0.9999), (fast, 0.97)):
        encoded = embedder.encode(SENTENCES)
        assert (encoded.vectors == embedder.passages(SENTENCES)).all()
        same: list[float] = []
        for text, ours, signs in zip(SENTENCES, encoded.tokens, theirs, strict=True):
            assert ours.shape == (len(tokens.ids(text)), DIMENSIONS // 8)
            same.extend((np.unpackbits(ours, axis=1) == signs).mean(axis=1))
        print(f"signs that agree: {np.mean(same):.4f}")
        assert np.mean(same) > agreement


@pytest.mark.parametrize(
    "text",
    [
        "word " * 5_000_000,
        "x" * 20_000_000,
        " " * 20_000_000,
        "木" * 7_000_000,
        "\x00" * 20_000_000,
        "\u0301" * 5_000_000,
        "\udcff" * 5_000_000,
    ],
    ids=["words", "one word", "blanks", "ideographs", "zeros", "accents", "surrogates"],
)
def test_twenty_megabytes_are_a_text_like_any_other(fast: MiniLM, tokens: Tokens, text: str):
    assert len(tokens.ids(text)) <= LONGEST
    assert tokens.ids(text) == tokens.ids(text[:50_000])
    assert np.linalg.norm(fast.passages([text])) == pytest.approx(1, abs=1e-5)


def test_lone_surrogates_are_passed_over(fast: MiniLM):
    broken, whole = fast.passages(["ap\udcffples\ud800 grow", "apples grow"])
    assert (broken == whole).all()
    assert (fast.query("ap\udcffples\ud800 grow") == fast.query("apples grow")).all()


def test_an_engine_takes_no_texts(exact: MiniLM):
    assert exact.passages([]).shape == (0, DIMENSIONS)
    assert exact.encode([]).tokens == ()


@pytest.mark.parametrize("junk", [b"", b"junk", bytes(999)])
def test_a_graph_of_junk_whose_digest_fits_is_made_anew(tmp_path: Path, junk: bytes):
    wanted = MiniLM(cache=tmp_path).query("apples grow")
    whole = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path in whole:
        path.write_bytes(hashlib.sha256(junk).digest() + junk)
    assert (MiniLM(cache=tmp_path).query("apples grow") == wanted).all()
    assert {path: path.read_bytes() for path in whole} == whole
