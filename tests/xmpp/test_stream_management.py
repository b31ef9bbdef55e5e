"""XEP-0198: what counts as confirmed, and what a server can't make us believe."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.core.session import Session
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.unstored import Unstored
from termxmpp.xmpp.stream_management import MODULUS, NS, REQUEST_AFTER, StreamManagement

ALICE = Jid.parse("alice@example.org/here")
ENABLED = {"id": "s1", "resume": "true"}


class Log(Unstored):
    """The records of a session, as another process would find them."""

    def __init__(self, kept: Session | None = None) -> None:
        super().__init__()
        self.kept = kept
        self.handled = kept.handled if kept else 0
        self.uncommitted = self.handled

    def session(self) -> Session | None:
        return self.kept

    def session_began(self, session: Session) -> None:
        self.kept = session
        self.handled = self.uncommitted = 0

    def session_ended(self) -> None:
        self.kept = None

    def stanza_sent(self, stanza: str, stanza_id: str) -> None:
        assert self.kept is not None
        stanzas = (*self.kept.unacknowledged, (stanza, stanza_id))
        self.kept = replace(self.kept, unacknowledged=stanzas)

    def stanzas_acknowledged(self, count: int, total: int) -> None:
        assert self.kept is not None
        left = self.kept.unacknowledged[count:]
        self.kept = replace(self.kept, unacknowledged=left, acknowledged=total)

    def stanzas_handled(self, total: int) -> None:
        self.uncommitted = total

    def commit(self) -> None:
        self.handled = self.uncommitted
        if self.kept is not None:
            self.kept = replace(self.kept, handled=self.handled)


class Stream:
    """What the protocol has written, and whom it has confirmed."""

    def __init__(self, kept: Session | None = None, log: type[Log] = Log) -> None:
        self.written: list[str] = []
        self.confirmed: list[str] = []
        self.log = log(kept)
        self.management = StreamManagement(self.log, self.confirmed.extend)
        self.management.attach(self._write)

    def _write(self, element: Element) -> None:
        if element.tag == "{jabber:client}message":
            self.written.append(f"message {element.get('id')}")
            return
        h = element.get("h")
        self.written.append(element.tag.removeprefix(f"{{{NS}}}") + (f" {h}" if h else ""))

    def gets(self, name: str, h: int | str | None = None, **attributes: str) -> None:
        if h is not None:
            attributes["h"] = str(h)
        assert self.management.handle(Element(f"{{{NS}}}{name}", attributes))

    def sends(self, *stanza_ids: str) -> None:
        for stanza_id in stanza_ids:
            element = Element("{jabber:client}message", {"id": stanza_id})
            self.management.sent(element, stanza_id)

    def breaks(self) -> None:
        self.management.detach()
        self.management.attach(self._write)
        self.written.clear()


def with_stream(
    scenario: Callable[[Stream], Awaitable[None]],
    *,
    is_enabled: bool = True,
    answer: Mapping[str, str] = ENABLED,
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        stream = Stream()
        enabling = asyncio.ensure_future(stream.management.enable(ALICE))
        await asyncio.sleep(0)
        stream.gets("enabled" if is_enabled else "failed", **(answer if is_enabled else {}))
        assert await enabling is is_enabled
        stream.written.clear()
        await scenario(stream)

    run(main)


def test_an_acknowledgement_confirms_in_order_and_once() -> None:
    async def scenario(stream: Stream) -> None:
        stream.sends("a", "b", "c")
        stream.gets("a", 2)
        assert stream.confirmed == ["a", "b"]
        stream.gets("a", 2)
        stream.gets("a", 3)
        assert stream.confirmed == ["a", "b", "c"]

    with_stream(scenario)


def test_proof_is_asked_for_once_and_waits_for_what_was_sent_before() -> None:
    async def scenario(stream: Stream) -> None:
        stream.sends("a", "b")
        proving = asyncio.ensure_future(stream.management.prove())
        await asyncio.sleep(0)
        assert stream.written == ["r"]
        stream.sends("c")
        stream.gets("a", 1)
        await asyncio.sleep(0)
        assert not proving.done()
        stream.gets("a", 2)
        await proving

    with_stream(scenario)


def test_a_long_burst_is_asked_about_on_its_way() -> None:
    """So that a slow server can say that it goes on, also when it is all sent once more."""

    async def scenario(stream: Stream) -> None:
        stream.sends(*map(str, range(2 * REQUEST_AFTER)))
        assert stream.written == ["r", "r"]
        stream.breaks()
        resuming = asyncio.ensure_future(stream.management.resume())
        await asyncio.sleep(0)
        stream.gets("resumed", 1, previd="s1")
        await resuming
        asked = [place for place, what in enumerate(stream.written) if what == "r"]
        # What asks for the session comes first.
        assert asked == [REQUEST_AFTER + 1]

    with_stream(scenario)


def test_a_session_is_mute_until_it_counts() -> None:
    async def scenario(stream: Stream) -> None:
        stream.sends("a")
        assert not stream.management.is_mute
        stream.breaks()
        resuming = asyncio.ensure_future(stream.management.resume())
        await asyncio.sleep(0)
        stream.gets("resumed", 0, previd="s1")
        await resuming
        assert stream.management.is_mute
        stream.gets("a", 0)
        assert not stream.management.is_mute

    with_stream(scenario)


def test_what_is_to_be_proven_is_what_was_sent_until_then() -> None:
    """Also where the session ends before anybody has looked: its end confirms nothing."""

    async def scenario(stream: Stream) -> None:
        stream.sends("a")
        proving = asyncio.ensure_future(stream.management.prove())
        stream.management.end()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not proving.done()
        assert stream.confirmed == []

    with_stream(scenario)


def test_without_a_stream_nothing_can_be_asked() -> None:
    async def scenario(stream: Stream) -> None:
        stream.sends("a")
        stream.management.detach()
        with pytest.raises(ConnectionFailed):
            await stream.management.prove()

    with_stream(scenario)


def test_a_session_that_is_over_counts_nothing_more() -> None:
    """The server's last word on it comes behind our good-bye (§4)."""

    async def scenario(stream: Stream) -> None:
        stream.sends("a")
        stream.management.end()
        stream.gets("a", 1)
        stream.gets("r")
        assert stream.confirmed == []
        assert stream.written == []

    with_stream(scenario)


