from .assertions import list_assertions as list_assertions
from .pipeline import QUOTES_PER_CELL as QUOTES_PER_CELL
from .pipeline import compare as compare
from .pipeline import compare_all as compare_all
from .relevance import Topic as Topic
