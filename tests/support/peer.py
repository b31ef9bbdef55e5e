"""A server that follows a script, for what no honest server does.

It runs on the loop of the test, so that both sides take their turns in one thread.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

__all__ = ["Peer", "Script", "Served", "serve"]

NAMESPACES = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
BIND = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"

STARTTLS = f"<starttls {TLS}><required/></starttls>"


class Peer:
    """The server's side of one connection; `received` is all that the client has said."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._unheard = ""
        self.received = ""

    @property
    def tls(self) -> ssl.SSLObject | None:
        found: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return found

    def say(self, text: str) -> None:
        """Send `text`."""
        self._writer.write(text.encode())

    async def hears(self, pattern: str) -> str:
        """Read until the client has said something new that `pattern` fits; what it was."""
        while not (found := re.search(pattern, self._unheard, re.DOTALL)):
            if not await self._read():
                raise EOFError(f"waited for {pattern}; heard {self._unheard!r}")
        self._unheard = self._unheard[found.end() :]
        return found[0]

    async def hears_the_end(self) -> None:
        """Read until the client has closed the connection."""
        while await self._read():
            pass

    async def _read(self) -> bool:
        data = (await self._reader.read(65536)).decode(errors="replace")
        self.received += data
        self._unheard += data
        return bool(data)

    async def opens(self, features: str) -> None:
        """Answer the client's stream head with ours and `features`."""
        await self.hears("<stream:stream [^>]*>")
        self.say(
            f"<?xml version='1.0'?><stream:stream {NAMESPACES} id='one' from='localhost' "
            f"version='1.0'><stream:features>{features}</stream:features>"
        )

    async def secures(self, context: ssl.SSLContext) -> None:
        """STARTTLS, from the stream's head on."""
        await self.opens(STARTTLS)
        await self.hears("<[^>]*starttls[^>]*>")
        self.say(f"<proceed {TLS}/>")
        await self._writer.drain()
        await self._writer.start_tls(context)

    async def lets_in(self) -> None:
        """A log-in by PLAIN with any password."""
        await self.opens(mechanisms("PLAIN"))
        await self.hears("</[^>]*auth>")
        self.say(f"<success {SASL}/>")

    async def binds(self, more: str = "") -> None:
        """Bind alice@localhost/here; `more` are further features."""
        await self.opens(f"<bind {BIND}/>{more}")
        await self.hears("</[^>]*iq>")
        self.say(
            f"<iq type='result' id='bind'><bind {BIND}><jid>alice@localhost/here</jid></bind></iq>"
        )

    async def hosts(self, context: ssl.SSLContext) -> None:
        """Everything up to the bound stream, in good order."""
        await self.secures(context)
        await self.lets_in()
        await self.binds()


def mechanisms(*names: str) -> str:
    """The feature that offers these log-ins."""
    offers = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    return f"<mechanisms {SASL}>{offers}</mechanisms>"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


Script = Callable[[Peer], Awaitable[None]]


class Served:
    """A server on `port` of loopback; `peers` are those who came, `errors` what scripts raised."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.peers: list[Peer] = []
        self.errors: list[BaseException] = []


@asynccontextmanager
async def serve(script: Script, context: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    """Let `script` meet everybody who connects, over TLS from the start with a `context`.

    When a script ends, its connection is closed.
    """
    tasks: set[asyncio.Task[None]] = set()
    served = Served(0)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        peer = Peer(reader, writer)
        served.peers.append(peer)
        try:
            await script(peer)
        except (asyncio.CancelledError, ConnectionError):
            # Without TLS's last word, for which nobody may be there to listen.
            writer.transport.abort()
        except Exception as error:
            served.errors.append(error)
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=context)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
