"""prompt_toolkit's completer over the workspace's completions."""

from __future__ import annotations

from collections.abc import Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from termxmpp.workspace import Workspace

__all__ = ["WorkspaceCompleter"]


class WorkspaceCompleter(Completer):
    """Completes what stands before the cursor."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        cursor = document.cursor_position
        for offer in self._workspace.complete(document.text, cursor):
            yield Completion(
                offer.text,
                start_position=offer.start - cursor,
                display=offer.display,
                display_meta=offer.meta,
            )
