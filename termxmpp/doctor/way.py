"""The way to the server, looked at step by step: the DNS, the ports, TLS, the log-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from termxmpp.client import Client
from termxmpp.core.link import Phase
from termxmpp.doctor.findings import Finding, Findings, Mark, fine, note, wrong
from termxmpp.errors import (
    CertificateError,
    LoginRefused,
    RemoteError,
    ResolveFailed,
    TermxmppError,
    UserError,
)
from termxmpp.words import _, ngettext
from termxmpp.xmpp.certificates import Reading, read
from termxmpp.xmpp.probe import LoginOffer, Probe, Reached
from termxmpp.xmpp.resolver import STARTTLS_PORT, Candidate, Kind, Listing
from termxmpp.xmpp.tls import TlsOptions, fingerprint

__all__ = ["check_way"]

# So many places are looked at.
MOST = 6

# A certificate that ends within this should have been renewed.
SOON = timedelta(days=7)

# So many names of a certificate are told.
MOST_NAMES = 6


async def check_way(client: Client) -> Findings:
    """How the server of `client` is found and reached, and whether it lets the account in."""
    way = _Way(client)
    async for finding in way.check():
        yield finding


class _Way:
    """The way of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # A place has been found that can be trusted; and something that is wrong.
        self._is_secured = self._has_failed = False

    async def check(self) -> Findings:
        async for finding in self._check_all():
            self._has_failed |= finding.mark is Mark.WRONG
            yield finding
        for finding in self._check_link():
            yield finding

    async def _check_all(self) -> Findings:
        probe = self._client.probe()
        async for finding in _check_names(probe):
            yield finding
        try:
            candidates = await probe.candidates()
        except TermxmppError as error:
            yield wrong(str(error), _dns_todo())
            candidates = []
        for candidate in candidates[:MOST]:
            async for finding in self._check_place(candidate):
                yield finding

    async def _check_place(self, candidate: Candidate) -> Findings:
        probe = self._client.probe()
        try:
            try:
                addresses = await probe.addresses(candidate)
                reached = await probe.connect(candidate, addresses)
                yield _answered(probe, candidate, addresses, reached)
                if probe.settings.proxy is not None:
                    yield _led(candidate, await probe.pass_proxy(candidate))
            except ResolveFailed as error:
                yield wrong(str(error), _dns_todo())
                return
            except TermxmppError as error:
                yield wrong(str(error), _closed_todo(probe, candidate))
                return
            async for finding in self._check_tls(probe, candidate):
                yield finding
        finally:
            probe.abort()

    async def _check_tls(self, probe: Probe, candidate: Candidate) -> Findings:
        options = probe.settings.tls
        try:
            secured = await probe.secure(candidate)
        except CertificateError as error:
            yield wrong(str(error))
            shown = await probe.shown(candidate)
            if shown is not None:
                for finding in _check_certificate(shown, None, self._client.now()):
                    yield finding
            return
        except UserError as error:
            yield wrong(str(error))
            return
        except TermxmppError as error:
            yield wrong(str(error), _tls_todo())
            return
        words = _("{version} by STARTTLS, with {cipher}.")
        if candidate.is_direct_tls:
            words = _("{version} from the first byte on, with {cipher}.")
        yield fine(words.format(version=secured.version, cipher=secured.cipher))
        if self._is_secured:
            return
        self._is_secured = True
        for finding in _check_certificate(secured.certificate, options, self._client.now()):
            yield finding
        try:
            offer = await probe.offer()
        except TermxmppError as error:
            yield wrong(str(error))
            return
        for finding in _check_offer(offer):
            yield finding
        if offer.mechanism:
            yield await self._log_in(probe)

    async def _log_in(self, probe: Probe) -> Finding:
        if self._client.state.link.phase is Phase.ONLINE:
            return fine(_("You are logged in, as {jid}.").format(jid=self._client.jid))
        try:
            await probe.log_in()
        except LoginRefused as error:
            return wrong(
                str(error),
                _("Start again with the right password, or ask whoever runs the server."),
            )
        except RemoteError as error:
            return wrong(str(error), _("Send this to whoever runs the server."))
        except TermxmppError as error:
            return wrong(str(error), _("Try again later."))
        return fine(_("The log-in works."))

    def _check_link(self) -> Iterator[Finding]:
        """What the account itself is doing about its connection."""
        link = self._client.state.link
        match link.phase:
            case Phase.OFFLINE:
                yield note(_("The account is offline, as it was told to be."), "/connect")
            case Phase.REFUSED:
                yield note(
                    _("The account does not try again by itself."), _("When all is well: /connect")
                )
            case Phase.RECONNECTING | Phase.CONNECTING:
                yield note(
                    _("The account is not online: {words}.").format(words=link.words),
                    _("/connect tries at once."),
                )
        failure = self._client.failure
        if link.problem and failure is not None and not self._has_failed:
            # What was in the way is there no more.
            words = self._client.probe().cleared(failure)
            yield note(_("What went wrong last: {problem}").format(problem=words))


