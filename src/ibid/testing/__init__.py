"""For tests of your own: a language model and an embedder without a model, and what a store owes.

The fakes are passed to `Library.open`, and need no model and no network. `CHECKS` are what every
place that an index lies in has to do alike: a folder, PostgreSQL, Milvus, or one of your own.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
