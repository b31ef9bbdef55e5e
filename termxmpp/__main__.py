"""`python -m termxmpp`."""

from __future__ import annotations

from termxmpp.cli import program

if __name__ == "__main__":
    program()
