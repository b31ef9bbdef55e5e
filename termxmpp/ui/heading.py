"""What stands above a conversation, and below it: whose it is, and who is writing at the moment."""

from __future__ import annotations

from termxmpp.core.files import size_words
from termxmpp.core.jid import Jid
from termxmpp.core.text import kept_in_place, one_line, truncate, width
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.words import _, ngettext
from termxmpp.workspace import Window

__all__ = ["title_line", "transfer_line", "typing_line"]

# Names in the line of who is writing take so many columns each, and so many are told.
LONGEST_NAME, MOST_NAMES = 24, 3

# So much is told of the name of a file on its way.
LONGEST_FILE = 40


def title_line(window: Window, columns: int) -> Line:
    """What `window` is, in at most `columns`."""
    title = kept_in_place(truncate(f" {one_line(window.title, 100)}", columns))
    line: Line = [("class:titlebar class:title", title)]
    if window.peer is not None:
        words = f"  {one_line(str(window.peer), 200)}  {_about(window, window.peer)}"
        rest = truncate(words, max(0, columns - width(title)))
        line.append(("class:titlebar class:subtitle", rest))
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
    told = words.format(name=kept_in_place(one_line(first.name, LONGEST_FILE)), far=far)
    if len(under_way) > 1:
        others = len(under_way) - 1
        told += " " + ngettext("and {count} more", "and {count} more", others).format(count=others)
    hint = _("/stop ends it")
    line = f" {symbols.typing} {told}"
    if first.peer == window.peer and width(line) + width(hint) + 3 <= columns:
        line = f"{line}   {hint}"
    return [("class:typing", truncate(line, columns))]


def typing_line(window: Window, columns: int, symbols: Symbols) -> Line | None:
    """Who is writing there (XEP-0085), in at most `columns`; None where nobody is."""
    if window.peer is None:
        return None
    state = window.client.state
    writers = state.composing(window.peer)
    if not writers:
        return None
    found = [one_line(state.name_of(jid), LONGEST_NAME) for jid in writers[:MOST_NAMES]]
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
    return [("class:typing", truncate(f" {symbols.typing} {words}", columns))]


def _about(window: Window, peer: Jid) -> str:
    """What the title says of the conversation: of a room who is there and about what."""
    room = window.room
    if room is not None:
        count = len(room.occupants)
        many = (
            ngettext("{count} occupant", "{count} occupants", count).format(count=count)
            if room.is_in
            else room.standing.words
        )
        return f"{many}  {one_line(room.subject, 200)}" if room.subject else many
    presence = window.client.state.presence_of(peer)
    words = presence.availability.words
    return f"{words}: {one_line(presence.status, 200)}" if presence.status else words
