"""The workspace's completions as prompt_toolkit's menu takes them."""

from __future__ import annotations

from prompt_toolkit.completion import Completion
from prompt_toolkit.document import Document

from termxmpp.workspace import Workspace

__all__ = ["Offer", "offers"]


class Offer(Completion):
    """One of the menu; if it `is_whole`, a space can follow when it is taken."""

    is_whole = True


def offers(workspace: Workspace, document: Document) -> list[Offer]:
    """What can stand before the cursor of `document`."""
    cursor = document.cursor_position
    made = []
    for each in workspace.complete(document.text, cursor):
        offer = Offer(each.text, each.start - cursor, each.display, each.meta)
        offer.is_whole = each.is_whole
        made.append(offer)
    return made
