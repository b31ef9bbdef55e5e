"""The workspace's completions as prompt_toolkit's menu takes them."""

from __future__ import annotations

from prompt_toolkit.completion import Completion
from prompt_toolkit.document import Document

from termxmpp.ui.theme import Symbols
from termxmpp.workspace import Workspace

__all__ = ["Offer", "offers"]

# Offer and meaning share a line; on a terminal of 80 columns each may have half of it.
COLUMNS = 40


class Offer(Completion):
    """One of the menu; if it `is_whole`, a space can follow when it is taken."""

    is_whole = True


def offers(workspace: Workspace, document: Document, symbols: Symbols) -> list[Offer]:
    """What can stand before the cursor of `document`."""
    cursor = document.cursor_position
    made = []
    for each in workspace.complete(document.text, cursor):
        shown, meaning = (symbols.truncated(text, COLUMNS) for text in (each.display, each.meta))
        offer = Offer(each.text, each.start - cursor, shown, meaning)
        offer.is_whole = each.is_whole
        made.append(offer)
    return made
