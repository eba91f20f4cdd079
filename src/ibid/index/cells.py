"""What the cells of an index's SQLite file hold, of exactly the types that were written there."""

import json
from collections.abc import Sequence
from typing import Any

from ibid.storage import damaged, read_record
from ibid.types import Article, ArticleId, Finding, Meta, Rule, Section, Span

_RULES = ", ".join(f"'{rule}'" for rule in Rule)
STRANGE_ROWS = (
    f"""
select 1 from articles where
  typeof(id) || typeof(title) || typeof(digest) || typeof(text) || typeof(meta)
    || typeof(warnings) || typeof(copies) || typeof(sections) || typeof(findings)
    <> 'texttexttexttexttexttexttexttexttext'
  or typeof(first_row) || typeof(rows) <> 'integerinteger'
  or not json_valid(meta) or json_type(meta) <> 'object'
  or (select count(*) from json_each(meta) where type not in ('text', 'array', 'true', 'false')) > 0
  or not json_valid(warnings) or json_type(warnings) <> 'array'
  or not json_valid(copies) or json_type(copies) <> 'array'
  or not json_valid(sections) or json_type(sections) <> 'array'
  or not json_valid(findings) or json_type(findings) <> 'array'
  or (select count(*) from json_each(findings)
      where ifnull(json_extract(value, '$[0]'), '') not in ({_RULES})) > 0
limit 1""",  # noqa: S608 - the rules are ours
    """
select 1 from passages where
  typeof(id) || typeof(article) || typeof(stems) || typeof(headings) || typeof(sentences)
    <> 'texttexttexttexttext'
  or typeof(first_sentence) || typeof(start) || typeof(end) <> 'integerintegerinteger'
  or typeof(row) not in ('integer', 'null')
  or not json_valid(headings) or json_type(headings) <> 'array'
  or ifnull(json_type(headings, '$[0]'), 'text') <> 'text'
  or not json_valid(sentences) or json_type(sentences) <> 'array'
  or sentences glob '*[^][0-9, ]*'
limit 1""",
    "select 1 from (select distinct article from passages)"
    " where article not in (select id from articles) limit 1",
)
"""Queries that find a row of the corpus that is not of the types that were written."""


def require(kind: type, *values: object) -> None:
    """Raise IndexDamaged where a value is of another type."""
    if types := {*map(type, values)} - {kind}:
        name = min(cls.__name__ for cls in types)
        raise damaged(f"corpus.sqlite has {name} where {kind.__name__} is due")


def parsed(data: object, kind: type) -> Any:
    """Return what JSON says, of one type. Raises IndexDamaged."""
    require(str, data)
    try:
        value = json.loads(str(data))
    except (ValueError, RecursionError) as error:
        raise damaged("corpus.sqlite has what is no JSON") from error
    require(kind, value)
    return value


def texts(data: object) -> tuple[str, ...]:
    """Return the texts that a list of JSON holds."""
    values = parsed(data, list)
    require(str, *values)
    return tuple(values)


def lists(data: object, size: int) -> list[list[Any]]:
    """Return the lists of `size` values that a list of JSON holds."""
    values = parsed(data, list)
    require(list, *values)
    if any(len(value) != size for value in values):
        raise damaged("corpus.sqlite has a list of another length than is due")
    return values


def span(start: object, end: object) -> Span:
    """Return a place from its two numbers."""
    if type(start) is int and type(end) is int:
        return Span(start, end)
    raise damaged("corpus.sqlite has a place that is none")


def article_of(values: Sequence[Any]) -> Article:
    """Return the article that the cells of its row are of."""
    id, title, text, meta, sections, digest, warnings, findings, copies = values
    require(str, id, title, text, digest)
    return Article(
        id=id,
        title=title,
        text=text,
        meta=meta_of(meta),
        sections=_sections(sections),
        digest=digest,
        warnings=texts(warnings),
        findings=findings_of(findings),
        copies=tuple(map(ArticleId, texts(copies))),
    )


def meta_of(data: object) -> Meta:
    """Return what a front matter says."""
    try:
        return read_record(Meta, parsed(data, dict))
    except ValueError as error:
        raise damaged(f"corpus.sqlite: {error}") from error


def _sections(data: object) -> tuple[Section, ...]:
    rows = lists(data, 5)
    require(list, *(headings for headings, *_ in rows))
    require(str, *(heading for headings, *_ in rows for heading in headings))
    return tuple(
        Section(tuple(headings), span(start, end), span(prose, prose_end))
        for headings, start, end, prose, prose_end in rows
    )


def findings_of(data: object) -> tuple[Finding, ...]:
    """Return what is noteworthy about an article."""
    try:
        rows = [(Rule(rule), *rest) for rule, *rest in lists(data, 5)]
    except ValueError as error:
        raise damaged(f"corpus.sqlite: {error}") from error
    require(str, *(text for _, text, *_ in rows))
    require(int, *(year for *_, year in rows if year is not None))
    return tuple(
        Finding(rule, text, span(start, end), year) for rule, text, start, end, year in rows
    )
