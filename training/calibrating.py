"""From scores to outcomes: the probability that a question is answered, and two thresholds on it.

`python training/calibrating.py --choosing FOLDER/asked.json --others NAME=FOLDER/asked.json …`

They are chosen on one folder and reported on the others.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

NEAR_AS_ANSWERED, OFF_NOT_REFUSED = 0.2, 0.02
"""What is allowed: near misses that are shown as answered, questions off the subject as closest."""

Asked = Sequence[Mapping[str, Any]]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's: the probability is 1 / (1 + exp(-(slope · score + offset)))."""

    slope: float
    offset: float
    answered: float
    """The score from which a question is answered."""
    closest: float
    """The score from which the closest sentence is shown."""


def calibrate(asked: Asked, by: str) -> Calibration:
    """Return what is best on the questions of a folder."""
    scores, right = _scores(asked, by), _kinds(asked) == "answerable"
    weights = np.where(right, 1 / right.sum(), 1 / (~right).sum())
    platt = LogisticRegression(C=1e6).fit(scores[:, None], right, weights * len(right))
    return Calibration(
        round(float(platt.coef_[0, 0]), 4),
        round(float(platt.intercept_[0]), 4),
        _above(scores[_kinds(asked) == "near"], NEAR_AS_ANSWERED),
        _above(scores[_kinds(asked) == "off"], OFF_NOT_REFUSED),
    )


def outcomes(asked: Asked, by: str, chosen: Calibration) -> dict[str, dict[str, float]]:
    """Return for each kind of question which share of it is answered, and which refused."""
    scores, kinds = _scores(asked, by), _kinds(asked)
    low = min(chosen.closest, chosen.answered)
    return {
        str(kind): {
            "answered": _share(scores[kinds == kind] >= chosen.answered),
            "closest": _share(
                (scores[kinds == kind] < chosen.answered) & (scores[kinds == kind] >= low)
            ),
            "refused": _share(scores[kinds == kind] < low),
        }
        for kind in sorted(set(kinds))
    }


def _scores(asked: Asked, by: str) -> Scores:
    return np.array([question[by] for question in asked])


def _kinds(asked: Asked) -> NDArray[np.str_]:
    return np.array([question["kind"] for question in asked])


def _above(scores: Scores, share: float) -> float:
    """Return the score that only this share of some is above."""
    return round(float(np.quantile(scores, 1 - share)), 4)


def _share(chosen: NDArray[np.bool_]) -> float:
    return round(float(chosen.mean()), 3)


def main() -> None:
    """Calibrate on one folder, and report on the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choosing", type=Path, required=True)
    parser.add_argument("--others", nargs="+", default=[], metavar="NAME=FILE")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    others = {name: Path(path) for name, path in (each.split("=") for each in options.others)}
    files = {"choosing": options.choosing, **others}
    read = {n: json.loads(p.read_text("utf-8"))["asked"] for n, p in files.items()}
    found: dict[str, Any] = {}
    for by in ("rules", "reader", "cosine"):
        chosen = calibrate(read["choosing"], by)
        shares = {name: outcomes(asked, by, chosen) for name, asked in read.items()}
        found[by] = {"slope": chosen.slope, "offset": chosen.offset, "answered": chosen.answered}
        found[by] |= {"closest": chosen.closest, **shares}
    text = json.dumps(found, indent=1)
    options.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
