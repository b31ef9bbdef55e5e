"""XEP-0490 Message Displayed Synchronization: what was read on one device is read on all.

Kept in a node of the account (XEP-0163, XEP-0223) as the archive's id of the newest message
read, and only ever moved forward. A push counts only from the account itself.
"""

from __future__ import annotations

import logging
from collections import deque
from xml.etree.ElementTree import Element

from termxmpp.core.events import (
    CaughtUp,
    ConversationRead,
    Event,
    ReadElsewhere,
    ReadingPublished,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Route
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.feature import Context, Feature, Handler
from termxmpp.private import Collection
from termxmpp.store.records import Due
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.ids import NS as SID_NS
from termxmpp.xmpp.ids import StanzaIdPayload
from termxmpp.xmpp.pacing import Pacer
from termxmpp.xmpp.pubsub import (
    PUBLISH_OPTIONS,
    EventPayload,
    Item,
    ItemsPayload,
)
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

NS = "urn:xmpp:mds:displayed:0"
DISPLAYED, STANZA_ID = f"{{{NS}}}displayed", f"{{{SID_NS}}}stanza-id"

# What we publish comes back to us; so many publications are never under way at once.
UNDER_WAY = 100


class ReadSyncHandler(Handler):
    """Publishes how far the user has read here, and follows how far elsewhere.

    Nothing is published before it is known in this session what was published already, and
    what was missed has come: else one would go backwards. `_is_in_step`: we know, and may;
    `_ours` is what we have published last.
    """

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._pacer = Pacer(ctx.spawn, self._publish_due)
        self._ours: deque[str] = deque(maxlen=UNDER_WAY)
        self._node = Collection(ctx, NS)
        self._is_in_step = False
        self._is_caught_up = False

    async def online(self) -> None:
        self._node.begin()
        self._is_in_step = self._is_caught_up = False
        await self.resumed()

    async def resumed(self) -> None:
        if self._is_in_step:
            self._pacer.want()
        elif PUBLISH_OPTIONS in self.ctx.state.namespaces | self.ctx.state.server_namespaces:
            self.ctx.spawn(self._fetch())

    async def leaving(self) -> None:
        await self._publish_due()

    def happened(self, event: Event) -> None:
        if isinstance(event, CaughtUp) and event.archive is None:
            self._is_caught_up = True
        if isinstance(event, (ConversationRead, CaughtUp)) and self._can_publish:
            self._pacer.want()

    @on_message(payload=EventPayload)
    def pushed(self, message: IncomingMessage) -> bool:
        """Another device of ours has published, or we have."""
        event = message.get(EventPayload)
        if event is None or event.node != NS:
            return False
        if message.route is not Route.LIVE or message.sender not in (None, self.ctx.state.account):
            logger.warning("a forged reading from %s was dropped", message.sender)
            return True
        for item in event.items:
            self._take(item)
        return True

    @property
    def _can_publish(self) -> bool:
        return self._is_in_step and self._is_caught_up and self.ctx.is_online

    async def _fetch(self) -> None:
        """Learn what was read elsewhere while we were away (§4.4)."""
        try:
            found = (await self.ctx.get(None, ItemsPayload(NS))).get(ItemsPayload)
        except ConnectionFailed:
            return
        except RemoteError as error:
            if error.condition != "item-not-found":
                logger.info("what was read elsewhere can't be known: %s", error)
                return
            # Nobody has published anything yet.
            found = None
        for item in found.items if found is not None else ():
            self._take(item)
        self._is_in_step = True
        if self._can_publish:
            self._pacer.want()

    def _take(self, item: Item) -> None:
        """An item of the node: the conversation, and how far it was read."""
        read = _read(item)
        if read is None:
            return
        peer, stanza_id = read
        # In a room it is the room that gives the ids.
        if stanza_id.by not in (self.ctx.state.account, peer):
            return
        if stanza_id.id not in self._ours:
            self.ctx.emit(ReadElsewhere(peer, archive_id=stanza_id.id))

    async def _publish_due(self) -> bool:
        """Publish what was read here; whether there was something to do."""
        all_due = self.ctx.readings_due() if self._can_publish else ()
        try:
            for due in all_due:
                await self._publish(due)
                self.ctx.emit(ReadingPublished(due.peer, due.id))
        except ConnectionFailed:
            # It is due still, in the next session.
            pass
        except RemoteError as error:
            logger.warning("what was read can't be published: %s", error)
            # What was refused once would be refused again; silence may have been the network's.
            self._is_in_step = error.condition is None
        return bool(all_due)

    async def _publish(self, due: Due) -> None:
        """Put it into the node, which must be ours alone."""
        self._ours.append(due.id)
        displayed = Element(DISPLAYED)
        by = due.archive or self.ctx.state.account
        displayed.append(StanzaIdPayload(due.id, by).as_xml())
        await self._node.publish(Item(str(due.peer), displayed))


def _read(item: Item) -> tuple[Jid, StanzaIdPayload] | None:
    """What `item` says, if it can be read."""
    element = item.element
    if element is None or element.tag != DISPLAYED:
        return None
    found = element.find(STANZA_ID)
    if found is not None and found.get("by") is None:
        # slixmpp does not say whose id it is; it can but be that of the conversation's archive.
        found = Element(STANZA_ID, {"id": found.get("id", ""), "by": item.id})
    try:
        return (Jid.parse(item.id), StanzaIdPayload.from_xml(found)) if found is not None else None
    except (UserError, ValueError) as error:
        logger.debug("unreadable item %r of the readings: %s", item.id, error)
        return None


FEATURE = Feature(
    "XEP-0490",
    "Message Displayed Synchronization",
    (f"{NS}+notify",),
    ReadSyncHandler,
    version="1.0.1",
)
