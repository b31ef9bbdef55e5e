"""What rooms say by codes and conditions (XEP-0045 §7.2, §15.6), in words for the user."""

from __future__ import annotations

from termxmpp.core.jid import Jid
from termxmpp.core.text import one_line
from termxmpp.words import _
from termxmpp.xmpp.bounces import bounce_reason
from termxmpp.xmpp.muc import OccupantPayload, Status
from termxmpp.xmpp.stanzas import StanzaError

__all__ = [
    "BOUNCES_OF_OCCUPANTS",
    "BOUNCES_OF_ROOMS",
    "change_words",
    "entry_words",
    "exit_of",
    "expulsion_words",
    "gone_words",
    "invitation_refusal",
    "nick_refusal",
    "refusal_of",
    "said",
]

# What is quoted in a line of ours has so many columns at most.
LONGEST = 300

# Why we are out, the strongest word first: (words, whether that is for good).
_EXITS = {
    Status.SHUTDOWN: (_("The room's service is shut down."), False),
    Status.UNREACHABLE: (_("The room has lost the way to you."), False),
    Status.BANNED: (_("You are banned from this room."), True),
    Status.MEMBERS_ONLY: (_("The room is for members only now, and you are none."), True),
    Status.AFFILIATION: (_("You have lost the right to be in this room."), True),
    Status.KICKED: (_("You were put out of this room."), True),
}
# The same, where it is told who has done it.
_DONE_BY = {
    Status.BANNED: _("{actor} has banned you from this room."),
    Status.AFFILIATION: _("{actor} has taken your right to be in this room."),
    Status.KICKED: _("{actor} has put you out of this room."),
}
_GONE = (_("You are not in this room any more."), False)

# Why somebody else is out: without and with who has done it.
_EXPULSIONS = {
    Status.BANNED: (_("{nick} was banned."), _("{nick} was banned by {actor}.")),
    Status.MEMBERS_ONLY: (
        _("{nick} had to leave, since the room is for members only now."),
        _("{nick} had to leave, since the room is for members only now."),
    ),
    Status.AFFILIATION: (
        _("{nick} has lost the right to be here."),
        _("{nick} has lost the right to be here, by {actor}."),
    ),
    Status.KICKED: (_("{nick} was put out."), _("{nick} was put out by {actor}.")),
}

# What has changed about a room that we are in (§10.2.1).
_CHANGES = {
    Status.SHOWS_UNAVAILABLE: _("The room shows members who are not there, too, from now on."),
    Status.HIDES_UNAVAILABLE: _("The room shows only who is there from now on."),
    Status.CONFIGURED: _("The settings of the room have changed."),
    Status.LOGGED: _("What is said here is logged from now on, perhaps for everybody."),
    Status.NOT_LOGGED: _("What is said here is not logged any more."),
    Status.NON_ANONYMOUS: _("Everybody here can see your address from now on."),
    Status.SEMI_ANONYMOUS: _("Only moderators can see your address from now on."),
}

# What is to be known on entering.
_ENTRIES = {
    Status.OPEN_ADDRESSES: _("Everybody here can see your address."),
    Status.LOGGED: _("What is said here is logged, perhaps for everybody."),
}

# Why we are not let in (§7.2): (words, whether that is for good).
_REFUSALS = {
    "not-authorized": (_("it wants another password: /join {room} asks for it"), True),
    "registration-required": (
        _("it is for members only: ask an owner to make you one, or try /nick register {room}"),
        True,
    ),
    "forbidden": (_("you are banned from it"), True),
    "not-allowed": (_("there is no such room, and you may not make one"), True),
    "not-acceptable": (
        _("another nick is reserved for you: /join {room} NICK with that one"),
        True,
    ),
    "jid-malformed": (_("the address is malformed"), True),
    "gone": (_("it is gone"), True),
    "conflict": (_("{nick} is somebody else there: /join {room} NICK with another one"), False),
    "item-not-found": (_("it is locked until its owner has set it up"), False),
    "service-unavailable": (_("it is full, or nothing is there"), False),
    "resource-constraint": (_("it is full, or you are in too many rooms"), False),
    "remote-server-not-found": (_("there is no such server"), False),
    "remote-server-timeout": (_("its server does not answer"), False),
}

