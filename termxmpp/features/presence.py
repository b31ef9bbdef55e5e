"""Presence (RFC 6121 §3, §4): who is there, and whom we let see us.

Our presence is sent at log-in after the roster, so that no answer comes before its contact.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Annotated

from termxmpp.commands.registry import Kind, Rest, command
from termxmpp.core.capabilities import Capabilities
from termxmpp.core.events import (
    Event,
    NoticeGiven,
    OwnPortraitChanged,
    OwnPresenceChanged,
    PresenceChanged,
    PresenceDirected,
    SessionStarted,
    SubscriptionAnswered,
    SubscriptionRequested,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.roster import Availability, Contact, Presence
from termxmpp.core.table import aligned
from termxmpp.core.uris import XmppUri, is_uri
from termxmpp.errors import ConnectionFailed, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.caps import CapsPayload
from termxmpp.xmpp.hooks import on_presence
from termxmpp.xmpp.last_activity import IdlePayload
from termxmpp.xmpp.nick import own_nick
from termxmpp.xmpp.preauth import PreauthPayload
from termxmpp.xmpp.roster import RosterPayload
from termxmpp.xmpp.stanzas import IncomingPresence, Outgoing

__all__ = ["FEATURE"]

# What a server offers that lets somebody be approved before the question (§3.4).
PRE_APPROVAL = "{urn:xmpp:features:pre-approval}sub"


class PresenceHandler(Handler):
    """Announces us, follows the others, and passes requests on to the user."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        # What the server knows of us in this session, once it knows anything.
        self._announced: tuple[Presence, tuple[str, ...]] | None = None
        # The picture that was told with it; not to tell of any is as good as to have none.
        self._portrait = ""

    async def online(self) -> None:
        self._announce()

    async def resumed(self) -> None:
        if self._announced != self._announcement():
            self._announce()

    def happened(self, event: Event) -> None:
        if isinstance(event, SessionStarted) and not event.is_resumed:
            self._announced = None
        elif isinstance(event, OwnPresenceChanged):
            self._announce_again()
        elif isinstance(event, OwnPortraitChanged):
            if (event.hash or "") != self._portrait:
                self._announce_again()
        elif isinstance(event, PresenceDirected):
            self._send_to(event.jid, is_shown=event.is_shown)

    def appearance_changed(self) -> None:
        if self._announced != self._announcement():
            self._announce_again()

    def _announce_again(self) -> None:
        if self._announced is not None:
            # Else it is told when the link is there again.
            with contextlib.suppress(ConnectionFailed):
                self._announce()

    def _appearance(self) -> Presence:
        """What others are to see of us now."""
        disclosure = self.ctx.disclosure
        since = self.ctx.idle_since if disclosure.idle else None
        return replace(self.ctx.state.presence, priority=disclosure.priority, idle_since=since)

    def _announcement(self) -> tuple[Presence, tuple[str, ...]]:
        """That, and what we can do, of which our presence has the hash (XEP-0115)."""
        return self._appearance(), self.ctx.namespaces

    def _announce(self) -> None:
        self.ctx.send(self._stanza(None))
        self._announced = self._announcement()
        self._portrait = self.ctx.state.portrait or ""
        for jid in self.ctx.state.shown_to:
            # Else these would see for ever what they were shown once (§4.6.2).
            self._send_to(jid, is_shown=True)

    def _send_to(self, jid: Jid, *, is_shown: bool) -> None:
        self.ctx.send(self._stanza(jid) if is_shown else stanzas.presence(jid, type="unavailable"))

    def _stanza(self, to: Jid | None) -> Outgoing:
        """Our presence, for all who may see it or for one."""
        seen = self._appearance()
        idle = [IdlePayload(seen.idle_since)] if seen.idle_since is not None else []
        return stanzas.presence(
            to,
            show=seen.show,
            status=seen.status,
            priority=seen.priority,
            payloads=[*self.ctx.presence_payloads(), *idle],
        )

    @on_presence()
    def available(self, presence: IncomingPresence) -> bool:
        """A resource is there, or changed its status."""
        if presence.sender is None:
            return False
        availability = Availability.of(presence.show)
        idle = presence.get(IdlePayload)
        since = idle.since if idle is not None else None
        caps = presence.get(CapsPayload)
        can = Capabilities(caps.node, caps.verification, caps.hash) if caps is not None else None
        value = Presence(availability, presence.status, presence.priority, since, can)
        self.ctx.emit(PresenceChanged(presence.sender, value))
        return True

    @on_presence("unavailable")
    def unavailable(self, presence: IncomingPresence) -> bool:
        """A resource left, or with a bare address all of them."""
        return self._offline(presence)

    @on_presence("error")
    def error(self, presence: IncomingPresence) -> bool:
        """A presence of ours came back: nobody is there (RFC 6121 §4.3.2)."""
        return self._offline(presence)

    @on_presence("subscribe")
    def asked(self, presence: IncomingPresence) -> bool:
        """Somebody wants to see us."""
        if presence.sender is None:
            return False
        jid = presence.sender.bare
        self.ctx.emit(SubscriptionRequested(jid, presence.status))
        asked = (
            _("{jid} asks to see your presence and says: {status}.")
            if presence.status
            else _("{jid} asks to see your presence.")
        ).format(jid=jid, status=presence.status)
        if jid in self.ctx.state.nicks:
            called = _("It calls itself {nick}.").format(nick=self.ctx.state.nicks[jid])
            asked = f"{asked} {called}"
        ways = _("/subscription approve {jid} lets it, /subscription deny {jid} does not.")
        self._notice(asked + "\n" + ways.format(jid=jid))
        return True

    @on_presence("unsubscribe")
    def left(self, presence: IncomingPresence) -> bool:
        """Somebody does not want to see us any more; the server has obeyed (§3.3.3)."""
        return self._told(presence, _("{jid} does not want to see your presence any more."))

    @on_presence("subscribed")
    def approved(self, presence: IncomingPresence) -> bool:
        """We may see somebody now; the roster push says the rest."""
        return self._told(presence, _("{jid} lets you see its presence."))

    @on_presence("unsubscribed")
    def denied(self, presence: IncomingPresence) -> bool:
        """We may not see somebody, or no more."""
        return self._told(presence, _("{jid} does not let you see its presence."))

    def _offline(self, presence: IncomingPresence) -> bool:
        if presence.sender is None:
            return False
        value = Presence(Availability.OFFLINE, presence.status)
        self.ctx.emit(PresenceChanged(presence.sender, value))
        return True

    def _told(self, presence: IncomingPresence, words: str) -> bool:
        if presence.sender is None:
            return False
        self._notice(words.format(jid=presence.sender.bare))
        return True

    def _notice(self, text: str) -> None:
        self.ctx.emit(NoticeGiven(Notice(text, self.ctx.now())))


