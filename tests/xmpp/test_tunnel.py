"""Through a proxy: a small real one, and what dishonest ones say."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, ResolveFailed, TermxmppError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.proxies import Proxy, ProxyKind
from termxmpp.xmpp.places import Places
from termxmpp.xmpp.resolver import Candidate, Resolver
from termxmpp.xmpp.terms import ConnectionSettings, Timeouts
from termxmpp.xmpp.tunnel import LARGEST_HEAD, dial_through
from tests.support.gateway import Gateway, gateway
from tests.support.leaks import nothing_left
from tests.support.nameserver import nameserver

SOCKS5, HTTP = ProxyKind.SOCKS5, ProxyKind.HTTP
KINDS = pytest.mark.parametrize("kind", list(ProxyKind))
KNOWN = ("me", "pässword")

Use = Callable[[Gateway, Resolver, AsyncExitStack], Awaitable[Any]]


def through(kind: ProxyKind, use: Use, **gate: Any) -> Any:
    """What comes of `use` with a proxy; nothing may be left, and no name be asked for."""

    async def main(mainloop: EpollMainLoop) -> Any:
        async with nothing_left(), AsyncExitStack() as stack:
            names = await stack.enter_async_context(nameserver({}))
            resolver = Resolver([names.address], hosts_file=Path("/nonexistent"))
            made = await stack.enter_async_context(gateway(kind, **gate))
            found = await use(made, resolver, stack)
            assert names.asked == []
            return found

    return run(main)


def refusal(kind: ProxyKind, *, user: str = "", password: str = "", **gate: Any) -> str:
    """Why there is no way to a server through it."""

    async def use(gate: Gateway, resolver: Resolver, stack: AsyncExitStack) -> str:
        with pytest.raises(ConnectionFailed) as raised:
            await dial_through(gate.proxy(user, password), resolver, "xmpp.example", 5222)
        return str(raised.value)

    return str(through(kind, use, **gate))


async def heard(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = await asyncio.get_running_loop().sock_recv(sock, count)
        assert part
        data += part
    return data


async def greeting(stack: AsyncExitStack) -> int:
    """The port of a server that speaks first."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await reader.read()
        writer.close()

    server = await stack.enter_async_context(await asyncio.start_server(greet, "127.0.0.1", 0))
    port: int = server.sockets[0].getsockname()[1]
    return port


@KINDS
@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("xmpp.example", "xmpp.example:5222"),
        ("abcdefghijklmnop.onion", "abcdefghijklmnop.onion:5222"),
        ("bücher.example", "xn--bcher-kva.example:5222"),
        ("192.0.2.1", "192.0.2.1:5222"),
        ("2001:db8::1", "[2001:db8::1]:5222"),
        ("[2001:db8::1]", "[2001:db8::1]:5222"),
    ],
)
@pytest.mark.parametrize("known", [None, KNOWN])
def test_the_proxy_is_told_the_name_and_finds_it(
    kind: ProxyKind, host: str, place: str, known: tuple[str, str] | None
) -> None:
    async def use(gate: Gateway, resolver: Resolver, stack: AsyncExitStack) -> None:
        written = place.replace("[", "").replace("]", "") if kind is SOCKS5 else place
        gate.places = {written: await greeting(stack)}
        sock = await dial_through(gate.proxy(*(known or ())), resolver, host, 5222)
        assert gate.asked == [written]
        # What comes behind is all there, whoever speaks first.
        assert await heard(sock, 5) == b"hello"
        sock.close()
        await asyncio.sleep(0.05)

    through(kind, use, known=known)


@KINDS
def test_a_proxy_that_finds_nothing_says_so(kind: ProxyKind) -> None:
    assert refusal(kind).endswith("it does not find or reach the host.")


@KINDS
def test_a_proxy_that_wants_to_know_who_we_are_is_told_of(kind: ProxyKind) -> None:
    assert "it wants a name and a password" in refusal(kind, known=KNOWN)


@KINDS
def test_a_wrong_password_is_told_without_being_said(kind: ProxyKind) -> None:
    words = refusal(kind, known=KNOWN, user="me", password="wrong")
    assert "does not accept your name and password" in words
    assert "wrong" not in words
    assert "me:" not in words


@KINDS
def test_where_nobody_listens_that_is_told(kind: ProxyKind) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with nothing_left():
            with pytest.raises(ConnectionFailed, match="Nobody answers on port 1 "):
                await dial_through(Proxy(kind, "127.0.0.1", 1), Resolver([]), "a.example", 5222)

    run(main)


