"""Where a domain's XMPP service is: SRV records (RFC 6120 §3.2, XEP-0368) and addresses.

Asks without blocking and without threads. /etc/hosts and `localhost` come before the DNS, and
names are never completed with search domains: an XMPP domain is whole.
"""

from __future__ import annotations

import asyncio
import enum
import importlib
import ipaddress
import random
from collections.abc import Coroutine, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from termxmpp.core.jid import ascii_domain
from termxmpp.dialling import read_server
from termxmpp.errors import ConfigError, ResolveFailed
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _

if TYPE_CHECKING:
    from termxmpp.xmpp.nameservers import Nameservers, Service

__all__ = [
    "DIRECT_TLS_PORT",
    "STARTTLS_PORT",
    "Candidate",
    "Kind",
    "Listing",
    "Resolver",
    "load",
    "parse_server",
]

DIRECT_TLS = Standard("XEP-0368", "SRV records for XMPP over TLS", "1.1.0")

# RFC 6120 §3.2.2 and §14.7: the ports where there is no SRV record; XEP-0368 names none for
# direct TLS, servers use this one.
STARTTLS_PORT = 5222
DIRECT_TLS_PORT = 5223

# Where the services of a domain are listed (RFC 6120 §3.2.1, XEP-0368 §3).
_STARTTLS = "_xmpp-client._tcp."
_DIRECT_TLS = "_xmpps-client._tcp."

# RFC 8305 §3: so long the addresses of the other family are waited for, in seconds.
RESOLUTION_DELAY = 0.05

# Names that no name server may be asked for: RFC 6761 §6.4, RFC 7686 §2.
ONION, NOT_IN_DNS = "onion", ("invalid",)

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


class Kind(enum.Enum):
    """By what a name is found."""

    LITERAL = "literal"
    LOCALHOST = "localhost"
    HOSTS_FILE = "hosts"
    DNS = "dns"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the DNS says at the SRV name `name`, of servers by direct TLS or not.

    `services` are the records, None where there are none, empty where the service is denied;
    `problem` is why nobody could say, in words.
    """

    name: str
    is_direct_tls: bool
    services: tuple[Service, ...] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Offer:
    service: Service
    is_direct_tls: bool


def parse_server(text: str, *, is_direct_tls: bool) -> Candidate:
    """What `--server HOST[:PORT]` names; IPv6 literals stand in brackets. ConfigError."""
    try:
        host, port = read_server(text)
    except ValueError as error:
        raise ConfigError(_server_words(text, str(error))) from None
    if not host:
        raise ConfigError(_server_words(text, _("HOST or HOST:PORT, or as in [::1]:5222")))
    number = port or (DIRECT_TLS_PORT if is_direct_tls else STARTTLS_PORT)
    return Candidate(host, number, is_direct_tls)


def _server_words(text: str, kind: str) -> str:
    return _("The server {text!r} must be {kind}.").format(text=text, kind=kind)


def load(server: Candidate | None) -> None:
    """Load what finds `server`, or with None whatever the DNS names, since that takes a while."""
    if server is None or not (_is_literal(server.host) or _is_localhost(server.host)):
        importlib.import_module("termxmpp.xmpp.nameservers")


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
        if self.kind_of(domain) is not Kind.DNS:
            return [Candidate(domain, STARTTLS_PORT)]
        name = _ascii(domain)
        direct, starttls = await _both(
            self._srv(_DIRECT_TLS + name, is_direct_tls=True),
            self._srv(_STARTTLS + name, is_direct_tls=False),
            delay=SERVICES_DELAY,
        )
        found = [*(direct or ()), *(starttls or ())]
        if found:
            return self._ordered(found)
        if starttls is None:
            # A denial of the direct kind says nothing of this one (XEP-0368 §3).
            return [Candidate(name, STARTTLS_PORT)]
        raise ResolveFailed(
            _("{domain} says that it has no XMPP service for clients.").format(domain=domain)
        )

    def kind_of(self, name: str) -> Kind:
        """By what `name` is found."""
        if _is_literal(name):
            return Kind.LITERAL
        if _is_localhost(name):
            return Kind.LOCALHOST
        return Kind.HOSTS_FILE if self._from_hosts(name) else Kind.DNS

    async def listings(self, domain: str) -> list[Listing]:
        """All that the DNS says of services of `domain`, direct TLS first, to be told.

        Raises ResolveFailed if the domain can't be in the DNS.
        """
        name = _ascii(domain)
        return list(
            await asyncio.gather(
                self._listing(_DIRECT_TLS + name, is_direct_tls=True),
                self._listing(_STARTTLS + name, is_direct_tls=False),
            )
        )

    async def _listing(self, name: str, *, is_direct_tls: bool) -> Listing:
        try:
            found = await self._dns().services(name)
        except ResolveFailed as error:
            return Listing(name, is_direct_tls, problem=str(error))
        return Listing(name, is_direct_tls, None if found is None else tuple(found))

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
        name, asked = _ascii(host), self._dns()
        six, four = await _both(
            asked.addresses(name, "AAAA"),
            asked.addresses(name, "A"),
            delay=RESOLUTION_DELAY,
        )
        found = [*(six or ()), *(four or ())]
        if not found:
            raise ResolveFailed(
                _("The host {host} can't be found: it has no address in the DNS.").format(host=host)
            )
        return _in_turn(found)

    async def _srv(self, name: str, *, is_direct_tls: bool) -> list[_Offer] | None:
        """The records at `name`; None where there are none, empty where the service is denied."""
        found = await self._dns().services(name)
        return None if found is None else [_Offer(each, is_direct_tls) for each in found]

    def _dns(self) -> Nameservers:
        """The name servers of now."""
        # Large, so only here. Who will need it has it loaded before the loop runs (`load`).
        from termxmpp.xmpp.nameservers import Nameservers

        return Nameservers(self._nameservers, self._resolv_conf, self._timeout)

    def _ordered(self, offers: Iterable[_Offer]) -> list[Candidate]:
        """By priority, and by weight among equals (RFC 2782)."""
        ordered = []
        rest = sorted(offers, key=lambda each: (each.service.priority, each.service.weight))
        while rest:
            first = rest[0].service.priority
            equals = [each for each in rest if each.service.priority == first]
            mark = self._rng.randint(0, sum(each.service.weight for each in equals))
            for each in equals:
                mark -= each.service.weight
                if mark <= 0:
                    break
            ordered.append(Candidate(each.service.target, each.service.port, each.is_direct_tls))
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
    kind = host.lower().removesuffix(".").rpartition(".")[2]
    if kind == ONION:
        raise ResolveFailed(
            _(
                "{host} can be reached through Tor only: --proxy socks5://127.0.0.1:9050, or "
                "`proxy` in the configuration."
            ).format(host=host)
        )
    if kind in NOT_IN_DNS:
        raise ResolveFailed(
            _("The host {host} can't be found: such names are not in the DNS.").format(host=host)
        )
    try:
        return ascii_domain(host)
    except ValueError as error:
        raise ResolveFailed(
            _("{host} is no host name: {error}.").format(host=host, error=error)
        ) from None


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
