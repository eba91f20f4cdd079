"""The notebooks run from top to bottom, on a copy of the seeds."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")
def test_a_notebook_runs_and_imports_only_the_public_library(
    path: Path, tmp_path: Path, seeds: Path
) -> None:
    shutil.copytree(seeds, tmp_path / "seeds")
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
    assert "not_in_sources" in printed
