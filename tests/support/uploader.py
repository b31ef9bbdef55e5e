"""Somebody who sends and saves files: an account whose server has a place for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

from termxmpp.core import events
from termxmpp.core.message import Message
from termxmpp.transfers.web import Web
from termxmpp.xmpp.resolver import Resolver
from termxmpp.xmpp.stanzas import as_text
from termxmpp.xmpp.tls import TlsOptions
from tests.support.harness import BOB, Actor
from tests.support.web import WebServer

__all__ = ["UPLOAD", "Uploader", "is_error", "slot"]

ITEMS = "http://jabber.org/protocol/disco#items"
INFO = "http://jabber.org/protocol/disco#info"
UPLOAD = "urn:xmpp:http:upload:0"

# A loaded machine may take its time; then something is wrong (seconds).
PATIENCE = 20.0


class Uploader:
    """alice, whose server has an upload service and a web server; `file` is one of hers.

    `limit` is what the service says of it, or empty. `slot` is what it answers to who asks for
    one, if not with a place at `web`; a blank is nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.web = WebServer(folder)
        trust = TlsOptions(ca_file=self.web.authority.ca_file)
        self.alice = Actor(make_web=lambda: Web(Resolver(), lambda: trust, lambda: None))
        self.alice.loop.run_until_complete(self.web.start())
        self.alice.answers = self.answer
        self.alice.goes_online()
        self.alice.looks_at(BOB)
        self.alice.forgets()
        self.items = ("rooms.example.org", "files.example.org")
        self.limit = "1000000"
        self.slot = ""
        self.asked: list[dict[str, str]] = []
        self.file = folder / "summit.jpg"
        self.file.write_bytes(b"picture" * 1000)

    def close(self) -> None:
        self.alice.loop.run_until_complete(self.web.stop())
        self.alice.close()

    def answer(self, element: Element) -> str | None:
        id, to = element.get("id"), element.get("to")
        begin = f"<iq type='result' id='{id}' from='{to}'>"
        if element.find(f"{{{ITEMS}}}query") is not None:
            items = "".join(f"<item jid='{jid}'/>" for jid in self.items)
            return f"{begin}<query xmlns='{ITEMS}'>{items}</query></iq>"
        if element.find(f"{{{INFO}}}query") is not None and to == "files.example.org":
            form = (
                f"<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'>"
                f"<value>{UPLOAD}</value></field><field var='max-file-size'>"
                f"<value>{self.limit}</value></field></x>"
            )
            return f"{begin}<query xmlns='{INFO}'><feature var='{UPLOAD}'/>{form}</query></iq>"
        request = element.find(f"{{{UPLOAD}}}request")
        if request is None:
            return None
        self.asked.append({"to": to or "", **request.attrib})
        if self.slot:
            return self.slot.format(id=id).strip()
        return begin + slot(self.web.url("/up/summit.jpg"), self.web.url("/down/summit.jpg"))

    def sends(self, line: str, kind: type[events.Event] = events.NoticeGiven) -> None:
        """Enter `line`, and wait until something of that `kind` happened, or an error was told."""
        self.until(line, lambda event: isinstance(event, kind) or is_error(event))

    def until(self, line: str, is_it: Callable[[events.Event], bool]) -> None:
        async def call() -> None:
            happened = asyncio.Event()

            def watch(client: object, event: events.Event) -> None:
                if is_it(event):
                    happened.set()

            self.alice.client.observers.append(watch)
            self.alice.workspace.submit(line)
            async with asyncio.timeout(PATIENCE):
                await happened.wait()
            self.alice.client.observers.remove(watch)

        self.alice.run(call)

    def messages(self) -> list[Message]:
        entries = self.alice.client.state.conversation(BOB).entries
        return [each for each in entries if isinstance(each, Message)]

    def stanzas(self) -> list[str]:
        sent = [as_text(each).replace("  ", " ") for each in self.alice.server.sent]
        return [each for each in sent if each.startswith("<message")]


def slot(put: str, get: str, headers: str = "") -> str:
    """A slot, and the end of the answer that holds it."""
    return f"<slot xmlns='{UPLOAD}'><put url='{put}'>{headers}</put><get url='{get}'/></slot></iq>"


def is_error(event: events.Event) -> bool:
    """Whether `event` tells the user that something went wrong."""
    return isinstance(event, events.NoticeGiven) and event.notice.is_error
