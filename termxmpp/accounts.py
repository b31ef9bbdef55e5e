"""The commands that add, remove and switch accounts while the program runs.

Each account of the session has its own state, records and windows; what stands in the
configuration is another matter: an account may be in one of them only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Protocol

from termxmpp.client import Client
from termxmpp.commands.registry import Command, Kind, command
from termxmpp.config import Config
from termxmpp.config_keys import Edit
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.link import Link, Phase
from termxmpp.errors import TermxmppError, UserError
from termxmpp.feature import CommandContext
from termxmpp.passwords import PasswordSources, has_keyring, keep_in_keyring, known_password
from termxmpp.settings import Settings
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["ACCOUNT_COMMANDS", "AccountContext", "Accounts"]


class Accounts(Protocol):
    """The accounts of the session."""

    @property
    def settings(self) -> Settings:
        """What holds now, and the file that it is from."""
        ...

    @property
    def clients(self) -> Sequence[Client]:
        """The accounts that are open."""
        ...

    @property
    def password_given_by(self) -> str:
        """The option or variable that has told the password at the start; empty if none has."""
        ...

    def open_account(self, jid: Jid, password: str) -> Client:
        """Make the account a part of the session, offline; UserError where that can't be."""
        ...

    async def close_account(self, client: Client) -> None:
        """Disconnect the account, and close its windows and its records."""
        ...

    def records_of(self, jid: Jid) -> Path | None:
        """Where the records of an account are, if they are kept."""
        ...

    async def ask_secret(self, question: str) -> str:
        """What the user types, which nobody sees and nothing keeps; UserError if nothing."""
        ...


@dataclass(frozen=True, slots=True)
class AccountContext:
    """Where a command was typed, and the accounts that it changes."""

    desk: Accounts
    here: CommandContext

    @property
    def config(self) -> Config:
        return self.desk.settings.config

    def client(self, jid: Jid) -> Client | None:
        """The account in the session, if it is open."""
        wanted = jid.bare
        return next((each for each in self.desk.clients if each.account.bare == wanted), None)

    def key(self, jid: Jid) -> str | None:
        """How the account is called in the file, if it is there."""
        wanted = jid.bare
        return next((key for key in self.config.accounts if _is_same(key, wanted)), None)

    async def change(self, edit: Edit) -> None:
        await self.desk.settings.change([edit])

    def tell(self, *lines: str) -> None:
        self.here.tell("\n".join(filter(None, lines)))


@command("account add")
async def account_add(ctx: AccountContext, jid: Jid) -> None:
    """Log in to JID, open it here, and in every session from now on.

    The password is asked for where the configuration or the keyring don't have it, and kept in
    the keyring, if there is one.
    """
    if ctx.client(jid) is not None:
        raise UserError(_("{jid} is open already.").format(jid=jid.bare))
    address = ctx.key(jid) or str(jid.bare)
    configured = ctx.config.account(address)
    sources = PasswordSources(
        str(jid.bare),
        configured_file=configured.password_file,
        configured_command=configured.password_command,
    )
    known = await known_password(sources)
    question = _("Password for {jid}:").format(jid=jid.bare)
    password = known or await ctx.desk.ask_secret(question)
    if ctx.client(jid) is not None:
        raise UserError(_("{jid} is open already.").format(jid=jid.bare))
    client = ctx.desk.open_account(jid, password)
    problem = await _log_in(client)
    if problem:
        await ctx.desk.close_account(client)
        raise UserError(problem)
    lines = [_("{jid} is online.").format(jid=jid.bare)]
    if not known:
        lines.append(await _keep(str(jid.bare), password))
    ctx.tell(*lines)
    await ctx.change(Edit(("account", address, "auto"), True))


