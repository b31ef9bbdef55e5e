"""The server's word that it has what was sent: its count (XEP-0198), or an answer (XEP-0199)."""

from __future__ import annotations

import asyncio
from typing import Any
from xml.etree.ElementTree import Element

from pyxmpp2.iq import Iq

from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.words import _
from termxmpp.xmpp.course import Course
from termxmpp.xmpp.jids import to_pyxmpp
from termxmpp.xmpp.places import step_of
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stream_management import StreamManagement

__all__ = ["prove"]

PING_TAG = "{urn:xmpp:ping}ping"

UNCONFIRMED = _("The server did not confirm in time.")


async def prove(
    course: Course, management: StreamManagement, processor: Processor, domain: str, timeout: float
) -> None:
    """Wait until the server of `domain` has confirmed all that was sent so far.

    RemoteError when it confirms nothing more for `timeout` seconds, ConnectionFailed when the
    connection ends before.
    """
    try:
        if management.is_enabled and management.unacknowledged:
            await _counted(course, management, timeout)
        else:
            async with step_of(timeout, UNCONFIRMED):
                await _ping(processor, domain, timeout)
    except ConnectionFailed as error:
        if course.is_over:
            raise
        raise RemoteError(str(error)) from None


async def _counted(course: Course, management: StreamManagement, timeout: float) -> None:
    """Wait for as long as the server goes on with its count."""
    proof = management.prove()
    while not proof.done():
        counted = management.acknowledged
        try:
            async with step_of(timeout, UNCONFIRMED):
                await course.unless_over(asyncio.shield(proof))
        except ConnectionFailed:
            if course.is_over or counted == management.acknowledged:
                raise


async def _ping(processor: Processor, domain: str, timeout: float) -> None:
    iq: Any = Iq(stanza_type="get", stanza_id=None, to_jid=to_pyxmpp(Jid("", domain)))
    iq.add_payload(Element(PING_TAG))
    # Any answer proves that what went before has been read; an error is one.
    try:
        await processor.request(iq, timeout)
    except RemoteError as error:
        if error.condition is None:
            raise
