"""Whether a text names somebody: whole words, in any script, whatever the case.

Both are compared in their compatibility form (NFKC), casefolded: full-width letters and ligatures
are what they look like. Where a script is written without spaces, or lets endings follow a name
at once, there is a boundary at each of its characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from termxmpp.core.events import ArchivePaged, Event, MessageReceived
from termxmpp.core.jid import Jid
from termxmpp.core.matter import MatterKind
from termxmpp.core.message import Message
from termxmpp.core.room import Room
from termxmpp.core.state import State

__all__ = ["is_mention", "marked", "mentions", "named_in"]

# So much of a text is looked at: who is meant is named before.
LOOKED_AT = 20_000

# More are not meant by one message, but listed.
MOST_NAMED = 20

# Thai to Burmese, Hangul (whose particles follow a name at once), Khmer, kana, Han.
_WITHOUT_SPACES = (
    *((0x0E00, 0x0FFF), (0x1000, 0x11FF), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007)),
    *((0x3041, 0x318F), (0x31A0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7FF)),
    *((0xF900, 0xFAFF), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF)),
)


def marked(event: Event, state: State, words: Iterable[str]) -> Event:
    """`event`, with those of its messages marked that name the user or one of `words`."""
    match event:
        case MessageReceived(peer, message) if is_mention(peer, message, state, words):
            return replace(event, message=replace(message, is_mention=True))
        case ArchivePaged(messages=messages):
            page = [
                (peer, replace(message, is_mention=is_mention(peer, message, state, words)))
                for peer, message in messages
            ]
            return replace(event, messages=page)
    return event


def is_mention(peer: Jid, message: Message, state: State, words: Iterable[str]) -> bool:
    """Whether `message` in the conversation with `peer` is for the user in particular.

    In a room it is if it has our nick there, or answers what we have said (XEP-0492 §3);
    everywhere if it has one of `words`, says to mean us (XEP-0372), or calls for attention.
    """
    if message.is_own or not message.is_text:
        return False
    if message.matter is not None and message.matter.kind is MatterKind.ATTENTION:
        return True
    room = state.rooms.get(peer) if message.is_groupchat else None
    if any(jid.bare == state.account or _is_of(jid, room) for jid in message.named):
        return True
    if room is None:
        return mentions(message.text, words)
    answered = message.reply.author if message.reply is not None else None
    is_answer = answered is not None and room.nick != "" and answered == room.me
    return is_answer or mentions(message.text, (room.nick, *words))


def _is_of(jid: Jid, room: Room | None) -> bool:
    """Whether `jid` is ours in `room`."""
    return room is not None and room.nick != "" and jid == room.me


def named_in(text: str, nicks: Iterable[str]) -> list[tuple[str, int, int]]:
    """Which of `nicks` stand in `text` as words, just so, and from where to where, in its order.

    Each once, the longer of two in one place. One of a single letter counts only where somebody is
    spoken to by it, as in `I: hello`.
    """
    found: list[tuple[str, int, int]] = []
    for nick in sorted((nick for nick in nicks if nick in text), key=len, reverse=True):
        place = text.find(nick)
        while place >= 0:
            end = place + len(nick)
            is_word = _is_boundary(text, place) and _is_boundary(text, end)
            is_meant = len(nick) > 1 or (place == 0 and text[end : end + 1] in tuple(":,"))
            if is_word and is_meant and all(end <= b or e <= place for _n, b, e in found):
                found.append((nick, place, end))
                break
            place = text.find(nick, place + 1)
    return sorted(found, key=lambda each: each[1])[:MOST_NAMED]


def mentions(text: str, words: Iterable[str]) -> bool:
    """Whether one of `words`, which may be several words each, stands in `text` as such."""
    folded = ""
    for word in words:
        wanted = _folded(word).strip()
        if not wanted:
            continue
        folded = folded or _folded(text[:LOOKED_AT])
        place = folded.find(wanted)
        while place >= 0:
            end = place + len(wanted)
            if _is_boundary(folded, place) and _is_boundary(folded, end):
                return True
            place = folded.find(wanted, place + 1)
    return False


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _is_boundary(text: str, place: int) -> bool:
    """Whether a word may begin or end there."""
    if not 0 < place < len(text):
        return True
    before, behind = text[place - 1], text[place]
    if unicodedata.category(behind).startswith("M"):
        # It belongs to what stands before it.
        return False
    if not (_is_in_word(before) and _is_in_word(behind)):
        return True
    return _has_no_spaces(before) or _has_no_spaces(behind)


def _is_in_word(char: str) -> bool:
    return char == "_" or unicodedata.category(char)[0] in "LNM"


def _has_no_spaces(char: str) -> bool:
    point = ord(char)
    return any(first <= point <= last for first, last in _WITHOUT_SPACES)
