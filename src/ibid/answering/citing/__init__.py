"""The system cites: each sentence of an answer is aligned to the articles' own sentences by code.

A model's own citation marks are dropped; what is cited is found here, among all sentences of the
passages that were found. A sentence is

- verbatim    when it is a sentence of an article, or parts of one, and no word and sign is changed;
- altered     when it follows an article's sentence and yet says something else: a number, a name, a
              negation, a hedge, an opposite; roles or causes turned round; what governs it left
              out, something added; or when a figure or a name in it is nowhere in the cited
              passages. The words are named;
- reworded    when its words are close to those of one or two of the articles' sentences. Whether
              it means the same cannot be told by code, and is not claimed;
- unsupported when none of this holds. It gets no citation and is shown as what it is.

`sources` finds the sentences that may support a claim, `grounding` tells how close its words come
to theirs, `changes` what they say otherwise, and `verdict` is the rule. A claim is drafted with its
place still open; `drafts` numbers the quotes and writes the text.
"""

from collections.abc import Iterator

from ibid.answering.citing.drafts import (
    Draft,
    assemble,
    drop_marks,
    end_of_numbers,
    keep_what_holds,
    number_quotes,
    quote,
)
from ibid.answering.citing.fragments import judge_fragments
from ibid.answering.citing.grounding import Matcher
from ibid.answering.citing.sources import Source, Sources, read_matcher, read_sources
from ibid.answering.citing.verdict import judge
from ibid.text import find_sentences, language_of, plain, split_sentences
from ibid.types import Span, Support

__all__ = [
    "Draft",
    "Matcher",
    "Source",
    "Sources",
    "assemble",
    "cite",
    "drop_marks",
    "end_of_numbers",
    "judge",
    "judge_fragments",
    "keep_what_holds",
    "number_quotes",
    "quote",
    "read_matcher",
    "read_sources",
]


def cite(reply: str, sources: Sources, matcher: Matcher) -> tuple[list[Draft], str]:
    """Align each sentence of a model's text to the sources; return the drafts and the tail."""
    text = drop_marks(reply)
    drafts: list[Draft] = []
    end = 0
    for span in _find_claims(text, sources, matcher):
        sentence = drop_marks(plain(span.of(text)))  # `[**1**]` is a mark without its stars
        if not sentence:
            end = span.end
            continue
        if sentence.endswith(":"):
            continue  # it introduces the sentences below and asserts nothing
        verdict = judge(sentence, sources, matcher)
        before = text[end : span.start]
        drafts.append(Draft(before, sentence, verdict.citations, verdict.support, verdict.changes))
        end = span.end
    return drafts, text[end:]


def _find_claims(text: str, sources: Sources, matcher: Matcher) -> Iterator[Span]:
    """Yield the sentences of a model's text.

    A word or two (`No.`) go with the sentence behind only where an article has them so.
    """
    language = language_of(text)
    for span in find_sentences(text, Span(0, len(text))):
        pieces = [
            sentence.shifted(span.start) for sentence in split_sentences(span.of(text), language)
        ]
        if len(pieces) > 1:
            verdict = judge(plain(span.of(text)), sources, matcher)
            pieces = [span] if verdict.support is Support.VERBATIM else pieces
        yield from pieces or (span,)
