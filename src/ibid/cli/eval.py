"""`ibid eval`: how well questions find what answers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibid.cli.console import open_library, print_json, progress_bar, refuse_own_folders, say, stdout
from ibid.cli.options import Command, Target, shared, target
from ibid.errors import UsageError
from ibid.settings import cache_folder

if TYPE_CHECKING:
    from ibid.evaluation import Exam, Measurement, OnProgress

_PATH = click.Path(path_type=Path)
_WAYS = "--set NAME --data FOLDER, --questions FILE, --self or --qrels FILE"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the questions come from: one of a set, a file, the folder itself, TREC judgements."""

    set: str | None
    data: Path | None
    questions: Path | None
    own: bool
    qrels: Path | None
    limit: int | None
    work: Path | None


def source(command: Command) -> Command:
    """Give a command the options that say where questions come from, as one Source."""

    @wraps(command)
    def run(**arguments: Any) -> Any:
        origin = Source(**{name: arguments.pop(name) for name in Source.__slots__})
        return command(source=origin, **arguments)

    options = (
        click.option("--set", metavar="NAME", help="A public set, such as squad or scifact."),
        click.option("--data", type=_PATH, metavar="FOLDER", help="Where the public sets are."),
        click.option("--questions", type=_PATH, metavar="FILE", help="Your own, as JSON Lines."),
        click.option("--self", "own", is_flag=True, help="Make them out of the articles."),
        click.option("--qrels", type=_PATH, metavar="FILE", help="Judge TREC runs by this file."),
        click.option("--limit", type=click.IntRange(1), metavar="N", help="Draw so many of them."),
        click.option("--work", type=_PATH, metavar="FOLDER", help="Where sets are indexed."),
    )
    wrapper: Any = run
    for option in reversed(options):
        wrapper = option(wrapper)
    return wrapper


