from .assertions import find_claims as find_claims
from .pipeline import SHOWN as SHOWN
from .pipeline import compare as compare
from .relevance import Topic as Topic