def test_with_nothing_open_there_is_nothing_to_ask() -> None:
    async def scenario(stream: Stream) -> None:
        await stream.management.prove()
        assert stream.written == []

    with_stream(scenario)


def test_the_server_is_told_how_many_came() -> None:
    async def scenario(stream: Stream) -> None:
        stream.management.received()
        stream.management.received()
        stream.gets("r")
        assert stream.written == ["a 2"]

    with_stream(scenario)


@pytest.mark.parametrize("h", ["", "-1", "many", "3", "4294967297", None])
def test_an_acknowledgement_of_what_was_never_sent_is_a_breach(h: str | None) -> None:
    """XEP-0198 §4: it must not be taken for a proof."""

    async def scenario(stream: Stream) -> None:
        stream.sends("a", "b")
        with pytest.raises(RemoteError):
            stream.gets("a", h)
        assert stream.confirmed == []

    with_stream(scenario)


def test_the_counters_wrap_to_zero() -> None:
    async def scenario(stream: Stream) -> None:
        stream.management._acknowledged = stream.management._handled = MODULUS - 1
        stream.log.uncommitted = MODULUS - 1
        stream.sends("a", "b")
        stream.gets("a", 1)
        assert stream.confirmed == ["a", "b"]
        stream.management.received()
        stream.gets("r")
        assert stream.written == ["a 0"]

    with_stream(scenario)


@pytest.mark.parametrize("way", ["resumed", "failed"])
def test_they_wrap_over_the_end_of_a_link_and_of_the_process_too(way: str) -> None:
    async def scenario(stream: Stream) -> None:
        kept = Session(
            "s1",
            ALICE,
            handled=MODULUS - 1,
            acknowledged=MODULUS - 2,
            unacknowledged=tuple((f"<message xmlns='jabber:client' id='{x}'/>", x) for x in "abcd"),
        )
        later = Stream(kept)
        resuming = asyncio.ensure_future(later.management.resume())
        await asyncio.sleep(0)
        assert later.written == [f"resume {MODULUS - 1}"]
        later.gets(way, 1, previd="s1")
        await resuming
        assert later.confirmed == ["a", "b", "c"]
        if way == "resumed":
            assert later.written[1:] == ["message d"]
            assert later.log.kept is not None
            assert later.log.kept.acknowledged == 1
            later.management.received()
            later.gets("r")
            assert later.written[-1] == "a 0"
            later.gets("a", 2)
            assert later.confirmed == ["a", "b", "c", "d"]

    with_stream(scenario)


