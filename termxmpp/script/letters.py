"""A message to one recipient, and what is known of it."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence

from termxmpp.core.jid import Jid
from termxmpp.errors import TermxmppError
from termxmpp.script.recipients import Recipient
from termxmpp.script.report import UNPROVEN, Delivery, Outcome
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload

__all__ = ["Letter", "Manner", "Post"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How messages are sent: see `SendOptions`. `nick` is empty where nobody has said one."""

    waits_for: str = "ack"
    timeout: float = 30.0
    subject: str = ""
    type: str = ""
    nick: str = ""
    room_password: str = ""


class Letter:
    """One message to one recipient; `is_final`: nothing more will be known of it."""

    __slots__ = ("id", "is_final", "outcome", "payloads", "post", "reason", "status", "text")

    def __init__(self, post: Post, text: str, payloads: Sequence[Payload]) -> None:
        self.post = post
        self.text = text
        self.payloads = payloads
        self.id = secrets.token_urlsafe(12)
        self.outcome = Outcome.UNSENT
        self.status = UNPROVEN
        self.reason = ""
        self.is_final = False

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.is_final or self.outcome not in (Outcome.UNSENT, Outcome.UNKNOWN)

    def delivery(self) -> Delivery:
        """What is known of it."""
        is_fine = self.outcome in (Outcome.PROVEN, Outcome.GIVEN)
        status = 0 if is_fine else self.status
        to = str(self.post.recipient.jid)
        return Delivery(to, self.text, self.id, self.outcome, status, self.reason)


class Post:
    """What is for one recipient: `waiting` has not left; `refusal` is why nothing ever will."""

    __slots__ = ("is_ready", "is_room", "open", "recipient", "refusal", "type", "waiting")

    def __init__(self, recipient: Recipient, type: str) -> None:
        self.recipient = recipient
        self.type = type
        self.is_room = False
        self.is_ready = False
        self.refusal: TermxmppError | None = None
        self.waiting: deque[Letter] = deque()
        self.open = 0

    @property
    def to(self) -> Jid:
        """Where the messages go."""
        jid = self.recipient.jid
        return jid.bare if self.type == "groupchat" else jid
