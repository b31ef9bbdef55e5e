"""A line of the screen, as prompt_toolkit takes it."""

from __future__ import annotations

from prompt_toolkit.formatted_text import OneStyleAndTextTuple

__all__ = ["Line"]

Line = list[OneStyleAndTextTuple]
"""(style, text) fragments."""
