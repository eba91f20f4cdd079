"""Writes what the program says of itself: docs/cli.md and docs/schemas/, by `make docs`."""

import json
from pathlib import Path

from click.testing import CliRunner

from ibid.cli.commands import cli
from ibid.output import SHAPES, write_schema

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
SCHEMAS = PAGE.with_name("schemas")
HEAD = """# Commands

What each command says of itself with `--help`; `make docs` writes this page.
"""
WIDTH = 100


def write_page() -> str:
    """Return the page as Markdown."""
    commands = [[], *([name] for name in sorted(cli.commands))]
    helps = ((" ".join(["ibid", *command]), read_help(command)) for command in commands)
    return HEAD + "".join(f"\n## {name}\n\n```text\n{text}\n```\n" for name, text in helps)


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
    SCHEMAS.mkdir(exist_ok=True)
    for path, text in write_schemas().items():
        path.write_text(text, "utf-8")
