"""What can happen to an account: frozen, complete, in the past tense.

Features make them from stanzas, the client from its connection and its user; only
`State.apply` turns them into state.
"""

from __future__ import annotations

from dataclasses import dataclass

from termxmpp.core.jid import Jid
from termxmpp.core.link import Link
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.roster import Contact, Presence

__all__ = [
    "ContactChanged",
    "ContactRemoved",
    "ConversationCleared",
    "ConversationClosed",
    "ConversationLeft",
    "ConversationOpened",
    "ConversationRead",
    "Event",
    "FateChanged",
    "LinkChanged",
    "MessageReceived",
    "MessageWritten",
    "NoticeGiven",
    "OwnPresenceChanged",
    "PresenceChanged",
    "RosterReceived",
    "SubscriptionAnswered",
    "SubscriptionRequested",
]


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The way to the server is another: see `Link`."""

    link: Link


@dataclass(frozen=True, slots=True)
class RosterReceived:
    """The whole roster came (RFC 6121 §2.1.4); it replaces what was known."""

    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """A contact was added or changed (RFC 6121 §2.1.6)."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class ContactRemoved:
    """A contact was removed from the roster."""

    jid: Jid


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A resource announced itself; `presence` with OFFLINE means it left.

    `jid` is full; a bare one that goes offline takes all its resources along.
    """

    jid: Jid
    presence: Presence


@dataclass(frozen=True, slots=True)
class OwnPresenceChanged:
    """We announce ourselves so, now or as soon as we are online."""

    presence: Presence


@dataclass(frozen=True, slots=True)
class SubscriptionRequested:
    """Somebody asks to see our presence (RFC 6121 §3.1.2)."""

    jid: Jid
    text: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionAnswered:
    """The request of `jid` was approved or denied."""

    jid: Jid


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message came into the conversation with `peer`."""

    peer: Jid
    message: Message


@dataclass(frozen=True, slots=True)
class MessageWritten:
    """The user wrote a message to `peer`; it is in the outbox."""

    peer: Jid
    message: Message


@dataclass(frozen=True, slots=True)
class FateChanged:
    """News of a message of ours: see `Fate`; `reason` says in words why it failed."""

    peer: Jid
    message_id: str
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """termxmpp has something to say, in the conversation with `peer` or, with None, at large."""

    notice: Notice
    peer: Jid | None = None


@dataclass(frozen=True, slots=True)
class ConversationOpened:
    """The conversation with `peer` has a window now."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class ConversationClosed:
    """The window of the conversation with `peer` is gone."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class ConversationRead:
    """The user has seen everything in the conversation with `peer`.

    `is_seen_coming`: the newest message came while the user was looking.
    """

    peer: Jid
    is_seen_coming: bool = False


@dataclass(frozen=True, slots=True)
class ConversationLeft:
    """The user looks at another conversation than that with `peer`."""

    peer: Jid


@dataclass(frozen=True, slots=True)
class ConversationCleared:
    """The user emptied the window of the conversation with `peer`."""

    peer: Jid


Event = (
    LinkChanged
    | RosterReceived
    | ContactChanged
    | ContactRemoved
    | PresenceChanged
    | OwnPresenceChanged
    | SubscriptionRequested
    | SubscriptionAnswered
    | MessageReceived
    | MessageWritten
    | FateChanged
    | NoticeGiven
    | ConversationOpened
    | ConversationClosed
    | ConversationRead
    | ConversationLeft
    | ConversationCleared
)
