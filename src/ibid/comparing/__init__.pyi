from .assertions import list_assertions as list_assertions
from .pipeline import QUOTES_PER_CELL as QUOTES_PER_CELL
from .pipeline import compare as compare
from .relevance import Topic as Topic
