"""From what speaks for an answer to outcomes: a probability, and two thresholds on it.

`python training/calibrating.py --choosing FILE.json --others NAME=FILE.json … --out FILE.json`

They are chosen on the questions of one folder (asking.py) and reported on the others.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

NEAR_AS_ANSWERED, OFF_NOT_REFUSED = 0.2, 0.08
"""What is allowed: near misses that are shown as answered, questions off the subject as closest.

With 0.02 a third of the seeds' questions in a reader's own words would be refused."""

Asked = Sequence[Mapping[str, Any]]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's: the probability is 1 / (1 + exp(-(slope · x + offset)))."""

    slope: float
    offset: float
    answered: float
    """The probability from which a question is answered."""
    closest: float
    """The probability from which the closest sentence is shown."""

    def probability(self, asked: Asked) -> Numbers:
        """Return the probability that the articles answer each question."""
        speaks = np.array([question["speaks"] for question in asked])
        return 1 / (1 + np.exp(-(self.slope * speaks + self.offset)))


def calibrate(asked: Asked) -> Calibration:
    """Return what is best on the questions of a folder."""
    speaks, kinds = np.array([q["speaks"] for q in asked]), _kinds(asked)
    right = kinds == "answerable"
    weights = np.where(right, 1 / right.sum(), 1 / (~right).sum()) * len(right) / 2
    platt = LogisticRegression(C=1e6).fit(speaks[:, None], right, weights)
    slope, offset = round(float(platt.coef_[0, 0]), 4), round(float(platt.intercept_[0]), 4)
    likely = Calibration(slope, offset, 0.0, 0.0).probability(asked)
    answered = _above(likely[kinds == "near"], NEAR_AS_ANSWERED)
    closest = _above(likely[kinds == "off"], OFF_NOT_REFUSED)
    return Calibration(slope, offset, answered, min(closest, answered))


def outcomes(asked: Asked, chosen: Calibration) -> dict[str, Any]:
    """Return for each kind of question which share of it is answered, and which refused."""
    likely, kinds = chosen.probability(asked), _kinds(asked)
    shares: dict[str, Any] = {}
    for kind in sorted(set(kinds)):
        own = likely[kinds == kind]
        answered, refused = (own >= chosen.answered).mean(), (own < chosen.closest).mean()
        shares[str(kind)] = {
            "questions": len(own),
            "answered": round(float(answered), 3),
            "closest": round(float(1 - answered - refused), 3),
            "refused": round(float(refused), 3),
        }
    return shares


def _kinds(asked: Asked) -> NDArray[np.str_]:
    return np.array([question["kind"] for question in asked])


def _above(likely: Numbers, share: float) -> float:
    """Return the probability that only this share of some is above."""
    return round(float(np.quantile(likely, 1 - share)), 4)


def main() -> None:
    """Calibrate on one folder, and report on the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choosing", type=Path, required=True)
    parser.add_argument("--others", nargs="+", default=[], metavar="NAME=FILE")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    others = {name: Path(path) for name, path in (each.split("=") for each in options.others)}
    files = {"choosing": options.choosing, **others}
    asked = {name: json.loads(path.read_text("utf-8")) for name, path in files.items()}
    chosen = calibrate(asked["choosing"])
    report = {"chosen": asdict(chosen)}
    report |= {name: outcomes(questions, chosen) for name, questions in asked.items()}
    text = json.dumps(report, indent=1)
    options.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
