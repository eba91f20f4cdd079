"""`ibid doctor`: what is wrong with the set-up, and what mends it."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ibid.cli.console import open_library, print_json, stdout
from ibid.cli.options import shared

if TYPE_CHECKING:
    from ibid.doctor import CheckResult

_STYLES = {"ok": "green", "note": "yellow", "fault": "bold red"}


@click.command()
@click.option("--canary", is_flag=True, help="Give the model a full prompt; can take minutes.")
@shared("model", "articles", "index", "embedder", "json")
def doctor(*, canary: bool, as_json: bool, **flags: str | None) -> int:
    """Examine the set-up: packages, index, embedder, model server, chat.

    Each fault is named with what mends it. Nothing is changed, no model is pulled, and no article
    is sent anywhere. Exit codes: 0 all is well, 1 a fault, 5 the server or the model alone.
    """
    from ibid.doctor import choose_canary, examine, exit_code

    findings = examine(open_library(flags), choose_canary() if canary else None)
    if as_json:
        results = list(findings)
        print_json([asdict(finding) for finding in results])
    else:
        results = list(_shown(findings))
    return exit_code(results)


def _shown(findings: "Iterable[CheckResult]") -> "Iterator[CheckResult]":
    """Yield each finding once it is printed: the next one may take minutes."""
    from rich.padding import Padding
    from rich.table import Table

    from ibid.output import Text

    console = stdout()
    for finding in findings:
        row = Table.grid(padding=(0, 2))
        row.add_column(width=5)
        row.add_column(width=8)
        row.add_column(overflow="fold")
        state = Text(finding.state.value, style=_STYLES[finding.state.value])
        row.add_row(state, finding.area.value, Text(finding.text))
        if finding.fix:
            row.add_row("", "", Text(f"→ {finding.fix}", style="bold"))
        console.print(Padding(row, 0))
        yield finding
