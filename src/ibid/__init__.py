"""ibid answers questions over a folder of articles, and every sentence leads to its place.

>>> from ibid import Library
>>> library = Library.open("seeds", index="index")  # doctest: +SKIP
>>> library.ask("What challenges are cited for AI drug discovery?").text  # doctest: +SKIP
"""

import os
from typing import TYPE_CHECKING

from ibid.errors import IbidError

if TYPE_CHECKING:
    from ibid.library import Library

__version__ = "0.1.0"

__all__ = ["IbidError", "Library", "__version__"]

# Libraries that report to their makers read these when they are imported, or never: so they are
# set here, before any of them can be, over whatever the user's environment says.
os.environ.update(
    {
        "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime 1.29 and newer: processor, interpreter, an id
        "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, which Gradio's reports go through, too
        "GRADIO_ANALYTICS_ENABLED": "False",
        "FASTAPI_OTEL_AUTO_CONFIGURE": "false",  # or spans with questions go to OTEL_EXPORTER_…
    }
)


def __getattr__(name: str) -> object:
    """Load `Library`, and numpy with it, when it is first asked for."""
    if name == "Library":
        from ibid.library import Library

        return Library
    raise AttributeError(f"module 'ibid' has no attribute {name!r}")
