"""The command `ibid`: parse, call one method of Library, print. No logic."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ibid.cli.add import add
from ibid.cli.check import check
from ibid.cli.compare import compare
from ibid.cli.console import (
    NOT_IN_THE_ARTICLES,
    complain,
    flush_streams,
    guard_streams,
    note_interrupts,
    open_library,
    point_nowhere,
    print_article,
    print_brief,
    print_error,
    print_json,
    progress_bar,
    read_words,
    save_page,
    say,
    stderr,
    stdout,
    tell_if_stale,
    tell_undated,
)
from ibid.cli.doctor import doctor
from ibid.cli.doors import chat, mcp, serve
from ibid.cli.eval import evaluate
from ibid.cli.options import Form, Verbs, filters, page_option, shared
from ibid.cli.versions import version_option
from ibid.cli.watch import watch_questions
from ibid.errors import IbidError, UsageError

if TYPE_CHECKING:
    from ibid.cli.options import Target
    from ibid.library import Library
    from ibid.search import Filter
    from ibid.types import Answer, BuildReport, Event

INTERRUPTED = 130
_EXPORTS = {"markdown": "md", "obsidian": "obsidian.md", "bibtex": "bib", "csl-json": "csl.json"}


def main() -> None:
    """Run the command and leave with the exit code that its error carries."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a question is no work for two, yet pays
    out: Any = sys.stdout
    if out is not None:  # closed by the caller
        out.reconfigure(errors="replace")  # the terminal may lack an article's characters
    guard_streams()
    try:
        code = cli(standalone_mode=False, prog_name="ibid") or 0
    except (IbidError, MemoryError) as error:
        code = complain(error)
    except click.ClickException as error:
        code = print_error(error.format_message(), "ibid --help", error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except OSError as error:  # a reader that went away has been dealt with by click
        point_nowhere(1)
        code = complain(error)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        code = complain(error)
    sys.exit(flush_streams(code))


@click.group(
    cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False
)
@version_option
def cli() -> None:
    """Ask a folder of articles; every sentence of the answer leads to its place.

    Exit codes: 0 done, 1 failed, 2 usage, 3 not in the articles (with --exit-status), 4 no usable
    index, 5 model or server unavailable, 6 other evidence (watch-questions --exit-status), 130
    interrupted.
    """


@cli.command()
@click.argument("folder", nargs=-1)
@click.option("--quiet", is_flag=True, help="Print nothing when the index is up to date.")
@click.option("--prune", is_flag=True, help="Leave out what is gone or cannot be read any more.")
@click.option("--watch", is_flag=True, help="Go on, and build again whenever articles change.")
@click.option("--ray", metavar="HOST:PORT", help="Embed on the nodes of a Ray cluster.")
@click.option("--allow-remote", is_flag=True, default=None, help="Also of other machines.")
@shared("index", "embedder", "json")
def build(
    folder: tuple[str, ...],
    *,
    quiet: bool,
    prune: bool,
    watch: bool,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Build the index over FOLDER, or bring it up to date.

    FOLDER is the one of the last build when it is left out, or else `seeds`. Several are one
    library, in which ids begin with the name of their folder. An article that is in the index and
    cannot be read any more keeps its last version there, and the exit code is 1. Where 20 articles,
    more than a third, or all of a folder would go, nothing is built without --prune. With --watch,
    --prune counts for the first build only.
    """
    from ibid.index import refuse_kept
    from ibid.output import print_report, report_json

    library = open_library({"articles": folder or None, **flags})

    def run(prune: bool) -> "BuildReport":
        with progress_bar(hidden=as_json) as show:
            return library.build(show, prune=prune)

    def tell(report: "BuildReport") -> None:
        if as_json:
            print_json(report_json(report))
        elif report.changed or not quiet:
            print_report(report, stderr())

    if watch:
        _watch(library, run, tell, prune=prune)
    report = run(prune)
    tell(report)
    refuse_kept(report)


def _watch(
    library: "Library",
    run: "Callable[[bool], BuildReport]",
    tell: "Callable[[BuildReport], None]",
    *,
    prune: bool,
) -> NoReturn:
    """Build until somebody interrupts it."""
    from ibid.index import Built, Trouble, keep_up

    with note_interrupts() as interrupted:
        for outcome in keep_up(run, library.watch(interrupted), prune=prune):
            match outcome:
                case Trouble(error):
                    complain(error)
                case Built(report, recovered):
                    if recovered:
                        say("note: the trouble is over", err=True)
                    tell(report)
    raise KeyboardInterrupt


@cli.command()
@click.argument("question", nargs=-1, required=True)
@click.option("-k", default=8, show_default=True, type=click.IntRange(1, 1000), help="Passages.")
@click.option("--explain", is_flag=True, help="Show the score and the rank per signal.")
@click.option("--by", type=click.Choice(["words", "meaning"]), help="Rank by one signal alone.")
@filters
@shared("articles", "index", "embedder", "reranker", "form")
def search(
    question: tuple[str, ...],
    *,
    k: int,
    explain: bool,
    by: str | None,
    within: "Filter",
    form: Form,
    **flags: str | None,
) -> None:
    """Find the passages that fit QUESTION best, by words and by meaning.

    What stands in quotation marks is literal: passages that hold it come first.
    A QUESTION that is `-` is read from standard input.
    """
    from ibid import output
    from ibid.types import Signal

    library, words = open_library(flags), read_words(question)
    tell_undated(library, within)
    query, hits = library.find(words, k, within, Signal(by) if by else None)
    if form is Form.BRIEF:
        print_brief(output.brief_search_json(hits, library))
    elif form:
        print_json(output.search_json(hits, query, library))
    else:
        output.print_hits(hits, query, library, stdout(), explain=explain)
        tell_if_stale(library)


@cli.command()
@click.argument("question", nargs=-1, required=True)
@click.option("--exit-status", is_flag=True, help="Exit with 3 when the articles do not say.")
@click.option("--explain", is_flag=True, help="Show what the model's context was taken up by.")
@click.option("--as", "export", type=click.Choice([*_EXPORTS]), help="Print it for another tool.")
@page_option
@filters
@shared("model", "articles", "index", "embedder", "form")
def ask(
    question: tuple[str, ...],
    *,
    exit_status: bool,
    explain: bool,
    html: "Target | None",
    within: "Filter",
    form: Form,
    **flags: str | None,
) -> int:
    """Answer QUESTION from the articles, every sentence with its place.

    Without a language model the answer is made of the articles' own sentences. A QUESTION that is
    `-` is read from standard input.
    """
    from ibid import output
    from ibid.types import Status

    export = flags.pop("export")
    library = open_library(flags)
    words = read_words(question)
    tell_undated(library, within)
    answer = _follow(library.stream(words, within))
    if form is Form.BRIEF:
        print_brief(output.brief_answer_json(answer, library))
    elif form:
        print_json(output.answer_json(answer, library))
    elif export:
        say(output.FORMATS[_EXPORTS[export]].write(answer, library))
    else:
        output.print_answer(answer, library, stdout())
        if explain:
            output.print_prompt(answer.run, stdout())
        if answer.run.notice:
            say(f"note: {answer.run.notice}", err=True)
        tell_if_stale(library)
    if html:
        save_page(html.path, output.answer_page(answer, library), library, force=html.force)
    missing = answer.status is Status.NOT_IN_SOURCES
    return NOT_IN_THE_ARTICLES if exit_status and missing else 0


@cli.command()
@click.argument("article")
@click.option("--passages", is_flag=True, help="Show how the article was cut.")
@click.option("--claims", is_flag=True, help="Show what the article asserts.")
@shared("articles", "index", "embedder", "json")
def show(article: str, *, passages: bool, claims: bool, as_json: bool, **flags: str | None) -> None:
    """Print ARTICLE as it is in the index."""
    from ibid.output import article_json, claim_json, print_claims, print_passages

    library = open_library(flags)
    document, cut = library.article(article), library.passages(article)
    if claims and as_json:
        print_json([claim_json(claim, library) for claim in library.claims(article)])
    elif claims:
        print_claims(library.claims(article), library, stdout())
    elif as_json:
        print_json(article_json(document, len(cut)) | {"text": document.text})
    elif passages:
        print_passages(document, cut, stdout())
    else:
        print_article(document.text)


@cli.command()
@click.option("--skipped", is_flag=True, help="List the files that are not read, and why.")
@shared("articles", "index", "embedder", "json")
def articles(*, skipped: bool, as_json: bool, **flags: str | None) -> None:
    """List the articles in the index."""
    from ibid.output import article_json, print_articles, print_skipped, skipped_json

    library = open_library(flags)
    if skipped:
        files = [file for file in library.files() if file.reason]
        left_out = library.left_out()
        if as_json:
            return print_json(skipped_json(files, left_out))
        return print_skipped(files, left_out, stdout())
    counts = library.passage_counts
    rows = ((article, counts[article.id]) for article in library.articles)
    if as_json:
        return print_json([article_json(article, passages) for article, passages in rows])
    return print_articles(rows, stdout())


@cli.command()
@click.argument("article", nargs=-1)
@click.option("--fail", is_flag=True, help="Exit with 1 when there is anything to note.")
@shared("articles", "index", "embedder", "json")
def lint(article: tuple[str, ...], *, fail: bool, as_json: bool, **flags: str | None) -> int:
    """Show what a reader should know about each ARTICLE, or about all.

    Sources that are placeholders or have no link, forecasts that are over, wrongly decoded
    characters, broken headings, missing dates and authors, near-copies and series.
    """
    from ibid.output import lint_json, print_findings

    library = open_library(flags)
    wanted = {library.article(id).id for id in article}
    findings = {id: notes for id, notes in library.lint().items() if not wanted or id in wanted}
    if as_json:
        print_json(lint_json(findings, library))
    else:
        print_findings(findings, library, stdout())
        tell_if_stale(library)
    return int(fail and any(findings.values()))


cli.add_command(add)
cli.add_command(check)
cli.add_command(compare)
cli.add_command(evaluate)
cli.add_command(doctor)
cli.add_command(chat)
cli.add_command(mcp)
cli.add_command(serve)
cli.add_command(watch_questions)


@cli.command()
@shared("articles", "index", "embedder", "model", "json")
def config(*, as_json: bool, **flags: str | None) -> None:
    """Show each setting with its value and where it came from."""
    from ibid.settings import NAMES, load_settings, user_config

    settings = load_settings(flags)
    rows = {
        name: {"value": settings.shown(name), "origin": settings.origins.get(name, "default")}
        for name in NAMES
    }
    if as_json:
        ignored = {name: {"ignored": reason} for name, reason in settings.ignored.items()}
        print_json({name: row | ignored.get(name, {}) for name, row in rows.items()})
        return
    for name, row in rows.items():
        value = row["value"]
        text = str(value) if isinstance(value, str | int) else ", ".join(value)
        say(f"{name:<12} {text:<28} {row['origin']}")
        if reason := settings.ignored.get(name):
            say(f"{'':<12} ignored in {reason}")
    if settings.ignored:
        say(f"What is ignored there counts in {user_config()}, as an option, or as IBID_*.")


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    if script is None:
        raise UsageError(f"no completion for {shell}")
    say(script(cli, {}, "ibid", "_IBID_COMPLETE").source())


def _follow(events: "Iterator[Event]") -> "Answer":
    """Show a model's text while it is being written, and return the checked answer."""
    from rich.live import Live

    from ibid.output import ASKED_AGAIN, Text
    from ibid.types import Anew, Delta, Done, Found

    options: Any = {"transient": True, "redirect_stdout": False, "redirect_stderr": False}
    with Live(Text(), console=stderr(), refresh_per_second=10, **options) as live:
        draft = Text(style="dim")
        for event in events:
            match event:
                case Found():
                    pass
                case Delta(text):
                    live.update(draft.append(text))
                case Anew(text):
                    draft = Text(f"{text}\n\n{ASKED_AGAIN}\n".lstrip(), style="dim")
                    live.update(draft)
                case Done(answer):
                    return answer
    raise IbidError("the answer ended early")


if __name__ == "__main__":
    main()
