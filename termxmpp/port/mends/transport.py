"""Mends of the transport and of TLS: nothing spins, nothing blocks, TLS is today's."""

from __future__ import annotations

from termxmpp.port.convert import Mend

__all__ = ["TRANSPORT"]

_FILE = "pyxmpp2/transport.py"
_TLS = "pyxmpp2/streamtls.py"

TRANSPORT = (
    Mend(
        "connect-again",
        _FILE,
        "a connection still in progress was never looked at again",
        """            elif err.args[0] in BLOCKING_ERRORS:
                return None
            elif self._dst_addrs:
""",
        """            elif err.args[0] in BLOCKING_ERRORS:
                self._write_queue.append(ContinueConnect())
                return None
            elif self._dst_addrs:
""",
    ),
    Mend(
        "write-buffered",
        _FILE,
        "writing waited for the peer, or spun, with the lock held",
        """        try:
            while data:
                try:
                    sent = self._socket.send(data)
                except ssl.SSLError as err:
                    if err.args[0] == ssl.SSL_ERROR_WANT_WRITE:
                        continue
                    else:
                        raise
                except socket.error as err:
                    if err.args[0] == errno.EINTR:
                        continue
                    if err.args[0] in BLOCKING_ERRORS:
                        wait_for_write(self._socket)
                        continue
                    raise
                data = data[sent:]
        except (IOError, OSError, socket.error) as err:
            raise PyXMPPIOError("IO Error: {0}".format(err))
""",
        """        is_first = not self._write_queue
        self._write_queue.append(WriteData(data))
        if is_first and self._state in ("connected", "closing"):
            self.handle_write()

    def _do_write(self, data):
        \"\"\"Write as much of `data` as the socket takes now; the rest stays queued.\"\"\"
        try:
            sent = self._socket.send(data)
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError,
                                                        InterruptedError):
            sent = 0
        except (IOError, OSError) as err:
            raise PyXMPPIOError("IO Error: {0}".format(err))
        if sent < len(data):
            self._write_queue.appendleft(WriteData(data[sent:]))
""",
    ),
    Mend(
        "tail-after-data",
        _FILE,
        "closing the stream dropped what was still to be written",
        """            self._set_state("closing")
            self._write_queue.clear()
            self._write_queue_cond.notify()
""",
        """            self._set_state("closing")
            self._write_queue_cond.notify()
""",
    ),
    Mend(
        "tls-context",
        _FILE,
        "ssl.wrap_socket is gone; it neither sent the name nor checked it",
        """        kwargs["do_handshake_on_connect"] = False
        logger.debug("Wrapping the socket into ssl")
        self._socket = ssl.wrap_socket(self._socket, **kwargs)
""",
        """        logger.debug("Wrapping the socket into ssl")
        context = kwargs["context"]
        self._socket = context.wrap_socket(self._socket,
                            server_hostname = kwargs["server_hostname"],
                            do_handshake_on_connect = False)
""",
    ),
    Mend(
        "tls-handshake-job",
        _FILE,
        "the class was queued instead of a job, which ended in a ValueError",
        "self._write_queue.appendleft(TLSHandshake)",
        "self._write_queue.appendleft(TLSHandshake())",
    ),
    Mend(
        "tls-handshake-no-spin",
        _FILE,
        "the handshake was tried again and again while the peer was silent",
        """                while True:
                    logger.debug("tls handshake read...")
                    self._continue_tls_handshake()
                    logger.debug("  state: {0}".format(self._tls_state))
                    if self._tls_state != "want_read":
                        break
""",
        """                self._continue_tls_handshake()
""",
    ),
    Mend(
        "broken-while-connecting",
        _FILE,
        "the socket that failed to connect was kept, and reported broken forever",
        """            if self._state == 'connecting' and self._dst_addrs:
                self._hup = False
                self._set_state("connect")
                return
""",
        """            if self._state == 'connecting' and self._dst_addrs:
                self._hup = False
                self._socket.close()
                self._socket = None
                self._write_queue.clear()
                self._set_state("connect")
                return
""",
        2,
    ),
    Mend(
        "tls-required-once",
        _TLS,
        "with TLS up the server offers it no more, which was taken for a refusal",
        """            if self.settings["tls_require"]:
                raise TLSNegotiationFailed(""",
        """            if self.settings["tls_require"] and not stream.tls_established:
                raise TLSNegotiationFailed(""",
    ),
    Mend(
        "tls-verified",
        _TLS,
        "TLS 1.0 only, without the server's name, with a name check of its own",
        """        if self.settings["tls_verify_peer"]:
            cert_reqs = ssl.CERT_REQUIRED
        else:
            cert_reqs = ssl.CERT_NONE
        self.stream.transport.starttls(
                    keyfile = self.settings["tls_key_file"],
                    certfile = self.settings["tls_cert_file"],
                    server_side = not self.stream.initiator,
                    cert_reqs = cert_reqs,
                    ssl_version = ssl.PROTOCOL_TLSv1,
                    ca_certs = self.settings["tls_cacert_file"],
                    do_handshake_on_connect = False,
                    )
""",
        """        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not self.settings["tls_verify_peer"]:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif self.settings["tls_cacert_file"]:
            context.load_verify_locations(self.settings["tls_cacert_file"])
        else:
            context.load_default_certs()
        if self.settings["tls_cert_file"]:
            context.load_cert_chain(self.settings["tls_cert_file"],
                                                self.settings["tls_key_file"])
        # The name is that of our own account: what the peer calls itself before TLS
        # proves nothing.
        stream = self.stream
        name = stream.me.domain if stream.me else stream.peer.domain
        stream.transport.starttls(context = context, server_hostname = name)
""",
    ),
    Mend(
        "pbkdf2",
        "pyxmpp2/sasl/scram.py",
        "the rounds were done in Python, a hundred times slower than by the library",
        """        Uj = self.HMAC(str_, salt + b"\\000\\000\\000\\001") # U1
        result = Uj
        for _ in range(2, i + 1):
            Uj = self.HMAC(str_, Uj)               # Uj = HMAC(str, Uj-1)
            result = self.XOR(result,  Uj)         # ... XOR Uj-1 XOR Uj
        return result
""",
        """        return hashlib.pbkdf2_hmac(self.hash_factory().name, str_, salt, i)
""",
    ),
    Mend(
        "tls-for-the-next-stream",
        _TLS,
        "a client could connect only once: its handler refused the stream of the second time",
        """        [initiating entity only]

        \"\"\"
        if self.stream and stream is not self.stream:
            raise ValueError("Single StreamTLSHandler instance can handle"
                                                            " only one stream")
        self.stream = stream
        logger.debug(" tls: handling features")
""",
        """        [initiating entity only]

        \"\"\"
        if stream is not self.stream:
            self.requested = False
        self.stream = stream
        logger.debug(" tls: handling features")
""",
    ),
    Mend(
        "tls-handshake-error",
        _FILE,
        "a refused certificate was an error of ssl, not a lost connection",
        """                self._write_queue.appendleft(TLSHandshake())
                return
            else:
                raise
        self._tls_state = "connected"
""",
        """                self._write_queue.appendleft(TLSHandshake())
                return
            else:
                raise PyXMPPIOError("TLS: {0}".format(err))
        except OSError as err:
            raise PyXMPPIOError("IO Error: {0}".format(err))
        self._tls_state = "connected"
""",
    ),
)
