"""Writes docs/cli.md, the page of every command: `make docs`."""

from pathlib import Path

from click.testing import CliRunner

from ibid.cli.commands import cli

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
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


if __name__ == "__main__":
    PAGE.write_text(write_page(), "utf-8")
