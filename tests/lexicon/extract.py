"""Write `src/ibid/lexicon/antonyms.txt` from WordNet's own files (Debian's package wordnet-base).

    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb wordnet
    python tests/lexicon/extract.py wordnet/usr/share/wordnet

A line per pair of single words that WordNet calls antonyms of each other, in alphabetical order.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "src" / "ibid" / "lexicon"
FILES = ("data.noun", "data.verb", "data.adj", "data.adv")
_ANTONYM = re.compile(r"! (?P<offset>\d{8}) (?P<kind>[nvars]) (?P<from>..)(?P<to>..)")
_KINDS = {"n": "data.noun", "v": "data.verb", "a": "data.adj", "s": "data.adj", "r": "data.adv"}
_WORD = re.compile(r"[a-z]{2,}")


def read_synsets(wordnet: Path) -> dict[tuple[str, str], tuple[list[str], str]]:
    """Return the words of each synset and what follows them, by its file and offset (wndb(5))."""
    synsets: dict[tuple[str, str], tuple[list[str], str]] = {}
    for name in FILES:
        for line in (wordnet / name).read_text("ascii").splitlines():
            if line.startswith("  "):
                continue  # the licence
            offset, _, _, number, rest = line.split("|")[0].split(" ", 4)
            fields = rest.split(" ")
            size = int(number, 16) * 2
            words = [re.sub(r"\(\w+\)$", "", word) for word in fields[:size:2]]
            synsets[name, offset] = words, " ".join(fields[size:])
    return synsets


def find_pairs(wordnet: Path) -> Iterator[tuple[str, str]]:
    """Yield each pair of antonyms, in alphabetical order within."""
    synsets = read_synsets(wordnet)
    for words, pointers in synsets.values():
        for found in _ANTONYM.finditer(pointers):
            others, _ = synsets[_KINDS[found["kind"]], found["offset"]]
            one = words[int(found["from"], 16) - 1]
            other = others[int(found["to"], 16) - 1]
            if _WORD.fullmatch(one) and _WORD.fullmatch(other):
                yield min(one, other), max(one, other)


def main() -> None:
    """Write the file."""
    pairs = sorted(set(find_pairs(Path(sys.argv[1]))))
    text = "".join(f"{one} {other}\n" for one, other in pairs)
    (FOLDER / "antonyms.txt").write_text(text, "ascii")
    sys.stdout.write(f"{len(pairs)} pairs\n")


if __name__ == "__main__":
    main()
