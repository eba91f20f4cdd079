"""The tables of the peers' benchmark, in Markdown."""

from collections.abc import Callable, Mapping
from typing import Any

Result = Mapping[str, Any]
Cell = Callable[[Result], float | str | None]


def _cost(name: str, step: str, cost: str) -> Cell:
    def read(peer: Result) -> float | str | None:
        result = peer.get(name, {}).get(step, {})
        if "failed" in result:
            return "failed"
        unseen = "*" if result.get("found") is False else ""
        value = result.get(cost)
        return value if value is None or not unseen else f"{_number(value)}{unseen}"

    return read


def _quality(name: str, measure: str) -> Cell:
    def read(peer: Result) -> float | str | None:
        return peer.get(name, {}).get("warm", {}).get("quality", {}).get(measure)

    return read


def _speed(name: str) -> dict[str, Cell]:
    return {
        "build, CPU s": _cost(name, "build", "cpu"),
        "rebuild, nothing changed": _cost(name, "rebuild", "cpu"),
        "rebuild, 1 article changed": _cost(name, "edit", "cpu"),
        "first answer, CPU s": _cost(name, "cold", "cpu"),
        "first answer, s": _cost(name, "cold", "wall"),
        "p50 ms": _cost(name, "warm", "p50"),
        "p99 ms": _cost(name, "warm", "p99"),
        "p50 CPU ms": _cost(name, "warm", "p50 cpu"),
        "MB to build": _cost(name, "build", "megabytes"),
        "MB to search": _cost(name, "warm", "megabytes"),
    }


TABLES: Mapping[str, tuple[tuple[str, ...], Mapping[str, Cell]]] = {
    "Start": (
        ("seeds",),
        {
            "installed, MB": lambda peer: peer.get("installed"),
            "import, CPU s": _cost("seeds", "import", "cpu"),
        },
    ),
    "Speed on the seeds": (("seeds",), _speed("seeds")),
    "Speed on squad": (("squad",), _speed("squad")),
    "What is found": (
        ("squad", "18f", "scifact"),
        {
            "squad success@1": _quality("squad", "Success@1"),
            "squad nDCG@10": _quality("squad", "nDCG@10"),
            "18f nDCG@10": _quality("18f", "nDCG@10"),
            "scifact nDCG@10": _quality("scifact", "nDCG@10"),
        },
    ),
}


def print_tables(report: Result) -> None:
    """Print the tables of a report."""
    print(render(report))


def render(report: Result) -> str:
    """Return the tables of a report as Markdown; a set that was left out has no table."""
    lines = [
        f"{report['machine']}, {report['date'][:10]}, "
        f"commit {report['commit']}, best of {report['rounds']}"
    ]
    for title, (needed, columns) in TABLES.items():
        sets = {name: report["sets"][name] for name in needed if name in report["sets"]}
        if sets:
            lines += ["", f"**{title}** ({'; '.join(map(_describe, sets.items()))})", ""]
            lines += _table(report["peers"], columns)
    if any("* |" in line for line in lines):
        lines += ["", "\\* A question about the change does not put that article first."]
    return "\n".join(lines)


def _describe(item: tuple[str, Mapping[str, int]]) -> str:
    name, counts = item
    return f"{name}: " + ", ".join(f"{number:,} {what}" for what, number in counts.items())


def _table(peers: Mapping[str, Result], columns: Mapping[str, Cell]) -> list[str]:
    heads = ["| peer | " + " | ".join(columns) + " |", "|---" + "|--:" * len(columns) + "|"]
    return heads + [
        f"| {name} | " + " | ".join(_number(cell(peer)) for cell in columns.values()) + " |"
        for name, peer in peers.items()
    ]


def _number(value: float | str | None) -> str:
    """Return a number with about three digits; a dash where nothing was measured."""
    if value is None or isinstance(value, str):
        return value or "–"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3f}" if value < 1 else f"{value:.1f}"
