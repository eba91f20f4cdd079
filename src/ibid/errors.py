"""What can go wrong, drawn once.

IbidError                   exit code 1
├── UsageError              2   the question or an option cannot be used
├── FolderError             1   the folder of articles is missing, empty or unreadable
│   └── ArticleUnreadable       one file of it cannot be read as an article
├── ArticlesWouldBeLost     1   a build would take much out of the index
├── IndexUnusable           4   there is no index that can answer
│   ├── IndexMissing
│   ├── IndexForeign            built by another model, version or chunker
│   ├── IndexDamaged            its bytes are not the ones that were written
│   └── IndexUnreadable         a passing trouble: they may well be
├── IndexLocked             1   another build is running
├── LibraryMissing          1   a library that this needs is not installed
├── NoTemporaryRoom         1   no temporary folder takes what has to be put there
├── PageUnavailable         1   a page of the web cannot be had, or has no text
└── ModelError              5   the embedder or the language model cannot be used
    ├── ModelMissing
    ├── ServerUnavailable
    └── AnswerIncomplete        the stream ended early, was cut, or never began
        └── PromptTooLong       it never began: the prompt does not fit
"""

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import metadata

from ibid.types import ArticleId


class IbidError(Exception):
    """Base of every error that ibid raises on purpose: what happened, and what to do."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(IbidError):
    """The question or an option cannot be used as it is."""

    exit_code = 2


class FolderError(IbidError):
    """The folder of articles is missing, empty or unreadable."""


class ArticleUnreadable(FolderError):
    """One file cannot be read as an article."""


class ArticleEmpty(ArticleUnreadable):
    """A file was read, and it says nothing."""


class ArticlesWouldBeLost(IbidError):
    """A build would take so much out of the index that somebody has to agree first."""

    def __init__(
        self, message: str, *, articles: tuple[ArticleId, ...], before: int, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.articles = articles
        """Those that would be lost."""
        self.before = before
        """How many there are, files with the same bytes counted once."""


class IndexLocked(IbidError):
    """Another build holds the index."""


class LibraryMissing(IbidError):
    """A library that only some of ibid needs is not installed."""


class NoTemporaryRoom(IbidError):
    """No temporary folder takes what has to be put there for a while."""


class PageUnavailable(IbidError):
    """A page of the web cannot be had, or has no text."""


@contextmanager
def temporary_room() -> Generator[None]:
    """Tell trouble with what is done in the temporary folder as such. Raises NoTemporaryRoom."""
    try:
        yield
    except OSError as error:
        raise NoTemporaryRoom(
            f"no temporary folder can be used ({error.strerror or error})",
            hint="free some space, or set TMPDIR to a folder that has some, then try again",
        ) from error


def name_missing(error: BaseException) -> LibraryMissing | None:
    """Return which library an error is for want of, and the command that installs it.

    None for every other error, and where a part of ibid or of Python itself is missing.
    """
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    module = error.name.partition(".")[0]
    if module in sys.stdlib_module_names or module == "ibid":
        return None
    return LibraryMissing(f"{module} is not installed, and this needs it", hint=_install(module))


def _install(module: str) -> str:
    """Return the command that installs what has a module: one of our extras, or the library."""
    wanted = _normal(_DISTRIBUTIONS.get(module, module))
    for name, extra in map(_read_requirement, _requirements()):
        if _normal(name) == wanted and extra != "all":
            return f'pip install "ibid-articles[{extra}]"' if extra else f"pip install {wanted}"
    return "pip install --force-reinstall ibid-articles"  # whoever has another name may be anybody


def _read_requirement(line: str) -> tuple[str, str]:
    """Return the name of what is required, and the extra that it is for, empty for none."""
    extra = re.search(r"""extra == ['"]([\w-]+)['"]""", line)
    return re.split(r"[^\w.-]", line, maxsplit=1)[0], extra[1] if extra else ""


def _requirements() -> list[str]:
    try:
        return metadata.requires("ibid-articles") or []
    except metadata.PackageNotFoundError:
        return []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


_DISTRIBUTIONS = {
    **{"bs4": "beautifulsoup4", "faiss": "faiss-cpu", "yaml": "PyYAML", "Stemmer": "PyStemmer"},
    **{"markdown_it": "markdown-it-py", "mcp_types": "mcp"},
}
"""The libraries whose modules are called otherwise."""


class IndexUnusable(IbidError):
    """There is no index that can answer."""

    exit_code = 4


class IndexMissing(IndexUnusable):
    """Nothing was built yet."""


class IndexForeign(IndexUnusable):
    """The index belongs to another model, version, folder or chunker."""


class IndexDamaged(IndexUnusable):
    """The bytes of the index are not the ones that were written."""


class IndexUnreadable(IndexUnusable):
    """The bytes of the index cannot be read just now, and may well be as they were written."""


class ModelError(IbidError):
    """An embedder or a language model cannot be used."""

    exit_code = 5


class ModelMissing(ModelError):
    """The model is not on this machine."""


class ServerUnavailable(ModelError):
    """The server does not answer, or answers with an error."""


class AnswerIncomplete(ModelError):
    """The model's stream ended early, was cut, or never began."""


class PromptTooLong(AnswerIncomplete):
    """The server counted more tokens than it can take; drop some of the prompt and ask again."""

    def __init__(self, message: str, *, tokens: int, limit: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.tokens = tokens
        """What the server counted, 0 where it did not say."""
        self.limit = limit
