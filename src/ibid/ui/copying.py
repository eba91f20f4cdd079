"""An answer as Markdown, to be pasted elsewhere with its quotes and their places."""

from collections.abc import Iterator

from ibid.citing import number_quotes
from ibid.contract import line_of_text
from ibid.library import Library
from ibid.render import marked_text
from ibid.text import collapse, line_of
from ibid.types import Answer, Article


def markdown_of(answer: Answer, library: Library) -> str:
    """Return the question, the answer, and every quote with article, author, date and place."""
    return "\n".join(_lines(answer, library))


def _lines(answer: Answer, library: Library) -> Iterator[str]:
    yield f"**{collapse(answer.question)}**\n"
    yield f"{marked_text(answer)}\n"
    for (id, span), number in number_quotes(answer.claims).items():
        article = library.article(id)
        place = _place(article, line_of(article.text, span.start), library)
        yield f"- [{number}] “{collapse(span.of(article.text))}” — {place}"
    for hit in () if answer.claims else answer.hits:
        article = library.article(hit.passage.article)
        yield f"- Nearest: {_place(article, line_of_text(article, hit.passage), library)}"


def _place(article: Article, line: int, library: Library) -> str:
    path = library.path(article.id).as_posix()
    meta = article.meta
    return ", ".join(filter(None, (article.title, meta.author, meta.date, f"`{path}:{line}`")))
