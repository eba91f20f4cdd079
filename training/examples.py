"""Questions, windows of articles, and which of their sentences answer: what the reader learns from.

`training/README.md` lists the sources with their licences. A source is split by article, and no
article of a held-out set is trained on.
"""

import gzip
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from ibid.text import find_sentences
from ibid.types import Span

LONGEST = 900
"""Characters of a window: with a question and a title they are 256 tokens, and seldom more."""

STUMP = 3
"""Words of a line that is no sentence."""

HELD_OUT, CHOOSING = (3, 7, 11, 15), (5, 13)
"""Places of SQuAD 2.0's articles, by title, that are reported on, and that are chosen by."""

OWN_CHOOSING = "own artsy+README"
"""The source whose questions in a reader's own words are chosen by."""


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences that follow each other in an article, below its title."""

    title: str
    sentences: tuple[str, ...]
    article: str = ""
    """Whatever tells the article from the others of its source."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a window, and which of its sentences answer: none where it does not say."""

    question: str
    window: Window
    answers: frozenset[int]
    source: str
    text: str = ""
    """The words of the answer, where they are known: no window that has them says nothing."""


def split(text: str) -> list[Span]:
    """Return the sentences of a text, as ibid finds them in an article."""
    return list(find_sentences(text, Span(0, len(text))))


def cut(example: Example, longest: int = LONGEST, centre: int | None = None) -> Example:
    """Return the example with no more sentences around one than a window has room for.

    That is its answer, unless a `centre` is given.
    """
    sentences = example.window.sentences
    centre = min(example.answers, default=0) if centre is None else centre
    first, last = centre, centre + 1
    room = longest - len(sentences[centre])
    while True:
        before = len(sentences[first - 1]) if first else room + 1
        behind = len(sentences[last]) if last < len(sentences) else room + 1
        if min(before, behind) > room:
            break
        if behind <= room and (behind <= before or before > room):
            room, last = room - behind, last + 1
        else:
            room, first = room - before, first - 1
    kept = frozenset(n - first for n in example.answers if first <= n < last)
    window = replace(example.window, sentences=sentences[first:last])
    return replace(example, window=window, answers=kept)


def read_squad(
    path: Path, source: str, keep: Sequence[int] | None = None, longest: int = LONGEST
) -> Iterator[Example]:
    """Yield the questions of a file in SQuAD's form, those without an answer among them."""
    articles = _read_json(path)["data"]
    if keep is not None:
        articles = sorted(articles, key=lambda article: article["title"])
        articles = [articles[place] for place in keep]
    for number, article in enumerate(articles):
        title = article.get("title", "").replace("_", " ")
        for paragraph in article["paragraphs"]:
            for example in _read_paragraph(paragraph, title, f"{source} {number}"):
                yield cut(replace(example, source=source), longest)


def _read_paragraph(paragraph: Mapping[str, Any], title: str, article: str) -> Iterator[Example]:
    text = paragraph["context"]
    spans = split(text)
    if not spans:
        return
    window = Window(title, tuple(text[s.start : s.end] for s in spans), article)
    for asked in paragraph["qas"]:
        found = asked["answers"]
        starts = {answer["answer_start"] + _lead(answer["text"]) for answer in found}
        answers = {n for n, s in enumerate(spans) for start in starts if s.start <= start < s.end}
        if bool(answers) == bool(found):
            words = found[0]["text"] if found else ""
            yield Example(asked["question"], window, frozenset(answers), "", words)


def _lead(text: str) -> int:
    return len(text) - len(text.lstrip())


def read_selqa(path: Path, source: str) -> Iterator[Example]:
    """Yield SelQA's questions, half of them paraphrased to share few words with the answer."""
    for asked in _read_json(path):
        title = f"{asked['article']} / {asked['section']}"
        window = Window(title, tuple(asked["candidates"]), asked["article"])
        if asked["answers"]:
            yield Example(asked["question"], window, frozenset(asked["answers"]), source)


