"""The numbers that hold for the scores of one embedder, and which embedder that is.

Cosines of another model are spread otherwise, so with it these numbers are a guess: answers are
made with them, and say that how often they are wrong is not known.
"""

from dataclasses import dataclass

MARGIN = 3
"""Decimals of a score, unless it takes more to tell it from a threshold."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds on the scale of an embedder's cosines, each described where it is used."""

    embedder: str
    """Name of the embedder that they were measured with."""
    missed: int
    """Of 100 questions that the articles answer, how many `closest` refuses."""
    slope: float
    offset: float
    passage: float
    cosine: float
    closest: float
    answered: float
    spoken_of: float
    close_to: float
    about: float
    repeats: float
    contained: float
    synonym: float
    related: float
    says: float
    near: float
    grounded: float
    coherent: float
    second_quote: float
    alike: float
    alike_alone: float

    def holds_for(self, embedder: str) -> bool:
        """Tell whether they were measured with an embedder, in whatever precision."""
        return embedder == self.embedder


MEASURED = Calibration(
    embedder="all-MiniLM-L6-v2",
    missed=5,
    slope=0.4738,
    offset=-2.5377,
    passage=6.0,
    cosine=4.0,
    closest=0.236,
    answered=0.68,
    spoken_of=0.35,
    close_to=0.39,
    about=0.46,
    repeats=0.85,
    contained=0.8,
    synonym=0.7,
    related=0.6,
    says=0.475,
    near=0.3,
    grounded=0.55,
    coherent=0.65,
    second_quote=0.1,
    alike=0.35,
    alike_alone=0.65,
)


def round_score(score: float, threshold: float) -> float:
    """Return a score with few decimals, or all where these would move it over a threshold.

    >>> round_score(0.38912, 0.4), round_score(0.39996, 0.4)
    (0.389, 0.39996)
    """
    rounded = round(score, MARGIN)
    return rounded if (rounded < threshold) == (score < threshold) else score