def _become(ctx: CommandContext, availability: Availability, text: str | None) -> None:
    presence = Presence(availability, text or "")
    ctx.client.emit(OwnPresenceChanged(presence))
    told = (
        _("Others see you as {presence}.")
        if ctx.client.is_online
        else _("Others see you as {presence} as soon as you are connected.")
    )
    word = availability.words
    ctx.tell(told.format(presence=f"{word}: {text}" if text else word))


@command("online")
def online(ctx: CommandContext, text: Rest | None = None) -> None:
    """Be available, with TEXT as status."""
    _become(ctx, Availability.ONLINE, text)


@command("away")
def away(ctx: CommandContext, text: Rest | None = None) -> None:
    """Be away for a while, with TEXT as status."""
    _become(ctx, Availability.AWAY, text)


@command("xa")
def xa(ctx: CommandContext, text: Rest | None = None) -> None:
    """Be away for long, with TEXT as status."""
    _become(ctx, Availability.XA, text)


@command("dnd")
def dnd(ctx: CommandContext, text: Rest | None = None) -> None:
    """Ask not to be disturbed, with TEXT as status."""
    _become(ctx, Availability.DND, text)


@command("chatty")
def chatty(ctx: CommandContext, text: Rest | None = None) -> None:
    """Be glad to chat, with TEXT as status."""
    _become(ctx, Availability.CHAT, text)


@command("subscription approve", aliases=("sub approve",))
def approve(ctx: CommandContext, jid: Annotated[Jid, Kind.REQUEST] | None = None) -> None:
    """Let JID, or the peer here, see your presence: now if it has asked, else when it will.

    Beforehand only where the server can (RFC 6121 §3.4); `/subscription deny` takes it back.
    """
    state, who = ctx.client.state, (jid or ctx.here).bare
    has_asked = who in state.requests
    if not has_asked and state.sees_us(who):
        raise UserError(_("{jid} sees your presence already.").format(jid=who))
    ctx.client.send(stanzas.presence(who, type="subscribed"))
    ctx.client.emit(SubscriptionAnswered(who))
    words = _("{jid} may see your presence.")
    if not has_asked:
        words = (
            _("{jid} may see your presence as soon as it asks.")
            if PRE_APPROVAL in ctx.client.stream_features
            else _("{jid} may see your presence if it has asked; your server forgets it if not.")
        )
    ctx.tell(words.format(jid=who))


