"""The features, in the order in which they see a stanza.

A feature imports no other feature: what two of them need belongs to core or xmpp.
"""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.features import (
    adhoc,
    archive,
    caps,
    captcha,
    carbons,
    chat,
    chat_states,
    client_state,
    corrections,
    data_forms,
    delay,
    disco,
    fallback,
    hints,
    invitations,
    markers,
    notify,
    occupant_ids,
    ping,
    presence,
    reactions,
    read_sync,
    receipts,
    replies,
    retraction,
    room_configuration,
    rooms,
    roster,
    service_contacts,
    spoilers,
    stanza_ids,
    styling,
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
    captcha.FEATURE,
    receipts.FEATURE,
    markers.FEATURE,
    chat_states.FEATURE,
    corrections.FEATURE,
    fallback.FEATURE,
    replies.FEATURE,
    reactions.FEATURE,
    retraction.FEATURE,
    spoilers.FEATURE,
    styling.FEATURE,
    occupant_ids.FEATURE,
    roster.FEATURE,
    rooms.FEATURE,
    data_forms.FEATURE,
    data_forms.VALIDATION_FEATURE,
    data_forms.MEDIA_FEATURE,
    room_configuration.FEATURE,
    adhoc.FEATURE,
    invitations.FEATURE,
    invitations.SUBSCRIPTION_FEATURE,
    invitations.REGISTRATION_FEATURE,
    service_contacts.FEATURE,
    service_contacts.STATUS_FEATURE,
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
