"""What a build tells: each note where there are few, what kinds there are of many."""

import json
from pathlib import Path

from click.testing import CliRunner

from ibid.cli.commands import cli
from ibid.library import Library
from ibid.output import print_report
from ibid.output.printing import Console
from ibid.types import ArticleId, BuildReport, Skipped


def printed(report: BuildReport) -> list[str]:
    console = Console(no_color=True, width=200)
    with console.capture() as captured:
        print_report(report, console)
    return captured.get().splitlines()


def made(skipped: int, notes: int, copies: int) -> BuildReport:
    return BuildReport(
        articles=2442,
        passages=9000,
        skipped=tuple(Skipped(f"{n:04}.md", "no text in it") for n in range(skipped)),
        warnings={
            ArticleId(f"w{n:04}.md"): (f"mojibake: {n + 1}, first in line {3 * n}",)
            for n in range(notes)
        },
        copies={ArticleId(f"c{n}.md"): (ArticleId(f"d{n}.md"),) for n in range(copies)},
        index="a",
    )


def test_few_notes_are_told_one_by_one():
    lines = printed(made(skipped=2, notes=2, copies=1))
    assert lines[1:] == [
        "  skipped 0000.md: no text in it",
        "  skipped 0001.md: no text in it",
        "  read once c0.md: the same file as d0.md",
        "  note on w0000.md: mojibake: 1, first in line 0",
        "  note on w0001.md: mojibake: 2, first in line 3",
    ]


def test_of_many_notes_the_kinds_are_told_with_the_first_few_of_each():
    assert printed(made(skipped=700, notes=235, copies=1))[1:] == [
        "  skipped 700 files: no text in it: 0000.md, 0001.md, 0002.md and 697 more",
        "  note on 235 files: mojibake: …, first in line …: w0000.md, w0001.md, w0002.md"
        " and 232 more",
        "  read once 1 file: the same file as d0.md: c0.md",
        "  ibid lint tells every note on an article, ibid articles --skipped what was skipped",
    ]


def test_what_was_skipped_is_listed_on_demand(small: Library, monkeypatch, tmp_path: Path):
    for number in range(3):
        (small.folder / f"blank{number}.md").write_text("---\n---\n", "utf-8")
    small.build()
    monkeypatch.setenv("IBID_INDEX", str(small.store.root))
    listed = CliRunner().invoke(cli, ["articles", "--skipped"])
    assert listed.output.splitlines() == [f"blank{n}.md  no text in it" for n in range(3)]
    told = json.loads(CliRunner().invoke(cli, ["articles", "--skipped", "--json"]).stdout)
    assert told[0] == {"path": "blank0.md", "reason": "no text in it"}
