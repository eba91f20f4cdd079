"""Text that wants to command a terminal, to hide, or to be taken for markup."""

import re
from pathlib import Path

OSC = "\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07"
HOSTILE = (
    OSC,
    "\x1b[2J\x1b[31m",
    "\x9b31m\x9d0;owned\x9c",
    "\x7f\x08\x0b\x0c\x00",
    "7\u202e3\u202c",
    "\u2066a\u2069\u200e\u200f\u061c",
    "in\u200bvi\u2060si\u00ad\ufeffble",
    "\U000e0068\U000e0069",
    "a\ufe0fb\U000e0101c\u3164d",
    "\u2028line\u2029",
    "[red]markup[/red] [link=http://127.0.0.1/x]y[/link] [/] :smile:",
)
"""One of each kind."""

HARMLESS = (
    "می‌خواهم",
    "क्‍ष",
    "❤️‍🔥 👩🏽‍⚕️ 🏳️‍🌈 1️⃣ ☺︎",
    "葛󠄀城市",
    "Daten\u00adschutz",
    "ไทย\u200bไทย",
    "עברית ودود naïve",
)
"""What scripts, emoji and typesetting need."""

_FRONT = """---
title: "Pears {0}"
author: "Ann {0}"
tags: ["fruit {0}"]
---
"""


def write_hostile_folder(folder: Path) -> None:
    """Write an article per kind of hostile text, in each place that it can stand in."""
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(HOSTILE):
        front = _FRONT.format("".join(f"\\U{ord(each):08x}" for each in text))
        where = f"Farmers {text} store pears in {number} cold rooms."
        source = f"Growers pick pears by hand [source: {text}]."
        damage = f"Doctors store pears â€\x9d {text} in 1{number} cellars."
        body = f"# Storing {text} pears\n\n{where} {source} {damage}\n"
        (folder / f"pears-{number}.md").write_text(front + body, "utf-8")
    for name in ("a\u202eb.md", "[red]c[bold].md", ":smile:.md", "\u200bd.md"):
        (folder / name).write_text(f"# Pears\n\nStore pears as {name!a} says.\n", "utf-8")


_OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[hl]|\x1b\[[12]K|\x1b\[1A|\r")
"""Colours, and what redraws a line of progress."""


def without_our_styles(printed: str) -> str:
    """Return what a terminal was sent without what rich sends it for us."""
    return _OURS.sub("", printed)
