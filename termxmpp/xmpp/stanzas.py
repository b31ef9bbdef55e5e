"""Stanzas as typed values: what came in, and makers of what goes out (RFC 6120 §8).

`Incoming…` wrap pyxmpp2's stanzas and never raise on what a peer put into them: a payload
that can't be read is as good as absent. `Outgoing` is pyxmpp2's stanza, made here only.
"""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NewType, cast
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from pyxmpp2.constants import STANZA_CLIENT_NS, STANZA_ERROR_NS
from pyxmpp2.exceptions import ProtocolError
from pyxmpp2.iq import Iq
from pyxmpp2.message import Message
from pyxmpp2.presence import Presence
from pyxmpp2.stanzapayload import XMLPayload
from pyxmpp2.stanzaprocessor import stanza_factory
from pyxmpp2.xmppserializer import serialize

from termxmpp.core.jid import Jid
from termxmpp.core.route import Route
from termxmpp.errors import UserError
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.jids import from_pyxmpp, to_pyxmpp
from termxmpp.xmpp.payload import Payload, PayloadType

__all__ = [
    "IncomingIq",
    "IncomingMessage",
    "IncomingPresence",
    "Outgoing",
    "StanzaError",
    "as_text",
    "element_of",
    "from_xml",
    "iq_get",
    "iq_set",
    "message",
    "message_error",
    "payloads_of",
    "presence",
    "repair",
    "xml_text",
]

MESSAGING = Standard("RFC 6121", "XMPP: Instant Messaging and Presence")

logger = logging.getLogger(__name__)

_STANZA_TAGS = frozenset(f"{{{STANZA_CLIENT_NS}}}{name}" for name in ("message", "presence", "iq"))

_MESSAGE_TAG = f"{{{STANZA_CLIENT_NS}}}message"
_BODY_TAG = f"{{{STANZA_CLIENT_NS}}}body"
_STORE_TAG = "{urn:xmpp:hints}store"
_ERROR_TAG = f"{{{STANZA_CLIENT_NS}}}error"
_PRIORITY_TAG = f"{{{STANZA_CLIENT_NS}}}priority"
_SUBJECT_TAG = f"{{{STANZA_CLIENT_NS}}}subject"
_PRIORITY = re.compile(r"[+-]?0*(?:12[0-7]|1[01][0-9]|[0-9]{1,2})|-128", re.ASCII)

# Only within a tag there is such a thing: in text it is written otherwise.
_SPACES = re.compile(r"(<[\w:.-]+)  xmlns=")

# XML 1.0 §2.2: what may not stand in a document, however it is written.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Outgoing = NewType("Outgoing", object)
"""A stanza on its way out; only this module makes one and only the connection looks inside."""


@dataclass(frozen=True, slots=True)
class StanzaError:
    """A stanza error (RFC 6120 §8.3): its defined condition, and the sender's words."""

    condition: str
    text: str = ""


def payloads_of(stanza: Any, payload_class: type[PayloadType]) -> Iterator[PayloadType]:
    """The payloads of that class in pyxmpp2's `stanza`; one that can't be read is not there."""
    for each in stanza.get_all_payload():
        # Asked dozens of times for each stanza; `isinstance` takes long with abstract classes.
        if type(each) is not XMLPayload:
            if isinstance(each, payload_class):
                yield each
        elif each.element.tag in payload_class.element_names():
            try:
                yield payload_class.from_xml(each.element)
            except (ValueError, ProtocolError) as error:
                logger.debug("unreadable %s: %s", payload_class.__name__, error)


class Incoming:
    """What every stanza that came in has.

    `sender` and `recipient` are None where the stanza names none: then the server means the
    account itself (RFC 6120 §8.1.2.1).
    """

    __slots__ = ("_stanza", "id", "recipient", "sender", "type")

    def __init__(self, stanza: Any) -> None:
        self._stanza = stanza
        self.sender: Jid | None = from_pyxmpp(stanza.from_jid) if stanza.from_jid else None
        self.recipient: Jid | None = from_pyxmpp(stanza.to_jid) if stanza.to_jid else None
        self.id: str = stanza.stanza_id or ""
        self.type: str = stanza.stanza_type or ""

    def get(self, payload_class: type[PayloadType]) -> PayloadType | None:
        """The first payload of that class that can be read, or None where there is none."""
        return next(payloads_of(self._stanza, payload_class), None)

    def get_all(self, payload_class: type[PayloadType]) -> list[PayloadType]:
        """Every payload of that class that can be read."""
        return list(payloads_of(self._stanza, payload_class))

    @property
    def error(self) -> StanzaError | None:
        """The error that the stanza carries, if it is one."""
        error = self._stanza.error
        if error is None:
            return None
        return StanzaError(error.condition_name or "undefined-condition", error.text or "")


