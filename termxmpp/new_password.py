"""/account password: another password on the server (XEP-0077 §3.3), and here.

The server has it first: what is kept here is changed only when it has said so. Where nobody can
tell whether it has, that is told, since the next log-in hangs on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from termxmpp.accounts import AccountContext
from termxmpp.client import Client
from termxmpp.commands.registry import Kind, command
from termxmpp.core.jid import Jid
from termxmpp.errors import ConfigError, ConnectionFailed, RemoteError, UserError
from termxmpp.passwords import (
    PasswordSources,
    has_keyring,
    is_own_file,
    keep_in_file,
    keep_in_keyring,
    known_password,
)
from termxmpp.words import _
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["account_password"]


@command("account password")
async def account_password(
    ctx: AccountContext, jid: Annotated[Jid, Kind.ACCOUNT] | None = None
) -> None:
    """Give this window's account, or JID, another password, on its server and here.

    It is asked for twice, in stars. Your other programs have to be told it too.
    """
    wanted = jid or ctx.here.client.state.account
    client = ctx.client(wanted)
    if client is None:
        raise UserError(_("{jid} is not open here: /account add opens it.").format(jid=wanted))
    address = client.account.bare
    if not client.is_online:
        raise ConnectionFailed(
            _("{account} is not online: /connect first.").format(account=address)
        )
    question = _("New password for {jid}:").format(jid=address)
    password = await ctx.desk.ask_secret(question)
    again = await ctx.desk.ask_secret(_("Once more:"))
    if password != again:
        raise UserError(_("These are not the same; nothing has changed."))
    if xml_text(password) != password:
        raise UserError(_("No server takes what is in that password; nothing has changed."))
    await _change(client, password)
    client.take_password(password)
    ctx.tell(
        _("The password of {jid} is changed on the server.").format(jid=address),
        await _keep(ctx, address, password),
    )


async def _change(client: Client, password: str) -> None:
    """Let the server have it; raises if it does not, or may not have it."""
    # Only who changes it needs these.
    from termxmpp.xmpp.forms import Field, Form
    from termxmpp.xmpp.registration import RegistrationPayload

    jid = client.account.bare
    fields = (Field("username", values=(jid.local,)), Field("password", values=(password,)))
    asked = RegistrationPayload(Form("submit", fields), is_legacy=True)
    try:
        await client.set(Jid("", jid.domain), asked)
    except RemoteError as error:
        if error.condition is None:
            raise _unknown() from None
        raise UserError(" ".join([_refusal(error.condition), f"({error})"])) from None
    except ConnectionFailed:
        raise _unknown() from None


def _refusal(condition: str) -> str:
    not_here = _(
        "The server changes no passwords from here, so it stays as it is: look for a page of it "
        "that does."
    )
    not_this = _("The server does not accept that password, so it stays as it is.")
    meanings = {
        "not-allowed": not_here,
        "service-unavailable": not_here,
        "feature-not-implemented": not_here,
        "forbidden": not_here,
        "not-authorized": not_here,
        "not-acceptable": not_this,
        "policy-violation": not_this,
        "bad-request": not_this,
    }
    fallback = _("The server does not change the password, so it stays as it is.")
    return meanings.get(condition, fallback)


def _unknown() -> RemoteError:
    return RemoteError(
        _(
            "The server gave no answer: it may have the new password, or still the old one. "
            "Keep both in mind until the next log-in has told."
        )
    )


async def _keep(ctx: AccountContext, address: Jid, password: str) -> str:
    """Keep it where the old one came from; what has become of that, or what is to be done."""
    if ctx.desk.password_given_by:
        return _("{option} still tells the old one: change what it reads.").format(
            option=ctx.desk.password_given_by
        )
    configured = ctx.config.account(ctx.key(address) or str(address))
    if configured.password_file:
        return _kept_in_file(configured.password_file, password)
    if configured.password_command:
        return _("Let your password manager know it: `{command}` tells the old one.").format(
            command=configured.password_command
        )
    if not has_keyring() or not await known_password(PasswordSources(str(address))):
        return _("It is kept nowhere here, so it is asked for at each start, as before.")
    if await keep_in_keyring(str(address), password):
        return _("The keyring has it.")
    return _(
        "The keyring did not take it, and has the old one: `keyring set termxmpp {jid}`."
    ).format(jid=address)


def _kept_in_file(name: str, password: str) -> str:
    path = Path(name).expanduser()
    if not is_own_file(path):
        return _("{path} still has the old one: write the new one into it.").format(path=path)
    try:
        keep_in_file(path, password)
    except ConfigError as error:
        return _("{path} still has the old one: {error}").format(path=path, error=error)
    return _("{path} has it.").format(path=path)
