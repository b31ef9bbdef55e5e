"""From the command line to `--send`: who sends, what, to whom, and over which link."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from termxmpp.access import (
    account_of,
    connection_settings,
    password_given_by,
    password_of,
    records_of,
)
from termxmpp.arguments import Arguments
from termxmpp.config import Config
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.passwords import password_in
from termxmpp.script.keepsake import Keepsake
from termxmpp.script.link import Link
from termxmpp.script.nearby import send_nearby
from termxmpp.script.report import worst
from termxmpp.script.send import SendOptions, send
from termxmpp.sendxmpprc import ForeignAccount, foreign_account
from termxmpp.words import _
from termxmpp.xmpp.resolver import load
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.terms import ConnectionSettings

__all__ = ["Sending"]


class Sending:
    """What is asked by `arguments` and `config`, step by step: each raises UserError for its part.

    First a termxmpp that runs is asked (`send_nearby`); what it leaves is made ready (`prepare`)
    and sent over a link of its own (`run`).
    """

    def __init__(self, arguments: Arguments, config: Config) -> None:
        address, words = account_of(arguments)
        foreign = _foreign_account(address, arguments, config)
        if foreign is not None:
            address = address or foreign.address
            arguments = _completed(arguments, foreign, config)
        if not address:
            raise UserError(
                _("Whose account sends? Give its address: termxmpp me@host --send TO TEXT.")
            )
        if words and (arguments.is_by_line or arguments.is_raw):
            raise UserError(_("--lines and --raw read standard input; leave out the text."))
        self._account = Jid.parse(address)
        self._foreign = foreign
        self._arguments = arguments
        self._config = config
        self._options = _options(arguments, words)
        self._status = 0
        self._way: tuple[ConnectionSettings, Credentials] | None = None

    def send_nearby(self) -> int | None:
        """Send what a running termxmpp can; the exit status, None if something is left."""
        given = self._arguments
        way = given.server or given.direct_tls or given.pin or given.ca_file or given.proxy
        if way or self._account.resource or given.is_raw:
            # Who says how to dial, or who we are there, wants a connection of that kind.
            return None
        self._options, self._status = send_nearby(
            self._account, self._options, sys.stdout, sys.stderr
        )
        return None if self._options.recipients else self._status

    def prepare(self) -> None:
        """Find out where to dial and by which password, which may be asked for."""
        # What can't be meant is told before anybody is asked.
        settings = connection_settings(self._account, self._arguments, self._config)
        password = self._foreign.password if self._foreign is not None else ""
        if not password or password_given_by(self._arguments):
            password = password_of(self._account, self._arguments, self._config)
        load(settings.first_place)
        self._way = settings, Credentials(self._account.local, password)

    async def run(self, mainloop: Any) -> int:
        """Send what is left; the exit status of all."""
        assert self._way is not None
        settings, credentials = self._way
        keepsake = Keepsake(records_of(self._account).with_suffix(".token"))

        def make_link(complain: Callable[[str], None]) -> Link:
            return Link(
                mainloop,
                settings,
                credentials,
                keepsake,
                timeout=self._arguments.timeout,
                patience=self._arguments.retry,
                complain=complain,
            )

        try:
            status = await send(make_link, self._options, sys.stdout, sys.stderr)
        finally:
            keepsake.close()
        return worst([self._status, status])


def _foreign_account(address: str, arguments: Arguments, config: Config) -> ForeignAccount | None:
    """What the account file of other senders says, where we are not told who or which password."""
    bare = address.partition("/")[0]
    configured = config.account(bare)
    has_password = configured.password_file or configured.password_command
    if address and (has_password or password_given_by(arguments)):
        return None
    return foreign_account(bare)


def _completed(arguments: Arguments, foreign: ForeignAccount, config: Config) -> Arguments:
    """`arguments`, and what only the account file of other senders says."""
    command = "" if password_given_by(arguments) else foreign.command
    return replace(
        arguments,
        server=arguments.server or config.account(foreign.address).server or foreign.server,
        password_command=arguments.password_command or command,
        nick=arguments.nick or foreign.nick,
    )


def _options(arguments: Arguments, words: tuple[str, ...]) -> SendOptions:
    file = arguments.room_password_file
    return SendOptions(
        arguments.send_to,
        " ".join(words) if words else None,
        files=arguments.files,
        is_by_line=arguments.is_by_line,
        is_raw=arguments.is_raw,
        waits_for=arguments.waits_for,
        timeout=arguments.timeout,
        as_json=arguments.as_json,
        subject=arguments.subject,
        type=arguments.type,
        nick=arguments.nick,
        room_password=password_in(file) if file else "",
    )