async def _check_names(probe: Probe) -> Findings:
    """What is known of the name of the domain."""
    domain, server, proxy = probe.settings.jid.domain, probe.settings.server, probe.settings.proxy
    if proxy is not None:
        place = server or Candidate(domain, STARTTLS_PORT)
        yield note(
            _("All goes through the proxy {proxy}, which finds {place}; no DNS is asked.").format(
                proxy=proxy, place=_place(place)
            )
        )
        return
    if server is not None:
        yield note(
            _("The server is set to {place}, so the DNS is not asked where {domain} is.").format(
                place=_place(server), domain=domain
            )
        )
        return
    match probe.resolver.kind_of(domain):
        case Kind.LITERAL:
            yield note(_("{domain} is an address itself; no DNS is asked.").format(domain=domain))
        case Kind.LOCALHOST:
            yield note(_("{domain} is this machine; no DNS is asked.").format(domain=domain))
        case Kind.HOSTS_FILE:
            yield note(
                _("/etc/hosts says where {domain} is; no DNS is asked.").format(domain=domain)
            )
        case Kind.DNS:
            try:
                listings = await probe.resolver.listings(domain)
            except ResolveFailed:
                # Who asks for the places next is told so.
                return
            for finding in _check_listings(domain, listings):
                yield finding


def _check_listings(domain: str, listings: list[Listing]) -> Iterator[Finding]:
    for each in listings:
        if each.problem:
            yield wrong(each.problem, _dns_todo())
        elif each.services:
            found = ", ".join(
                f"{service.target}:{service.port} ({service.priority}, {service.weight})"
                for service in each.services
            )
            yield fine(
                _("The DNS lists at {name}: {services} (priority, weight).").format(
                    name=each.name, services=found
                )
            )
        elif each.services is not None:
            yield note(
                _("The DNS denies at {name} that there is such a service.").format(name=each.name)
            )
    if all(each.services is None and not each.problem for each in listings):
        yield note(
            _("The DNS lists no XMPP service of {domain}; {domain} itself is tried.").format(
                domain=domain
            ),
            _("Check the address; if the server is elsewhere, --server HOST:PORT dials there."),
        )


def _led(candidate: Candidate, seconds: float) -> Finding:
    """That the proxy has let us through."""
    return fine(
        _("The proxy leads to {place}, after {milliseconds} ms.").format(
            place=_place(candidate), milliseconds=f"{seconds * 1000:.0f}"
        )
    )


def _answered(
    probe: Probe, candidate: Candidate, addresses: list[str], reached: Reached
) -> Finding:
    proxy = probe.settings.proxy
    words = _("{place} answers at {address} after {milliseconds} ms.")
    if len(addresses) > 1:
        words = _(
            "{place} answers at {address} after {milliseconds} ms; its addresses are {addresses}."
        )
    return fine(
        words.format(
            place=_place(candidate) if proxy is None else str(proxy),
            address=reached.address,
            milliseconds=f"{reached.seconds * 1000:.0f}",
            addresses=", ".join(addresses),
        )
    )


def _check_certificate(
    certificate: bytes, options: TlsOptions | None, now: datetime
) -> Iterator[Finding]:
    """What the `certificate` says; it is trusted by `options`, or with None not at all."""
    try:
        found = read(certificate)
    except ValueError as error:
        yield wrong(_("The certificate can't be read: {error}.").format(error=error))
        return
    words = _(
        "The certificate is for {names}, issued by {issuer}, valid from {since} to {until} UTC; "
        "its pin is sha256:{pin}."
    ).format(
        names=_names(found),
        issuer=found.issuer,
        since=f"{found.since:%Y-%m-%d %H:%M}",
        until=f"{found.until:%Y-%m-%d %H:%M}",
        pin=fingerprint(certificate),
    )
    yield fine(words) if options is not None else note(words, _certificate_todo(found, now))
    yield _validity(found, now)
    if options is not None:
        yield fine(_("It is trusted: {rule}.").format(rule=_rule(options)))


