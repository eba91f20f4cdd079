"""Run ibid as `python -m ibid`."""

from ibid.cli import main

main()
