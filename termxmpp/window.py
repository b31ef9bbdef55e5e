"""What can be looked at: the console of an account, or a conversation of one."""

from __future__ import annotations

from termxmpp.client import Client
from termxmpp.core.conversation import Conversation
from termxmpp.core.draft import NO_DRAFT, Draft
from termxmpp.core.jid import Jid
from termxmpp.core.room import Room
from termxmpp.values import dataclass

__all__ = ["Window"]


@dataclass(frozen=True)
class Window:
    """What can be looked at: the conversation of `client` with `peer`; None is its console."""

    client: Client
    peer: Jid | None = None

    @property
    def conversation(self) -> Conversation:
        state = self.client.state
        return state.console if self.peer is None else state.conversation(self.peer)

    @property
    def shown(self) -> Conversation:
        """What of the conversation is looked at: a part of its past, or its present."""
        return self.conversation if self.peer is None else self.client.state.shown(self.peer)

    @property
    def room(self) -> Room | None:
        """The room that is looked at, if it is one."""
        return None if self.peer is None else self.client.state.rooms.get(self.peer)

    @property
    def draft(self) -> Draft:
        """What was begun to be written in it."""
        return self.client.state.drafts.get(self.peer, NO_DRAFT)

    @property
    def title(self) -> str:
        """What to call the window; of a peer's making, so not to be drawn as it is."""
        state = self.client.state
        return str(state.account) if self.peer is None else state.title_of(self.peer)
