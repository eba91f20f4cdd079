"""What servers of language models say, made out of bytes: a whole answer, or an error of ours.

Nothing ends short in silence: an answer without its end, one that was cut, one that is nothing but
thoughts, and one to a prompt that the server has cut are errors.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from ibid.errors import AnswerIncomplete, PromptTooLong
from ibid.ports import Message
from ibid.text import least_tokens
from ibid.types import Delta

_LARGEST_REPLY = 1_000_000  # bytes; an answer of 1024 tokens has about 300,000
AGAIN = "ask again"

_COUNTED = (
    r"n_prompt_tokens\W+(\d{1,9})",  # llama.cpp, Ollama
    r"\((\d{1,9}) in the messages",  # vLLM, OpenAI
    r"passed (\d{1,9}) input tokens",  # vLLM since 2026
)
_ALLOWED = (
    r"n_ctx\W+(\d{1,9})",
    r"context length is (?:only )?(\d{1,9})",  # vLLM, OpenAI
    r"context length of (?:only )?(\d{1,9})",  # LM Studio
)
_TOO_LONG = re.compile(
    r"exceed\w* .*context|context_length_exceeded|maximum context length"
    r"|context the overflows|greater than the context length",  # LM Studio
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One record of a stream."""

    text: str = ""
    reason: str = ""
    """Why the model stopped, empty as long as it goes on."""
    counted: int = 0
    """How many tokens of the prompt the server has read, 0 where it does not say."""
    last: bool = False


def read_answer(name: str, pieces: Iterable[Piece], asked: Sequence[Message]) -> Iterator[Delta]:
    """Yield the text of an answer without thoughts; `name` is that of the server.

    Raises AnswerIncomplete unless the answer is whole and the prompt was read whole.
    """
    written, shown, reason, counted = "", "", "", 0
    for piece in pieces:
        written += piece.text
        reason, counted = piece.reason or reason, piece.counted or counted
        before, shown = shown, _visible(written, done=piece.last)
        if new := shown[len(before) :]:
            yield Delta(new)
        if piece.last:
            _check_count(counted, asked)
            thinking = written.rfind("<think>") > written.rfind("</think>")
            _check_end(name, reason, whole=bool(shown) and not thinking)
            return
    raise AnswerIncomplete(f"{name}'s answer ended early", hint=AGAIN)


def _check_count(counted: int, asked: Sequence[Message]) -> None:
    """Refuse the answer to a prompt of which the server has read a part only."""
    least = sum(least_tokens(message.content) for message in asked)
    if 0 < counted < least:
        raise AnswerIncomplete(
            f"the server read {counted:,} tokens of a prompt that has {least:,} at least: "
            "it cuts what does not fit",
            hint=f"raise the server's context, or set context = {max(counted, 2048)} in ibid.toml",
        )


def _check_end(name: str, reason: str, *, whole: bool) -> None:
    if reason == "length":
        raise AnswerIncomplete("the answer was cut: too long", hint="ask a narrower question")
    if reason != "stop":
        message = f"{name}'s answer ended early: {one_line(reason)}"
        raise AnswerIncomplete(message.rstrip(": "), hint=AGAIN)
    if not whole:
        raise AnswerIncomplete("the model wrote no answer", hint="choose another model")


def _visible(written: str, *, done: bool) -> str:
    """Return what may be shown of a text so far: no thoughts, and no start of `<think>`.

    Raises AnswerIncomplete when thoughts end that nothing has begun: some chat templates begin
    them inside the prompt, so what was shown until then was thoughts.
    """
    shown = re.sub(r"<think>.*?(</think>|\Z)", "", written, flags=re.DOTALL).lstrip()
    if "</think>" in shown:
        hint = "turn thinking off on the server, or choose a model that does not think"
        raise AnswerIncomplete("the model thinks aloud", hint=hint)
    return shown if done else re.sub(r"<(t(h(i(nk?)?)?)?)?\Z", "", shown)


def lines(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a reply that are not blank. Raises AnswerIncomplete for a flood."""
    size, rest = 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > _LARGEST_REPLY:
            raise AnswerIncomplete(f"{name}'s answer is far too long", hint=AGAIN)
        *whole, rest = (rest + chunk).split(b"\n")
        yield from filter(bytes.strip, whole)
    if rest.strip():
        yield rest


def parse(name: str, line: bytes) -> object:
    """Return the JSON of a line. Raises AnswerIncomplete when it is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AnswerIncomplete(f"{name} sent a line that is no JSON", hint=AGAIN) from error


def stopped(name: str, said: str) -> AnswerIncomplete:
    """Return the error for a stream that ends with one."""
    return AnswerIncomplete(f"{name} stopped: {one_line(said)}", hint=AGAIN)


def at(value: object, *keys: str | int) -> object:
    """Return what stands at the keys of nested JSON, None where anything is missing."""
    for key in keys:
        if isinstance(value, dict):
            value = cast("dict[object, object]", value).get(key)
        elif isinstance(value, list) and isinstance(key, int):
            items = cast("list[object]", value)
            value = items[key] if key < len(items) else None
        else:
            return None
    return value


def string(value: object, *keys: str | int) -> str:
    """Return the text at the keys, with lone surrogates replaced: they have no UTF-8."""
    found = at(value, *keys)
    return "" if found is None else valid(str(found))


def number(value: object, *keys: str | int) -> int:
    """Return the whole number at the keys, 0 where there is none."""
    found = at(value, *keys)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def sequence(value: object, *keys: str | int) -> list[object]:
    """Return the list at the keys, an empty one where there is none."""
    found = at(value, *keys)
    return cast("list[object]", found) if isinstance(found, list) else []


def too_long(said: str, context: int) -> PromptTooLong | None:
    """Return the error if it is the length of the prompt that the server complains of.

    The numbers may stand in JSON that is quoted inside JSON, so they are looked for as text.
    """
    counted, allowed = _first(_COUNTED, said), _first(_ALLOWED, said)
    if not counted and not _TOO_LONG.search(said):
        return None
    limit = allowed or context
    message = f"the prompt has {counted or 'too many'} tokens, the model takes {limit}"
    return PromptTooLong(message, tokens=counted, limit=limit, hint="ask for less at once")


def _first(patterns: Sequence[str], said: str) -> int:
    found = (re.search(pattern, said) for pattern in patterns)
    return next((int(match[1]) for match in found if match), 0)


def one_line(said: str) -> str:
    """Return the start of a server's words, fit for a terminal."""
    with suppress(ValueError, RecursionError):
        told = json.loads(said)
        said = string(told, "error", "message") or string(told, "error") or said
    words = "".join(letter if letter.isprintable() else " " for letter in said).split()
    return " ".join(words)[:200]


def as_json(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Return messages as both APIs take them."""
    return [{"role": message.role, "content": valid(message.content)} for message in messages]


def valid(text: str) -> str:
    """Return the text with lone surrogates replaced: they have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