def test_what_was_confirmed_before_the_wrap_is_not_confirmed_again() -> None:
    """A count that goes back is one that is much too high (§6)."""

    async def scenario(stream: Stream) -> None:
        stream.management._acknowledged = MODULUS - 1
        stream.sends("a", "b")
        stream.gets("a", 0)
        with pytest.raises(RemoteError):
            stream.gets("a", MODULUS - 1)
        assert stream.confirmed == ["a"]

    with_stream(scenario)


def test_nothing_is_asked_that_nobody_waits_for() -> None:
    async def scenario(stream: Stream) -> None:
        stream.sends(*"abcdefghij")
        stream.management.received()
        assert stream.written == []

    with_stream(scenario)


class Full(Log):
    """Records that can't be written."""

    def commit(self) -> None:
        pass


def test_what_is_not_committed_comes_again_and_is_handled_once() -> None:
    """The server keeps it for us; on the screen it is already."""

    async def scenario(stream: Stream) -> None:
        full = Stream(stream.log.kept, Full)

        async def resumes() -> None:
            resuming = asyncio.ensure_future(full.management.resume())
            await asyncio.sleep(0)
            assert full.written == ["resume 0"]
            full.gets("resumed", 0, previd="s1")
            await resuming

        await resumes()
        assert [full.management.received() for _ in range(2)] == [True, True]
        full.breaks()
        await resumes()
        assert full.management.received() is False
        full.breaks()
        await resumes()
        assert [full.management.received() for _ in range(3)] == [False, False, True]
        # Another process knows nothing of it.
        later = Stream(full.log.kept)
        resuming = asyncio.ensure_future(later.management.resume())
        await asyncio.sleep(0)
        later.gets("resumed", 0, previd="s1")
        await resuming
        assert later.management.received() is True

    with_stream(scenario)


def test_what_is_not_committed_is_not_acknowledged() -> None:
    """As from a disk that is full: the server keeps it for us."""

    async def scenario(stream: Stream) -> None:
        full = Stream(stream.log.kept, Full)
        resuming = asyncio.ensure_future(full.management.resume())
        await asyncio.sleep(0)
        full.gets("resumed", 0, previd="s1")
        await resuming
        full.management.received()
        full.gets("r")
        assert full.written == ["resume 0", "a 0"]

    with_stream(scenario)


def test_who_leaves_says_how_far_it_has_come() -> None:
    """§4: else the server takes what has arrived for lost."""

    async def scenario(stream: Stream) -> None:
        stream.management.received()
        stream.management.acknowledge()
        assert stream.written == ["a 1"]

    with_stream(scenario)


def test_without_a_session_it_says_nothing() -> None:
    async def scenario(stream: Stream) -> None:
        stream.management.acknowledge()
        assert stream.written == []

    with_stream(scenario, is_enabled=False)


def test_where_the_server_wants_it_resumed_is_kept_with_the_session() -> None:
    """§3: also for the next run; it ends with the session."""

    async def scenario(stream: Stream) -> None:
        assert stream.management.location == "[2001:db8::1]:9222"
        later = Stream(stream.log.kept)
        assert later.management.location == "[2001:db8::1]:9222"
        resuming = asyncio.ensure_future(later.management.resume())
        await asyncio.sleep(0)
        later.gets("failed")
        assert await resuming is None
        assert later.management.location == ""

    with_stream(scenario, answer={**ENABLED, "location": "[2001:db8::1]:9222"})


def test_where_the_server_refuses_nothing_is_counted() -> None:
    async def scenario(stream: Stream) -> None:
        assert not stream.management.is_enabled
        stream.sends("a")
        await stream.management.prove()
        stream.gets("r")
        assert stream.written == []

    with_stream(scenario, is_enabled=False)


