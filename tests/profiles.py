"""How often a function is called."""

import cProfile
import pstats


def calls_of(name: str, profile: cProfile.Profile) -> int:
    """Return how often functions of a name were called."""
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    return sum(counts[1] for (_, _, called), counts in stats.items() if called == name)
