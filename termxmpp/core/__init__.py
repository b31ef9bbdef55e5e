"""Pure values and the rules between them: what termxmpp knows, with no way to reach the world.

Everything above may import it; it sees no pyxmpp2, no terminal, no database and no socket.
"""

from __future__ import annotations

from termxmpp.core.jid import Jid

__all__ = ["Jid"]
