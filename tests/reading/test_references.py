"""What BibTeX, CSL-JSON and Zotero's exports say about PDFs that lie beside them."""

import json
from pathlib import Path

import pytest

from conftest import open_small
from ibid.library import Library
from ibid.reading.extracting import extract
from ibid.types import ArticleId, Meta
from web_pages import pdf

LINES = ["Apples grow on trees in orchards.", "Ripe apples fall in autumn."]
ZOTERO = r"""
@article{smith_apples_2020,
  title = {On {Apples} \& P{\"a}rs},
  author = {Smith, Ada and {World Fruit Organization} and van der Berg, Jan},
  year = {2020}, month = mar, doi = {10.1000/182},
  keywords = {fruit, trees}, abstract = {All about apples.},
  file = {Full Text PDF:files/12/paper.pdf:application/pdf;Snapshot:files/13/x.html:text/html},
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "articles" / "files" / "12").mkdir(parents=True)
    write_pdf(tmp_path / "articles" / "files" / "12" / "paper.pdf")
    return tmp_path / "articles"


def write_pdf(path: Path, number: int = 0) -> None:
    path.write_bytes(pdf([*LINES, f"Number {number} of all apples ripened."]))


def built(folder: Path) -> Library:
    library = open_small(folder)
    library.build()
    return library


def meta_of(library: Library, id: str) -> Meta:
    return library.article(id).meta


def test_zoteros_bibtex_describes_the_pdf_that_it_names(folder: Path):
    (folder / "My Library.bib").write_text(ZOTERO, "utf-8")
    library = built(folder)
    article = library.article("files/12/paper.pdf")
    assert article.title == "On Apples & Pärs"
    assert article.meta.authors == ("Ada Smith", "World Fruit Organization", "Jan van der Berg")
    assert (article.meta.date, article.meta.url) == ("2020-03", "https://doi.org/10.1000/182")
    assert article.meta.keywords == ("fruit", "trees")
    assert article.meta.description == "All about apples."
    assert article.meta.guessed == ()
    assert article.meta.reference.startswith("My Library.bib (files/12/paper.pdf, ")
    assert not library.build().changed


@pytest.mark.parametrize(
    "file",
    [
        r":paper.pdf:PDF",
        r"/home/ada/Zotero/storage/ABCD/paper.pdf",
        r"C\:\\Users\\ada\\paper.pdf",
        r"paper.PDF",
        r"one.pdf;two.pdf;files/12/paper.pdf",
    ],
)
def test_a_pdf_is_found_by_its_name_however_a_tool_writes_its_path(folder: Path, file: str):
    (folder / "refs.bib").write_text(f"@misc{{k, title = {{Named}}, file = {{{file}}}}}", "utf-8")
    assert built(folder).article("files/12/paper.pdf").title == "Named"


def test_csl_json_describes_the_pdf_that_has_its_key(folder: Path):
    item = {
        "id": "http://zotero.org/users/1/items/ABCD",
        "citation-key": "paper",
        "title": "Of <i>Apples</i>",
        "author": [{"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"}, 7, {}],
        "issued": {"date-parts": [["2020", 3, 1]]},
        "URL": "https://example.org/a",
    }
    (folder / "refs.json").write_text(json.dumps([item, "odd", None, {"id": "x"}]), "utf-8")
    article = built(folder).article("files/12/paper.pdf")
    assert (article.title, article.meta.author) == ("Of Apples", "Jan van der Berg")
    assert (article.meta.date, article.meta.url) == ("2020-03-01", "https://example.org/a")


def test_what_a_file_of_references_says_later_counts_at_the_next_build(folder: Path):
    library = built(folder)
    assert meta_of(library, "files/12/paper.pdf").author == ""
    for author in ("Ada Smith", "Ben Stone", ""):
        text = f"@misc{{paper, title = {{T}}, author = {{{author}}}}}"
        (folder / "refs.bib").write_text(text, "utf-8")
        assert library.build().changed
        assert not library.build().changed
        assert meta_of(library, "files/12/paper.pdf").author == author
    (folder / "refs.bib").unlink()
    assert library.build().changed
    assert meta_of(library, "files/12/paper.pdf").reference == ""
    assert library.article("files/12/paper.pdf").title != "T"


def test_only_pdfs_beside_or_below_are_described(folder: Path):
    (folder / "paper.md").write_text("# Mine\n\nApples are red and round.\n", "utf-8")
    (folder / "other").mkdir()
    (folder / "other" / "refs.bib").write_text("@misc{paper, title = {Elsewhere}}", "utf-8")
    (folder / "refs.bib").write_text("@misc{paper, title = {Ours}}", "utf-8")
    library = built(folder)
    assert library.article("paper.md").title == "Mine"
    assert library.article("files/12/paper.pdf").title == "Ours"


def test_the_entry_that_names_the_path_counts_more_than_one_of_that_name_or_key(folder: Path):
    write_pdf(folder / "paper.pdf", 2)
    entries = (
        "@misc{paper, title = {By key}} @misc{a, title = {By name}, file = {paper.pdf}}"
        "@misc{b, title = {By path}, file = {files/12/paper.pdf}}"
    )
    (folder / "refs.bib").write_text(entries, "utf-8")
    library = built(folder)
    assert library.article("files/12/paper.pdf").title == "By path"
    assert library.article("paper.pdf").title == "By name"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.bib", b""),
        ("a.bib", b"@misc{"),
        ("a.bib", b"no bibtex at all \xff\x00"),
        ("a.bib", b"@misc{x, title = {unclosed"),
        ("a.bib", b"@string{a = a # a} @misc{x, title = a}"),
        ("a.bib", b"@misc{x, crossref = {x}, title = {T}}"),
        ("a.bib", b"{" * 50_000),
        ("a.bib", b"@misc{paper, author = {" + b"," * 5000 + b"}}"),
        ("a.bib", b"@misc{paper, title = {" + b"{" * 3000 + b"}" * 3000 + b"}}"),
        ("a.json", b"{}"),
        ("a.json", b"[" * 100_000),
        ("a.json", b'[{"title": {"a": 1}}, {"title": "x", "author": 3}]'),
        ("a.json", b'[{"id": "paper", "title": "T", "issued": {"date-parts": [[]]}}]'),
        ("a.json", b"not json"),
    ],
)
def test_what_is_broken_stops_no_build(folder: Path, name: str, data: bytes):
    (folder / name).write_bytes(data)
    library = built(folder)
    assert len(library.articles) == 1
    assert not library.build().changed


def test_a_broken_entry_costs_no_other(folder: Path):
    (folder / "a.bib").write_text(
        "@misc{one, title = } @misc{paper, title = {Kept}} @misc{paper, title = {Again}}", "utf-8"
    )
    assert built(folder).article("files/12/paper.pdf").title == "Kept"


def test_a_build_says_what_it_read_references_for(folder: Path):
    (folder / "refs.bib").write_text(ZOTERO, "utf-8")
    library = open_small(folder)
    told = {each.kind: each.reason for each in library.build().left_out}
    assert told[".bib"] == "read for the PDFs beside it"
    assert [file.path for file in library.files()] == [ArticleId("files/12/paper.pdf")]


def test_references_are_no_articles():
    parts = extract(".bib", ZOTERO.encode()).parts
    assert [part.name for part in parts] == ["files/12/paper.pdf", "smith_apples_2020"]
