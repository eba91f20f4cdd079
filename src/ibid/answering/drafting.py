"""A model's text, checked: what holds of it, what it has to mend, and which of two is better."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ibid.answering.citing import Draft, Matcher, Sources, cite, judge_fragments
from ibid.answering.prompt import ABSTAIN, neutralise
from ibid.english import names_a_gap
from ibid.ports import Message
from ibid.search import Evidence
from ibid.types import Support

GROUNDED = 0.5
"""Share of a model's sentences that the articles must support; with less its text is not used."""

NAMED, SHORT = 8, 300
"""Sentences that a model is asked to mend, and characters of each and of its source."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a model wrote, each sentence with what supports it."""

    text: str
    drafts: tuple[Draft, ...]
    tail: str

    @property
    def stated(self) -> list[Draft]:
        """Its sentences, but for those that say what the articles leave open."""
        return [draft for draft in self.drafts if draft.support is not Support.GAP]

    @property
    def wrong(self) -> list[Draft]:
        """Those that the articles do not say, or say otherwise."""
        return [draft for draft in self.stated if not draft.holds]

    @property
    def refuses(self) -> bool:
        """Whether it says that the articles do not say, and nothing that they do."""
        return len(self.stated) < len(self.drafts) and not any(
            draft.support is not Support.UNSUPPORTED for draft in self.stated
        )

    @property
    def is_grounded(self) -> bool:
        """Whether the articles have enough of it to show it."""
        stated = self.stated
        return bool(stated) and self.supported >= GROUNDED * len(stated)

    @property
    def supported(self) -> int:
        """How many of its sentences follow the articles, be it with a change."""
        return sum(draft.support is not Support.UNSUPPORTED for draft in self.stated)

    @property
    def worth(self) -> tuple[bool, int, int]:
        """What tells the better of two: none altered, then more that hold, then fewer that do not.

        A text that refuses is worth less than any that says something.
        """
        altered = any(draft.support is Support.ALTERED for draft in self.drafts)
        holding = sum(draft.holds for draft in self.drafts)
        return holding > 0 and not altered, holding, -len(self.wrong)


def check(
    reply: str, question: str, sources: Sources, matcher: Matcher, evidence: Sequence[Evidence]
) -> Checked:
    """Align a model's text to what it has read, each fragment to what answers the question."""
    drafts, tail = cite(reply, sources, matcher)
    fragments = (
        replace(fragment, support=Support.GAP, citations=(), changes=())
        if fragment.support is not Support.VERBATIM and is_gap(fragment.text, question)
        else fragment
        for fragment in judge_fragments(drafts, question, evidence)
    )
    return Checked(reply, tuple(fragments), tail)


def is_gap(sentence: str, question: str) -> bool:
    """Tell whether a sentence only says that the articles do not say something."""
    return sentence.strip(" .!*_\"“”'") == ABSTAIN or names_a_gap(sentence, question)


def write_request(checked: Checked, sources: Sources, matcher: Matcher) -> Message:
    """Return what names the sentences that do not hold, and what the passages say instead."""
    lines = [
        f"{number}. {_quote(draft.text)}: {_instead(draft, sources, matcher)}"
        for number, draft in enumerate(checked.wrong[:NAMED], start=1)
    ]
    return Message(
        "user",
        neutralise(
            "\n".join(
                (
                    "The passages do not say this so:",
                    *lines,
                    "Write the whole answer again. Mend these sentences or leave them out, and"
                    " keep the others as they are.",
                )
            )
        ),
    )


def _instead(draft: Draft, sources: Sources, matcher: Matcher) -> str:
    """Return what the passages say in the place of a sentence."""
    nearest = next(iter(sources.nearest(draft.text, matcher)), None)
    changes = "; ".join(
        f"{_quote(change.said.of(draft.text))} should be {_quote(change.instead)}"
        for change in draft.changes
        if change.said and change.instead
    )
    text = f"the nearest sentence is {_quote(nearest.text)}" if nearest else "nothing like it"
    if draft.support is Support.ALTERED:
        return "; ".join(filter(None, (changes, text)))
    return f"no passage says it, {text}"


def _quote(text: str) -> str:
    return f"“{text if len(text) <= SHORT else text[:SHORT] + ' …'}”"
