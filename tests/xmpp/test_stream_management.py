"""XEP-0198: what counts as confirmed, and what a server can't make us believe."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from xml.etree.ElementTree import Element

import pytest

from termxmpp.errors import RemoteError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.stream_management import MODULUS, NS, StreamManagement


class Stream:
    """What the protocol has written, and whom it has confirmed."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.confirmed: list[str] = []
        self.management = StreamManagement(self._write, self.confirmed.extend)

    def _write(self, element: Element) -> None:
        h = element.get("h")
        self.written.append(element.tag.removeprefix(f"{{{NS}}}") + (f" {h}" if h else ""))

    def gets(self, name: str, h: int | str | None = None) -> None:
        attributes = {} if h is None else {"h": str(h)}
        assert self.management.handle(Element(f"{{{NS}}}{name}", attributes))

    def sends(self, *stanza_ids: str) -> None:
        for stanza_id in stanza_ids:
            self.management.sent(stanza_id)


def with_stream(scenario: Callable[[Stream], Awaitable[None]], *, is_enabled: bool = True) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        stream = Stream()
        enabling = asyncio.ensure_future(stream.management.enable())
        await asyncio.sleep(0)
        stream.gets("enabled" if is_enabled else "failed")
        await enabling
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
        stream.sends("a", "b")
        stream.gets("a", 1)
        assert stream.confirmed == ["a", "b"]
        stream.management.received()
        stream.gets("r")
        assert stream.written == ["a 0"]

    with_stream(scenario)


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
