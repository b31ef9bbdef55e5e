"""HTTP to a real server by real TLS: what is brought, what is fetched, and what is refused."""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    InputError,
    RemoteError,
    ResolveFailed,
    TermxmppError,
    UserError,
)
from termxmpp.mainloop.selector import run
from termxmpp.proxies import ProxyKind
from termxmpp.transfers.web import MOST_REDIRECTS, Web
from termxmpp.transfers.wire import refuse_local, refuse_local_name
from termxmpp.xmpp.resolver import Resolver
from termxmpp.xmpp.tls import TlsOptions
from tests.support.gateway import gateway
from tests.support.leaks import nothing_left
from tests.support.web import Response, WebServer

LARGE = os.urandom(500_000)

Work = Callable[[WebServer, Web], Awaitable[None]]


def with_server(folder: Path, work: Work, *, names: tuple[str, ...] = ("localhost",)) -> None:
    """Run `work` with a server, and a web that trusts it; nothing may be left."""

    async def main(mainloop: object) -> None:
        async with nothing_left():
            server = WebServer(folder, names)
            await server.start()
            try:
                trust = TlsOptions(ca_file=server.authority.ca_file)
                await work(server, Web(Resolver(), lambda: trust, lambda: None))
            finally:
                await server.stop()
                # The end of TLS takes a turn or two.
                await asyncio.sleep(0.05)

    run(main)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def fetched(web: Web, url: str, *, is_local_allowed: bool = True) -> bytes:
    async with web.get(url, is_local_allowed=is_local_allowed) as answer:
        return b"".join([chunk async for chunk in answer.chunks])


def test_a_file_is_brought_with_what_the_slot_asks_for(tmp_path: Path) -> None:
    """And nothing else is told: no cookies, no version, no language."""

    async def work(server: WebServer, web: Web) -> None:
        headers = [("Authorization", "Basic Zm9v"), ("Cookie", "a=1"), ("Cookie", "b=2")]
        parts = (LARGE[:65536], LARGE[65536:])
        await web.put(server.url("/s/très%20cool.jpg"), headers, len(LARGE), chunks(*parts))
        assert server.files == {"/s/tr%C3%A8s%20cool.jpg": LARGE}
        assert server.requests[0].headers == (
            ("Host", f"localhost:{server.port}"),
            ("User-Agent", "termxmpp"),
            ("Content-Length", str(len(LARGE))),
            *headers,
        )

    with_server(tmp_path, work)


def test_what_is_there_is_fetched(tmp_path: Path) -> None:
    async def work(server: WebServer, web: Web) -> None:
        server.files = {"/large": LARGE, "/empty": b"", "/%E2%82%AC?a=%201": b"query"}
        assert await fetched(web, server.url("/large")) == LARGE
        assert await fetched(web, server.url("/empty")) == b""
        assert await fetched(web, server.url("/€?a= 1".replace(" ", "%20"))) == b"query"
        async with web.get(server.url("/large#part"), is_local_allowed=True) as answer:
            assert answer.size == len(LARGE)

    with_server(tmp_path, work)


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (Response(404), "localhost says 404: there is no such file"),
        (Response(403), "it does not allow that"),
        (Response(503), "it has a problem: try later"),
        (Response(206, body=b"x"), "it refuses"),
        (Response(headers=(("Content-Encoding", "gzip"),), body=b"x"), "packed in a way"),
        (Response(302), "leads on to nowhere|not encrypted|on and on"),
        (Response(302, (("Location", "file:///etc/passwd"),)), "leads on to nowhere"),
        (Response(302, (("Location", "javascript:alert(1)"),)), "leads on to nowhere"),
        (Response(301, (("Location", "http://localhost/x"),)), "is not encrypted"),
        (Response(308, (("Location", "https://printer.invalid/x"),)), "can't be found"),
        (Response(200, body=b"half", length=100), "connection to localhost is gone: it has closed"),
        (Response(200, (("Broken\x01Name", "x"),), b"x"), "does not speak HTTP"),
    ],
)
def test_what_can_not_be_fetched_is_told(tmp_path: Path, response: Response, words: str) -> None:
    async def work(server: WebServer, web: Web) -> None:
        server.answers["/x"] = response
        with pytest.raises(TermxmppError, match=words):
            await fetched(web, server.url("/x"))

    with_server(tmp_path, work)


