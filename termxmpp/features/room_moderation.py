"""XEP-0045 §8: what moderators do in a room: its subject, who is put out, who may speak."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from termxmpp.commands.registry import Kind, Name, Rest, command
from termxmpp.core.events import MembershipAsked, NoticeGiven
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.room import Affiliation, MembershipRequest, Role
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.bounces import bounce_reason
from termxmpp.xmpp.forms import Field, Form
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.muc_admin import AdminPayload, Item, refusal
from termxmpp.xmpp.muc_words import said
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

# By this an error is known to be about a subject, whichever session has asked for it.
TOPIC_ID = "topic-"

# What the forms are about by which somebody asks for something (§8.6, §9.9).
REQUEST = "http://jabber.org/protocol/muc#request"
REGISTER = "http://jabber.org/protocol/muc#register"
REGISTER_NICK = "muc#register_roomnick"

_TOPIC_REASONS = {
    "forbidden": _("you may not change what this room is about: ask a moderator"),
    "not-acceptable": _("the room does not see you in it"),
}


class GivenRole(StrEnum):
    """The roles that can be given (§5.1)."""

    MODERATOR = "moderator"
    PARTICIPANT = "participant"
    VISITOR = "visitor"


class ModerationHandler(Handler):
    """Tells why a room keeps its subject, and what others ask of us as a moderator or admin."""

    @on_message(payload=Form)
    def asked(self, message: IncomingMessage) -> bool:
        """Somebody wants to speak (§8.6), or to become a member (§9.9)."""
        form, sender = message.get(Form), message.sender
        room = self.ctx.state.rooms.get(sender) if sender is not None else None
        if form is None or room is None or not room.is_in or message.type == "groupchat":
            return False
        words = _request_words(form)
        if words:
            self._remember(room.jid, form, message.id)
            self.ctx.emit(NoticeGiven(Notice(words, self.ctx.now()), room.jid))
        return bool(words)

    def _remember(self, room: Jid, form: Form, id: str) -> None:
        """Who is no occupant can be let be a member by the form only (§9.9)."""
        nick = form.get(REGISTER_NICK)
        if form.form_type == REGISTER and nick is not None:
            values = tuple((each.name, each.values) for each in form.fields if each.name)
            self.ctx.emit(MembershipAsked(MembershipRequest(room, nick.value, id, values)))

    @on_message("error")
    def refused(self, message: IncomingMessage) -> bool:
        """The subject that we wanted was not taken (§8.1)."""
        if message.sender is None or not message.id.startswith(TOPIC_ID):
            return False
        room = self.ctx.state.rooms.get(message.sender)
        if room is None:
            return False
        reason = bounce_reason(message.error, _TOPIC_REASONS)
        words = _("The topic stays as it is: {reason}.").format(reason=reason)
        self.ctx.emit(NoticeGiven(Notice(words, self.ctx.now(), is_error=True), room.jid))
        return True


def _request_words(form: Form) -> str:
    """What is asked for, and what to type for it; empty if it is nothing that we know."""
    values = {each.name: _typed(each.value) for each in form.fields}
    if form.form_type == REQUEST and values.get("muc#roomnick"):
        return _("{nick} asks to speak here: /role {nick} participant lets it.").format(
            nick=values["muc#roomnick"]
        )
    if form.form_type == REGISTER and values.get(REGISTER_NICK):
        return _("{nick} asks to become a member: /affiliation {nick} member makes it one.").format(
            nick=values[REGISTER_NICK]
        )
    return ""


def _typed(nick: str) -> str:
    """`nick` as it is typed: one word."""
    shown = said(nick)
    return f'"{shown}"' if " " in shown else shown


@command("voice")
def voice(ctx: CommandContext) -> None:
    """Ask the moderators of this room to let you speak, where you may only listen."""
    room = ctx.entered_room()
    if room.our_role is not Role.VISITOR:
        raise UserError(_("You may speak in {room}.").format(room=room.jid))
    fields = (Field("FORM_TYPE", "hidden", (REQUEST,)), Field("muc#role", values=("participant",)))
    payloads = [Form("submit", fields)]
    id = ctx.client.new_id()
    ctx.client.send(stanzas.message(room.jid, id=id, type="normal", payloads=payloads))
    ctx.tell(_("The moderators of {room} are asked.").format(room=room.jid))


@command("topic")
def topic(ctx: CommandContext, text: Name | None = None) -> None:
    """Say what this room is about, or let it be about TEXT.

    `/topic ""` takes the topic away.
    """
    room = ctx.entered_room()
    if text is None:
        about = room.subject
        words = _("{room} is about: {topic}") if about else _("{room} has no topic.")
        ctx.tell(words.format(room=room.jid, topic=said(about or "")))
        return
    id = TOPIC_ID + ctx.client.new_id()
    ctx.client.send(stanzas.message(room.jid, id=id, type="groupchat", subject=text))


@command("kick")
async def kick(
    ctx: CommandContext, nick: Annotated[str, Kind.NICK], reason: Rest | None = None
) -> None:
    """Put NICK out of this room, which it may enter again; see /ban."""
    await _set_role(ctx, nick, Role.NONE, reason or "")


@command("role")
async def role(
    ctx: CommandContext,
    nick: Annotated[str, Kind.NICK],
    role: GivenRole,
    reason: Rest | None = None,
) -> None:
    """Let NICK be a moderator here, a participant, or a visitor, who may only listen.

    That lasts until NICK leaves the room; /affiliation is for good.
    """
    await _set_role(ctx, nick, Role(role.value), reason or "")
    ctx.tell(_("{nick} is from now on: {role}.").format(nick=nick, role=Role(role.value).words))


async def _set_role(ctx: CommandContext, nick: str, role: Role, reason: str) -> None:
    room = ctx.entered_room()
    if nick not in room.occupants:
        raise UserError(
            _("Nobody is called {nick} in {room}: /who lists who is there.").format(
                nick=nick, room=room.jid
            )
        )
    # A moderator is made and unmade by admins only (§9.6, §9.7).
    is_moderators = Role.MODERATOR in (role, room.occupants[nick].role)
    needed = Affiliation.ADMIN if is_moderators else Role.MODERATOR
    try:
        await ctx.client.set(room.jid, AdminPayload((Item(role=role, nick=nick, reason=reason),)))
    except RemoteError as error:
        raise refusal(error, room, needed) from None


FEATURE = Feature(
    "XEP-0045 §8",
    "Multi-User Chat: moderators",
    handler=ModerationHandler,
    commands=(topic, kick, role, voice),
)
