"""XEP-0363 HTTP File Upload: a file is brought to the server's web, and its link is sent."""

from __future__ import annotations

import asyncio
from typing import Annotated, Protocol

from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.files import SharedFile, size_words
from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, DataError, RemoteError, TermxmppError, UserError
from termxmpp.feature import CommandContext, Feature
from termxmpp.transfers.carrier import Carrier
from termxmpp.values import dataclass
from termxmpp.words import _, ngettext
from termxmpp.xmpp.disco import DiscoItemsPayload, DiscoPayload
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import IncomingIq
from termxmpp.xmpp.uploads import NS, SlotPayload, SlotRequestPayload, limit_of

__all__ = ["FEATURE", "upload"]

# Of the services that a server names, so many are asked what they are.
MOST_SERVICES = 30


@dataclass(frozen=True, slots=True)
class _Service:
    """An upload service, and how many bytes it takes at most, if it says."""

    jid: Jid
    limit: int | None


@command("send")
async def send(ctx: CommandContext, file: Annotated[Name, Kind.FILE]) -> None:
    """Send FILE: it is uploaded to your server, and its link is sent; /stop ends that."""
    peer = ctx.here
    room = ctx.client.state.rooms.get(peer.bare)
    if room is not None and not room.is_wanted:
        raise UserError(_("You are not in {jid}: /join {jid} enters it.").format(jid=room.jid))
    if not ctx.client.is_online:
        raise ConnectionFailed(
            _("{account} is not online, so nothing was sent: /connect first.").format(
                account=ctx.client.state.account
            )
        )
    try:
        shared = await upload(ctx.client, file, peer)
    except ConnectionFailed as error:
        raise type(error)(_("{problem} /send tries again.").format(problem=error)) from None
    ctx.client.write(peer, shared.url, files=(shared,))


@command("stop")
def stop(ctx: CommandContext) -> None:
    """Stop sending and saving files here; in the console, all of this account."""
    stopped = ctx.client.carrier.stop(ctx.peer)
    if not stopped:
        raise UserError(_("No file is on its way here."))
    ctx.tell(
        ngettext("Stopped: {names}.", "Stopped: {names}.", len(stopped)).format(
            names=", ".join(stopped)
        )
    )


class Account(Protocol):
    """What brings files, and asks where to: a client, or a script's link."""

    @property
    def carrier(self) -> Carrier: ...

    @property
    def jid(self) -> Jid: ...

    async def get(self, to: Jid | None, payload: Payload) -> IncomingIq: ...


async def upload(client: Account, path: str, peer: Jid) -> SharedFile:
    """Upload the file at `path`, for `peer`; where it is then, and what.

    Raises InputError if it can't be read, DataError if it is too large, UserError if the server has
    no place for files, RemoteError or ConnectionFailed if it could not be brought.
    """
    async with client.carrier.sending(path, peer) as file:
        service = await _service(client, file.size)
        if service.limit is not None and file.size > service.limit:
            raise DataError(
                _(
                    "{name} has {size}, and {service} takes {limit} at most: nothing was sent."
                ).format(
                    name=file.name,
                    size=size_words(file.size),
                    service=service.jid,
                    limit=size_words(service.limit),
                )
            )
        kind = file.media_type or "application/octet-stream"
        slot = await _slot(client, service.jid, SlotRequestPayload(file.name, file.size, kind))
        try:
            # Some servers let only that in which was asked for.
            hashes = await file.bring(slot.put, [*slot.headers, ("Content-Type", kind)])
        except (ConnectionFailed, RemoteError) as error:
            raise type(error)(
                _("{name} was not sent: {problem}").format(name=file.name, problem=error)
            ) from None
        width, height = file.pixels or (None, None)
        return SharedFile(
            *(slot.get, file.name, file.media_type, file.size),
            hashes=hashes,
            width=width,
            height=height,
        )


async def _service(client: Account, size: int) -> _Service:
    """The upload service of the account's server, of several the first that takes `size` bytes."""
    server = Jid("", client.jid.domain)
    try:
        answer = await client.get(server, DiscoItemsPayload())
    except RemoteError:
        items: tuple[Jid, ...] = ()
    else:
        found = answer.get(DiscoItemsPayload)
        items = tuple(each.jid for each in found.items if not each.node) if found else ()
    asked = list(dict.fromkeys([*items[:MOST_SERVICES], server]))
    services = [
        each for each in await asyncio.gather(*(_asked(client, jid) for jid in asked)) if each
    ]
    if not services:
        raise UserError(
            _(
                "{server} has no place for files (XEP-0363): put it on the web by other means, "
                "and send the link."
            ).format(server=server)
        )
    return next(
        (each for each in services if each.limit is None or size <= each.limit), services[0]
    )


async def _asked(client: Account, jid: Jid) -> _Service | None:
    """The service at `jid`, if it is one for uploads."""
    try:
        answer = await client.get(jid, DiscoPayload())
    except RemoteError:
        return None
    found = answer.get(DiscoPayload)
    if found is None or NS not in found.namespaces:
        return None
    return _Service(jid, limit_of(found))


async def _slot(client: Account, service: Jid, request: SlotRequestPayload) -> SlotPayload:
    """What `service` answers to `request`; RemoteError where that is no place."""
    try:
        answer = await client.get(service, request)
    except TermxmppError as error:
        raise RemoteError(
            _("{service} does not take {name}, so nothing was sent: {problem}").format(
                service=service, name=request.name, problem=error
            )
        ) from None
    slot = answer.get(SlotPayload)
    if slot is None:
        raise RemoteError(
            _("{service} has told no place where {name} could go: nothing was sent.").format(
                service=service, name=request.name
            )
        )
    return slot


FEATURE = Feature("XEP-0363", "HTTP File Upload", commands=(send, stop), version="1.2.0")
