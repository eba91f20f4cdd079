"""How good ibid's ranking is on public sets, beside its signals alone and their plain fusion.

    python benchmarks/quality.py --data FOLDER [--sets squad scifact] [--limit 1000]

Prints a table, and writes all measures with their intervals and paired tests, the machine and the
date to `benchmarks/results/quality-COMMIT.json`, or to `.bench/results/` where the run is not
whole. Indexes are kept in `.bench/` and reused.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import record
from ibid import __version__
from ibid.evaluation.measuring import compare
from ibid.evaluation.ranking import Ranking
from ibid.evaluation.running import Measurement, draw, examine, measure_ranking, prepare
from ibid.evaluation.sets import SETS, read_set
from ibid.evaluation.tables import rankings_json, told_p
from ibid.settings import Settings

SHOWN = ("nDCG@10", "Success@1")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the sets that are asked for."""
    parser = record.make_set_parser("Measure retrieval on public sets.", SETS, 1000)
    options = parser.parse_args(argv)
    if not record.has_data("quality", options.data):
        return 0
    kept = record.begin("quality", parser, options)
    found: dict[str, Any] = {}
    print(f"{'':14} {'':10}" + "".join(f"{ranking:>22}" for ranking in Ranking))
    for name in options.sets:
        measured = measure_set(name, options.data, options.work, options.limit)
        others = [each for ranking, each in measured.items() if ranking is not Ranking.IBID]
        found[name] = _counted(rankings_json(*others, measured[Ranking.IBID]))
        _print_rows(name, measured)
        kept.write({"version": __version__, "sets": found})
    kept.finish()
    return 0


def measure_set(
    name: str, data: Path, work: Path, limit: int | None
) -> Mapping[Ranking, Measurement]:
    """Return how each ranking does on a set."""
    questions = read_set(name, data)
    library = prepare(questions, work, Settings(model="none"), record.ignore)
    exam = examine(name, draw(questions.cases, limit), library)
    return {ranking: measure_ranking(exam, ranking, record.ignore) for ranking in Ranking}


def _counted(result: Any) -> Any:
    """Return a result with the questions won and lost counted instead of named."""
    if not isinstance(result, dict):
        return result
    values = cast("dict[str, Any]", result)
    return {
        name: len(value) if name in ("won", "lost") else _counted(value)
        for name, value in values.items()
    }


def _print_rows(name: str, measured: Mapping[Ranking, Measurement]) -> None:
    """Print each measure, with the paired p of ibid against each other ranking."""
    ours = measured[Ranking.IBID]
    for measure in SHOWN:
        row = f"{name:14} {measure:10}"
        for ranking, other in measured.items():
            test = compare(other.values[measure], ours.values[measure])
            p = "" if ranking is Ranking.IBID else f" (p {told_p(test.p)})"
            row += f"{test.a:.3f}{p}".rjust(22)
        print(row, flush=True)


if __name__ == "__main__":
    sys.exit(main())
