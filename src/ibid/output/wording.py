"""What is said of an answer, in words that every writer shares."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ibid.english import stems, things_asked_for
from ibid.reading import EXTRACTED
from ibid.text import count, line_of, set_apart, tell_apart
from ibid.types import (
    Answer,
    Article,
    ArticleId,
    Change,
    Citation,
    Claim,
    Finding,
    LeftOut,
    Passage,
    Query,
    Receipt,
    Rule,
    Run,
    Span,
    Status,
    Support,
)

if TYPE_CHECKING:
    from ibid.library import Library

VERDICTS: Mapping[Support, str] = {
    Support.VERBATIM: "in the article",
    Support.REWORDED: "reworded",
    Support.ALTERED: "altered here",
    Support.UNSUPPORTED: "not in the articles",
    Support.GAP: "said to be missing",
}
"""What each support is called wherever people read it."""

ASKED_AGAIN = "The articles do not say all of the first text so: it is replaced by a second one."
"""What stands above the text that a model writes once more."""

RULES: Mapping[Rule, str] = {
    Rule.PLACEHOLDER: "left to be filled in",
    Rule.NO_LINK: "source without a link",
    Rule.OLD_FORECAST: "forecast that is over",
    Rule.MOJIBAKE: "decoded wrongly",
    Rule.HEADING: "heading",
    Rule.MISSING: "title, date or author missing",
    Rule.READING: "trouble in reading",
    Rule.NEAR_COPY: "near-copy",
    Rule.SERIES: "same series",
}
"""What each rule of `ibid lint` is called in its table."""


PARTS: Mapping[str, str] = {
    "instructions": "instructions",
    "conversation": "the conversation before",
    "question": "question",
    "chat template": "marks between the messages",
    "answer": "room for the answer",
}
"""What the parts of a prompt are called, other than passages."""


def marked_text(answer: Answer, write: Callable[[str], str] = set_apart) -> str:
    """Return the answer's text with a word behind each sentence that is not the article's own.

    What is not ours, all but the numbers of the quotes, stands there as `write` gives it.
    """
    return "".join(text for text, _ in marked_pieces(answer, write))


def marked_pieces(
    answer: Answer, write: Callable[[str], str]
) -> Iterator[tuple[str, Claim | None]]:
    """Yield `marked_text` in pieces, each sentence with its claim, and None for what is between."""
    from ibid.answering import end_of_numbers  # which a build that tells its report does not need

    end = 0
    for claim in answer.claims:
        verdict = "" if claim.support is Support.VERBATIM else f" ({say_verdict(claim)})"
        yield write(answer.text[end : claim.span.start]), None
        yield write(claim.span.of(answer.text)), claim
        end = end_of_numbers(answer.text, claim)
        yield write(verdict) + answer.text[claim.span.end : end], None
    yield write(answer.text[end:]), None


def say_quotes(answer: Answer) -> str:
    """Return how many quotes of how many articles an answer has, empty where it has none."""
    if not answer.claims:
        return ""
    quotes = count(len(answer.claims), "quote")
    articles = {cited.passage.article for claim in answer.claims for cited in claim.citations}
    total = count(answer.run.articles, "article")
    return f"{quotes}, word for word from {len(articles)} of {total}"


def say_opening(answer: Answer) -> str:
    """Return what stands above quotes that answer: how many of the articles do, and with what.

    Empty where no article was asked, or something else stands there.
    """
    if answer.status is not Status.ANSWERED or answer.lead or answer.parts or answer.run.model:
        return ""
    articles = {cited.passage.article for claim in answer.claims for cited in claim.citations}
    if not articles or answer.run.articles == 1:
        return ""
    things = things_asked_for(answer.question)
    of_all = f"{len(articles)} of {count(answer.run.articles, 'article')}"
    if things and all(_is_named(things, article, answer) for article in articles):
        return f"{of_all} name{'s' * (len(articles) == 1)} {things}, word for word:"
    return f"From {of_all}, word for word:"


def _is_named(things: str, article: ArticleId, answer: Answer) -> bool:
    """Tell whether what is quoted of an article, or a heading above it, has the word for things."""
    cited = [
        (claim.text, *citation.passage.headings)
        for claim in answer.claims
        for citation in claim.citations
        if citation.passage.article == article
    ]
    return not set(stems(things)).isdisjoint(stems(" ".join(chain.from_iterable(cited))))


def say_states(answer: Answer) -> str:
    """Return how many of a model's sentences are what, and who wrote and cited them."""
    states = Counter(claim.support for claim in answer.claims)
    tallies = ", ".join(
        f"{states[support]} {VERDICTS[support]}" for support in Support if states[support]
    )
    sentences = count(len(answer.claims), "sentence")
    wrote = f"{sentences}: {tallies}. Written by {answer.run.model}, cited by ibid."
    return " ".join(filter(None, (wrote, say_repair(answer.run))))


def say_repair(run: Run) -> str:
    """Return that a model was asked once more, and which text is shown; empty where it was not."""
    repair = run.repair
    if not repair:
        return ""
    wrong = count(len(repair.sentences), "sentence")
    if repair.kept:
        return f"Its second text: {wrong} of the first did not hold."
    why = repair.notice or "the second held no better"
    return f"Asked once more for {wrong} that did not hold; {why}."


