"""What a reader should know about an article by itself: weak sources, old forecasts, damage."""

import datetime
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from ibid.reading.front_matter import ABOUT_ITSELF
from ibid.text import LINE_END, find_sentences, find_set_apart, list_hidden, trim
from ibid.types import Article, Finding, Rule, Section, Span

MOST_PER_RULE = 100
"""Findings of one rule in one article; what comes behind them is counted only."""

_IN_NOTE = r"[^\[\]()\r\n]{0,300}+"
_INNER = rf"(?:{_IN_NOTE}(?:\[{_IN_NOTE}\]|\({_IN_NOTE}\))){{0,9}}+{_IN_NOTE}"
_SOURCE = re.compile(
    rf"\[[ \t]*(?:sources?|ref(?:erence)?s?)[ \t]*:(?P<given>{_INNER})\]"
    r"(?P<target>\([^()\r\n]{0,300}+\)|\[[^\[\]\r\n]{1,80}+\])?"
    rf"|\([ \t]*sources?[ \t]*:(?P<said>{_INNER})\)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"https?://[^\s)\]]|\]\([^\s()]|\]\[[^\[\]]|\bdoi\b|\barxiv\b|\b10\.\d{4,}/|<a\s"
    r"|\b[\w-]+\.(?:com|org|net|gov|edu|io|ai|info|co|eu|uk|de)\b",
    re.IGNORECASE,
)
_NO_SOURCE_YET = re.compile(
    r"\breplace (?:this |it )?(?:with|by)\b|\binsert\b|\bplaceholder\b|\b(?:link|url) here\b"
    r"|\bexample\.(?:com|org|net)\b|\?\?\?|\b(?:to be|being) (?:added|determined)\b"
    r"|\badd (?:a |the )?(?:link|source|citation|url)\b|\b(?:TODO|TBD|XXX)\b",
    re.IGNORECASE,
)
_LEFT_OVER = re.compile(
    r"[\[(](?=(?P<said>[^\[\]()\r\n]{0,200}+)[\])])"
    r"(?=[^\[\]()\r\n]*?(?:\b(?i:replace (?:this |it )?with"
    r"|insert (?:[\w-]+ ){0,6}(?:here|link|source|citation|reference|url)"
    r"|(?:citation|source|reference|link) needed"
    r"|add (?:a |the )?(?:link|source|citation|reference|url) here"
    r"|(?:link|url|source|citation) (?:goes )?here)\b|\bTBD\b)|\s*(?:TODO|FIXME)\b)(?P=said)[\])]"
    r"|(?i:\blorem ipsum dolor\b)"
    r"|(?<![^\r\n])[ \t]*+(?:TODO|FIXME|TBD)\b[^\r\n]{0,200}"
    r"|(?<![\w\])])\[[^\[\]\r\n]{1,200}\]\((?:|\#|(?i:todo|tbd|url|link|xxx|insert[^()\r\n]{0,80}"
    r"|https?://(?:www\.)?example\.(?:com|org|net)[^()\s]*))\)"
)
_INLINE_CODE = re.compile(r"(?<!`)(`++)(?!`)[^\r\n]{1,300}?(?<!`)\1(?!`)")

