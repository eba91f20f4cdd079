"""Write `src/ibid/english/wordnet/*.txt` from WordNet's own files (Debian's package wordnet-base).

    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb wordnet
    python tests/english/extract.py wordnet/usr/share/wordnet

    antonyms.txt    a line per pair of single words that WordNet calls antonyms of each other
    verbs.txt       a line per verb: the word, the tenths of its uses in which it is a verb (WordNet
                    counts them in `cntlist.rev`), 1 at least, and its irregular forms
    related.txt     a line per word: the words that can stand for it, because they share a synset
                    with it or one that is similar to, derived from or grouped with one of its own

Related words are those that people were seen to use (WordNet counts them in `cntlist.rev`). Each
pair stands in one line only, with the word that comes first in the alphabet.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "src" / "ibid" / "english" / "wordnet"
FILES = {"n": "data.noun", "v": "data.verb", "a": "data.adj", "s": "data.adj", "r": "data.adv"}
_POINTER = re.compile(r"(?P<sort>\S+) (?P<offset>\d{8}) (?P<kind>[nvars]) (?P<one>..)(?P<other>..)")
_VERB = "2"
"""What stands in a sense key of a verb (senseidx(5))."""

_RARE = 0.5
"""What counts as a use as a verb of one that was never counted as such."""

_ANTONYM, _RELATED = "!", frozenset(("&", "+", "\\", "<", "$", "^"))
_WORD = re.compile(r"[a-z]{2,}")

Key = tuple[str, str]
"""The file of a synset and its offset there (wndb(5))."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A link to another synset; the words that it joins, counted from 1, or 0 for all."""

    sort: str
    to: Key
    one: int
    other: int


@dataclass(frozen=True, slots=True)
class Synset:
    """Words that can mean the same, and what they are linked with."""

    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]


def read_synsets(wordnet: Path) -> dict[Key, Synset]:
    """Return every synset."""
    synsets: dict[Key, Synset] = {}
    for name in dict.fromkeys(FILES.values()):
        for line in (wordnet / name).read_text("ascii").splitlines():
            if line.startswith("  "):
                continue  # the licence
            offset, _, _, number, rest = line.split("|")[0].split(" ", 4)
            fields = rest.split(" ")
            size = int(number, 16) * 2
            words = tuple(re.sub(r"\(\w+\)$", "", word) for word in fields[:size:2])
            pointers = tuple(
                Pointer(m["sort"], (FILES[m["kind"]], m["offset"]), *_ends(m))
                for m in _POINTER.finditer(" ".join(fields[size:]))
            )
            synsets[name, offset] = Synset(words, pointers)
    return synsets


def _ends(pointer: re.Match[str]) -> tuple[int, int]:
    return int(pointer["one"], 16), int(pointer["other"], 16)


def find_antonyms(synsets: Mapping[Key, Synset]) -> Iterator[tuple[str, str]]:
    """Yield each pair of antonyms, in alphabetical order within."""
    for synset in synsets.values():
        for pointer in synset.pointers:
            if pointer.sort == _ANTONYM:
                one = synset.words[pointer.one - 1]
                other = synsets[pointer.to].words[pointer.other - 1]
                if _WORD.fullmatch(one) and _WORD.fullmatch(other):
                    yield min(one, other), max(one, other)


def find_related(synsets: Mapping[Key, Synset]) -> Iterator[tuple[str, str]]:
    """Yield each pair of words that can mean about the same, in alphabetical order within."""
    for synset in synsets.values():
        linked = [synsets[pointer.to] for pointer in synset.pointers if pointer.sort in _RELATED]
        others = {word for each in (synset, *linked) for word in each.words}
        for one in synset.words:
            for other in others - {one}:
                yield min(one, other), max(one, other)


def read_common(wordnet: Path) -> frozenset[str]:
    """Return the words that were counted in texts."""
    lines = (wordnet / "cntlist.rev").read_text("ascii").splitlines()
    words = (line.partition("%")[0] for line in lines)
    return frozenset(word for word in words if _WORD.fullmatch(word))


def find_verbs(wordnet: Path) -> Iterator[str]:
    """Yield each verb, how often it is one, and its irregular forms."""
    uses: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in (wordnet / "cntlist.rev").read_text("ascii").splitlines():
        key, _, times = line.split()
        word, _, sense = key.partition("%")
        if _WORD.fullmatch(word):
            uses[word][sense[0]] += int(times)
    forms: dict[str, list[str]] = defaultdict(list)
    for line in (wordnet / "verb.exc").read_text("ascii").splitlines():
        form, *bases = line.split()
        if _WORD.fullmatch(form):
            forms[bases[0]].append(form)
    kinds = {kind: _read_words(wordnet / f"index.{kind}") for kind in ("noun", "verb", "adj")}
    for word in sorted(kinds["verb"]):
        counts = uses[word] or {"1": int(word in kinds["noun"]), "3": int(word in kinds["adj"])}
        share = 10 * (counts.get(_VERB, 0) + _RARE) / (sum(counts.values()) + _RARE)
        yield " ".join((word, str(max(1, int(share))), *forms[word]))


def _read_words(index: Path) -> frozenset[str]:
    """Return the words of one kind that WordNet has, single ones only."""
    words = (line.partition(" ")[0] for line in index.read_text("ascii").splitlines())
    return frozenset(word for word in words if _WORD.fullmatch(word))


def main() -> None:
    """Write all files."""
    wordnet = Path(sys.argv[1])
    synsets, common = read_synsets(wordnet), read_common(wordnet)
    antonyms = sorted(set(find_antonyms(synsets)))
    _write("verbs.txt", find_verbs(wordnet))
    _write("antonyms.txt", (f"{one} {other}" for one, other in antonyms))
    related: dict[str, set[str]] = defaultdict(set)
    for one, other in set(find_related(synsets)) - set(antonyms):
        if one in common and other in common:
            related[one].add(other)
    _write("related.txt", (f"{one} {' '.join(sorted(related[one]))}" for one in sorted(related)))


def _write(name: str, lines: Iterator[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    (FOLDER / name).write_text(text, "ascii")
    sys.stdout.write(f"{name}: {text.count(chr(10))} lines, {len(text)} bytes\n")


if __name__ == "__main__":
    main()
