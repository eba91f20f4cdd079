"""`ibid add`: the only command that fetches, and what it says."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ibid.cli.commands import cli
from ibid.errors import PageUnavailable
from ibid.incoming import Page

URL = "https://example.org/a"
TEXT = """<p>Costs of care rose by nine percent in the last year, and nobody knows why.
Hospitals say that nurses are few, insurers that medicines are dear,
and patients that they wait longer.</p>
<p>A commission of the ministry is to say in spring which of them is right.</p>"""
WEB = {
    URL: Page(URL, ".html", f"<title>Costs</title><article><h1>Costs</h1>{TEXT}</article>".encode())
}


@pytest.fixture
def ibid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command over a folder of its own."""
    (tmp_path / "notes").mkdir()
    monkeypatch.setenv("IBID_ARTICLES", str(tmp_path / "notes"))
    monkeypatch.setenv("IBID_INDEX", str(tmp_path / "index"))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["add", *arguments], standalone_mode=False)

    return run


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the web, which no test can reach, two addresses."""

    def fetch(address: str, _: object) -> Page:
        if address not in WEB:
            raise PageUnavailable(f"{address} answers with 404")
        return WEB[address]

    monkeypatch.setattr("ibid.incoming.fetch", fetch)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost:1/", "file:///etc/passwd"])
def test_an_address_that_is_never_asked_is_a_wrong_use(ibid, tmp_path: Path, url: str):
    result = ibid(url)
    assert result.return_value == 2
    error, hint = result.stderr.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint:  ")
    assert not list((tmp_path / "notes").iterdir())


def test_each_page_is_told_and_one_that_fails_stops_no_other(ibid, web, tmp_path: Path):
    result = ibid("https://example.org/gone", URL, URL)
    assert result.return_value == 1
    assert result.stdout == f"{tmp_path}/notes/costs.md  Costs\n"
    assert result.stderr.splitlines() == [
        "error: https://example.org/gone answers with 404",
        "note: in the folder already, and as before: 1 page",
    ]


def test_json_tells_programs_what_was_added(ibid, web, tmp_path: Path):
    (added,) = json.loads(ibid("--json", URL).stdout)
    assert added == {
        "name": "costs.md",
        "title": "Costs",
        "url": URL,
        "new": True,
        "warnings": [],
        "path": f"{tmp_path}/notes/costs.md",
    }


def test_one_of_several_folders_is_written_to_the_first_or_the_one_that_is_named(
    ibid, web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("blog", "papers"):
        (tmp_path / name).mkdir()
    folders = f"{tmp_path}/notes{os.pathsep}{tmp_path}/blog"
    monkeypatch.setenv("IBID_ARTICLES", folders)
    assert ibid(URL).stdout == f"{tmp_path}/notes/costs.md  Costs\n"
    for name in ("blog", f"{tmp_path}/blog/"):
        assert ibid("--into", name, URL).return_value == 0
    assert (tmp_path / "blog/costs.md").is_file()
    refused = ibid("--into", f"{tmp_path}/papers", URL)
    assert "is no folder of this library" in str(refused.exception)
    assert not list((tmp_path / "papers").iterdir())
    monkeypatch.setenv("IBID_ARTICLES", f"{tmp_path}/papers")
    assert ibid("--into", "papers", URL).stdout == f"{tmp_path}/papers/costs.md  Costs\n"
