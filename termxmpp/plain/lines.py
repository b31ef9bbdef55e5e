"""What is told, in lines of words: pure. What a peer wrote is made harmless first.

Where a text has several lines, those behind the first are indented, so that no peer can write
what looks like a line of ours.
"""

from __future__ import annotations

from termxmpp.core.files import file_words, has_only_links, size_words
from termxmpp.core.jid import Jid
from termxmpp.core.matter import matter_words
from termxmpp.core.message import Fate, Mark, Message, Notice
from termxmpp.core.roster import Availability, Presence
from termxmpp.core.text import one_line, visible
from termxmpp.core.transfer import Transfer
from termxmpp.words import _
from termxmpp.workspace import Window

__all__ = [
    "changed_lines",
    "fate_line",
    "message_lines",
    "notice_lines",
    "presence_line",
    "transfer_line",
    "window_line",
]

# How many characters of a message name it, and of a name.
QUOTED, NAMED = 60, 60

# A link is shown whole, so that it can be taken from the terminal.
LONGEST_LINK = 4096


def message_lines(
    window: Window, message: Message, *, is_here: bool, is_open: bool = False
) -> list[str]:
    """`message` of `window`; where that is not looked at (`is_here`), it is told where it was.

    Of what its author has hidden (XEP-0382) the hint is told, unless it `is_open`.
    """
    who = _who(window, message, is_here=is_here)
    if message.is_retracted:
        return _lines(message, who, _("(retracted)"))
    text = _text(message, is_open=is_open)
    if message.subject:
        text = f"{one_line(message.subject, 200)}\n{text}"
    if message.reply is not None and message.reply.text:
        quoted = one_line(message.reply.text, QUOTED)
        who = _("{who}, answering “{quoted}”").format(who=who, quoted=quoted)
    return _lines(message, who, text)


def changed_lines(
    window: Window,
    message: Message,
    before: Message | None,
    *,
    is_here: bool,
    is_open: bool = False,
) -> list[str]:
    """What was done to `message` of `window` since it was as `before`, or at all if that is None.

    Nothing is told of how far it has come, nor what is hidden, unless it `is_open`.
    """
    who = _who(window, message, is_here=is_here)
    if message.is_retracted:
        if before is not None and before.is_retracted:
            return []
        return [_("{who} retracted a message.").format(who=who)]
    lines = []
    if message.edits and (before is None or message.text != before.text):
        first, *rest = _text(message, is_open=is_open).split("\n")
        lines.append(_("{who} corrected: {text}").format(who=who, text=first))
        lines += [f"      {line}" for line in rest]
    old = _reactions(before) if before is not None else set()
    now = _reactions(message)
    for words, some in (
        (_("{who} reacted with {emoji} to “{quoted}”"), now - old),
        (_("{who} took back {emoji} from “{quoted}”"), old - now),
    ):
        for emoji, by in sorted(some, key=str):
            lines.append(
                words.format(
                    who=_reactor(window, by, is_here=is_here),
                    emoji=one_line(emoji, 20),
                    quoted=one_line(message.text if is_open else message.open_text, QUOTED),
                )
            )
    return lines


def fate_line(window: Window, text: str, fate: Fate, reason: str) -> str:
    """What became of a message of ours that may not have arrived."""
    line = (
        _("Not sent to {name}: {quoted} ({reason})")
        if fate is Fate.FAILED
        else _("To {name}: {quoted} ({reason})")
    )
    return line.format(
        name=one_line(window.title, NAMED),
        quoted=one_line(text, QUOTED),
        reason=one_line(reason, 300),
    )


def notice_lines(notice: Notice) -> list[str]:
    """Words of our own."""
    text = visible(notice.text)
    if notice.picture is not None:
        text += " " + _("(Pictures are seen on the screen only, not in line mode.)")
    if notice.is_error:
        text = _("Error: {text}").format(text=text)
    elif notice.mark is Mark.NOTE:
        text = _("Note: {text}").format(text=text)
    return text.split("\n")