# Why a room in which we are does not let us have another nick (§7.6).
_NICK_REFUSALS = {
    "conflict": _("{nick} is somebody else here, or kept for somebody"),
    "forbidden": _("you may not change your nick here"),
    "not-acceptable": _("the room keeps another nick for you, and lets you have only that"),
    "not-allowed": _("you may not change your nick here"),
    "jid-malformed": _("nobody can be called so"),
    "resource-constraint": _("nicks were changed too often: wait a little"),
}

# What these conditions mean for a message to everybody, and for one to an occupant.
BOUNCES_OF_ROOMS = {
    "not-acceptable": _("the room does not see you in it"),
    "forbidden": _("you may only listen in this room"),
    "item-not-found": _("there is no such room"),
    "service-unavailable": _("there is no such room"),
    "resource-constraint": _("too much was said at once"),
}
BOUNCES_OF_OCCUPANTS = {
    "item-not-found": _("nobody has that nick in the room now"),
    "not-acceptable": _("you are not in the room"),
    "forbidden": _("private messages are not allowed in this room"),
}

_INVITATIONS = {
    "forbidden": _("only who may make members may invite into it"),
    "not-acceptable": _("the room does not see you in it"),
}


def said(text: str) -> str:
    """What somebody else has said, in one line, so that no line of it passes for ours."""
    return one_line(text, LONGEST)


def exit_of(about: OccupantPayload) -> tuple[str, bool]:
    """Why we are out of a room, and whether that is for good."""
    code = next((code for code in _EXITS if code in about.codes), None)
    words, is_for_good = _EXITS[code] if code is not None else _GONE
    reason = about.reason
    if about.destruction is not None:
        words, is_for_good = _("The room was destroyed."), True
        reason = about.destruction.reason
    elif about.actor and code in _DONE_BY:
        words = _DONE_BY[code].format(actor=said(about.actor))
    if reason:
        words = f"{words.removesuffix('.')}: {said(reason)}"
    if about.destruction is not None and about.destruction.instead is not None:
        words += "\n" + _("/join {room} enters the one that takes its place.").format(
            room=about.destruction.instead.bare
        )
    return words, is_for_good


def expulsion_words(nick: str, about: OccupantPayload) -> str:
    """Why somebody else is out; empty where it is by its own will, or nobody's."""
    code = next((code for code in _EXPULSIONS if code in about.codes), None)
    if code is None or Status.UNREACHABLE in about.codes:
        return ""
    words = _EXPULSIONS[code][bool(about.actor)].format(nick=nick, actor=said(about.actor))
    return f"{words.removesuffix('.')}: {said(about.reason)}" if about.reason else words


def entry_words(codes: frozenset[int]) -> list[str]:
    """What is to be known of a room that we have entered."""
    return [words for code, words in _ENTRIES.items() if code in codes]


def change_words(codes: frozenset[int]) -> list[str]:
    """What has changed about a room."""
    return [words for code, words in _CHANGES.items() if code in codes]


def refusal_of(error: StanzaError | None, room: object, nick: str) -> tuple[str, bool]:
    """Why a room does not let us in, and whether that is for good."""
    condition = error.condition if error is not None else ""
    words, is_for_good = _REFUSALS.get(condition, (condition or _("it gave no reason"), False))
    reason = words.format(room=room, nick=nick)
    if error is not None and error.text:
        reason += f" ({said(error.text)})"
    return reason, is_for_good


def gone_words(room: Jid) -> str:
    """That `room`, which we were in, is not there any more."""
    return _("There is no such room any more; /join {jid} makes it anew.").format(jid=room)


def nick_refusal(error: StanzaError | None, nick: str) -> str:
    """Why a room in which we are does not let us be called `nick`."""
    condition = error.condition if error is not None else ""
    if condition not in _NICK_REFUSALS:
        return refusal_of(error, "", nick)[0]
    reason = _NICK_REFUSALS[condition].format(nick=said(nick))
    return f"{reason} ({said(error.text)})" if error is not None and error.text else reason


def invitation_refusal(error: StanzaError | None) -> str:
    """Why an invitation of ours came back."""
    return bounce_reason(error, _INVITATIONS)