def test_a_link_that_leads_on_is_followed_but_not_for_ever(tmp_path: Path) -> None:
    async def work(server: WebServer, web: Web) -> None:
        server.files["/end"] = b"here"
        for number in range(MOST_REDIRECTS):
            where = f"/{number + 1}" if number + 1 < MOST_REDIRECTS else server.url("/end")
            server.answers[f"/{number}"] = Response(302, (("Location", where),))
        assert await fetched(web, server.url("/0")) == b"here"
        server.answers["/loop"] = Response(302, (("Location", "/loop"),))
        with pytest.raises(RemoteError, match="on and on"):
            await fetched(web, server.url("/loop"))
        assert len([each for each in server.requests if each.path == "/loop"]) == MOST_REDIRECTS + 1

    with_server(tmp_path, work)


def test_no_link_leads_into_the_users_own_network_unasked(tmp_path: Path) -> None:
    """Neither by its name nor by an address; nothing is even dialled."""

    async def work(server: WebServer, web: Web) -> None:
        for host in ("localhost", "127.0.0.1", "[::1]"):
            with pytest.raises(UserError, match="in your own network"):
                await fetched(web, server.url("/x", host), is_local_allowed=False)
        assert not server.held.is_set()

    with_server(tmp_path, work)


@pytest.mark.parametrize(
    ("addresses", "is_refused"),
    [
        (["93.184.216.34", "2606:2800:220:1::1"], False),
        (["10.1.2.3"], True),
        (["192.168.0.1"], True),
        (["172.16.0.1"], True),
        (["169.254.169.254"], True),
        (["100.64.0.1"], True),
        (["0.0.0.0"], True),
        (["224.0.0.1"], True),
        (["fe80::1%eth0"], True),
        (["fd00::1"], True),
        (["::ffff:127.0.0.1"], True),
        (["::"], True),
        # A name for both would else lead there by the second.
        (["93.184.216.34", "127.0.0.1"], True),
    ],
)
def test_which_addresses_are_of_ones_own_network(addresses: list[str], is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(UserError, match=r"nas\.example is in your own network"):
            refuse_local("nas.example", addresses)
    else:
        refuse_local("nas.example", addresses)


@pytest.mark.parametrize("url", ["http://localhost/x", "ftp://localhost/x", "https://", "x", ""])
def test_nothing_goes_in_the_clear(tmp_path: Path, url: str) -> None:
    async def work(server: WebServer, web: Web) -> None:
        with pytest.raises(UserError, match="is not encrypted"):
            await fetched(web, url)
        with pytest.raises(UserError, match="is not encrypted"):
            await web.put(url, (), 0, chunks())

    with_server(tmp_path, work)


def test_a_server_that_is_another_gets_nothing(tmp_path: Path) -> None:
    async def work(server: WebServer, web: Web) -> None:
        for trusting in (web, Web(Resolver(), TlsOptions, lambda: None)):
            with pytest.raises(CertificateError, match="certificate of localhost is not one"):
                await trusting.put(server.url("/x"), (), 1, chunks(b"x"))
        assert server.requests == []

    with_server(tmp_path, work, names=("other.example",))


def test_where_nobody_answers_is_told(tmp_path: Path) -> None:
    async def work(server: WebServer, web: Web) -> None:
        with pytest.raises(ConnectionFailed, match="Nobody answers on port 1"):
            await fetched(web, "https://localhost:1/x")
        with pytest.raises(ResolveFailed, match=r"nowhere\.invalid can't be found"):
            await fetched(web, "https://nowhere.invalid/x")

    with_server(tmp_path, work)


def test_a_file_that_is_refused_is_not_brought_to_its_end(tmp_path: Path) -> None:
    """The server answers before it has read it, and hangs up."""

    async def work(server: WebServer, web: Web) -> None:
        server.answers["/x"] = Response(413)
        size = 50_000_000
        endless = chunks(*(bytes(65536) for _turn in range(size // 65536 + 1)))
        with pytest.raises((RemoteError, ConnectionFailed), match=r"413|is gone"):
            await web.put(server.url("/x"), (), size, endless)

    with_server(tmp_path, work)


def test_who_carries_no_file_does_not_load_what_does() -> None:
    """It is large, and the start is to be quick; so are scripts."""
    modules = "termxmpp.session, termxmpp.ui.application, termxmpp.script, termxmpp.features"
    program = f"import sys, {modules}; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.split())
    assert "termxmpp.transfers.carrier" in loaded
    for name in ("httpcore", "anyio", "h11", "PIL", "mimetypes", "termxmpp.transfers.web"):
        assert name not in loaded


def test_what_can_not_be_read_to_its_end_is_not_brought(tmp_path: Path) -> None:
    async def work(server: WebServer, web: Web) -> None:
        async def changed() -> AsyncIterator[bytes]:
            yield b"half"
            raise InputError("It has changed.")

        with pytest.raises(InputError, match="It has changed"):
            await web.put(server.url("/x"), (), 100, changed())
        assert server.files == {}

    with_server(tmp_path, work)


def test_what_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    async def work(server: WebServer, web: Web) -> None:
        server.is_open.clear()
        put = functools.partial(web.put, server.url("/x"), (), len(LARGE))
        task = asyncio.ensure_future(put(chunks(LARGE)))
        await server.held.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.answers["/endless"] = Response(body=LARGE, endless=True)
        server.is_open.set()
        async with web.get(server.url("/endless"), is_local_allowed=True) as answer:
            assert answer.size is None
            async for _chunk in answer.chunks:
                break

    with_server(tmp_path, work)


@pytest.mark.parametrize("kind", list(ProxyKind))
def test_through_a_proxy_nothing_is_asked_for_here(tmp_path: Path, kind: ProxyKind) -> None:
    """The slot's server is found by the proxy, and TLS is with that server."""

    async def work(server: WebServer, web: Web) -> None:
        async with gateway(kind, {"files.example:443": server.port}) as gate:
            trust = TlsOptions(ca_file=server.authority.ca_file)
            web = Web(Resolver([]), lambda: trust, gate.proxy)
            await web.put("https://files.example/a", [], 3, chunks(b"abc"))
            assert server.files == {"/a": b"abc"}
            assert await fetched(web, "https://files.example/a", is_local_allowed=False) == b"abc"
            with pytest.raises(ConnectionFailed, match="does not find or reach the host"):
                await fetched(web, "https://other.example/a")
        assert gate.asked == ["files.example:443", "files.example:443", "other.example:443"]

    with_server(tmp_path, work, names=("files.example",))


@pytest.mark.parametrize(
    ("host", "is_refused"),
    [
        ("127.0.0.1", True),
        ("[::1]", True),
        ("10.1.2.3", True),
        ("localhost", True),
        ("Router.local.", True),
        ("printer", True),
        ("nas.home.arpa", True),
        ("box.lan", True),
        ("127.1", True),
        ("0x7f.0.0.0x1", True),
        ("example.org", False),
        ("abc.onion", False),
        ("1.1.1.1", False),
    ],
)
def test_which_names_only_a_network_of_ones_own_has(host: str, is_refused: bool) -> None:
    """Through a proxy that is all there is to know of them."""
    if is_refused:
        with pytest.raises(UserError, match="in your own network"):
            refuse_local_name(host)
    else:
        refuse_local_name(host)
