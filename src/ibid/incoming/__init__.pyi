from .adding import Added as Added
from .adding import add_page as add_page
from .fetching import Guard as Guard
from .fetching import Page as Page
from .fetching import fetch as fetch