def say_choice(run: Run) -> str:
    """Return in words which articles alone were asked, empty where all were."""
    within = run.settings.get("within", "")
    note = " The question names them; in quotation marks a name chooses none." if run.named else ""
    return f"Only articles {within}.{note}" if within else ""


def say_readings(run: Run | Query) -> str:
    """Return in words what was read otherwise, and which phrases no passage has; empty for none."""
    readings = ", ".join(reading.read for reading in run.read_as)
    sentences = (
        [f"Read as: {readings}. A word in quotation marks is taken as it stands."]
        if readings
        else []
    )
    missing = list_unused([phrase.text for phrase in run.phrases if not phrase.passages])
    sentences += [f"No passage has {missing} word for word."] if missing else []
    return " ".join(sentences)


def say_scope(run: Run) -> str:
    """Return in words how a question was read and which articles alone were asked, if so."""
    return " ".join(filter(None, (say_readings(run), say_choice(run))))


def list_parts(answer: Answer) -> list[Answer]:
    """Return the answers to the parts of a question, without what is said of all of them."""
    above = answer.run.settings.get("within")
    beside = {"within": ""} if above else {}
    return [
        replace(part, run=replace(part.run, read_as=(), settings={**part.run.settings, **beside}))
        for part in answer.parts
    ]


def say_doubt(answer: Answer) -> str:
    """Return what stands above quotes that come closest to an answer."""
    unused = list_unused(answer.receipt.unused if answer.receipt else ())
    if unused:
        return f"Not a sure answer: the articles never use {unused}. What comes closest:"
    return "Not a sure answer; what comes closest in the articles:"


def say_receipt(answer: Answer) -> tuple[str, str]:
    """Return which words the articles never use, if any, and how sure it is that they do not say.

    Both are empty where the answer has no receipt.
    """
    receipt = answer.receipt
    if not receipt:
        return "", ""
    unused = list_unused(receipt.unused)
    return f"They never use {unused}." if unused else "", _say_measured(receipt, answer.run)


def _say_measured(receipt: Receipt, run: Run) -> str:
    """Return how likely the best sentence answers, and how often its threshold is wrong."""
    score, threshold = tell_apart(receipt.score, receipt.threshold)
    likely = f"The likeliest sentence answers with a probability of {score}"
    if receipt.score >= receipt.threshold:
        note = f" It was read to {run.model}, which found no answer." if run.model else ""
        return f"{likely}.{note}"
    needed = f"{likely}; from {threshold} on it is shown."
    if receipt.missed is None:
        return needed
    return f"{needed} Measured, that refuses {receipt.missed} in 100 questions that are answered."


def list_unused(unused: Sequence[str]) -> str:
    """Return words that the articles never use as a list in words, nothing for none."""
    words = [f"“{word}”" for word in unused]
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def say_verdict(claim: Claim) -> str:
    """Return what a claim's support is called, and the very words that are altered."""
    changes = "; ".join(say_change(change, claim) for change in claim.changes)
    return f"{VERDICTS[claim.support]}: {changes}" if changes else VERDICTS[claim.support]


def say_change(change: Change, claim: Claim) -> str:
    """Return in words what was altered, put in or left out."""
    words, instead = change.said.of(claim.text) if change.said else "", change.instead
    if words and instead:
        return f"“{words}” instead of “{instead}”"
    return f"“{words}” is not in the article" if words else f"“{instead}” is left out"


def line_of_text(article: Article, passage: Passage) -> int:
    """Return the line on which a passage's text begins, blank lines passed over."""
    blank = len(passage.text) - len(passage.text.lstrip())
    return line_of(article.text, passage.span.start + blank)


def part_of(citation: Citation) -> str:
    """Return the page, chapter, cell or heading of a quote from a file whose lines nobody sees.

    It is what a reader of a PDF or a book looks for; the line is that of the extracted text.
    """
    passage = citation.passage
    is_extracted = PurePosixPath(passage.article).suffix.lower() in EXTRACTED
    return passage.headings[-1] if is_extracted and passage.headings else ""


def list_notes(citation: Citation, library: "Library") -> tuple[str, ...]:
    """Return in words where in such a file a quote stands, and what a reader should know of it."""
    return tuple(filter(None, (part_of(citation), *library.notes(citation))))


def find_said(passage: Passage) -> Span:
    """Return where a passage begins to say something, after its headings, up to its end."""
    first = passage.sentences[0].start if passage.sentences else passage.span.start
    return Span(first, passage.span.end)


def line_of_finding(article: Article, finding: Finding) -> int:
    """Return the line that a finding stands on, 0 where it is about the article as a whole."""
    return line_of(article.text, finding.span.start) if len(finding.span) else 0


def say_left_out(left_out: LeftOut) -> str:
    """Return how many there are of a kind: `3 .png`, `2 folders`."""
    number = len(left_out.paths)
    singular, plural = _KINDS.get(left_out.kind, (left_out.kind, left_out.kind))
    return f"{number:,} {singular if number == 1 else plural}"


_KINDS = {
    "folder": ("folder", "folders"),
    "link to a folder": ("link to a folder", "links to folders"),
    "no ending": ("file without ending", "files without ending"),
    "hidden": ("hidden", "hidden"),
}
