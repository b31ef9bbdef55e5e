"""The only door to pyxmpp2: stanzas in and out as typed values, and the connection under them.

Everything above sees `Incoming…`, `Outgoing` and payloads; nothing above imports pyxmpp2.
"""

from __future__ import annotations

__all__: list[str] = []