def transfer_line(transfer: Transfer) -> str:
    """A file that begins to be sent or saved; its end is told by itself."""
    name = one_line(transfer.name, NAMED)
    if transfer.is_upload:
        size = size_words(transfer.size or 0)
        return _("Sending {name}, {size}; /stop ends it.").format(name=name, size=size)
    return _("Saving {name}; /stop ends it.").format(name=name)


def window_line(window: Window) -> str:
    """To whom one writes now, and whether a contact is there."""
    state, peer = window.client.state, window.peer
    if peer is None:
        return _("-> console of {account}").format(account=state.account)
    name, jid = one_line(window.title, NAMED), one_line(str(peer), 200)
    if peer not in state.contacts:
        return f"-> {jid}" if name == jid else _("-> {name} ({jid})").format(name=name, jid=jid)
    words = _spoken(state.presence_of(peer).availability)
    if name == jid:
        return _("-> {jid}, {availability}").format(jid=jid, availability=words)
    return _("-> {name} ({jid}), {availability}").format(name=name, jid=jid, availability=words)


def presence_line(window: Window, presence: Presence) -> str:
    """How it is with a contact now."""
    name, words = one_line(window.title, NAMED), _spoken(presence.availability)
    if not presence.status:
        return _("{name} is {availability}.").format(name=name, availability=words)
    return _("{name} is {availability}: {status}").format(
        name=name, availability=words, status=one_line(presence.status, 200)
    )


def _spoken(availability: Availability) -> str:
    """The words that are read aloud; elsewhere they are those that one types."""
    return {
        Availability.CHAT: _("free to chat"),
        Availability.XA: _("away for long"),
        Availability.DND: _("not to be disturbed"),
    }.get(availability, availability.words)


def _text(message: Message, *, is_open: bool) -> str:
    """What is said, or what stands for that; a line for each file behind it.

    A file has its link there if the text does not tell that.
    """
    if message.spoiler is not None and not is_open:
        hint = one_line(message.spoiler, 200)
        if not hint:
            return _("(hidden by its author; /open shows it)")
        return _("(hidden: {hint}; /open shows it)").format(hint=hint)
    is_all = has_only_links(message.text, message.files)
    has_text = bool(message.text) or (message.matter is None and not message.files)
    lines = [visible(message.text)] if has_text and not is_all else []
    for file in message.files:
        has_told = not file.url or (not is_all and file.url in message.text)
        link = "" if has_told else f" <{one_line(file.url, LONGEST_LINK)}>"
        lines.append(file_words(file) + link)
    if message.matter is not None:
        lines.append(f"({matter_words(message.matter, is_own=message.is_own)})")
    return "\n".join(lines)


def _who(window: Window, message: Message, *, is_here: bool) -> str:
    name = _("you") if message.is_own else one_line(window.client.state.author_of(message), NAMED)
    if is_here:
        return name
    place = one_line(window.title, NAMED)
    if message.is_groupchat:
        return _("{name} in {room}").format(name=name, room=place)
    return _("{name} to {other}").format(name=name, other=place) if message.is_own else name


def _reactions(message: Message) -> set[tuple[str, Jid]]:
    return {(each.emoji, by) for each in message.reactions for by in each.by}


def _reactor(window: Window, by: Jid, *, is_here: bool) -> str:
    state = window.client.state
    room = state.rooms.get(by.bare)
    is_own = by.bare == state.account if room is None else by.resource == room.nick
    name = _("you") if is_own else one_line(state.name_of(by), NAMED)
    if is_here or room is None:
        return name
    return _("{name} in {room}").format(name=name, room=one_line(window.title, NAMED))


def _lines(message: Message, who: str, text: str) -> list[str]:
    time = f"{message.at.astimezone():%H:%M}"
    is_action = message.act is None and text.startswith("/me ")
    first, *rest = text.split("\n")
    head = f"{time} * {who} {first[4:]}" if is_action else f"{time} {who}: {first}"
    return [head, *(f"      {line}" for line in rest)]
