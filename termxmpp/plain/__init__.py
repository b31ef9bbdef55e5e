"""The line mode: each new thing is one line, on any terminal, without colour or cursor movement.

For slow lines, screen readers, a shell inside an editor, `TERM=dumb`. The terminal edits the
lines that are typed; all that is told is told in words.
"""

from __future__ import annotations

from termxmpp.plain.session import run_plain

__all__ = ["run_plain"]
