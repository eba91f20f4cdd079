"""Words and phrases that the alterations and the rewordings of sentences are made with."""

import tomllib
from pathlib import Path

Phrases = tuple[str, ...]
Turns = tuple[tuple[str, str], ...]
"""Phrases, each with the one that takes its place."""

_READ = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))


def _phrases(name: str) -> Phrases:
    return tuple(_READ[name])


def _turns(name: str) -> Turns:
    return tuple((one, other) for one, other in _READ[name])


DENYING = _phrases("denying")
ASSERTING = _phrases("asserting")
CONDITIONS = _phrases("conditions")
ADDED = _phrases("added")
SUPERLATIVES = _turns("superlatives")
TENSES = _turns("tenses")
HEDGED = _turns("hedged")
QUANTIFIED = _turns("quantified")
COMPARED = _turns("compared")
ORDERED = _turns("ordered")
UNITS = _turns("units")
DATES = tuple(tuple(group) for group in _READ["dates"])
PLACES = _phrases("places")
NUMBERS = _phrases("numbers")
SAME = _turns("same")
FIRST = _phrases("first")
LAST = _phrases("last")
OUTLETS = _phrases("outlets")
VERBS = dict(_turns("verbs"))
DENIED = _turns("denied")
DENIALS = _phrases("denials")
JOINTS = _phrases("joints")
ATTRIBUTED = _phrases("attributed")
