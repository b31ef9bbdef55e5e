"""`--demo`: a private server, a contact that answers and a club, with no account needed.

Only `cli` imports it. Everything it makes is on loopback, in one folder, and gone at the end.
"""

from __future__ import annotations

from termxmpp.demo.play import Guest, stage

__all__ = ["Guest", "stage"]
