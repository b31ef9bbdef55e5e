"""The client's stream: pyxmpp2's, with events told directly and errors as ours.

Whatever a peer puts into a stanza ends at the stanza: only what breaks the stream itself, or
what the server says of it, ends the connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from pyxmpp2.clientstream import ClientStream
from pyxmpp2.exceptions import ProtocolError
from pyxmpp2.streambase import ERROR_TAG, FEATURES_TAG

from termxmpp.errors import ConnectionFailed, RemoteError, TermxmppError, TlsFailed
from termxmpp.words import _
from termxmpp.xmpp.stanzas import repair
from termxmpp.xmpp.transport import Transport

__all__ = ["Stream"]

logger = logging.getLogger(__name__)

STREAMS_NS = "{urn:ietf:params:xml:ns:xmpp-streams}"

# What the conditions of RFC 6120 §4.9.3 mean to the user, where the name alone would not do.
_MEANINGS = {
    "conflict": _("another client took this resource; /connect comes back"),
    "connection-timeout": _("it heard nothing from us for too long"),
    "host-unknown": _("it does not serve this domain"),
    "host-gone": _("it no longer serves this domain"),
    "not-authorized": _("it ended the session; check the account and its password"),
    "policy-violation": _("a rule of the server was broken"),
    "resource-constraint": _("it is overloaded"),
    "reset": _("it wants us to log in again"),
    "see-other-host": _("it wants us to use another server"),
    "system-shutdown": _("it is being shut down"),
}

# Coming back later can help after these: they say nothing of us.
_PASSING = frozenset(
    {
        "connection-timeout",
        "internal-server-error",
        "remote-connection-failed",
        "reset",
        "resource-constraint",
        "system-shutdown",
    }
)


class Stream(ClientStream):  # type: ignore[misc]  # pyxmpp2 is untyped
    """The stream of the account `jid` (a pyxmpp2 `JID`).

    `handlers` are stream feature handlers; stanzas go to `route`. `on_event` gets pyxmpp2's
    stream events, at once. `on_stanza` is called for every stanza that comes and says whether
    it is to be handled, `on_sent` with every one that leaves and its id, whoever sent it:
    XEP-0198 counts them all. `on_traffic` sees every stanza, with whether it is ours; never
    what logs in. `is_ended` tells whether the peer has closed its direction.
    """

    def __init__(
        self,
        jid: Any,
        route: Any,
        handlers: Sequence[Any],
        settings: Any,
        on_event: Callable[[Any], None],
    ) -> None:
        self._on_event = on_event
        self.on_element: Callable[[Element], bool] = lambda element: False
        self.on_stanza: Callable[[], bool] = lambda: True
        self.on_sent: Callable[[Element, str], None] = lambda element, stanza_id: None
        self.on_traffic: Callable[[Element, bool], None] = lambda element, is_ours: None
        self.is_ended = False
        super().__init__(jid, route, list(handlers), settings)

    def event(self, event: Any) -> bool:
        """Tell `event` now; there is no queue between."""
        event.stream = self
        self._on_event(event)
        return False

    def stream_end(self) -> None:
        """The peer closed its direction (RFC 6120 §4.4): close ours, then the socket."""
        self.is_ended = True
        self._input_state = self._output_state = "closed"
        transport: Transport = self.transport
        transport.send_stream_tail()
        transport.finish()

    def _process_element(self, element: Element) -> None:
        if self.transport.tls is not None and not self.tls_established:
            # It came in the clear behind <proceed/>: somebody put it there (RFC 6120 §5.4.2.3).
            raise TlsFailed(_("Something was sent in the clear where TLS should have begun."))
        if element.tag == ERROR_TAG:
            raise _stream_error(element)
        if self.on_element(element):
            return
        if element.tag == FEATURES_TAG or not element.tag.startswith(self._stanza_namespace_p):
            super()._process_element(element)
            return
        is_news = self.on_stanza()
        self.on_traffic(element, False)
        if not is_news:
            return
        repair(element)
        try:
            super()._process_element(element)
        except (ProtocolError, ValueError) as error:
            # pyxmpp2 refuses such a stanza with an exception that would end the stream.
            logger.debug("a stanza was dropped: %s", error)
        except TermxmppError:
            raise
        except Exception:
            logger.exception("a stanza could not be handled and was dropped")

    def _send(self, stanza: Any) -> None:
        self.fix_out_stanza(stanza)
        element = stanza.as_xml()
        self.on_traffic(element, True)
        self._write_element(element)
        self.on_sent(element, stanza.stanza_id or "")

    def stream_parse_error(self, descr: str) -> None:
        """What came is no XML of a stream: say so and leave (§4.9.3.13)."""
        self.refuse("not-well-formed", f"the server sent no well-formed XML ({descr})")

    def refuse(self, condition: str, words: str) -> None:
        """Send a stream error and end the connection because of it."""
        self.send_stream_error(condition)
        raise RemoteError(_("The connection was closed: {words}.").format(words=words), None)

    def process_stream_error(self, error: Any) -> None:
        """Never reached: `_process_element` takes stream errors before pyxmpp2 does."""
        raise AssertionError(error)


def _stream_error(element: Element) -> RemoteError | ConnectionFailed:
    """The error that `<stream:error/>` means; ConnectionFailed where coming back may help."""
    condition, text = "undefined-condition", ""
    for child in element:
        if child.tag == STREAMS_NS + "text":
            text = child.text or ""
        elif child.tag.startswith(STREAMS_NS):
            condition = child.tag.removeprefix(STREAMS_NS)
    meaning = _MEANINGS.get(condition)
    words = f"{meaning} ({condition})" if meaning else condition
    if text:
        words = f"{words}: {text}"
    told = _("The server closed the connection: {words}.").format(words=words)
    is_passing = condition in _PASSING
    error = ConnectionFailed(told) if is_passing else RemoteError(told, condition)
    error.said = text
    return error
