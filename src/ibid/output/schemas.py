"""The shapes of the JSON that ibid prints, as types: JSON Schemas are made of them.

`as_json` and `as_brief_json` write these; a test holds what they write against the schemas.
"""

from collections.abc import Mapping
from typing import Any, NotRequired

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from ibid.types import Receipt, Rule, Run, Stance, State, Status, Support
from ibid.watched import Difference

_exact = with_config(ConfigDict(extra="forbid"))


@_exact
class CitationJson(TypedDict):
    """The exact place that a sentence rests on; `start` and `end` are characters of the article."""

    article: str
    title: str
    date: str
    path: str
    headings: list[str]
    start: int
    end: int
    line: int
    quote: str
    state: State
    line_now: int
    notes: list[str]


@_exact
class ChangeJson(TypedDict):
    """What is altered: `said` stands in the claim from `start` to `end`, null where left out."""

    kind: str
    said: str
    start: int | None
    end: int | None
    instead: str


@_exact
class ClaimJson(TypedDict):
    """A sentence of an answer, from `start` to `end` of its text."""

    text: str
    start: int
    end: int
    support: Support
    changes: list[ChangeJson]
    citations: list[CitationJson]


@_exact
class ProofJson(ClaimJson):
    """A sentence of somebody's own text, and of one that is unsupported what comes closest."""

    nearest: CitationJson | None


@_exact
class HitJson(TypedDict):
    """A passage that was found."""

    article: str
    title: str
    headings: list[str]
    start: int
    end: int
    line: int
    text: str
    score: float
    ranks: dict[str, int]
    parts: dict[str, float]
    read_as: NotRequired[list[dict[str, str]]]


@_exact
class AnswerJson(TypedDict):
    """An answer and everything that it rests on."""

    question: str
    status: Status
    text: str
    lead: str
    claims: list[ClaimJson]
    hits: list[HitJson]
    receipt: Receipt | None
    run: Run
    parts: "list[AnswerJson]"


@_exact
class AssertionJson(CitationJson):
    """What an article asserts: `text` as it reads, `quote` as it stands there."""

    text: str
    context: str


@_exact
class FindingJson(TypedDict):
    """Something that a reader should know about an article."""

    rule: Rule
    text: str
    start: int
    end: int
    line: int
    quote: str


@_exact
class ColumnJson(TypedDict):
    """An article of a comparison."""

    article: str
    title: str
    author: str
    date: str
    path: str
    findings: list[FindingJson]


@_exact
class KinJson(TypedDict):
    """Two articles that are one source, and why."""

    one: str
    other: str
    rule: Rule
    why: str


@_exact
class AgreementJson(TypedDict):
    """How many articles say so, and how many independent sources these are."""

    articles: int
    sources: int
    kin: list[KinJson]


@_exact
class CellJson(TypedDict):
    """What one article says of a row."""

    article: str
    stance: Stance
    difference: str
    quotes: list[AssertionJson]
    searched: int
    nearest: AssertionJson | None
    score: float


@_exact
class ConflictJson(TypedDict):
    """Two assertions that cannot both hold, and the words that make it so."""

    kind: str
    words: list[str]
    quotes: list[AssertionJson]


@_exact
class RowJson(TypedDict):
    """What articles claim."""

    title: str
    agreement: AgreementJson
    cells: list[CellJson]
    conflicts: list[ConflictJson]


@_exact
class FigureJson(TypedDict):
    """How much an article says there is of something.

    `thing` are the words around the figure, … in its place; `text` is the figure as the article
    spells it, `low` and `high` its value, the same but in a range; `unit` is a short form such as
    `%` or `$/year`, empty for a count; `when` is the date that it holds for, empty where none is
    given. Figures for the same thing have the same `group`.
    """

    article: str
    thing: str
    text: str
    low: float
    high: float
    unit: str
    when: str
    group: int
    quote: AssertionJson


@_exact
class MomentJson(TypedDict):
    """When an article says that something happened or will happen.

    `counted` tells that the year is counted from the article's date, which is null where it has
    none.
    """

    article: str
    year: int | None
    when: str
    forecast: bool
    counted: bool
    quote: AssertionJson


@_exact
class ComparisonJson(TypedDict):
    """What articles claim about a topic, side by side."""

    topic: str
    articles: list[ColumnJson]
    rows: list[RowJson]
    alone: list[AssertionJson]
    figures: list[FigureJson]
    timeline: list[MomentJson]
    silent: int
    unused: list[str]
    sentences: int
    compared: int
    run: Run


@_exact
class BriefClaimJson(TypedDict):
    """A verdict on a sentence of `text`, its places as `article:line`."""

    support: Support
    places: list[str]
    source: NotRequired[list[str]]
    changes: NotRequired[list[str]]


@_exact
class BriefAnswerJson(TypedDict):
    """An answer for an agent."""

    question: str
    status: Status
    text: NotRequired[str]
    claims: NotRequired[list[BriefClaimJson]]
    parts: "NotRequired[list[BriefAnswerJson]]"
    unused: NotRequired[list[str]]


@_exact
class BriefHitJson(TypedDict):
    """A passage for an agent."""

    place: str
    headings: list[str]
    text: str


@_exact
class BriefSaidJson(TypedDict):
    """What an article says, and where."""

    place: str
    text: str
    differs: NotRequired[str]


@_exact
class BriefConflictJson(TypedDict):
    """What cannot both hold."""

    kind: str
    words: list[str]
    places: list[str]


@_exact
class BriefRowJson(TypedDict):
    """Who says what, who comes close to it, and who is silent."""

    title: str
    sources: int
    conflicts: list[BriefConflictJson]
    says: list[BriefSaidJson]
    close: list[BriefSaidJson]
    silent: list[str]


@_exact
class BriefComparisonJson(TypedDict):
    """A comparison for an agent."""

    topic: str
    rows: list[BriefRowJson]
    alone: list[BriefSaidJson]


@_exact
class StatusesJson(TypedDict):
    """How a question was answered, and how it is now."""

    old: Status
    new: Status


@_exact
class LeadsJson(TypedDict):
    """What the index itself answered, and what it does now; empty where articles are quoted."""

    old: str
    new: str


@_exact
class WatchedJson(TypedDict):
    """A watched question, and what became of each quote that answered it."""

    question: str
    since: str
    changed: bool
    status: StatusesJson
    lead: LeadsJson
    differences: list[Difference]


SHAPES: Mapping[str, Any] = {
    "ask": AnswerJson,
    "search": list[HitJson],
    "compare": ComparisonJson,
    "verify": list[ProofJson],
    "ask-brief": BriefAnswerJson,
    "search-brief": list[BriefHitJson],
    "compare-brief": BriefComparisonJson,
    "watch-questions": list[WatchedJson],
}
"""The shape of what each command prints, by its name; `verify` is of the HTTP API."""


def write_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what a command prints."""
    schema = TypeAdapter(SHAPES[name]).json_schema(mode="serialization")
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | {"title": f"ibid {name}"} | {k: v for k, v in schema.items() if k != "title"}
