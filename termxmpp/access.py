"""What lets an account in: where to dial, whom to trust, which password, and where its records are.

A script that logs in needs no more of the program than this.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

from termxmpp.arguments import Arguments
from termxmpp.config import AccountConfig, Config
from termxmpp.core.jid import Jid
from termxmpp.errors import ConfigError, InputError, UserError
from termxmpp.passwords import VARIABLE as PASSWORD_VARIABLE
from termxmpp.passwords import PasswordSources, find_password
from termxmpp.proxies import chosen_proxy
from termxmpp.words import _
from termxmpp.xmpp.resolver import Candidate, parse_server
from termxmpp.xmpp.terms import ConnectionSettings, Timeouts
from termxmpp.xmpp.tls import TlsOptions, parse_pin

__all__ = [
    "LONGEST_NAME",
    "account_of",
    "connection_settings",
    "password_given_by",
    "password_of",
    "records_of",
]

# File systems take 255 bytes; the suffixes of SQLite and of the locks need some of them.
LONGEST_NAME = 200


def account_of(arguments: Arguments) -> tuple[str, tuple[str, ...]]:
    """The address of a script's account, empty if there is none, and the words behind it.

    TERMXMPP_JID comes first, and all words are then behind it.
    """
    address, words = os.environ.get("TERMXMPP_JID", ""), arguments.words
    return (address, words) if address else ("".join(words[:1]), words[1:])


def connection_settings(jid: Jid, arguments: Arguments, config: Config) -> ConnectionSettings:
    """Where and how to connect `jid`: the command line, then the configuration.

    Raises UserError for what can't be meant or can't be read.
    """
    configured = config.account(str(jid.bare))
    tls = TlsOptions(
        _file(arguments.ca_file or configured.ca_file),
        _pin(arguments, configured),
    )
    return ConnectionSettings(
        jid,
        _server(jid, arguments, configured),
        tls,
        Timeouts(),
        chosen_proxy(arguments.proxy, configured.proxy, config.network.proxy),
    )


def password_given_by(arguments: Arguments) -> str:
    """What has told the password besides the configuration, in the order in which it is asked."""
    if arguments.password_file:
        return "--password-file"
    if arguments.password_command:
        return "--password-command"
    return PASSWORD_VARIABLE if PASSWORD_VARIABLE in os.environ else ""


def password_of(
    jid: Jid,
    arguments: Arguments,
    config: Config,
    on_question: Callable[[], None] = lambda: None,
) -> str:
    """The password of `jid`; `find_password` tells of `on_question`, and what it raises."""
    configured = config.account(str(jid.bare))
    sources = PasswordSources(
        str(jid.bare),
        arguments.password_file,
        arguments.password_command,
        configured.password_file,
        configured.password_command,
    )
    return find_password(sources, os.environ, on_question)


def records_of(jid: Jid, folder: Path | None = None) -> Path:
    """Where the records of the account `jid` are, in `folder` or with the user's data.

    A name that is too long for a file is told by its hash.
    """
    name = str(jid.bare)
    if len(name.encode()) > LONGEST_NAME:
        name = hashlib.sha256(name.encode()).hexdigest()
    return (folder or platformdirs.user_data_path("termxmpp")) / f"{name}.sqlite"


def _server(jid: Jid, arguments: Arguments, configured: AccountConfig) -> Candidate | None:
    if arguments.server:
        return parse_server(arguments.server, is_direct_tls=arguments.direct_tls)
    is_direct_tls = arguments.direct_tls or configured.direct_tls
    if configured.server:
        return parse_server(configured.server, is_direct_tls=is_direct_tls)
    return parse_server(jid.domain, is_direct_tls=True) if is_direct_tls else None


def _pin(arguments: Arguments, configured: AccountConfig) -> str:
    if not arguments.pin:
        return parse_pin(configured.pin) if configured.pin else ""
    try:
        return parse_pin(arguments.pin)
    except ConfigError as error:
        raise UserError(str(error)) from None


def _file(name: str) -> Path | None:
    if not name:
        return None
    path = Path(name).expanduser()
    if not path.is_file():
        raise InputError(
            _("The file {path} of certificate authorities is not there.").format(path=path)
        )
    return path