_NOUNS_BEFORE = "".join(
    rf"(?<!\b{word}\s)" for word in "the a his her my our your their its of at free living".split()
)
_FUTURE = re.compile(
    rf"(?:{_NOUNS_BEFORE}\bwill|['’]ll|\bwon['’]t|\bshall)(?=\s+[a-z])"
    r"|(?:\b(?:is|are|be|been)|['’]s|['’]re)\s+(?:\w+\s+)?(?:expected|anticipated|projected|forecast"
    r"|forecasted|predicted|estimated|set|poised|slated|scheduled|planned|due|likely|going|bound"
    r"|on track)\s+(?:to|for|by|in)\b"
    r"|\b(?:we|i|they|analysts|experts|researchers|scientists|who|and|can|many)\s+(?:\w+ly\s+)?"
    r"(?:expect|anticipate|predict|foresee|forecast|hope|plan|aim|intend)\b"
    r"|\b(?:expects|anticipates|predicts|foresees)\b"
    r"|\b(?:forecasts|promises|plans|aims|intends|hopes)\s+(?:to|that)\b"
    r"|\bpromise\s+to\b|\b(?:goal|aim|target|hope|plan)\s+is\s+(?:to|that)\b"
    r"|\b(?:predicted|projected|anticipated|forecast)\s+\w+\s+(?:of|on|in|for)\b",
    re.IGNORECASE,
)
_TIME_OF_YEAR = (
    r"(?:(?:the\s+)?(?:\w+\s+)?(?:end|start|beginning|close|middle|half|quarter|course|rest)\s+of\s+)?"
    r"(?:(?:the\s+)?(?:spring|summer|fall|autumn|winter|early|late|mid|Q[1-4]|H[12]"
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*\.?(?:\s+\d{1,2}(?:st|nd|rd|th)?)?"
    r")(?:\s+of)?,?[\s-]+)?"
)
_DUE = re.compile(
    rf"\b(?P<when>by|in|on|before|until|through|for|during)\s+{_TIME_OF_YEAR}(?P<year>20\d\d)\b"
    r"(?![-–/]\d|\s+and\s+20\d\d\s+edition|\s+(?:(?-i:[A-Z])|edition|paper|survey|study|report|version|election|budget))",
    re.IGNORECASE,
)
_HEADED_FORECAST = re.compile(
    r"\b(?:(?:predictions?|forecasts?|outlook|future)\b[^\r\n]{0,80}?\b(?:by|in|for)\s+(?P<year>20\d\d)"
    r"|(?P<first>20\d\d)\s+(?:predictions?|forecasts?|outlook))\b",
    re.IGNORECASE,
)
_HISTORY = re.compile(
    r"\bsince\b[^,.;]*\Z"
    r"|(?<!\bbe\s)(?<!\bbeen\s)\b(?!expected|scheduled|planned)\w+ed(?:\s+\S+){0,2}\s+\Z"
)
_NEW_CLAUSE = re.compile(r"[.!?;]\s|\b(?:since|just like)\b")
_CLAUSE = 120
"""Characters between a date and the word that makes it a forecast."""

_NOT_ASCII = re.compile(r"[^\x00-\x7f]{1,200}")
_INDENTED = re.compile(r"(?<![^\r\n])(?: {4}|\t)[^\r\n]*+")
_FOUND_HERE = ("mojibake", "replaced-characters")
"""What a build warns of by number; lint tells each with its place."""

_NAMED = 3
"""Hidden characters that a note names."""

_WORDS_OF_A_QUESTION = 5
_BARE_HEADING = re.compile(
    r"(?<![^\r\n]) {0,3}(?:(?P<empty>#{1,6})[ \t]*(?![^\r\n])|#{2,6}[^\W\d_][^\r\n]{0,200})"
)

Check = Callable[[Article], Iterable[Finding]]


def lint_article(article: Article) -> tuple[Finding, ...]:
    """Return what is noteworthy about one article, in order of its place.

    Forecasts are all there, each with its year; `due_by` leaves out those for years to come.
    """
    findings = (finding for check in _CHECKS for finding in _capped(list(check(article))))
    return tuple(sorted(findings, key=lambda finding: (finding.span, finding.rule, finding.text)))


