"""What a connection is made by, who is told how it goes, and what has come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Protocol
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.errors import TermxmppError
from termxmpp.proxies import Proxy
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.resolver import Candidate
from termxmpp.xmpp.tls import TlsOptions

__all__ = ["ConnectionObserver", "ConnectionSettings", "Opened", "Timeouts", "longest_text"]


# What no stanza of ours may exceed if the server does not say (XEP-0478): Prosody and ejabberd as
# they are shipped end the stream of who sends more. So much of it is left for all but the text.
MAX_BYTES, ENVELOPE = 262_144, 4096


def longest_text(max_bytes: int | None = None) -> int:
    """How many bytes the text of a message may have (`stanzas.size`) in a stanza of `max_bytes`."""
    return max(0, (max_bytes or MAX_BYTES) - ENVELOPE)


LIMITS = Standard("XEP-0478", "Stream Limits Advertisement", "0.2.0")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each step may take, in seconds."""

    resolve: float = 15.0
    connect: float = 15.0
    # Through Tor a way may have to be found first.
    proxy: float = 60.0
    tls: float = 15.0
    login: float = 30.0
    close: float = 2.0


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of opening a connection: the full address that the server gave.

    `is_resumed`: the session before goes on. `enabled` are the namespaces of what was enabled
    along with the log-in. `features` are the tags of the stream features that were offered
    behind it, `max_bytes` what no stanza may exceed, if the server told (XEP-0478); they come last.
    """

    jid: Jid
    is_resumed: bool = False
    enabled: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Which account, and what the user said about the way: `server` replaces the DNS.

    With a `proxy` all of it goes through that, and no name is asked for here but the proxy's.
    """

    jid: Jid
    server: Candidate | None = None
    tls: TlsOptions = field(default_factory=TlsOptions)
    timeouts: Timeouts = field(default_factory=Timeouts)
    proxy: Proxy | None = None

    @property
    def first_place(self) -> Candidate | None:
        """What is dialled first, None where only the DNS knows."""
        proxy = self.proxy
        return self.server if proxy is None else Candidate(proxy.host, proxy.port)


class ConnectionObserver(Protocol):
    """Who is told how the connection goes."""

    def step(self, text: str) -> None:
        """A step begins: `resolving`, `tcp host:port`, `tls` or `login`."""
        ...

    def bound(self, opened: Opened) -> None:
        """The stream is ours from here on; whatever stanza comes next belongs to the session.

        The stream's features may not be known yet.
        """
        ...

    def at_bind(self) -> Sequence[Element]:
        """What is to be enabled where a resource is bound (XEP-0386 §4.2)."""
        ...

    def lost(self, error: TermxmppError | None) -> None:
        """The bound stream has ended; None if in good order."""
        ...

    def before_write(self) -> None:
        """Bytes are about to leave: what they tell must have been kept by then."""
        ...

    def traffic(self, element: Element, is_ours: bool) -> None:
        """A stanza leaves or has come, after the log-in."""
        ...
