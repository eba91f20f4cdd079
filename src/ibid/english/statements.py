"""Which sentences assert something, and which lean on the one before."""

import re

from ibid.english.words import stems
from ibid.text import count_words

FEWEST_WORDS = 4
"""Of a sentence that asserts something by itself."""
_ASKS = ("?", "？", "؟", ":", "：")
"""How a question ends, or what leads to a list, in whatever script."""


_NOTE = re.compile(
    r"[\[(](?:source|example|insert|replace|image|see)\b.*", re.IGNORECASE | re.DOTALL
)


_ANNOUNCES = re.compile(
    r"\b(?:several|many|some|various|numerous|significant)\s+(?:[\w-]+\s+){1,3}"
    r"(?:remain|need addressing|exist|persist|lie ahead)\.$|\bfaces?\s+(?:[\w-]+\s+)?challenges\.$",
    re.IGNORECASE,
)


_PRESENTS = (
    r"(?:look(?:ing)? (?:at|into)|explor|examin|discuss|div(?:e|ing) |delv|outlin|break down|unpack"
    r"|walk (?:you )?through|go (?:over|through)|touch (?:on|upon)|talk about|introduc"
    r"|take a (?:\w+ )?look)"
)
_WORK = r"(?:article|(?:blog )?post|blog|section|chapter|guide|part|series)"
_WILL = r"(?:(?:['’]ll| will|['’]d like to| would like to| (?:am|are)|['’]m|['’]re)(?: going to)?)"
_ANNOUNCES_ITSELF = re.compile(
    rf"(?:(?:in|throughout) (?:this|the) (?:next |following )?{_WORK}s?,? )?"
    rf"(?:(?:we|i){_WILL}|let(?:['’]s| us| me)|this {_WORK}(?: will)?) (?:\w+ ){{0,2}}?{_PRESENTS}",
    re.IGNORECASE,
)
"""What an article says of itself: that it will look at something, not what it finds there."""


_ENDS = re.compile(r"[.!。！।]['\"”’)\]*_]*$")


_BACK = re.compile(
    r"\b(?:these|those|such|while|although|despite)\s+(?:(?:the|all|many)\s+)?(?P<noun>[\w-]+)",
    re.IGNORECASE,
)


_LEANS = re.compile(
    r"(?:(?:and|but|so|yet|also|thus|therefore|however|furthermore|moreover|in\s+addition"
    r"|for\s+(?:example|instance)),?\s+)?"
    r"(?:(?:according\s+to|on|in|at|during|under|of|for|with|after|before|since|by|from|among"
    r"|despite|because\s+of)\s+(?=th(?:is|ese|at|ose)\b))?"
    r"(?:this|these|those|that|it|its|they|their|them|he|his|she|her|such|both|another"
    r"|the\s+(?:former|latter|same))\b",
    re.IGNORECASE,
)


def leans(text: str) -> bool:
    """Tell whether a sentence refers to the one before it (`This allows …`, `On this day …`)."""
    return _LEANS.match(text) is not None


_WHOLE = re.compile(r"[^\W_][^:\n]{1,40}: \S|(?:\w+ ){2}\w.*[.!]$")


def is_statement(text: str) -> bool:
    """Tell whether a sentence asserts something: no question, no note in brackets, no stump."""
    long_enough = count_words(text) >= FEWEST_WORDS and any(c.isalpha() for c in text)
    return long_enough and not _is_idle(text)


def is_whole_sentence(text: str) -> bool:
    """Tell whether a statement ends as a sentence does: a heading or an item of a list may not."""
    return _ENDS.search(text) is not None


def is_stump(text: str) -> bool:
    """Tell whether a line asserts something only with what stands before it (`5 euros.`)."""
    return (
        0 < count_words(text) < FEWEST_WORDS
        and not _is_idle(text)
        and any(c.isalnum() for c in text)
    )


def is_whole(text: str) -> bool:
    """Tell whether a short line says itself what it is about (`Founded: 1921`)."""
    return _WHOLE.match(text) is not None


def _is_idle(text: str) -> bool:
    idle = text.endswith(_ASKS) or _NOTE.match(text) or _ANNOUNCES.search(text)
    return bool(idle or _ANNOUNCES_ITSELF.match(text))


def speaks_back(sentence: str, aspect: frozenset[str]) -> bool:
    """Tell whether a sentence only points at what is asked for (`These challenges …`)."""
    return any(aspect & frozenset(stems(match["noun"])) for match in _BACK.finditer(sentence))
