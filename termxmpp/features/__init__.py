"""The features, in the order in which they see a stanza.

A feature imports no other feature: what two of them need belongs to core or xmpp.
"""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.features import chat, disco, ping, presence, roster, version

__all__ = ["FEATURES", "SCRIPT_FEATURES"]

FEATURES: tuple[Feature, ...] = (
    disco.FEATURE,
    ping.FEATURE,
    version.FEATURE,
    roster.FEATURE,
    presence.FEATURE,
    chat.FEATURE,
)

SCRIPT_FEATURES: tuple[Feature, ...] = (
    disco.FEATURE,
    ping.FEATURE,
    version.FEATURE,
    chat.FEATURE,
)
"""What `--send` needs: no roster and no presence, so that nobody sees it come and go."""
