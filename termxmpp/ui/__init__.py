"""The screen: prompt_toolkit lives here and nowhere else.

Only `cli` imports it; it knows the workspace and is known by nobody below.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_bindings import KeyBindingsBase

__all__ = ["run_screen"]


class _Nothing(ModuleType):
    """A module of which every name is there, and nothing behind it."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


class _NoVi(ModuleType):
    """The keys of vi for who does not use them; `ui.vi` has the true ones."""

    def load_vi_bindings(self) -> KeyBindingsBase:
        from prompt_toolkit.key_binding.key_bindings import KeyBindings

        return KeyBindings()

    load_vi_search_bindings = load_vi_bindings


# prompt_toolkit imports along with itself what a program might want of it: ready-made dialogs and
# progress bars, texts in HTML, vi with its digraphs. That is a megabyte and a tenth of the start,
# and nothing here uses it, or, as with vi, not everybody: while prompt_toolkit is imported,
# nothing stands for it. Then it is forgotten, so that who wants it finds what it really is.
_STANDING_IN = {
    name: kind(name)
    for name, kind in {
        "prompt_toolkit.shortcuts": _Nothing,
        "prompt_toolkit.key_binding.bindings.vi": _NoVi,
        "prompt_toolkit.formatted_text.html": _Nothing,
    }.items()
    if name not in sys.modules
}
if "prompt_toolkit" not in sys.modules:
    sys.modules.update(_STANDING_IN)
    import prompt_toolkit  # noqa: F401 what is imported from it below finds it there

    for _name in _STANDING_IN:
        del sys.modules[_name]

from termxmpp.ui.application import run_screen  # noqa: E402 it imports prompt_toolkit
