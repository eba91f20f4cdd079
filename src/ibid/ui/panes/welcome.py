"""The empty page: what can be asked here, or what is missing before anything can."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, zip_longest
from threading import Lock

from ibid.errors import FolderError, IndexForeign, IndexUnusable, ModelError
from ibid.library import Library
from ibid.search import fold
from ibid.text import count, escape
from ibid.types import Article, FileState
from ibid.ui.panes.trouble import hint_of, sentence, write_notice, write_trouble

ASKS = "What do the articles say about “"
"""What a question begins with that a heading was made into."""

EXAMPLES = 4
TOPICS = 8

_LABEL = re.compile(r"^(?:Q\d*|\d+)\s*[.:)]\s*", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:how|what|which|who|why|when|where|will|can|could|should|is|are|do|does|did|has|have)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(?:I|you|your|yourself|we|us|our|it|its|this|that|these|those|they|them|next|else|new)\b",
    re.IGNORECASE,
)
_TELLS_NOTHING = frozenset(
    "introduction overview background conclusion conclusions summary abstract contents references "
    "acknowledgements appendix license who what why how when details more links resources "
    "faq".split()
) | {"frequently asked questions", "other changes", "further reading", "see also"}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_LONGEST = 110
_SHORTEST = 3  # words of a question


_NOT_THERE = (FileState.UNREADABLE, FileState.GONE)


@dataclass(frozen=True, slots=True)
class _Offered:
    """What the articles of an index can be asked, and about what they can be compared."""

    articles: int
    examples: Sequence[str]
    topics: Sequence[str]


class Offers:
    """What a library offers to somebody who does not know what to ask: found once per index."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        self._found = lru_cache(maxsize=1)(self._find)

    def find(self) -> _Offered:
        """Return what the index offers that answers now. Raises IndexUnusable."""
        with self._lock:
            return self._found(self._library.store.current_name())

    def _find(self, index: str) -> _Offered:
        del index  # what was found is known by it
        articles = self._library.articles
        return _Offered(len(articles), example_questions(articles), find_topics(articles))


def write_welcome(library: Library, offers: Offers) -> str:
    """Return the HTML of the page before the first question."""
    try:
        offered = offers.find()
    except IndexUnusable as error:
        return _write_unbuilt(error, library)
    except Exception as error:  # noqa: BLE001  (the page must say it, whatever it is)
        return write_trouble(error, "There is nothing to ask yet", library.settings)
    examples = "".join(
        f'<li><button type="button" class="example" data-ask="{escape(question)}">'
        f"{escape(question)}</button></li>"
        for question in offered.examples
    )
    return (
        '<section class="welcome"><h2>Ask your articles</h2>'
        f'<p class="lead">{count(offered.articles, "article")} on this machine. Every sentence of '
        "an answer leads to the exact place that says so.</p>"
        f'<ul class="examples">{examples}</ul><p class="writer"></p></section>'
    )


def write_writer(library: Library) -> str:
    """Return the HTML that says who writes the answers, and what would change that."""
    try:
        model, notice = library.writer()
    except ModelError as error:
        return (
            f"{escape(sentence(error))} No question can be answered until then: "
            f"<code>{escape(error.hint)}</code>"
        )
    if model:
        return f"{escape(model)} writes the answers; ibid finds the citations and checks them."
    line = "Answers are your articles’ own sentences."
    return f"{line} {write_notice(notice)}" if notice else line


def _write_unbuilt(error: IndexUnusable, library: Library) -> str:
    """Say what is missing, and offer the build that makes it."""
    try:
        total = sum(file.state not in _NOT_THERE for file in library.files())
    except FolderError as trouble:
        return write_trouble(trouble, "There is nothing to ask yet", library.settings)
    folders = str(library.folders)
    command = hint_of(error, library.settings)
    title, label, advice = "One step, then you can ask", "Build the index", ""
    if isinstance(error, IndexForeign):
        title, label = "The index has to be made anew", "Build it anew"
        advice = (
            "The new index takes the place of the old one; to keep that, start the chat with "
            "another <code>--index</code>. "
        )
    return (
        f'<section class="welcome unbuilt"><h2>{title}</h2>'
        f'<p class="lead">{count(total, "file")} in <code>{escape(folders)}</code>. '
        f"{escape(sentence(error))}</p>"
        f'<p><button type="button" class="small large" data-build>{label}</button></p>'
        f'<p class="or">{advice}Or in a terminal: <code>{escape(command)}</code>. '
        "Nothing leaves this machine.</p></section>"
    )