def _names(found: Reading) -> str:
    """Whom it is for; some are for hundreds."""
    shown = ", ".join(found.names[:MOST_NAMES]) or _("nobody")
    more = len(found.names) - MOST_NAMES
    if more <= 0:
        return shown
    return ngettext("{names} and {count} more", "{names} and {count} more", more).format(
        names=shown, count=more
    )


def _validity(found: Reading, now: datetime) -> Finding:
    clock = f"{now:%Y-%m-%d %H:%M}"
    if now > found.until:
        return wrong(
            _("The certificate has expired. Your clock says {now} UTC.").format(now=clock),
            _("If your clock is right, whoever runs the server must renew it."),
        )
    if now < found.since:
        return wrong(
            _("The certificate is not valid yet. Your clock says {now} UTC.").format(now=clock),
            _("Set your clock; if it is right, tell whoever runs the server."),
        )
    left = found.until - now
    words = ngettext(
        "It is valid for {days} more day. Your clock says {now} UTC.",
        "It is valid for {days} more days. Your clock says {now} UTC.",
        left.days,
    ).format(days=left.days, now=clock)
    if left < SOON:
        return note(words, _("Whoever runs the server should renew it."))
    return fine(words)


def _certificate_todo(found: Reading, now: datetime) -> str:
    if found.is_self_signed:
        return _(
            "Nobody but itself vouches for it. If it is your own server's: --ca-file or --pin."
        )
    if found.since <= now <= found.until:
        return _(
            "If you know it to be the server's: --pin with this pin, or --ca-file with its issuer."
        )
    return ""


def _rule(options: TlsOptions) -> str:
    if options.pin:
        return _("it is the one that was pinned")
    if options.ca_file is not None:
        return _("an authority in {path} vouches for it").format(path=options.ca_file)
    return _("an authority of this system vouches for it")


def _check_offer(offer: LoginOffer) -> Iterator[Finding]:
    names = ", ".join(offer.mechanisms) or _("nothing")
    if offer.problem:
        yield wrong(offer.problem, _("Send this to whoever runs the server."))
        return
    profile = "SASL2 (XEP-0388)" if offer.is_extensible else "SASL"
    words = _("The server offers {names} by {profile}; {mechanism} is used.").format(
        names=names, profile=profile, mechanism=offer.mechanism
    )
    if offer.mechanism == "PLAIN":
        yield note(
            words, _("The password goes to the server as it is, within TLS; SCRAM would be better.")
        )
    else:
        yield fine(words)
    if offer.mechanism.endswith("-PLUS"):
        yield fine(_("The log-in is bound to the certificate (tls-server-end-point)."))
    elif offer.bindings is None:
        yield note(_("The log-in is not bound to TLS: the server lists no channel bindings."))
    else:
        yield note(
            _("The log-in is not bound to TLS: the server can bind to {names}.").format(
                names=", ".join(offer.bindings) or _("nothing")
            )
        )


def _place(candidate: Candidate) -> str:
    place = f"{candidate.host}:{candidate.port}"
    return _("{place} (direct TLS)").format(place=place) if candidate.is_direct_tls else place


def _closed_todo(probe: Probe, candidate: Candidate) -> str:
    if probe.settings.proxy is not None:
        return _(
            "Look if the proxy runs and is the right one. It can't ask where the service of a "
            "domain is: if that is not at {host}, --server HOST:PORT says where."
        ).format(host=candidate.host)
    if probe.resolver.kind_of(candidate.host) is not Kind.DNS:
        return _("The server is down, or a firewall is between.")
    return _(
        "The server is down, or a firewall is between. If other networks reach it, try "
        "--direct-tls --server {host}:443."
    ).format(host=candidate.host)


def _dns_todo() -> str:
    return _("Check the address and your network; --server HOST:PORT dials without the DNS.")


def _tls_todo() -> str:
    return _("Send this to whoever runs the server; in a strange network, try another one.")
