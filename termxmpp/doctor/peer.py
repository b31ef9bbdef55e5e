"""How a contact, a room or a server is reached, over the account's own link."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.room import Role, Room, Standing
from termxmpp.doctor.asking import Answer, ask, discover
from termxmpp.doctor.findings import Finding, Findings, fine, note, wrong
from termxmpp.words import _
from termxmpp.xmpp.blocking import BlocklistPayload
from termxmpp.xmpp.disco import DiscoPayload

__all__ = ["check_peer"]

RECEIPTS = "urn:xmpp:receipts"
MODERATED = "muc_moderated"

# Another server may have to be found and dialled first (seconds).
PATIENCE = 20.0

# So many devices are asked.
MOST = 6


async def check_peer(client: Client, peer: Jid) -> Findings:
    """How the account of `client` and `peer` reach one another."""
    room = client.state.rooms.get(peer.bare)
    if room is not None:
        for finding in _check_room(room):
            yield finding
    elif peer.bare == client.account.bare:
        yield fine(_("{jid} is yourself.").format(jid=peer.bare))
    elif peer.local:
        yield _subscription(client, peer)
    if client.state.link.phase is not Phase.ONLINE:
        yield note(
            _("Whether {jid} is reached can be found out only while you are online.").format(
                jid=peer
            )
        )
        return
    async for finding in _check_blocked(client, peer):
        yield finding
    domain = Jid("", peer.domain)
    answer = await ask(client, domain, DiscoPayload(), PATIENCE)
    yield _reach(domain, answer)
    if peer.local and room is None:
        async for finding in _check_devices(client, peer):
            yield finding


def _check_room(room: Room) -> Iterator[Finding]:
    if room.standing is Standing.OUT:
        todo = _("/join {room} enters it.").format(room=room.jid)
        yield wrong(_("You are not in {room}.").format(room=room.jid), todo)
        return
    if room.standing is Standing.ENTERING:
        yield note(_("{room} has not let you in yet.").format(room=room.jid))
        return
    yield fine(_("You are in {room}, as {nick}.").format(room=room.jid, nick=room.nick))
    me = room.occupants.get(room.nick)
    role = me.role if me is not None else Role.NONE
    if role is Role.VISITOR and MODERATED in room.namespaces:
        yield wrong(
            _("You may only listen there: the room is moderated."),
            _("Ask its moderators for a voice."),
        )
    elif role in (Role.MODERATOR, Role.PARTICIPANT, Role.VISITOR):
        yield fine(_("You may speak there ({role}).").format(role=role.value))


def _subscription(client: Client, peer: Jid) -> Finding:
    contact = client.state.contacts.get(peer.bare)
    if contact is None:
        return note(
            _(
                "{jid} is not in your roster: neither of you sees whether the other is there."
            ).format(jid=peer.bare),
            f"/roster add {peer.bare}",
        )
    match contact.subscription:
        case "both":
            return fine(
                _("{jid} is in your roster; both see one another's presence.").format(jid=peer.bare)
            )
        case "to":
            words = _("{jid} is in your roster; you see its presence, it does not see yours.")
            todo = f"/subscription approve {peer.bare}"
        case "from":
            words = _("{jid} is in your roster; it sees your presence, you don't see its.")
            todo = f"/subscription request {peer.bare}"
        case _:
            words = _("{jid} is in your roster; neither sees the other's presence.")
            todo = f"/subscription request {peer.bare}"
    if contact.is_asked:
        words, todo = _("{jid} is in your roster; it has not answered your request yet."), ""
    return note(words.format(jid=peer.bare), todo)


async def _check_blocked(client: Client, peer: Jid) -> Findings:
    """Whether we have blocked `peer` ourselves (XEP-0191 §3.1)."""
    answer = await ask(client, None, BlocklistPayload())
    blocked = answer.iq.get(BlocklistPayload) if answer.iq is not None else None
    if blocked is not None and {peer, peer.bare, Jid("", peer.domain)} & set(blocked.jids):
        yield wrong(
            _("You have blocked {jid}: nothing passes between you.").format(jid=peer.bare),
            f"/unblock {peer.bare}",
        )


def _reach(domain: Jid, answer: Answer) -> Finding:
    """What the answer of a server says of the way to it."""
    if answer.iq is not None:
        return fine(
            _("{domain} is reached; it answers within {milliseconds} ms.").format(
                domain=domain, milliseconds=f"{answer.seconds * 1000:.0f}"
            )
        )
    match answer.condition:
        case None:
            return wrong(answer.problem, _("That server is slow, or can't be reached now."))
        case "remote-server-not-found":
            return wrong(
                _("Your server finds no server {domain}.").format(domain=domain),
                _("Check how the address is written; else the server there is gone."),
            )
        case "remote-server-timeout":
            return wrong(
                _("Your server can't reach {domain}.").format(domain=domain),
                _("It is down, or the two servers don't trust one another: ask who runs them."),
            )
        case _:
            return wrong(
                _("{domain} does not answer as a server does. {problem}").format(
                    domain=domain, problem=answer.problem
                ),
                _("Check how the address is written; whoever runs your server may know more."),
            )


async def _check_devices(client: Client, peer: Jid) -> Findings:
    """Where a contact is online, and what its programs can."""
    resources = sorted(client.state.resources_of(peer))
    contact = client.state.contacts.get(peer.bare)
    if not resources and contact is not None and contact.subscription in ("to", "both"):
        yield note(
            _("No device of {jid} is seen online; its server may keep what you send.").format(
                jid=peer.bare
            )
        )
    addresses = [peer.with_resource(each) for each in resources[:MOST]]
    found = await asyncio.gather(*(discover(client, each) for each in addresses))
    for address, can in zip(addresses, found, strict=True):
        if not can.namespaces:
            yield note(_("{jid} is online, and says nothing of itself.").format(jid=address))
        elif RECEIPTS in can.namespaces:
            yield fine(_("{jid} is online, and sends receipts.").format(jid=address))
        else:
            yield note(
                _(
                    "{jid} is online, and sends no receipts: "
                    "that the server has it is all you will see."
                ).format(jid=address)
            )
