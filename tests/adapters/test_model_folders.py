"""A model's folder may be somebody else's: nothing in it is waited for or read without end."""

import json
import os
from pathlib import Path

import pytest

from ibid.adapters.embedders.choice import is_built_in
from ibid.adapters.embedders.folders import digest_of
from ibid.adapters.embedders.sentence_transformer import SentenceTransformerEmbedder
from ibid.errors import ModelMissing

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that looks like that of a model with two modules."""
    folder = tmp_path / "model"
    (folder / "1_Pooling").mkdir(parents=True)
    modules = [{"path": "", "type": "x"}, {"path": "1_Pooling", "type": "y"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    for name in ("config.json", "model.safetensors", "README.md", "1_Pooling/config.json"):
        (folder / name).write_text("{}")
    return folder


@pytest.mark.parametrize("kind", ["a pipe", "a device", "too large"])
@pytest.mark.parametrize(
    "name",
    ["modules.json", "config.json", "model.safetensors", "README.md", "1_Pooling/config.json"],
)
def test_what_no_model_has_is_refused_at_once(model: Path, name: str, kind: str):
    path = model / name
    path.unlink()
    match kind:
        case "a pipe":
            os.mkfifo(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case _:
            path.touch()
            os.truncate(path, 1 << 40)
    assert not is_built_in(str(model))
    with pytest.raises(ModelMissing, match="cannot be read: ") as told:
        _ = SentenceTransformerEmbedder(str(model)).identity
    assert told.value.exit_code == 5


def test_a_model_whose_files_are_links_to_plain_ones_is_read(model: Path, tmp_path: Path):
    before = digest_of(model)
    for name in ("config.json", "model.safetensors"):
        (model / name).rename(tmp_path / name)
        (model / name).symlink_to(tmp_path / name)
    assert digest_of(model) == before
