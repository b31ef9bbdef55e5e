"""A real name server on loopback: it answers over UDP and TCP what the test has written down."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

__all__ = ["Nameserver", "nameserver"]

# Said in place of records.
SERVFAIL = "SERVFAIL"
SILENCE = "SILENCE"
TRUNCATED = "TRUNCATED"


@dataclass
class Nameserver:
    """Answers from `zone`, whose keys look like `example.org A`, names in lower case.

    A value is the records, a line each; SERVFAIL; SILENCE; or TRUNCATED and records, which then
    are had over TCP only. A name in no key does not exist. `asked` are the questions so far.
    """

    zone: Mapping[str, str]
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def answer(self, wire: bytes, *, is_tcp: bool) -> bytes | None:
        """The answer to the question in `wire`; None is silence."""
        request = dns.message.from_wire(wire)
        question = request.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{name} {kind}{' over TCP' if is_tcp else ''}")
        reply = dns.message.make_response(request)
        said = self.zone.get(f"{name} {kind}", "")
        if said == SILENCE:
            return None
        if said == SERVFAIL:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif said.startswith(TRUNCATED) and not is_tcp:
            reply.flags |= dns.flags.TC
        elif said:
            for line in said.removeprefix(TRUNCATED).strip().splitlines():
                reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, line))
        elif alias := self.zone.get(f"{name} CNAME"):
            # The whole chain in one answer, as a recursive server gives it.
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "CNAME", f"{alias}."))
            for line in self.zone.get(f"{alias} {kind}", "").splitlines():
                reply.answer.append(dns.rrset.from_text(f"{alias}.", 60, "IN", kind, line))
        elif not any(key.startswith(f"{name} ") for key in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Nameserver) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        reply = self._server.answer(data, is_tcp=False)
        if reply is not None:
            self._transport.sendto(reply, address)


@asynccontextmanager
async def nameserver(zone: Mapping[str, str]) -> AsyncIterator[Nameserver]:
    """A name server for `zone` on the loop of the test."""
    server = Nameserver(zone)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        reply = server.answer(await reader.readexactly(length), is_tcp=True)
        if reply is not None:
            writer.write(struct.pack("!H", len(reply)) + reply)
        writer.close()

    listener = await asyncio.start_server(meet, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    datagrams, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagrams(server), local_addr=server.address
    )
    try:
        yield server
    finally:
        datagrams.close()
        listener.close()
