"""Which evidence makes the answer, and in which order it is read."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ibid.english import (
    NEAR_VERBATIM,
    QuestionForm,
    QuestionKind,
    find_differences,
    is_statement,
    moves_words,
    shared_words,
    stems,
)
from ibid.index import Index
from ibid.search import CLOSEST, Evidence, preceding
from ibid.text import List, as_read, find_list
from ibid.types import MEASURED, ArticleId, Citation, Span, Status


@dataclass(frozen=True, slots=True)
class Measure:
    """How much evidence makes an answer."""

    most: int
    """Sentences at all."""
    most_per_article: int
    close: float
    """Log-odds below the best sentence within which another one belongs to the answer."""
    close_of_article: float
    """The same for the best of another article: more, so that every article is heard."""
    share: float = 0.0
    """How likely another one must be to answer by itself, as a share of how likely the best is."""


AMPLE = Measure(most=12, most_per_article=5, close=5.0, close_of_article=8.0, share=0.6)
"""For a question with much to be said to it."""

SEVERAL = Measure(most=12, most_per_article=5, close=9.0, close_of_article=13.0, share=0.25)
"""For one that asks for several things, which are said far apart."""

NAMES = Measure(most=12, most_per_article=5, close=24.0, close_of_article=24.0)
"""For one that asks for several names: only sentences with one come into question."""

SCANT = Measure(most=6, most_per_article=4, close=4.0, close_of_article=6.0)
"""For one that a sentence answers, and is seen to: a fact, a definition (docs/decisions)."""

BRIEF = replace(SCANT, share=AMPLE.share)
"""For one that a sentence answers: a yes or no."""

FEW, CLOSE = 3, 3.0
"""Sentences shown where none is seen to answer, though something comes close, and log-odds that
they are below the best one at most (docs/decisions)."""

LONGEST_LIST, MOST_STEPS = 10, 20
"""Items of a list that is given whole, and of a numbered one."""

REPEATS, CONTAINED = MEASURED.repeats, MEASURED.contained
"""Cosine from which two sentences say the same; less is enough where one has all words of the
other."""

SaidBy = Callable[[Evidence, Sequence[Evidence]], Evidence | None]
"""What tells which of some sentences says what another one says."""

Stretch = list[Evidence]
"""Sentences of an article that have to be read together, in order."""


def choose(
    form: QuestionForm, evidence: Sequence[Evidence], index: Index, status: Status
) -> list[Evidence]:
    """Return the sentences that make the answer: good enough, none twice, no article too loud.

    Every article with something to say is heard, the one with the best sentence first. Each opens
    with its best sentence, unless it has a section on what is asked for, and goes on in reading
    order; a sentence that leans on the one before it brings that one along, and a list that answers
    is given whole.
    """
    said_by = _Repeats(evidence, index).said_by
    measure = _measure(form, evidence)
    if status is Status.CLOSEST or measure is None:
        return _choose_few(form, evidence, index, said_by)
    aspect = _listed(form)
    near = _near_the_best(evidence, measure)
    chosen = _select(_likely_enough(near, measure), measure, said_by)
    chosen = _hear_agreement(chosen, evidence, said_by)
    wants_one = form.kind.is_fact or measure in (SCANT, BRIEF)
    lists = [] if wants_one else list(_find_lists(form, chosen, measure.most, index))
    stretches = [*lists, *_stretches(_beside(lists, chosen, measure.most), index)]
    sentences: list[Evidence] = []
    for article in dict.fromkeys(sentence.passage.article for sentence in chosen):
        own = [stretch for stretch in stretches if stretch[0].passage.article == article]
        ordered = _as_read(own) if _has_section(own, aspect) else _best_first(own)
        sentences.extend(sentence for stretch in ordered for sentence in stretch)
    return sentences


def _choose_few(
    form: QuestionForm, evidence: Sequence[Evidence], index: Index, said_by: SaidBy
) -> list[Evidence]:
    """Return the best few sentences, the best first, each with what it leans on or its list."""
    few: list[Evidence] = []
    for sentence in evidence:
        close = evidence[0].odds - sentence.odds <= CLOSE
        if close and len(few) < FEW and not said_by(sentence, few):
            few.append(sentence)
    few = _hear_agreement(few, evidence, said_by)
    lists = list(_find_lists(form, few, FEW, index))
    stretches = [*lists, *_stretches(_beside(lists, few, FEW + 1), index)]
    ranks = {sentence.vector: rank for rank, sentence in enumerate(few)}
    ordered = sorted(stretches, key=lambda stretch: min(ranks.get(e.vector, FEW) for e in stretch))
    return [sentence for stretch in ordered for sentence in stretch]


def _listed(form: QuestionForm) -> frozenset[str]:
    """Return the stems of what is to be listed, none where no list is asked for."""
    return form.aspect if form.kind is QuestionKind.LIST else frozenset()


def _measure(form: QuestionForm, evidence: Sequence[Evidence]) -> Measure | None:
    """Return how much makes an answer, None where nothing that is asked for was found."""
    by_kind = {
        QuestionKind.LIST: SEVERAL,
        QuestionKind.ANY: AMPLE,
        QuestionKind.YES_NO: BRIEF,
    }
    if measure := by_kind.get(form.kind):
        return measure
    if not evidence or not evidence[0].fits:
        return None
    return NAMES if form.kind is QuestionKind.NAME and form.asks_several else SCANT


def _near_the_best(evidence: Sequence[Evidence], measure: Measure) -> list[Evidence]:
    """Return the evidence near the best; only what is of the kind asked for where the best is."""
    firsts = set(_best_per_article(evidence))
    best = evidence[0]
    return [
        sentence
        for sentence in evidence
        if best.odds - sentence.odds
        <= (measure.close_of_article if sentence in firsts else measure.close)
        and sentence.fits >= best.fits
    ]


def _likely_enough(evidence: Sequence[Evidence], measure: Measure) -> list[Evidence]:
    """Return the evidence that is about as likely to answer by itself as the best is.

    What stands right beside the best may go on with it, and is judged by its odds alone.
    """
    best = evidence[0]
    most = best.probability
    least = min(most, max(CLOSEST, measure.share * most)) if measure.share else 0.0
    return [
        sentence
        for sentence in evidence
        if sentence.probability >= least
        or (sentence.passage == best.passage and abs(sentence.number - best.number) == 1)
    ]


def _select(evidence: Sequence[Evidence], measure: Measure, said_by: SaidBy) -> list[Evidence]:
    """Return as much evidence as is wanted, none twice, the best of each article first."""
    chosen: list[Evidence] = []
    per_article: Counter[ArticleId] = Counter()
    for sentence in dict.fromkeys((*_best_per_article(evidence), *evidence)):
        article = sentence.passage.article
        if len(chosen) == measure.most:
            break
        if per_article[article] < measure.most_per_article and not said_by(sentence, chosen):
            chosen.append(sentence)
            per_article[article] += 1
    return chosen


def _best_per_article(evidence: Sequence[Evidence]) -> list[Evidence]:
    best: dict[ArticleId, Evidence] = {}
    for sentence in evidence:
        best.setdefault(sentence.passage.article, sentence)
    return list(best.values())


def _hear_agreement(
    chosen: Sequence[Evidence], evidence: Sequence[Evidence], said_by: SaidBy
) -> list[Evidence]:
    """Return what was chosen, each with the places where other articles say the same.

    The same is said in mostly the same words: what is close in meaning may say something else.
    """
    agreeing = {sentence.citation: dict[ArticleId, Citation]() for sentence in chosen}
    for sentence in evidence:
        if sentence.citation not in agreeing:
            counterpart, article = said_by(sentence, chosen), sentence.passage.article
            if counterpart is None or counterpart.passage.article == article:
                continue
            if shared_words(sentence.text, counterpart.text) >= NEAR_VERBATIM:
                agreeing[counterpart.citation].setdefault(article, sentence.citation)
    return [
        replace(sentence, also=tuple(agreeing[sentence.citation].values())) for sentence in chosen
    ]


class _Repeats:
    """Tells which sentences say the same; how close they are in meaning is worked out once."""

    def __init__(self, evidence: Sequence[Evidence], index: Index) -> None:
        vectors = index.sentences.vectors([sentence.vector for sentence in evidence])
        self._cosines = vectors @ vectors.T
        self._places = {sentence.vector: place for place, sentence in enumerate(evidence)}

    def said_by(self, candidate: Evidence, chosen: Sequence[Evidence]) -> Evidence | None:
        """Return the first sentence that says what a candidate says, None where none does.

        One that says it with another number, a negation or an opposite, or with two words in each
        other's place, says something else.
        """
        cosines = self._cosines[self._places[candidate.vector]]
        for evidence in chosen:
            cosine = cosines[self._places[evidence.vector]]
            alike = cosine >= REPEATS or (
                cosine >= CONTAINED and _is_contained(candidate, evidence)
            )
            if alike and not _differ(candidate.text, evidence.text):
                return evidence
        return None


def _differ(one: str, other: str) -> bool:
    return bool(find_differences(one, other)) or moves_words(one, other)


def _is_contained(one: Evidence, other: Evidence) -> bool:
    """Tell whether one of two sentences has all words of the other."""
    words, other_words = frozenset(stems(one.text)), frozenset(stems(other.text))
    return words <= other_words or other_words <= words


def _find_lists(
    form: QuestionForm, chosen: Sequence[Evidence], most: int, index: Index
) -> Iterator[Stretch]:
    """Yield the lists that answer, each with all of its items and what else was chosen there.

    A list answers where what leads to it does, or the headings or the line before it name what is
    asked for; and the numbered one of the best article, where it is asked how something is done.
    All but that and the one with the best sentence have to leave room for the best of every
    article.
    """
    aspect = _listed(form)
    room = most - len(_best_per_article(chosen))
    for (_, place), members in _group(chosen, index).items():
        items = list(_opening(place, members[0], index))
        names = stems(" ".join((*members[0].passage.headings, place.lead_in)))
        in_best = members[0].passage.article == chosen[0].passage.article
        steps = form.asks_how and place.is_numbered and in_best
        led = any(member.answers_as_led for member in members)
        stretch = _in_order((*_led_to(items, index), *members))
        answers = led or steps or not aspect.isdisjoint(names)
        if answers and (len(stretch) <= room or steps or members[0] is chosen[0]):
            room -= len(stretch)
            yield stretch


def _led_to(items: Sequence[Evidence], index: Index) -> list[Evidence]:
    """Return the items of a list behind what leads to them: a line, or the heading above them."""
    lead_in = preceding(items[0], index) if items else None
    return [lead_in, *items] if lead_in else [*items]


def _group(
    chosen: Sequence[Evidence], index: Index
) -> dict[tuple[ArticleId, List], list[Evidence]]:
    """Return what was chosen of each list that is not too long."""
    groups: dict[tuple[ArticleId, List], list[Evidence]] = {}
    for evidence in chosen:
        place = _list_around(evidence, index)
        if place and len(place.items) <= (MOST_STEPS if place.is_numbered else LONGEST_LIST):
            groups.setdefault((evidence.passage.article, place), []).append(evidence)
    return groups


def _list_around(evidence: Evidence, index: Index) -> List | None:
    article, start = index.corpus.article(evidence.passage.article), evidence.span.start
    section = next(s for s in article.sections if s.span.start <= start < s.span.end)
    return find_list(article.text, section.prose, start)


def _opening(place: List, like: Evidence, index: Index) -> Iterator[Evidence]:
    """Yield the first sentence of each item of a list that is a statement, or all that it says."""
    article = like.passage.article
    text = index.corpus.article(article).text
    sentences = [
        replace(
            like,
            passage=row.passage,
            number=number,
            span=span,
            vector=row.first_sentence + number,
            also=(),
        )
        for row in index.corpus.rows_of(article)
        if row.passage.span.overlaps(place.span)
        for number, span in enumerate(row.passage.sentences)
    ]
    for item in place.items:
        inside = [
            sentence for sentence in sentences if item.start <= sentence.span.start < item.end
        ]
        evidences = [replace(evidence, text=as_read(text, evidence.span)) for evidence in inside]
        if stated := [evidence for evidence in evidences if is_statement(evidence.text)]:
            yield stated[0]
        elif len(evidences) == 1 and not evidences[0].text.endswith(("?", ":")):
            yield evidences[0]


def _beside(lists: Sequence[Stretch], chosen: Sequence[Evidence], most: int) -> list[Evidence]:
    """Return what there is room for beside some lists: the best of each article, and the best."""
    listed = {evidence.citation for stretch in lists for evidence in stretch}
    ordered = dict.fromkeys((*_best_per_article(chosen), *chosen))
    remaining = [evidence for evidence in ordered if evidence.citation not in listed]
    return remaining[: max(most - len(listed), 0)]


def _stretches(chosen: Sequence[Evidence], index: Index) -> list[Stretch]:
    """Return each sentence, and those behind it that cannot be read without it.

    The first of them is one quote with it where it follows at once: alone it says nothing.
    """
    before = {
        sentence.citation: opener for sentence in chosen if (opener := preceding(sentence, index))
    }
    stretches: list[Stretch] = []
    for evidence in _in_order((*before.values(), *chosen)):
        opener = before.get(evidence.citation)
        if (
            stretches
            and opener
            and opener.citation in [sentence.citation for sentence in stretches[-1]]
        ):
            stretches[-1].append(evidence)
        else:
            stretches.append([evidence])
    return [_join(stretch, index) for stretch in stretches]


def _join(stretch: Stretch, index: Index) -> Stretch:
    """Return a stretch with its first two sentences as one quote, if nothing is between them."""
    if len(stretch) == 1 or stretch[0].number + 1 != stretch[1].number:
        return stretch
    (first, second), rest = stretch[:2], stretch[2:]
    article = index.corpus.article(first.passage.article)
    if Span(first.span.end, second.span.start).of(article.text).strip():
        return stretch  # the mark of an item
    span = Span(first.span.start, second.span.end)
    text = as_read(article.text, span)
    odds, also = max(first.odds, second.odds), (*first.also, *second.also)
    return [replace(second, span=span, text=text, odds=odds, also=also), *rest]


def _in_order(evidence: Sequence[Evidence]) -> Stretch:
    return sorted(
        {e.citation: e for e in evidence}.values(), key=lambda e: (e.passage.article, e.span)
    )


def _has_section(stretches: Sequence[Stretch], aspect: frozenset[str]) -> bool:
    headings = {
        h for stretch in stretches for evidence in stretch for h in evidence.passage.headings
    }
    return not aspect.isdisjoint(stems(" ".join(headings)))


def _as_read(stretches: Sequence[Stretch]) -> list[Stretch]:
    return sorted(stretches, key=lambda stretch: stretch[0].span)


def _best_first(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return the stretch with the best sentence, then the others as they are read."""
    in_order = _as_read(stretches)
    best = max(
        in_order, key=lambda stretch: max(evidence.odds for evidence in stretch), default=None
    )
    return sorted(in_order, key=lambda stretch: stretch is not best)