class IncomingMessage(Incoming):
    """A message stanza (RFC 6121 §5).

    `route` is the way on which it came; `archive_id` and `archived_at` are what the account's
    archive said of it, if it came from there.
    """

    __slots__ = ("archive_id", "archived_at", "body", "route", "subject")

    def __init__(
        self,
        stanza: Any,
        route: Route = Route.LIVE,
        archive_id: str = "",
        archived_at: datetime | None = None,
    ) -> None:
        super().__init__(stanza)
        # What a copy came by stays with the stanza on its way through the handlers.
        known = getattr(stanza, "termxmpp_route", (route, archive_id, archived_at))
        stanza.termxmpp_route = known
        self.route: Route = known[0]
        self.archive_id: str = known[1]
        self.archived_at: datetime | None = known[2]
        self.body: str | None = stanza.body
        # An empty subject says something to a room; pyxmpp2 takes it for none.
        is_empty = stanza.subject is None and stanza.get_xml().find(_SUBJECT_TAG) is not None
        self.subject: str | None = "" if is_empty else stanza.subject

    @property
    def elements(self) -> Sequence[Element]:
        """All that it holds, as it came; not to be changed."""
        return cast("Sequence[Element]", self._stanza.get_xml())

    @property
    def stanza(self) -> Any:
        """pyxmpp2's stanza, for the processor only."""
        return self._stanza


class IncomingPresence(Incoming):
    """A presence stanza (RFC 6121 §4)."""

    __slots__ = ("priority", "show", "status")

    def __init__(self, stanza: Any) -> None:
        super().__init__(stanza)
        self.show: str | None = stanza.show
        self.status: str = stanza.status or ""
        self.priority: int = stanza.priority or 0


class IncomingIq(Incoming):
    """An iq stanza (RFC 6120 §8.2.3)."""

    __slots__ = ()

    @property
    def element(self) -> Element:
        """The whole stanza."""
        found: Element = self._stanza.as_xml()
        return found


def xml_text(text: str) -> str:
    """`text` with what XML can't hold replaced: one such sign would end the stream."""
    return _NOT_XML.sub("\ufffd", text)


def size(text: str) -> int:
    """How many bytes `text` has on the wire."""
    escaped = text.count("&") * 4 + text.count("<") * 3 + text.count(">") * 3
    return len(xml_text(text).encode()) + escaped


def message(
    to: Jid,
    body: str | None = None,
    *,
    id: str,
    type: str = "chat",
    subject: str | None = None,
    payloads: Iterable[Payload] = (),
) -> Outgoing:
    """A message to `to`; `id` is the caller's, by which its fate is told."""
    stanza = Message(
        to_jid=to_pyxmpp(to),
        stanza_type=type,
        stanza_id=id,
        body=body and xml_text(body),
        subject=subject and xml_text(subject),
    )
    # An empty subject says something to a room; pyxmpp2 takes it for none.
    empty = (Element(_SUBJECT_TAG),) if subject == "" else ()
    return _with(stanza, (*empty, *payloads))


def message_error(to: Jid, condition: str, *, id: str) -> Outgoing:
    """The message that refuses the message `id` of `to` (RFC 6120 §8.3)."""
    stanza = Message(to_jid=to_pyxmpp(to), stanza_type="error", stanza_id=id, error_cond=condition)
    return _with(stanza, ())


def presence(
    to: Jid | None = None,
    *,
    type: str | None = None,
    show: str | None = None,
    status: str | None = None,
    priority: int = 0,
    payloads: Iterable[Payload] = (),
) -> Outgoing:
    """A presence, broadcast by the server unless `to` is given (RFC 6121 §4.2, §4.6)."""
    stanza = Presence(
        to_jid=to_pyxmpp(to) if to else None,
        stanza_type=type,
        show=show,
        status=xml_text(status) if status else None,
        priority=priority,
    )
    return _with(stanza, payloads)


