"""XEP-0045 §10.2: a room set up by its owners, with the form that its service has for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from termxmpp.commands.registry import Kind, command
from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature
from termxmpp.filling import Filled, Question
from termxmpp.illustrations import illustrated
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.muc_owner import RoomFormPayload

__all__ = ["FEATURE"]

# What the user may answer otherwise (§10.2).
ANSWERABLE = frozenset({"bad-request", "conflict", "not-acceptable"})


@command("configure")
async def configure(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM] | None = None) -> None:
    """Set up ROOM, or the one looked at, by the form of its service; only its owners may.

    What you don't change stays as it is. Esc gives it up.
    """
    jid = (room or ctx.here).bare
    client = ctx.client
    form = await illustrated(client, jid, await _form_of(client, jid))
    problem = ""
    while True:
        filled = await _ask(client, jid, form, problem)
        if filled is None:
            ctx.tell(_("{room} stays as it is.").format(room=jid))
            return
        try:
            await client.set(jid, RoomFormPayload(filled.form))
        except RemoteError as error:
            if error.condition not in ANSWERABLE:
                raise
            form, problem = form.with_values(filled.form), str(error)
        else:
            ctx.tell(_("{room} is set up.").format(room=jid))
            return


async def _form_of(client: Context, jid: Jid) -> Form:
    try:
        answer = (await client.get(jid, RoomFormPayload())).get(RoomFormPayload)
    except RemoteError as error:
        words = {
            "forbidden": _("Only an owner can set up {room}."),
            "item-not-found": _("There is no room {room}."),
        }
        if error.condition not in words:
            raise
        raise UserError(words[error.condition].format(room=jid)) from None
    if answer is None or answer.form is None or not answer.form.asked:
        raise UserError(_("{room} has nothing that could be set up.").format(room=jid))
    return answer.form


async def _ask(client: Context, jid: Jid, form: Form, problem: str) -> Filled | None:
    """What the owner answers; the service is told of who gives up, as it may hold a lock."""
    title = _("{room}: how it is set up").format(room=jid)
    filled = None
    try:
        filled = await client.ask(Question(title, form, problem=problem))
    except BaseException:
        _cancel(client, jid)
        raise
    if filled is None:
        _cancel(client, jid)
    return filled


def _cancel(client: Context, jid: Jid) -> None:
    """Tell the room that the form is given up; whatever it says to that changes nothing."""
    given_up = RoomFormPayload(Form("cancel"))
    with suppress(ConnectionFailed):
        client.send(stanzas.iq_set(jid, given_up, id=client.new_id()))


FEATURE = Feature("XEP-0045 §10.2", "Room Configuration", commands=(configure,))
