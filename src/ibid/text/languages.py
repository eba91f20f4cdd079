"""In which language a text is written: as its front matter says, else by its letters."""

import re
from collections import Counter
from functools import cache, lru_cache
from typing import Any

from ibid.errors import temporary_room

_TOP, _SAMPLE = 4000, 1500
"""Characters of a text in which its language may be said; and those of its prose that are read."""

_FEWEST_LETTERS, _SURE = 20, 0.9
"""Letters of a text, and probability of a language, below which it is taken for English."""

_SAID = re.compile(
    r"(?<![^\r\n])[\"']?(?:lang|language|locale)[\"']?[ \t]*[:=][ \t]*[\"']?(?P<code>[a-z]{2,3})\b",
    re.IGNORECASE,
)
_FRONT = re.compile(
    r"\ufeff?\s{0,20}(?P<fence>---|\+\+\+)[ \t]*[\r\n].{0,4000}?[\r\n](?P=fence)", re.DOTALL
)
_ENGLISH = re.compile(
    r"\b(?:the|and|of|to|is|that|with|are|this|which|have|from|not|it|its|they|their|we|you|what|how|who"
    r"|when|where|why|does|did|can|could|should|would|been|were|these|there|than|about)\b",
    re.IGNORECASE,
)
_ENGLISH_SHARE = 0.11
"""Share of such words from which a text in Latin letters is English; 0.6 s of loading a model and
80 MB are saved to whoever asks in English of English articles."""

_NO_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\r\n]*`|https?://\S+|<[^<>\r\n]*>|[\d\W_]+", re.DOTALL
)
_SCRIPTS = re.compile(
    r"(?P<ja>[\u3040-\u30ff])|(?P<zh>[\u3400-\u9fff])|(?P<ko>[\uac00-\ud7af])"
    r"|(?P<th>[\u0e01-\u0e4e])|(?P<el>[\u0370-\u03ff])|(?P<ru>[\u0400-\u04ff])"
    r"|(?P<hy>[\u0531-\u0587])|(?P<he>[\u05d0-\u05ea])|(?P<ar>[\u0620-\u06ff])"
    r"|(?P<hi>[\u0900-\u097f])|(?P<en>[A-Za-zÀ-ɏ])"
)
_DENSE = {"zh": 3, "ja": 3, "ko": 2}
_LATIN = (
    "en de fr es it pt nl ca da sv no fi pl cs sk sl hr hu ro tr et lv lt id vi sq af eu gl is"
).split()
"""Languages of Latin script that are told apart; others are read as English is."""


_NAMES = {
    pair[:2]: pair[3:]
    for pair in (
        "en=English de=German fr=French es=Spanish it=Italian pt=Portuguese nl=Dutch ca=Catalan"
        " da=Danish sv=Swedish no=Norwegian nb=Norwegian nn=Norwegian fi=Finnish pl=Polish cs=Czech"
        " sk=Slovak sl=Slovenian hr=Croatian sr=Serbian hu=Hungarian ro=Romanian tr=Turkish"
        " et=Estonian lv=Latvian lt=Lithuanian id=Indonesian vi=Vietnamese sq=Albanian af=Afrikaans"
        " eu=Basque gl=Galician is=Icelandic ja=Japanese zh=Chinese ko=Korean th=Thai el=Greek"
        " ru=Russian uk=Ukrainian hy=Armenian he=Hebrew ar=Arabic fa=Persian hi=Hindi"
    ).split()
}


def name_language(code: str) -> str:
    """Return the English name of a language, its code where it has none here."""
    return _NAMES.get(code, code)


@lru_cache(maxsize=64)
def language_of(text: str) -> str:
    """Return the ISO 639 code of a text's language (`de`), `en` where it cannot be told.

    >>> language_of("Die Version wird bis zum 23. Februar 2014 gepflegt.")
    'de'
    """
    front = _FRONT.match(text)
    match = _SAID.search(text, 0, front.end()) if front else None
    if match:
        return match["code"].lower()
    start = front.end() if front else 0
    sample = _NO_PROSE.sub(" ", text[start : start + _TOP])[:_SAMPLE]
    letters = Counter(letter.lastgroup or "" for letter in _SCRIPTS.finditer(sample))
    script = _commonest(letters)
    if script != "en":
        return script
    return _tell_latin(sample) if letters["en"] >= _FEWEST_LETTERS else "en"


def _commonest(letters: Counter[str]) -> str:
    """Return the script of most letters, `en` for none.

    An ideograph counts for as many as a word has. Japanese has those, and letters of its own.
    """
    if letters["ja"] * 5 > letters["zh"]:
        letters["ja"] += letters.pop("zh", 0)
    weights = {script: count * _DENSE.get(script, 1) for script, count in letters.items()}
    return max(weights, key=lambda script: weights[script], default="en")


def _tell_latin(sample: str) -> str:
    if len(_ENGLISH.findall(sample)) >= _ENGLISH_SHARE * len(sample.split()):
        return "en"
    language, probability = _identifier().classify(sample)
    return str(language) if probability >= _SURE else "en"


@cache
def _identifier() -> Any:
    from py3langid import langid

    untyped: Any = langid
    with temporary_room():  # where it unpacks its model
        identifier = untyped.LanguageIdentifier.from_model_file(untyped.MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LATIN)
    return identifier
