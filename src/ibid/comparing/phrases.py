"""What the sentences about a topic have in common: the phrases that several articles use there."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ibid.english import Term, find_terms, stems
from ibid.types import Span

Phrase = tuple[str, ...]
"""One stem or two that stand side by side."""

_JOINTS = frozenset((" ", "-", " and ", " or ", ", ", " of ", " & ", " of the "))
"""What may stand between the two words of a phrase."""

_TIGHT = frozenset((" ", "-"))

_BEFORE_A_VERB = frozenset(
    "to can could may might will would shall should must cannot not they we you it i who also"
    " don't won't can't doesn't didn't let's".split()
)
_BEFORE_A_STATE = frozenset("is are was were be been being very more most so too as quite".split())
_BEHIND_A_NOUN = frozenset(
    "of in is are was were and or that which who can will may might must should has have had for"
    " on at with by as to from than".split()
)
_DESCRIBES = re.compile(r"(?:ical|sive|tive|ous|able|ible|less|ary|ory)$")
"""What ends a list as often as a noun does, and is none (`biological and chemical`): behind an
article only, it counts as one."""
_BEFORE_A_NOUN = frozenset("the a an of this these our their its your no any such".split())
_JOINED, _JOINS = re.compile(r"\w[./@_]$"), re.compile(r"[./@_]\w")
_ENDS_LIKE_A_NOUN = re.compile(
    r"(?:tion|sion|ment|ness|ity|ance|ence|ism|ship|hood|acy|ancy|ency|ure|age|logy)s?$"
)
_GENERAL = frozenset(
    """able accord achiev across actual address advanc allow alreadi although among amount anyon
    anyth approach area around articl aspect author base becom best better big blog bring call
    case caus chang clear come complet consid consider contain content continu convent core
    creat critic crucial current day deal default depend deploy describ detail differ drive
    effect effort enabl end ensur especi essenti even ever everi everyon everyth exampl exist
    expect fact far featur find first focus follow found full fundament general get give go goal
    good great group grow half hand handl happen hard have heavili help high highlight howev
    idea immens impact import includ increas inform instanc instead issu item keep kind know
    larg last later lead learn less let level like line link list littl long look lot made main
    major make mani matter mean might modern month much name natur near necessari need never new
    newer next nobodi note noth now number offer old older one open order other page paramount
    part particular peopl perform person place play point poor posit possibl post potenti
    present process proper provid purpos put question quit rang rather read real realli reason
    recent relat remain requir respect respons result right role run same second section see
    seem sens sentenc set sever share short show signific similar simpl singl small someon
    someth sort special specif start state step still such suggest support sure take term thing
    think thought three thus time today together too top topic total tradit tri turn two type
    understand us use usual valu vari varieti various vast way well whole wide within without
    word work world would writer wrote year yet
    """.split()
)
"""Stems that a phrase may hold beside another one, and that say nothing alone."""

_GREEK = re.compile(r"(?:s[it]|z)$")
"""What `diagnosis`, `diagnostic` and `analyze` have where `diagnose` has an `s`."""

_ENDINGS = frozenset(
    " aci abl al anc ant at ation ator atori enc ent er ibl ic ion ist iv or t".split(" ")
)
_SHORTEST_ROOT = 5
_FEWEST_USERS = 2
"""Articles that use a run of words which has more than the phrase of its row."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a sentence, and those of the label that it stands under (`Data Bias: …`)."""

    text: str
    terms: tuple[Term, ...]
    label: str
    label_terms: tuple[Term, ...]

    def holds(self, stem: str) -> bool:
        """Tell whether it or its label has a word of this stem or of one root with it."""
        return any(are_forms(stem, term.stem) for term in (*self.terms, *self.label_terms))


def are_forms(one: str, other: str) -> bool:
    """Tell whether two stems are forms of one word (`regul`, `regulatori`; `analysi`, `analyz`)."""
    if one == other:
        return True
    root, longer = sorted((_GREEK.sub("s", one), _GREEK.sub("s", other)), key=len)
    return (
        len(root) >= _SHORTEST_ROOT
        and longer.startswith(root)
        and longer.removeprefix(root) in _ENDINGS
    )


def says_nothing(phrase: Phrase) -> bool:
    """Tell whether no stem of a phrase says anything alone (`role`, `types`, `examples`)."""
    return all(stem in _GENERAL for stem in phrase)


def are_called_alike(title: str, other: str) -> bool:
    """Tell whether one of two titles has all words of the other (`savings`, `cost savings`)."""
    words, others = frozenset(stems(title)), frozenset(stems(other))
    return bool(words) and bool(others) and (words <= others or others <= words)


def read_words(text: str, label: str) -> Spoken:
    """Return the words of a sentence and of its label."""
    return Spoken(text, tuple(find_terms(text)), label, tuple(find_terms(label)))


