"""The demo's other people: a contact that answers, and a club, as plain pyxmpp2 bots.

Each is a process of its own on EpollMainLoop and nothing else: no asyncio, as the bot was with
which termxmpp began. The club is a contact that passes on what one member says to the others.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

from pyxmpp2.client import Client
from pyxmpp2.interfaces import (
    EventHandler,
    XMPPFeatureHandler,
    event_handler,
    message_stanza_handler,
    presence_stanza_handler,
)
from pyxmpp2.jid import JID
from pyxmpp2.message import Message
from pyxmpp2.presence import Presence
from pyxmpp2.settings import XMPPSettings
from pyxmpp2.streamevents import AuthorizedEvent, DisconnectedEvent

from termxmpp.mainloop import EpollMainLoop

__all__ = ["main"]

GREETINGS = (
    "Hello! I'm Ada, a small program on your own machine.",
    "Write me anything, and I answer. The club is next door: /msg club@localhost",
)

RETRACT_TAG = "{urn:xmpp:message-retract:1}retract"


class Bot(XMPPFeatureHandler, EventHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """A client that lets everybody see it and hands each chat message to `hear`.

    `online` is called with the bot once the server has let it in.
    """

    def __init__(
        self,
        jid: str,
        password: str,
        server: dict[str, Any],
        hear: Callable[[Bot, Any, str], Iterable[Message]],
        online: Callable[[Bot], None] = lambda bot: None,
    ) -> None:
        settings = XMPPSettings(
            {
                "password": password,
                "starttls": True,
                "tls_require": True,
                "tls_cacert_file": server["ca_file"],
                "server": server["host"],
                "c2s_port": server["port"],
            }
        )
        mainloop = EpollMainLoop(settings)
        self._hear = hear
        self._online = online
        self.client = Client(JID(jid), [self], settings, mainloop)
        self.client.connect()

    def say(self, to: Any, text: str) -> None:
        """Send `text` to `to`."""
        self.client.send(Message(to_jid=to, stanza_type="chat", body=text))

    @event_handler(AuthorizedEvent)  # type: ignore[untyped-decorator]  # pyxmpp2
    def authorized(self, event: Any) -> None:
        if event.stream is self.client.stream:
            self._online(self)

    @event_handler(DisconnectedEvent)  # type: ignore[untyped-decorator]  # pyxmpp2
    def disconnected(self, event: Any) -> None:
        """Without its server the demo is over."""
        self.client.main_loop.quit()

    @presence_stanza_handler("subscribe")  # type: ignore[untyped-decorator]  # pyxmpp2
    def asked(self, stanza: Any) -> list[Presence]:
        """Let everybody see us, and ask back."""
        return [
            stanza.make_accept_response(),
            Presence(to_jid=stanza.from_jid.bare(), stanza_type="subscribe"),
        ]

    @message_stanza_handler()  # type: ignore[untyped-decorator]  # pyxmpp2
    def heard(self, stanza: Any) -> Iterable[Message] | bool:
        # The text of a retraction is for people (XEP-0424 §4).
        is_retraction = stanza.get_xml().find(RETRACT_TAG) is not None
        if not stanza.body or stanza.from_jid is None or is_retraction:
            return True
        return list(self._hear(self, stanza.from_jid, stanza.body))


def ada_hears(bot: Bot, sender: Any, text: str) -> Iterable[Message]:
    """The contact's answers."""
    words = text.strip()
    answer = f"You said: {words}" if words else "You said nothing, and that is fine too."
    if words.endswith("?"):
        answer = f"Good question. What do you think: {words}"
    yield Message(to_jid=sender, stanza_type="chat", body=answer)


class Club:
    """The club's members, who hear what the others say."""

    def __init__(self, members: Iterable[str]) -> None:
        self._members = {JID(member) for member in members}

    def hears(self, bot: Bot, sender: Any, text: str) -> Iterable[Message]:
        """Pass `text` on to everybody but the one who said it."""
        said_by = sender.bare()
        if text.strip() == "/names":
            names = ", ".join(sorted(member.local for member in self._members))
            yield Message(to_jid=sender, stanza_type="chat", body=f"Here are: {names}")
            return
        for member in sorted(self._members - {said_by}, key=str):
            yield Message(to_jid=member, stanza_type="chat", body=f"[{said_by.local}] {text}")


def member_hears(bot: Bot, sender: Any, text: str) -> Iterable[Message]:
    """A member answers guests in the club, and lets the other members talk."""
    if text.startswith("[guest]"):
        yield Message(
            to_jid=sender.bare(),
            stanza_type="chat",
            body=f"welcome, guest! You said something {len(text.split()) - 1} words long.",
        )


def main() -> int:
    """Run the bot that the JSON on standard input describes, until SIGTERM."""
    order = json.load(sys.stdin)
    guest = order["guest"]

    def greet(bot: Bot) -> None:
        for line in GREETINGS:
            bot.say(JID(guest), line)

    roles: dict[str, tuple[Any, ...]] = {
        "ada": (ada_hears, greet),
        "club": (Club([guest, "grace@localhost"]).hears,),
        "grace": (member_hears,),
    }
    name = order["name"]
    bot = Bot(f"{name}@localhost", order["password"], order["server"], *roles[name])
    mainloop = bot.client.main_loop
    signal.signal(signal.SIGTERM, lambda number, frame: mainloop.quit())
    # The terminal's Ctrl-C is for the program in front.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mainloop.loop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
