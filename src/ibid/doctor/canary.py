"""How much of a prompt a model really reads: it is asked for words that stand far apart in it.

The rest of the prompt is filler: no article's text is sent.
"""

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ibid.errors import ModelError, PromptTooLong
from ibid.ports import Generator, Message
from ibid.text import TEMPLATE_TOKENS, answer_room, count_tokens

PLACES = ("start", "middle", "end")
SMALLEST = 1024
"""Tokens. Below, a context has no room for passages, and nobody needs to know how far below."""

_WORDS = (
    "anchor basket candle dolphin engine feather guitar hammer island jacket kettle lantern "
    "marble needle orchid pepper quarry rocket saddle trumpet umbrella violin walnut zipper"
).split()
_INSTRUCTION = "You find words in a long text and repeat them. Write nothing else."
_REQUEST = "Repeat the first, the second and the third word that you were given, with commas."


@dataclass(frozen=True, slots=True)
class Canary:
    """Three words that a model can only know by reading the prompt."""

    words: tuple[str, str, str]


def choose_canary() -> Canary:
    """Return three different words, by chance."""
    first, second, third = secrets.SystemRandom().sample(_WORDS, 3)
    return Canary((first, second, third))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model was seen to read of a full prompt."""

    text: str
    fix: str = ""
    """What to change, empty when it reads all of it."""


def try_context(generator: Generator, canary: Canary) -> Reading:
    """Return whether a model reads a prompt as long as its context allows, or else how long.

    A model that does not is asked again with half of it, and so on.
    """
    whole = generator.context
    began = time.monotonic()
    trouble = _find_trouble(generator, canary, whole)
    seconds = time.monotonic() - began
    if not trouble:
        tokens = whole - answer_room(whole)
        text = f"the model reads a full prompt from start to end ({tokens:,} tokens of {whole:,})"
        return Reading(f"{text}, in {seconds:.1f} s")
    for size in _halves(whole):
        if not _find_trouble(generator, canary, size):
            return Reading(f"{trouble}; with {size:,} it reads all", f"set context = {size}")
    fix = "choose another model, or see the log of its server"
    return Reading(f"{trouble}; with {SMALLEST:,} it is no better", fix)


def _halves(size: int) -> Iterator[int]:
    while size // 2 >= SMALLEST:
        size //= 2
        yield size


def _find_trouble(generator: Generator, canary: Canary, context: int) -> str:
    """Return what goes wrong with a prompt for this context, empty when the words came back."""
    try:
        reply = "".join(delta.text for delta in generator.stream(write_prompt(canary, context)))
    except PromptTooLong as error:
        tokens = f"{error.tokens:,}" if error.tokens else "too many"
        return (
            f"in a prompt for a context of {context:,} tokens the server counts {tokens}, "
            f"and it takes {error.limit:,}"
        )
    except ModelError as error:
        return f"with a context of {context:,} tokens: {error}"
    reply_words = set(re.findall(r"\w+", reply.lower()))
    places = zip(PLACES, canary.words, strict=True)
    lost = [place for place, word in places if word not in reply_words]
    if not lost:
        return ""
    if len(lost) == len(PLACES):
        return f"of {context:,} tokens the model repeated none of the words"
    return f"of {context:,} tokens the model lost the {' and the '.join(lost)}"


def write_prompt(canary: Canary, context: int) -> list[Message]:
    """Return a prompt that fills a context, the room for an answer left, as answers do."""
    first, second, third = (
        f"The {place} word is {word}." for place, word in zip(_ORDER, canary.words, strict=True)
    )
    overhead = count_tokens("".join((_INSTRUCTION, first, second, third, _REQUEST)))
    room = context - answer_room(context) - TEMPLATE_TOKENS - overhead
    line = "This line of the text has nothing to say.\n"
    lines = line * (room // count_tokens(line) // 2)
    text = f"{first}\n{lines}{second}\n{lines}{third}\n{_REQUEST}"
    return [Message("system", _INSTRUCTION), Message("user", text)]


_ORDER = ("first", "second", "third")
