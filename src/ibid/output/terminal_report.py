"""What a build tells in a terminal: each note where there are few, what kinds there are of many."""

import re
from collections.abc import Iterator, Sequence

from ibid.output.printing import Console
from ibid.output.wording import say_left_out
from ibid.text import count, list_some
from ibid.types import BuildReport, FolderCount, LeftOut

MOST_LINES = 20
"""Notes that are printed one by one; of more, how many there are of each kind."""

_KINDS = 6
"""Kinds of files that are told one by one."""

_CHANGING = re.compile(r"“[^”]*”|\"[^\"]*\"|'[^']*'|`[^`]*`|U\+[0-9A-F]{4,6}|\d+(?:[.,:-]\d+)*")
"""What notes of one kind differ in: numbers, names and what they quote."""


def print_report(report: BuildReport, console: Console) -> None:
    """Print what a build read, skipped and wrote."""
    state = "built" if report.changed else "already up to date"
    embedded = f"{report.embedded} texts embedded, " if report.changed else ""
    console.print(
        f"Index {state}: {count(report.articles, 'article')}, "
        f"{count(report.passages, 'passage')}, {embedded}"
        f"{report.seconds:.1f} s."
    )
    for folder in report.folders:
        console.print(f"  {_say_folder(folder)}")
    if report.added or report.edited or report.removed:
        names = f": {list_some(report.removed)}" if report.removed else ""
        console.print(
            f"  {count(len(report.added), 'article')} added, {len(report.edited):,} edited, "
            f"{len(report.removed):,} removed{names}"
        )
    if not report.compared:
        console.print("  the last index was damaged: what it had and is missing now is not known")
    notes = list(_list_notes(report))
    for line in _list_left_out(report.left_out):
        console.print(f"  {line}")
    for line in _one_by_one(notes) if len(notes) <= MOST_LINES else _by_kind(notes):
        console.print(f"  {line}")


def _say_folder(folder: FolderCount) -> str:
    """Return what is in one of several folders, on a line."""
    skipped = f", {folder.skipped:,} skipped" if folder.skipped else ""
    left_out = f", {folder.left_out:,} not read" if folder.left_out else ""
    return f"{folder.name}: {count(folder.articles, 'article')}{skipped}{left_out}"


def _list_left_out(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Yield a line per reason: how many of which kinds are not read for it."""
    reasons: dict[str, list[str]] = {}
    for entry in left_out:
        if entry.kind != "hidden":
            kind = f"{say_left_out(entry)}: {list_some(entry.paths)}"
            reasons.setdefault(entry.reason, []).append(kind)
    for reason, kinds in reasons.items():
        more = f"; {len(kinds) - _KINDS:,} kinds more" if len(kinds) > _KINDS else ""
        yield f"not read, {reason}: {'; '.join(kinds[:_KINDS])}{more}"


Note = tuple[str, str, str]
"""What was done with a file, the file, and why."""


def _list_notes(report: BuildReport) -> Iterator[Note]:
    for file in report.skipped:
        yield "kept as it was" if file.kept else "skipped", file.path, file.reason
    for id, copies in report.copies.items():
        yield "read once", id, f"the same file as {', '.join(copies)}"
    for id, warnings in report.warnings.items():
        for warning in warnings:
            yield "note on", id, warning


def _one_by_one(notes: list[Note]) -> Iterator[str]:
    return (f"{outcome} {file}: {why}" for outcome, file, why in notes)


def _by_kind(notes: list[Note]) -> Iterator[str]:
    """Yield a line for each kind of note, the commonest first, and where all of them are told."""
    kinds: dict[tuple[str, str], list[Note]] = {}
    for outcome, file, why in notes:
        kind = "the same file as another" if outcome == "read once" else _CHANGING.sub("…", why)
        kinds.setdefault((outcome, kind), []).append((outcome, file, why))
    for (outcome, kind), group in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0])):
        files = list_some(list(dict.fromkeys(file for _, file, _ in group)))
        reason = group[0][2] if len(group) == 1 else kind
        yield f"{outcome} {count(len(group), 'file')}: {reason}: {files}"
    yield "ibid lint tells every note on an article, ibid articles --skipped what was skipped"
