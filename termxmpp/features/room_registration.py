"""XEP-0045 §7.10: a nick that a room keeps for us, by the form that it has for that (XEP-0077).

Some services keep nicks for all of their rooms at once; those are registered with the service.
Nothing is ever sent to the server that keeps the account, as there it would be the account itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from termxmpp.asking import ask
from termxmpp.commands.registry import Kind, command
from termxmpp.core.jid import Jid
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature
from termxmpp.filling import Filled, Question
from termxmpp.illustrations import illustrated
from termxmpp.words import _
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.muc_words import said
from termxmpp.xmpp.registration import NS, RegistrationPayload

__all__ = ["FEATURE"]

# What the user may answer otherwise (§7.10): another nick, or what was left out.
ANSWERABLE = frozenset({"bad-request", "conflict", "not-acceptable"})

# Where a form asks for the nick: of rooms (§15.5.1), of services, and without a data form.
NICKS = ("muc#register_roomnick", "nick", "username")


@command("nick register")
async def register(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM] | None = None) -> None:
    """Let ROOM, or the one looked at, keep a nick for you, by its form.

    Then nobody else can have that nick there; some rooms make a member of who does that. ROOM
    may be the address of the service, if that keeps nicks for all of its rooms.
    """
    client, jid = ctx.client, (room or ctx.here).bare
    asked = await _asked(client, jid)
    if asked.is_registered and (asked.is_legacy or asked.form.type != "form"):
        words = _("{jid} keeps the nick {nick} for you: /nick unregister {jid} gives it up.")
        ctx.tell(words.format(jid=jid, nick=said(asked.registered_as) or "?"))
        return
    if asked.form.type != "form" or not asked.form.asked:
        raise _nowhere(jid, asked)
    await _fill_in(ctx, jid, asked)


@command("nick unregister")
async def unregister(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM] | None = None) -> None:
    """Give up the nick that ROOM, or the one looked at, keeps for you; see /nick register."""
    client, jid = ctx.client, (room or ctx.here).bare
    await _check_room(client, jid)
    try:
        await client.set(jid, RegistrationPayload(is_removal=True))
    except RemoteError as error:
        if error.condition == "registration-required":
            raise UserError(_("{jid} keeps no nick for you.").format(jid=jid)) from None
        raise _refusal(error, jid) from None
    ctx.tell(_("{jid} keeps no nick for you any more.").format(jid=jid))


async def _fill_in(ctx: CommandContext, jid: Jid, asked: RegistrationPayload) -> None:
    """Let the user fill in the form until it is taken, or given up."""
    client = ctx.client
    form, problem = await illustrated(client, jid, asked.form), ""
    form = _with_nick(form, _nick_in(client, jid))
    title = _("{jid}: a nick that is kept for you").format(jid=jid)
    while True:
        filled = await client.ask(Question(title, form, problem=problem))
        if filled is None:
            ctx.tell(_("You have given it up, so {jid} keeps no nick for you.").format(jid=jid))
            return
        try:
            await client.set(jid, replace(asked, form=filled.form))
        except RemoteError as error:
            if error.condition not in ANSWERABLE:
                raise _refusal(error, jid) from None
            form, problem = form.with_values(filled.form), str(_refusal(error, jid))
        else:
            _tell(ctx, jid, filled)
            return


def _tell(ctx: CommandContext, jid: Jid, filled: Filled) -> None:
    nick = next(filter(None, (_value(filled.form, name) for name in NICKS)), "")
    words = _("{jid} has it: it keeps the nick {nick} for you, at once or when an admin agrees.")
    ctx.tell(words.format(jid=jid, nick=said(nick) or "?"))


def _value(form: Form, name: str) -> str:
    found = form.get(name)
    return found.value if found is not None else ""


def _nick_in(client: Context, jid: Jid) -> str:
    room = client.state.rooms.get(jid)
    return room.nick if room is not None else client.state.account.local


def _with_nick(form: Form, nick: str) -> Form:
    """`form` with our nick, where it asks for one and proposes none."""
    return replace(
        form,
        fields=tuple(
            replace(each, values=(nick,)) if each.name in NICKS and not each.value else each
            for each in form.fields
        ),
    )


async def _asked(client: Context, jid: Jid) -> RegistrationPayload:
    """What `jid` wants to know; UserError or RemoteError in words where it keeps no nicks."""
    found = await _check_room(client, jid)
    try:
        asked = (await client.get(jid, RegistrationPayload())).get(RegistrationPayload)
    except RemoteError as error:
        raise await _elsewhere(client, jid, error, found) from None
    return asked or RegistrationPayload()


async def _check_room(client: Context, jid: Jid) -> DiscoPayload:
    """What `jid` says of itself; UserError if it is no room and no service for such."""
    if jid in client.state.rooms:
        return DiscoPayload()
    found = await ask(client, jid, DiscoPayload(), DiscoPayload) or DiscoPayload()
    is_own = jid in (client.state.account, Jid("", client.state.account.domain))
    if is_own or all(each.category != "conference" for each in found.identities):
        raise UserError(_("{jid} is no room.").format(jid=jid))
    return found


async def _elsewhere(
    client: Context, jid: Jid, error: RemoteError, found: DiscoPayload
) -> RemoteError:
    """`error` in words, with the service where a nick can be kept, if there is one such."""
    refusal = _refusal(error, jid)
    is_lacking = error.condition in ("service-unavailable", "feature-not-implemented")
    service = Jid("", jid.domain)
    if not is_lacking or not jid.local or service.domain == client.state.account.domain:
        return refusal
    there = await ask(client, service, DiscoPayload(), DiscoPayload)
    if there is None or NS not in there.namespaces:
        return refusal
    words = _("{problem} Its service keeps nicks for all of its rooms: /nick register {service}")
    return RemoteError(words.format(problem=refusal, service=service), error.condition)


def _nowhere(jid: Jid, asked: RegistrationPayload) -> UserError:
    words = " ".join(said(each) for each in asked.form.instructions if each.strip())
    link = said(asked.link)
    if words or link:
        where = _("{jid} registers nobody here, but says: {words}")
        return UserError(where.format(jid=jid, words=" ".join(filter(None, (words, link)))))
    return UserError(_("{jid} asks for nothing, so it keeps no nicks.").format(jid=jid))


def _refusal(error: RemoteError, jid: Jid) -> RemoteError:
    words = {
        "bad-request": _("{jid} does not accept what was filled in."),
        "conflict": _("{jid} keeps that nick for somebody else: choose another one."),
        "feature-not-implemented": _("{jid} keeps no nicks."),
        "forbidden": _("{jid} does not let you do that: ask an owner to make you a member."),
        "item-not-found": _("There is no room {jid}."),
        "not-acceptable": _("{jid} does not accept what was filled in."),
        "not-allowed": _("{jid} lets nobody register: ask an owner to make you a member."),
        "registration-required": _(
            "{jid} lets only members do that: ask an owner to make you one."
        ),
        "service-unavailable": _("{jid} keeps no nicks."),
    }.get(error.condition or "")
    return RemoteError(words.format(jid=jid), error.condition) if words else error


FEATURE = Feature("XEP-0045 §7.10", "Registering with a room", commands=(register, unregister))