def due_by(today: datetime.date, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that are ones today: a forecast's year has to be over."""
    return tuple(finding for finding in findings if finding.year < today.year)


def notes_on(quote: Span, article: Article, today: datetime.date) -> tuple[str, ...]:
    """Return in words what the findings say about a quote of the article.

    A source counts that stands in the quote or directly behind it; the rest has to be in it, and
    so do characters that nobody sees.
    """
    touching: list[Finding] = []
    end = quote.end
    for finding in due_by(today, article.findings):
        place = finding.span
        is_source = finding.rule in (Rule.PLACEHOLDER, Rule.NO_LINK)
        if is_source and place.start >= end and not article.text[end : place.start].strip():
            end = place.end
            touching.append(finding)
        elif place.overlaps(quote):
            touching.append(finding)
    notes = (*map(_note, touching), _note_hidden(quote.of(article.text)))
    return tuple(dict.fromkeys(filter(None, notes)))


def _note_hidden(quote: str) -> str:
    names = list_hidden(quote)
    more = " …" if len(names) > _NAMED else ""
    return f"it holds hidden characters: {', '.join(names[:_NAMED])}{more}" if names else ""


def _note(finding: Finding) -> str:
    match finding.rule:
        case Rule.PLACEHOLDER:
            return "its source is a placeholder"
        case Rule.NO_LINK:
            return "its source has no link"
        case Rule.MOJIBAKE:
            return f"it holds {finding.text}"
        case Rule.OLD_FORECAST:
            return f"its forecast for {finding.year} is over"
        case _:
            return ""


def _capped(findings: list[Finding]) -> list[Finding]:
    more = len(findings) - MOST_PER_RULE
    if more <= 0:
        return findings
    last = findings[MOST_PER_RULE]
    note = Finding(last.rule, f"{more:,} more like this from here on", last.span)
    return [*findings[:MOST_PER_RULE], note]


def _sources(article: Article) -> Iterator[Finding]:
    """Yield what was left to be filled in, and the sources that name no address."""
    text = article.text
    apart = [*find_set_apart(text), *(Span(*code.span()) for code in _INLINE_CODE.finditer(text))]
    apart.sort()
    notes: list[Span] = []
    for note in _outside(apart, _SOURCE.finditer(text)):
        notes.append(Span(*note.span()))
        if _NO_SOURCE_YET.search(note[0]):
            yield Finding(Rule.PLACEHOLDER, "a placeholder instead of a source", notes[-1])
        elif not note["target"] and not _ADDRESS.search(note[0]):
            yield Finding(Rule.NO_LINK, "a source without a link", notes[-1])
    for match in _outside(sorted(apart + notes), _LEFT_OVER.finditer(text)):
        place = trim(text, Span(*match.span()))
        yield Finding(Rule.PLACEHOLDER, "left to be filled in", place)


def _outside(apart: Sequence[Span], matches: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    return (match for match in matches if _is_outside(apart, match.start()))


def _is_outside(apart: Sequence[Span], place: int) -> bool:
    """Tell whether a place is in none of the sorted spans `apart`."""
    before = bisect_right(apart, Span(place, sys.maxsize)) - 1
    return before < 0 or apart[before].end <= place


def _forecasts(article: Article) -> Iterator[Finding]:
    own_year = int(year[0]) if (year := re.match(r"\d{4}", article.meta.date)) else 0
    for span, find_years in _statements(article):
        years = [year for year in find_years(span.of(article.text), own_year) if year >= own_year]
        if years:  # a year before the article's own is history
            text = f"a forecast for {max(years)}, which is over"
            yield Finding(Rule.OLD_FORECAST, text, span, max(years))


def _statements(article: Article) -> Iterator[tuple[Span, Callable[[str, int], Iterable[int]]]]:
    """Yield what may be a forecast and how its years are found: headings, then sentences.

    Questions, code and front matter that was not read are no statements.
    """
    text = article.text
    for section in article.sections:
        top = Span(section.span.start, section.prose.start)
        if section.headings:
            yield trim(text, top), _headed_years
        else:
            for match in ABOUT_ITSELF.finditer(text, top.start, top.end):
                is_title = match["title"] is not None
                find_years = _headed_years if is_title else _foreseen_years
                yield Span(*match.span(match.lastgroup or 0)), find_years
        for sentence in find_sentences(text, section.prose):
            is_code = text.startswith(("```", "~~~", "+++"), sentence.start)
            if not is_code and not text.endswith("?", sentence.start, sentence.end):
                yield sentence, _foreseen_years


def _headed_years(heading: str, own_year: int) -> Iterator[int]:
    del own_year
    for match in _HEADED_FORECAST.finditer(heading):
        yield int(match["year"] or match["first"])


def _foreseen_years(sentence: str, own_year: int) -> Iterator[int]:
    """Yield the years that a sentence looks forward to.

    Words of the future stand near; `by` a year after the article's own needs none.
    """
    due = list(_DUE.finditer(sentence))
    future = [Span(*match.span()) for match in _FUTURE.finditer(sentence)] if due else []
    for match in due:
        place, year = Span(*match.span()), int(match["year"])
        by_then = match["when"].lower() == "by" and 0 < own_year < year
        if by_then or any(_foresees(sentence, word, place) for word in _beside(future, place)):
            yield year


def _beside(words: Sequence[Span], place: Span) -> Sequence[Span]:
    behind = bisect_right(words, place)
    return words[max(0, behind - 1) : behind + 1]


def _foresees(sentence: str, word: Span, date: Span) -> bool:
    """Tell whether a word of the future and a date stand in one clause that is no history."""
    first, last = sorted((word, date))
    between = sentence[first.end : last.start]
    history = date < word and _HISTORY.search(sentence, max(0, date.start - 60), date.start)
    return len(between) <= _CLAUSE and not history and not _NEW_CLAUSE.search(between)


def _mojibake(article: Article) -> Iterator[Finding]:
    """Yield text that was decoded wrongly: what ftfy would repair, and lost characters."""
    text = article.text
    code = [Span(*line.span()) for line in _INDENTED.finditer(text)]
    code = sorted(find_set_apart(text) + code)
    for run in _NOT_ASCII.finditer(text):
        if "\ufffd" in run[0] and _is_outside(code, run.start()):
            yield Finding(Rule.MOJIBAKE, "characters that were lost", Span(*run.span()))
        elif len(run[0]) > 1 and (repair := _repair(run[0])) != run[0]:
            text = f"characters decoded wrongly: “{run[0]}” for “{repair}”"
            yield Finding(Rule.MOJIBAKE, text, Span(*run.span()))


def _repair(run: str) -> str:
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    return fix_encoding(run) if is_bad(run) else run


def _missing(article: Article) -> Iterator[Finding]:
    meta = article.meta
    if "title" in meta.guessed:
        yield Finding(Rule.MISSING, f"no title is given: it is called “{article.title}”")
    if "date" in meta.guessed:
        yield Finding(Rule.MISSING, f"no date is given: its file name says {meta.date}")
    elif not meta.date:
        yield Finding(Rule.MISSING, "no date is given")
    if not meta.author:
        yield Finding(Rule.MISSING, "no author is given")
    if meta.draft:
        yield Finding(Rule.READING, "it says that it is a draft")


def _headings(article: Article) -> Iterator[Finding]:
    trails: set[tuple[str, ...]] = set()
    last = Section((), Span(0, 0), Span(0, 0))
    for section, behind in pairwise((*article.sections, last)):
        place = trim(article.text, Span(section.span.start, section.prose.start))
        if not section.headings or not _counts(place.of(article.text)):
            continue
        if section.headings in trails:
            yield Finding(Rule.HEADING, "a heading that stands twice", place)
        bare = not len(section.prose) and not place.of(article.text).startswith(("**", "__"))
        if bare and len(behind.headings) <= len(section.headings):
            yield Finding(Rule.HEADING, "a heading with nothing below it", place)
        trails.add(section.headings)
    for bare in _outside(find_set_apart(article.text), _BARE_HEADING.finditer(article.text)):
        text = "a heading without words" if bare["empty"] else "no space behind the # of a heading"
        yield Finding(Rule.HEADING, text, trim(article.text, Span(*bare.span())))


def _counts(heading: str) -> bool:
    """Tell whether a heading is a real one of Markdown or a question, not just a bold label."""
    if heading.startswith(("**", "__")):
        return "?" in heading and len(heading.split()) >= _WORDS_OF_A_QUESTION
    return heading.startswith("#") or bool(LINE_END.search(heading))


def _warnings(article: Article) -> Iterator[Finding]:
    for warning in article.warnings:
        if not warning.startswith(_FOUND_HERE):
            yield Finding(Rule.READING, warning)


_CHECKS: tuple[Check, ...] = (_sources, _forecasts, _mojibake, _missing, _headings, _warnings)
