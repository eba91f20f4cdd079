"""Questions about the folder itself, answered from the index: authors, dates, counts, summaries.

`wordings` tells such a question from one to what articles say, by the patterns of `phrases` and the
words of `vocabulary`; `naming` tells which articles and which author it names. `facts` has what
the front matter knows, `mentions` reads every passage for a word, `summary` takes the sentences
that say most, and `answers` makes an answer of it: a line from the index, and quotes below it.
"""

from ibid.answering.catalogue.answers import answer_request
from ibid.answering.catalogue.requests import Asks, Request
from ibid.answering.catalogue.shelf import Shelf
from ibid.answering.catalogue.wordings import read_request

__all__ = ["Asks", "Request", "Shelf", "answer_request", "read_request"]
