"""The keys of vi, loaded when somebody sets them: they are a good part of prompt_toolkit."""

from __future__ import annotations

from prompt_toolkit.filters import buffer_has_focus
from prompt_toolkit.key_binding.bindings.vi import load_vi_bindings, load_vi_search_bindings
from prompt_toolkit.key_binding.key_bindings import (
    ConditionalKeyBindings,
    KeyBindingsBase,
    merge_key_bindings,
)

__all__ = ["vi_bindings"]


def vi_bindings() -> KeyBindingsBase:
    """What prompt_toolkit binds for vi, for any line that is written in."""
    return ConditionalKeyBindings(
        merge_key_bindings([load_vi_bindings(), load_vi_search_bindings()]), buffer_has_focus
    )
