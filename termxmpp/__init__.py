"""termxmpp: an XMPP client for the Linux terminal, on pyxmpp2 and prompt_toolkit."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
