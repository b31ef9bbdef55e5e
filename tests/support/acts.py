"""Stanzas that do something to messages, as peers send them, and what then stands on the screen."""

from __future__ import annotations

from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from tests.support.harness import BOB, Actor

__all__ = [
    "BOBS",
    "carbon",
    "correction",
    "message",
    "only",
    "reactions",
    "reply",
    "retraction",
    "shown",
]

BOBS = "bob@example.org/desk"


def message(
    inside: str, id: str = "x", *, sender: str = BOBS, type: str = "chat", to: str = ""
) -> str:
    recipient = f" to='{to}'" if to else ""
    return f"<message from='{sender}' type='{type}' id='{id}'{recipient}>{inside}</message>"


def correction(target: str, text: str, id: str = "x", *, sender: str = BOBS, **more: str) -> str:
    inside = f"<body>{text}</body><replace xmlns='urn:xmpp:message-correct:0' id='{target}'/>"
    return message(inside + more.pop("inside", ""), id, sender=sender, **more)


def reactions(target: str, *emojis: str, id: str = "x", sender: str = BOBS, **more: str) -> str:
    given = "".join(f"<reaction>{emoji}</reaction>" for emoji in emojis)
    inside = f"<reactions xmlns='urn:xmpp:reactions:0' id='{target}'>{given}</reactions>"
    return message(inside + more.pop("inside", ""), id, sender=sender, **more)


def retraction(target: str, id: str = "x", *, sender: str = BOBS, **more: str) -> str:
    inside = f"<retract xmlns='urn:xmpp:message-retract:1' id='{target}'/><body>retracted</body>"
    return message(inside + more.pop("inside", ""), id, sender=sender, **more)


def reply(
    target: str, body: str, start: str = "", end: str = "", id: str = "x", *, sender: str = BOBS
) -> str:
    part = f"<body start='{start}' end='{end}'/>" if start or end else ""
    return message(
        f"<body>{body}</body><reply xmlns='urn:xmpp:reply:0' id='{target}' to='{sender}'/>"
        f"<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>{part}</fallback>",
        id,
        sender=sender,
    )


def carbon(inner: str, direction: str = "sent") -> str:
    """What another device of alice's has sent, or got."""
    copy = inner.replace("<message", "<message xmlns='jabber:client'", 1)
    return (
        f"<message from='alice@example.org'><{direction} xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{copy}</forwarded></{direction}></message>"
    )


def shown(actor: Actor, peer: Jid = BOB) -> list[Message]:
    """The messages that stand in the conversation."""
    entries = actor.client.state.conversation(peer).entries
    return [entry for entry in entries if isinstance(entry, Message)]


def only(actor: Actor, peer: Jid = BOB) -> Message:
    [found] = shown(actor, peer)
    return found
