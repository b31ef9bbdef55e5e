"""Where a domain's XMPP service is: SRV records (RFC 6120 §3.2, XEP-0368) and addresses.

Asks without blocking and without threads. /etc/hosts and `localhost` come before the DNS, and
names are never completed with search domains: an XMPP domain is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import random
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import idna
from dns.rdtypes.IN.SRV import SRV

from termxmpp.errors import ConfigError, ResolveFailed

__all__ = ["Candidate", "Resolver", "parse_server"]

# RFC 6120 §3.2.2 and §14.7: the ports where there is no SRV record; XEP-0368 names none for
# direct TLS, servers use this one.
STARTTLS_PORT = 5222
DIRECT_TLS_PORT = 5223

# RFC 8305 §3: so long the addresses of the other family are waited for, in seconds.
RESOLUTION_DELAY = 0.05

# Names that no name server may be asked for: RFC 6761 §6.4, RFC 7686 §2.
NOT_IN_DNS = ("invalid", "onion")

# So long one kind of SRV record is waited for when the other is known. Both are asked of the same
# server: it has lost or dropped the question that takes longer.
SERVICES_DELAY = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place where the service may answer: `host` is a name in ASCII or an IP literal."""

    host: str
    port: int
    is_direct_tls: bool = False


@dataclass(frozen=True, slots=True)
class _Service:
    priority: int
    weight: int
    candidate: Candidate


def parse_server(text: str, *, is_direct_tls: bool) -> Candidate:
    """What `--server HOST[:PORT]` names; IPv6 literals stand in brackets. ConfigError."""
    if text.startswith("["):
        host, closed, port = text[1:].partition("]")
        if not closed or (port and not port.startswith(":")):
            raise ConfigError(f"The server {text!r} should look like [::1]:5222.")
        port = port.removeprefix(":")
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    default = DIRECT_TLS_PORT if is_direct_tls else STARTTLS_PORT
    number = int(port) if port.isdecimal() else (0 if port else default)
    if not host or not 1 <= number <= 65535:
        raise ConfigError(f"The server {text!r} should look like HOST or HOST:PORT.")
    return Candidate(host, number, is_direct_tls)


