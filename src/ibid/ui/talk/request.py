"""What the page asks: a question, and the articles that it is about."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ibid.english import LONGEST_QUESTION
from ibid.errors import UsageError
from ibid.library import Library
from ibid.search import ALL, Filter, list_folders
from ibid.text import escape, list_hidden
from ibid.types import Article, Described

KINDS = ("article", "author", "tag", "since", "until", "folder", "only")
"""What the articles can be chosen by, as it is called in the page and in its address."""

_LONGEST = 200
_LONGEST_LIST = 10_000
_MOST_NAMES = 500
_HIGHEST = 10**6  # number of an answer; addresses have room for three digits more


@dataclass(frozen=True, slots=True)
class Within:
    """The filter as the page knows it; empty values choose nothing."""

    article: str = ""
    author: str = ""
    tag: str = ""
    since: str = ""
    until: str = ""
    folder: str = ""
    only: str = ""
    """Articles that were chosen from the list, a line each."""

    @property
    def filter(self) -> Filter:
        """Return what the library filters by."""
        names = (self.author, self.tag, self.folder)
        authors, tags, folders = ((name,) if name else () for name in names)
        articles = tuple(filter(None, (self.article, *self.only.split("\n"))))
        if not self.given:
            return ALL
        return Filter(self.since, self.until, authors, tags, articles, folders)

    @property
    def given(self) -> Mapping[str, str]:
        """Return the values that choose something."""
        return {kind: value for kind, value in asdict(self).items() if value}

    def __str__(self) -> str:
        return str(self.filter)


@dataclass(frozen=True, slots=True)
class Request:
    """A question of the page."""

    question: str
    within: Within = field(default_factory=Within)
    instead: int = 0
    """The number of the answer that the new one takes the place of, 0 for none."""
    conversation: str = ""
    """What the page says that its conversation is kept as, empty where it is not kept."""
    shown: tuple[int, ...] = ()
    """The numbers of the answers that the page shows."""
    model: str = ""
    """The model that is to write, `none` for none, empty for that of the chat."""
    cut: bool = False
    """Whether more was asked than is read of a question."""
    nth: int = 0
    """Which question of its page it is: they may come in another order than they were asked."""


def read_request(content: Mapping[str, Any]) -> Request:
    """Return what was asked; what is no text, or too long for one, counts as nothing."""
    within: Any = content.get("within")
    conversation: Any = content.get("conversation")
    numbers: Any = content.get("shown")
    model: Any = content.get("model")
    question = str(content.get("question") or "").strip()
    return Request(
        question=question[:LONGEST_QUESTION],
        cut=len(question) > LONGEST_QUESTION,
        within=read_within(within if isinstance(within, dict) else {}),  # pyright: ignore[reportUnknownArgumentType]
        instead=_read_number(content.get("instead")),
        conversation=conversation[:_LONGEST] if isinstance(conversation, str) else "",
        model=model[:_LONGEST] if isinstance(model, str) else "",
        shown=tuple(map(_read_number, numbers)) if isinstance(numbers, list) else (),  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        nth=_read_number(content.get("nth")),
    )


def _read_number(value: object) -> int:
    """Return the number of an answer, 0 for what is none."""
    return value if type(value) is int and 0 < value <= _HIGHEST else 0


def read_within(content: Mapping[str, Any]) -> Within:
    """Return the filter that was sent."""
    texts = {kind: content.get(kind, "") for kind in KINDS}
    longest = {"only": _LONGEST_LIST}
    cut = {kind: str(value).strip()[: longest.get(kind, _LONGEST)] for kind, value in texts.items()}
    return Within(**cut)


def find_article(name: str, library: Library) -> Article:
    """Return the one article of this id or title. Raises UsageError, also when several fit."""
    exact = [article.id for article in library.described if name in (article.id, article.title)]
    fitting = exact or list(library.select(Filter(articles=(name,))).ids)
    if len(fitting) > 1:
        raise UsageError(f"{len(fitting)} articles fit {name!r}", hint="say more of its title")
    return library.article(fitting[0])


def count_names(library: Library) -> Counter[str]:
    """Return how many articles each id and each title means."""
    return Counter(name for article in library.described for name in {article.id, article.title})


def name_article(article: Article | Described, names: Counter[str]) -> str:
    """Return the title of an article where it means no other one, else its id."""
    return article.title if names[article.title] == 1 else article.id


def write_choices(library: Library) -> str:
    """Return the HTML of the fields that choose articles, with the names that the corpus has."""
    articles = library.described
    metas = [article.meta for article in articles]
    authors = sorted({author for meta in metas for author in meta.authors})
    tags = sorted({tag for meta in metas for tag in (*meta.tags, *meta.keywords) if tag})
    titles = sorted({article.title for article in articles})
    folders = list_folders(articles)
    return "".join(
        (
            _write_field("article", "Article", titles, "Part of a title or file name"),
            _write_field("author", "Author", authors, "Anybody"),
            _write_field("tag", "Tag", tags, "Any"),
            _write_field("since", "From", (), "2025 or 2025-08-31"),
            _write_field("until", "To", (), "2025 or 2025-08-31"),
            _write_field("folder", "Folder", folders, "All") if folders else "",
            '<input type="hidden" name="only">',
        )
    )


def _write_field(kind: str, label: str, names: list[str] | tuple[()], hint: str) -> str:
    offered = [name for name in names if not list_hidden(name)]  # what is chosen is what is seen
    options = "".join(f'<option value="{escape(name)}">' for name in offered[:_MOST_NAMES])
    datalist = f'<datalist id="known-{kind}">{options}</datalist>' if names else ""
    listed = f' list="known-{kind}"' if names else ""
    return (
        f'<label class="field {kind}"><span>{label}</span><input name="{kind}"{listed} '
        f'placeholder="{hint}" maxlength="{_LONGEST}" autocomplete="off"></label>{datalist}'
    )
