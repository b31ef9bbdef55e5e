"""What is told, in lines of words: pure. What a peer wrote is made harmless first.

Where a text has several lines, those behind the first are indented, so that no peer can write
what looks like a line of ours.
"""

from __future__ import annotations

from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.text import one_line, visible
from termxmpp.words import _
from termxmpp.workspace import Window

__all__ = ["changed_lines", "fate_line", "message_lines", "notice_lines", "window_line"]

# How many characters of a message name it, and of a name.
QUOTED, NAMED = 60, 60


def message_lines(window: Window, message: Message, *, is_here: bool) -> list[str]:
    """`message` of `window`; where that is not looked at (`is_here`), it is told where it was."""
    if message.is_retracted:
        return _lines(message, _who(window, message, is_here=is_here), _("(retracted)"))
    text = visible(message.text)
    if message.subject:
        text = f"{one_line(message.subject, 200)}\n{text}"
    return _lines(message, _who(window, message, is_here=is_here), text)


def changed_lines(window: Window, message: Message, *, is_here: bool) -> list[str]:
    """What was done to `message` of `window`."""
    who = _who(window, message, is_here=is_here)
    if message.is_retracted:
        return _lines(message, who, _("(retracted)"))
    told = visible(message.text)
    if message.reactions:
        emojis = " ".join(one_line(each.emoji, 20) for each in message.reactions)
        told = _("{quoted} (reactions: {emojis})").format(
            quoted=one_line(message.text, QUOTED), emojis=emojis
        )
    return _lines(message, _("{who} (changed)").format(who=who), told)


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
    if notice.is_error:
        text = _("Error: {text}").format(text=text)
    return text.split("\n")


def window_line(window: Window) -> str:
    """To whom one writes now."""
    if window.peer is None:
        return _("-> console of {account}").format(account=window.client.state.account)
    return _("-> {name} ({jid})").format(
        name=one_line(window.title, NAMED), jid=one_line(str(window.peer), 200)
    )


def _who(window: Window, message: Message, *, is_here: bool) -> str:
    name = _("you") if message.is_own else one_line(window.client.state.author_of(message), NAMED)
    if is_here:
        return name
    place = one_line(window.title, NAMED)
    if message.is_groupchat:
        return _("{name} in {room}").format(name=name, room=place)
    return _("{name} to {other}").format(name=name, other=place) if message.is_own else name


def _lines(message: Message, who: str, text: str) -> list[str]:
    time = f"{message.at.astimezone():%H:%M}"
    is_action = message.act is None and text.startswith("/me ")
    first, *rest = text.split("\n")
    head = f"{time} * {who} {first[4:]}" if is_action else f"{time} {who}: {first}"
    return [head, *(f"      {line}" for line in rest)]