def example_questions(articles: Iterable[Article], most: int = EXAMPLES) -> list[str]:
    """Return questions that the articles raise themselves, from all over the folder.

    Its folders take turns. Headings that ask come first, then those that name something.
    """
    folders: dict[str, list[tuple[list[str], list[str]]]] = {}
    for article in articles:
        folder, slash, _ = article.id.partition("/")
        of = folders.setdefault(folder if slash else "", [])
        of.append((_questions(article), _topics(article)))
    raised = [_raised(inside, most) for inside in folders.values()]
    questions = _in_turn(_far_apart([group for group in raised if group], most))
    return list(dict.fromkeys(questions))[:most]


def _raised(articles: Sequence[tuple[list[str], list[str]]], most: int) -> list[str]:
    """Return the first questions that the articles of one folder raise."""
    question_lists = [questions for questions, _ in articles if questions]
    topic_lists = [topics for _, topics in articles if topics]
    candidates = chain(
        _in_turn(_far_apart(question_lists, most)), _in_turn(_far_apart(topic_lists, most))
    )
    return list(islice(dict.fromkeys(candidates), most))


def _far_apart(lists: Sequence[list[str]], most: int) -> list[list[str]]:
    """Return the lists in another order: the first `most` of them are far from one another."""
    step = max(1, len(lists) // most)
    return [item for start in range(step) for item in lists[start::step]]


def write_topics(offers: Offers) -> str:
    """Return the HTML of subjects that can be compared."""
    buttons = "".join(
        f'<li><button type="button" class="small quiet-button" data-topic="{escape(topic)}">'
        f"{escape(topic)}</button></li>"
        for topic in offers.find().topics
    )
    return f'<ul class="topics" aria-label="Subjects of your articles">{buttons}</ul>'


def find_topics(articles: Iterable[Article], most: int = TOPICS) -> list[str]:
    """Return subjects, those that most articles name by a tag or a heading first.

    What one article alone has a heading for comes last: there is little to compare.
    """
    spellings, own = dict[str, list[str]](), list[list[str]]()
    for article in articles:
        own.append(_subjects(article)[:most])
        for subject in {fold(label): label for label in _named(article)}.values():
            spellings.setdefault(fold(subject), []).append(subject)
    shared = [names[0] for names in spellings.values() if len(names) > 1]
    shared.sort(key=lambda name: -len(spellings[fold(name)]))
    topics = {fold(name): name for name in reversed((*shared[:most], *islice(_in_turn(own), most)))}
    return list(reversed(topics.values()))[:most]


def _named(article: Article) -> list[str]:
    """Return what an article says that it is about; a tag that is an address part says little."""
    tags = (*article.meta.tags, *article.meta.keywords)
    return [tag for tag in tags if tag and not _SLUG.fullmatch(tag)] + _subjects(article)


def _in_turn(lists: Iterable[list[str]]) -> Iterator[str]:
    for row in zip_longest(*lists):
        yield from filter(None, row)


def _questions(article: Article) -> list[str]:
    titles = (_LABEL.sub("", title) for title in _titles(article))
    return [title for title in titles if _is_question(title)]


def _is_question(title: str) -> bool:
    """Tell whether a heading asks something that can be understood without its article."""
    asks = title.endswith("?") and _ASKS.match(title) and len(title.split()) >= _SHORTEST
    return bool(asks) and not _POINTS.search(title)


def _topics(article: Article) -> list[str]:
    return [ask_about(subject) for subject in _subjects(article)]


def ask_about(title: str) -> str:
    """Return the question that a heading asks or answers, empty where it tells nothing."""
    title = _LABEL.sub("", title).strip(" :*")
    if title.endswith("?"):
        return title if _is_question(title) else ""
    points = _POINTS.search(title) or ":" in title or len(title) > _LONGEST
    tells = title and title.lower() not in _TELLS_NOTHING and not points
    return f"{ASKS}{title}”?" if tells else ""


def _subjects(article: Article) -> list[str]:
    titles = (_LABEL.sub("", title) for title in _titles(article) if not title.endswith("?"))
    telling = (title for title in titles if title.lower() not in _TELLS_NOTHING)
    return [title for title in telling if ":" not in title]


def _titles(article: Article) -> list[str]:
    titles = (section.headings[-1] for section in article.sections if section.headings)
    return [title for title in titles if len(title) <= _LONGEST]
