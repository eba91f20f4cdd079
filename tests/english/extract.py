"""Write `src/ibid/english/wordnet/*.txt` from WordNet's own files (Debian's package wordnet-base).

    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb wordnet
    python tests/english/extract.py wordnet/usr/share/wordnet

    antonyms.txt    a line per pair of single words that WordNet calls antonyms of each other
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


def main() -> None:
    """Write both files."""
    wordnet = Path(sys.argv[1])
    synsets, common = read_synsets(wordnet), read_common(wordnet)
    antonyms = sorted(set(find_antonyms(synsets)))
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
