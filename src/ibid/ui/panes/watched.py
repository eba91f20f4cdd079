"""The list of watched questions: what answered each, and what answers it now."""

from ibid.errors import UsageError
from ibid.library import Library
from ibid.output import list_changes, say_size
from ibid.text import as_read, collapse, escape, line_of
from ibid.ui.panes.kept import CROSS, write_nothing
from ibid.ui.panes.sources import key_of_place
from ibid.ui.talk.watching import Watching
from ibid.watched import Outcome, Quoted, Watched

_TICK = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="m3 8.5 3.5 3.5L13 4.5"/></svg>'
_HINT = "Watch a question by the button below its answer: what answers it otherwise is shown here."


def write_watching(watching: Watching, find: str, library: Library) -> str:
    """Return the HTML of the watched questions, those that something else answers first."""
    if not watching.questions:
        return write_nothing("No question holds these words." if find else f"Nothing yet. {_HINT}")
    outcomes = watching.outcomes
    changed = [q for q in watching.questions if q in outcomes and outcomes[q].changed]
    same = [q for q in watching.questions if q in outcomes and not outcomes[q].changed]
    open_ones = [q for q in watching.questions if q not in outcomes]
    parts = (
        _write_group("Something else answers", changed, watching, library),
        _write_group("As before", same, watching, library),
        _write_group("Being asked …", open_ones, watching, library),
    )
    pending = '<span class="unseen" data-pending></span>' if open_ones else ""
    return "".join(parts) + pending


def _write_group(name: str, questions: list[Watched], watching: Watching, library: Library) -> str:
    if not questions:
        return ""
    items = "".join(_write_item(q, watching.outcomes.get(q), library) for q in questions)
    return f'<h3>{name}</h3><ul data-group="watched">{items}</ul>'


def _write_item(watched: Watched, outcome: Outcome | None, library: Library) -> str:
    question = escape(watched.question)
    has_changed = outcome is not None and outcome.changed
    noted = (
        f'<button type="button" class="icon" data-noted="{watched.id}" '
        f'aria-label="Noted: take what answers {question} now as known">{_TICK}</button>'
        if has_changed
        else ""
    )
    return (
        f'<li><button type="button" data-ask="{question}"><span class="title">{question}</span>'
        f'<span class="about">{say_size(watched)} · {escape(watched.since[:10])}</span></button>'
        f"{noted}"
        f'<button type="button" class="icon" data-unwatch="{watched.id}" '
        f'aria-label="Watch {question} no more">{CROSS}</button></li>'
        + (_write_outcome(outcome, library) if outcome and has_changed else "")
    )


def _write_outcome(outcome: Outcome, library: Library) -> str:
    """Return what answered and what answers now, each new quote with the way to its place."""
    new = [difference.new for difference in outcome.differences]
    lines = "".join(
        f"<div><dt>{label}</dt><dd>{_write_change(change, new, library)}</dd></div>"
        for label, change in list_changes(outcome)
    )
    return f'<li class="outcome"><dl>{lines}</dl></li>'


def _write_change(change: str | Quoted, new: list[Quoted | None], library: Library) -> str:
    if isinstance(change, str):
        return escape(change)
    return _write_quote(change, _find_key(change, library) if change in new else "")


def _write_quote(quote: Quoted, key: str = "") -> str:
    text = f'<span class="excerpt">{escape(quote.text)}</span>'
    text += f'<span class="about">{escape(quote.article)} · line {quote.line}</span>'
    if not key:
        return text
    return f'<button type="button" class="kept-quote" data-cite="{key}">{text}</button>'


def _find_key(quote: Quoted, library: Library) -> str:
    """Return the key of the place where a quote begins, empty where its article is gone.

    Of a sentence that stands twice that is the one of its line.
    """
    try:
        article = library.article(quote.article)
        passages = library.passages(quote.article)
    except UsageError:
        return ""
    spans = [span for passage in passages for span in passage.sentences]
    on_its_line = [span for span in spans if line_of(article.text, span.start) == quote.line]
    for span in (*on_its_line, *spans):
        sentence = collapse(as_read(article.text, span))
        if sentence and quote.text.startswith(sentence):
            return key_of_place(span, passages)
    return ""
