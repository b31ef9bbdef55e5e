"""`python -m termxmpp`."""

from __future__ import annotations

import sys

from termxmpp.cli import main

if __name__ == "__main__":
    sys.exit(main())
