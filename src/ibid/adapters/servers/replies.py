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


def read_answer(name: str, pieces: Iterable[Piece], messages: Sequence[Message]) -> Iterator[Delta]:
    """Yield the text of an answer without thoughts; `name` is that of the server.

    Raises AnswerIncomplete unless the answer is whole and the prompt was read whole.
    """
    text, answer, reason, counted = "", "", "", 0
    for piece in pieces:
        text += piece.text
        reason, counted = piece.reason or reason, piece.counted or counted
        before, answer = answer, _visible(text, is_last=piece.last)
        if new := answer[len(before) :]:
            yield Delta(new)
        if piece.last:
            _check_count(counted, messages)
            thinking = text.rfind("<think>") > text.rfind("</think>")
            _check_end(name, reason, whole=bool(answer) and not thinking)
            return
    raise AnswerIncomplete(f"{name}'s answer ended early", hint=AGAIN)


def _check_count(counted: int, messages: Sequence[Message]) -> None:
    """Refuse the answer to a prompt of which the server has read a part only."""
    least = sum(least_tokens(message.content) for message in messages)
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


def _visible(text: str, *, is_last: bool) -> str:
    """Return what may be shown of a text so far: no thoughts, and no start of `<think>`.

    Raises AnswerIncomplete when thoughts end that nothing has begun: some chat templates begin
    them inside the prompt, so what was shown until then was thoughts.
    """
    answer = re.sub(r"<think>.*?(</think>|\Z)", "", text, flags=re.DOTALL).lstrip()
    if "</think>" in answer:
        hint = "turn thinking off on the server, or choose a model that does not think"
        raise AnswerIncomplete("the model thinks aloud", hint=hint)
    return answer if is_last else re.sub(r"<(t(h(i(nk?)?)?)?)?\Z", "", answer)


def lines(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a reply that are not blank. Raises AnswerIncomplete for a flood."""
    size, tail = 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > _LARGEST_REPLY:
            raise AnswerIncomplete(f"{name}'s answer is far too long", hint=AGAIN)
        *whole, tail = (tail + chunk).split(b"\n")
        yield from filter(bytes.strip, whole)
    if tail.strip():
        yield tail


def parse(name: str, line: bytes) -> object:
    """Return the JSON of a line. Raises AnswerIncomplete when it is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AnswerIncomplete(f"{name} sent a line that is no JSON", hint=AGAIN) from error


def stopped(name: str, message: str) -> AnswerIncomplete:
    """Return the error for a stream that ends with one."""
    return AnswerIncomplete(f"{name} stopped: {one_line(message)}", hint=AGAIN)


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
    item = at(value, *keys)
    return "" if item is None else valid(str(item))


def number(value: object, *keys: str | int) -> int:
    """Return the whole number at the keys, 0 where there is none."""
    item = at(value, *keys)
    return item if isinstance(item, int) and not isinstance(item, bool) else 0


def sequence(value: object, *keys: str | int) -> list[object]:
    """Return the list at the keys, an empty one where there is none."""
    item = at(value, *keys)
    return cast("list[object]", item) if isinstance(item, list) else []


def too_long(reply: str, context: int) -> PromptTooLong | None:
    """Return the error if it is the length of the prompt that the server complains of.

    The numbers may stand in JSON that is quoted inside JSON, so they are looked for as text.
    """
    counted, allowed = _first(_COUNTED, reply), _first(_ALLOWED, reply)
    if not counted and not _TOO_LONG.search(reply):
        return None
    limit = allowed or context
    message = f"the prompt has {counted or 'too many'} tokens, the model takes {limit}"
    return PromptTooLong(message, tokens=counted, limit=limit, hint="ask for less at once")


def _first(patterns: Sequence[str], reply: str) -> int:
    matches = (re.search(pattern, reply) for pattern in patterns)
    return next((int(match[1]) for match in matches if match), 0)


def one_line(reply: str) -> str:
    """Return the start of a server's words, fit for a terminal."""
    with suppress(ValueError, RecursionError):
        record = json.loads(reply)
        reply = string(record, "error", "message") or string(record, "error") or reply
    words = "".join(letter if letter.isprintable() else " " for letter in reply).split()
    return " ".join(words)[:200]


def as_json(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Return messages as both APIs take them."""
    return [{"role": message.role, "content": valid(message.content)} for message in messages]


def valid(text: str) -> str:
    """Return the text with lone surrogates replaced: they have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
