"""What a reader can have an agent do with the tools, in one choice of a menu."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request to an agent, about the one thing that it takes."""

    takes: str
    """What the reader fills in."""
    about: str
    text: str

    def write(self, argument: str) -> str:
        """Return the request about what was filled in."""
        return f"{self.text}\n\n{self.takes.capitalize()}: {argument}"


PROMPTS: Mapping[str, Prompt] = {
    "cited_brief": Prompt(
        "topic",
        "A brief on a topic, every sentence cited",
        "Write a brief on the topic below from the articles alone. Call ask and search, open what "
        "you need, cite each sentence as article:line. Then call verify_text on the whole of it, "
        "and mend what is altered or not in the articles. Say what the articles leave open.",
    ),
    "compare_claims": Prompt(
        "topic",
        "What the articles claim about a topic, side by side",
        "Call compare on the topic below. Report the conflicts first, with both quotes and their "
        "places, then what several independent sources say, then what one alone says, and who is "
        "silent.",
    ),
    "check_my_draft": Prompt(
        "draft",
        "Each sentence of a draft, checked",
        "Call verify_text on the draft below until all of it is checked. List each sentence that "
        "is altered, reworded or not in the articles, with the article's own sentence and its "
        "place, and propose a wording that the article supports. Change nothing else.",
    ),
}
