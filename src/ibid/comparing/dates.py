"""How far apart two articles were written."""

import datetime

SAME_TIME = 31
"""Days within which two articles speak of the same time."""


def are_apart(one: str, other: str) -> bool:
    """Tell whether two dates are known and lie more than `SAME_TIME` days apart.

    >>> are_apart("2025-05-12", "2025-08-31"), are_apart("2025-05-12", "2025")
    (True, False)
    """
    try:
        first, second = (datetime.date.fromisoformat(date[:10]) for date in (one, other))
    except ValueError:
        return False
    return abs((first - second).days) > SAME_TIME
