"""The notebooks run from top to bottom, on a copy of the seeds."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import ROOT

pytestmark = pytest.mark.long

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
RESULTS = ROOT / "benchmarks" / "results"
PRINTED = {
    "01_first_answer": "not_in_sources",
    "02_why_this_passage": "not_in_sources",
    "03_compare_claims": "silent",
    "04_measure": "p against fusion",
}
"""Something that each notebook prints."""


def test_every_notebook_is_tested() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(PRINTED)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")
def test_a_notebook_runs_and_imports_only_the_public_library(
    path: Path, tmp_path: Path, seeds: Path, seed_index: Path
) -> None:
    shutil.copytree(seeds, tmp_path / "seeds")
    if path != NOTEBOOKS[0]:  # which builds the index itself
        shutil.copytree(seed_index, tmp_path / "index")
    shutil.copytree(RESULTS, tmp_path / "benchmarks" / "results")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.read(path, as_version=4)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    imports = [line for source in sources for line in source.splitlines() if "import" in line]
    assert all(not line.startswith(("from ibid.", "import ibid.")) for line in imports)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()
    printed = "".join(
        out.get("text", "") for cell in notebook.cells for out in cell.get("outputs", [])
    )
    assert PRINTED[path.stem] in printed
