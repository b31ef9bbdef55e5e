"""The workspace's completions as prompt_toolkit's menu takes them."""

from __future__ import annotations

from prompt_toolkit.application import get_app
from prompt_toolkit.completion import Completion
from prompt_toolkit.document import Document

from termxmpp.core.text import truncate, width
from termxmpp.workspace import Workspace

__all__ = ["Offer", "offers"]


# The blanks around both columns of the menu, and its scroll bar.
EDGES = 5

# A meaning that has so many columns says something.
ENOUGH = 40

# What stands before the input.
PROMPT = 2


class Offer(Completion):
    """One of the menu; if it `is_whole`, a space can follow when it is taken."""

    is_whole = True


def offers(workspace: Workspace, document: Document) -> list[Offer]:
    """What can stand before the cursor of `document`."""
    cursor = document.cursor_position
    found = workspace.complete(document.text, cursor)
    beside = max((width(each.display) for each in found), default=0) + EDGES
    room = get_app().output.get_size().columns - beside
    # The menu stands below what it completes, as long as that leaves it enough.
    start = found[0].start if found else 0
    before = width(document.text[:start].rpartition("\n")[2])
    room = max(1, min(room, ENOUGH), room - before - PROMPT)
    made = []
    for each in found:
        # What is too long for the menu it would end in three full stops.
        offer = Offer(each.text, each.start - cursor, each.display, truncate(each.meta, room))
        offer.is_whole = each.is_whole
        made.append(offer)
    return made
