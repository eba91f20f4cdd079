"""True sentences made false: one word or two changed, as a model or a careless reader does it."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ibid.answering.citing import Matcher, read_sources
from ibid.answering.citing.verdict import Verdict, judge
from ibid.english.commitments import MarkKind, find_marks
from ibid.english.statements import is_statement
from ibid.english.wordnet import antonyms
from ibid.english.words import STOP_WORDS, inverse_document_frequency, stems
from ibid.library import Library
from ibid.types.answers import Support

DATA = Path(__file__).parent / "data"
LEXICON = Path(__file__).parents[1] / "src" / "ibid" / "english" / "wordnet"


@dataclass(frozen=True, slots=True)
class Altered:
    """A sentence of an article, and what became of it."""

    kind: str
    source: str
    said: str
    changed: str
    """The words that were put in, or that were taken out."""


class Examiner:
    """Judges sentences as an answer's are, against all that the articles say."""

    def __init__(self, library: Library) -> None:
        index = library._index()
        self.sources = read_sources(range(index.passages), index)
        self.statements = [
            text
            for text in dict.fromkeys(s.text for s in self.sources.sentences)
            if is_statement(text)
        ]
        found = sorted({stem for text in self.statements for stem in stems(text)})
        counts = index.words.document_frequencies(found)
        weights = {
            stem: inverse_document_frequency(index.passages, count)
            for stem, count in zip(found, counts, strict=True)
        }
        self.reader = Matcher(library.embedder, weights)

    def judge(self, said: str) -> Verdict:
        return judge(said, self.sources, self.reader)

    def states(self, said: Iterable[str]) -> Counter[Support]:
        """Return how many sentences come out as what."""
        return Counter(self.judge(each).support for each in said)


def read_paraphrases(name: str) -> list[str]:
    """Return paraphrases that were written by hand, in other words and of the same meaning."""
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [json.loads(line)["said"] for line in lines]


def alter(sentences: Sequence[str]) -> Iterator[Altered]:
    """Yield each sentence altered in every way that it can be."""
    ways: Sequence[tuple[str, Callable[[str], Iterator[tuple[str, str]]]]] = (
        ("negation", _negate),
        ("number", _change_number),
        ("name", _Names(sentences)),
        ("hedge", _drop_hedge),
        ("quantifier", _change_quantifier),
        ("listed antonym", _Opposites(LEXICON / "antonyms.txt", listed=True)),
        ("unlisted antonym", _Opposites(DATA / "opposites.txt", listed=False)),
    )
    for sentence in sentences:
        for kind, way in ways:
            for said, changed in way(sentence):
                yield Altered(kind, sentence, said, changed)