@click.command("eval")
@source
@click.option("--by", show_default="ibid", help="A ranking, or the file of a run.")
@click.option("--compare", nargs=2, metavar="A B", help="Test two of these, in pairs.")
@target("--save", "FOLDER", "Write TREC files there.")
@click.option("--answers", is_flag=True, help="Measure the answers: a model's, beside quotes.")
@shared("model", "articles", "index", "embedder", "json")
def evaluate(
    *,
    source: Source,
    by: str | None,
    compare: tuple[str, str] | None,
    save: Target | None,
    answers: bool,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Measure how well questions find what answers them.

    A ranking is `ibid`, `words` (BM25 alone), `meaning` (cosine alone), `fusion` (their plain
    mean) or a file with a TREC run. Questions that the articles do not answer are asked, too, and
    it is counted how many are refused.

    With --answers each question is answered by the articles' own sentences and by the language
    model: what they cite, what of it holds, what they refuse and how long it takes.
    """
    if answers:
        if by or compare or save:
            hint = "ibid eval --answers, and --by, --compare or --save without it"
            raise UsageError("answers are no ranking to compare or to save", hint=hint)
        _measure_answers(source, flags, as_json=as_json)
        return
    if any(flags[name] for name in ("model", "server", "allow_remote")):
        hint = "ibid eval --answers measures a model's answers"
        raise UsageError("no language model takes part in a ranking", hint=hint)
    if by and compare:
        raise UsageError("--by has no effect with --compare", hint="leave one of them out")
    if compare and compare[0] == compare[1]:
        raise UsageError(f"{compare[0]} is compared with itself", hint="--compare meaning ibid")
    _measure_rankings(source, flags, compare or (by or "ibid",), save, as_json=as_json)


def _measure_rankings(
    source: Source,
    flags: dict[str, Any],
    rankings: "Sequence[str]",
    save: Target | None,
    *,
    as_json: bool,
) -> None:
    """Print how well rankings do, and what makes that say less than it seems to."""
    from ibid.evaluation import find_gaps, rankings_json, show_rankings

    with progress_bar(hidden=as_json) as show:
        exam = _set_exam(source, flags, show)
        measured = [_measure(ranking, exam, show) for ranking in rankings]
    for gap in dict.fromkeys(gap for measurement in measured for gap in find_gaps(measurement)):
        say(f"note: {gap}", err=True)
    if as_json:
        print_json(rankings_json(*measured))
    else:
        show_rankings(measured, stdout())
    if save:
        refuse_own_folders(save.path / f"{exam.name}.qrels", open_library(flags))
        _save(measured, save)


def _measure_answers(source: Source, flags: dict[str, Any], *, as_json: bool) -> None:
    """Print what quotes do with the questions and, where there is one, a model."""
    from ibid.adapters import find_generator, require_generator
    from ibid.cli.console import read_settings
    from ibid.evaluation import answers_json, measure_answers, show_answers

    settings = read_settings(flags)
    is_required = settings.model != "none" and (flags["model"] or flags["server"])
    model = require_generator(settings) if is_required else find_generator(settings)
    with progress_bar(hidden=as_json) as show:
        exam = _set_exam(source, flags, show)
        measurements = [measure_answers(exam, None, show)]
        if model.generator:
            measurements.append(measure_answers(exam, model.generator, show))
    if as_json:
        print_json(answers_json(measurements))
    else:
        show_answers(measurements, stdout())
    if model.notice:
        say(f"note: {model.notice}", err=True)


def _set_exam(source: Source, flags: dict[str, Any], show: "OnProgress") -> "Exam":
    """Return the questions that the options name, about a library that is built."""
    from ibid.evaluation import (
        Exam,
        draw,
        examine,
        leave_out_skipped,
        make_set,
        prepare,
        read_cases,
        read_qrels,
        read_set,
    )

    _check_source(source)
    if source.qrels:
        return Exam(source.qrels.stem, (), read_qrels(source.qrels))
    library = open_library({**flags, "model": "none"})  # whatever is asked here, by us alone
    if source.questions:
        articles = {article.id: article for article in library.articles}
        cases, notes = leave_out_skipped(read_cases(source.questions, articles, library.skipped))
        for note in notes:
            say(f"note: {note}", err=True)
        return examine(source.questions.stem, draw(cases, source.limit), library)
    if source.set and source.data:
        questions = read_set(source.set, source.data)
    else:
        questions = make_set(library.articles, library.folders)
    work = source.work or cache_folder() / "eval"
    own = prepare(questions, work, library.settings, show)
    return examine(questions.name, draw(questions.cases, source.limit), own)


def _check_source(source: Source) -> None:
    """Raise UsageError unless there is one source, with all that it needs and nothing beside."""
    ways = {
        "--set": source.set is not None,
        "--questions": source.questions is not None,
        "--self": source.own,
        "--qrels": source.qrels is not None,
    }
    choices = [name for name, there in ways.items() if there]
    if len(choices) != 1:
        raise UsageError("what is to be asked has to be said in one way", hint=f"ibid eval {_WAYS}")
    if source.set and not source.data:
        raise UsageError("--set needs the folder that has it", hint="ibid eval --set … --data …")
    takes = {
        "--data": (source.data, ("--set",)),
        "--work": (source.work, ("--set", "--self")),
        "--limit": (source.limit, ("--set", "--self", "--questions")),
    }
    for option, (value, sources) in takes.items():
        if value is not None and choices[0] not in sources:
            hint = f"it goes with {' or '.join(sources)}"
            raise UsageError(f"{option} has no effect with {choices[0]}", hint=hint)


def _measure(ranking: str, exam: "Exam", show: "OnProgress") -> "Measurement":
    from ibid.evaluation import Ranking, measure_ranking, measure_run, read_run

    if ranking in list(Ranking):
        return measure_ranking(exam, Ranking(ranking), show)
    path = Path(ranking)
    if not path.is_file():
        hint = f"a ranking is {', '.join(Ranking)} or the file of a TREC run"
        raise UsageError(f"no ranking is named {ranking!r}", hint=hint)
    return measure_run(exam, ranking, read_run(path))


def _save(measured: "Sequence[Measurement]", where: Target) -> None:
    from ibid.evaluation import write_qrels, write_run

    folder, force = where.path, where.force
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "--save takes another FOLDER"
        raise UsageError(f"{folder} cannot be written: {error.strerror}", hint=hint) from error
    for measurement in measured:
        name = measurement.ranking.replace("%", "%25").replace(
            "/", "%2F"
        )  # may be the path of a run
        write_run(measurement.run, folder / f"{name}.run", measurement.ranking, force=force)
        write_qrels(measurement.exam.qrels, folder / f"{measurement.exam.name}.qrels", force=force)
