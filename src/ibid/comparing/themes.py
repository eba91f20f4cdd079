"""The themes that several articles share: phrases of theirs where they speak of a topic."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, log

from ibid.comparing.phrases import Phrase, find_holders, is_telling
from ibid.comparing.relevance import CORE, SURELY_SPOKEN_OF, Hearing, Topic
from ibid.english import QuestionKind
from ibid.types import MEASURED, ArticleId

COMMON = 0.15
"""Share of all sentences from which a phrase is too common to be a theme."""

CLOSE, FURTHER = MEASURED.close, MEASURED.further
"""How like to one of another article a sentence of a theme is, times how common the phrase is;
and what one needs beyond that which is not by itself about the topic."""

CLOSEST, NEARLY = 0.6, 0.75
"""Shares of the best score from which a sentence belongs to what comes closest to a topic that too
few articles answer, and from which one speaks of a subject whose words it has not."""

ELSEWHERE = MEASURED.elsewhere
"""Likeness from which an article that is not heard says the same far from the topic."""

WEAK, MIDDLING = 0.2, 0.3
"""Share of the best theme's score that another one needs, and of the best of those that are left
when themes of mostly the same sentences are taken out."""

TELLING = 2
"""How many times as frequent as in all other passages a phrase has to be where the topic is spoken
of."""

SAME = 0.6
"""Share of its sentences that a theme may have in common with another."""

FEWEST = 2
"""Articles of a theme."""

_ONE_FACT = frozenset(
    {QuestionKind.TIME, QuestionKind.NUMBER, QuestionKind.NAME, QuestionKind.YES_NO}
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A phrase that several articles use about the topic, and their sentences with it."""

    phrase: Phrase
    """Nothing for what answers the topic as a whole."""
    members: tuple[int, ...]
    articles: int
    score: float
    """Infinite for what answers the topic as a whole."""
    is_aside: bool = False
    """Whether only a conflict makes it worth a row: its words are as frequent elsewhere."""

    @property
    def is_answer(self) -> bool:
        return self.score == inf


def find_themes(hearing: Hearing, topic: Topic) -> list[Theme]:
    """Return the themes of what is said about the topic, those of most articles first.

    What answers the topic as a whole comes before them, or what comes closest to it, unless the
    topic has a head: its kinds are asked for. Beside the answer to a question for one fact, all
    others are asides. The topic's own words tell nothing new, and no two themes are mostly the same
    sentences.
    """
    whole = _whole(hearing, topic)
    found = _find_shared(hearing, topic.question.stems)
    if topic.question.form.kind in _ONE_FACT:
        return [*whole, *(replace(theme, is_aside=True) for theme in _choose(found))]
    if all(_is_answered(theme, hearing) for theme in whole):
        return _choose([*whole, *found])
    chosen = _choose(found)
    leads = not chosen or (topic.head is None and all(_is_heard(each, hearing) for each in whole))
    return [*whole, *chosen] if leads else chosen


def _find_shared(hearing: Hearing, known: Phrase) -> list[Theme]:
    """Return the themes that are phrases, none of which has only `known` and common words."""
    grammar = hearing.grammar
    held = find_holders([voice.spoken for voice in hearing.voices], grammar)
    most = COMMON * len(hearing.voices)
    common = {phrase[0] for phrase, by in held.items() if len(phrase) == 1 and len(by) > most}
    return [
        theme
        for phrase, holders in held.items()
        if len(holders) <= most and is_telling(phrase, grammar, common.union(known))
        if (theme := _theme(phrase, holders, hearing))
    ]


def _whole(hearing: Hearing, topic: Topic) -> list[Theme]:
    """Return what answers the topic as a whole, or comes closest where too few articles do."""
    members = [n for n, voice in enumerate(hearing.voices) if voice.answers]
    if _count_articles(members, hearing) < FEWEST:
        least = CLOSEST * hearing.best
        members = [n for n, voice in enumerate(hearing.voices) if voice.score >= least]
    heard = _with_others(members, hearing, topic)
    return [Theme((), heard, _count_articles(heard, hearing), inf)] if heard else []


def _is_answered(whole: Theme, hearing: Hearing) -> bool:
    """Tell whether several articles speak about all of the topic."""
    answering = [number for number in whole.members if hearing.voices[number].answers]
    return _count_articles(answering, hearing) >= FEWEST


def _is_heard(whole: Theme, hearing: Hearing) -> bool:
    """Tell whether several articles come close to the topic, or one speaks about all of it."""
    return whole.articles >= FEWEST or any(hearing.voices[n].answers for n in whole.members)


