"""A bot as a user of pyxmpp2 writes it: presence, version and echo, on EpollMainLoop.

A process of its own, without asyncio. It tells on standard output what happens to it, in the
words of its log too, and on SIGUSR1 how often its loop has returned from waiting.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any

from pyxmpp2.client import Client
from pyxmpp2.ext.version import VersionProvider
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

__all__ = ["EchoBot"]

# How long the bot waits before it connects again (seconds).
PAUSE = 0.2


class EchoBot(XMPPFeatureHandler, EventHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """Says back what it is told, lets everybody see it; `reconnects` after each end.

    When it is told `farewell`, it leaves its server.
    """

    def __init__(
        self,
        jid: str,
        password: str,
        port: int,
        ca_file: str,
        *,
        reconnects: bool,
        farewell: str,
    ) -> None:
        settings = XMPPSettings(
            {
                "software_name": "Echo Bot",
                "password": password,
                "starttls": True,
                "tls_require": True,
                "tls_cacert_file": ca_file,
                "server": "127.0.0.1",
                "c2s_port": port,
            }
        )
        self._reconnects = reconnects
        self._farewell = farewell
        self.mainloop = EpollMainLoop(settings)
        version_provider = VersionProvider(settings)
        self.client = Client(JID(jid), [self, version_provider], settings, self.mainloop)

    def run(self) -> None:
        """Connect, and serve until the loop ends."""
        self.client.connect()
        tell("started")
        self.mainloop.loop()

    @event_handler(AuthorizedEvent)  # type: ignore[untyped-decorator]  # pyxmpp2
    def authorized(self, event: Any) -> None:
        tell("online", str(self.client.stream.transport._socket.version()))

    @event_handler(DisconnectedEvent)  # type: ignore[untyped-decorator]  # pyxmpp2
    def disconnected(self, event: Any) -> None:
        tell("disconnected")
        if self._reconnects:
            self.mainloop.delayed_call(PAUSE, self.client.connect)

    @presence_stanza_handler("subscribe")  # type: ignore[untyped-decorator]  # pyxmpp2
    def asked(self, stanza: Any) -> list[Presence]:
        return [
            stanza.make_accept_response(),
            Presence(to_jid=stanza.from_jid.bare(), stanza_type="subscribe"),
        ]

    @message_stanza_handler()  # type: ignore[untyped-decorator]  # pyxmpp2
    def heard(self, stanza: Any) -> Message | bool:
        if not stanza.body:
            return True
        tell("heard", stanza.body)
        if stanza.body == self._farewell:
            self.client.disconnect()
            return True
        return Message(to_jid=stanza.from_jid, stanza_type="chat", body=f"echo: {stanza.body}")


def tell(*words: str) -> None:
    # Not by `print`, which a signal handler must not call while it is being called.
    os.write(sys.stdout.fileno(), " ".join(words).encode() + b"\n")


def main() -> None:
    """Run the bot that the arguments describe: JID, password, port, CA file, and options.

    These are `reconnects` and `farewell=TEXT`.
    """
    logging.basicConfig(stream=sys.stdout, format="log %(message)s")
    jid, password, port, ca_file, *more = sys.argv[1:]
    options = dict(option.partition("=")[::2] for option in more)
    bot = EchoBot(
        jid,
        password,
        int(port),
        ca_file,
        reconnects="reconnects" in options,
        farewell=options.get("farewell", ""),
    )
    signal.signal(signal.SIGUSR1, lambda number, frame: tell("waits", str(bot.mainloop.waits)))
    bot.run()
    tell("ended")


if __name__ == "__main__":
    main()
