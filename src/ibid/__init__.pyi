from .errors import IbidError as IbidError
from .library import Library as Library
from .search import Filter as Filter
from .types import Answer as Answer
from .types import Article as Article
from .types import Citation as Citation
from .types import Claim as Claim
from .types import Comparison as Comparison
from .types import Hit as Hit
from .types import Passage as Passage
from .types import Status as Status
from .types import Support as Support
from .types import Turn as Turn

__version__: str
