"""XMPP over a connected TCP socket, with TLS: pyxmpp2's transport, non-blocking throughout.

Nothing here waits. Bytes go through memory (`ssl.SSLObject`), so that TLS never wants to read
in order to write; the socket is watched for writing only while something is to be written.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from pyxmpp2.exceptions import StreamError
from pyxmpp2.interfaces import XMPPTransport
from pyxmpp2.mainloop.interfaces import HandlerReady, IOHandler
from pyxmpp2.xmppparser import StreamReader
from pyxmpp2.xmppserializer import XMPPSerializer

from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    RemoteError,
    TermxmppError,
    TlsFailed,
)
from termxmpp.words import _

__all__ = ["Transport"]

logger = logging.getLogger(__name__)

BUG = _("What the server sent could not be handled: a bug of termxmpp; the log has the details.")

# How much one turn may read from the socket: several full TLS records (16 KiB each, RFC 8446 §5.1),
# so that a flood is fast.
READ_SHARE = 65536

# What was read is handled piece by piece, each some stanzas long (bytes); when a turn has had its
# time (seconds), the rest waits for the next, so that a key is looked at in between.
PIECE, TURN = 2048, 0.003


class Transport(XMPPTransport, IOHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """The bytes of one stream over `sock`, which is connected and non-blocking.

    `on_closed` is called once, when the socket is closed: with the error that ended it, or
    None for an end in good order. Errors out of the stream's handlers end it too.
    `before_write` is called before bytes leave: what they tell must have been kept by then.
    """

    def __init__(
        self,
        sock: socket.socket,
        on_closed: Callable[[TermxmppError | None], None],
        before_write: Callable[[], None] = lambda: None,
    ) -> None:
        self._before_write = before_write
        self._socket: socket.socket | None = sock
        self._on_closed = on_closed
        self._stream: Any = None
        self._reader: Any = None
        self._serializer: Any = None
        self._outgoing = bytearray()
        self._tls: ssl.SSLObject | None = None
        self._tls_in = ssl.MemoryBIO()
        self._tls_out = ssl.MemoryBIO()
        self._on_secured: Callable[[], None] | None = None
        self._has_more = False
        self._heard_at = time.monotonic()
        self._is_tail_sent = False
        self._is_finishing = False
        self._channel_binding: dict[str, bytes] = {}

    # pyxmpp2's transport.

    def set_target(self, stream: Any) -> None:
        """Give what comes to `stream`."""
        self._stream = stream
        self._reader = StreamReader(stream)

    def send_stream_head(
        self,
        stanza_namespace: str,
        stream_from: str | None,
        stream_to: str | None,
        stream_id: str | None = None,
        version: str = "1.0",
        language: str | None = None,
    ) -> None:
        self._serializer = XMPPSerializer(
            stanza_namespace, self._stream.settings["extra_ns_prefixes"]
        )
        head = self._serializer.emit_head(stream_from, stream_to, stream_id, version, language)
        self._write(head.encode())

    def restart(self) -> None:
        """A new stream begins on the same socket (RFC 6120 §4.3.3)."""
        self._reader = StreamReader(self._stream)

    def send_stream_tail(self) -> None:
        if not self._is_tail_sent and self._serializer is not None and self._socket is not None:
            self._is_tail_sent = True
            self._write(self._serializer.emit_tail().encode())

    def send_element(self, element: Element) -> None:
        """Queue `element`; ConnectionFailed if it can't leave any more."""
        if self._socket is None or self._is_tail_sent or self._serializer is None:
            raise ConnectionFailed(_("The connection is closed."))
        self._write(self._serializer.emit_stanza(element).encode())

    def is_connected(self) -> bool:
        return self._socket is not None and not self._is_tail_sent

    def disconnect(self) -> None:
        """Close our direction of the stream; the socket goes when the peer has closed its own."""
        self.send_stream_tail()

    @property
    def auth_properties(self) -> dict[str, Any]:
        if self._tls is None:
            return {}
        return {"security-layer": "TLS", "channel-binding": self._channel_binding}

    # pyxmpp2's I/O handler, which the main loop drives.

    def fileno(self) -> int | None:
        return None if self._socket is None else self._socket.fileno()

    def prepare(self) -> Any:
        return HandlerReady()

    def is_readable(self) -> bool:
        return self._socket is not None and not self._is_finishing and not self._has_more

    def is_writable(self) -> bool:
        # What was read and not yet handled needs a turn, not the socket: for that any will do.
        return self._socket is not None and (bool(self._outgoing) or self._has_more)

    def wait_for_readability(self) -> bool:
        return False

    def wait_for_writability(self) -> bool:
        return False

    def handle_read(self) -> None:
        """Take what has come, at most a turn's share, and let the stream handle it."""
        if self._socket is None:
            return
        try:
            data = self._socket.recv(READ_SHARE)
            self._heard_at = time.monotonic()
            _acknowledge(self._socket)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(_broken(error))
            return
        self._handle(lambda: self._take(data))

    def _handle(self, step: Callable[[], None]) -> None:
        """Take `step`; what is wrong with what came ends the connection."""
        try:
            step()
        except TermxmppError as error:
            self._end(error)
        except StreamError as error:
            self._end(RemoteError(_("The server broke the protocol: {error}.").format(error=error)))
        except Exception:
            logger.exception("what came could not be handled")
            self._end(ConnectionFailed(BUG))

    def handle_write(self) -> None:
        """Write as much as the socket takes; handle what an earlier turn has read and left."""
        if self._has_more:
            self._handle(self._decrypt)
        if self._outgoing or self._is_finishing:
            self._write_out()

    def _write_out(self) -> None:
        self._before_write()
        if self._socket is None:
            return
        try:
            while self._outgoing:
                written = self._socket.send(self._outgoing)
                del self._outgoing[:written]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(_broken(error))
            return
        if self._is_finishing:
            self._end(None)

    def handle_hup(self) -> None:
        self.handle_err()

    def handle_err(self) -> None:
        # What had come before it broke counts, and may say why.
        while self._has_more and self._socket is not None:
            self._handle(self._decrypt)
        if self._socket is not None:
            code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            reason = errno.errorcode.get(code, code)
            words = _("The connection broke: {reason}.") if code else _("The connection broke.")
            self._end(ConnectionFailed(words.format(reason=reason)))

    def handle_nval(self) -> None:
        self._end(ConnectionFailed(_("The connection broke.")))

    def close(self) -> None:
        """Close the socket at once."""
        self._end(None)

    # Ours.

    @property
    def heard_at(self) -> float:
        """When the peer was last heard, by the monotonic clock."""
        return self._heard_at

    @property
    def pending(self) -> int:
        """How many bytes wait for the socket."""
        return len(self._outgoing)

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS session, once it has begun."""
        return self._tls

    def fail(self, error: TermxmppError) -> None:
        """End the connection because of `error`."""
        self._end(error)

    def finish(self) -> None:
        """Close the socket as soon as what is written has left."""
        if self._socket is not None:
            self._is_finishing = True
            self._write_out()

    def starttls(
        self, context: ssl.SSLContext, server_name: str, on_secured: Callable[[], None]
    ) -> None:
        """Begin TLS; `on_secured` is called when the handshake is done and the peer verified."""
        self._tls = context.wrap_bio(self._tls_in, self._tls_out, server_hostname=server_name)
        self._on_secured = on_secured
        self._continue_handshake()

    def bind_channel(self, bindings: dict[str, bytes]) -> None:
        """What log-ins may bind themselves to, by the type's registered name."""
        self._channel_binding = bindings

    def _take(self, data: bytes) -> None:
        if self._tls is None:
            self._feed(data)
            return
        if data:
            self._tls_in.write(data)
        else:
            self._tls_in.write_eof()
        if self._on_secured is not None:
            self._continue_handshake()
        if self._on_secured is None:
            self._decrypt()

    def _continue_handshake(self) -> None:
        assert self._tls is not None
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush_tls()
            return
        except ssl.SSLEOFError:
            raise TlsFailed(
                _("The server closed the connection during the TLS handshake.")
            ) from None
        except ssl.SSLError as error:
            # The alert tells the peer why we leave (RFC 8446 §6.2).
            self._flush_tls()
            if isinstance(error, ssl.SSLCertVerificationError):
                raise CertificateError(
                    _("The server's certificate is not to be trusted: {verify_message}.").format(
                        verify_message=error.verify_message
                    )
                ) from None
            raise TlsFailed(
                _("The TLS handshake failed: {reason}.").format(reason=error.reason or error)
            ) from None
        self._flush_tls()
        on_secured, self._on_secured = self._on_secured, None
        if on_secured is not None:
            on_secured()

    def _decrypt(self) -> None:
        """Handle what has been read, or as much of it as there is time for in this turn."""
        assert self._tls is not None
        end = time.monotonic() + TURN
        self._has_more = True
        while self._socket is not None:
            if time.monotonic() > end:
                break
            try:
                data = self._tls.read(PIECE)
            except ssl.SSLWantReadError:
                self._has_more = False
                break
            except ssl.SSLZeroReturnError:
                data = b""
            except ssl.SSLError as error:
                if isinstance(error, ssl.SSLEOFError):
                    data = b""
                else:
                    raise TlsFailed(
                        _("TLS failed: {reason}.").format(reason=error.reason)
                    ) from None
            if not data:
                self._has_more = False
            self._feed(data)
            if not data:
                break
        self._flush_tls()

    def _feed(self, data: bytes) -> None:
        if data:
            self._reader.feed(data)
        else:
            self._eof()

    def _eof(self) -> None:
        """The peer sends no more; without `</stream:stream>` its stream broke off."""
        is_good = self._stream is not None and self._stream.is_ended
        self._end(None if is_good else ConnectionFailed(_("The server closed the connection.")))

    def _write(self, data: bytes) -> None:
        if self._socket is None:
            raise ConnectionFailed(_("The connection is closed."))
        if self._tls is None:
            self._outgoing += data
        else:
            self._tls.write(data)
            self._flush_tls()

    def _flush_tls(self) -> None:
        self._outgoing += self._tls_out.read()

    def _end(self, error: TermxmppError | None) -> None:
        sock, self._socket = self._socket, None
        if sock is None:
            return
        if self._outgoing:
            # A last word, such as a TLS alert or a stream error, if there is room for it.
            self._before_write()
            with contextlib.suppress(OSError):
                sock.send(self._outgoing)
            self._outgoing.clear()
        try:
            # The loop lets go of it before somebody else may get its number.
            self._on_closed(error)
        finally:
            sock.close()


def _acknowledge(sock: socket.socket) -> None:
    """Acknowledge at once what has come; the kernel has to be told so each time.

    It waits for 40 ms else, and so does the rest of an answer: servers that use Nagle's
    algorithm hold it back until then (RFC 1122 §4.2.3.4).
    """
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _broken(error: OSError) -> ConnectionFailed:
    return ConnectionFailed(_("The connection broke: {reason}.").format(reason=error.strerror))