@command("account remove")
async def account_remove(ctx: AccountContext, jid: Annotated[Jid, Kind.ACCOUNT]) -> None:
    """Disconnect JID, close its windows, and take it out of the configuration.

    What was said stays on your disk, where that is told; on the server nothing changes.
    """
    client, key = ctx.client(jid), ctx.key(jid)
    if client is None and key is None:
        raise _unknown(jid)
    lines = [_("{jid} is removed.").format(jid=jid.bare)]
    if client is not None and len(ctx.desk.clients) == 1:
        if key is None:
            raise UserError(_("{jid} is all there is here; /quit ends it.").format(jid=jid.bare))
        lines = [
            _("{jid} is out of the configuration. It is all there is here: /quit ends it.").format(
                jid=jid.bare
            )
        ]
    elif client is not None:
        await ctx.desk.close_account(client)
    kept = ctx.desk.records_of(jid)
    if kept is not None and kept.exists():
        lines.append(_("What was said stays in {path}.").format(path=kept))
    if has_keyring():
        lines.append(
            _("`keyring del termxmpp {jid}` forgets a password that is kept there.").format(
                jid=jid.bare
            )
        )
    ctx.tell(*lines)
    if key is not None:
        await ctx.change(Edit(("account", key), None))


@command("account enable")
async def account_enable(ctx: AccountContext, jid: Annotated[Jid, Kind.ACCOUNT]) -> None:
    """Open JID whenever termxmpp is called without an address."""
    await _set_auto(ctx, jid, is_auto=True)
    ctx.tell(_("{jid} is opened at each start from now on.").format(jid=jid.bare))


@command("account disable")
async def account_disable(ctx: AccountContext, jid: Annotated[Jid, Kind.ACCOUNT]) -> None:
    """Open JID no longer when termxmpp is called without an address."""
    await _set_auto(ctx, jid, is_auto=False)
    ctx.tell(_("{jid} is opened at no start any more.").format(jid=jid.bare))


ACCOUNT_COMMANDS: tuple[Command, ...] = (
    account_add,
    account_remove,
    account_enable,
    account_disable,
)


async def _set_auto(ctx: AccountContext, jid: Jid, *, is_auto: bool) -> None:
    key = ctx.key(jid)
    if key is None and ctx.client(jid) is None:
        raise _unknown(jid)
    await ctx.change(Edit(("account", key or str(jid.bare), "auto"), is_auto))


def _unknown(jid: Jid) -> UserError:
    return UserError(
        _("{jid} is no account of yours: /account lists them, /account add adds one.").format(
            jid=jid.bare
        )
    )


def _is_same(key: str, jid: Jid) -> bool:
    try:
        return Jid.parse(key).bare == jid
    except TermxmppError:
        return False


async def _log_in(client: Client) -> str:
    """Connect `client`; why that failed and what to do, or nothing."""
    end: asyncio.Future[Link] = asyncio.get_running_loop().create_future()

    def watch(client: Client, event: events.Event) -> None:
        match event:
            case events.LinkChanged(link) if link.phase is not Phase.CONNECTING:
                if not end.done():
                    end.set_result(link)

    client.observers.append(watch)
    try:
        client.connect()
        link = await end
    finally:
        client.observers.remove(watch)
    if link.phase is Phase.ONLINE:
        return ""
    if link.phase is Phase.REFUSED:
        words = _("{jid} could not be added: {problem}")
    else:
        words = _(
            "{jid} could not be added: {problem} Where the DNS does not lead there, "
            "/set account.{jid}.server HOST does."
        )
    problem = link.problem or _("The server closed the connection.")
    return words.format(jid=client.account.bare, problem=problem)


async def _keep(address: str, password: str) -> str:
    """Let the keyring have the password; what has become of it, in words."""
    if await keep_in_keyring(address, password):
        return _("Its password is in the keyring.")
    hint = _(
        "Its password is kept nowhere, so it is asked for at each start; "
        '/set account.{jid}.password_command "pass show xmpp" lets a command tell it.'
    ).format(jid=address)
    if has_keyring():
        return _("The keyring did not take the password.") + " " + hint
    return hint