def _with_others(members: Collection[int], hearing: Hearing, topic: Topic) -> tuple[int, ...]:
    """Return sentences with the best one of each other article that an answer would quote.

    So no article stands alone where another one answers the same in words of its own. Of a subject
    that is only named, an article speaks whose best sentence fits nearly as well as any.
    """
    heard = {hearing.article_of(number) for number in members}
    least = SURELY_SPOKEN_OF
    if topic.question.form.names_a_subject:
        least = max(least, NEARLY * hearing.best)
    best: dict[ArticleId, int] = {}
    for number, voice in enumerate(hearing.voices):
        known = best.get(voice.article)
        is_better = known is None or voice.score > hearing.voices[known].score
        if voice.article not in heard and voice.score >= least and is_better:
            best[voice.article] = number
    return tuple(sorted({*members, *best.values()}))


def _theme(phrase: Phrase, holders: Sequence[int], hearing: Hearing) -> Theme | None:
    """Return what is said about the topic with a phrase, None where too few articles do.

    Sentences belong together that are like one of another article. The rarer the phrase, the less
    like they have to be; one that is not about the topic by itself has to be more so.
    """
    core = [n for n in holders if hearing.voices[n].relevance >= CORE]
    purity = len(core) / len(holders)
    rarity = log(len(hearing.voices) / len(holders)) / log(len(hearing.voices))
    if _count_articles(core, hearing) < FEWEST:
        return None
    closest = dict(zip(holders, hearing.likeness(holders).max(axis=1).tolist(), strict=True))
    need = CLOSE * (1 - rarity)
    likeness = {
        number: close
        for number, close in closest.items()
        if (number in core and close >= need)
        or (hearing.voices[number].is_near and close >= need + FURTHER)
    }
    if _count_articles(likeness, hearing) < FEWEST:
        return None
    theme = _weigh(phrase, likeness, purity**0.5 * rarity, hearing)
    heard = {hearing.article_of(number) for number in likeness}
    others = {
        number
        for number, close in closest.items()
        if hearing.article_of(number) not in heard and close >= ELSEWHERE
    }
    members = tuple(sorted(others.union(likeness)))
    return replace(
        theme,
        members=members,
        articles=_count_articles(members, hearing),
        is_aside=_is_everywhere(phrase, core, hearing),
    )


def _is_everywhere(phrase: Phrase, about: Iterable[int], hearing: Hearing) -> bool:
    """Tell whether a phrase is as frequent in passages that are about other things.

    `about` are the sentences with it that are about the topic.
    """
    here = len({hearing.voices[number].passage for number in about})
    held = min(hearing.spread[stem] for stem in phrase)
    elsewhere = (held - here + 1) / max(hearing.passages_in_all - hearing.passages_about, 1)
    return here / hearing.passages_about < TELLING * elsewhere


def _weigh(phrase: Phrase, likeness: Mapping[int, float], weight: float, hearing: Hearing) -> Theme:
    """Return a theme, scored by how relevant and how alike the best sentences of articles are."""
    relevance: dict[ArticleId, float] = defaultdict(float)
    alike: dict[ArticleId, float] = defaultdict(float)
    for number, close in likeness.items():
        article = hearing.article_of(number)
        relevance[article] = max(relevance[article], hearing.voices[number].relevance)
        alike[article] = max(alike[article], close)
    score = sum(relevance.values()) * sum(alike.values()) / len(alike) * weight
    return Theme(phrase, tuple(sorted(likeness)), len(alike), score)


def _count_articles(numbers: Iterable[int], hearing: Hearing) -> int:
    return len({hearing.article_of(number) for number in numbers})


def _choose(themes: Sequence[Theme]) -> list[Theme]:
    telling = [theme for theme in themes if not theme.is_aside]
    chosen = _without_weak(_unlike(_without_weak(telling, WEAK), ()), MIDDLING)
    others = [theme for theme in themes if theme.is_aside]
    return [*chosen, *_unlike(_without_weak(others, WEAK), chosen)]


def _unlike(themes: Sequence[Theme], known: Sequence[Theme]) -> list[Theme]:
    """Return the themes that are not mostly the same sentences as a known or a broader one."""
    chosen: list[Theme] = []
    for theme in sorted(themes, key=_broad_first):
        members = set(theme.members)
        if all(
            len(members & set(other.members)) <= SAME * len(members) for other in (*known, *chosen)
        ):
            chosen.append(theme)
    return chosen


def _without_weak(themes: Sequence[Theme], share: float) -> list[Theme]:
    best = max((theme.score for theme in themes if not theme.is_answer), default=0.0)
    return [theme for theme in themes if theme.score >= share * best]


def _broad_first(theme: Theme) -> tuple[bool, int, int, float, Phrase]:
    return not theme.is_answer, -theme.articles, -len(theme.members), -theme.score, theme.phrase
