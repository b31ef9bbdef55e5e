"""XEP-0172 User Nickname: what people call themselves, and what we are called.

A name that somebody gives himself is a proposal: it names nobody here until the user takes it
into the roster. By PEP only contacts are heard, in messages and requests strangers, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.commands.registry import Name, command
from termxmpp.core.events import Event, MessageReceived, NickTold, NoticeGiven
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Notice, Route
from termxmpp.core.room import Room
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.hooks import on_message, on_presence
from termxmpp.xmpp.nick import NS, NickPayload, own_nick
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.pubsub import NS as PUBSUB
from termxmpp.xmpp.pubsub import EventPayload, Item, PublishPayload
from termxmpp.xmpp.stanzas import IncomingMessage, IncomingPresence

__all__ = ["FEATURE"]

PUBLISH = f"{PUBSUB}#publish"

# The only item of the node.
CURRENT = "current"


class NickHandler(Handler):
    """Hears what people call themselves, and tells strangers what we are called."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        # Strangers who have said so with a message that is not in its conversation yet.
        self._introduced: set[Jid] = set()

    @on_message(payload=EventPayload)
    def published(self, message: IncomingMessage) -> bool:
        """A contact, or another device of ours, has published a name (§4.3)."""
        event = message.get(EventPayload)
        if event is None or event.node != NS:
            return False
        sender = message.sender or self.ctx.state.account
        is_known = sender == self.ctx.state.account or sender in self.ctx.state.contacts
        if message.route is Route.LIVE and is_known:
            for item in event.items:
                if item.element is not None and item.element.tag == f"{{{NS}}}nick":
                    self._told(sender, NickPayload.from_xml(item.element))
        return True

    @on_message(payload=NickPayload)
    def said(self, message: IncomingMessage) -> bool:
        """Somebody says so with a message (§4.2)."""
        sender = message.sender
        is_new = message.route in (Route.LIVE, Route.OFFLINE) and message.body is not None
        if sender is not None and is_new and self._is_stranger(sender):
            told = message.get(NickPayload)
            if self._told(sender.bare, told) and told is not None and told.name:
                self._introduced.add(sender.bare)
        return False

    @on_presence("subscribe")
    def asked(self, presence: IncomingPresence) -> bool:
        """Somebody says so when asking to see us (§4.1)."""
        if presence.sender is not None and self._is_stranger(presence.sender):
            self._told(presence.sender.bare, presence.get(NickPayload))
        return False

    def happened(self, event: Event) -> None:
        if isinstance(event, MessageReceived) and event.peer in self._introduced:
            self._introduced.discard(event.peer)
            words = _("{jid} calls itself {nick}. Anybody can say that of himself.")
            way = _("/roster add {jid} {nick} puts it into your roster under that name.")
            nick = self.ctx.state.nicks.get(event.peer, "")
            text = "\n".join([words, way]).format(jid=event.peer, nick=nick)
            self.ctx.emit(NoticeGiven(Notice(text, self.ctx.now()), event.peer))

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        """Our name, with the first that we say to a stranger (§4.2)."""
        if not self._is_stranger(peer):
            return ()
        entries = self.ctx.state.conversation(peer).entries
        is_first = sum(isinstance(each, Message) for each in entries) <= 1
        return own_nick(self.ctx.state) if is_first else ()

    def _is_stranger(self, jid: Jid) -> bool:
        state = self.ctx.state
        is_room = jid.bare in state.rooms
        return jid.bare not in state.contacts and jid.bare != state.account and not is_room

    def _told(self, jid: Jid, told: NickPayload | None) -> bool:
        """Let `jid` be known to call itself so; whether that is news."""
        if told is None or told.name == self.ctx.state.nicks.get(jid, ""):
            return False
        self.ctx.emit(NickTold(jid, told.name))
        return True


@command("nick")
async def nick(ctx: CommandContext, name: Name | None = None) -> None:
    """In a room be called NAME there; elsewhere tell your contacts that you call yourself NAME.

    Without NAME tell what you are called. `/nick ""` takes away what your contacts are told.
    """
    state = ctx.client.state
    room = state.rooms.get(ctx.peer.bare) if ctx.peer is not None else None
    if name is None:
        _tell(ctx, room)
    elif room is not None:
        _change_in(ctx, room, name)
    else:
        await _publish(ctx.client, name)
        ctx.tell(
            _("Your contacts are told that you call yourself {name}.").format(name=name)
            if name
            else _("Your contacts are told no name of you any more.")
        )


def _tell(ctx: CommandContext, room: Room | None) -> None:
    own = ctx.client.state.nicks.get(ctx.client.state.account)
    if room is not None:
        ctx.tell(_("You are {nick} in {jid}.").format(nick=room.nick, jid=room.jid))
    elif own:
        ctx.tell(_("You call yourself {name}.").format(name=own))
    else:
        ctx.tell(_("You have told no name of you; /nick NAME does."))


def _change_in(ctx: CommandContext, room: Room, name: str) -> None:
    """Ask the room for another name (XEP-0045 §7.6); its answer is what tells."""
    if not room.is_in:
        raise UserError(_("You are not in {jid}: /join {jid} enters it.").format(jid=room.jid))
    wanted = Jid.parse(f"{room.jid}/{name}")
    if wanted.resource == room.nick:
        raise UserError(_("You are called {nick} there already.").format(nick=room.nick))
    presence = ctx.client.state.presence
    ctx.client.send(
        stanzas.presence(
            wanted,
            show=presence.show,
            status=presence.status,
            payloads=ctx.client.presence_payloads(),
        )
    )


async def _publish(ctx: Context, name: str) -> None:
    if ctx.is_online and PUBLISH not in ctx.state.namespaces | ctx.state.server_namespaces:
        raise UserError(_("Your server can't tell your contacts a name (PEP, XEP-0163)."))
    told = NickPayload(name)
    await ctx.set(None, PublishPayload(NS, Item(CURRENT, told.as_xml())))
    ctx.emit(NickTold(ctx.state.account, NickPayload.from_xml(told.as_xml()).name))


FEATURE = Feature(
    "XEP-0172",
    "User Nickname",
    (NS, f"{NS}+notify"),
    NickHandler,
    (nick,),
    version="1.1",
    note="a proposal, which the user can take into the roster",
)
