"""What a question says beside what it asks: whose articles, of when, and in how many parts."""

from dataclasses import replace

from ibid.answering.understanding.joining import answer_parts
from ibid.answering.understanding.naming import Articles, Named, read_names
from ibid.answering.understanding.parting import find_parts
from ibid.answering.understanding.quoting import look_up_literally
from ibid.search import Filter

__all__ = ["Named", "answer_parts", "divide", "find_parts", "look_up_literally", "read_names"]


def divide(question: str, within: Filter, articles: Articles) -> list[Named]:
    """Return the questions that a question is made of, each with the articles that it names."""
    readings = [read_names(part, within, articles) for part in find_parts(question)]
    return [
        replace(reading, question=part)
        for reading in readings
        for part in find_parts(reading.question)
    ]
