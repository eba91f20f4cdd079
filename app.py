"""The chat over the articles in `seeds/`: run `python app.py` and open the address it prints."""

import sys

from ibid import IbidError, Library
from ibid.cli.console import guard_streams
from ibid.ui.server.app import serve

if __name__ == "__main__":
    guard_streams()
    try:
        serve(Library.open(), lambda address: print(f"ibid is at {address}", flush=True))
    except IbidError as error:
        sys.exit(f"error: {error}\nhint:  {error.hint}")
    except KeyboardInterrupt:
        sys.exit(130)
