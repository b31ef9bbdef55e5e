"""XEP-0045 §7.8 and XEP-0249: who is asked to enter a room, and who asks us.

Invitations go direct, as §7.8 asks for, but into rooms for members only, which have to know whom
they let in: these hand them on themselves. One that comes is told once, with what follows it.
"""

from __future__ import annotations

from typing import Annotated

from termxmpp.commands.registry import Kind, Rest, command
from termxmpp.core.events import InvitationDeclined, Invited, NoticeGiven
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice, Route
from termxmpp.core.room import Invitation
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.invitations import (
    DIRECT_NS,
    DeclinePayload,
    DirectPayload,
    MediatedPayload,
)
from termxmpp.xmpp.muc import OccupantPayload
from termxmpp.xmpp.muc_words import invitation_refusal, said
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

# What a room announces that lets in members only (§6.4).
MEMBERS_ONLY = "muc_membersonly"

# By this an error is known to be about an invitation, whichever session has sent it.
INVITE_ID = "invite-"


class InvitationsHandler(Handler):
    """Tells of invitations, and of what becomes of ours."""

    @on_message()
    def invited(self, message: IncomingMessage) -> bool:
        """Somebody asks us to enter a room, by itself or through the room."""
        if message.type == "groupchat" or message.route not in (Route.LIVE, Route.CARBON):
            return False
        sender, account = message.sender, self.ctx.state.account
        if sender is None or sender.bare == account:
            return False
        handed_on, direct = message.get(OccupantPayload), message.get(DirectPayload)
        if handed_on is not None and handed_on.invite is not None and sender.local:
            invite = handed_on.invite
            if invite.is_declined:
                self._declined(sender.bare, invite.by, invite.reason)
            else:
                told = (invite.by, invite.reason, handed_on.password)
                self._take(Invitation(sender.bare, *told, is_mediated=True))
            return True
        if direct is not None:
            self._take(Invitation(direct.room, sender, direct.reason, direct.password))
            return True
        return False

    @on_message("error")
    def returned(self, message: IncomingMessage) -> bool:
        """An invitation of ours did not get there."""
        if message.sender is None or not message.id.startswith(INVITE_ID):
            return False
        reason = invitation_refusal(message.error)
        words = _("The invitation came back from {jid}: {reason}.").format(
            jid=message.sender, reason=reason
        )
        room = message.sender if message.sender in self.ctx.state.rooms else None
        self.ctx.emit(NoticeGiven(Notice(words, self.ctx.now(), is_error=True), room))
        return True

    def _take(self, invitation: Invitation) -> None:
        """Tell of it, unless we are there, or know of it by the other way (XEP-0249 §4)."""
        state = self.ctx.state
        room = state.rooms.get(invitation.room)
        if room is not None and room.is_in:
            return
        is_known = invitation.room in state.invitations
        if is_known and not invitation.password:
            return
        self.ctx.emit(Invited(invitation))
        if not is_known:
            self.ctx.emit(NoticeGiven(Notice(_words(invitation), self.ctx.now())))

    def _declined(self, room: Jid, by: Jid | None, reason: str) -> None:
        if room not in self.ctx.state.rooms:
            return
        who = by or _("somebody")
        words = _("{who} does not follow the invitation.").format(who=who)
        if reason:
            words = f"{words.removesuffix('.')}: {said(reason)}"
        self.ctx.emit(NoticeGiven(Notice(words, self.ctx.now()), room))


def _words(invitation: Invitation) -> str:
    by = invitation.by
    if by is None:
        words = _("You are invited to {room}.").format(room=invitation.room)
    else:
        # A room may know the inviter by its nick only.
        who = said(by.resource) if by.bare == invitation.room else by.bare
        words = _("{who} invites you to {room}.").format(who=who, room=invitation.room)
    if invitation.reason:
        words = f"{words.removesuffix('.')}: {said(invitation.reason)}"
    return (
        words
        + "\n"
        + _("/join {room} enters it, /invite decline {room} does not.").format(room=invitation.room)
    )


@command("invite")
def invite(
    ctx: CommandContext, jid: Annotated[Jid, Kind.CONTACT], reason: Rest | None = None
) -> None:
    """Ask JID to enter this room; a room with a password tells it that, too.

    Into a room for members only the room invites, which makes JID a member if you may do that.
    """
    room = ctx.entered_room()
    if jid.bare == room.jid or not jid.local:
        raise UserError(_("{jid} is nobody who could come.").format(jid=jid))
    payload: Payload
    if MEMBERS_ONLY in room.namespaces:
        to, payload = room.jid, MediatedPayload(jid.bare, reason or "")
    else:
        to, payload = jid, DirectPayload(room.jid, reason or "", room.password)
    id = INVITE_ID + ctx.client.new_id()
    ctx.client.send(stanzas.message(to, id=id, type="normal", payloads=[payload]))
    ctx.tell(_("{jid} is invited.").format(jid=jid))


@command("invite decline")
def decline(
    ctx: CommandContext, room: Annotated[Jid, Kind.ROOM], reason: Rest | None = None
) -> None:
    """Do not follow the invitation to ROOM; who has invited you through the room is told.

    Who has invited you itself is told nothing.
    """
    invitation = ctx.client.state.invitations.get(room.bare)
    if invitation is None:
        raise UserError(_("Nobody has invited you to {room}.").format(room=room.bare))
    by = invitation.by
    if invitation.is_mediated and by is not None:
        # A room may know the inviter by its nick only.
        inviter = by if by.bare == room.bare else by.bare
        id, told = ctx.client.new_id(), DeclinePayload(inviter, reason or "")
        ctx.client.send(stanzas.message(room.bare, id=id, type="normal", payloads=[told]))
    ctx.client.emit(InvitationDeclined(room.bare))
    ctx.tell(_("You do not follow the invitation to {room}.").format(room=room.bare))


FEATURE = Feature(
    "XEP-0249",
    "Direct MUC Invitations",
    (DIRECT_NS,),
    InvitationsHandler,
    (invite, decline),
    version="1.2",
)
