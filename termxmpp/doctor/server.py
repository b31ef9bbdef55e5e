"""The server of an account that is online: how far it is, its time, and what it lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from termxmpp.client import Client
from termxmpp.core.archive import ARCHIVE
from termxmpp.core.jid import Jid
from termxmpp.doctor.asking import ask, discover, services_of
from termxmpp.doctor.findings import Finding, Findings, fine, note, wrong
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.blocking import NS as BLOCKING
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.entity_time import NS as TIME
from termxmpp.xmpp.entity_time import TimePayload
from termxmpp.xmpp.ping import PingPayload

__all__ = ["Abilities", "check_server", "lacks"]

CARBONS = "urn:xmpp:carbons:2"
CSI_TAG = "{urn:xmpp:csi:0}csi"
UPLOAD = "urn:xmpp:http:upload:0"
PUSH = "urn:xmpp:push:0"

# A slower answer is felt (seconds).
SLOW = 1.0

# A clock that differs by less does no harm.
DEVIATION = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server can of what termxmpp or other clients of the account use."""

    has_management: bool = False
    has_archive: bool = False
    has_carbons: bool = False
    has_csi: bool = False
    has_pep: bool = False
    has_blocking: bool = False
    has_upload: bool = False
    has_push: bool = False


async def check_server(client: Client) -> Findings:
    """What there is to say of the server of `client`, which is online."""
    domain = Jid("", client.jid.domain)
    answer = await ask(client, domain, PingPayload())
    if answer.iq is None and answer.condition is None:
        yield wrong(answer.problem, _("The link is dead: /disconnect and /connect make another."))
        return
    milliseconds = f"{answer.seconds * 1000:.0f}"
    if answer.seconds > SLOW:
        words = _("The server answers within {milliseconds} ms, which is slow.")
        yield note(words.format(milliseconds=milliseconds))
    else:
        words = _("The server answers within {milliseconds} ms.")
        yield fine(words.format(milliseconds=milliseconds))
    ours, servers, services = await asyncio.gather(
        discover(client, client.account.bare),
        discover(client, domain),
        services_of(client, domain),
    )
    if TIME in servers.namespaces:
        async for finding in _check_clock(client, domain):
            yield finding
    found = list(lacks(_abilities(client, ours, servers, services)))
    for finding in found:
        yield finding
    if not found:
        yield fine(_("The server has all that termxmpp asks for."))


async def _check_clock(client: Client, domain: Jid) -> Findings:
    """Our clock against the server's (XEP-0202)."""
    answer = await ask(client, domain, TimePayload())
    told = answer.iq.get(TimePayload) if answer.iq is not None else None
    if told is None or told.at is None:
        return
    # It was told on the way, of which half is the way back.
    behind = told.at - (client.now() - timedelta(seconds=answer.seconds / 2))
    seconds = round(abs(behind).total_seconds())
    if abs(behind) <= DEVIATION:
        yield fine(_("Your clock agrees with the server's."))
    else:
        words = _("Your clock is {seconds} s behind the server's.")
        if behind < timedelta(0):
            words = _("Your clock is {seconds} s before the server's.")
        yield note(words.format(seconds=seconds), _("Let the system set it (NTP)."))


def _abilities(
    client: Client, ours: DiscoPayload, servers: DiscoPayload, services: list[DiscoPayload]
) -> Abilities:
    namespaces = {*ours.namespaces, *servers.namespaces}
    of_services = {name for each in services for name in each.namespaces}
    return Abilities(
        has_management=client.has_management,
        has_archive=ARCHIVE in ours.namespaces,
        has_carbons=CARBONS in namespaces or CARBONS in client.enabled,
        has_csi=CSI_TAG in client.stream_features,
        has_pep=any((each.category, each.type) == ("pubsub", "pep") for each in ours.identities),
        has_blocking=BLOCKING in namespaces,
        has_upload=UPLOAD in namespaces | of_services,
        has_push=PUSH in namespaces,
    )


def lacks(abilities: Abilities) -> Iterator[Finding]:
    """A line for each thing that a server lacks, and what that means."""
    if not abilities.has_management:
        yield note(
            _(
                "Your server lacks stream management (XEP-0198): a broken link ends the session, "
                "and what was on its way is asked for in the archive."
            )
        )
    if not abilities.has_archive:
        yield note(
            _(
                "Your server keeps no archive (XEP-0313): what was said to your other devices "
                "while this one was away is missing here."
            )
        )
    if not abilities.has_carbons:
        yield note(
            _(
                "Your server lacks carbons (XEP-0280): what your other devices send and receive "
                "is not seen here."
            )
        )
    if not abilities.has_csi:
        yield note(
            _(
                "Your server lacks client states (XEP-0352): it sends everything at once, also "
                "while you look elsewhere."
            )
        )
    if not abilities.has_pep:
        yield note(
            _(
                "Your server lacks personal events (XEP-0163): what is read here stays unread on "
                "your other devices, and bookmarks are not shared."
            )
        )
    if not abilities.has_blocking:
        yield note(_("Your server can't block anybody (XEP-0191)."))
    if not abilities.has_upload:
        yield note(_("Your server takes no files (XEP-0363): only links can be sent."))
    if not abilities.has_push:
        yield note(
            _(
                "Your server lacks push (XEP-0357): phones with this account may learn of "
                "messages late."
            )
        )
