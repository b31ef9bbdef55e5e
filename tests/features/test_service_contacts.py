"""Who can be asked when the server fails: learnt while it is well, kept, told once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.service import UNKNOWN, Service
from termxmpp.errors import ConnectionFailed
from tests.support.harness import Actor

Alices = Callable[..., Actor]

DISCO = "http://jabber.org/protocol/disco#info"


def form(kind: str, **values: str) -> str:
    fields = "".join(
        f"<field var='{name.replace('_', '-')}'><value>{value}</value></field>"
        for name, value in values.items()
    )
    return (
        f"<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
        f"<value>{kind}</value></field>{fields}</x>"
    )


INFO = form(
    "http://jabber.org/network/serverinfo",
    support_addresses="xmpp:help@example.org",
    admin_addresses="mailto:admin\u202e@example.org",
    abuse_addresses="mailto:abuse@example.org",
)


def tells(alice: Actor, forms: str) -> None:
    """Let the server say so of itself."""

    def answer(iq: Element) -> str | None:
        if iq.find(f"{{{DISCO}}}query") is None or iq.get("to") != "example.org":
            return None
        return (
            f"<iq type='result' id='{iq.get('id')}' from='example.org'>"
            f"<query xmlns='{DISCO}'>{forms}</query></iq>"
        )

    alice.answers = answer


@pytest.fixture
def alice() -> Actor:
    made = Actor()
    tells(made, INFO)
    made.goes_online()
    return made


def fails(alice: Actor, times: int) -> None:
    """The link breaks, and nobody answers any more."""
    alice.opening_error = ConnectionFailed("Nobody answers.")
    alice.loses_the_link(ConnectionFailed("The link broke."))
    for _ in range(times - 1):
        alice.types("/connect")


def test_it_is_told_when_the_server_fails_again_and_once(alice: Actor) -> None:
    fails(alice, 1)
    assert not any("can't be reached;" in each for each in alice.told())
    alice.types("/connect")
    [told] = [each for each in alice.told() if "can't be reached;" in each]
    assert told.splitlines() == [
        "example.org can't be reached; outside of XMPP it can be asked here:",
        "  Help: xmpp:help@example.org",
        "  Who runs it: mailto:admin⟦RLO⟧@example.org",
    ]
    alice.types("/connect")
    assert len([each for each in alice.told() if "can't be reached;" in each]) == 1
    alice.close()


def test_who_says_nothing_is_not_spoken_of(alices: Alices) -> None:
    alice = alices()
    assert alice.client.state.service == UNKNOWN
    fails(alice, 3)
    assert not any("can't be reached;" in each for each in alice.told())


def test_it_is_known_in_the_next_run(alices: Alices, tmp_path: Path) -> None:
    first = Actor(tmp_path)
    tells(first, INFO)
    first.goes_online()
    service = first.client.state.service
    assert service.contacts["support"] == ("xmpp:help@example.org",)
    first.close()
    second = Actor(tmp_path)
    second.opening_error = ConnectionFailed("Nobody answers.")
    assert second.client.state.service == service
    second.types("/connect")
    second.types("/connect")
    assert any("Help: xmpp:help@example.org" in each for each in second.told())
    second.close()


def test_what_a_server_says_of_itself_is_bounded() -> None:
    told = {"support-addresses": ["x" * 600, "", *(f"mailto:{n}@a" for n in range(50))]}
    service = Service.told(told, {"external-status-addresses": ["y" * 600]})
    assert service.contacts == {"support": tuple(f"mailto:{n}@a" for n in range(10))}
    assert service.outages == ()


def test_what_it_says_of_an_outage_is_fetched_and_told(tmp_path: Path) -> None:
    body = b'{"beginning": "2026-01-02T11:00:00Z", "message": {"default": "A disk\\u001b broke"}}'
    alice = Actor(tmp_path)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    servers: list[asyncio.Server] = []

    async def begin() -> None:
        servers.append(await asyncio.start_server(serve, "127.0.0.1", 0))

    alice.run(begin)
    port = servers[0].sockets[0].getsockname()[1]
    status = form("urn:xmpp:sos:0", external_status_addresses=f"http://127.0.0.1:{port}/s.json")
    tells(alice, status)
    alice.goes_online()
    fails(alice, 2)

    async def told() -> None:
        async with asyncio.timeout(20):
            while not any("says that" in each for each in alice.told()):  # noqa: ASYNC110  # a child
                await asyncio.sleep(0.01)
        servers[0].close()

    alice.run(told)
    assert alice.told()[-1].splitlines() == [
        "example.org says that it is down since 2026-01-02 11:00.",
        "“A disk␛ broke”",
    ]
    alice.close()


def test_behind_a_proxy_nobody_is_asked_past_it(tmp_path: Path) -> None:
    alice = Actor(tmp_path, is_behind_proxy=True)
    status = form("urn:xmpp:sos:0", external_status_addresses="http://127.0.0.1:1/s.json")
    tells(alice, status)
    alice.goes_online()
    fails(alice, 2)
    told = [each for each in alice.told() if "can't be reached;" in each]
    assert told == []
    assert not any("says nothing of an outage" in each for each in alice.told())
    alice.close()
