"""The screen: prompt_toolkit lives here and nowhere else.

Only `cli` imports it; it knows the workspace and is known by nobody below.
"""

from __future__ import annotations

from termxmpp.ui.application import run_screen

__all__ = ["run_screen"]
