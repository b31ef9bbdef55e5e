"""A client without a screen: `--send`.

Only `cli` imports it; it never imports prompt_toolkit, so that a script pays for no screen.
"""

from __future__ import annotations

from termxmpp.script.send import SendOptions, send

__all__ = ["SendOptions", "send"]