class Grammar:
    """How words are used in some sentences: which of them name things."""

    def __init__(self, sentences: Iterable[Spoken]) -> None:
        self._names: Counter[str] = Counter()
        self._acts: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        self._forms: dict[str, set[str]] = defaultdict(set)
        self._capital: Counter[str] = Counter()
        for sentence in sentences:
            begin = len(sentence.label) + 2 if sentence.label else 1
            for term in sentence.terms:
                self._count(sentence.text, term)
                self._count_capital(sentence.text, term, begin)
            for one, other in pairwise(sentence.terms):
                tight = sentence.text[one.span.end : other.span.start] in _TIGHT
                self._before[one.stem] += tight

    def _count(self, text: str, term: Term) -> None:
        word = term.span.of(text).lower()
        before = text[: term.span.start].rstrip(" *_\"“'‘(").rsplit(" ", 1)[-1].lower()
        behind = text[term.span.end :]
        after = behind.split(maxsplit=1)[0].lower() if behind.split() else ""
        self._words[term.stem] += 1
        self._words[word] += 1
        self._forms[term.stem].add(word)
        if (
            before in _BEFORE_A_VERB
            or word.endswith("ly")
            or (before in _BEFORE_A_STATE and not behind.startswith(" "))
            or (word.endswith("ing") and before not in _BEFORE_A_NOUN)
        ):
            self._acts[word] += 1
        elif (
            not behind[:1].isalnum()
            and (
                behind[:1] in '.,;:)?!"”'
                or after in _BEHIND_A_NOUN
                or _ENDS_LIKE_A_NOUN.search(word)
            )
            and not word.endswith("ed")
            and (before in _BEFORE_A_NOUN or not _DESCRIBES.search(word))
        ):
            self._names[word] += 1

    def _count_capital(self, text: str, term: Term, begin: int) -> None:
        word = term.span.of(text)
        if word.islower():
            self._capital[word] -= 1
        elif term.span.start >= begin:
            self._capital[word.lower()] += 1

    def is_name(self, word: str) -> bool:
        """Tell whether a word mostly stands for a thing."""
        return self._names[word.lower()] > self._acts[word.lower()]

    def in_small_letters(self, words: str) -> str:
        """Return words as they are written within a sentence: names keep their capitals."""

        def write(word: re.Match[str]) -> str:
            small = word[0].lower()
            return word[0] if self._capital[small] > 0 else small

        return re.sub(r"(?<![A-Za-z])[A-Z][a-z]+(?![A-Za-z])", write, words)

    def names(self, stem: str) -> bool:
        """Tell whether a word of this stem mostly stands for a thing."""
        return any(self.is_name(word) for word in self._forms[stem])

    def modifies(self, stem: str) -> bool:
        """Tell whether a stem mostly stands right before another word that tells anything."""
        return self._before[stem] * 2 > self._words[stem]

    def describes(self, stem: str) -> bool:
        """Tell whether a word of this stem can stand before a thing (`regulatory`, `ethical`)."""
        return any(self._acts[word] * 2 <= self._words[word] for word in self._forms[stem])


def find_holders(spoken: Sequence[Spoken], grammar: Grammar) -> Mapping[Phrase, list[int]]:
    """Return which sentences hold each phrase, by number."""
    holders: dict[Phrase, list[int]] = defaultdict(list)
    for number, sentence in enumerate(spoken):
        found = _phrases(sentence.text, sentence.terms, grammar)
        for phrase in sorted(found | _phrases(sentence.label, sentence.label_terms, grammar)):
            holders[phrase].append(number)
    return holders


def _phrases(text: str, terms: Sequence[Term], grammar: Grammar) -> set[Phrase]:
    """Return the phrases of a text: each stem, and each two side by side that name something."""
    found: set[Phrase] = {
        (term.stem,)
        for term in terms
        if not term.stem.isdigit() and not _is_in_address(text, term.span)
    }
    for one, other in pairwise(terms):
        between = text[one.span.end : other.span.start].lower()
        if between in _TIGHT and grammar.is_name(other.span.of(text)):
            found.add((one.stem, other.stem))
        elif between in _JOINTS and one.stem != other.stem:
            found.add(tuple(sorted((one.stem, other.stem))))
    return found


def _is_in_address(text: str, word: Span) -> bool:
    """Tell whether a word is a part of an address or of a name in a program (`go.dev`)."""
    return _JOINED.search(text, max(word.start - 2, 0), word.start) is not None or (
        _JOINS.match(text, word.end) is not None
    )


def is_telling(phrase: Phrase, grammar: Grammar, known: Collection[str]) -> bool:
    """Tell whether a phrase may be what a row is about.

    It has a stem of several letters that is not `known`, and names something or stands before
    what does.
    """
    if all(stem in _GENERAL or stem in known or len(stem) == 1 for stem in phrase):
        return False
    if len(phrase) > 1:
        return all(grammar.describes(stem) for stem in phrase)
    return any(
        grammar.names(stem) or (grammar.modifies(stem) and grammar.describes(stem))
        for stem in phrase
    )


