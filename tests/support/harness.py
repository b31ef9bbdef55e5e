"""A whole client without a socket or a terminal: stanzas and lines in, stanzas and events out.

What is dispatched, and what becomes of it, is the real thing; only the server and the world
(time, ids, chance) are the test's.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pyxmpp2.stanzaprocessor import stanza_factory

from termxmpp.client import Client, World
from termxmpp.core.events import Event
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.errors import ConnectionFailed, RemoteError, TermxmppError
from termxmpp.feature import Feature
from termxmpp.features import FEATURES
from termxmpp.mainloop import EpollMainLoop
from termxmpp.mainloop.selector import EpollEventLoop
from termxmpp.settings import Settings
from termxmpp.store.store import Store
from termxmpp.transfers.web import Web
from termxmpp.ui.lines import Line
from termxmpp.ui.skin import Skin
from termxmpp.ui.theme import load_theme
from termxmpp.ui.timeline import Timeline
from termxmpp.workspace import Window, Workspace
from termxmpp.xmpp.connection import ConnectionObserver, Opened
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import Outgoing, as_text, repair
from termxmpp.xmpp.stream_management import NS as SM_NS
from termxmpp.xmpp.stream_management import StreamManagement

__all__ = ["ALICE", "BOB", "CAROL", "HERE", "NOON", "SKIN", "Actor", "ScriptedServer", "Session"]

ALICE = Jid.parse("alice@example.org")
BOB = Jid.parse("bob@example.org")
CAROL = Jid.parse("carol@example.org")
HERE = ALICE.with_resource("here")

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
# As the screen is by itself, on a terminal without colours.
SKIN = Skin(load_theme("dark"), 1)

CLIENT_NS = "jabber:client"
EVERYWHERE = {
    "{http://jabber.org/protocol/caps}c",
    "{urn:xmpp:receipts}request",
    "{urn:xmpp:sid:0}origin-id",
    "{urn:xmpp:chat-markers:0}markable",
    "{http://jabber.org/protocol/chatstates}active",
}
DISCO = "http://jabber.org/protocol/disco#info"

ROSTER = (
    "<query xmlns='jabber:iq:roster'>"
    "<item jid='bob@example.org' name='Bob' subscription='both'><group>Friends</group></item>"
    "<item jid='carol@example.org' subscription='to'/></query>"
)

Answer = Callable[[Element], str | None]


class ScriptedServer:
    """The server of an Actor: takes everything, confirms when told to.

    `sent` is what it has taken and nobody has looked at. It answers with the roster; what
    `answers` returns for an iq comes before that, and is nothing where it is empty. What is
    sent while it `is_deaf` is lost; `silence` is for how long it has said nothing, `proofs` how
    long it was given for each word on what it has taken, and `is_asked` that it was.
    """

    def __init__(
        self,
        actor: Actor,
        processor: Processor,
        management: StreamManagement,
        observer: ConnectionObserver,
    ) -> None:
        self.sent: list[Element] = []
        self.is_deaf = False
        self.is_closed = False
        self.silence = 0.0
        self.proofs: list[float] = []
        self.is_asked = asyncio.Event()
        self._actor = actor
        self._processor = processor
        self._management = management
        self._observer = observer
        self._proof: asyncio.Future[None] | None = None

    async def open(self) -> Opened:
        self._observer.step("login")
        error = self._actor.opening_error
        if error is not None:
            raise error
        self._processor.uplink = self
        self._management.attach(self.send_element)
        is_resumed = self._actor.has_management and self._resumes()
        enabled = frozenset() if is_resumed else self._actor.enabled
        features, limit = self._actor.stream_features, self._actor.max_bytes
        opened = Opened(HERE, is_resumed, enabled, features, limit)
        if not is_resumed:
            self._observer.bound(opened)
        return opened

    def _resumes(self) -> bool:
        """Go on with the session, or begin one; which of them."""
        management, session = self._management, self._actor.session
        management.on_resumed = lambda jid: self._observer.bound(Opened(jid, True))
        if management.can_resume:
            asked = management.resumption()
            if asked.get("previd") != session.id:
                self.says("failed")
            elif session.is_over:
                self.says("failed", h=str(session.taken))
            else:
                self.says("resumed", previd=session.id, h=str(session.taken))
                return True
        management.begin(HERE)
        session.id, session.taken, session.is_over = self._actor.new_session_id(), 0, False
        self.says("enabled", id=session.id, resume="true")
        return False

    def says(self, name: str, **attributes: str) -> None:
        """Say something of the session (XEP-0198)."""
        self._management.handle(Element(f"{{{SM_NS}}}{name}", attributes))

    @property
    def heard_at(self) -> float:
        return asyncio.get_running_loop().time() - self.silence

    def send_element(self, element: Element) -> None:
        if not self.is_deaf:
            self.sent.append(element)
            self._actor.session.taken += element.tag.startswith(f"{{{CLIENT_NS}}}")

    def send(self, stanza: Outgoing) -> None:
        if self.is_closed:
            raise ConnectionFailed("The connection is closed.")
        written: Any = stanza
        element: Element = written.as_xml()
        self._management.sent(element, written.stanza_id or "")
        if self.is_deaf:
            return
        if element.tag == f"{{{CLIENT_NS}}}iq" and element.get("type") in ("get", "set"):
            answer = self._actor.answers(element)
            if answer is None and DISCO in as_text(element) and element.get("type") == "get":
                features = "".join(f"<feature var='{name}'/>" for name in self._actor.announced)
                answer = (
                    f"<iq type='result' id='{element.get('id')}' from='{element.get('to')}'>"
                    f"<query xmlns='{DISCO}'>{features}</query></iq>"
                )
            if answer is None and "jabber:iq:roster" in as_text(element):
                answer = f"<iq type='result' id='{element.get('id')}'>{ROSTER}</iq>"
                if element.get("type") == "set":
                    answer = f"<iq type='result' id='{element.get('id')}'/>"
            if answer:
                asyncio.get_running_loop().call_soon(self.receives, answer)
        self.send_element(element)

    def flush(self) -> None:
        """What is sent has been taken at once."""

    async def prove(self, timeout: float) -> None:
        self.proofs.append(timeout)
        self.is_asked.set()
        self._proof = asyncio.get_running_loop().create_future()
        await self._proof

    def confirms(self) -> None:
        """Say that all has been taken."""
        if self._management.is_enabled:
            self.says("a", h=str(self._actor.session.taken))
        if self._proof is not None and not self._proof.done():
            self._proof.set_result(None)

    def is_silent(self) -> None:
        """Let the time in which it was to confirm be over."""
        assert self._proof is not None
        self._proof.set_exception(RemoteError("The server did not confirm in time."))

    def breaks(self, error: TermxmppError | None) -> None:
        """The link is gone."""
        self._ends(error)

    async def close(self) -> None:
        self._management.end()
        self._ends(None)
        # The peer's end of the stream takes its time.
        await asyncio.sleep(0)

    def abort(self) -> None:
        self._ends(ConnectionFailed("The connection was closed."))

    def _ends(self, error: TermxmppError | None) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        self._management.detach()
        if self._proof is not None and not self._proof.done():
            self._proof.set_exception(error or ConnectionFailed("gone"))
        self._observer.lost(error)

    def receives(self, xml: str) -> None:
        """Let the stanza `xml` have come in."""
        if not self._management.received():
            return
        element = ElementTree.fromstring(f"<x xmlns='{CLIENT_NS}'>{xml}</x>")[0]
        repair(element)
        self._processor.process_stanza(stanza_factory(element))


@dataclass
class Session:
    """What the server knows of a session (XEP-0198): its name, and how much of it was taken.

    One that `is_over` does not go on; without its name the server knows nothing of it any more.
    """

    id: str = ""
    taken: int = 0
    is_over: bool = False


class Actor:
    """alice@example.org in front of her screen; `events` are all that have happened.

    `loop` turns only while something is done here. Her records are in `folder`, which is her
    own unless another has one with them; `announced` are the namespaces that her account's
    server announces. Where it `has_management`, her session outlives its links, also hers:
    `session` is what the server knows of it. What she does and what she keeps is that of a
    program that listens, with other `features` and if she `is_listener`.
    """

    def __init__(
        self,
        folder: Path | None = None,
        announced: Sequence[str] = (),
        *,
        has_management: bool = False,
        session: Session | None = None,
        ping_interval: float = 300.0,
        settings: Settings | None = None,
        make_web: Callable[[], Web] | None = None,
        is_behind_proxy: bool = False,
        features: Sequence[Feature] = FEATURES,
        is_listener: bool = False,
    ) -> None:
        self.has_management = has_management
        self.session = session or Session()
        self._own_folder = None if folder else tempfile.TemporaryDirectory()
        self.folder = folder or Path(self._own_folder.name if self._own_folder else "")
        self.announced = tuple(announced)
        self.stream_features: frozenset[str] = frozenset()
        self.enabled: frozenset[str] = frozenset()
        self.max_bytes: int | None = None
        self.opening_error: TermxmppError | None = None
        self.answers: Answer = lambda element: None
        self.servers: list[ScriptedServer] = []
        self.events: list[Event] = []
        self._time = NOON
        self._ids = 0
        self._sessions = 0
        self._mainloop = EpollMainLoop()
        self.loop = EpollEventLoop(self._mainloop)
        self.store = Store(self.folder / "alice.sqlite", is_listener=is_listener)
        self.client = Client(
            ALICE,
            self._connect_by,
            features,
            records=self.store,
            world=World(self._now, self._new_id, lambda: 1.0),
            ping_interval=ping_interval,
            make_web=make_web,
            is_behind_proxy=lambda: is_behind_proxy,
        )
        self.client.observers.append(lambda client, event: self.events.append(event))
        self.workspace = Workspace([self.client], settings)
        self._timeline = Timeline(lambda: self.client.state, lambda: SKIN)

    def close(self) -> None:
        """End everything, unless it has ended; nothing may be left running."""
        if not self.loop.is_closed():
            if self.client.is_online and self.server.is_deaf:
                self.loses_the_link()
            elif self.client.is_online:
                self.is_confirmed()
            self.run(self.workspace.end)
            self._end()

    def is_killed(self) -> None:
        """The process is gone at once, as by SIGKILL; the records stay as they are."""
        self.store.abandon()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.run(lambda: asyncio.sleep(0))
        self._end()

    def _end(self) -> None:
        self.loop.close()
        self._mainloop.close()
        if self._own_folder is not None:
            self._own_folder.cleanup()

    # What happens.

    def goes_online(self) -> None:
        """Connect and log in."""
        self.run_now(self.client.connect)

    def forgets(self) -> None:
        """Begin anew with what was sent, what happened, and the ids."""
        self.server.sent.clear()
        self.events.clear()
        self._ids = 0

    def receives(self, *stanzas: str) -> None:
        """Let these stanzas come in."""
        for xml in stanzas:
            self.run_now(self.server.receives, xml)

    def types(self, line: str) -> None:
        """Enter `line` in the window looked at."""
        self.run_now(self.workspace.submit, line)

    def is_confirmed(self) -> None:
        """Let the server say that it has taken everything."""
        self.run_now(self.server.confirms)

    def loses_the_link(self, error: TermxmppError | None = None) -> None:
        self.run_now(self.server.breaks, error)

    def waits(self, seconds: float) -> None:
        """Let time go on; it is the wall's, not the loop's."""
        self._time += timedelta(seconds=seconds)

    def looks_at(self, peer: Jid) -> None:
        self.run_now(self.workspace.show, Window(self.client, peer))

    # What came of it.

    @property
    def server(self) -> ScriptedServer:
        return self.servers[-1]

    def sent(self, *, is_whole: bool = False) -> list[str]:
        """The stanzas sent since the last look, as XML without the default namespace.

        What every message and presence carries is left out, unless they are to be whole.
        """
        sent, self.server.sent = self.server.sent, []
        for element in () if is_whole else sent:
            for child in [each for each in element if each.tag in EVERYWHERE]:
                element.remove(child)
        return [as_text(element) for element in sent]

    def events_of(self, *kinds: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kinds)]

    def told(self) -> list[str]:
        """The notices in the window looked at."""
        entries = self.workspace.current.conversation.entries
        return [entry.text for entry in entries if isinstance(entry, Notice)]

    def lines(self, columns: int = 60) -> list[str]:
        """The lines of the window looked at, as they are drawn."""
        drawn = self.styled_lines(columns)
        return ["".join(fragment[1] for fragment in line).rstrip() for line in drawn]

    def styled_lines(self, columns: int = 60) -> list[Line]:
        """The lines of the window looked at, with their styles."""
        here = self.workspace.current
        gaps = here.client.state.failed_gaps(here.peer)
        return self._timeline.render(here.conversation, columns, 1_000_000, None, gaps).lines

    # How.

    def run_now(self, function: Callable[..., object], *args: Any) -> None:
        """Call `function` in the loop and let everything that it set off happen."""

        async def call() -> None:
            function(*args)

        self.run(call)

    def run(self, function: Callable[[], Any]) -> None:
        async def call() -> None:
            await function()
            # Nothing here waits for time or a descriptor, so a few turns are all there is.
            for _ in range(40):
                await asyncio.sleep(0)

        self.loop.run_until_complete(call())

    def _connect_by(
        self, processor: Processor, management: StreamManagement, observer: ConnectionObserver
    ) -> ScriptedServer:
        self.servers.append(ScriptedServer(self, processor, management, observer))
        return self.server

    def new_session_id(self) -> str:
        self._sessions += 1
        return f"session{self._sessions}"

    def _now(self) -> datetime:
        return self._time

    def _new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids}"