@pytest.mark.parametrize(
    ("kind", "says", "words"),
    [
        (SOCKS5, b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak SOCKS5; maybe http://"),
        (SOCKS5, b"SSH-2.0-OpenSSH\r\n", "does not speak SOCKS5"),
        (SOCKS5, b"", "it closed the connection"),
        (SOCKS5, b"\x05", "it closed the connection"),
        (SOCKS5, b"\x05\x02", "it chose what was not offered"),
        (SOCKS5, b"\x05\x09", "it chose what was not offered"),
        (SOCKS5, b"\x05\x00\x04\x00\x00\x01", "does not speak SOCKS5 as it should"),
        (SOCKS5, b"\x05\x00\x05\x00\x00\x09", "does not speak SOCKS5 as it should"),
        (SOCKS5, b"\x05\x00\x05\x00\x00\x03\xff12", "it closed the connection"),
        (SOCKS5, b"\x05\x00\x05\x00\x00\x01\x00\x00", "it closed the connection"),
        (SOCKS5, b"\x05\x00\x05\x01\x00\x01", "it has failed"),
        (SOCKS5, b"\x05\x00\x05\x02\x00\x01", "it does not allow that"),
        (SOCKS5, b"\x05\x00\x05\x05\x00\x01", "nobody answers there"),
        (SOCKS5, b"\x05\x00\x05\xf0\x00\x01", "no such onion service"),
        (SOCKS5, b"\x05\x00\x05\x99\x00\x01", "it refuses (code 153)"),
        (HTTP, b"\x05\xff", "it closed the connection"),
        (HTTP, b"\x00Z\x00\x00\n", "does not speak HTTP; maybe socks5://"),
        (HTTP, b"<html>\r\n", "does not speak HTTP"),
        (HTTP, b"HTTP/1.1 abc\r\n\r\n", "does not speak HTTP"),
        (HTTP, b"HTTP/1.1 200", "it closed the connection"),
        (HTTP, b"HTTP/1.1 200 OK\r\nVia: x\r\n", "it closed the connection"),
        (HTTP, b"HTTP/1.1 403 \x1b[31mNo\r\n\r\n", "it does not allow that"),
        (HTTP, b"HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n", "refuses (status 302)"),
        (HTTP, b"HTTP/1.1 100 Wait\r\n\r\n" * 20, "it refuses (status 100)"),
        (HTTP, b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * LARGEST_HEAD, "it says too much"),
        (HTTP, b"H" * (LARGEST_HEAD + 2), "it says too much"),
    ],
)
def test_rubbish_is_no_way(kind: ProxyKind, says: bytes, words: str) -> None:
    told = refusal(kind, says=says)
    assert words in told
    assert "\x1b" not in told


@KINDS
@pytest.mark.parametrize("host", ["a b", "a\r\nX: y", "ä" * 300, "", "a" * 300, "a/b"])
def test_what_is_no_name_is_not_asked_for(kind: ProxyKind, host: str) -> None:
    """A server tells where it wants its session resumed, and might tell anything."""

    async def use(gate: Gateway, resolver: Resolver, stack: AsyncExitStack) -> None:
        with pytest.raises(ConnectionFailed, match="that is no host name"):
            await dial_through(gate.proxy(), resolver, host, 5222)
        assert gate.received == b""

    through(kind, use, says=b"never")


@KINDS
def test_who_is_not_answered_can_give_up(kind: ProxyKind) -> None:
    async def use(gate: Gateway, resolver: Resolver, stack: AsyncExitStack) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await dial_through(gate.proxy(), resolver, "xmpp.example", 5222)
        assert gate.received

    through(kind, use, says=b"", is_open=True)


def test_a_proxy_that_is_an_onion_can_not_be_found() -> None:
    async def use(gate: Gateway, resolver: Resolver, stack: AsyncExitStack) -> TermxmppError:
        with pytest.raises(ResolveFailed) as raised:
            await dial_through(Proxy(SOCKS5, "a.onion", 9050), resolver, "xmpp.example", 5222)
        return raised.value

    assert "through Tor only" in str(through(SOCKS5, use))


# The way of an account.


def places(
    gate: Gateway, resolver: Resolver, jid: str, **settings: Any
) -> tuple[Places, list[str]]:
    steps: list[str] = []
    made = ConnectionSettings(Jid.parse(jid), proxy=gate.proxy(), **settings)
    return Places(resolver, made, steps.append), steps


@KINDS
def test_without_the_dns_the_domain_itself_is_dialled(kind: ProxyKind) -> None:
    """Nobody can be asked for SRV records through a proxy; the server's own word comes first."""

    async def use(gate: Gateway, resolver: Resolver, stack: AsyncExitStack) -> None:
        gate.places = {"example.org:5222": await greeting(stack)}
        way, steps = places(gate, resolver, "alice@example.org")
        assert await way.candidates("there.example:99") == [
            Candidate("there.example", 99),
            Candidate("example.org", 5222),
        ]
        [candidate] = await way.candidates("")
        sock = await way.dial(candidate)
        assert await heard(sock, 5) == b"hello"
        sock.close()
        await asyncio.sleep(0.05)
        assert steps[1:] == [
            "resolving",
            f"tcp 127.0.0.1:{gate.port}",
            "tcp example.org:5222",
        ]
        set_, _steps = places(gate, resolver, "a@b.example", server=Candidate("c.example", 1))
        assert await set_.candidates("") == [Candidate("c.example", 1)]

    through(kind, use)


@KINDS
def test_where_the_domain_itself_is_not_there_the_user_can_say_more(kind: ProxyKind) -> None:
    async def use(gate: Gateway, resolver: Resolver, stack: AsyncExitStack) -> None:
        way, _steps = places(gate, resolver, "a@example.org")
        [candidate] = await way.candidates("")
        with pytest.raises(ConnectionFailed, match="--server HOST:PORT says where"):
            await way.dial(candidate)
        way, _steps = places(gate, resolver, "a@example.org", server=candidate)
        with pytest.raises(ConnectionFailed, match=r"reach the host\.$"):
            await way.dial(candidate)

    through(kind, use)


@KINDS
def test_a_proxy_that_says_nothing_is_not_waited_for_for_ever(kind: ProxyKind) -> None:
    async def use(gate: Gateway, resolver: Resolver, stack: AsyncExitStack) -> None:
        way, _steps = places(gate, resolver, "a@example.org", timeouts=Timeouts(proxy=0.2))
        [candidate] = await way.candidates("")
        with pytest.raises(ConnectionFailed, match=r"gives no answer about example\.org:5222"):
            await way.dial(candidate)

    through(kind, use, says=b"", is_open=True)
