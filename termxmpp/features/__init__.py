"""The features, in the order in which they see a stanza.

A feature imports no other feature: what two of them need belongs to core or xmpp.
"""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.features import (
    archive,
    bookmarks,
    caps,
    carbons,
    chat,
    chat_states,
    client_state,
    corrections,
    delay,
    disco,
    fallback,
    hints,
    markers,
    moderation,
    notify,
    occupant_ids,
    ping,
    presence,
    reactions,
    read_sync,
    receipts,
    replies,
    retraction,
    room_admin,
    room_browsing,
    room_invitations,
    room_moderation,
    room_occupants,
    room_talk,
    rooms,
    roster,
    self_ping,
    spoilers,
    stanza_ids,
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
    moderation.FEATURE,
    spoilers.FEATURE,
    occupant_ids.FEATURE,
    roster.FEATURE,
    room_moderation.FEATURE,
    room_invitations.FEATURE,
    rooms.FEATURE,
    room_talk.FEATURE,
    room_occupants.FEATURE,
    room_admin.FEATURE,
    room_browsing.FEATURE,
    self_ping.FEATURE,
    presence.FEATURE,
    read_sync.FEATURE,
    bookmarks.FEATURE,
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
