"""The features, in the order in which they see a stanza.

A feature imports no other feature: what two of them need belongs to core or xmpp.
"""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.features import (
    archive,
    blocking,
    caps,
    carbons,
    chat,
    chat_states,
    client_state,
    corrections,
    delay,
    disco,
    entity_time,
    fallback,
    hints,
    info,
    last_activity,
    markers,
    nick,
    notes,
    notify,
    occupant_ids,
    ping,
    presence,
    reactions,
    read_sync,
    receipts,
    replies,
    retraction,
    rooms,
    roster,
    spoilers,
    stanza_ids,
    vcard,
    version,
)

__all__ = ["FEATURES", "SCRIPT_FEATURES"]

FEATURES: tuple[Feature, ...] = (
    disco.FEATURE,
    ping.FEATURE,
    version.FEATURE,
    entity_time.FEATURE,
    last_activity.FEATURE,
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
    occupant_ids.FEATURE,
    roster.FEATURE,
    blocking.FEATURE,
    vcard.FEATURE,
    nick.FEATURE,
    info.FEATURE,
    notes.FEATURE,
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
    chat.FEATURE,
)
"""What `--send` needs: no roster and no presence, so that nobody sees it come and go."""