@command("subscription deny", aliases=("sub deny",))
def deny(ctx: CommandContext, jid: Annotated[Jid, Kind.REQUEST] | None = None) -> None:
    """Don't let JID, or the peer here, see your presence, or no longer."""
    who = (jid or ctx.here).bare
    ctx.client.send(stanzas.presence(who, type="unsubscribed"))
    ctx.client.emit(SubscriptionAnswered(who))
    ctx.tell(_("{jid} may not see your presence.").format(jid=who))


@command("subscription request", aliases=("sub request",))
async def request(
    ctx: CommandContext, jid: Annotated[str, Kind.JID], text: Rest | None = None
) -> None:
    """Ask JID to let you see its presence. An invitation, an xmpp: link, is taken so, too.

    Whoever made that sees you as well, and is in your roster (XEP-0379).
    """
    if is_uri(jid):
        await _take_invitation(ctx, XmppUri.parse(jid))
        return
    asked = Jid.parse(jid).bare
    named = own_nick(ctx.client.state)
    ctx.client.send(stanzas.presence(asked, type="subscribe", status=text, payloads=named))
    ctx.tell(_("{jid} has been asked.").format(jid=asked))


async def _take_invitation(ctx: CommandContext, uri: XmppUri) -> None:
    """Become a contact of who made the link, if it is one for that (XEP-0379 §3.4)."""
    jid, client = uri.jid.bare, ctx.client
    if uri.action == "register" or not jid.local:
        raise UserError(_("That link makes an account: termxmpp --register LINK takes it."))
    if uri.action not in ("", "roster", "subscribe"):
        raise UserError(_("That link is no invitation."))
    known = client.state.contacts.get(jid, Contact(jid))
    if known.subscription == "both":
        ctx.show(jid)
        return
    named = replace(known, name=known.name or uri.values.get("name", ""))
    await client.set(None, RosterPayload((named,)))
    # It asks back, and need not be asked about (RFC 6121 §3.4).
    client.send(stanzas.presence(jid, type="subscribed"))
    token = uri.values.get("preauth", "")
    payloads = [PreauthPayload(token)] if token else []
    payloads += own_nick(client.state)
    client.send(stanzas.presence(jid, type="subscribe", payloads=payloads))
    ctx.tell(_("{jid} is in your roster, and has been asked.").format(jid=jid))


@command("subscription cancel", aliases=("sub cancel",))
def cancel(ctx: CommandContext, jid: Annotated[Jid, Kind.CONTACT]) -> None:
    """Don't see the presence of JID any longer."""
    if jid.bare not in ctx.client.state.contacts:
        raise UserError(
            _("You don't see the presence of {jid}, and have not asked to.").format(jid=jid.bare)
        )
    ctx.client.send(stanzas.presence(jid.bare, type="unsubscribe"))
    ctx.tell(_("You no longer see the presence of {jid}.").format(jid=jid.bare))


@command("subscription list", aliases=("sub list",))
def list_(ctx: CommandContext) -> None:
    """List who has asked to see your presence, and whom you have asked."""
    state = ctx.client.state
    rows = [(_("asks you"), str(jid), state.requests[jid]) for jid in sorted(state.requests)]
    for contact in sorted(state.contacts.values(), key=lambda each: each.jid):
        if contact.is_asked:
            rows.append((_("you have asked"), str(contact.jid), contact.name))
        if contact.is_approved and not state.sees_us(contact.jid):
            rows.append((_("approved"), str(contact.jid), contact.name))
    ctx.tell("\n".join(aligned(rows)) or _("Nobody has asked, and nobody has not answered."))


@command("subscription show", aliases=("sub show",))
def show(ctx: CommandContext, jid: Jid) -> None:
    """Let JID see your presence until you go offline, whether it may else or not."""
    _show_to(ctx, jid, is_shown=True)
    ctx.tell(_("{jid} sees your presence until you go offline.").format(jid=jid.bare))


@command("subscription hide", aliases=("sub hide",))
def hide(ctx: CommandContext, jid: Annotated[Jid, Kind.CONTACT]) -> None:
    """Be offline for JID until your presence changes; what it may see stays."""
    _show_to(ctx, jid, is_shown=False)
    ctx.tell(_("{jid} sees you as offline until your presence changes.").format(jid=jid.bare))


def _show_to(ctx: CommandContext, jid: Jid, *, is_shown: bool) -> None:
    if jid.bare in ctx.client.state.rooms:
        raise UserError(_("{jid} is a room: /join and /leave are for these.").format(jid=jid.bare))
    if not ctx.client.is_online:
        raise ConnectionFailed(_("While you are offline nobody sees you."))
    ctx.client.emit(PresenceDirected(jid.bare, is_shown))


FEATURE = Feature(
    "RFC 6121 §3-4",
    "Presence",
    handler=PresenceHandler,
    commands=(online, away, xa, dnd, chatty, approve, deny, request, cancel, list_, show, hide),
)
