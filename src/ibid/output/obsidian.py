"""An answer as an Obsidian note: front matter, links to the articles, a footnote for each quote."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from ibid.library import Library
from ibid.output.bibliography import find_cited, web_address
from ibid.output.markdown import code_markdown, escape_lines, plain_markdown
from ibid.output.wording import (
    list_notes,
    list_parts,
    marked_text,
    say_doubt,
    say_receipt,
    say_scope,
)
from ibid.text import as_read, collapse, line_of, printable
from ibid.types import Answer, Article, ArticleId, Citation, Status

_NUMBER = re.compile(r"(?<!\\)\[(\d+)\]")
"""The number of a quote: all other brackets are escaped."""

_LINKABLE = re.compile(r"[^\W_](?:[\w ./-]*[\w-])?")
"""What means nothing to Markdown between the brackets of a link."""


def write_obsidian(answer: Answer, library: Library) -> str:
    """Return an answer as a note."""
    articles = dict.fromkeys(citation.passage.article for citation in find_cited(answer))
    values = {
        "title": printable(collapse(answer.question)),
        "date": datetime.now().astimezone().date().isoformat(),
        "status": answer.status.value,
        "articles": [wiki_link(id) or str(id) for id in articles],
        "source": "ibid",
    }
    front = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    lines = ("---", *front, "---", "", f"# {plain_markdown(answer.question)}", "")
    return "\n".join((*lines, *_list_lines(answer, library)))


def wiki_link(id: ArticleId) -> str:
    """Return a link to an article in the same vault, empty where its name would be read otherwise.

    >>> [*map(wiki_link, map(ArticleId, ("posts/a b.md", "a.pdf", "a|b.md")))]
    ['[[posts/a b]]', '[[a.pdf]]', '']
    """
    name = id.removesuffix(".md")
    return f"[[{name}]]" if _LINKABLE.fullmatch(name) and PurePosixPath(name).name else ""


def _list_lines(answer: Answer, library: Library) -> Iterator[str]:
    for number, part in enumerate(list_parts(answer) or [answer], start=1):
        if answer.parts:
            yield f"## {plain_markdown(part.question)}\n"
        doubt = say_doubt(part) if part.status is Status.CLOSEST else ""
        for line in filter(None, (say_scope(part.run), doubt)):
            yield f"{plain_markdown(line)}\n"
        before = f"{number}-" if answer.parts else ""
        yield _NUMBER.sub(rf"[^{before}\1]", marked_text(part, escape_lines))
        yield from () if part.claims else map(plain_markdown, filter(None, say_receipt(part)))
        yield ""
        for place, citation in enumerate(find_cited(part), start=1):
            yield f"[^{before}{place}]: {_say(citation, library)}"
        yield ""


def _say(citation: Citation, library: Library) -> str:
    """Return a quote with its article, a link to it, and its line."""
    article = library.article(citation.passage.article)
    quote = plain_markdown(as_read(article.text, citation.quote))
    line = f"line {line_of(article.text, citation.quote.start)}"
    notes = "; ".join((line, *list_notes(citation, library)))
    return f"“{quote}” {_say_article(article)}, {plain_markdown(notes)}"


def _say_article(article: Article) -> str:
    about = ", ".join(filter(None, (article.title, article.meta.byline, article.meta.date)))
    address = f" <{web_address(article.meta.url)}>" if article.meta.url else ""
    return f"{plain_markdown(about)} {wiki_link(article.id) or code_markdown(article.id)}{address}"
