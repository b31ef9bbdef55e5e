"""What of a message is not kept, and is to be known when it is told: its type, and its receipt.

A listener that starts again knows it no more: then the type is `chat`, and there is no receipt.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from termxmpp.core.jid import Jid
from termxmpp.feature import Context, Feature, Handler
from termxmpp.features.receipts import wants_receipt
from termxmpp.values import dataclass
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["Arrival", "Heard"]

# Of so many messages that are not told yet it is known; they come much faster than they go then.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a message came: its `type`, and to whom a receipt is to be given, if it is."""

    type: str = "chat"
    receipt_to: Jid | None = None


class Heard:
    """How messages came, by their keys; `feature` stands before those that take them."""

    def __init__(self) -> None:
        self.feature = Feature("", "Listening", handler=partial(_Hearing, self))
        self._current = Arrival()
        self._arrivals: OrderedDict[int, Arrival] = OrderedDict()

    def comes(self, arrival: Arrival) -> None:
        """The stanza that is handled now came so."""
        self._current = arrival

    def keep(self, key: int) -> None:
        """The message of that key is the stanza that is handled now."""
        if self._current != Arrival():
            self._arrivals[key] = self._current
            if len(self._arrivals) > MOST:
                self._arrivals.popitem(last=False)

    def of(self, key: int) -> Arrival:
        """How the message of that key came."""
        return self._arrivals.get(key, Arrival())

    def forget(self, key: int) -> None:
        """It is told."""
        self._arrivals.pop(key, None)


class _Hearing(Handler):
    """Looks at each message before others take it."""

    def __init__(self, heard: Heard, ctx: Context) -> None:
        super().__init__(ctx)
        self._heard = heard

    @on_message()
    def passes(self, message: IncomingMessage) -> bool:
        """Any message but an error; what is said in rooms too."""
        is_asked = wants_receipt(message, self.ctx.state.account)
        kind = message.type if message.type in ("chat", "headline", "groupchat") else "normal"
        self._heard.comes(Arrival(kind, message.sender if is_asked else None))
        return False

    @on_message("groupchat")
    def is_said(self, message: IncomingMessage) -> bool:
        """What is said to everybody in a room."""
        self._heard.comes(Arrival("groupchat"))
        return False
