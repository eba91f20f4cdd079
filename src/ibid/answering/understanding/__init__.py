"""What a question says beside what it asks: whose articles, of when, and in how many parts."""

from ibid.answering.understanding.naming import Named, read_names

__all__ = ["Named", "read_names"]
