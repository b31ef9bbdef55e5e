"""The classic way to a resource of one's own (RFC 6120 §7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from pyxmpp2.constants import BIND_QNP
from pyxmpp2.iq import Iq

from termxmpp.core.jid import Jid
from termxmpp.errors import LoginRefused, RemoteError, TermxmppError
from termxmpp.words import _
from termxmpp.xmpp.processor import Processor

__all__ = ["BIND_TAG", "bind"]

BIND_TAG = BIND_QNP + "bind"


def bind(
    processor: Processor,
    send: Callable[[Any], None],
    resource: str,
    on_bound: Callable[[Jid], None],
) -> asyncio.Future[None]:
    """Ask for `resource`, or any if that is empty; `on_bound` gets the address with the answer.

    What is returned is done after that; it raises LoginRefused or RemoteError.
    """
    iq = Iq(stanza_type="set", stanza_id="bind")
    wish = Element(BIND_TAG)
    if resource:
        SubElement(wish, BIND_QNP + "resource").text = resource
    iq.add_payload(wish)
    is_bound: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answered(result: Any) -> None:
        if is_bound.done():
            return
        try:
            on_bound(_bound_address(result))
        except TermxmppError as error:
            is_bound.set_exception(error)
        else:
            is_bound.set_result(None)

    processor.set_response_handlers(iq, answered, answered)
    send(iq)
    return is_bound


def _bound_address(result: Any) -> Jid:
    """The address in the answer to a bind (RFC 6120 §7.6)."""
    if result.stanza_type == "error":
        condition = result.error.condition_name
        raise LoginRefused(
            _("The server refused the resource: {condition}.").format(condition=condition),
            condition,
        )
    jid = result.get_xml().findtext(f"{BIND_QNP}bind/{BIND_QNP}jid")
    if not jid:
        raise RemoteError(_("The server bound no address."))
    return Jid.parse(jid)
