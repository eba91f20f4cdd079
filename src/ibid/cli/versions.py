"""`ibid --version`: which ibid this is, and with --json what it runs with, for reports of bugs."""

import platform
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

import click

from ibid import __version__
from ibid.cli.console import print_json, say

WITH_PARTS = ["--json", "--version"]
"""What asks for both, in order of the letters: only together with --version is there a --json."""


def version_option(command: Any) -> Any:
    """Add the option that says which version this is."""
    help_text = "Show the version; with --json, that of all it runs with."
    add: Any = click.option(
        "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show, help=help_text
    )
    return add(command)


def _show(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        say(f"ibid {__version__}")
        context.exit()


def print_versions() -> None:
    """Print the versions of ibid, Python, the index and each package, null for none."""
    from ibid.storage import FORMAT

    print_json(
        {
            "ibid": __version__,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "index_format": FORMAT,
            "packages": {name: _version(name) for name in _list_packages()},
        }
    )


def _list_packages() -> list[str]:
    """Return what ibid needs, extras aside; nothing where it runs from its source."""
    from packaging.requirements import Requirement

    try:
        needed = [Requirement(line) for line in requires("ibid-articles") or ()]
    except PackageNotFoundError:
        return []
    return sorted(requirement.name for requirement in needed if not requirement.marker)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
