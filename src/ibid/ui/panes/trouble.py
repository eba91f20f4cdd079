"""What went wrong, and what to do about it, in words and on the page."""

import logging
import shlex

from ibid.errors import IbidError, IndexUnusable, name_missing
from ibid.settings import Settings
from ibid.storage import hint_for
from ibid.text import escape, printable

_COMMANDS = ("ibid ", "ollama ")
_BUILD = "ibid build"
_log = logging.getLogger("ibid.ui")


def in_words(error: Exception) -> IbidError:
    """Return an error that can be shown; one that nobody foresaw is logged whole."""
    if isinstance(error, IbidError):
        return error
    if missing := name_missing(error):
        return missing
    if isinstance(error, OSError):  # the machine's trouble, such as a full disk
        place = f": {error.filename}" if error.filename else ""
        text = f"this did not work ({error.strerror or error}{place})"
        _log.warning(text)
        return IbidError(text, hint=hint_for(error))
    _log.error("a request failed", exc_info=error)
    return IbidError("something broke", hint="the terminal that runs the chat says what")


def sentence(error: Exception) -> str:
    """Return what an error says as a sentence."""
    text = printable(str(error))
    return f"{text[:1].upper()}{text[1:]}."


def write_notice(notice: str) -> str:
    """Return the HTML that says why no model wrote an answer, its command set off; it may be ""."""
    if not notice:
        return ""
    notice = notice[:1].upper() + notice[1:]
    reason, colon, command = notice.rpartition(": ")
    if not command.startswith(_COMMANDS):
        return f'<span class="notice">{escape(notice)}</span>'
    return f'<span class="notice">{escape(reason + colon)}<code>{escape(command)}</code></span>'


def hint_of(error: IbidError, settings: Settings) -> str:
    """Return what to do: a build with the folders that the chat was given."""
    if error.hint != _BUILD:
        return error.hint
    folders = settings.articles if "articles" in settings.origins else ()
    index = ["--index", settings.index] if "index" in settings.origins else []
    return shlex.join(("ibid", "build", *folders, *index))


def write_trouble(error: Exception, title: str, settings: Settings) -> str:
    """Return the HTML that says what is wrong, and what to do about it."""
    problem = in_words(error)
    builds = isinstance(problem, IndexUnusable) and problem.hint == _BUILD
    problem.hint = hint_of(problem, settings)
    message = escape(sentence(problem))
    hint = f"<p>{escape(problem.hint)}</p>" if problem.hint else ""
    if problem.hint.startswith(_COMMANDS):
        hint = (
            "<p>Run this in a terminal, then ask again; the chat can stay open:</p>"
            f'<div class="command"><code>{escape(problem.hint)}</code><button type="button" '
            f'class="quiet" data-text="{escape(problem.hint)}">Copy</button></div>'
        )
    if builds:
        hint += '<p><button type="button" class="small" data-build>Build the index</button></p>'
    return f'<section class="trouble"><h2>{escape(title)}</h2><p>{message}</p>{hint}</section>'
