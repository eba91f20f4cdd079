"""Writes what the program says of itself: docs/cli.md, docs/ibid.1, docs/schemas/: `make docs`."""

import json
from pathlib import Path

from click.testing import CliRunner

from ibid import __version__
from ibid.cli.commands import cli
from ibid.output import SHAPES, write_schema

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
SCHEMAS = PAGE.with_name("schemas")
MANUAL = PAGE.with_name("ibid.1")
HEAD = """# Commands

What each command says of itself with `--help`; `make docs` writes this page.
"""
WIDTH = 100


def write_page() -> str:
    """Return the page as Markdown."""
    commands = [[], *([name] for name in sorted(cli.commands))]
    helps = ((" ".join(["ibid", *command]), read_help(command)) for command in commands)
    return HEAD + "".join(f"\n## {name}\n\n```text\n{text}\n```\n" for name, text in helps)


def write_manual() -> str:
    """Return the page of `man ibid`: what each command says with `--help`, as it stands."""
    lines = [f'.TH IBID 1 "" "ibid {__version__}" "User Commands"', ".SH NAME"]
    lines.append(
        "ibid \\- ask a folder of articles; every sentence of the answer leads to its place"
    )
    for command in [[], *([name] for name in sorted(cli.commands))]:
        title = " ".join(["ibid", *command]).upper()
        lines += [f'.SH "{title}"', ".nf", *map(to_roff, read_help(command).splitlines()), ".fi"]
    return "\n".join(lines) + "\n"


def to_roff(line: str) -> str:
    """Return a line that man shows as it stands."""
    escaped = line.replace("\\", "\\e").replace("-", "\\-")
    return rf"\&{escaped}" if line.startswith((".", "'")) else escaped


def read_help(command: list[str]) -> str:
    """Return what a command prints with `--help`, in lines of `WIDTH` characters."""
    sizes = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    run = CliRunner().invoke(cli, [*command, "--help"], prog_name="ibid", **sizes)
    assert run.exit_code == 0, run.output
    return run.output.rstrip()


def write_schemas() -> dict[Path, str]:
    """Return the JSON Schema of what each command prints, by its file."""
    return {
        SCHEMAS / f"{name}.json": json.dumps(write_schema(name), indent=1) + "\n" for name in SHAPES
    }


if __name__ == "__main__":
    PAGE.write_text(write_page(), "utf-8")
    MANUAL.write_text(write_manual(), "utf-8")
    SCHEMAS.mkdir(exist_ok=True)
    for path, text in write_schemas().items():
        path.write_text(text, "utf-8")
