"""Questions made of headings and of terms: what a section says as a whole, and definitions."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from examples import STUMP, Example, Window, cut

from ibid.adapters.langchain_splitter import split_long_text
from ibid.index.passages import cut_passages
from ibid.reading import read_article
from ibid.text import plain
from ibid.types import ArticleId

_ATTRIBUTES = re.compile(r"\{: ?[^}]*\}|\{#[^}]*\}|</?(?:div|section|figure|span|p)\b[^>]*>")
_TERM = re.compile(r"\*\*([a-z][a-z -]{3,40})\*\*")
_NO_PROSE = re.compile(r"!?\[|\(Photo|\(Credit")
_IDLE = re.compile(
    r"(?:introduction|overview|conclusion|summary|references|resources|glossary|goals?|credits?"
    r"|contributors|further (?:research|reading)|problems?|context|examples?|notes?|links"
    r"|(?:section|chapter|self|review|critical|open|short|key|learn)\b.*"
    r"|table of contents|see also|prerequisites)$",
    re.IGNORECASE,
)
_MANY = (
    "What {h} are mentioned for {t}?", "Which {h} does {t} have?", "What are the {h} of {t}?",
    "What are the main {h}?", "List the {h}.", "Name the {h} in {t}.", "What {h} are there?",
    "What {h} are cited for {t}?", "What are some {h} in {t}?",
)  # fmt: skip
_ANY = (
    "{h}", "{h} {t}", "{t} {h}", "What is said about {h}?", "Tell me about {h}.",
    "What do the articles say about {h}?", "What does it say about {h} in {t}?", "Explain {h}.",
    "{h} in {t}", "What about {h}?",
)  # fmt: skip
_DEFINES = ("What is {h}?", "What is meant by {h}?", "Define {h}.", "What does {h} mean?", "{h}?")

_LISTED, _UNTITLED, _WITH_QUESTION = 0.7, 0.45, 0.3
"""Shares: of plural headings that are asked for as a list; of windows that do not show the heading
they are asked by; of those that show their own question before the answer."""

_SHORT = 4
"""Words of a heading that can be asked for as a list."""

KINDS = {
    "symptoms": "symptoms", "treatment": "treatments", "genetic changes": "genetic changes",
    "causes": "causes", "exams and tests": "tests", "outlook": "outlook", "stages": "stages",
    "susceptibility": "risk factors", "considerations": "considerations", "research": "research",
    "prevention": "prevention", "complications": "complications", "frequency": "frequency",
    "inheritance": "inheritance", "information": "definition",
}  # fmt: skip
"""What MedQuAD's kinds of questions ask for, as a heading says it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A passage of an article with its heading."""

    article: str
    title: str
    heading: str
    above: str
    """The headings above its own."""
    sentences: tuple[str, ...]
    terms: tuple[str, ...]
    """That its text prints in bold where they are explained."""


def ask_of(heading: str, title: str, rng: random.Random) -> str:
    """Return a question that a heading answers."""
    if heading.endswith("?"):
        return heading
    lower = heading[0].lower() + heading[1:] if heading[1:2].islower() else heading
    if lower.startswith("how to "):
        return f"How do I {lower.removeprefix('how to ')}?"
    if lower.startswith(("how ", "why ", "when ", "what ", "who ", "where ")):
        return f"{heading}?"
    many = re.search(r"(?<![suia])s$", lower) and len(lower.split()) <= _SHORT
    form = rng.choice(_MANY if many and rng.random() < _LISTED else _ANY)
    asked = form.format(h=lower, t=title)
    return asked[0].upper() + asked[1:]


def read_guides(folder: Path, count: int) -> Iterator[Example]:
    """Yield questions made of headings, each with its own section and with another one."""
    rng = random.Random(5)  # noqa: S311 - nothing is kept secret by it
    parts = [part for path in sorted(folder.rglob("*.md")) for part in read_parts(path)]
    by_article: dict[str, list[Part]] = {}
    for part in parts:
        by_article.setdefault(part.article, []).append(part)
    asked = [part for part in parts if part.heading]
    for part in rng.sample(asked, min(count, len(asked))):
        yield from _ask(part, by_article[part.article], rng)
    for part in parts:
        yield from _define(part, rng)


def _ask(part: Part, own: Sequence[Part], rng: random.Random) -> Iterator[Example]:
    question = ask_of(part.heading, part.title, rng)
    title = part.title if rng.random() < _UNTITLED else f"{part.title} / {part.heading}"
    sentences, first = part.sentences, 0
    if part.heading.endswith("?") and rng.random() < _UNTITLED:
        sentences, first, title = (part.heading, *sentences), 1, part.title
    right = frozenset(range(first, len(sentences)))
    yield cut(Example(question, Window(title, sentences, part.article), right, "guides"))
    others = [other for other in own if other.heading not in (part.heading, "")]
    if others:
        other = rng.choice(others)
        window = Window(f"{other.title} / {other.heading}", other.sentences, part.article)
        yield cut(Example(question, window, frozenset(), "guides"))


def _define(part: Part, rng: random.Random) -> Iterator[Example]:
    for term in part.terms:
        places = [n for n, s in enumerate(part.sentences) if term.lower() in s.lower()]
        if places:
            question = rng.choice(_DEFINES).format(h=term.lower())
            window = Window(part.title, part.sentences, part.article)
            yield cut(Example(question, window, frozenset(places[:1]), "terms", term))


def read_parts(path: Path) -> Iterator[Part]:
    """Yield the passages of an article, with their headings."""
    text = path.read_text(encoding="utf-8", errors="replace")
    article = read_article(ArticleId(path.name), _ATTRIBUTES.sub("", text).encode())
    for passage in cut_passages(article, split_long_text):
        sentences = (plain(s.of(article.text)) for s in passage.sentences)
        kept = tuple(s for s in sentences if len(s.split()) > STUMP and not _NO_PROSE.match(s))
        headings = [h for h in passage.headings if h != article.title]
        if kept and not (headings and _IDLE.match(headings[-1])):
            yield Part(
                f"{path.parent.name} {path.name}",
                article.title,
                headings[-1] if headings else "",
                " / ".join(headings[:-1]),
                kept,
                tuple(dict.fromkeys(_TERM.findall(passage.text))),
            )


def read_kinds(sections: Iterable[tuple[str, str, str, tuple[str, ...]]]) -> Iterator[Example]:
    """Yield questions for MedQuAD's kinds: (subject, kind, question, sentences) of each section."""
    rng = random.Random(6)  # noqa: S311 - nothing is kept secret by it
    by_subject: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for subject, kind, asked, sentences in sections:
        if kind in KINDS:
            by_subject.setdefault(subject, []).append((KINDS[kind], asked, sentences))
    for subject, own in by_subject.items():
        for kind, asked, sentences in own:
            part = Part(subject, subject, kind, "", sentences[:10], ())
            question = ask_of(kind, subject, rng) if kind != "definition" else asked
            title = subject if rng.random() < _UNTITLED else f"{subject} / {kind.capitalize()}"
            if rng.random() < _WITH_QUESTION:
                window = Window(subject, (asked, *part.sentences), subject)
                yield cut(Example(question, window, frozenset({1, 2}), "kinds"))
            else:
                right = frozenset(range(len(part.sentences)))
                window = Window(title, part.sentences, subject)
                yield cut(Example(question, window, right, "kinds"))
            others = [other for other in own if other[0] != kind]
            if others:
                name, _, said = rng.choice(others)
                window = Window(f"{subject} / {name.capitalize()}", said[:10], subject)
                yield cut(Example(question, window, frozenset(), "kinds"))