class Resolver:
    """Asks the `nameservers` (address, port), or with None those that `resolv_conf` names.

    That file is read again for each question, since it changes with the network. `timeout` bounds
    each answer, in seconds.
    """

    def __init__(
        self,
        nameservers: Sequence[tuple[str, int]] | None = None,
        *,
        hosts_file: Path = Path("/etc/hosts"),
        resolv_conf: Path = Path("/etc/resolv.conf"),
        timeout: float = 10.0,
        rng: random.Random | None = None,
    ) -> None:
        self._nameservers = nameservers
        self._hosts_file = hosts_file
        self._resolv_conf = resolv_conf
        self._timeout = timeout
        self._rng = rng or random.Random()

    async def services(self, domain: str) -> list[Candidate]:
        """The places that serve clients of `domain`, in the order to try them.

        Without any SRV record that is the domain itself (RFC 6120 §3.2.2). Raises
        ResolveFailed where the domain says that it has no such service, or nobody answers.
        """
        if _is_literal(domain) or _is_localhost(domain) or self._from_hosts(domain):
            return [Candidate(domain, STARTTLS_PORT)]
        name = _ascii(domain)
        direct, starttls = await _both(
            self._srv(f"_xmpps-client._tcp.{name}", is_direct_tls=True),
            self._srv(f"_xmpp-client._tcp.{name}", is_direct_tls=False),
            delay=SERVICES_DELAY,
        )
        found = [*(direct or ()), *(starttls or ())]
        if found:
            return self._ordered(found)
        if starttls is None:
            # A denial of the direct kind says nothing of this one (XEP-0368 §3).
            return [Candidate(name, STARTTLS_PORT)]
        raise ResolveFailed(f"{domain} says that it has no XMPP service for clients.")

    async def addresses(self, host: str) -> list[str]:
        """The addresses of `host`, the families in turn, IPv6 first (RFC 8305 §4)."""
        if _is_literal(host):
            return [host.strip("[]")]
        if _is_localhost(host):
            # RFC 6761 §6.3: this name is never asked for.
            return ["::1", "127.0.0.1"]
        known = self._from_hosts(host)
        if known:
            return _in_turn(known)
        name = _ascii(host)
        six, four = await _both(
            self._addresses(name, dns.rdatatype.AAAA),
            self._addresses(name, dns.rdatatype.A),
            delay=RESOLUTION_DELAY,
        )
        found = [*(six or ()), *(four or ())]
        if not found:
            raise ResolveFailed(f"The host {host} can't be found: it has no address in the DNS.")
        return _in_turn(found)

    async def _srv(self, name: str, *, is_direct_tls: bool) -> list[_Service] | None:
        """The records at `name`; None where there are none, empty where the service is denied."""
        answer = await self._ask(name, dns.rdatatype.SRV)
        if answer is None:
            return None
        records = [record for record in answer if isinstance(record, SRV)]
        return [
            _Service(
                record.priority,
                record.weight,
                Candidate(record.target.to_text(omit_final_dot=True), record.port, is_direct_tls),
            )
            for record in records
            if record.target != dns.name.root
        ]

    async def _addresses(self, name: str, kind: dns.rdatatype.RdataType) -> list[str]:
        """The addresses of one family."""
        answer = await self._ask(name, kind)
        return [record.to_text() for record in answer or ()]

    async def _ask(self, name: str, kind: dns.rdatatype.RdataType) -> dns.resolver.Answer | None:
        """The records at `name`, None if there are none; ResolveFailed if nobody can say."""
        try:
            return await self._asker().resolve(dns.name.from_text(name), kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except dns.exception.DNSException as error:
            raise ResolveFailed(f"The DNS gives no answer for {name}: {_words(error)}.") from None

    def _asker(self) -> dns.asyncresolver.Resolver:
        """What puts a question to the name servers of now."""
        asker = dns.asyncresolver.Resolver(configure=False)
        asker.lifetime = self._timeout
        if self._nameservers is None:
            # Where the file names nobody that can be asked, asking fails and says so.
            with contextlib.suppress(dns.resolver.NoResolverConfiguration, ValueError):
                asker.read_resolv_conf(str(self._resolv_conf))
        else:
            asker.nameservers = [
                dns.nameserver.Do53Nameserver(address, port) for address, port in self._nameservers
            ]
        return asker

    def _ordered(self, services: Iterable[_Service]) -> list[Candidate]:
        """By priority, and by weight among equals (RFC 2782)."""
        ordered = []
        rest = sorted(services, key=lambda each: (each.priority, each.weight))
        while rest:
            equals = [each for each in rest if each.priority == rest[0].priority]
            mark = self._rng.randint(0, sum(each.weight for each in equals))
            for each in equals:
                mark -= each.weight
                if mark <= 0:
                    break
            ordered.append(each.candidate)
            rest.remove(each)
        return ordered

    def _from_hosts(self, host: str) -> list[str]:
        """What /etc/hosts says of `host`."""
        try:
            text = self._hosts_file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        found = []
        for line in text.splitlines():
            address, *names = line.partition("#")[0].split() or [""]
            if host.lower() in (name.lower() for name in names) and _is_literal(address):
                found.append(address)
        return found


async def _both(
    one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, T], *, delay: float
) -> list[T | None]:
    """What two questions, asked at once, bring; the slower may take `delay` seconds longer.

    One that fails or is late does not matter if the other brings something; it brings None. Else
    its ResolveFailed is raised.
    """
    questions = [asyncio.ensure_future(one), asyncio.ensure_future(other)]
    try:
        done, missing = await asyncio.wait(questions, return_when=asyncio.FIRST_COMPLETED)
        is_enough = any(not each.exception() and each.result() for each in done)
        if missing:
            await asyncio.wait(missing, timeout=delay if is_enough else None)
    finally:
        for each in questions:
            each.cancel()
        outcomes = await asyncio.gather(*questions, return_exceptions=True)
    answers = [None if isinstance(each, BaseException) else each for each in outcomes]
    for outcome in outcomes:
        is_fate = isinstance(outcome, (ResolveFailed, asyncio.CancelledError))
        if isinstance(outcome, BaseException) and not (is_fate and any(answers)):
            raise outcome
    return answers


def _ascii(host: str) -> str:
    """`host` as it stands in the DNS; ResolveFailed if it can't."""
    if host.lower().removesuffix(".").rpartition(".")[2] in NOT_IN_DNS:
        raise ResolveFailed(f"The host {host} can't be found: such names are not in the DNS.")
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise ResolveFailed(f"{host} is no host name: {error}.") from None


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_localhost(host: str) -> bool:
    name = host.lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost")


def _in_turn(addresses: Iterable[str]) -> list[str]:
    """The families in turn, IPv6 first (RFC 8305 §4)."""
    six = [each for each in addresses if ":" in each]
    four = [each for each in addresses if ":" not in each]
    turns: list[str] = []
    for place in range(max(len(six), len(four))):
        turns += six[place : place + 1] + four[place : place + 1]
    return turns


def _words(error: dns.exception.DNSException) -> str:
    if isinstance(error, dns.exception.Timeout):
        return "nobody answered in time"
    if isinstance(error, dns.resolver.NoNameservers):
        has_asked = bool(error.kwargs.get("errors"))
        return "no name server could answer" if has_asked else "/etc/resolv.conf names no server"
    return str(error) or type(error).__name__