def test_other_elements_are_left_to_others() -> None:
    assert not Stream().management.handle(Element("{urn:other}r"))


def test_a_resumed_session_sends_again_what_was_not_handled_and_nothing_else() -> None:
    async def scenario(stream: Stream) -> None:
        stream.sends("a", "b", "c")
        stream.management.received()
        stream.log.commit()
        stream.breaks()
        resuming = asyncio.ensure_future(stream.management.resume())
        await asyncio.sleep(0)
        assert stream.written == ["resume 1"]
        stream.gets("resumed", 1, previd="s1")
        assert await resuming == ALICE
        assert stream.written == ["resume 1", "message b", "message c"]
        assert stream.confirmed == ["a"]
        stream.gets("a", 3)
        assert stream.confirmed == ["a", "b", "c"]

    with_stream(scenario)


def test_another_process_goes_on_with_what_was_committed() -> None:
    """What was handled and not committed is asked for again: `h` does not count it."""

    async def scenario(stream: Stream) -> None:
        stream.sends("a", "b")
        stream.management.received()
        stream.log.commit()
        stream.management.received()
        later = Stream(stream.log.kept)
        assert later.management.can_resume
        assert later.management.unacknowledged == ["a", "b"]
        resuming = asyncio.ensure_future(later.management.resume())
        await asyncio.sleep(0)
        later.gets("resumed", 2, previd="s1")
        assert await resuming == ALICE
        assert later.written == ["resume 1"]
        assert later.confirmed == ["a", "b"]
        later.management.received()
        later.gets("r")
        assert later.written[-1] == "a 2"

    with_stream(scenario)


def test_what_a_refusal_counts_is_confirmed_and_the_session_over() -> None:
    """XEP-0198 §5: `<failed/>` may tell how far the session came."""

    async def scenario(stream: Stream) -> None:
        stream.sends("a", "b")
        stream.breaks()
        resuming = asyncio.ensure_future(stream.management.resume())
        await asyncio.sleep(0)
        stream.gets("failed", 1)
        assert await resuming is None
        assert stream.confirmed == ["a"]
        assert not stream.management.can_resume
        assert stream.log.kept is None

    with_stream(scenario)


@pytest.mark.parametrize(
    "attributes",
    [
        {"previd": "other", "h": "0"},
        {"h": "0"},
        {"previd": "s1", "h": "9"},
        {"previd": "s1", "h": "-1"},
        {"previd": "s1"},
    ],
)
def test_a_resumption_that_can_not_be_is_a_breach(attributes: dict[str, str]) -> None:
    async def scenario(stream: Stream) -> None:
        stream.sends("a")
        stream.breaks()
        resuming = asyncio.ensure_future(stream.management.resume())
        await asyncio.sleep(0)
        with pytest.raises(RemoteError):
            stream.gets("resumed", **attributes)
        assert stream.confirmed == []
        # Going on with it would only lead here again.
        assert not stream.management.can_resume
        assert stream.log.kept is None
        resuming.cancel()

    with_stream(scenario)


@pytest.mark.parametrize("h", ["9", "many", "-1"])
def test_a_refusal_that_counts_wrongly_ends_the_session_all_the_same(h: str) -> None:
    """Else every log-in from now on would fail on it."""

    async def scenario(stream: Stream) -> None:
        stream.sends("a")
        stream.breaks()
        resuming = asyncio.ensure_future(stream.management.resume())
        await asyncio.sleep(0)
        stream.gets("failed", h)
        assert await resuming is None
        assert stream.confirmed == []

    with_stream(scenario)


@pytest.mark.parametrize("answer", [{}, {"resume": "true"}, {"id": "s1"}])
def test_a_session_that_can_not_be_resumed_is_not_kept(answer: dict[str, str]) -> None:
    async def scenario(stream: Stream) -> None:
        stream.sends("a")
        stream.breaks()
        assert not stream.management.can_resume
        assert stream.log.kept is None

    with_stream(scenario, answer=answer)


def test_nothing_is_asked_for_that_a_script_could_not_go_on_with() -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        management = StreamManagement(Log(), lambda ids: None, resumes=False)
        assert management.enabling().attrib == {}

    run(main)
