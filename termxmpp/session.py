"""From what the user asked to clients that can connect: addresses, trust, passwords.

Built once, before the loop runs; a client made here dials by the plan of its account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from termxmpp.access import connection_settings, password_of, records_of
from termxmpp.arguments import Arguments
from termxmpp.client import Client
from termxmpp.config import Config
from termxmpp.core.disclosure import Disclosure
from termxmpp.core.jid import Jid
from termxmpp.feature import Feature
from termxmpp.settings import disclosure_of
from termxmpp.store.records import Records
from termxmpp.store.unstored import Unstored
from termxmpp.values import dataclass
from termxmpp.xmpp.connection import (
    Connection,
    ConnectionObserver,
    ConnectionSettings,
    Timeouts,
)
from termxmpp.xmpp.probe import Probe, Unobserved
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.resolver import Resolver, load
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.stream_management import StreamManagement

if TYPE_CHECKING:
    from termxmpp.transfers.web import Web

__all__ = [
    "PROBE_TIMEOUTS",
    "Plan",
    "connection_settings",
    "make_client",
    "plan",
    "plan_with",
    "probe_of",
    "records_of",
    "records_path",
]

# Somebody waits for what is found, so it is waited for less long than for a connection.
PROBE_TIMEOUTS = Timeouts(resolve=10.0, connect=10.0, tls=10.0, login=20.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """How one account connects, and what it tells; see `Client`."""

    connection: ConnectionSettings
    credentials: Credentials
    ping_interval: float
    sends_markers: bool
    sends_typing: bool
    disclosure: Disclosure


def plan(
    jid: Jid,
    arguments: Arguments,
    config: Config,
    on_question: Callable[[], None] = lambda: None,
) -> Plan:
    """The plan for `jid`: the command line, then the configuration; asks for the password.

    `on_question` is called before anybody may use the terminal.

    Raises UserError for what can't be meant or can't be read.
    """
    # What can't be meant is told before anybody is asked.
    connection_settings(jid, arguments, config)
    return plan_with(jid, password_of(jid, arguments, config, on_question), arguments, config)


def plan_with(jid: Jid, password: str, arguments: Arguments, config: Config) -> Plan:
    """The plan for `jid`, whose password is known; raises as `plan` does."""
    settings = connection_settings(jid, arguments, config)
    load(settings.first_place)
    credentials = Credentials(jid.local, password)
    configured = config.account(str(jid.bare))
    return Plan(
        settings,
        credentials,
        config.network.ping_interval,
        configured.markers,
        configured.typing,
        disclosure_of(configured),
    )


def make_client(
    plan: Plan,
    mainloop: Any,
    features: Sequence[Feature],
    records: Records,
    *,
    reconnects: bool = True,
    answer_timeout: float = 30.0,
    settings_now: Callable[[], ConnectionSettings] | None = None,
) -> Client:
    """A client for the account of `plan` on `mainloop`, which keeps what happens in `records`.

    Each connection is made by what `settings_now` says then, or else always by the plan.
    """
    resolver = Resolver()
    credentials = plan.credentials

    def take_password(password: str) -> None:
        nonlocal credentials
        # Without the keys that were computed from the old one.
        credentials = replace(credentials, password=password, keys={})

    def connection_now() -> ConnectionSettings:
        return settings_now() if settings_now else plan.connection

    def probe() -> Probe:
        return probe_of(mainloop, resolver, connection_now(), credentials)

    def make_web() -> Web:
        # Most sessions carry no file.
        from termxmpp.transfers.web import Web

        return Web(resolver, lambda: connection_now().tls, lambda: connection_now().proxy)

    def connect_by(
        processor: Processor, management: StreamManagement, observer: ConnectionObserver
    ) -> Connection:
        return Connection(
            mainloop,
            resolver,
            connection_now(),
            credentials,
            processor,
            management,
            observer,
            records,
        )

    return Client(
        plan.connection.jid,
        connect_by,
        features,
        records=records,
        ping_interval=plan.ping_interval,
        sends_markers=plan.sends_markers,
        sends_typing=plan.sends_typing,
        disclosure=plan.disclosure,
        reconnects=reconnects,
        answer_timeout=answer_timeout,
        probe_by=probe,
        take_password=take_password,
        make_web=make_web,
        is_behind_proxy=lambda: connection_now().proxy is not None,
    )


def probe_of(
    mainloop: Any,
    resolver: Resolver,
    settings: ConnectionSettings,
    credentials: Credentials,
    timeouts: Timeouts = PROBE_TIMEOUTS,
) -> Probe:
    """A connection that looks at the way of `settings`, and keeps nothing."""
    return Probe(
        mainloop,
        resolver,
        replace(settings, timeouts=timeouts),
        credentials,
        Processor(),
        StreamManagement(Unstored(), lambda ids: None),
        Unobserved(),
    )


def records_path(plan: Plan, folder: Path | None = None) -> Path:
    """Where the records of the account of `plan` are; see `records_of`."""
    return records_of(plan.connection.jid, folder)
