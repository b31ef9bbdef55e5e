"""From a message stanza to a message of a conversation, whichever way it came.

Only here it is decided whose conversation a message belongs to, and which of its ids count.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.xmpp.delay import DelayPayload
from termxmpp.xmpp.hints import NoPermanentStorePayload, NoStorePayload
from termxmpp.xmpp.ids import NS as SID_NS
from termxmpp.xmpp.ids import OriginIdPayload, StanzaIdPayload
from termxmpp.xmpp.markers import MarkablePayload
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["is_own", "peer_of", "read_message"]

# What an account announces whose archive ids can be believed (XEP-0359 §6, XEP-0313 §3.5).
ARCHIVE_NAMESPACES = frozenset({SID_NS, "urn:xmpp:mam:2"})


def peer_of(message: IncomingMessage, account: Jid) -> Jid | None:
    """The bare address of the other side of `message`; None where it names none."""
    if not is_own(message, account):
        return message.sender.bare if message.sender is not None else None
    if message.recipient is None and message.route is Route.LIVE:
        return account
    return message.recipient.bare if message.recipient is not None else None


def is_own(message: IncomingMessage, account: Jid) -> bool:
    """Whether the account wrote `message`, on this device or another.

    A copy that names no sender is ours; what comes so by itself is the server's word.
    """
    if message.sender is None:
        return message.route in (Route.CARBON, Route.ARCHIVE)
    return message.sender.bare == account


def read_message(
    message: IncomingMessage,
    account: Jid,
    namespaces: frozenset[str],
    now: datetime,
    new_id: Callable[[], str],
) -> tuple[Jid, Message] | None:
    """The conversation and the message that `message` is, or None if it holds no text.

    `namespaces` are what the account announced: only if it knows XEP-0359 does it take out
    archive ids that somebody else has put in (§6), and only an archive's are an archive's ids.
    """
    peer = peer_of(message, account)
    if peer is None or message.body is None or message.type in ("groupchat", "error"):
        return None
    own = is_own(message, account)
    delay = message.get(DelayPayload)
    route = message.route
    if route is Route.LIVE and delay is not None:
        route = Route.OFFLINE
    origin = message.get(OriginIdPayload)
    said_at = delay.at if delay else message.archived_at
    is_transient = message.get(NoStorePayload) or message.get(NoPermanentStorePayload)
    return peer, Message(
        message.id or new_id(),
        message.sender or account,
        message.body,
        said_at or now,
        is_own=own,
        fate=Fate.ACKNOWLEDGED if own else None,
        subject=message.subject or "",
        is_delayed=said_at is not None,
        route=route,
        origin_id=origin.id if origin else "",
        archive_id=_archive_id(message, account, namespaces),
        is_transient=bool(is_transient),
        # A marker needs an id to speak of, and we need none for what is ours (XEP-0333 §5).
        is_markable=bool(message.get(MarkablePayload) and message.id and not own),
    )


def _archive_id(message: IncomingMessage, account: Jid, namespaces: frozenset[str]) -> str:
    if message.archive_id:
        return message.archive_id
    if not namespaces >= ARCHIVE_NAMESPACES:
        return ""
    ours = [each.id for each in message.get_all(StanzaIdPayload) if each.by == account]
    return ours[0] if ours else ""
