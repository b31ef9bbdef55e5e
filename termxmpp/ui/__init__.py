"""The screen: prompt_toolkit lives here and nowhere else.

Only `cli` imports it; it knows the workspace and is known by nobody below.
"""

from __future__ import annotations

import sys
from types import ModuleType

__all__ = ["run_screen"]


class _Nothing(ModuleType):
    """A module of which every name is there, and nothing behind it."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


# prompt_toolkit imports its ready-made dialogs and progress bars along with itself. Nothing here
# uses them, and they take half a megabyte and a twentieth of the start: while it is imported,
# nothing stands for them.
_SHORTCUTS = "prompt_toolkit.shortcuts"
if "prompt_toolkit" not in sys.modules:
    sys.modules[_SHORTCUTS] = _Nothing(_SHORTCUTS)
    import prompt_toolkit  # noqa: F401 what is imported from it below finds it there

    del sys.modules[_SHORTCUTS]

from termxmpp.ui.application import run_screen  # noqa: E402 it imports prompt_toolkit
