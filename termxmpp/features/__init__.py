"""The features, in the order in which they see a stanza.

A feature imports no other feature: what two of them need belongs to core or xmpp.
"""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.features import (
    archive,
    caps,
    carbons,
    chat,
    chat_states,
    client_state,
    corrections,
    delay,
    disco,
    fallback,
    hashes,
    hints,
    markers,
    metadata,
    notify,
    occupant_ids,
    oob,
    pictures,
    ping,
    presence,
    reactions,
    read_sync,
    receipts,
    replies,
    retraction,
    rooms,
    roster,
    sharing,
    spoilers,
    stanza_ids,
    uploads,
    version,
)

__all__ = ["FEATURES", "SCRIPT_FEATURES"]

FEATURES: tuple[Feature, ...] = (
    disco.FEATURE,
    ping.FEATURE,
    version.FEATURE,
    caps.FEATURE,
    client_state.FEATURE,
    delay.FEATURE,
    hints.FEATURE,
    stanza_ids.FEATURE,
    carbons.FEATURE,
    receipts.FEATURE,
    markers.FEATURE,
    chat_states.FEATURE,
    corrections.FEATURE,
    fallback.FEATURE,
    replies.FEATURE,
    reactions.FEATURE,
    retraction.FEATURE,
    spoilers.FEATURE,
    oob.FEATURE,
    hashes.FEATURE,
    metadata.FEATURE,
    sharing.FEATURE,
    uploads.FEATURE,
    pictures.FEATURE,
    occupant_ids.FEATURE,
    roster.FEATURE,
    rooms.FEATURE,
    presence.FEATURE,
    read_sync.FEATURE,
    notify.FEATURE,
    archive.FEATURE,
    chat.FEATURE,
)

SCRIPT_FEATURES: tuple[Feature, ...] = (
    ping.FEATURE,
    version.FEATURE,
    stanza_ids.FEATURE,
    sharing.FEATURE,
    chat.FEATURE,
)
"""What `--send` needs: no roster and no presence, so that nobody sees it come and go."""
