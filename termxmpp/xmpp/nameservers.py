"""Questions to the DNS, asked without blocking.

Apart from the resolver, since the library behind it is large: who dials an address never loads it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from dns.rdtypes.IN.SRV import SRV

from termxmpp.errors import ResolveFailed
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Nameservers", "Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """An SRV record (RFC 2782); `target` is a name without its final dot."""

    priority: int
    weight: int
    target: str
    port: int


class Nameservers:
    """Those at `places` (address, port), or with None those that `resolv_conf` names now.

    `timeout` bounds each answer, in seconds.
    """

    def __init__(
        self, places: Sequence[tuple[str, int]] | None, resolv_conf: Path, timeout: float
    ) -> None:
        self._asker = dns.asyncresolver.Resolver(configure=False)
        self._asker.lifetime = timeout
        if places is None:
            # Where the file names nobody that can be asked, asking fails and says so.
            with contextlib.suppress(dns.resolver.NoResolverConfiguration, ValueError):
                self._asker.read_resolv_conf(str(resolv_conf))
        else:
            self._asker.nameservers = [
                dns.nameserver.Do53Nameserver(address, port) for address, port in places
            ]

    @property
    def addresses_asked(self) -> list[str]:
        """The addresses of those that would be asked."""
        return [str(each) for each in self._asker.nameservers]

    async def services(self, name: str) -> list[Service] | None:
        """The SRV records at `name`; None where there are none, empty where it is denied."""
        answer = await self._ask(name, dns.rdatatype.SRV)
        if answer is None:
            return None
        return [
            Service(
                record.priority,
                record.weight,
                record.target.to_text(omit_final_dot=True),
                record.port,
            )
            for record in answer
            if isinstance(record, SRV) and record.target != dns.name.root
        ]

    async def addresses(self, name: str, kind: str) -> list[str]:
        """The addresses of one family, `A` or `AAAA`."""
        answer = await self._ask(name, dns.rdatatype.from_text(kind))
        return [record.to_text() for record in answer or ()]

    async def _ask(self, name: str, kind: dns.rdatatype.RdataType) -> dns.resolver.Answer | None:
        """The records at `name`, None if there are none; ResolveFailed if nobody can say."""
        try:
            return await self._asker.resolve(dns.name.from_text(name), kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except dns.exception.DNSException as error:
            raise ResolveFailed(
                _("The DNS gives no answer for {name}: {words}.").format(
                    name=name, words=_words(error)
                )
            ) from None


def _words(error: dns.exception.DNSException) -> str:
    if isinstance(error, dns.exception.Timeout):
        return "nobody answered in time"
    if isinstance(error, dns.resolver.NoNameservers):
        has_asked = bool(error.kwargs.get("errors"))
        return "no name server could answer" if has_asked else "/etc/resolv.conf names no server"
    return str(error) or type(error).__name__
