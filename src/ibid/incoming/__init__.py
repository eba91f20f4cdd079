"""Pages and feeds of the web as articles: the only package that fetches."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