def iq_get(to: Jid | None, payload: Payload, *, id: str) -> Outgoing:
    """A question to `to`, or with None to the account itself."""
    return _iq("get", to, payload, id)


def iq_set(to: Jid | None, payload: Payload, *, id: str) -> Outgoing:
    """An order to `to`, or with None to the account itself."""
    return _iq("set", to, payload, id)


def from_xml(text: str, *, id: str) -> Outgoing:
    """The stanza that `text` is, as a user typed it; `id` is for one that has none.

    UserError for anything but one well-formed message, presence or iq.
    """
    if "<!" in text or "<?" in text:
        raise UserError(_("A stanza holds no declarations, comments or instructions."))
    try:
        # Declarations, through which XML can hurt, have just been refused.
        element = ElementTree.fromstring(f'<x xmlns="{STANZA_CLIENT_NS}">{text}</x>')  # noqa: S314
    except ElementTree.ParseError as error:
        raise UserError(_("That is no well-formed XML: {error}.").format(error=error)) from None
    if len(element) != 1 or element[0].tag not in _STANZA_TAGS:
        raise UserError(_("That is not one message, presence or iq element."))
    _check_iq(element[0])
    element[0].attrib.setdefault("id", id)
    try:
        return cast("Outgoing", stanza_factory(element[0]))
    except (ValueError, ProtocolError) as error:
        raise UserError(
            _("That is no stanza: {error}.").format(error=error or type(error).__name__)
        ) from None


def repair(element: Element) -> None:
    """Put right in place what pyxmpp2 would refuse the whole stanza for.

    An error without `<error/>` is still one (the bounce of a message of ours, say), and a
    `<priority/>` that is no number from -128 to 127 says nothing.
    """
    if element.get("type") == "error" and element.find(_ERROR_TAG) is None:
        error = SubElement(element, _ERROR_TAG, {"type": "cancel"})
        SubElement(error, f"{{{STANZA_ERROR_NS}}}undefined-condition")
    for child in element.findall(_PRIORITY_TAG):
        if not _PRIORITY.fullmatch((child.text or "").strip()):
            element.remove(child)


def as_text(element: Element) -> str:
    """The stanza `element` as it stands in a client's stream."""
    return str(serialize(element))


def in_lines(element: Element) -> str:
    """The stanza `element` to be read by people: each element of it in a line of its own."""
    copied = copy.deepcopy(element)
    ElementTree.indent(copied)
    # pyxmpp2 writes two spaces there.
    return _SPACES.sub(r"\1 xmlns=", as_text(copied))


def outlives_session(element: Element) -> bool:
    """Whether a stanza of ours matters beyond the session that it was sent in.

    So does a message without text that is to be kept (XEP-0334 §4.4), such as a receipt; those
    with a text are the outbox's.
    """
    is_kept = element.tag == _MESSAGE_TAG and element.find(_STORE_TAG) is not None
    return is_kept and element.find(_BODY_TAG) is None


def element_of(text: str) -> Element:
    """The stanza that `as_text` has made `text` of."""
    # It is our own text, which holds no declarations.
    return ElementTree.fromstring(f'<x xmlns="{STANZA_CLIENT_NS}">{text}</x>')[0]  # noqa: S314


def _check_iq(element: Element) -> None:
    """UserError if `element` is an iq without a type, or asks nothing (RFC 6120 §8.2.3)."""
    if element.tag == f"{{{STANZA_CLIENT_NS}}}iq":
        kind = element.get("type")
        if kind not in ("result", "error") and (kind not in ("get", "set") or len(element) != 1):
            raise UserError(_("An iq has the type get or set and one child, or is an answer."))


def _iq(type: str, to: Jid | None, payload: Payload, id: str) -> Outgoing:
    stanza = Iq(stanza_type=type, to_jid=to_pyxmpp(to) if to else None, stanza_id=id)
    return _with(stanza, (payload,))


def _with(stanza: Any, payloads: Iterable[Payload | Element]) -> Outgoing:
    for payload in payloads:
        stanza.add_payload(payload)
    return cast("Outgoing", stanza)
