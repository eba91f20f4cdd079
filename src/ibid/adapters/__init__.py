"""The only importers of heavy libraries, each inside the function that needs it."""
