"""What the chat replies to a page beside Gradio: JSON with what was found, or why it was not."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from fastapi.responses import JSONResponse, Response

from ibid.errors import IbidError
from ibid.text import printable
from ibid.ui.panes.trouble import in_words, sentence

LONGEST = 200
"""Characters of what somebody looks for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page is told."""

    said: str
    place: str = ""


def told(find: Callable[[], Any]) -> Response:
    """Return what was found as JSON, or the error and its hint."""
    return answered(lambda: JSONResponse(asdict(find())))


def answered(answer: Callable[[], Response], status: int = 404) -> Response:
    """Return an answer, or with a `status` the error and its hint."""
    try:
        return answer()
    except Exception as error:  # noqa: BLE001  (a request's border: the page must stay usable)
        return trouble(in_words(error), status)


def trouble(error: IbidError, status: int) -> Response:
    """Return an error and its hint."""
    return JSONResponse(
        {"error": sentence(error), "hint": printable(error.hint)}, status_code=status
    )


def download(content: str, name: str, suffix: str, media_type: str) -> Response:
    """Return a file that the browser saves and never shows as a page of the chat."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{suffix}"'}
    return Response(content, media_type=media_type, headers=headers)