def shorten(sentences: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield sentences without a part between commas, in brackets or at an end; and their source.

    A condition, and who says it, is left out of none: that changes what the sentence says.
    """
    for source in sentences:
        for cut in (
            re.sub(r"\s*\([^()]*\)", "", source),
            re.sub(r"^(?:[A-Z][^,;:]{2,60}),\s+(?=\w)", "", source),
            re.sub(
                r",\s+(?:including|such as|like|which|who|with|from)\b[^,.;]*(?=[,.])", "", source
            ),
            re.sub(r"[,;]\s+[^,;]{8,}[.!]$", ".", source),
            re.sub(r"\s+(?:by|in|at|for|to)\s+(?:\w+\s+){0,2}\w+\.$", ".", source),
        ):
            if cut != source and len(cut.split()) >= 4 and governors(cut) == governors(source):
                yield cut[0].upper() + cut[1:], source


def governors(sentence: str) -> int:
    return len(re.findall(r"\b(?:if|unless|according|says|said)\b", sentence, re.IGNORECASE))


_AUXILIARY = re.compile(
    r"\b(is|are|was|were|can|will|may|might|could|should|would|must|has been|have been|has|have)"
    r"\b(?=\s+[a-z])(?!\s+(?:not|no|never)\b)"
)
_VERB = re.compile(
    r"\b(lead|require|provide|make|allow|enable|help|include|reduce|improve|need|offer|give|use"
    r"|depend|remain|represent|affect|excel|support|work|mean|show|save|change)(s?)\b(?=\s+[a-z])"
)
_NEGATION = re.compile(r"\b(?:(not|never) |(can)not\b|(\w+)n[’']t\b)")


def _negate(sentence: str) -> Iterator[tuple[str, str]]:
    for found in _once(_AUXILIARY, sentence):
        first = found[1].split()[0]
        yield (
            sentence[: found.start() + len(first)]
            + " not"
            + sentence[found.start() + len(first) :],
            "not",
        )
    for found in _once(_VERB, sentence):
        if re.search(r"\b(?:to|can|will|may|and|the|of|a|an|in)\s+$", sentence[: found.start()]):
            continue
        aux = "does not" if found[2] else "do not"
        yield f"{sentence[: found.start()]}{aux} {found[1]}{sentence[found.end() :]}", "not"
    for found in _once(_NEGATION, sentence):
        if re.match(r"(?:only|just|necessarily)\b", sentence[found.end() :].lstrip()):
            continue
        kept = (found[2] or found[3] or "").replace("ca", "can", found[3] == "ca")
        kept = {"wo": "will", "do": "", "does": "", "did": ""}.get(kept, kept)
        yield (
            sentence[: found.start()] + kept + sentence[found.end() :].lstrip(" " * (not kept)),
            found[0],
        )


_DIGITS = re.compile(r"(?<![\w.-])\d+(?:[.,]\d+)*(?![\w-])")
_COUNTS = {"two": "five", "three": "seven", "four": "nine", "five": "two", "six": "three",
           "ten": "twelve", "million": "billion", "millions": "billions", "billions": "thousands",
           "hundreds": "dozens", "thousands": "millions"}  # fmt: skip


def _change_number(sentence: str) -> Iterator[tuple[str, str]]:
    for found in _once(_DIGITS, sentence):
        first = "," in found[0] and found[0][0]
        other = (
            f"{int(first) % 9 + 1}{found[0][1:]}"
            if first
            else f"{found[0][:-1]}{(int(found[0][-1]) + 3) % 10}"
        )
        yield sentence[: found.start()] + other + sentence[found.end() :], other
    yield from _swap(sentence, _COUNTS)


_ADJECTIVE = re.compile(r"-[a-z]{3}|\bit\b")


class _Names:
    """Puts another name of the same articles in the place of a name."""

    def __init__(self, sentences: Sequence[str]) -> None:
        found = {
            mark.span.of(sentence): None
            for sentence in sentences
            for mark in find_marks(sentence)
            if mark.kind is MarkKind.NAME
            and mark.span.start
            and len(mark.value) > 2
            and not _ADJECTIVE.search(mark.value)
            and mark.value not in STOP_WORDS
        }
        self._names = list(found)

    def __call__(self, sentence: str) -> Iterator[tuple[str, str]]:
        for mark in find_marks(sentence):
            name = mark.span.of(sentence)
            if mark.kind is not MarkKind.NAME or name not in self._names or _ADJECTIVE.search(name):
                continue
            others = [
                n
                for n in self._names
                if not set(n.lower().split()) & set(sentence.lower().split())
                and n.lower() not in sentence.lower()
            ]
            if others:
                other = others[_draw(sentence) % len(others)]
                yield sentence[: mark.span.start] + other + sentence[mark.span.end :], other
                return


_HEDGES = re.compile(
    r"\b(may|might|could|potentially|possibly|perhaps|likely|probably)\s(?=\w)", re.IGNORECASE
)


def _drop_hedge(sentence: str) -> Iterator[tuple[str, str]]:
    for found in _once(_HEDGES, sentence):
        if found[1] == "May" or sentence[: found.start()].endswith(
            ("more ", "most ", "less ", "as ")
        ):
            continue
        rest = sentence[found.end() :]
        opens = not sentence[: found.start()].strip()
        yield sentence[: found.start()] + (rest[0].upper() + rest[1:] if opens else rest), found[1]
        if found[1] in ("may", "might", "could"):
            yield f"{sentence[: found.start()]}will {rest}", "will"


_SCOPES = {
    "all": "some", "every": "no", "each": "no", "some": "all", "most": "all", "many": "few",
    "several": "all", "few": "many", "often": "always", "usually": "always",
    "always": "sometimes", "sometimes": "always",
}  # fmt: skip
_NO_SCOPE = re.compile(
    r"\b(?:the|not|at|a|its|how|as) (?:most|all|many|some|few|often)\b|\beach other\b"
    r"|\ball (?:of|over|thanks)\b|\bmost \w+ly\b",
    re.IGNORECASE,
)
"""Where such a word is a superlative or part of an idiom."""


def _change_quantifier(sentence: str) -> Iterator[tuple[str, str]]:
    if not _NO_SCOPE.search(sentence):
        yield from _swap(sentence, _SCOPES)


class _Opposites:
    """Puts a word's antonym in its place, as it stands in a list of pairs."""

    def __init__(self, path: Path, *, listed: bool) -> None:
        self._of: dict[str, str] = {}
        for line in path.read_text("utf-8").splitlines():
            one, other = line.split()
            known = bool(antonyms(one) & set(stems(other)))
            for here, there in ((one, other), (other, one)) if listed else ((one, other),):
                if known is listed and len(here) > 3:
                    self._of.setdefault(here, there)

    def __call__(self, sentence: str) -> Iterator[tuple[str, str]]:
        yield from _swap(sentence, self._of)


def _swap(sentence: str, others: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the sentence with one of its words replaced, the first that can be."""
    for found in re.finditer(r"(?<![\w-])[A-Za-z][\w-]*(?![\w-])", sentence):
        other = others.get(found[0].lower())
        if other and (found[0].islower() or not found.start()):
            put = other.capitalize() if found[0][0].isupper() else other
            yield sentence[: found.start()] + put + sentence[found.end() :], put
            return


def _once(pattern: re.Pattern[str], sentence: str) -> Iterator[re.Match[str]]:
    found = list(pattern.finditer(sentence))
    if found:
        yield found[_draw(sentence) % len(found)]


def _draw(sentence: str) -> int:
    return int.from_bytes(hashlib.sha256(sentence.encode()).digest()[:4], "big")
