"""The themes that several articles share: phrases of theirs where they speak of a topic."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, log

from ibid.evidence import ANSWERABLE
from ibid.facets import Phrase, find_holders, is_telling
from ibid.hearing import CORE, Hearing
from ibid.types import ArticleId

COMMON = 0.15
"""Share of all sentences from which a phrase is too common to be a theme."""

CLOSE, FURTHER = 0.6, 0.2
"""How like to one of another article a sentence of a theme is, times how common the phrase is;
and what one needs beyond that which is not by itself about the topic."""

NEARLY = 0.75
"""Share of the best score from which a sentence is heard beside it."""

ELSEWHERE = 0.6
"""Likeness from which an article that is not heard says the same far from the topic."""

WEAK, MIDDLING = 0.2, 0.3
"""Share of the best theme's score that another one needs, and of the best of those that are left
when themes of mostly the same sentences are taken out."""

TELLING = 2
"""How many times as frequent as elsewhere a single word has to be where the topic is spoken of, and
two words together half as many times."""

SAME = 0.6
"""Share of its sentences that a theme may have in common with another."""

FEWEST = 2
"""Articles of a theme."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A phrase that several articles use about the topic, and their sentences with it."""

    phrase: Phrase
    """The topic's own word, or nothing, for what answers the topic as a whole."""
    members: tuple[int, ...]
    articles: int
    score: float
    """Infinite for what answers the topic as a whole."""
    is_everywhere: bool = False
    """Whether its word is as frequent elsewhere: only a conflict makes it worth a row."""

    @property
    def is_answer(self) -> bool:
        return self.score == inf


def find_themes(hearing: Hearing, known: Phrase, *, has_head: bool = False) -> list[Theme]:
    """Return the themes of what is said about the topic, those of most articles first.

    What answers the topic as a whole comes before them, or what comes closest to it, unless the
    topic `has_head`: its kinds are asked for. `known` are the topic's own stems, which tell
    nothing new. No two themes are mostly the same sentences.
    """
    grammar = hearing.grammar
    held = find_holders([voice.spoken for voice in hearing.voices], grammar)
    most = COMMON * len(hearing.voices)
    common = {phrase[0] for phrase, by in held.items() if len(phrase) == 1 and len(by) > most}
    found = [
        theme
        for phrase, holders in held.items()
        if len(holders) <= most and is_telling(phrase, grammar, common.union(known))
        if (theme := _theme(phrase, holders, hearing))
    ]
    if answers := _answers(hearing, known):
        return _choose([*answers, *found])
    whole, chosen = _whole(hearing), _choose(found)
    leads = not chosen or (not has_head and all(each.articles >= FEWEST for each in whole))
    return [*whole, *chosen] if leads else chosen


def _whole(hearing: Hearing) -> list[Theme]:
    """Return all that is said about the topic as one theme, where nothing is shared.

    What fits nearly as well as the best belongs to it, so that no article is heard alone.
    """
    fitting = [
        n
        for n, voice in enumerate(hearing.voices)
        if voice.relevance >= CORE or voice.score >= NEARLY * hearing.best
    ]
    members = _with_others(fitting, hearing)
    return [Theme((), members, _count_articles(members, hearing), inf)] if members else []


def _answers(hearing: Hearing, known: Phrase) -> list[Theme]:
    """Return the theme of what answers the topic as a whole, if several articles do.

    A topic of one word is named by the words that stand around it.
    """
    answering = [n for n, voice in enumerate(hearing.voices) if voice.answers]
    phrase = known if len(known) == 1 else ()
    if _count_articles(answering, hearing) < FEWEST:
        return []
    members = _with_others(answering, hearing)
    return [Theme(phrase, members, _count_articles(members, hearing), inf)]


def _with_others(members: Collection[int], hearing: Hearing) -> tuple[int, ...]:
    """Return sentences with the best one of each other article that an answer would quote.

    So no article stands alone where another one speaks of the same in words of its own.
    """
    heard = {hearing.article_of(number) for number in members}
    best: dict[ArticleId, int] = {}
    for number, voice in enumerate(hearing.voices):
        known = best.get(voice.article)
        is_better = known is None or voice.score > hearing.voices[known].score
        if voice.article not in heard and voice.score >= ANSWERABLE and is_better:
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
        is_everywhere=_is_everywhere(phrase, len(core), len(holders), hearing),
    )


def _is_everywhere(phrase: Phrase, about: int, held: int, hearing: Hearing) -> bool:
    """Tell whether a phrase is as frequent where the articles speak of other things.

    `about` of the sentences that have `held` it are about the topic.
    """
    core = sum(voice.relevance >= CORE for voice in hearing.voices)
    elsewhere = (held - about + 1) / max(len(hearing.voices) - core, 1)
    return about / core < TELLING / len(phrase) * elsewhere


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
    telling = [theme for theme in themes if not theme.is_everywhere]
    chosen = _without_weak(_unlike(_without_weak(telling, WEAK), ()), MIDDLING)
    others = [theme for theme in themes if theme.is_everywhere]
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
