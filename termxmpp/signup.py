"""A new account: the server's form for it, asked line by line on the terminal.

A form once fetched is the one that is answered: what proves that somebody is human belongs to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from termxmpp.core.jid import Jid
from termxmpp.errors import LoginRefused
from termxmpp.line_forms import Asking, ask_field
from termxmpp.questions import Steps, Terminal
from termxmpp.store.unstored import Unstored
from termxmpp.words import _
from termxmpp.xmpp.connection import ConnectionSettings
from termxmpp.xmpp.forms import Field
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.registration import Registration, RegistrationPayload
from termxmpp.xmpp.resolver import Resolver
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.stream_management import StreamManagement

__all__ = ["sign_up"]

# What can be answered otherwise, over a form fetched anew.
ANSWERABLE = frozenset({"conflict", "not-acceptable", "bad-request", "policy-violation"})


async def sign_up(
    mainloop: Any, settings: ConnectionSettings, terminal: Terminal, token: str = ""
) -> tuple[Jid, str]:
    """Make the account `settings.jid`, or another one there; the address and password it got.

    The address may be that of the server alone, `token` is that of an invitation. Raises the
    TermxmppError of what failed for good, DataError where the user ends the input.
    """
    while True:
        registration = _registration(mainloop, settings, terminal)
        try:
            asked = await registration.begin(token)
            values = await _answers(asked, settings.jid, terminal)
            await registration.submit(asked, values)
            await registration.close()
        except LoginRefused as error:
            if error.condition not in ANSWERABLE:
                raise
            terminal.say(str(error))
            continue
        finally:
            registration.abort()
        local = (values.get("username") or [settings.jid.local])[0]
        made = Jid.parse(f"{local}@{settings.jid.domain}")
        terminal.say(_("The account {address} is made.").format(address=made))
        return made, (values.get("password") or [""])[0]


def _registration(mainloop: Any, settings: ConnectionSettings, terminal: Terminal) -> Registration:
    return Registration(
        mainloop,
        Resolver(),
        settings,
        Credentials(""),
        Processor(),
        StreamManagement(Unstored(), lambda ids: None),
        Steps(terminal),
    )


async def _answers(
    asked: RegistrationPayload, jid: Jid, terminal: Terminal
) -> dict[str, list[str]]:
    for words in (asked.form.title, *asked.form.instructions):
        if words:
            terminal.say(words)
    if asked.link:
        terminal.say(_("The server has a page about new accounts: {url}").format(url=asked.link))
    if not asked.form.asked:
        raise LoginRefused(_("The server makes no accounts by a form."), "not-allowed")
    asking = _asking(terminal)
    values = {}
    for each in asked.form.fields:
        if each.type == "fixed":
            terminal.say(" ".join(each.values))
        elif each.is_asked and each.name:
            values[each.name] = await _answer(each, jid, terminal, asking)
    return values


async def _answer(field: Field, jid: Jid, terminal: Terminal, asking: Asking) -> list[str]:
    """What the user says to `field`; what is typed unseen is asked for twice."""
    present: Sequence[str] = field.values
    if field.name == "username":
        # Whatever the form says, an account without a name is none.
        field, present = replace(field, is_required=True), [jid.local]
    while True:
        values = await ask_field(asking, field, present)
        assert values is not None
        if not field.is_secret or [await terminal.ask(_("Once more"), is_secret=True)] == [*values]:
            return list(values)
        terminal.say(_("These are not the same."))


def _asking(terminal: Terminal) -> Asking:
    def say(lines: Sequence[str]) -> None:
        for line in lines:
            terminal.say(line)

    async def ask(question: str, is_secret: bool) -> str | None:
        return await terminal.ask(question, is_secret=is_secret)

    return Asking(say, ask)
