"""ibid answers questions over a folder of articles, and every sentence leads to its place.

>>> from ibid import Library
>>> library = Library.open("seeds", index="index")  # doctest: +SKIP
>>> library.ask("What challenges are cited for AI drug discovery?").text  # doctest: +SKIP
"""

import os

import lazy_loader

__version__ = "0.1.0"

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

# The names of `__init__.pyi`, loaded when they are first used: `Library` brings numpy along.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
