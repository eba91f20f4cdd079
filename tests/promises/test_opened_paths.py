"""A build opens nothing but the articles: every path that is opened is written down."""

import json
import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

PROGRAM = """
import json, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event in ("open", "os.listdir", "os.scandir") else None)
from ibid import Library
from ibid.testing import HashEmbedder
library = Library.open(sys.argv[1], sys.argv[2], embedder=HashEmbedder())
library.build()
library.search("secrets")
print(json.dumps(opened))
"""  # noqa: E501


def test_a_build_opens_nothing_outside_of_the_folder(articles: Path, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secrets\n\nNobody may read this.\n")
    (articles / "file.md").symlink_to(outside / "secret.md")
    (articles / "relative.md").symlink_to("../outside/secret.md")
    (articles / "folder").symlink_to(outside)
    (articles / "loop").symlink_to(articles)
    (articles / "device.md").symlink_to("/dev/zero")
    (articles / ".hidden").mkdir()
    (articles / ".hidden" / "notes.md").write_text("# Hidden\n\nText.\n")
    (articles / "notes.doc").write_text("text")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(articles), str(tmp_path / "index")],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(tmp_path / "index")},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    paths = {os.path.normpath(path) for path in json.loads(done.stdout)}
    ours = {path for path in paths if path.startswith(str(tmp_path))}
    read = {path for path in ours if not path.startswith(str(tmp_path / "index"))}
    folders = {str(tmp_path), str(articles)}  # the first one is flushed: the index is new in it
    assert read == folders | {str(articles / "apples.md"), str(articles / "pears.md")}
    assert "/dev/zero" not in paths