def name_row(phrase: Phrase, members: Sequence[tuple[str, Spoken]], grammar: Grammar) -> str:
    """Return a short title for a row in the articles' own words.

    `members` are the articles and the sentences of the row. It is the run of up to three words
    around the phrase that most articles use, and at least half of them, the longest of several; one
    word counts half, a label as another article. Nothing where no such run names a thing.
    """
    users: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, Counter[str]] = defaultdict(Counter)
    bonus: dict[str, float] = defaultdict(float)
    for article, sentence in members:
        for run in _runs(sentence.text, sentence.terms, phrase, grammar):
            key = _key(run)
            users[key].add(article)
            shown[key][grammar.in_small_letters(_words(sentence.text, run))] += 1
        for run in _runs(sentence.label, sentence.label_terms, phrase, grammar):
            bonus[_key(run)] = 1.5 if len(run) == len(sentence.label_terms) else 1
    articles = len({article for article, _ in members})

    def is_shared(key: str) -> bool:
        own, with_label = len(users[key]), len(users[key]) + (bonus[key] > 0)
        is_more = len(key.split()) > len(phrase)
        most = 2 * own >= articles or 2 * with_label > articles
        return most and with_label >= (_FEWEST_USERS if is_more else 1)

    def worth(key: str) -> tuple[float, int, str]:
        return (len(users[key]) + bonus[key]) * (1.0 if " " in key else 0.5), key.count(" "), key

    def fitness(words: str) -> tuple[bool, int]:
        return grammar.is_name(words.rsplit(" ", 1)[-1]), forms[words]

    keys = [key for key in users if is_shared(key)]
    forms = shown[max(keys, key=worth)] if keys else _surfaces(phrase, members, grammar)
    title = max(forms, key=fitness, default="")
    return title if title and (keys or fitness(title)[0]) else ""


def _key(run: Sequence[Term]) -> str:
    return " ".join(term.stem for term in run)


def _surfaces(
    phrase: Phrase, members: Sequence[tuple[str, Spoken]], grammar: Grammar
) -> Counter[str]:
    """Return a phrase as the sentences have it, word for word, and how often."""
    found: Counter[str] = Counter()
    texts = [
        each
        for _, sentence in members
        for each in ((sentence.text, sentence.terms), (sentence.label, sentence.label_terms))
    ]
    for text, terms in texts:
        for run in _windows(terms, len(phrase)):
            if _has_all(run, phrase) and not _is_cut(text, run, terms, grammar):
                found[grammar.in_small_letters(_words(text, run))] += 1
    return Counter({words: times for words, times in found.items() if "," not in words})


def _words(text: str, run: Sequence[Term]) -> str:
    return Span(run[0].span.start, run[-1].span.end).of(text)


def _windows(terms: Sequence[Term], length: int) -> Iterator[Sequence[Term]]:
    for start in range(len(terms) - length + 1):
        yield terms[start : start + length]


def _is_whole(text: str, run: Sequence[Term]) -> bool:
    """Tell whether a run is no piece of a compound (`powered tools` of `AI-powered tools`)."""
    start, end = run[0].span.start, run[-1].span.end
    return text[max(start - 1, 0) : start] != "-" and text[end : end + 1] != "-"


def _is_cut(text: str, run: Sequence[Term], terms: Sequence[Term], grammar: Grammar) -> bool:
    """Tell whether the next word belongs to a run (`accelerating drug` of `… drug discovery`)."""
    end = run[-1].span.end
    behind = [term.span for term in terms if term.span.start >= end][:1]
    return any(
        text[end : each.start] in _TIGHT and grammar.is_name(each.of(text)) for each in behind
    )


def _runs(
    text: str, terms: Sequence[Term], phrase: Phrase, grammar: Grammar
) -> Iterator[Sequence[Term]]:
    """Yield the runs of one to three words side by side that hold the phrase and name a thing."""
    for length in (1, 2, 3):
        for run in _windows(terms, length):
            if _has_all(run, phrase) and _is_whole(text, run) and _is_title(text, run, grammar):
                yield run


def _has_all(run: Sequence[Term], phrase: Phrase) -> bool:
    return all(any(are_forms(stem, term.stem) for term in run) for stem in phrase)


def _is_title(text: str, run: Sequence[Term], grammar: Grammar) -> bool:
    if len({term.stem for term in run}) < len(run):
        return False
    gaps = {text[a.span.end : b.span.start].lower() for a, b in pairwise(run)}
    if len(run) > 1 and gaps <= {" and ", " or ", " & ", " of "}:
        ends = (run[0], run[-1]) if " of " in gaps else run[-1:]
        return all(grammar.is_name(each.span.of(text)) for each in ends)
    if not gaps <= _TIGHT or run[0].span.of(text).lower().endswith(("ly", "ing")):
        return False
    ends = grammar.is_name(run[-1].span.of(text))
    return ends and all(grammar.describes(term.stem) for term in run)
