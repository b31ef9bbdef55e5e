"""What stands above a conversation, and below it: whose it is, and who is writing at the moment."""

from __future__ import annotations

from termxmpp.core.files import size_words
from termxmpp.core.jid import Jid
from termxmpp.core.spans import absence
from termxmpp.core.text import kept_in_place, width
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.words import _, ngettext
from termxmpp.workspace import Window

__all__ = ["title_line", "transfer_line", "typing_line"]

# Names in the line of who is writing take so many columns each, and so many are told.
LONGEST_NAME, MOST_NAMES = 24, 3

# So much is told of the name of a file on its way.
LONGEST_FILE = 40


def title_line(window: Window, columns: int, symbols: Symbols) -> Line:
    """What `window` is, in at most `columns`; its address only if there is room for all."""
    name = symbols.one_line(window.title, 100)
    title = kept_in_place(symbols.truncated(f" {name}", columns))
    line: Line = [("class:titlebar class:title", title)]
    if window.peer is not None:
        room = max(0, columns - width(title))
        address = symbols.one_line(str(window.peer), 200)
        about = _about(window, window.peer, symbols)
        words = f"  {address}  {about}" if address != name else f"  {about}"
        if width(words) > room:
            words = f"  {about}"
        line.append(("class:titlebar class:subtitle", symbols.truncated(words, room)))
    return line


def transfer_line(window: Window, columns: int, symbols: Symbols) -> Line | None:
    """How far the files of the window's account have come, in at most `columns`; None: none."""
    under_way = sorted(
        window.client.state.transfers.values(), key=lambda each: each.peer != window.peer
    )
    if not under_way:
        return None
    first = under_way[0]
    percent = first.percent
    far = size_words(first.done) if percent is None else f"{percent} %"
    words = _("sending {name}: {far}") if first.is_upload else _("saving {name}: {far}")
    told = words.format(name=kept_in_place(symbols.one_line(first.name, LONGEST_FILE)), far=far)
    if len(under_way) > 1:
        others = len(under_way) - 1
        told += " " + ngettext("and {count} more", "and {count} more", others).format(count=others)
    hint = _("/stop ends it")
    line = f" {symbols.typing} {told}"
    if first.peer == window.peer and width(line) + width(hint) + 3 <= columns:
        line = f"{line}   {hint}"
    return [("class:typing", symbols.truncated(line, columns))]


def typing_line(window: Window, columns: int, symbols: Symbols) -> Line | None:
    """Who is writing there (XEP-0085), in at most `columns`; None where nobody is."""
    if window.peer is None:
        return None
    state = window.client.state
    writers = state.composing(window.peer)
    if not writers:
        return None
    found = [symbols.one_line(state.name_of(jid), LONGEST_NAME) for jid in writers[:MOST_NAMES]]
    names = [kept_in_place(name) for name in found]
    others = len(writers) - len(names)
    if others:
        words = ngettext(
            "{names} and {count} other are typing", "{names} and {count} others are typing", others
        ).format(names=", ".join(names), count=others)
    elif len(names) == 1:
        words = _("{name} is typing").format(name=names[0])
    else:
        words = _("{names} and {name} are typing").format(
            names=", ".join(names[:-1]), name=names[-1]
        )
    return [("class:typing", symbols.truncated(f" {symbols.typing} {words}", columns))]


def _about(window: Window, peer: Jid, symbols: Symbols) -> str:
    """What the title says of the conversation: of a room who is there and about what."""
    room = window.room
    if room is not None:
        count = len(room.occupants)
        many = (
            ngettext("{count} occupant", "{count} occupants", count).format(count=count)
            if room.is_in
            else room.standing.words
        )
        return f"{many}  {symbols.one_line(room.subject, 200)}" if room.subject else many
    if window.client.state.block_of(peer) is not None:
        return _("blocked")
    if peer in window.client.state.requests:
        return _("asks to see your presence: /subscription approve, or deny")
    presence = window.client.state.presence_of(peer)
    words = presence.availability.words
    status = f"{words}: {symbols.one_line(presence.status, 200)}" if presence.status else words
    absent = absence(presence.idle_since, window.client.now())
    return f"{status}  {absent}" if absent else status