def read_clapnq(folder: Path) -> Iterator[Example]:
    """Yield CLAP NQ's questions: searchers' own, with a passage that may not answer them."""
    for part in ("answerable", "unanswerable"):
        with gzip.open(folder / f"clapnq_dev_{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for asked in map(json.loads, lines):
                passage = asked["passages"][0]
                sentences = passage.get("sentences") or [passage["text"]]
                if part == "unanswerable":
                    sentences = [passage["text"][s.start : s.end] for s in split(passage["text"])]
                chosen = asked["output"][0].get("selected_sentences") or []
                gold = {s.strip() for s in chosen}
                answers = frozenset(n for n, s in enumerate(sentences) if s.strip() in gold)
                window = Window(passage["title"], tuple(sentences), passage["title"])
                if bool(answers) == (part == "answerable"):
                    yield Example(asked["input"], window, answers, f"clapnq {part}")


def clapnq_titles(folder: Path) -> frozenset[str]:
    """Return the titles of CLAP NQ's articles, in lower case."""
    return frozenset(e.window.title.lower() for e in read_clapnq(folder))


def read_pairs(folder: Path, part: str, known: frozenset[str]) -> Iterator[Example]:
    """Yield SQuAD 2.0's questions, each with the near miss that was made of it (UnAnsQ).

    Paragraphs that are `known`, as letters alone, are left out.
    """
    names = ("context", "answerable-questions", "unanswerable-questions")
    files = [(folder / f"unansq-{part}-{name}.txt").read_text("utf-8") for name in names]
    for lines in zip(*(file.splitlines() for file in files), strict=True):
        tokens, start, _ = lines[0].split("\t")
        if _letters(tokens) in known:
            continue
        text, place = _join(tokens.split(), int(start))
        spans = split(text)
        answers = frozenset(n for n, s in enumerate(spans) if s.start <= place < s.end)
        if not answers:
            continue
        window = Window("", tuple(text[s.start : s.end] for s in spans), _letters(tokens)[:40])
        for line, right in ((lines[1], answers), (lines[2], frozenset[int]())):
            question, _ = _join(line.split("\t")[1].split(), 0)
            yield cut(Example(question, window, right, "pairs"))


def read_qed(folder: Path, known: frozenset[str]) -> Iterator[Example]:
    """Yield searchers' own questions (Natural Questions), each with the sentence that answers it.

    Those of articles whose titles are `known` are left out.
    """
    for path in sorted(folder.glob("qed-*.jsonl")):
        for asked in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            title = asked["title_text"]
            if asked["answer_type"] != "single_sentence" or title.lower() in known:
                continue
            text, start = asked["paragraph_text"], asked["answer_spans"][0][0]
            tokens = text.replace("``", "“").replace("''", "”").replace(" -- ", " – ").split()
            joined, place = _join(tokens, len(text[:start].split()))
            spans = split(joined)
            answers = frozenset(n for n, s in enumerate(spans) if s.start <= place < s.end)
            window = Window(title, tuple(joined[s.start : s.end] for s in spans), title)
            if answers:
                question = f"{asked['question_text']}?"
                yield cut(Example(question, window, answers, "qed", asked["answer_text"][0]))


def squad_letters(path: Path) -> frozenset[str]:
    """Return the paragraphs of SQuAD's dev set as letters alone."""
    return frozenset(_letters(passage["text"]) for passage in _read_json(path)["passages"])


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


_GLUED = r"[.,;:?!%)\]}”]|'s?$|n't$|[-–]$"


def _join(tokens: Sequence[str], place: int) -> tuple[str, int]:
    """Return tokens as a text again, and where the token at `place` begins."""
    text, start = "", 0
    for number, token in enumerate(tokens):
        glued = not text or re.match(_GLUED, token) or text[-1] in "([{$-–“"
        text += "" if glued else " "
        start = len(text) if number == place else start
        text += token
    return text, start


def read_medquad(folder: Path, every: int) -> Iterator[Example]:
    """Yield questions that are headings, with what stands below theirs, or below another one.

    Every n-th file is read.
    """
    for path in sorted(folder.rglob("*.xml"))[::every]:
        tree = Xml.parse(path).getroot()  # noqa: S314 - a released data set
        focus = (tree.findtext("Focus") or "").strip()
        sections: dict[str, tuple[str, ...]] = {}
        for pair in tree.iter("QAPair"):
            asked = " ".join((pair.findtext("Question") or "").split())
            said = pair.findtext("Answer") or ""
            sentences = tuple(" ".join(said[s.start : s.end].split()) for s in split(said))
            if asked and sentences:
                sections.setdefault(_as_asked(asked), sentences)
        yield from _pair(focus, sections)


def medquad_sections(
    folder: Path, every: int, first: int = 1
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield (subject, kind, question, sentences) of sections of every n-th file, from `first` on.

    Those of `read_medquad`, which begins with the file 0, are others.
    """
    for path in sorted(folder.rglob("*.xml"))[first::every]:
        tree = Xml.parse(path).getroot()  # noqa: S314 - a released data set
        focus = (tree.findtext("Focus") or "").strip()
        for pair in tree.iter("QAPair"):
            asked = pair.find("Question")
            said = pair.findtext("Answer") or ""
            sentences = tuple(" ".join(said[s.start : s.end].split()) for s in split(said))
            if asked is not None and sentences:
                question = _as_asked(" ".join((asked.text or "").split()))
                yield focus, asked.get("qtype", ""), question, sentences


def read_pubmedqa(path: Path) -> Iterator[Example]:
    """Yield PubMedQA's questions, most of them for yes or no, with the abstract they are about."""
    for asked in _read_json(path).values():
        before, answer = asked["CONTEXTS"][-1], asked["LONG_ANSWER"]
        sentences = tuple(
            " ".join(text[s.start : s.end].split())
            for text in (before, answer)
            for s in split(text)
        )
        first = len(split(before))
        right = frozenset(range(first, len(sentences)))
        if right:
            window = Window("", sentences, asked["QUESTION"])
            yield cut(Example(asked["QUESTION"], window, right, "pubmedqa"), centre=first)


def read_conditional(path: Path) -> Iterator[Example]:
    """Yield ConditionalQA's questions to pages of a government, many of them for yes or no.

    A window is made of what answers one question and what answers others of the page.
    """
    rng = random.Random(7)  # noqa: S311 - nothing is kept secret by it
    pages: dict[str, list[Any]] = {}
    for asked in _read_json(path):
        pages.setdefault(asked["url"], []).append(asked)
    for url, questions in pages.items():
        title = url.rsplit("/", 1)[-1].replace("-", " ").capitalize()
        said = {asked["id"]: _evidence(asked) for asked in questions}
        for asked in questions:
            own = said[asked["id"]]
            others = [s for o in questions for s in said[o["id"]] if s not in own]
            beside = rng.sample(others, min(len(others), 6))
            at = rng.randint(0, len(beside))
            sentences = (*beside[:at], *own, *beside[at:])
            right = frozenset(range(at, at + len(own)))
            if sentences and bool(own) != asked["not_answerable"]:
                window = Window(title, sentences, url)
                yield cut(Example(asked["question"], window, right, "conditional"))


def _evidence(asked: Any) -> list[str]:
    plain = (" ".join(re.sub(r"<[^>]+>", "", text).split()) for text in asked["evidences"])
    return list(dict.fromkeys(text for text in plain if len(text.split()) > STUMP))


def _as_asked(heading: str) -> str:
    return re.sub(r"\s+\?", "?", heading.replace(" (are)", "").replace("(s)", ""))


def _pair(focus: str, sections: Mapping[str, tuple[str, ...]]) -> Iterator[Example]:
    names = list(sections)
    for number, asked in enumerate(names):
        own = sections[asked]
        other_name = names[(number + 1) % len(names)]
        other = sections[other_name]
        right = frozenset(range(min(len(own), 4)))
        yield cut(Example(asked, Window(focus, own[:12], focus), right, "medquad"))
        if other_name == asked:
            continue
        before = other[:3]
        mixed = Window(focus, (*before, *own[:4]), focus)
        places = frozenset(n + len(before) for n in range(min(len(own), 4)))
        yield cut(Example(asked, mixed, places, "medquad"))
        for title in (f"{focus} / {other_name}", focus):
            yield cut(Example(asked, Window(title, other[:8], focus), frozenset(), "medquad"))


def _read_json(path: Path) -> Any:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def training_examples(data: Path) -> list[Example]:
    """Return all that is trained on."""
    from asked import read_asked
    from guides import read_guides, read_kinds

    train, letters = data / "train", squad_letters(data / "sets/squad/squad_dev.json.gz")
    kept = [place for place in range(16) if place not in HELD_OUT + CHOOSING]
    return [
        *read_squad(train / "squad2-half.json.gz", "squad2", kept),
        *read_squad(train / "squadshifts-reddit.json.gz", "reddit"),
        *read_squad(train / "squadshifts-amazon_reviews.json.gz", "amazon"),
        *(e for part in ("dev", "test") for e in read_pairs(data, part, letters)),
        *map(cut, read_selqa(train / "selqa-test.json.gz", "selqa")),
        *read_squad(train / "policyqa-test.json.gz", "policy"),
        *read_medquad(data / "medquad", 16),
        *read_kinds(medquad_sections(data / "medquad", 12)),
        *read_guides(data / "guides", 4000),
        *read_pubmedqa(data / "pubmedqa.json"),
        *read_conditional(data / "conditionalqa.json"),
        *read_qed(data, clapnq_titles(data / "sets/clapnq")),
        *(cut(e) for e in read_asked(data) if e.source != OWN_CHOOSING),
    ]


def choosing_examples(data: Path) -> dict[str, list[Example]]:
    """Return the sets by which a model, its thresholds and its calibration are chosen."""
    from asked import read_asked

    train = data / "train"
    return {
        "own words, a handbook": [cut(e) for e in read_asked(data) if e.source == OWN_CHOOSING],
        "squad2 two articles": list(read_squad(train / "squad2-half.json.gz", "squad2", CHOOSING)),
        "selqa-dev": list(read_selqa(train / "selqa-dev.json.gz", "selqa")),
    }


def held_out_examples(data: Path) -> dict[str, list[Example]]:
    """Return the sets that nothing was trained on or chosen by."""
    train = data / "train"
    return {
        "squad2 four articles": list(read_squad(train / "squad2-half.json.gz", "squad2", HELD_OUT)),
        "clapnq": [cut(e, 1400) for e in read_clapnq(data / "sets/clapnq")],
        "covidqa": list(read_squad(data / "covidqa.json", "covidqa")),
    }
